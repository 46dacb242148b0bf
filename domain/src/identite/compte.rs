//! A compte as something that may be locked.
//!
//! Providers ask for the passwords; what fails here are sign-ins that a provider vouched for and
//! that this program refused. Several of them in a row lock the compte for a while (CNIL,
//! délibération n° 2022-100 du 21 juillet 2022: access is restricted after failures), and who
//! answers for it locks one that was stolen at once, for as long as it takes. Nobody can lock
//! somebody else out by failing: one must have convinced the provider first.

use super::{FournisseurId, MotifDEchec};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId, texte};
use chrono::{DateTime, TimeDelta, Utc};
use std::net::IpAddr;

/// How many failures lock a compte.
pub const ECHECS_MAX: usize = 5;
/// Within how long.
pub const FENETRE: TimeDelta = TimeDelta::minutes(15);
/// For how long.
pub const DUREE: TimeDelta = TimeDelta::minutes(15);
/// What a lock says that nobody decided.
const APRES_ECHECS: &str = "Trop de connexions refusées de suite.";

/// What may be asked of a compte.
#[derive(Debug, Clone)]
pub enum CompteCommand {
    /// Puts a refused sign-in on the record.
    InscrireEchec {
        /// Whose compte it is: of an office's, who holds the office.
        personne: PersonneId,
        /// Who vouched.
        fournisseur: FournisseurId,
        /// Why it was refused.
        motif: MotifDEchec,
        /// From where, as far as it is known.
        adresse: Option<IpAddr>,
        /// When.
        le: DateTime<Utc>,
    },
    /// Locks it until somebody unlocks it.
    VerrouillerCompte {
        /// Whose compte it is.
        personne: PersonneId,
        /// Why.
        motif: String,
        /// When.
        le: DateTime<Utc>,
    },
    /// Unlocks it.
    DeverrouillerCompte {
        /// Why.
        motif: String,
        /// When.
        le: DateTime<Utc>,
    },
}

events! {
    /// What happens to a compte.
    pub enum CompteEvent {
        /// A sign-in was refused.
        EchecInscrit = "identite.compte.echec_inscrit" v 1 Connexion {
            fournisseur: FournisseurId, motif: MotifDEchec, adresse: Option<IpAddr>, le: DateTime<Utc>,
        },
        /// It was locked, until an instant or until somebody unlocks it.
        CompteVerrouille = "identite.compte.verrouille" v 1 Annuaire of personne {
            personne: PersonneId, motif: String, le: DateTime<Utc>, jusque: Option<DateTime<Utc>>,
        },
        /// It was unlocked.
        CompteDeverrouille = "identite.compte.deverrouille" v 1 Annuaire of personne {
            personne: PersonneId, motif: String, le: DateTime<Utc>,
        },
    }
}

refusals! {
    /// Why a compte refuses.
    pub enum RefusCompte {
        CompteSuspendu = "COMPTE_SUSPENDU":
            "Votre compte est suspendu : votre établissement ne vous compte plus parmi les siens ; voyez avec son secrétariat.",
        CompteVerrouille = "COMPTE_VERROUILLE":
            "Votre compte est verrouillé : attendez un quart d'heure, ou demandez à l'administrateur ENT de votre établissement de le déverrouiller.",
        CompteNonVerrouille = "COMPTE_NON_VERROUILLE" at "compte":
            "Ce compte n'est pas verrouillé.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Verrouiller ou déverrouiller un compte demande un motif, en 500 caractères au plus.",
    }
}

/// A lock.
#[derive(Debug, Clone, Copy)]
struct Verrou {
    personne: PersonneId,
    jusque: Option<DateTime<Utc>>,
}

impl Verrou {
    fn tient(&self, le: DateTime<Utc>) -> bool {
        self.jusque.is_none_or(|jusque| le < jusque)
    }
}

/// State of a compte.
#[derive(Debug, Clone, Default)]
pub struct Compte {
    /// Of the last failures, those that may still count.
    echecs: Vec<DateTime<Utc>>,
    verrou: Option<Verrou>,
}

impl Aggregate for Compte {
    const TYPE: &'static str = "identite.compte";
    // Failures go after a year, locks with the person: either stands for itself.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = CompteCommand;
    type Event = CompteEvent;
    type Refus = RefusCompte;

    fn decide(&self, command: CompteCommand) -> Result<Vec<CompteEvent>, RefusCompte> {
        match command {
            CompteCommand::InscrireEchec { personne, fournisseur, motif, adresse, le } => {
                let mut events = vec![CompteEvent::EchecInscrit { fournisseur, motif, adresse, le }];
                if !self.is_locked(le) && self.recents(le) + 1 >= ECHECS_MAX {
                    let (motif, jusque) = (APRES_ECHECS.to_owned(), Some(le + DUREE));
                    events.push(CompteEvent::CompteVerrouille { personne, motif, le, jusque });
                }
                Ok(events)
            }
            CompteCommand::VerrouillerCompte { personne, motif, le } => {
                let motif = texte::motif(&motif).ok_or(RefusCompte::MotifManquant)?;
                let for_good = self.verrou.is_some_and(|verrou| verrou.jusque.is_none());
                let locked = CompteEvent::CompteVerrouille { personne, motif, le, jusque: None };
                Ok(if for_good { vec![] } else { vec![locked] })
            }
            CompteCommand::DeverrouillerCompte { motif, le } => {
                let motif = texte::motif(&motif).ok_or(RefusCompte::MotifManquant)?;
                let held = self.verrou.filter(|verrou| verrou.tient(le));
                let Verrou { personne, .. } = held.ok_or(RefusCompte::CompteNonVerrouille)?;
                Ok(vec![CompteEvent::CompteDeverrouille { personne, motif, le }])
            }
        }
    }

    fn apply(&mut self, event: CompteEvent) {
        match event {
            CompteEvent::EchecInscrit { le, .. } => {
                self.echecs.retain(|echec| le - *echec < FENETRE);
                self.echecs.push(le);
            }
            CompteEvent::CompteVerrouille { personne, jusque, .. } => {
                self.verrou = Some(Verrou { personne, jusque });
                self.echecs.clear();
            }
            CompteEvent::CompteDeverrouille { .. } => {
                self.verrou = None;
                self.echecs.clear();
            }
        }
    }
}

impl Compte {
    /// Whether it is locked at an instant.
    pub fn is_locked(&self, le: DateTime<Utc>) -> bool {
        self.verrou.is_some_and(|verrou| verrou.tient(le))
    }

    fn recents(&self, le: DateTime<Utc>) -> usize {
        self.echecs.iter().filter(|echec| le - **echec < FENETRE).count()
    }
}

#[cfg(test)]
mod tests;
