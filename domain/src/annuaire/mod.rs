//! Annuaire: who is who, where, and who answers for whom.

mod academie;
mod etablissement;
mod etat_civil;
mod personne;
mod relation_aaf;
mod uai;

pub use academie::*;
pub use etablissement::*;
pub use etat_civil::*;
pub use personne::*;
pub use relation_aaf::*;
pub use uai::*;
