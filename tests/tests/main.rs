//! Everything that the house as a whole must show, in one binary.

// A test that cannot go on panics, in its helpers too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod architecture;
mod contracts;
mod faults;
mod horodatage;
mod importer;
mod ledger;
mod projections;
mod properties;
mod rejeu;
mod rights;
mod stories;
