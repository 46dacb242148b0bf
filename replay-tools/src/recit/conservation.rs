//! Holds and destructions, said.

use super::noms::Noms;
use super::texte::jour;
use crate::accord::accord;
use domain::Retention;
use domain::conservation::{DestructionEvent, Fondement, GelEvent, Portee};

/// What who answers for the holds of a portal did, after his or her name.
pub fn gel(event: &GelEvent, noms: &Noms) -> String {
    match event {
        GelEvent::GelPose { gel, portee, motif, le, .. } => format!(
            "a gelé le {} {} : rien n'en sera détruit (gel {gel}), au motif « {motif} »",
            jour(*le),
            protege(portee, noms)
        ),
        GelEvent::GelLeve { gel, motif, le, .. } => {
            format!("a levé le {} le gel {gel}, au motif « {motif} »", jour(*le))
        }
    }
}

/// What was asked, done or given up of a destruction, after the name of who did.
pub fn destruction(event: &DestructionEvent) -> String {
    match event {
        DestructionEvent::DestructionDemandee { lots, fondement, motif, .. } => format!(
            "a demandé la destruction de {} {}, au motif « {motif} » ; rien n'est détruit avant qu'une \
             seconde personne ne confirme",
            accord(lots.len() as u64, "lot", "lots"),
            match fondement {
                Fondement::Echeance => "arrivés à échéance",
                Fondement::DemandeDeLaPersonne => "à la demande de la personne concernée",
            }
        ),
        DestructionEvent::DestructionExecutee { cles, .. } => format!(
            "a confirmé la destruction : {} sans retour, et avec elles tout ce qu'elles chiffraient",
            accord(cles.len() as u64, "clé est détruite", "clés sont détruites"),
        ),
        DestructionEvent::DestructionAbandonnee { motif, .. } => {
            format!("a abandonné la destruction, au motif « {motif} »")
        }
    }
}

fn protege(portee: &Portee, noms: &Noms) -> String {
    let de = portee.personne.map_or("tout ce que le portail détient".to_owned(), |personne| {
        format!("ce qui concerne {}", noms.personne(personne))
    });
    if portee.classes.is_empty() {
        return de;
    }
    let classes: Vec<_> = portee.classes.iter().map(|classe| Retention::as_str(*classe)).collect();
    format!("{de} ({})", classes.join(", "))
}
