//! How each person wishes to be told.

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use domain::notifications::{Calme, Choix, Preferences as Aggregat, PreferencesEvent, Theme};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The view of preferences.
pub struct Preferences;

#[async_trait]
impl Projection for Preferences {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["preference"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Aggregat::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[Forget {
            kind: Aggregat::TYPE,
            sql: "DELETE FROM preference WHERE personne = ANY ($1::text[]::uuid[])",
        }]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Preferences(event)) = fact.event() else { return Ok(()) };
        let personne = stream_uuid(fact)?;
        let query = match event {
            PreferencesEvent::PreferencesChoisies { choix, calme, .. } => sqlx::query(
                "INSERT INTO preference (personne, choix, calme) VALUES ($1, $2, $3)
                 ON CONFLICT (personne) DO UPDATE SET choix = excluded.choix, calme = excluded.calme",
            )
            .bind(personne)
            .bind(Json(choix))
            .bind(Json(calme)),
            PreferencesEvent::TelephoneConfirme { numero, .. } => sqlx::query(
                "INSERT INTO preference (personne, telephone) VALUES ($1, $2)
                 ON CONFLICT (personne) DO UPDATE SET telephone = excluded.telephone",
            )
            .bind(personne)
            .bind(numero.to_string()),
            PreferencesEvent::TelephoneOublie { .. } => {
                sqlx::query("UPDATE preference SET telephone = NULL WHERE personne = $1").bind(personne)
            }
            // A number that is not confirmed is nobody's; devices have a view of their own.
            PreferencesEvent::TelephoneDeclare { .. }
            | PreferencesEvent::CodeErrone { .. }
            | PreferencesEvent::AppareilDeclare { .. }
            | PreferencesEvent::AppareilOublie { .. }
            | PreferencesEvent::AppareilPerdu { .. } => return Ok(()),
        };
        query.execute(tx).await?;
        Ok(())
    }
}

/// What a person has chosen.
#[derive(Debug, Clone, Default, FromRow)]
#[allow(missing_docs)]
pub struct Preference {
    pub choix: Option<Json<BTreeMap<Theme, Choix>>>,
    pub calme: Option<Json<Calme>>,
    pub telephone: Option<String>,
}

impl Preferences {
    /// Frozen name of the view.
    pub const NAME: &'static str = "notifications.preferences";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// What a person has chosen, if anything.
    pub async fn of(db: impl PgExecutor<'_>, personne: Uuid) -> sqlx::Result<Option<Preference>> {
        sqlx::query_as("SELECT choix, calme, telephone FROM preference WHERE personne = $1")
            .bind(personne)
            .fetch_optional(db)
            .await
    }
}
