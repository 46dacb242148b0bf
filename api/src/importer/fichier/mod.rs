//! The files of the sources: bytes as strict text, and why a file or an entry is refused.
//!
//! - [`Source`] gives the text of a file in bounded memory, in the encoding that it declares;
//! - [`LecteurDeReleves`] gives the records of an XML file, one after the other;
//! - [`Rejet`] says what is refused, where and why, in all formats alike.

mod arbre;
mod inventaire;
mod noeud;
pub(in crate::importer) mod ouverture;
mod rejet;
mod source;
pub(in crate::importer) mod xml;

pub(in crate::importer) use arbre::rejet;
pub use arbre::{Forme, LecteurDeReleves, NOEUDS_MAX, PROFONDEUR_MAX, Releve, TEXTE_MAX};
pub(in crate::importer) use inventaire::Inventaire;
pub use noeud::Noeud;

pub(in crate::importer) use rejet::Defaut;
pub use rejet::{MotifRejet, Rejet};
pub use source::ELEMENT_MAX;
pub(in crate::importer) use source::Source;
