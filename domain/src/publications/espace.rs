//! The spaces of a portal, and how what is proposed in each is moderated: before it is public, or
//! after.
//!
//! What was fixed before it is communicated to the public, the directeur de la publication answers
//! for as its principal author (loi n° 82-652 of 29 July 1982, art. 93-3, al. 1). What users put
//! online themselves, in a space that is known to be theirs, he or she answers for only with
//! knowledge of it, or without prompt withdrawal upon that knowledge (art. 93-3, al. 5; LCEN,
//! art. 6). So which mode was in force when something went online says who answers for what: it is
//! an act of the directeur's, with its reason, and each putting online names the mode it was under.
//!
//! A space is moderated a priori until the directeur has said otherwise. A change of mode changes
//! nothing of what is online already.

use super::Audience;
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, Lacune, PersonneId, texte};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// When what is shown is read by who answers for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModeDeModeration {
    /// Before: nothing is public that the directeur has not put online.
    #[default]
    APriori,
    /// After: who writes puts online, and what is reported is judged.
    APosteriori,
}

const A_PRIORI: &str = "loi n° 82-652 du 29 juillet 1982, art. 93-3, al. 1 : le directeur de la \
    publication répond, comme auteur principal, de ce qui a été fixé avant d'être communiqué au public";
const A_POSTERIORI: &str = "loi n° 82-652 du 29 juillet 1982, art. 93-3, al. 5, et loi n° 2004-575 du \
    21 juin 2004 (LCEN), art. 6 : dans un espace de contributions personnelles identifié comme tel, le \
    directeur de la publication ne répond que de ce dont il avait connaissance avant la mise en ligne, ou \
    qu'il n'a pas retiré promptement après l'avoir su";

impl ModeDeModeration {
    /// Both.
    pub const TOUS: &'static [Self] = &[Self::APriori, Self::APosteriori];

    /// The frozen word, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::APriori => "a_priori",
            Self::APosteriori => "a_posteriori",
        }
    }

    /// The mode that is filed under this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::TOUS.iter().copied().find(|one| one.as_str() == word)
    }

    /// What the law makes of it, as it stands when a mode is fixed.
    pub const fn fondement(self) -> &'static str {
        match self {
            Self::APriori => A_PRIORI,
            Self::APosteriori => A_POSTERIORI,
        }
    }
}

/// Until the mode was a setting, nobody but the directeur put anything online.
pub(super) fn lue_par_le_directeur(mut data: Value) -> Option<Value> {
    let fields = data.as_object_mut()?;
    fields.insert("mode".to_owned(), json!(ModeDeModeration::APriori));
    fields.insert("par".to_owned(), Value::Null);
    Some(data)
}

/// What may be asked of the spaces of a portal.
#[derive(Debug, Clone)]
pub enum EspaceCommand {
    /// Fixes how a space is moderated, from now on.
    FixerModeDeModeration {
        /// Which space: that of an audience.
        espace: Audience,
        /// How.
        mode: ModeDeModeration,
        /// Why.
        motif: String,
        /// Who.
        par: PersonneId,
        /// Now.
        le: DateTime<Utc>,
    },
    /// Asks whether something may go online under a mode; decides nothing.
    AdmettreParution {
        /// In which space.
        espace: Audience,
        /// The mode that was read.
        mode: ModeDeModeration,
    },
}

events! {
    /// What happens to the spaces of a portal.
    pub enum EspaceEvent {
        /// The space is moderated so, from that instant on.
        ModeDeModerationFixe = "publications.espace.mode_fixe" v 1 Office {
            espace: Audience, mode: ModeDeModeration,
            /// The law behind it, as it stood then.
            fondement: String,
            motif: String, par: PersonneId, le: DateTime<Utc>,
        },
    }
}

refusals! {
    /// Why the spaces of a portal refuse.
    pub enum RefusEspace {
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Un mode de modération doit dire son motif, en 500 caractères au plus.",
        ModeDeModerationChange = "MODE_DE_MODERATION_CHANGE" at "audience":
            "Le mode de modération de cet espace vient de changer : relisez-le, puis recommencez.",
    }
}

/// State of the spaces of a portal.
#[derive(Debug, Clone, Default)]
pub struct Espaces {
    modes: BTreeMap<Audience, ModeDeModeration>,
}

