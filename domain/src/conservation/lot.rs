//! What is destroyed together: everything of one class that was written about one subject
//! in one period, since it is sealed under one key.

use super::Periode;
use crate::{CleId, PersonneId, PortailId, Retention};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Whom contents are about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sujet {
    /// A person.
    Personne(PersonneId),
    /// Nobody in particular: they are the portal's.
    Portail(PortailId),
}

impl fmt::Display for Sujet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Personne(id) => write!(f, "personne:{id}"),
            Self::Portail(id) => write!(f, "portail:{id}"),
        }
    }
}

/// Not the written form of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("un sujet s'écrit « personne:identifiant » ou « portail:nom »")]
pub struct SujetInvalide;

impl FromStr for Sujet {
    type Err = SujetInvalide;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("personne", id)) => id.parse().map(Self::Personne).map_err(|_| SujetInvalide),
            Some(("portail", label)) => label.parse().map(Self::Portail).map_err(|_| SujetInvalide),
            _ => Err(SujetInvalide),
        }
    }
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lot {
    /// The key.
    pub cle: CleId,
    /// Whom it is about.
    pub sujet: Sujet,
    /// Of which class.
    pub classe: Retention,
    /// Written when.
    pub periode: Periode,
    /// Version of the rule that was applied.
    pub regle: u32,
    /// The day from which it may be destroyed; none where the rule names none.
    pub echeance: Option<NaiveDate>,
    /// How many events lose their content.
    pub evenements: u64,
}

/// A lot, and what stands in the way of its destruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotExamine {
    /// What.
    pub lot: Lot,
    /// Under a legal hold.
    pub gele: bool,
    /// Also of use to other portals than the one that asks.
    pub partage: bool,
}
