//! The journal as something that is itself consulted and verified.

mod consultation;
mod verification;

pub use consultation::*;
pub use verification::*;
