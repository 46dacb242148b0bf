//! Reading the AAF: what a feed says, what hostile files get, what a generated feed holds.

#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

#[path = "aaf/delta.rs"]
mod delta;
#[path = "aaf/entries.rs"]
mod entries;
#[path = "aaf/feed.rs"]
mod feed;
#[path = "aaf/generated.rs"]
mod generated;
#[path = "aaf/hostile.rs"]
mod hostile;
#[path = "aaf/rejections.rs"]
mod rejections;

use api::importer::aaf::{AafReader, Entree, Rejet};
use std::path::PathBuf;

/// Entries and refusals of one file.
pub fn lire(octets: &[u8]) -> (Vec<Entree>, Vec<Rejet>) {
    partager(AafReader::new("essai.xml", octets))
}

/// Entries apart from refusals.
pub fn partager(lues: impl Iterator<Item = Result<Entree, Rejet>>) -> (Vec<Entree>, Vec<Rejet>) {
    let (mut entrees, mut rejets) = (Vec::new(), Vec::new());
    for lue in lues {
        match lue {
            Ok(entree) => entrees.push(entree),
            Err(rejet) => rejets.push(rejet),
        }
    }
    (entrees, rejets)
}

/// A whole file around entries; the first of them starts on line 3.
pub fn fichier(entrees: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ficAlimMENESR>\n{entrees}\n</ficAlimMENESR>\n")
}

/// One entry on one line; `attributs` are names and values.
pub fn requete(categorie: &str, identifiant: &str, attributs: &[(&str, &str)]) -> String {
    let attributs: String = attributs
        .iter()
        .map(|(nom, valeur)| format!("<attr name=\"{nom}\"><value>{valeur}</value></attr>"))
        .collect();
    format!(
        "<addRequest><operationalAttributes><attr name=\"categoriePersonne\"><value>{categorie}</value></attr>\
         </operationalAttributes><identifier><id>{identifiant}</id></identifier>\
         <attributes>{attributs}</attributes></addRequest>"
    )
}

/// A matière: the smallest entry that is accepted.
pub fn matiere(code: &str) -> String {
    requete("MatiereEducNat", code, &[("ENTMatJointure", code), ("ENTLibelleMatiere", "LATIN")])
}

/// A folder of files written for these tests.
pub fn fixture(nom: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/aaf").join(nom)
}
