//! Who answers for a pupil, and with which rights: code civil, art. 371-1, 372 and 373-2 (both
//! parents, living together or not); code de l'éducation, art. L131-4 (who has charge of the
//! child).

use crate::PersonneId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an adult answers for a pupil.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NiveauResponsabilite {
    /// First legal representative.
    Legale1,
    /// Second legal representative.
    Legale2,
    /// Has charge of the pupil without representing him or her.
    Charge,
    /// To be called, nothing more.
    Contact,
    /// None.
    Aucune,
}

impl NiveauResponsabilite {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Legale1, Self::Legale2, Self::Charge, Self::Contact, Self::Aucune];

    /// The level of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|niveau| niveau.as_str() == name)
    }

    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Legale1 => "legale1",
            Self::Legale2 => "legale2",
            Self::Charge => "charge",
            Self::Contact => "contact",
            Self::Aucune => "aucune",
        }
    }

    /// Whether the pupil's legal representative.
    pub const fn is_legale(self) -> bool {
        matches!(self, Self::Legale1 | Self::Legale2)
    }
}

/// One adult who answers for a pupil.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Responsabilite {
    /// Who.
    pub responsable: PersonneId,
    /// The tie, as the source codes it.
    pub lien: String,
    /// At what level.
    pub niveau: NiveauResponsabilite,
    /// Whether he or she has the right to be informed.
    pub destinataire: bool,
}
