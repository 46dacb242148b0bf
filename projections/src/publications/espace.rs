//! How each space of a portal is moderated, and was at any past instant.

use super::word;
use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::publications::EspaceEvent;
use domain::{Aggregate, Event, publications};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of spaces.
pub struct Espaces;

#[async_trait]
impl Projection for Espaces {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["mode_de_moderation"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[publications::Espaces::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[Forget {
            kind: publications::Espaces::TYPE,
            sql: "DELETE FROM mode_de_moderation WHERE portail = ANY ($1)",
        }]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Espaces(event)) = fact.event() else { return Ok(()) };
        let EspaceEvent::ModeDeModerationFixe { espace, mode, fondement, motif, par, le } = event;
        let sequence = i64::try_from(fact.envelope.sequence)
            .map_err(|_| ProjectionError::Unfit("the sequence is out of range".to_owned()))?;
        sqlx::query(
            "INSERT INTO mode_de_moderation (portail, sequence, espace, mode, fondement, motif, par, depuis)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(fact.envelope.stream.id.as_str())
        .bind(sequence)
        .bind(word(espace)?)
        .bind(word(mode)?)
        .bind(fondement)
        .bind(motif)
        .bind(par.0)
        .bind(*le)
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// A mode that was fixed for a space; `espace` and `mode` are the words of the record.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct ModeFixe {
    pub portail: String,
    pub sequence: i64,
    pub espace: String,
    pub mode: String,
    pub fondement: String,
    pub motif: String,
    pub par: Uuid,
    pub depuis: DateTime<Utc>,
}

impl Espaces {
    /// Frozen name of the view.
    pub const NAME: &'static str = "publications.espaces";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The mode in force at an instant in each space of a portal for which one was fixed by then.
    pub async fn modes_at(
        db: impl PgExecutor<'_>,
        portail: &str,
        le: DateTime<Utc>,
    ) -> sqlx::Result<Vec<ModeFixe>> {
        sqlx::query_as(
            "SELECT DISTINCT ON (espace) * FROM mode_de_moderation WHERE portail = $1 AND depuis <= $2
             ORDER BY espace, sequence DESC",
        )
        .bind(portail)
        .bind(le)
        .fetch_all(db)
        .await
    }
}
