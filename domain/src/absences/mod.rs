//! Absences: who was there, séance by séance.

mod appel;

pub use appel::*;
