//! The sentences of files.

use super::noms::Noms;
use crate::accord::accord;
use domain::pieces::{Objet, PieceEvent};

/// What the author of an event did to a file. Its name is a person's own words, and is not said.
pub fn piece(event: &PieceEvent, noms: &Noms) -> String {
    let PieceEvent::PieceJointe { personne, objet, fiche } = event;
    let objet = match objet {
        Objet::Copie { .. } => "à une copie",
        Objet::Seance { .. } => "à une séance",
        Objet::Travail { .. } => "à un travail",
        Objet::DossierAbsence { .. } => "au dossier d'une absence",
    };
    format!(
        "a joint {objet} une pièce de {} ({}, empreinte {})",
        noms.personne(*personne),
        accord(fiche.taille, "octet", "octets"),
        fiche.empreinte
    )
}
