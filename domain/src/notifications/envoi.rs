//! One announcement to one person by one way: an *envoi*, from when it is prepared to when a
//! carrier has taken it.
//!
//! It is prepared once: its id follows from what is announced, to whom and how. A carrier that
//! will not take it now is asked again, less and less often; what it will never take, or what has
//! waited too long, is given up on the record, so that somebody can tell the family in another
//! way (code de l'éducation, art. R131-6). That a carrier has taken it does not say that it was
//! read; that it came back says that it was not, and an address that does not exist is not written
//! to again until somebody says that it works.

use super::Theme;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, EnvoiId, EvenementId, Lacune, PersonneId};
use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A way to reach somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Canal {
    /// A mail.
    Courriel,
    /// A short message to a telephone.
    Sms,
    /// A letter on paper, which somebody posts.
    Lettre,
    /// A message to the devices that one has given.
    Appareil,
}

impl Canal {
    /// Every way.
    pub const ALL: &'static [Self] = &[Self::Courriel, Self::Sms, Self::Lettre, Self::Appareil];

    /// The frozen name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Courriel => "courriel",
            Self::Sms => "sms",
            Self::Lettre => "lettre",
            Self::Appareil => "appareil",
        }
    }
}

/// Why a carrier did not take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Echec {
    /// Not now.
    RefusPassager,
    /// Never: it takes nothing from us.
    AdresseRefusee,
    /// Never: there is no such address.
    AdresseInexistante,
    /// There is no address any more.
    SansAdresse,
    /// What it would tell was erased.
    ContenuEfface,
}

impl Echec {
    /// What a status code of mail says (RFC 3463; RFC 7505, §5). Only what is said of the address itself
    /// has it exist no more: a full mailbox, a filter or a relay in trouble are of that day.
    pub fn selon(statut: &str) -> Self {
        match statut {
            "5.1.1" | "5.1.2" | "5.1.3" | "5.1.6" | "5.1.10" => Self::AdresseInexistante,
            _ if statut.starts_with('4') => Self::RefusPassager,
            _ => Self::AdresseRefusee,
        }
    }
}

/// Why nobody is told of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SansSuite {
    /// Nobody is to be told of it, as the directory has it.
    SansDestinataire,
    /// Who is has chosen no way, or has none that is open.
    SansMoyen,
}

impl SansSuite {
    /// The frozen name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SansDestinataire => "sans_destinataire",
            Self::SansMoyen => "sans_moyen",
        }
    }

    /// The envoi to nobody by which an announcement is closed: one of each.
    pub fn id(annonce: EvenementId) -> EnvoiId {
        EnvoiId::derived(&[&annonce.to_string(), "sans suite"])
    }
}

/// What is to be told, to whom, by which way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FicheEnvoi {
    /// To whom.
    pub destinataire: PersonneId,
    /// By which way.
    pub canal: Canal,
    /// The event that is announced.
    pub annonce: EvenementId,
    /// What it is about.
    pub theme: Theme,
    /// Not before this instant.
    pub pas_avant: DateTime<Utc>,
}

impl FicheEnvoi {
    /// One thing is told to one person by one way once.
    pub fn id(&self) -> EnvoiId {
        let Self { destinataire, canal, annonce, .. } = self;
        EnvoiId::derived(&[&annonce.to_string(), &destinataire.to_string(), canal.as_str()])
    }
}

/// What may be asked of an envoi.
#[derive(Debug, Clone)]
pub enum EnvoiCommand {
    /// Prepares it.
    PreparerEnvoi {
        /// What it is.
        fiche: FicheEnvoi,
    },
    /// States that a carrier has taken it; of a letter, that it was posted.
    RemettreEnvoi {
        /// The message in which it was, by the name that its recipient sees (RFC 5322, §3.6.4).
        message: String,
    },
    /// States that a carrier has not.
    EchouerEnvoi {
        /// Why.
        echec: Echec,
        /// The address that does not exist, where that is why.
        adresse: Option<String>,
        /// Until when the carrier asks to be left alone, where it does.
        pas_avant: Option<DateTime<Utc>>,
        /// Now.
        maintenant: DateTime<Utc>,
    },
    /// States that what a carrier had taken came back.
    ConstaterNonRemise {
        /// Why, as a status code of mail (RFC 3463).
        statut: String,
        /// The address that it was for, where it is still the recipient's.
        adresse: Option<String>,
    },
    /// States that the address which was found not to exist works.
    RetablirAdresse,
    /// Closes an announcement that nobody is told of.
    Renoncer {
        /// The event that is announced.
        annonce: EvenementId,
        /// Why.
        motif: SansSuite,
    },
}

