//! The stories and contracts of the whole house: one binary, so that it links once.

// A test that panics has failed, which is what it is for; clippy only knows that of the
// functions marked `#[test]`, not of their helpers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rights;
