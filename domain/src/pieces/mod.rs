//! Pièces jointes: files that were deposited, and that accompany what is written.
//!
//! The bytes are kept beside the record, sealed under the key of the person whose they are; the
//! record says what they are, and what they accompany.

mod fiche;
mod piece;
mod plafond;

pub use fiche::*;
pub use piece::*;
pub use plafond::*;