impl Aggregate for Espaces {
    const TYPE: &'static str = "publications.espace";
    /// Each mode takes the place of the one before; without any it is the stricter one.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = EspaceCommand;
    type Event = EspaceEvent;
    type Refus = RefusEspace;

    fn decide(&self, command: EspaceCommand) -> Result<Vec<EspaceEvent>, RefusEspace> {
        match command {
            EspaceCommand::FixerModeDeModeration { espace, mode, motif, par, le } => {
                let motif = texte::motif(&motif).ok_or(RefusEspace::MotifManquant)?;
                if self.modes.get(&espace) == Some(&mode) {
                    return Ok(vec![]);
                }
                let fondement = mode.fondement().to_owned();
                Ok(vec![EspaceEvent::ModeDeModerationFixe { espace, mode, fondement, motif, par, le }])
            }
            EspaceCommand::AdmettreParution { espace, mode } if self.mode(espace) == mode => Ok(vec![]),
            EspaceCommand::AdmettreParution { .. } => Err(RefusEspace::ModeDeModerationChange),
        }
    }

    fn apply(&mut self, event: EspaceEvent) {
        let EspaceEvent::ModeDeModerationFixe { espace, mode, .. } = event;
        self.modes.insert(espace, mode);
    }
}

impl Espaces {
    /// How a space is moderated.
    pub fn mode(&self, espace: Audience) -> ModeDeModeration {
        self.modes.get(&espace).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn ana() -> PersonneId {
        PersonneId::derived(&["ana"])
    }

    fn fixer(mode: ModeDeModeration, motif: &str) -> EspaceCommand {
        EspaceCommand::FixerModeDeModeration {
            espace: Audience::Portail,
            mode,
            motif: motif.into(),
            par: ana(),
            le: at("2026-11-23T08:00:00Z"),
        }
    }

    fn fixe(mode: ModeDeModeration) -> EspaceEvent {
        EspaceEvent::ModeDeModerationFixe {
            espace: Audience::Portail,
            mode,
            fondement: mode.fondement().into(),
            motif: "essai d'un trimestre".into(),
            par: ana(),
            le: at("2026-11-23T08:00:00Z"),
        }
    }

    fn admettre(espace: Audience, mode: ModeDeModeration) -> EspaceCommand {
        EspaceCommand::AdmettreParution { espace, mode }
    }

    use ModeDeModeration::{APosteriori, APriori};

    #[test]
    fn a_mode_is_fixed_with_its_reason_and_its_law_and_once() {
        given::<Espaces>([]).when(fixer(APosteriori, "essai d'un trimestre")).then([fixe(APosteriori)]);
        given::<Espaces>([fixe(APosteriori)]).when(fixer(APosteriori, "encore")).then([]);
        given::<Espaces>([fixe(APosteriori)])
            .when(fixer(APriori, "essai d'un trimestre"))
            .then([fixe(APriori)]);
        given::<Espaces>([]).when(fixer(APosteriori, " ")).then_refused(RefusEspace::MotifManquant);
    }

    #[test]
    fn who_says_that_it_is_a_priori_is_on_the_record_though_it_was_so() {
        given::<Espaces>([]).when(fixer(APriori, "essai d'un trimestre")).then([fixe(APriori)]);
    }

    #[test]
    fn a_space_is_moderated_a_priori_until_something_else_is_said_of_it() {
        given::<Espaces>([]).when(admettre(Audience::Public, APriori)).then([]);
        given::<Espaces>([])
            .when(admettre(Audience::Public, APosteriori))
            .then_refused(RefusEspace::ModeDeModerationChange);
        given::<Espaces>([fixe(APosteriori)]).when(admettre(Audience::Portail, APosteriori)).then([]);
        given::<Espaces>([fixe(APosteriori)]).when(admettre(Audience::Public, APriori)).then([]);
    }

    #[test]
    fn nothing_goes_online_under_a_mode_that_is_no_longer_in_force() {
        given::<Espaces>([fixe(APosteriori), fixe(APriori)])
            .when(admettre(Audience::Portail, APosteriori))
            .then_refused(RefusEspace::ModeDeModerationChange);
    }

    #[test]
    fn the_words_of_the_record_are_frozen() {
        for one in ModeDeModeration::TOUS {
            assert_eq!(ModeDeModeration::named(one.as_str()), Some(*one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
        for one in Audience::TOUTES {
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
    }
}
