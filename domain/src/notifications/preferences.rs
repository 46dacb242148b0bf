//! How a person wishes to be told: by which ways, at once or in the evening, and when not at all.
//!
//! Who has chosen nothing is told by mail, of absences and letters at once, of marks,
//! bulletins and travaux in the evening; the staff of thresholds in the evening, and at once of a roll
//! that is not closed. A
//! telephone counts once its owner has typed the code that was sent to it: otherwise a wrong
//! digit would tell a stranger where a child is (RGPD, art. 5.1.d and 32). A device needs no code: who
//! gives it holds it. How many there are is a rule about all of them, so they are here.

use super::{Annonce, Appareil, Calme, Canal, Telephone, Theme, fin_de_journee};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, AppareilId, Lacune, PersonneId};
use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// When one is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rythme {
    /// At once, outside quiet hours.
    Immediat,
    /// In the evening, all of the day together.
    Quotidien,
}

/// How one is told about a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Choix {
    /// By which ways; none: not at all.
    pub canaux: BTreeSet<Canal>,
    /// When.
    pub rythme: Rythme,
}

impl Choix {
    /// That of who has chosen nothing.
    pub fn par_defaut(theme: Theme) -> Self {
        let rythme = if theme.est_du_sans_delai() { Rythme::Immediat } else { Rythme::Quotidien };
        Self { canaux: BTreeSet::from([Canal::Courriel]), rythme }
    }

    /// The first instant, from now on, at which something may leave. What is of no use in the evening does
    /// not wait for it, whatever was chosen for the rest of its subject.
    pub fn depart(&self, annonce: &Annonce, calme: Calme, maintenant: DateTime<Utc>) -> DateTime<Utc> {
        let rythme = if annonce.est_du_moment() { Rythme::Immediat } else { self.rythme };
        calme.apres(match rythme {
            Rythme::Immediat => maintenant,
            Rythme::Quotidien => fin_de_journee(maintenant),
        })
    }
}

/// What may be asked of a person's preferences.
#[derive(Debug, Clone)]
pub enum PreferencesCommand {
    /// Says how the person is told.
    ChoisirPreferences {
        /// Who.
        personne: PersonneId,
        /// By subject; one that is not named is as if nothing had been chosen.
        choix: BTreeMap<Theme, Choix>,
        /// When the person is left alone.
        calme: Calme,
        /// The ways that are open to him or her by what was given under other fiches of the same human being.
        autres: BTreeSet<Canal>,
    },
    /// Gives a telephone, to which a code was sent.
    DeclarerTelephone {
        /// Whose.
        personne: PersonneId,
        /// The number.
        numero: Telephone,
        /// SHA-256 of the code, in hexadecimal: the record never has the code itself.
        empreinte: String,
        /// Now.
        maintenant: DateTime<Utc>,
    },
    /// Types the code.
    ConfirmerTelephone {
        /// Whose.
        personne: PersonneId,
        /// SHA-256 of what was typed, in hexadecimal.
        empreinte: String,
        /// Now.
        maintenant: DateTime<Utc>,
    },
    /// Takes the telephone back.
    OublierTelephone {
        /// Whose.
        personne: PersonneId,
    },
    /// Gives a device that takes messages.
    DeclarerAppareil {
        /// Whose.
        personne: PersonneId,
        /// The device.
        appareil: Appareil,
    },
    /// Takes a device back.
    OublierAppareil {
        /// Whose.
        personne: PersonneId,
        /// Which.
        appareil: AppareilId,
    },
    /// States that the push service of a device knows it no more.
    PerdreAppareil {
        /// Whose.
        personne: PersonneId,
        /// Which.
        appareil: AppareilId,
    },
}