events! {
    /// What happens to an envoi.
    pub enum EnvoiEvent {
        /// It waits to leave.
        EnvoiPrepare = "notifications.envoi.prepare" v 1 Scolarite of destinataire {
            destinataire: PersonneId, canal: Canal, annonce: EvenementId, theme: Theme, pas_avant: DateTime<Utc>,
        },
        /// A carrier has taken it.
        EnvoiRemis = "notifications.envoi.remis" v 1 Scolarite { message: String },
        /// A carrier has not; it is asked again.
        EnvoiDiffere = "notifications.envoi.differe" v 1 Scolarite {
            essai: u8, echec: Echec, pas_avant: DateTime<Utc>,
        },
        /// Nobody is asked any more.
        EnvoiAbandonne = "notifications.envoi.abandonne" v 1 Scolarite { essai: u8, echec: Echec },
        /// It came back.
        EnvoiNonRemis = "notifications.envoi.non_remis" v 1 Scolarite { echec: Echec, statut: String },
        /// The address to which it went does not exist.
        AdresseEnDefaut = "notifications.envoi.adresse_en_defaut" v 1 Scolarite of destinataire {
            destinataire: PersonneId, adresse: String,
        },
        /// Nobody is told of it.
        EnvoiSansSuite = "notifications.envoi.sans_suite" v 1 Scolarite {
            annonce: EvenementId, motif: SansSuite,
        },
        /// That address works: somebody who knows says so.
        AdresseRetablie = "notifications.envoi.adresse_retablie" v 1 Scolarite of destinataire {
            destinataire: PersonneId, adresse: String,
        },
    }
}

refusals! {
    /// Why an envoi refuses.
    pub enum RefusEnvoi {
        EnvoiInexistant = "ENVOI_INEXISTANT" at "envoiId":
            "Cet envoi n'existe pas : choisissez-le dans la liste de ce qui est à envoyer.",
        EnvoiClos = "ENVOI_CLOS" at "envoiId":
            "Cet envoi est déjà parti, ou abandonné : il n'y a plus rien à en dire.",
        EnvoiNonParti = "ENVOI_NON_PARTI" at "envoiId":
            "Cet envoi n'est pas parti : il n'a pas pu revenir.",
        AdresseEnUsage = "ADRESSE_EN_USAGE" at "envoiId":
            "Cet envoi n'a fait abandonner aucune adresse, ou elle est déjà rétablie : il n'y a rien à rétablir.",
    }
}

/// How long after each failed try the next one comes, in minutes: some 22 hours in all, after
/// which news of a school day is no news.
const REPRISES: [i64; 7] = [1, 5, 15, 60, 180, 360, 720];
/// The longest that a carrier is left alone because it asks for it.
const ATTENTE_MAX: TimeDelta = TimeDelta::hours(12);

/// State of an envoi.
#[derive(Debug, Clone, Default)]
pub struct Envoi {
    prepare: bool,
    /// It is to nobody.
    sans_suite: bool,
    /// Nothing once it was erased.
    destinataire: Option<PersonneId>,
    clos: bool,
    remis: bool,
    revenu: bool,
    /// The address that it found not to exist, and whose it is.
    defaut: Option<(PersonneId, String)>,
    essais: u8,
    /// It does not leave earlier.
    pas_avant: Option<DateTime<Utc>>,
}

impl Aggregate for Envoi {
    const TYPE: &'static str = "notifications.envoi";
    /// Who it was for is erased: whether it left is still known.
    const LACUNE: Lacune = Lacune::Continue;
    type Command = EnvoiCommand;
    type Event = EnvoiEvent;
    type Refus = RefusEnvoi;

    fn decide(&self, command: EnvoiCommand) -> Result<Vec<EnvoiEvent>, RefusEnvoi> {
        match command {
            EnvoiCommand::PreparerEnvoi { fiche } => Ok(self.preparer(fiche)),
            EnvoiCommand::RemettreEnvoi { message } => {
                self.en_attente()?;
                Ok(vec![EnvoiEvent::EnvoiRemis { message }])
            }
            EnvoiCommand::EchouerEnvoi { echec, adresse, pas_avant, maintenant } => {
                let tried = self.echouer(echec, pas_avant, maintenant)?;
                Ok(std::iter::once(tried).chain(self.en_defaut(echec, adresse)).collect())
            }
            EnvoiCommand::ConstaterNonRemise { statut, adresse } => self.revenir(statut, adresse),
            EnvoiCommand::RetablirAdresse => self.retablir(),
            EnvoiCommand::Renoncer { .. } if self.sans_suite || self.prepare => Ok(vec![]),
            EnvoiCommand::Renoncer { annonce, motif } => {
                Ok(vec![EnvoiEvent::EnvoiSansSuite { annonce, motif }])
            }
        }
    }

