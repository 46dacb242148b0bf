//! Absences: who was there, séance by séance, and what becomes of an absence.

mod appel;
mod assiduite;
mod collective;
mod demi_journee;
mod dispense;
mod dossier;
mod motif;
mod oubli;
mod reglement;
mod seuil;
mod statistique;
mod vie_scolaire;

pub use appel::*;
pub use assiduite::*;
pub use collective::*;
pub use demi_journee::*;
pub use dispense::*;
pub use dossier::*;
pub use motif::*;
pub use oubli::*;
pub use reglement::*;
pub use seuil::*;
pub use statistique::*;
pub use vie_scolaire::*;
