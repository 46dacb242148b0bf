//! To whom an enseignement is given.

use crate::{DivisionId, EnseignementId, GroupeId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A division, or a groupe of pupils of one or of several.
///
/// In a content it is the one of two keys, `division` or `groupe`, that is there: what named a division when
/// enseignements were given to nobody else says the same still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Auditoire {
    /// All pupils of a division.
    Division(DivisionId),
    /// Those of a groupe.
    Groupe(GroupeId),
}

impl Auditoire {
    /// Its id: no division has a groupe's.
    pub fn id(self) -> Uuid {
        match self {
            Self::Division(division) => division.0,
            Self::Groupe(groupe) => groupe.0,
        }
    }

    /// The division, if it is one.
    pub fn division(self) -> Option<DivisionId> {
        match self {
            Self::Division(division) => Some(division),
            Self::Groupe(_) => None,
        }
    }

    /// The groupe, if it is one.
    pub fn groupe(self) -> Option<GroupeId> {
        match self {
            Self::Division(_) => None,
            Self::Groupe(groupe) => Some(groupe),
        }
    }
}

impl From<DivisionId> for Auditoire {
    fn from(division: DivisionId) -> Self {
        Self::Division(division)
    }
}

impl From<GroupeId> for Auditoire {
    fn from(groupe: GroupeId) -> Self {
        Self::Groupe(groupe)
    }
}

impl GroupeId {
    /// The teaching of a matière to the groupe, whoever gives it. A groupe that a source declares is of a
    /// school year, and so is what is taught to it.
    pub fn enseignement(self, matiere: &str) -> EnseignementId {
        EnseignementId::derived(&[&self.to_string(), matiere])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Fiche {
        titre: String,
        #[serde(flatten)]
        auditoire: Auditoire,
    }

    #[test]
    fn a_content_names_a_division_or_a_groupe_by_its_own_key() {
        let (division, groupe) = (DivisionId::derived(&["6A"]), GroupeId::derived(&["6LAT"]));
        let said = [
            (Auditoire::from(division), json!({ "titre": "Rosa", "division": division })),
            (Auditoire::from(groupe), json!({ "titre": "Rosa", "groupe": groupe })),
        ];
        for (auditoire, content) in said {
            let fiche = Fiche { titre: "Rosa".into(), auditoire };
            assert_eq!(serde_json::to_value(&fiche).unwrap(), content);
            assert_eq!(serde_json::from_value::<Fiche>(content).unwrap(), fiche);
        }
        assert!(serde_json::from_value::<Fiche>(json!({ "titre": "Rosa" })).is_err());
    }
}
