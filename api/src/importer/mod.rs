//! Imports: what other systems say about the schools, read as typed entries.
//!
//! A reader of this module knows a file format and nothing else: it yields its own types and
//! the reasons why a line was refused. Use cases turn entries into commands.

pub mod aaf;
