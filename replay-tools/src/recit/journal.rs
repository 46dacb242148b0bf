//! Readings of the journal, said.

use crate::date::spoken_annee;
use domain::journal::{ConsultationEvent, NatureConsultation, Portee};

/// What who consulted did, after his or her name.
pub fn phrase(event: &ConsultationEvent) -> String {
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
