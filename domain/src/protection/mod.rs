//! Protection: what a person may ask about his or her data, and what they are held for.

mod demandeur;
mod portabilite;
mod rectification;
mod remise;
mod sante;
mod traitement;

pub use demandeur::*;
pub use portabilite::*;
pub use rectification::*;
pub use remise::*;
pub use sante::*;
pub use traitement::*;
