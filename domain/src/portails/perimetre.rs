//! What a personne habilitée may be let into, and which of it is the gravest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A part of what a portal holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Perimetre {
    /// Who is who.
    Annuaire,
    /// What is written for the portal, online or not.
    Publications,
    /// Rolls and absences.
    Absences,
    /// Marks.
    Notes,
    /// The cahiers de textes, with what pupils hand in; there the inspection puts its visa.
    CahierDeTextes,
}

impl Perimetre {
    /// All of them.
    pub const TOUS: &'static [Self] =
        &[Self::Annuaire, Self::Publications, Self::Absences, Self::Notes, Self::CahierDeTextes];

    /// The frozen word, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Annuaire => "annuaire",
            Self::Publications => "publications",
            Self::Absences => "absences",
            Self::Notes => "notes",
            Self::CahierDeTextes => "cahier_de_textes",
        }
    }

    /// The part that is filed under this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::TOUS.iter().copied().find(|one| one.as_str() == word)
    }

    /// Whether it holds what pupils do at school: two persons open it (RGPD, art. 32 and
    /// recital 38, on the data of children).
    pub const fn is_grave(self) -> bool {
        match self {
            Self::Absences | Self::Notes | Self::CahierDeTextes => true,
            Self::Annuaire | Self::Publications => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_found_again_by_its_frozen_word() {
        for one in Perimetre::TOUS {
            assert_eq!(Perimetre::named(one.as_str()), Some(*one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
    }
}
