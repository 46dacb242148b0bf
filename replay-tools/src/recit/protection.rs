//! What is asked about a person's data, said.

use super::noms::Noms;
use super::texte::jour;
use crate::accord::accord;
use domain::protection::{RectificationEvent, RemiseEvent};

/// What was done about a handing over, after the name of who did.
pub fn remise(event: &RemiseEvent, noms: &Noms) -> String {
    match event {
        RemiseEvent::DonneesDemandees { personne, jusque, .. } => format!(
            "a demandé toutes les données de {}, à retirer jusqu'au {}",
            noms.personne(*personne),
            jour(*jusque)
        ),
        RemiseEvent::DonneesRemises { personne, faits, empreinte, .. } => format!(
            "a reçu les données de {} : {}, empreinte {empreinte}",
            noms.personne(*personne),
            accord(*faits, "fait", "faits")
        ),
    }
}

/// What was done about a rectification, after the name of who did.
pub fn rectification(event: &RectificationEvent, noms: &Noms) -> String {
    match event {
        RectificationEvent::RectificationDemandee { personne, champ, valeur, motif, avant_le, .. } => {
            format!(
                "a demandé de rectifier au sujet de {} ({}) : « {valeur} », au motif « {motif} » ; réponse due le {}",
                noms.personne(*personne),
                champ.as_str(),
                jour(*avant_le)
            )
        }
        RectificationEvent::RectificationAccordee { personne, suite, .. } => format!(
            "a fait droit à la demande de rectification au sujet de {} : « {suite} »",
            noms.personne(*personne)
        ),
        RectificationEvent::RectificationRefusee { personne, motif, .. } => format!(
            "a refusé la demande de rectification au sujet de {}, au motif « {motif} »",
            noms.personne(*personne)
        ),
    }
}
