//! Publications: what is made public, and the notices against it.

mod contenu;
mod espace;
mod publication;
mod signalement;

pub use contenu::*;
pub use espace::*;
pub use publication::*;
pub use signalement::*;