    fn apply(&mut self, event: EnvoiEvent) {
        match event {
            EnvoiEvent::EnvoiPrepare { destinataire, pas_avant, .. } => {
                (self.prepare, self.destinataire) = (true, Some(destinataire));
                self.pas_avant = Some(pas_avant);
            }
            EnvoiEvent::EnvoiDiffere { essai, pas_avant, .. } => {
                (self.essais, self.pas_avant) = (essai, Some(pas_avant));
            }
            EnvoiEvent::EnvoiRemis { .. } => (self.clos, self.remis) = (true, true),
            EnvoiEvent::EnvoiAbandonne { .. } => self.clos = true,
            EnvoiEvent::EnvoiNonRemis { .. } => self.revenu = true,
            EnvoiEvent::AdresseEnDefaut { destinataire, adresse } => {
                self.defaut = Some((destinataire, adresse));
            }
            EnvoiEvent::AdresseRetablie { .. } => self.defaut = None,
            EnvoiEvent::EnvoiSansSuite { .. } => self.sans_suite = true,
        }
    }
}

impl Envoi {
    /// Whether it still waits for a carrier, and may be handed over now.
    pub fn attend(&self, maintenant: DateTime<Utc>) -> bool {
        self.prepare && !self.clos && self.pas_avant.is_none_or(|pas_avant| pas_avant <= maintenant)
    }

    fn preparer(&self, fiche: FicheEnvoi) -> Vec<EnvoiEvent> {
        if self.prepare {
            return vec![];
        }
        let FicheEnvoi { destinataire, canal, annonce, theme, pas_avant } = fiche;
        vec![EnvoiEvent::EnvoiPrepare { destinataire, canal, annonce, theme, pas_avant }]
    }

    fn echouer(
        &self,
        echec: Echec,
        demande: Option<DateTime<Utc>>,
        maintenant: DateTime<Utc>,
    ) -> Result<EnvoiEvent, RefusEnvoi> {
        self.en_attente()?;
        let essai = self.essais.saturating_add(1);
        let reprise = match echec {
            Echec::RefusPassager => REPRISES.get(usize::from(self.essais)),
            Echec::AdresseRefusee | Echec::AdresseInexistante | Echec::SansAdresse | Echec::ContenuEfface => {
                None
            }
        };
        Ok(match reprise {
            Some(minutes) => {
                let usual = maintenant + TimeDelta::minutes(*minutes);
                let asked = demande.map_or(usual, |demande| demande.min(maintenant + ATTENTE_MAX));
                EnvoiEvent::EnvoiDiffere { essai, echec, pas_avant: usual.max(asked) }
            }
            None => EnvoiEvent::EnvoiAbandonne { essai, echec },
        })
    }

    /// The same report may be read twice.
    fn revenir(&self, statut: String, adresse: Option<String>) -> Result<Vec<EnvoiEvent>, RefusEnvoi> {
        match (self.prepare, self.remis, self.revenu) {
            (_, _, true) => Ok(vec![]),
            (_, true, false) => {
                let echec = Echec::selon(&statut);
                let back = EnvoiEvent::EnvoiNonRemis { echec, statut };
                Ok(std::iter::once(back).chain(self.en_defaut(echec, adresse)).collect())
            }
            (true, false, false) => Err(RefusEnvoi::EnvoiNonParti),
            (false, false, false) => Err(RefusEnvoi::EnvoiInexistant),
        }
    }

    fn en_defaut(&self, echec: Echec, adresse: Option<String>) -> Option<EnvoiEvent> {
        let (destinataire, adresse) = self.destinataire.zip(adresse)?;
        let gone = echec == Echec::AdresseInexistante;
        gone.then_some(EnvoiEvent::AdresseEnDefaut { destinataire, adresse })
    }

    fn retablir(&self) -> Result<Vec<EnvoiEvent>, RefusEnvoi> {
        match (self.prepare, self.defaut.clone()) {
            (_, Some((destinataire, adresse))) => {
                Ok(vec![EnvoiEvent::AdresseRetablie { destinataire, adresse }])
            }
            (true, None) => Err(RefusEnvoi::AdresseEnUsage),
            (false, None) => Err(RefusEnvoi::EnvoiInexistant),
        }
    }

    fn en_attente(&self) -> Result<(), RefusEnvoi> {
        match (self.prepare, self.clos) {
            (false, _) => Err(RefusEnvoi::EnvoiInexistant),
            (true, true) => Err(RefusEnvoi::EnvoiClos),
            (true, false) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
