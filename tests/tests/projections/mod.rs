//! The read side on a real PostgreSQL: whatever happened while, a view is what a replay
//! from zero makes of the record, and no fact is followed twice or skipped in silence.

mod adresses;
mod again;
mod aside;
mod batches;
pub mod faits;
mod modele;
mod offices;
mod plan;
mod rebuild;
pub mod replay;
mod runner;
mod versions;
mod waiting;
