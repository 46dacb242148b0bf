//! The architecture is a test, and the test is tested.
//!
//! Arrows between the rooms are read from `cargo metadata`, use of libraries and words
//! in identifiers from the sources.

mod arrows;
mod libraries;
pub(crate) mod sources;
mod words;
