//! The devices that each person has given, and that take messages.

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::notifications::{Appareil, Preferences, PreferencesEvent};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of devices.
pub struct Appareils;

#[async_trait]
impl Projection for Appareils {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["appareil"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Preferences::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[Forget {
            kind: Preferences::TYPE,
            sql: "DELETE FROM appareil WHERE personne = ANY ($1::text[]::uuid[])",
        }]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Preferences(event)) = fact.event() else { return Ok(()) };
        let query = match event {
            PreferencesEvent::AppareilDeclare { personne, appareil } => sqlx::query(
                "INSERT INTO appareil (id, personne, portail, details, depuis) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (id) DO UPDATE SET details = excluded.details",
            )
            .bind(appareil.id(*personne).0)
            .bind(stream_uuid(fact)?)
            .bind(fact.position.portail.as_str())
            .bind(Json(appareil))
            .bind(fact.envelope.recorded_at),
            PreferencesEvent::AppareilOublie { appareil, .. }
            | PreferencesEvent::AppareilPerdu { appareil, .. } => {
                sqlx::query("DELETE FROM appareil WHERE id = $1").bind(appareil.0)
            }
            PreferencesEvent::PreferencesChoisies { .. }
            | PreferencesEvent::TelephoneDeclare { .. }
            | PreferencesEvent::CodeErrone { .. }
            | PreferencesEvent::TelephoneConfirme { .. }
            | PreferencesEvent::TelephoneOublie { .. } => return Ok(()),
        };
        query.execute(tx).await?;
        Ok(())
    }
}

/// A device that somebody has given.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct AppareilConnu {
    pub id: Uuid,
    /// The fiche under which it was given.
    pub personne: Uuid,
    /// Whose journal says so.
    pub portail: String,
    #[sqlx(json)]
    pub details: Appareil,
    pub depuis: DateTime<Utc>,
}

impl Appareils {
    /// Frozen name of the view.
    pub const NAME: &'static str = "notifications.appareils";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The devices of a person, under whichever of his or her fiches each was given; the oldest first.
    pub async fn of(db: impl PgExecutor<'_>, personne: Uuid) -> sqlx::Result<Vec<AppareilConnu>> {
        sqlx::query_as(
            "SELECT id, personne, portail, details, depuis FROM appareil
             WHERE personne IN (
                 SELECT $1::uuid UNION
                 SELECT autre.fiche FROM identite i JOIN identite autre ON autre.racine = i.racine
                 WHERE i.fiche = $1)
             ORDER BY depuis, id",
        )
        .bind(personne)
        .fetch_all(db)
        .await
    }
}
