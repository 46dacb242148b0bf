//! Portails: the houses, and who answers for them.

mod portail;

pub use portail::*;
