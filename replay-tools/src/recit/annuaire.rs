//! What happens in the directory, said.

use super::noms::Noms;
use crate::accord::accord;
use domain::annuaire::{EtablissementEvent, PersonneEvent};

/// What its author did to an établissement, after his or her name.
pub fn etablissement(event: &EtablissementEvent, noms: &Noms) -> String {
    match event {
        EtablissementEvent::EtablissementEnregistre { uai, fiche } => {
            format!("a enregistré l'établissement {uai}, {} ({})", fiche.nom, fiche.commune)
        }
        EtablissementEvent::EtablissementActualise { fiche } => {
            format!("a actualisé la fiche de l'établissement {} ({})", fiche.nom, fiche.commune)
        }
        EtablissementEvent::DivisionOuverte { code, libelle, .. } => {
            format!("a ouvert la division {code} ({libelle})")
        }
        EtablissementEvent::DivisionActualisee { libelle, .. } => {
            format!("a actualisé la division {libelle}")
        }
        EtablissementEvent::EnseignementAttribue { matiere, enseignant, principal, enseignement, .. } => {
            format!(
                "a attribué l'enseignement {} ({}) à {}{}",
                noms.enseignement(*enseignement),
                matiere.libelle,
                noms.personne(*enseignant),
                if *principal { ", professeur principal" } else { "" }
            )
        }
        EtablissementEvent::EnseignementRetire { enseignement, enseignant } => format!(
            "a retiré à {} l'enseignement {}",
            noms.personne(*enseignant),
            noms.enseignement(*enseignement)
        ),
    }
}

/// What its author did to a person's record, after his or her name.
pub fn personne(event: &PersonneEvent, noms: &Noms) -> String {
    match event {
        PersonneEvent::PersonneEnregistree { personne, source, .. } => format!(
            "a enregistré {} d'après l'annuaire de l'académie de {}",
            noms.personne(*personne),
            source.academie
        ),
        PersonneEvent::EtatCivilRectifie { personne, .. } => {
            format!("a rectifié l'état civil de {}", noms.personne(*personne))
        }
        PersonneEvent::PersonneRattachee { personne, profil, .. } => {
            format!("a rattaché {} à un établissement, profil {}", noms.personne(*personne), profil.as_str())
        }
        PersonneEvent::EleveAffecte { personne, division, .. } => match division {
            Some(division) => {
                format!("a affecté l'élève {} en {}", noms.personne(*personne), noms.division(*division))
            }
            None => format!("a retiré l'élève {} de sa division", noms.personne(*personne)),
        },
        PersonneEvent::EleveImmatricule { personne, numero, .. } => {
            format!("a donné à l'élève {} le numéro {numero} de l'établissement", noms.personne(*personne))
        }
        PersonneEvent::ResponsabilitesEtablies { personne, responsables } => format!(
            "a établi qui répond de l'élève {} : {}",
            noms.personne(*personne),
            accord(responsables.len() as u64, "responsable", "responsables")
        ),
        PersonneEvent::PersonneSuspendue { personne } => {
            format!("a suspendu la fiche de {}", noms.personne(*personne))
        }
        PersonneEvent::PersonneReprise { personne } => {
            format!("a repris la fiche de {}", noms.personne(*personne))
        }
    }
}
