//! What happens to a portal and to its offices, said.

use super::noms::Noms;
use super::texte::{jour, minutes};
use crate::date::spoken;
use domain::portails::{
    AdhesionEvent, Avis, CatalogueEvent, FicheIntervention, Gravite, HabilitationEvent, InterventionEvent,
    MiseEnGardeEvent, NaturePortail, Perimetre, PortailEvent, ServiceEnt, ThemeEvent,
};
use std::collections::BTreeSet;

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
        PortailEvent::DelegationAccordee { administrateur, par, du, au, compte, attributions, .. } => {
            format!(
                "a délégué l'administration de l'ENT ({}) à {} par {}, sous le compte {compte}, à partir du {}{}",
                attributions.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", "),
                noms.personne(*administrateur),
                noms.personne(*par),
                jour(*du),
                au.map_or(String::new(), |au| format!(" et jusqu'à la veille du {}", jour(au)))
            )
        }
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
        NaturePortail::LyceePrive { .. } => "portail d'un lycée privé",
        NaturePortail::Partenaires => "portail commun des partenaires",
        NaturePortail::Region => "portail de la Région",
        NaturePortail::Departement => "portail d'un département",
        NaturePortail::Academie => "portail d'une académie",
        NaturePortail::Draaf => "portail de l'enseignement agricole",
        NaturePortail::Crec => "portail de l'enseignement catholique",
    }
}

/// What who answers for the adhésions did, after his or her name.
pub fn adhesion(event: &AdhesionEvent) -> String {
    match event {
        AdhesionEvent::AdhesionConclue { convention, du } => format!(
            "a inscrit l'adhésion de l'établissement par la convention « {convention} », à partir du {}",
            jour(*du)
        ),
        AdhesionEvent::AdhesionTerminee { motif, au } => format!(
            "a mis fin à l'adhésion de l'établissement à compter du {}, au motif « {motif} »",
            jour(*au)
        ),
    }
}

/// What who keeps the catalogue did, after his or her name.
pub fn catalogue(event: &CatalogueEvent) -> String {
    let (did, service_ent, profils, motif, le) = match event {
        CatalogueEvent::ServiceEntOuvert { service_ent, profils, motif, le } => {
            ("ouvert", service_ent, profils, motif, le)
        }
        CatalogueEvent::ServiceEntFerme { service_ent, profils, motif, le } => {
            ("fermé", service_ent, profils, motif, le)
        }
    };
    let profils: Vec<_> = profils.iter().map(|profil| profil.as_str()).collect();
    format!(
        "a {did} le service « {} » aux profils {}, à partir du {}, au motif « {motif} »",
        ServiceEnt::libelle(*service_ent),
        profils.join(", "),
        jour(*le)
    )
}

/// What who gave the portal its look did, after his or her name.
pub fn theme(event: &ThemeEvent) -> String {
    let ThemeEvent::ThemeDefini { apparence } = event;
    format!(
        "a donné au portail son apparence : « {} », fond {}, texte {}, accent {}",
        apparence.titre, apparence.fond, apparence.texte, apparence.accent
    )
}

/// What who warned, read or answered did, after his or her name.
pub fn mise_en_garde(event: &MiseEnGardeEvent, noms: &Noms) -> String {
    match event {
        MiseEnGardeEvent::MiseEnGardeAdressee { directeur, gravite, objet, texte, .. } => format!(
            "a adressé à {}, directeur de la publication, {} : « {objet} » ({texte})",
            noms.personne(*directeur),
            match gravite {
                Gravite::Conseil => "un conseil",
                Gravite::Information => "une information",
                Gravite::Recommandation => "une recommandation",
                Gravite::Alerte => "une alerte",
                Gravite::MiseEnGarde => "une mise en garde",
            }
        ),
        MiseEnGardeEvent::MiseEnGardeLue { .. } => "en a pris connaissance".to_owned(),
        MiseEnGardeEvent::MiseEnGardeRepondue { reponse, .. } => format!("a répondu : « {reponse} »"),
    }
}

/// What who designates did, after his or her name.
pub fn habilitation(event: &HabilitationEvent, noms: &Noms) -> String {
    match event {
        HabilitationEvent::HabilitationAccordee { personne, compte, perimetres, du, au, .. } => format!(
            "a habilité {} à intervenir ({}), sous le compte {compte}, du {} à la veille du {}",
            noms.personne(*personne),
            parties(perimetres),
            jour(*du),
            jour(*au)
        ),
        HabilitationEvent::HabilitationRevoquee { personne, motif, le } => format!(
            "a révoqué l'habilitation de {} à compter du {}, au motif « {motif} »",
            noms.personne(*personne),
            jour(*le)
        ),
    }
}

/// What was done of an intervention, after the name of who did.
pub fn intervention(event: &InterventionEvent, noms: &Noms) -> String {
    match event {
        InterventionEvent::InterventionDemandee { fiche } => {
            let FicheIntervention { perimetres, motif, ticket, minutes: asked, .. } = fiche;
            format!(
                "a demandé à intervenir {} ({}), ticket {ticket}, au motif « {motif} »",
                minutes(*asked),
                parties(perimetres)
            )
        }
        InterventionEvent::InterventionContresignee { par } => {
            format!("a contresigné l'intervention, comme seconde personne ({})", noms.personne(par.personne))
        }
        InterventionEvent::InterventionOuverte { limite, .. } => {
            format!("a ouvert l'intervention jusqu'au {}", spoken(*limite))
        }
        InterventionEvent::LectureConsignee { perimetre, objet, .. } => {
            format!("a lu, pendant l'intervention, {objet} ({})", perimetre.as_str())
        }
        InterventionEvent::InterventionClose { compte_rendu, .. } => {
            format!("a clos l'intervention : « {compte_rendu} »")
        }
        InterventionEvent::InterventionExpiree { limite } => {
            format!("a constaté que l'intervention avait pris fin le {}", spoken(*limite))
        }
        InterventionEvent::DirecteurAvise { directeur, avis, .. } => format!(
            "en a avisé {}, directeur de la publication : {}",
            noms.personne(*directeur),
            match avis {
                Avis::Ouverture => "l'intervention s'ouvre",
                Avis::Cloture => "l'intervention est close",
                Avis::Expiration => "le temps de l'intervention est passé",
            }
        ),
    }
}

fn parties(perimetres: &BTreeSet<Perimetre>) -> String {
    let parties: Vec<_> = perimetres.iter().map(|one| one.as_str()).collect();
    parties.join(", ")
}
