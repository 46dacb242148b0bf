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
mod livraison;
mod niveau_scolaire;
mod paroles;
mod personne;
mod remplacement;
mod responsabilite;
mod source;
mod uai;
mod zone;

pub use academie::*;
pub use bascule::*;
pub use calendrier::*;
pub use doublon::*;
pub use etablissement::*;
pub use etat_civil::*;
pub use groupe::*;
pub use identite::*;
pub use inscription::*;
pub use livraison::*;
pub use niveau_scolaire::*;
pub use personne::*;
pub use remplacement::*;
pub use responsabilite::*;
pub use source::*;
pub use uai::*;
pub use zone::*;
