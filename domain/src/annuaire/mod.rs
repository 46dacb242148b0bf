//! Annuaire: who is who, where, and who answers for whom.

mod academie;
mod etablissement;
mod etat_civil;
mod livraison;
mod paroles;
mod personne;
mod responsabilite;
mod source;
mod uai;

pub use academie::*;
pub use etablissement::*;
pub use etat_civil::*;
pub use livraison::*;
pub use personne::*;
pub use responsabilite::*;
pub use source::*;
pub use uai::*;
