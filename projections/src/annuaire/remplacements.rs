//! Who stands in for whom, and when.

use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::annuaire::{RemplacementEvent, Remplacements as Aggregat};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

/// The view of replacements.
pub struct Remplacements;

#[async_trait]
impl Projection for Remplacements {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["remplacement"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Aggregat::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[Forget {
            kind: Aggregat::TYPE,
            sql: "DELETE FROM remplacement WHERE enseignement = ANY ($1::text[]::uuid[])",
        }]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Remplacements(event)) = fact.event() else { return Ok(()) };
        let query = match event {
            RemplacementEvent::RemplacementConfie { enseignement, absent, remplacant, du, au } => sqlx::query(
                "INSERT INTO remplacement (enseignement, remplacant, du, au, absent) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (enseignement, remplacant, du)
                 DO UPDATE SET au = excluded.au, absent = excluded.absent",
            )
            .bind(enseignement.0)
            .bind(remplacant.0)
            .bind(du)
            .bind(au)
            .bind(absent.0),
            // One that ends on its first day covers no day.
            RemplacementEvent::RemplacementEcourte { enseignement, remplacant, du, au } => sqlx::query(
                "UPDATE remplacement SET au = $4 WHERE enseignement = $1 AND remplacant = $2 AND du = $3",
            )
            .bind(enseignement.0)
            .bind(remplacant.0)
            .bind(du)
            .bind(au),
        };
        query.execute(tx).await?;
        Ok(())
    }
}

impl Remplacements {
    /// Frozen name of the view.
    pub const NAME: &'static str = "annuaire.remplacements";
    /// Version of its tables.
    pub const VERSION: i32 = 1;
}

/// A span in which someone stands in for an absent teacher; `au` is exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[allow(missing_docs)]
pub struct Remplacement {
    pub remplacant: Uuid,
    pub absent: Uuid,
    pub du: NaiveDate,
    pub au: NaiveDate,
}

impl Remplacement {
    /// Whether it runs on a day.
    pub fn court(&self, le: NaiveDate) -> bool {
        self.du <= le && le < self.au
    }
}
