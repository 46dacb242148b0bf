//! The six sanctions, and what the law wants of each (code de l'éducation, art. R511-13 and
//! R511-14).

use super::TEXTE_MAX;
use crate::{Retention, texte};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest mesure de responsabilisation, in hours (art. R511-13, II).
const HEURES_MAX: u16 = 20;
/// Longest exclusion temporaire, in days (art. R511-13, I, 4° and 5°).
const JOURS_MAX: u16 = 8;
/// Members of a conseil de discipline (art. R511-20); it sits with more than half of them.
const MEMBRES: u16 = 14;

/// A sanction of the scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NatureSanction {
    /// 1°.
    Avertissement,
    /// 2°.
    Blame,
    /// 3°: up to 20 hours outside lessons, to which the pupil has committed in writing.
    Responsabilisation {
        /// How long.
        heures: u16,
        /// The engagement is signed.
        engagement_signe: bool,
    },
    /// 4°: the pupil is received in the school meanwhile.
    ExclusionDeLaClasse {
        /// How long.
        jours: u16,
    },
    /// 5°, from the school.
    ExclusionDeLEtablissement {
        /// How long.
        jours: u16,
    },
    /// 5°, from the canteen or the boarding house.
    ExclusionDAnnexe {
        /// How long.
        jours: u16,
    },
    /// 6°: only a conseil de discipline pronounces it.
    ExclusionDefinitive,
}

/// The rank of a sanction in the scale: the classes of retention, and what a sursis is revoked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Degre {
    /// Avertissement.
    Avertissement,
    /// Blâme.
    Blame,
    /// Mesure de responsabilisation.
    Responsabilisation,
    /// Exclusion temporaire.
    ExclusionTemporaire,
    /// Exclusion définitive.
    ExclusionDefinitive,
}

impl Degre {
    /// How long, and under which key, the decision is kept.
    pub const fn classe(self) -> Retention {
        match self {
            Self::Avertissement => Retention::SanctionAvertissement,
            Self::Blame | Self::Responsabilisation => Retention::SanctionBlame,
            Self::ExclusionTemporaire => Retention::SanctionExclusion,
            Self::ExclusionDefinitive => Retention::SanctionExclusionDefinitive,
        }
    }
}

/// How a conseil de discipline sat and voted, by secret ballot (art. R511-20 and D511-41).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conseil {
    /// Of its 14 members, those who were there.
    pub presents: u16,
    /// For the sanction.
    pub pour: u16,
    /// Against it.
    pub contre: u16,
    /// Blank or void.
    pub blancs: u16,
}

impl Conseil {
    /// Whether it sat validly and voted for the sanction: more than half of its members, each with
    /// one vote, and more for than against.
    pub fn a_prononce(self) -> bool {
        let cast = u32::from(self.pour) + u32::from(self.contre) + u32::from(self.blancs);
        (MEMBRES / 2 + 1..=MEMBRES).contains(&self.presents)
            && cast <= u32::from(self.presents)
            && self.pour > self.contre
    }
}

/// What is decided of a pupil.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionDeSanction {
    /// Which sanction.
    pub nature: NatureSanction,
    /// The facts and the reasons; the decision stands by itself when the procedure is erased.
    pub motifs: String,
    /// The sitting, where a conseil de discipline decided.
    pub conseil: Option<Conseil>,
    /// Last day on which the sursis can be revoked, where there is one.
    pub sursis: Option<NaiveDate>,
}

impl NatureSanction {
    /// Its rank.
    pub const fn degre(&self) -> Degre {
        match self {
            Self::Avertissement => Degre::Avertissement,
            Self::Blame => Degre::Blame,
            Self::Responsabilisation { .. } => Degre::Responsabilisation,
            Self::ExclusionDeLaClasse { .. }
            | Self::ExclusionDeLEtablissement { .. }
            | Self::ExclusionDAnnexe { .. } => Degre::ExclusionTemporaire,
            Self::ExclusionDefinitive => Degre::ExclusionDefinitive,
        }
    }

    /// Whether its length is one that the law allows.
    pub(super) fn duree_permise(&self) -> bool {
        match *self {
            Self::Avertissement | Self::Blame | Self::ExclusionDefinitive => true,
            Self::Responsabilisation { heures, .. } => (1..=HEURES_MAX).contains(&heures),
            Self::ExclusionDeLaClasse { jours }
            | Self::ExclusionDeLEtablissement { jours }
            | Self::ExclusionDAnnexe { jours } => (1..=JOURS_MAX).contains(&jours),
        }
    }

    /// Whether it may be pronounced with sursis (art. R511-13, I: 3° to 6°).
    pub(super) fn admet_sursis(&self) -> bool {
        self.degre() >= Degre::Responsabilisation
    }
}

impl DecisionDeSanction {
    /// The same with its reasons as they are kept; nothing where there are none.
    pub(super) fn motivee(self) -> Option<Self> {
        let motifs = texte::paragraphs(&self.motifs, TEXTE_MAX)?;
        Some(Self { motifs, ..self })
    }
}
