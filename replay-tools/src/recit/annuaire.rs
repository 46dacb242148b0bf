//! What happens in the directory, said.

use super::noms::Noms;
use crate::accord::accord;
use domain::annuaire::{AlimentationEvent, EtablissementEvent, NatureDeLivraison, PersonneEvent};

/// What its author did to an établissement, after his or her name.
pub fn etablissement(event: &EtablissementEvent, noms: &Noms) -> String {
    match event {
        EtablissementEvent::EtablissementEnregistre { uai, fiche, .. } => {
            format!("a enregistré l'établissement {uai}, {} ({})", fiche.nom, fiche.commune)
        }
        EtablissementEvent::EtablissementActualise { fiche, .. } => {
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
        EtablissementEvent::GroupeDeclare { declaration, .. } => {
            format!("a déclaré le groupe {} ({})", declaration.code, declaration.libelle)
        }
        EtablissementEvent::GroupeAbandonne { groupe } => {
            format!("a noté que le groupe {} n'existe plus", noms.groupe(*groupe))
        }
        EtablissementEvent::AnneeTournee { annee } => {
            format!("a clos les groupes des années d'avant {annee}")
        }
        EtablissementEvent::EtablissementReconnu { source } => {
            format!("a reconnu l'établissement dans {}", source.origine.nom())
        }
        EtablissementEvent::ParoleEntendue { provenance, .. } => format!(
            "a pris note de ce que {} dit de l'établissement, sans que rien ne change",
            provenance.origine.nom()
        ),
        EtablissementEvent::ParoleRetiree { provenance, .. } => {
            format!("a pris note que {} n'en dit plus autant de l'établissement", provenance.origine.nom())
        }
    }
}

/// What its author did with a delivery, after his or her name.
pub fn alimentation(event: &AlimentationEvent) -> String {
    let (verbe, livraison) = match event {
        AlimentationEvent::LivraisonCommencee { livraison } => ("a commencé d'importer", livraison),
        AlimentationEvent::LivraisonAchevee { livraison } => ("a importé jusqu'à sa fin", livraison),
    };
    let nature = match livraison.nature {
        NatureDeLivraison::Complete => "complète",
        NatureDeLivraison::Delta => "différentielle",
    };
    let (origine, portee) = (livraison.origine.nom(), &livraison.portee);
    format!("{verbe} la livraison {nature} du {} ({origine}, {portee})", livraison.du.format("%d/%m/%Y"))
}

/// What its author did to a person's record, after his or her name.
pub fn personne(event: &PersonneEvent, noms: &Noms) -> String {
    match event {
        PersonneEvent::PersonneEnregistree { personne, source, .. } => format!(
            "a enregistré {} d'après {} ({})",
            noms.personne(*personne),
            source.origine.nom(),
            source.portee
        ),
        PersonneEvent::SourceReconnue { personne, source } => format!(
            "a reconnu {} dans {} ({})",
            noms.personne(*personne),
            source.origine.nom(),
            source.portee
        ),
        PersonneEvent::EtatCivilRectifie { personne, .. } => {
            format!("a rectifié l'état civil de {}", noms.personne(*personne))
        }
        PersonneEvent::PersonneRattachee { personne, profil, .. } => {
            format!("a rattaché {} à un établissement, profil {}", noms.personne(*personne), profil.as_str())
        }
        PersonneEvent::PersonneDetachee { personne, .. } => {
            format!("a détaché {} d'un établissement", noms.personne(*personne))
        }
        PersonneEvent::ParoleEntendue { personne, provenance, .. } => format!(
            "a pris note de ce que {} dit de {}, sans que rien ne change",
            provenance.origine.nom(),
            noms.personne(*personne)
        ),
        PersonneEvent::ParoleRetiree { personne, provenance, .. } => format!(
            "a pris note que {} n'en dit plus autant de {}",
            provenance.origine.nom(),
            noms.personne(*personne)
        ),
        PersonneEvent::EleveAffecte { personne, division, .. }
        | PersonneEvent::EleveReaffecte { personne, division, .. } => match division {
            Some(division) => {
                format!("a affecté l'élève {} en {}", noms.personne(*personne), noms.division(*division))
            }
            None => format!("a retiré l'élève {} de sa division", noms.personne(*personne)),
        },
        PersonneEvent::PersonneRepartie { personne, groupes, .. } if groupes.is_empty() => {
            format!("a retiré {} des groupes de l'établissement", noms.personne(*personne))
        }
        PersonneEvent::PersonneRepartie { personne, groupes, .. } => {
            let groupes: Vec<_> = groupes.iter().map(|groupe| noms.groupe(*groupe)).collect();
            format!("a réparti {} dans {}", noms.personne(*personne), groupes.join(", "))
        }
        PersonneEvent::EleveImmatricule { personne, numero, .. } => {
            format!("a donné à l'élève {} le numéro {numero} de l'établissement", noms.personne(*personne))
        }
        PersonneEvent::ResponsabilitesEtablies { personne, responsables, .. } => format!(
            "a établi qui répond de l'élève {} : {}",
            noms.personne(*personne),
            accord(responsables.len() as u64, "responsable", "responsables")
        ),
        PersonneEvent::InformationOpposee { personne } => format!(
            "a pris note que {}, élève majeur, s'oppose à l'information de ses responsables",
            noms.personne(*personne)
        ),
        PersonneEvent::OppositionLevee { personne } => {
            format!("a pris note que {} ne s'y oppose plus", noms.personne(*personne))
        }
        PersonneEvent::PersonneSuspendue { personne } => {
            format!("a suspendu la fiche de {}", noms.personne(*personne))
        }
        PersonneEvent::PersonneReprise { personne } => {
            format!("a repris la fiche de {}", noms.personne(*personne))
        }
    }
}
