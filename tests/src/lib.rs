//! What the tests of the whole house stand on: a real PostgreSQL, with a migrated
//! database of its own for each test, and the record and the views over it.

mod acts;
mod bench;
mod serveur;

pub use acts::{PORTAIL, context, portail};
pub use bench::{Bench, record};
pub use serveur::Base;