events! {
    /// What happens to a person's preferences.
    pub enum PreferencesEvent {
        /// How the person is told.
        PreferencesChoisies = "notifications.preferences.choisies" v 1 Annuaire of personne {
            personne: PersonneId, choix: BTreeMap<Theme, Choix>, calme: Calme,
        },
        /// A code was sent to a telephone.
        TelephoneDeclare = "notifications.preferences.telephone_declare" v 1 Annuaire of personne {
            personne: PersonneId, numero: Telephone, empreinte: String, jusque: DateTime<Utc>,
        },
        /// Something else than the code was typed.
        CodeErrone = "notifications.preferences.code_errone" v 1 Annuaire of personne { personne: PersonneId },
        /// The telephone is that of the person.
        TelephoneConfirme = "notifications.preferences.telephone_confirme" v 1 Annuaire of personne {
            personne: PersonneId, numero: Telephone,
        },
        /// There is no telephone any more.
        TelephoneOublie = "notifications.preferences.telephone_oublie" v 1 Annuaire of personne {
            personne: PersonneId,
        },
        /// A device takes messages, from now on as it says here.
        AppareilDeclare = "notifications.preferences.appareil_declare" v 1 Annuaire of personne {
            personne: PersonneId, appareil: Appareil,
        },
        /// Its owner has taken a device back.
        AppareilOublie = "notifications.preferences.appareil_oublie" v 1 Annuaire of personne {
            personne: PersonneId, appareil: AppareilId,
        },
        /// Its push service knows a device no more.
        AppareilPerdu = "notifications.preferences.appareil_perdu" v 1 Annuaire of personne {
            personne: PersonneId, appareil: AppareilId,
        },
    }
}

refusals! {
    /// Why preferences are refused.
    pub enum RefusPreferences {
        CanalObligatoire = "CANAL_OBLIGATOIRE" at "choix":
            "Les absences et les courriers vous sont dits de plein droit : gardez au moins un moyen d'être prévenu.",
        RythmeImpose = "RYTHME_IMPOSE" at "choix":
            "Les absences et les courriers vous sont dits sans délai : gardez-les en envoi immédiat.",
        CalmeExcessif = "CALME_EXCESSIF" at "calme":
            "Les heures de calme durent quatorze heures au plus : laissez-nous dix heures dans la journée.",
        TelephoneInconnu = "TELEPHONE_INCONNU" at "choix":
            "Aucun téléphone n'est confirmé : déclarez le vôtre et saisissez le code reçu par SMS.",
        AppareilInconnu = "APPAREIL_INCONNU" at "choix":
            "Aucun appareil n'est déclaré : acceptez d'abord les notifications dans votre navigateur.",
        TropDAppareils = "TROP_D_APPAREILS":
            "Dix appareils vous préviennent déjà : oubliez-en un que vous n'utilisez plus.",
        CodeInvalide = "CODE_INVALIDE" at "code":
            "Ce code n'est pas celui qui vous a été envoyé, ou il a expiré : demandez-en un autre.",
    }
}

/// How long a code can be typed.
const VALIDITE: TimeDelta = TimeDelta::minutes(15);
/// How often one may be mistaken: a code has six digits.
const ESSAIS: u8 = 5;
/// How many devices one may have: each is written to, whenever there is something to tell.
const APPAREILS_MAX: usize = 10;

/// A code that was sent.
#[derive(Debug, Clone)]
struct Attente {
    numero: Telephone,
    empreinte: String,
    jusque: DateTime<Utc>,
    erreurs: u8,
}

/// State of a person's preferences.
#[derive(Debug, Clone, Default)]
pub struct Preferences {
    choisies: Option<(BTreeMap<Theme, Choix>, Calme)>,
    attente: Option<Attente>,
    telephone: Option<Telephone>,
    appareils: BTreeMap<AppareilId, Appareil>,
}

impl Aggregate for Preferences {
    const TYPE: &'static str = "notifications.preferences";
    /// Nothing is left of who is forgotten: what is chosen then is chosen anew.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = PreferencesCommand;
    type Event = PreferencesEvent;
    type Refus = RefusPreferences;

    fn decide(&self, command: PreferencesCommand) -> Result<Vec<PreferencesEvent>, RefusPreferences> {
        match command {
            PreferencesCommand::ChoisirPreferences { personne, choix, calme, autres } => {
                self.choisir(personne, choix, calme, &autres)
            }
            PreferencesCommand::DeclarerTelephone { personne, numero, empreinte, maintenant } => {
                let jusque = maintenant + VALIDITE;
                Ok(vec![PreferencesEvent::TelephoneDeclare { personne, numero, empreinte, jusque }])
            }
            PreferencesCommand::ConfirmerTelephone { personne, empreinte, maintenant } => {
                self.confirmer(personne, &empreinte, maintenant)
            }
            PreferencesCommand::OublierTelephone { personne } => Ok(match self.telephone {
                Some(_) => vec![PreferencesEvent::TelephoneOublie { personne }],
                None => vec![],
            }),
            PreferencesCommand::DeclarerAppareil { personne, appareil } => self.declarer(personne, appareil),
            PreferencesCommand::OublierAppareil { personne, appareil } => {
                Ok(self.known(appareil, PreferencesEvent::AppareilOublie { personne, appareil }))
            }
            PreferencesCommand::PerdreAppareil { personne, appareil } => {
                Ok(self.known(appareil, PreferencesEvent::AppareilPerdu { personne, appareil }))
            }
        }
    }

