//! Who signed in, or failed to, said.

use super::noms::Noms;
use crate::date::spoken;
use domain::identite::{CompteEvent, FinDeSession, LiaisonEvent, MotifDEchec, SessionEvent, TentativeEvent};
use std::net::IpAddr;

/// What was done to an external identity, after the name of who did it.
pub fn liaison(event: &LiaisonEvent, noms: &Noms) -> String {
    match event {
        LiaisonEvent::LiaisonEtablie { personne, compte, fournisseur, cle } => format!(
            "a lié au compte {compte} de {} une identité du fournisseur {fournisseur} ({})",
            noms.personne(*personne),
            cle.nature().as_str()
        ),
        LiaisonEvent::LiaisonRompue { personne, motif } => {
            format!("a détaché une identité de {}, au motif « {motif} »", noms.personne(*personne))
        }
    }
}

/// What who signed in did, after his or her name.
pub fn session(event: &SessionEvent) -> String {
    match event {
        SessionEvent::SessionOuverte { fournisseur, adresse } => {
            format!("s'est connecté par le fournisseur {fournisseur}{}", depuis(*adresse))
        }
        SessionEvent::ProfilChoisi { choix } => {
            format!("a choisi d'agir sous le profil {}", choix.profil.as_str())
        }
        SessionEvent::SessionClose { fin } => match fin {
            FinDeSession::Deconnexion => "s'est déconnecté".to_owned(),
            FinDeSession::DeconnexionDistante => {
                "s'est déconnecté auprès du fournisseur d'identité".to_owned()
            }
            FinDeSession::Verrouillage => "a été déconnecté : le compte est verrouillé".to_owned(),
        },
    }
}

/// What happened to a compte, after the name of who did it.
pub fn compte(event: &CompteEvent, noms: &Noms) -> String {
    match event {
        CompteEvent::EchecInscrit { fournisseur, motif, adresse, .. } => format!(
            "a tenté en vain de se connecter par le fournisseur {fournisseur}{} : {}",
            depuis(*adresse),
            pourquoi(*motif)
        ),
        CompteEvent::CompteVerrouille { personne, motif, jusque, .. } => {
            let jusque = jusque.map_or(String::new(), |jusque| format!(" jusqu'au {}", spoken(jusque)));
            format!("a verrouillé le compte de {}{jusque}, au motif « {motif} »", noms.personne(*personne))
        }
        CompteEvent::CompteDeverrouille { personne, motif, .. } => {
            format!("a déverrouillé le compte de {}, au motif « {motif} »", noms.personne(*personne))
        }
    }
}

/// What the platform did with who is not known, after its name.
pub fn tentative(event: &TentativeEvent) -> String {
    let TentativeEvent::TentativeEchouee { fournisseur, motif, adresse } = event;
    format!(
        "a refusé une connexion par le fournisseur {fournisseur}{} : {}",
        depuis(*adresse),
        pourquoi(*motif)
    )
}

fn depuis(adresse: Option<IpAddr>) -> String {
    adresse.map_or(String::new(), |adresse| format!(" depuis l'adresse {adresse}"))
}

fn pourquoi(motif: MotifDEchec) -> &'static str {
    match motif {
        MotifDEchec::RetourRefuse => "le retour n'était pas celui d'une connexion commencée là",
        MotifDEchec::ReponseRefusee => "la réponse du fournisseur n'était pas valable",
        MotifDEchec::CleIllisible => "le fournisseur n'a donné aucune clé lisible",
        MotifDEchec::IdentiteInconnue => "l'identité n'était celle de personne",
        MotifDEchec::IdentiteAmbigue => "l'identité était celle de plusieurs personnes",
        MotifDEchec::IdentiteDetachee => "l'identité était détachée du compte",
        MotifDEchec::CompteSuspendu => "le compte était suspendu",
        MotifDEchec::CompteVerrouille => "le compte était verrouillé",
    }
}
