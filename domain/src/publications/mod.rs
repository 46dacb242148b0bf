//! Publications: what is made public, and the notices against it.

mod contenu;
mod publication;
mod signalement;

pub use contenu::*;
pub use publication::*;
pub use signalement::*;
