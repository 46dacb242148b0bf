//! A journal carried away: every leaf and every sealed content byte for byte, and what was
//! in the clear where it could be opened, with what shows that it is that.
//!
//! An export is a folder: [`Manifeste`] and one file per journal. Who verifies it needs
//! neither the database nor a key: the leaf's hash is RFC 6962's, the leaf names the hash of
//! the sealed content, and its commitment is opened by the r that stands beside each content
//! in the clear. So an export outlives its keys, and whoever holds one with contents answers for
//! erasing it: the database cannot. Health data are in the clear only where they were asked for, with
//! a reason.

mod cloudevents;
mod fault;
mod jsonl;
mod manifeste;
mod parquet;

pub use fault::ExportFault;
pub use manifeste::{Consignation, Fichier, Horodatage, Manifeste, VERSION};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// In what form events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON Lines.
    #[value(help = "un objet JSON par ligne")]
    Jsonl,
    /// CloudEvents 1.0 in JSON, one a line.
    #[value(name = "cloudevents", help = "CloudEvents 1.0 en JSON, un par ligne")]
    CloudEvents,
    /// Apache Parquet.
    #[value(help = "Apache Parquet, par colonnes")]
    Parquet,
}

/// An event as an export holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evenement {
    /// Its place in its journal.
    pub position: i64,
    /// Hash of the leaf, hexadecimal.
    pub empreinte: String,
    /// The exact text of the leaf.
    pub feuille: String,
    /// The exact text of the sealed content.
    pub charge: String,
    /// The content in the clear, or why it is absent.
    pub contenu: Contenu,
}

/// See [`Evenement`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "etat", rename_all = "lowercase")]
pub enum Contenu {
    /// In the clear.
    Ouvert {
        /// The r of its commitment, hexadecimal.
        sel: String,
        /// Its exact text.
        texte: String,
    },
    /// Its key was destroyed.
    Efface,
    /// It tells of somebody's health, and was not asked for.
    Sante,
    /// It was not opened.
    Ferme,
}

impl Contenu {
    /// The word for the state.
    fn etat(&self) -> &'static str {
        match self {
            Self::Ouvert { .. } => "ouvert",
            Self::Efface => "efface",
            Self::Sante => "sante",
            Self::Ferme => "ferme",
        }
    }

    /// The content that a word, r and text describe.
    fn read(etat: &str, sel: Option<String>, texte: Option<String>) -> Option<Self> {
        match (etat, sel, texte) {
            ("ouvert", Some(sel), Some(texte)) => Some(Self::Ouvert { sel, texte }),
            ("efface", None, None) => Some(Self::Efface),
            ("sante", None, None) => Some(Self::Sante),
            ("ferme", None, None) => Some(Self::Ferme),
            _ => None,
        }
    }
}

/// Writes events, one after the other.
pub trait Writer {
    /// Writes one.
    fn write(&mut self, event: &Evenement) -> Result<(), ExportFault>;
    /// Writes what is left, and the end.
    fn finish(self: Box<Self>) -> Result<(), ExportFault>;
}

/// Events read one after the other. The first that cannot be read is an error, and the last.
pub type Events = Box<dyn Iterator<Item = Result<Evenement, ExportFault>>>;

impl Format {
    /// The end of the name of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::CloudEvents => "cloudevents.jsonl",
            Self::Parquet => "parquet",
        }
    }

    /// A new file. Contents may be in it: nobody else may read it.
    pub fn create(self, path: &Path) -> Result<Box<dyn Writer>, ExportFault> {
        let file = create_private(path).map_err(|source| ExportFault::file(path, source))?;
        Ok(match self {
            Self::Jsonl => Box::new(jsonl::Lines::new(file)),
            Self::CloudEvents => Box::new(cloudevents::Lines::new(file)),
            Self::Parquet => Box::new(parquet::Columns::new(file)?),
        })
    }

    /// The events of a file.
    pub fn read(self, path: &Path) -> Result<Events, ExportFault> {
        let file = File::open(path).map_err(|source| ExportFault::file(path, source))?;
        Ok(match self {
            Self::Jsonl => Box::new(jsonl::read(file)),
            Self::CloudEvents => Box::new(cloudevents::read(file)),
            Self::Parquet => Box::new(parquet::read(file)?),
        })
    }
}

/// A file that did not exist, for its owner alone.
pub fn create_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests;
