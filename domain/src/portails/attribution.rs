//! What a delegation of the administration entrusts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A part of the administration. To advise and to warn is not one: whoever administers owes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Attribution {
    /// Moderates contents.
    Moderation,
    /// Asks for destructions, and places holds.
    Conservation,
    /// Opens and closes bricks, and gives the portal its look.
    Catalogue,
}

impl Attribution {
    /// All of them.
    pub const TOUTES: &'static [Self] = &[Self::Moderation, Self::Conservation, Self::Catalogue];

    /// The frozen word, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Moderation => "moderation",
            Self::Conservation => "conservation",
            Self::Catalogue => "catalogue",
        }
    }

    /// The part that is filed under this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::TOUTES.iter().copied().find(|one| one.as_str() == word)
    }
}

/// Delegations of the first version entrusted everything.
pub(super) fn everything(mut data: Value) -> Option<Value> {
    data.as_object_mut()?.insert("attributions".to_owned(), json!(Attribution::TOUTES));
    Some(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DomainEvent;
    use crate::portails::PortailEvent;

    #[test]
    fn every_part_is_found_again_by_its_frozen_word() {
        for one in Attribution::TOUTES {
            assert_eq!(Attribution::named(one.as_str()), Some(*one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
    }

    #[test]
    fn a_delegation_as_it_was_stored_first_entrusts_everything() {
        let id = "0b1f7a52-6f4e-5d0e-9b0e-6d2f21f3ae01";
        let name = "portails.portail.delegation_accordee";
        let stored = json!({ "type": name, "data": {
            "delegation": id, "compte": id, "administrateur": id, "par": id, "du": "2026-09-01", "au": null } });
        let read = PortailEvent::decode(name, 1, stored).unwrap();
        let PortailEvent::DelegationAccordee { attributions, .. } = read else {
            panic!("{read:?}");
        };
        assert!(attributions.iter().eq(Attribution::TOUTES));
    }
}
