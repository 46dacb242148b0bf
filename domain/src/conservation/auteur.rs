//! Who acts on what is kept: the compte, and the human being behind it.

use crate::{CompteId, PersonneId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module. An operator's compte names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Auteur {
    /// The compte that signed in.
    pub compte: CompteId,
    /// Its holder, where the directory knows one.
    pub personne: Option<PersonneId>,
}

impl Auteur {
    /// Whether the two may be one human being: one compte, or two of the same holder.
    pub fn is(self, other: Self) -> bool {
        self.compte == other.compte || (self.personne.is_some() && self.personne == other.personne)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auteur(compte: &str, personne: Option<&str>) -> Auteur {
        let personne = personne.map(|name| PersonneId::derived(&[name]));
        Auteur { compte: CompteId::derived(&[compte]), personne }
    }

    #[test]
    fn one_holder_of_two_comptes_is_one_person() {
        assert!(auteur("a", Some("Zoé")).is(auteur("b", Some("Zoé"))));
        assert!(auteur("a", None).is(auteur("a", Some("Zoé"))));
        assert!(!auteur("a", None).is(auteur("b", None)));
        assert!(!auteur("a", Some("Zoé")).is(auteur("b", Some("Ali"))));
    }
}