    fn apply(&mut self, event: PreferencesEvent) {
        match event {
            PreferencesEvent::PreferencesChoisies { choix, calme, .. } => {
                self.choisies = Some((choix, calme));
            }
            PreferencesEvent::TelephoneDeclare { numero, empreinte, jusque, .. } => {
                self.attente = Some(Attente { numero, empreinte, jusque, erreurs: 0 });
            }
            PreferencesEvent::CodeErrone { .. } => {
                if let Some(attente) = &mut self.attente {
                    attente.erreurs = attente.erreurs.saturating_add(1);
                }
            }
            PreferencesEvent::TelephoneConfirme { numero, .. } => {
                self.attente = None;
                self.telephone = Some(numero);
            }
            PreferencesEvent::TelephoneOublie { .. } => self.telephone = None,
            PreferencesEvent::AppareilDeclare { personne, appareil } => {
                self.appareils.insert(appareil.id(personne), appareil);
            }
            PreferencesEvent::AppareilOublie { appareil, .. }
            | PreferencesEvent::AppareilPerdu { appareil, .. } => {
                self.appareils.remove(&appareil);
            }
        }
    }
}

impl Preferences {
    fn choisir(
        &self,
        personne: PersonneId,
        choix: BTreeMap<Theme, Choix>,
        calme: Calme,
        autres: &BTreeSet<Canal>,
    ) -> Result<Vec<PreferencesEvent>, RefusPreferences> {
        let telephone = self.telephone.is_some() || autres.contains(&Canal::Sms);
        let appareil = !self.appareils.is_empty() || autres.contains(&Canal::Appareil);
        if !calme.est_raisonnable() {
            return Err(RefusPreferences::CalmeExcessif);
        }
        for (theme, Choix { canaux, rythme }) in &choix {
            if theme.est_du_sans_delai() && canaux.is_empty() {
                return Err(RefusPreferences::CanalObligatoire);
            }
            if theme.est_du_sans_delai() && *rythme != Rythme::Immediat {
                return Err(RefusPreferences::RythmeImpose);
            }
            if canaux.contains(&Canal::Sms) && !telephone {
                return Err(RefusPreferences::TelephoneInconnu);
            }
            if canaux.contains(&Canal::Appareil) && !appareil {
                return Err(RefusPreferences::AppareilInconnu);
            }
        }
        match &self.choisies {
            Some((known, quiet)) if *known == choix && *quiet == calme => Ok(vec![]),
            Some(_) | None => Ok(vec![PreferencesEvent::PreferencesChoisies { personne, choix, calme }]),
        }
    }

    fn declarer(
        &self,
        personne: PersonneId,
        appareil: Appareil,
    ) -> Result<Vec<PreferencesEvent>, RefusPreferences> {
        match self.appareils.get(&appareil.id(personne)) {
            Some(known) if *known == appareil => Ok(vec![]),
            None if self.appareils.len() >= APPAREILS_MAX => Err(RefusPreferences::TropDAppareils),
            Some(_) | None => Ok(vec![PreferencesEvent::AppareilDeclare { personne, appareil }]),
        }
    }

    /// What is said of a device, if it is one of the person's.
    fn known(&self, appareil: AppareilId, event: PreferencesEvent) -> Vec<PreferencesEvent> {
        if self.appareils.contains_key(&appareil) { vec![event] } else { vec![] }
    }

    /// What is typed wrongly is a fact too, so that guessing ends; it is refused by who asks,
    /// since a refusal records nothing.
    fn confirmer(
        &self,
        personne: PersonneId,
        empreinte: &str,
        maintenant: DateTime<Utc>,
    ) -> Result<Vec<PreferencesEvent>, RefusPreferences> {
        let open = |attente: &&Attente| maintenant < attente.jusque && attente.erreurs < ESSAIS;
        let attente = self.attente.as_ref().filter(open).ok_or(RefusPreferences::CodeInvalide)?;
        Ok(vec![match attente.empreinte == empreinte {
            true => PreferencesEvent::TelephoneConfirme { personne, numero: attente.numero.clone() },
            false => PreferencesEvent::CodeErrone { personne },
        }])
    }
}

#[cfg(test)]
mod tests;
