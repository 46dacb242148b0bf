//! What an export says of itself: which journals, how far, in what form.

use super::{ExportFault, Format, create_private};
use chrono::{DateTime, Utc};
use domain::{AnneeScolaire, PortailId};
use ledger::feed::Journal;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Its name in the folder of the export.
const NAME: &str = "manifeste.json";
/// Version of the export's own form. The first one carried nothing of the meta-journal, and the
/// second one health data like any other.
pub const VERSION: u32 = 3;

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
    /// Why health data were too; none where they were not.
    #[serde(default)]
    pub motif_sante: Option<String>,
    /// Place of the event that says who exported and why; none where nobody put it on the
    /// record, which this program cannot do.
    pub consultation: Option<String>,
    /// The files.
    pub journaux: Vec<Fichier>,
    /// What dates the meta-journal, as far as it dates these files.
    #[serde(default)]
    pub horodatages: Vec<Horodatage>,
}

/// A timestamp over a head of the meta-journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Horodatage {
    /// How many leaves that head covers.
    pub taille: u64,
    /// The head, a signed note.
    pub note: String,
    /// The token, base64 of its DER.
    pub jeton: String,
    /// That the head under which the files are shown goes on from it, in the words of what is
    /// asked of a witness (C2SP tlog-witness).
    pub prolongement: String,
}

/// How the meta-journal has a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consignation {
    /// The head of the journal that it has: a signed note.
    pub sceau: String,
    /// That it has it, a `tlog-proof@v1` under its own head with what witnesses signed.
    pub preuve: String,
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
    /// The newest head that the file reaches and the meta-journal has.
    #[serde(default)]
    pub consignation: Option<Consignation>,
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
            1..=VERSION => Ok(manifeste),
            other => Err(ExportFault::Manifest(serde::de::Error::custom(format!("version {other}")))),
        }
    }
}
