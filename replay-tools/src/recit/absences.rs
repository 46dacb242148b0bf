//! What happens to a roll, said.

use super::noms::Noms;
use super::texte::{heure, jour, minutes};
use crate::accord::accord;
use domain::absences::{AppelEvent, Incident, NatureDIncident, Presence};

/// What its author did, after his or her name.
pub fn phrase(event: &AppelEvent, noms: &Noms) -> String {
    match event {
        AppelEvent::AppelOuvert { seance, enseignant } => format!(
            "a ouvert l'appel de la séance du {} de {} à {} ({}), tenue par {}",
            jour(seance.date),
            heure(seance.debut),
            heure(seance.fin),
            noms.enseignement(seance.enseignement),
            noms.personne(*enseignant)
        ),
        AppelEvent::AbsenceConstatee { eleve } => {
            format!("a constaté l'absence de l'élève {}", noms.personne(*eleve))
        }
        AppelEvent::RetardConstate { eleve, minutes: late } => {
            format!("a constaté un retard de {} de l'élève {}", minutes(*late), noms.personne(*eleve))
        }
        AppelEvent::PresenceRetablie { eleve } => {
            format!("a rétabli la présence de l'élève {}, pointé à tort", noms.personne(*eleve))
        }
        AppelEvent::AppelClos { absents, retards } => format!(
            "a clos l'appel : {}, {}",
            accord(*absents, "absent", "absents"),
            accord(*retards, "retard", "retards")
        ),
        AppelEvent::AppelCorrige { eleve, avant, apres, motif } => format!(
            "a corrigé l'appel clos pour l'élève {} : « {} » au lieu de « {} », au motif « {motif} »",
            noms.personne(*eleve),
            presence(*apres),
            presence(*avant)
        ),
        AppelEvent::IncidentNote { eleve, incident, motif } => {
            format!(
                "a noté {} de l'élève {}{}",
                what(*incident),
                noms.personne(*eleve),
                reason(motif.as_ref())
            )
        }
        AppelEvent::IncidentRetire { eleve, nature, motif } => {
            format!(
                "a retiré {} de l'élève {}{}",
                kind(*nature),
                noms.personne(*eleve),
                reason(motif.as_ref())
            )
        }
        AppelEvent::AppelRappele { .. } => "a rappelé l'appel, qui n'est pas clos".to_owned(),
    }
}

fn what(incident: Incident) -> String {
    let when = incident.heure().map(|at| format!(" à {}", heure(at))).unwrap_or_default();
    format!("{}{when}", kind(incident.nature()))
}

fn kind(nature: NatureDIncident) -> &'static str {
    match nature {
        NatureDIncident::DepartAnticipe => "le départ anticipé",
        NatureDIncident::Infirmerie => "le passage à l'infirmerie",
        NatureDIncident::OubliDeCarnet => "l'oubli de carnet",
    }
}

fn reason(motif: Option<&String>) -> String {
    motif.map(|motif| format!(", au motif « {motif} »")).unwrap_or_default()
}

fn presence(presence: Presence) -> String {
    match presence {
        Presence::Present => "présent".to_owned(),
        Presence::Absent => "absent".to_owned(),
        Presence::EnRetard { minutes: late } => format!("en retard de {}", minutes(late)),
    }
}
