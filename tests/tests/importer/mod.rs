//! Imports into a real record: what is recorded, what is not, and what the report says.

mod bench;
mod delta;
mod faulty;
mod groupes;
mod nomenclatures;
mod petites;
mod registres;
mod repeated;
