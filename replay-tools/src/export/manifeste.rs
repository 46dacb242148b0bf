//! What an export says of itself: which journals, how far, in what form.

use super::{ExportFault, Format, create_private};
use chrono::{DateTime, Utc};
use domain::{AnneeScolaire, PortailId};
use ledger::feed::Journal;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Its name in the folder of the export.
const NAME: &str = "manifeste.json";
/// Version of the export's own form.
pub const VERSION: u32 = 1;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifeste {
    /// Version of the export's own form.
    pub version: u32,
    /// In what form events are written.
    pub format: Format,
    /// When it was made.
    pub exporte_le: DateTime<Utc>,
    /// Whether contents were opened.
    pub contenus: bool,
    /// Place of the event that says who exported and why; none where nobody put it on the
    /// record, which this program cannot do.
    pub consultation: Option<String>,
    /// The files.
    pub journaux: Vec<Fichier>,
}

/// One journal, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fichier {
    /// Whose.
    pub portail: PortailId,
    /// Which school year.
    pub annee: AnneeScolaire,
    /// How many events the journal had.
    pub tete: i64,
    /// Position of the first event in the file.
    pub premiere: i64,
    /// Position of the last one; one less than the first where there is none.
    pub derniere: i64,
    /// RFC 6962 root of the leaves in the file, hexadecimal; that of the journal where it
    /// begins with the first.
    pub racine: String,
    /// The newest checkpoint that the file reaches, if it begins with the first event: a
    /// signed note.
    pub sceau: Option<String>,
}

impl Fichier {
    /// Its name in the folder of the export. Made of what it holds and read by nobody: a
    /// manifest cannot point elsewhere.
    pub fn name(&self, format: Format) -> String {
        format!("{}-{}.{}", self.portail, self.annee, format.extension())
    }

    /// Its journal.
    pub fn journal(&self) -> Journal {
        Journal { portail: self.portail.clone(), annee: self.annee }
    }

    /// Whether all of the journal is in it.
    pub fn is_whole(&self) -> bool {
        self.premiere == 1 && self.derniere == self.tete
    }
}

impl Manifeste {
    /// Writes it, last of all: an export without one was interrupted.
    pub fn write(&self, folder: &Path) -> Result<(), ExportFault> {
        let path = folder.join(NAME);
        let file = create_private(&path).map_err(|source| ExportFault::file(&path, source))?;
        serde_json::to_writer_pretty(file, self).map_err(ExportFault::Manifest)
    }

    /// Reads it.
    pub fn read(folder: &Path) -> Result<Self, ExportFault> {
        let path = folder.join(NAME);
        let text = std::fs::read(&path).map_err(|source| ExportFault::file(&path, source))?;
        let manifeste: Self = serde_json::from_slice(&text).map_err(ExportFault::Manifest)?;
        match manifeste.version {
            VERSION => Ok(manifeste),
            other => Err(ExportFault::Manifest(serde::de::Error::custom(format!("version {other}")))),
        }
    }
}
