//! The record on a real PostgreSQL: nothing lost, nothing changed, nothing recorded twice.

mod blobs;
mod commands;
mod erasures;
pub mod facts;
mod judged;
mod keys;
mod memory;
mod meta;
mod migrations;
mod privileges;
mod rotation;
pub mod sealing;
mod standing;
mod tampering;
mod versions;
mod writers;
mod years;
