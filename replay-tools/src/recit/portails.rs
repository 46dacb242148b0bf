//! What happens to a portal and to its offices, said.

use super::noms::Noms;
use super::texte::jour;
use domain::portails::{NaturePortail, PortailEvent};

/// What its author did, after his or her name.
pub fn phrase(event: &PortailEvent, noms: &Noms) -> String {
    match event {
        PortailEvent::PortailOuvert { portail, nature: kind, nom } => {
            format!("a ouvert le portail {portail}, « {nom} », {}", nature(*kind))
        }
        PortailEvent::DirectionPrise { directeur, qualite, depuis, delegant } => format!(
            "a inscrit {} comme directeur de la publication, {qualite}, à partir du {}{}",
            noms.personne(*directeur),
            jour(*depuis),
            delegant.map_or(String::new(), |delegant| format!(", pour {}", noms.personne(delegant)))
        ),
        PortailEvent::DirectionTerminee { directeur, au } => format!(
            "a mis fin à la direction de la publication de {} à compter du {}",
            noms.personne(*directeur),
            jour(*au)
        ),
        PortailEvent::DelegationAccordee { administrateur, par, du, au, compte, .. } => format!(
            "a délégué l'administration de l'ENT à {} par {}, sous le compte {compte}, à partir du {}{}",
            noms.personne(*administrateur),
            noms.personne(*par),
            jour(*du),
            au.map_or(String::new(), |au| format!(" et jusqu'à la veille du {}", jour(au)))
        ),
        PortailEvent::DelegationRevoquee { administrateur, motif, le, .. } => format!(
            "a révoqué la délégation de {} à compter du {}, au motif « {motif} »",
            noms.personne(*administrateur),
            jour(*le)
        ),
    }
}

fn nature(nature: NaturePortail) -> &'static str {
    match nature {
        NaturePortail::Etablissement { .. } => "portail d'un établissement",
        NaturePortail::Partenaires => "portail commun des partenaires",
        NaturePortail::Region => "portail de la Région",
        NaturePortail::Departement => "portail d'un département",
        NaturePortail::Academie => "portail d'une académie",
        NaturePortail::Draaf => "portail de l'enseignement agricole",
        NaturePortail::Crec => "portail de l'enseignement catholique",
    }
}
