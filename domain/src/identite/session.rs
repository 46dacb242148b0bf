//! One sign-in of a browser, from its opening to its end, and in which profil its user acts.
//!
//! Who has several profils (a teacher who is also a parent) acts in one at a time: rights come
//! from that one alone (RGPD, art. 25 and 32: no more access than the moment needs). What is
//! recorded of a sign-in lies under the portal's key of the month, and not under the person's:
//! it is kept because the law says so, for as long as it says so, whoever it is about.

use super::FournisseurId;
use crate::annuaire::Profil;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, EtablissementId, Lacune};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// As what, and where, someone acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ProfilTenu {
    /// Where.
    pub etablissement: EtablissementId,
    /// As what.
    pub profil: Profil,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FinDeSession {
    /// Its user signed out here.
    Deconnexion,
    /// The provider said that its user signed out there.
    DeconnexionDistante,
    /// The compte was locked.
    Verrouillage,
}

impl FinDeSession {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deconnexion => "deconnexion",
            Self::DeconnexionDistante => "deconnexion_distante",
            Self::Verrouillage => "verrouillage",
        }
    }
}

/// What may be asked of a session.
#[derive(Debug, Clone)]
pub enum SessionCommand {
    /// Someone signs in.
    OuvrirSession {
        /// Who vouched.
        fournisseur: FournisseurId,
        /// From where, as far as it is known.
        adresse: Option<IpAddr>,
    },
    /// Its user says in which profil he or she acts.
    ChoisirProfil {
        /// Which.
        choix: ProfilTenu,
        /// Those that he or she has.
        tenus: Vec<ProfilTenu>,
    },
    /// It ends.
    CloreSession {
        /// Why.
        fin: FinDeSession,
    },
}

events! {
    /// What happens to a session.
    pub enum SessionEvent {
        /// Someone signed in.
        SessionOuverte = "identite.session.ouverte" v 1 Connexion {
            fournisseur: FournisseurId, adresse: Option<IpAddr>,
        },
        /// Its user acts in this profil from now on.
        ProfilChoisi = "identite.session.profil_choisi" v 1 Connexion { choix: ProfilTenu },
        /// It ended.
        SessionClose = "identite.session.close" v 1 Connexion { fin: FinDeSession },
    }
}

refusals! {
    /// Why a session refuses.
    pub enum RefusSession {
        SessionTerminee = "SESSION_TERMINEE":
            "Votre session est terminée : reconnectez-vous.",
        ProfilNonTenu = "PROFIL_NON_TENU" at "profil":
            "Vous n'avez pas ce profil dans cet établissement : choisissez l'un des vôtres.",
    }
}

/// State of a session.
#[derive(Debug, Clone, Default)]
pub struct Session {
    ouverte: bool,
    choix: Option<ProfilTenu>,
}

impl Aggregate for Session {
    const TYPE: &'static str = "identite.session";
    // Long over when a month of it is erased.
    const LACUNE: Lacune = Lacune::Fige;
    type Command = SessionCommand;
    type Event = SessionEvent;
    type Refus = RefusSession;

    fn decide(&self, command: SessionCommand) -> Result<Vec<SessionEvent>, RefusSession> {
        match command {
            SessionCommand::OuvrirSession { fournisseur, adresse } if !self.ouverte => {
                Ok(vec![SessionEvent::SessionOuverte { fournisseur, adresse }])
            }
            SessionCommand::OuvrirSession { .. } => Ok(vec![]),
            SessionCommand::ChoisirProfil { .. } if !self.ouverte => Err(RefusSession::SessionTerminee),
            SessionCommand::ChoisirProfil { choix, tenus } => match tenus.contains(&choix) {
                true if self.choix == Some(choix) => Ok(vec![]),
                true => Ok(vec![SessionEvent::ProfilChoisi { choix }]),
                false => Err(RefusSession::ProfilNonTenu),
            },
            SessionCommand::CloreSession { fin } if self.ouverte => {
                Ok(vec![SessionEvent::SessionClose { fin }])
            }
            SessionCommand::CloreSession { .. } => Ok(vec![]),
        }
    }

    fn apply(&mut self, event: SessionEvent) {
        match event {
            SessionEvent::SessionOuverte { .. } => self.ouverte = true,
            SessionEvent::ProfilChoisi { choix } => self.choix = Some(choix),
            SessionEvent::SessionClose { .. } => self.ouverte = false,
        }
    }
}

#[cfg(test)]
mod tests;
