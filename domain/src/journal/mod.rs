//! The journal as something that is itself consulted.

mod consultation;

pub use consultation::*;
