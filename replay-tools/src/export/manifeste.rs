//! What an export says of itself: which journals, how far, in what form.

use super::{ExportFault, Format, create_private};
use chrono::{DateTime, Utc};
use domain::{AnneeScolaire, PortailId};
use ledger::feed::Journal;
use serde::{Deserialize, Deserializer, Serialize};
use std::path::Path;

/// Its name in the folder of the export.
const NAME: &str = "manifeste.json";
/// Version of the export's own form. The first one carried nothing of the meta-journal, the second
/// one health data like any other, and the third one no reason why it stood on no record.
pub const VERSION: u32 = 4;

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
    /// Places of the events that say who exported and why, one for each portal; none where nobody put
    /// it on the record, which this program cannot do. Up to the third form there was one or none.
    #[serde(default, alias = "consultation", deserialize_with = "places")]
    pub consultations: Vec<String>,
    /// Why it was made without.
    #[serde(default)]
    pub sans_consultation: Option<String>,
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
    /// What it says of its own consultation, in French. Somebody else may have written it: what it holds
    /// cannot drive a terminal.
    pub fn inscription(&self) -> String {
        let places = self.consultations.iter().map(|place| tame(place));
        match (places.collect::<Vec<_>>().join(", "), &self.sans_consultation) {
            (places, _) if !places.is_empty() => format!("Consultation inscrite au journal : {places}"),
            (_, Some(motif)) => {
                format!("Sans consultation inscrite au journal, au motif « {} »", tame(motif))
            }
            (_, None) => "Sans consultation inscrite au journal, ni motif".to_owned(),
        }
    }

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

/// Without what moves a cursor or clears a screen.
fn tame(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// Several places, or the one of older forms.
#[derive(Deserialize)]
#[serde(untagged)]
enum Places {
    Several(Vec<String>),
    One(Option<String>),
}

fn places<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match Places::deserialize(deserializer)? {
        Places::Several(places) => places,
        Places::One(place) => place.into_iter().collect(),
    })
}
