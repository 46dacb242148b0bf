//! Pupils who have left an établissement.

use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::annuaire::{Inscription, InscriptionEvent};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of who was struck off where. The queries of the directory pass over what it holds.
pub struct Inscriptions;

#[async_trait]
impl Projection for Inscriptions {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["radiation"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Inscription::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[Forget {
            kind: Inscription::TYPE,
            sql: "DELETE FROM radiation WHERE eleve = ANY ($1::text[]::uuid[])",
        }]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Inscription(event)) = fact.event() else { return Ok(()) };
        match event {
            InscriptionEvent::EleveRadie { eleve, etablissement, le, destination, .. } => {
                sqlx::query(
                    "INSERT INTO radiation (eleve, etablissement, le, destination) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (eleve, etablissement)
                     DO UPDATE SET le = excluded.le, destination = excluded.destination",
                )
                .bind(eleve.0)
                .bind(etablissement.0)
                .bind(le)
                .bind(destination.map(|destination| destination.0))
                .execute(tx)
                .await?;
            }
            InscriptionEvent::EleveAccueilli { eleve, etablissement, .. } => {
                sqlx::query("DELETE FROM radiation WHERE eleve = $1 AND etablissement = $2")
                    .bind(eleve.0)
                    .bind(etablissement.0)
                    .execute(&mut *tx)
                    .await?;
                sqlx::query("UPDATE radiation SET destination = NULL WHERE eleve = $1 AND destination = $2")
                    .bind(eleve.0)
                    .bind(etablissement.0)
                    .execute(tx)
                    .await?;
            }
        }
        Ok(())
    }
}

impl Inscriptions {
    /// The établissements that have struck a pupil off.
    pub async fn quittes(db: impl PgExecutor<'_>, eleve: Uuid) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar("SELECT etablissement FROM radiation WHERE eleve = $1 ORDER BY 1")
            .bind(eleve)
            .fetch_all(db)
            .await
    }

    /// Since when a pupil who has these fiches is struck off somewhere for an établissement, if he or
    /// she is.
    pub async fn exeat(
        db: impl PgExecutor<'_>,
        fiches: &[Uuid],
        destination: Uuid,
    ) -> sqlx::Result<Option<NaiveDate>> {
        sqlx::query_scalar("SELECT max(le) FROM radiation WHERE eleve = ANY ($1) AND destination = $2")
            .bind(fiches)
            .bind(destination)
            .fetch_one(db)
            .await
    }

    /// Frozen name of the view.
    pub const NAME: &'static str = "annuaire.inscriptions";
    /// Version of its tables.
    pub const VERSION: i32 = 1;
}
