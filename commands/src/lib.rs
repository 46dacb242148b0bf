//! Use cases: the only crate that appends to the record.
//!
//! One function = one use case = one mutation of the faces: rights → load → decide →
//! append. There is no business `if` here: facts that a rule needs from elsewhere are
//! read and handed to the aggregate in its command.

mod act;
pub mod cqrs;
mod error;
pub mod rights;

pub use act::{Act, Demande};
pub use error::{Refused, UseCaseError};
