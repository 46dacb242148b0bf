//! Which hash of an address opens whose agenda.

use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::cahier_de_textes::{Abonnement, AbonnementEvent};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of subscriptions.
pub struct Abonnements;

#[async_trait]
impl Projection for Abonnements {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["abonnement"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Abonnement::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[Forget {
            kind: Abonnement::TYPE,
            sql: "DELETE FROM abonnement WHERE personne = ANY ($1::text[]::uuid[])",
        }]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Abonnement(event)) = fact.event() else { return Ok(()) };
        let query = match event {
            AbonnementEvent::AbonnementOuvert { personne, empreinte } => sqlx::query(
                "INSERT INTO abonnement (personne, empreinte, ouvert_le) VALUES ($1, $2, $3)
                 ON CONFLICT (personne)
                 DO UPDATE SET empreinte = excluded.empreinte, ouvert_le = excluded.ouvert_le",
            )
            .bind(personne.0)
            .bind(empreinte)
            .bind(fact.envelope.recorded_at),
            AbonnementEvent::AbonnementRevoque { personne, empreinte } => {
                sqlx::query("DELETE FROM abonnement WHERE personne = $1 AND empreinte = $2")
                    .bind(personne.0)
                    .bind(empreinte)
            }
        };
        query.execute(tx).await?;
        Ok(())
    }
}

impl Abonnements {
    /// Frozen name of the view.
    pub const NAME: &'static str = "cahier_de_textes.abonnements";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// Whose agenda the address opens that has this hash, while it is open.
    pub async fn personne(db: impl PgExecutor<'_>, empreinte: &str) -> sqlx::Result<Option<Uuid>> {
        sqlx::query_scalar("SELECT personne FROM abonnement WHERE empreinte = $1")
            .bind(empreinte)
            .fetch_optional(db)
            .await
    }

    /// Since when a person's address is open, if one is.
    pub async fn ouvert_le(db: impl PgExecutor<'_>, personne: Uuid) -> sqlx::Result<Option<DateTime<Utc>>> {
        sqlx::query_scalar("SELECT ouvert_le FROM abonnement WHERE personne = $1")
            .bind(personne)
            .fetch_optional(db)
            .await
    }
}
