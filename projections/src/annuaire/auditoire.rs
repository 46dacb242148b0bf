//! To whom an enseignement is given, as tables have it: of two columns one is there.

use domain::annuaire::Auditoire;
use domain::{DivisionId, GroupeId};
use sqlx::FromRow;
use uuid::Uuid;

/// The columns.
#[derive(Debug, Clone, Copy, FromRow)]
#[allow(missing_docs)]
pub struct Colonnes {
    pub division: Option<Uuid>,
    pub groupe: Option<Uuid>,
}

/// A row of nobody, or of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a row is of a division or of a groupe")]
pub struct AuditoireIllisible;

impl TryFrom<Colonnes> for Auditoire {
    type Error = AuditoireIllisible;

    fn try_from(colonnes: Colonnes) -> Result<Self, Self::Error> {
        match (colonnes.division, colonnes.groupe) {
            (Some(division), None) => Ok(Self::Division(DivisionId(division))),
            (None, Some(groupe)) => Ok(Self::Groupe(GroupeId(groupe))),
            (Some(_), Some(_)) | (None, None) => Err(AuditoireIllisible),
        }
    }
}

impl From<Auditoire> for Colonnes {
    fn from(auditoire: Auditoire) -> Self {
        Self {
            division: auditoire.division().map(|division| division.0),
            groupe: auditoire.groupe().map(|groupe| groupe.0),
        }
    }
}
