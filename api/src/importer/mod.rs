//! Imports: what other systems say about the schools.
//!
//! [`aaf`] knows a file format and nothing else: it yields typed entries and the reasons why a
//! line was refused. [`traduction`] turns entries into what the directory is told, with what the
//! [`registre`] remembers of earlier ones, and [`rapprochement`] of other sources; [`guichet`]
//! hands it to the use case; [`retraits`] ends it with whom it no longer names; [`rapport`] says what
//! became of it. [`Import`] is the whole of it, [`ligne_de_commande`] its face.
//!
//! [`siecle`], [`sts`] and [`csv`] are of one établissement each: read into memory, compared with what is
//! known of it ([`etat`]), and handed over ([`versement`]). [`edt`] is no directory: it brings courses,
//! whoever they are of.

pub mod aaf;
pub mod csv;
mod delta;
pub mod edt;
pub mod envoi;
mod etat;
pub mod fichier;
mod groupe;
pub mod guichet;
mod import;
pub mod lecture;
pub mod ligne_de_commande;
pub mod motif;
pub mod rapport;
pub mod rapprochement;
pub mod registre;
pub mod retraits;
pub mod siecle;
pub mod sts;
pub mod traduction;
pub mod versement;

pub use import::{ErreurImport, Import};
pub use ligne_de_commande::{ImporterArgs, importer};
pub use rapport::Rapport;
pub use retraits::Retraits;

use std::sync::Arc;

/// What an import is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Etape {
    /// Sees that every file can be read to its end.
    Controle,
    /// Imports.
    Import,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Avancement {
    /// What it is at.
    pub etape: Etape,
    /// Bytes read of the feed.
    pub octets: u64,
    /// Bytes of the feed.
    pub total: u64,
}

/// Who wants to hear how far an import is.
pub type Suivi = Arc<dyn Fn(Avancement) + Send + Sync>;
