//! Everything that the house as a whole must show, in one binary.

mod architecture;
mod contracts;
mod ledger;
mod projections;
mod rejeu;
mod rights;
mod stories;
