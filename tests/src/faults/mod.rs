//! Faults: the real program on a real PostgreSQL with `fsync` on, harmed under load, and
//! counted after each harm.
//!
//! Clients send commands through the GraphQL door, each under an id of its own, and note
//! what they were told. After the fault the program must come back by itself; every
//! command of unknown outcome is asked again under its id; then what clients were told is
//! counted against what is stored ([`count`]): everything acknowledged is there once, at
//! the place that was told; nothing refused is there; nothing is half there.

mod client;
mod count;
mod coupure;
mod ent;
mod issuer;
mod kinds;
mod load;
mod postgres;
mod report;
mod school;
mod site;
pub mod wait;

pub use ent::{Ent, Environment, command, environment, program};
pub use issuer::{ISSUER, Issuer};
pub use kinds::Kind;
pub use report::{Report, Round};
pub use site::{Settings, Site};
