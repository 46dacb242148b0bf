//! How people wish to be told, and what was told to them, said.

use super::noms::Noms;
use crate::date::spoken;
use domain::notifications::{Canal, Echec, EnvoiEvent, PreferencesEvent, SansSuite, Theme};

/// What somebody chose, after the name of who did it.
pub fn preferences(event: &PreferencesEvent, noms: &Noms) -> String {
    match event {
        PreferencesEvent::PreferencesChoisies { personne, .. } => {
            format!("a choisi comment {} est prévenu", noms.personne(*personne))
        }
        PreferencesEvent::TelephoneDeclare { personne, .. } => {
            format!("a déclaré un téléphone pour {}, auquel un code fut envoyé", noms.personne(*personne))
        }
        PreferencesEvent::CodeErrone { .. } => "a saisi un code qui n'était pas le bon".to_owned(),
        PreferencesEvent::TelephoneConfirme { personne, .. } => {
            format!("a confirmé le téléphone de {}", noms.personne(*personne))
        }
        PreferencesEvent::TelephoneOublie { personne } => {
            format!("a retiré le téléphone de {}", noms.personne(*personne))
        }
        PreferencesEvent::AppareilDeclare { personne, .. } => {
            format!("a déclaré un appareil sur lequel {} est prévenu", noms.personne(*personne))
        }
        PreferencesEvent::AppareilOublie { personne, .. } => {
            format!("a retiré un appareil de {}", noms.personne(*personne))
        }
        PreferencesEvent::AppareilPerdu { personne, .. } => format!(
            "a appris que le service de notification ne connaît plus un appareil de {}",
            noms.personne(*personne)
        ),
    }
}

/// What became of what was to be told, after the name of the platform or of who posted it.
pub fn envoi(event: &EnvoiEvent, noms: &Noms) -> String {
    match event {
        EnvoiEvent::EnvoiPrepare { destinataire, canal, theme, pas_avant, .. } => format!(
            "a préparé pour {} {} au sujet {}, à envoyer à partir du {}",
            noms.personne(*destinataire),
            match canal {
                Canal::Courriel => "un courriel",
                Canal::Sms => "un SMS",
                Canal::Lettre => "une lettre",
                Canal::Appareil => "un message à ses appareils",
            },
            match theme {
                Theme::Absences => "d'une absence ou d'un retard",
                Theme::Notes => "d'une note",
                Theme::Bulletins => "d'un bulletin",
                Theme::VieScolaire => "d'un courrier de la vie scolaire",
                Theme::Travaux => "d'un travail à faire",
                Theme::SuiviDesAbsences => "d'un appel ou d'un suivi d'absences",
            },
            spoken(*pas_avant)
        ),
        EnvoiEvent::EnvoiRemis { message } if message.is_empty() => "a posté la lettre".to_owned(),
        EnvoiEvent::EnvoiRemis { message } => {
            format!("a remis le message {message} à un relais, qui l'a pris")
        }
        EnvoiEvent::EnvoiDiffere { essai, echec, pas_avant } => format!(
            "a essayé d'envoyer, en vain, pour la {essai}e fois ({}) ; nouvel essai le {}",
            pourquoi(*echec),
            spoken(*pas_avant)
        ),
        EnvoiEvent::EnvoiAbandonne { essai, echec } => {
            format!("a renoncé à envoyer après {essai} essai(s) : {}", pourquoi(*echec))
        }
        EnvoiEvent::EnvoiNonRemis { echec, statut } => {
            format!("a appris que le message est revenu ({statut}) : {}", pourquoi(*echec))
        }
        EnvoiEvent::AdresseEnDefaut { destinataire, .. } => {
            format!("n'écrit plus à l'adresse de {}, qui n'existe pas", noms.personne(*destinataire))
        }
        EnvoiEvent::EnvoiSansSuite { motif, .. } => format!(
            "n'a prévenu personne : {}",
            match motif {
                SansSuite::SansDestinataire => "nul n'est à prévenir, selon l'annuaire",
                SansSuite::SansMoyen => "qui est à prévenir n'a choisi aucun moyen, ou n'en a pas d'ouvert",
            }
        ),
        EnvoiEvent::AdresseRetablie { destinataire, .. } => {
            format!("a confirmé que l'adresse de {} fonctionne", noms.personne(*destinataire))
        }
    }
}

fn pourquoi(echec: Echec) -> &'static str {
    match echec {
        Echec::RefusPassager => "le relais ne l'a pas pris cette fois",
        Echec::AdresseRefusee => "l'adresse est refusée",
        Echec::AdresseInexistante => "l'adresse n'existe pas",
        Echec::SansAdresse => "il n'y a plus d'adresse",
        Echec::ContenuEfface => "ce qu'il disait a été effacé",
    }
}
