//! What befalls a pupil in a séance, besides being there or not.

use chrono::NaiveTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What befalls a pupil in a séance, besides being there or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "nature")]
pub enum Incident {
    /// Left before the end: from then on the pupil is absent.
    DepartAnticipe {
        /// When, local time, within the séance.
        heure: NaiveTime,
    },
    /// Went to the infirmerie. Why is nobody's business here.
    Infirmerie {
        /// When, local time, within the séance.
        heure: NaiveTime,
    },
    /// Came without the carnet de correspondance.
    OubliDeCarnet,
}

/// The kinds of [`Incident`]; a pupil has one of each in a roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum NatureDIncident {
    DepartAnticipe,
    Infirmerie,
    OubliDeCarnet,
}

impl NatureDIncident {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DepartAnticipe => "depart_anticipe",
            Self::Infirmerie => "infirmerie",
            Self::OubliDeCarnet => "oubli_de_carnet",
        }
    }
}

impl Incident {
    /// Of which kind.
    pub const fn nature(self) -> NatureDIncident {
        match self {
            Self::DepartAnticipe { .. } => NatureDIncident::DepartAnticipe,
            Self::Infirmerie { .. } => NatureDIncident::Infirmerie,
            Self::OubliDeCarnet => NatureDIncident::OubliDeCarnet,
        }
    }

    /// When, where that matters.
    pub const fn heure(self) -> Option<NaiveTime> {
        match self {
            Self::DepartAnticipe { heure } | Self::Infirmerie { heure } => Some(heure),
            Self::OubliDeCarnet => None,
        }
    }
}
