//! Readings and verifications of the journal, said.

use crate::accord::accord;
use crate::date::spoken_annee;
use domain::journal::{ConsultationEvent, NatureConsultation, Portee, VerificationEvent};

/// What who consulted did, after his or her name.
pub fn consultation(event: &ConsultationEvent) -> String {
    match event {
        ConsultationEvent::ConsultationFaite { portee, motif } => {
            format!("a {}, au motif « {motif} »", acte(portee))
        }
        ConsultationEvent::ConsultationRefusee { portee, motif } => {
            format!(
                "a tenté en vain ceci, qui lui a été refusé : avoir {}, au motif « {motif} »",
                acte(portee)
            )
        }
    }
}

/// What who verified did, after his or her name.
pub fn verification(event: &VerificationEvent) -> String {
    let VerificationEvent::VerificationFaite { constat } = event;
    let annee = spoken_annee(constat.annee.0);
    let conformes = accord(constat.evenements, "événement conforme", "événements conformes");
    match &constat.faute {
        None => format!("a vérifié le journal de {annee} : {conformes}, aucune faute"),
        Some(faute) => format!(
            "a vérifié le journal de {annee} : {conformes}, puis une faute au n° {} ({})",
            faute.position, faute.nature
        ),
    }
}

fn acte(portee: &Portee) -> String {
    let acte = match portee.nature {
        NatureConsultation::Lecture => "lu le journal",
        NatureConsultation::Suivi => "suivi le journal",
        NatureConsultation::Retrospective => "regardé le portail tel qu'il était",
        NatureConsultation::Export => "exporté le journal",
    };
    let annee = portee.annee.map_or(String::new(), |annee| format!(" de {}", spoken_annee(annee.0)));
    format!("{acte}{annee} ({})", portee.objet)
}
