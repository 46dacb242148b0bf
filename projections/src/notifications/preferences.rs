//! How each person wishes to be told: what was chosen under a fiche stays under it, and is read of
//! whoever has that fiche.

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use domain::notifications::{Calme, Choix, Preferences as Aggregat, PreferencesEvent, Theme};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use std::collections::BTreeMap;
use uuid::Uuid;

/// In SQL, how one person wishes to be told, by the fiches that `$lui` gives: of what was said under
/// several, what was under the principal one, `$racine`, counts first. Always one row.
macro_rules! reunies {
    ($lui:literal, $racine:literal) => {
        concat!(
            "(SELECT (array_agg(f.choix ORDER BY f.personne <> ",
            $racine,
            ", f.personne) FILTER (WHERE f.choix IS NOT NULL))[1] AS choix,
                     (array_agg(f.calme ORDER BY f.personne <> ",
            $racine,
            ", f.personne) FILTER (WHERE f.choix IS NOT NULL))[1] AS calme,
                     (array_agg(f.telephone ORDER BY f.personne <> ",
            $racine,
            ", f.personne) FILTER (WHERE f.telephone IS NOT NULL))[1] AS telephone
              FROM preference f WHERE f.personne IN (",
            $lui,
            "))"
        )
    };
}
pub(super) use reunies;

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

    /// What a person has chosen, if anything, under whichever of his or her fiches.
    pub async fn of(db: impl PgExecutor<'_>, personne: Uuid) -> sqlx::Result<Preference> {
        sqlx::query_as(concat!(
            "SELECT choix, calme, telephone FROM ",
            reunies!(
                "SELECT $1::uuid UNION
                 SELECT autre.fiche FROM identite i JOIN identite autre ON autre.racine = i.racine
                 WHERE i.fiche = $1",
                "coalesce((SELECT i.racine FROM identite i WHERE i.fiche = $1), $1)"
            ),
            " lui"
        ))
        .bind(personne)
        .fetch_one(db)
        .await
    }

    /// Of these fiches, those under which a telephone is confirmed.
    pub async fn telephonees(db: impl PgExecutor<'_>, fiches: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
        let sql =
            "SELECT personne FROM preference WHERE personne = ANY ($1) AND telephone IS NOT NULL ORDER BY 1";
        sqlx::query_scalar(sql).bind(fiches).fetch_all(db).await
    }
}
