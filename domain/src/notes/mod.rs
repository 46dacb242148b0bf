//! Notes: evaluations and the marks that pupils get.

mod evaluation;
mod valeur;

pub use evaluation::*;
pub use valeur::*;
