//! How the vie scolaire came by a reason that it wrote down for a family: many families bring paper, or
//! send a mail, and never open the ENT.

use crate::PersonneId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// In what form a family handed its justificatif over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum SupportDeJustificatif {
    Papier,
    Courriel,
}

/// That a reason was written down for the family, which said it outside the ENT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recueil {
    /// In what form the family handed it over.
    pub support: SupportDeJustificatif,
    /// Who wrote it down.
    pub par: PersonneId,
}
