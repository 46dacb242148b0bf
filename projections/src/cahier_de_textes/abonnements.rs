//! Which hash of an address opens whose agenda.

use crate::ProjectionError;
use crate::vue::vue;
use chrono::{DateTime, Utc};
use domain::Event;
use domain::cahier_de_textes::{Abonnement, AbonnementEvent};
use ledger::feed::Fact;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

vue!(
    /// The view of subscriptions.
    Abonnements = "cahier_de_textes.abonnements" of Abonnement { "abonnement" by "personne" }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
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

impl Abonnements {
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
