//! Annuaire: who is who, where, and who answers for whom.

mod academie;
mod bascule;
mod calendrier;
mod doublon;
mod etablissement;
mod etat_civil;
mod groupe;
mod identite;
mod inscription;
mod personne;
mod relation_aaf;
mod remplacement;
mod uai;

pub use academie::*;
pub use bascule::*;
pub use calendrier::*;
pub use doublon::*;
pub use etablissement::*;
pub use etat_civil::*;
pub use groupe::*;
pub use identite::*;
pub use inscription::*;
pub use personne::*;
pub use relation_aaf::*;
pub use remplacement::*;
pub use uai::*;
