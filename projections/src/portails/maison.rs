//! What each house is: by which convention it adheres, which bricks are closed to whom, and how it
//! looks, today and before.

use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::annuaire::Profil;
use domain::portails::{AdhesionEvent, Apparence, CatalogueEvent, ServiceEnt, ThemeEvent};
use domain::{Aggregate, Event, portails};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use std::collections::BTreeSet;

/// The view of houses.
pub struct Maisons;

#[async_trait]
impl Projection for Maisons {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["adhesion", "fermeture", "theme"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[portails::Adhesion::TYPE, portails::Catalogue::TYPE, portails::Theme::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget { kind: portails::Adhesion::TYPE, sql: "DELETE FROM adhesion WHERE portail = ANY ($1)" },
            Forget { kind: portails::Catalogue::TYPE, sql: "DELETE FROM fermeture WHERE portail = ANY ($1)" },
            Forget { kind: portails::Theme::TYPE, sql: "DELETE FROM theme WHERE portail = ANY ($1)" },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let portail = fact.envelope.stream.id.as_str();
        if let Some(Event::Adhesion(event)) = fact.event() {
            return adhesion(portail, event, tx).await;
        }
        if let Some(Event::Catalogue(event)) = fact.event() {
            return catalogue(portail, event, tx).await;
        }
        let Some(Event::Theme(ThemeEvent::ThemeDefini { apparence })) = fact.event() else { return Ok(()) };
        theme(portail, apparence, fact.envelope.recorded_at, tx).await
    }
}

async fn adhesion(
    portail: &str,
    event: &AdhesionEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let query = match event {
        AdhesionEvent::AdhesionConclue { convention, du } => {
            sqlx::query("INSERT INTO adhesion (portail, depuis, convention) VALUES ($1, $2, $3)")
                .bind(portail)
                .bind(du)
                .bind(convention)
        }
        AdhesionEvent::AdhesionTerminee { motif, au } => sqlx::query(
            "UPDATE adhesion SET jusque = $2, motif_de_fin = $3 WHERE portail = $1 AND jusque IS NULL",
        )
        .bind(portail)
        .bind(au)
        .bind(motif),
    };
    query.execute(tx).await?;
    Ok(())
}

/// What a decision says counts from its day on: what was planned for later is no more.
async fn catalogue(
    portail: &str,
    event: &CatalogueEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let (service_ent, profils, motif, le, closed) = match event {
        CatalogueEvent::ServiceEntOuvert { service_ent, profils, motif, le } => {
            (service_ent, profils, motif, le, false)
        }
        CatalogueEvent::ServiceEntFerme { service_ent, profils, motif, le } => {
            (service_ent, profils, motif, le, true)
        }
    };
    let profils = words(profils);
    for sql in [
        "DELETE FROM fermeture WHERE portail = $1 AND service_ent = $2 AND profil = ANY ($3) AND depuis >= $4",
        "UPDATE fermeture SET jusque = $4
         WHERE portail = $1 AND service_ent = $2 AND profil = ANY ($3) AND (jusque IS NULL OR jusque > $4)",
    ] {
        let query = sqlx::query(sql).bind(portail).bind(service_ent.as_str()).bind(&profils).bind(le);
        query.execute(&mut *tx).await?;
    }
    if closed {
        sqlx::query(
            "INSERT INTO fermeture (portail, service_ent, profil, depuis, motif)
             SELECT $1, $2, unnest($3::text[]), $4, $5",
        )
        .bind(portail)
        .bind(service_ent.as_str())
        .bind(&profils)
        .bind(le)
        .bind(motif)
        .execute(tx)
        .await?;
    }
    Ok(())
}

async fn theme(
    portail: &str,
    apparence: &Apparence,
    depuis: DateTime<Utc>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO theme (portail, titre, fond, texte, accent, depuis) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (portail, depuis) DO UPDATE SET titre = excluded.titre, fond = excluded.fond,
             texte = excluded.texte, accent = excluded.accent",
    )
    .bind(portail)
    .bind(&apparence.titre)
    .bind(apparence.fond.to_string())
    .bind(apparence.texte.to_string())
    .bind(apparence.accent.to_string())
    .bind(depuis)
    .execute(tx)
    .await?;
    Ok(())
}

fn words(profils: &BTreeSet<Profil>) -> Vec<&'static str> {
    profils.iter().map(|profil| profil.as_str()).collect()
}

/// An adhésion; `jusque` is exclusive.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Adhesion {
    pub portail: String,
    pub depuis: NaiveDate,
    pub convention: String,
    pub jusque: Option<NaiveDate>,
    pub motif_de_fin: Option<String>,
}

/// A brick that is closed to a profil; `jusque` is exclusive.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Fermeture {
    pub portail: String,
    pub service_ent: String,
    pub profil: String,
    pub depuis: NaiveDate,
    pub jusque: Option<NaiveDate>,
    pub motif: String,
}

/// How a portal looks; colours are written `#rrggbb`.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Theme {
    pub portail: String,
    pub titre: String,
    pub fond: String,
    pub texte: String,
    pub accent: String,
    pub depuis: DateTime<Utc>,
}

impl Maisons {
    /// Frozen name of the view.
    pub const NAME: &'static str = "portails.maisons";
    /// Version of its tables.
    pub const VERSION: i32 = 2;

    /// The adhésions of a portal, the newest first.
    pub async fn adhesions(db: impl PgExecutor<'_>, portail: &str) -> sqlx::Result<Vec<Adhesion>> {
        sqlx::query_as("SELECT * FROM adhesion WHERE portail = $1 ORDER BY depuis DESC")
            .bind(portail)
            .fetch_all(db)
            .await
    }

    /// What is closed on a portal on a day, in the order of bricks and profils.
    pub async fn fermetures(
        db: impl PgExecutor<'_>,
        portail: &str,
        day: NaiveDate,
    ) -> sqlx::Result<Vec<Fermeture>> {
        sqlx::query_as(
            "SELECT * FROM fermeture
             WHERE portail = $1 AND depuis <= $2 AND (jusque IS NULL OR jusque > $2)
             ORDER BY service_ent, profil, depuis",
        )
        .bind(portail)
        .bind(day)
        .fetch_all(db)
        .await
    }

    /// How a portal looks, if it was given a look of its own.
    pub async fn theme(db: impl PgExecutor<'_>, portail: &str) -> sqlx::Result<Option<Theme>> {
        sqlx::query_as("SELECT * FROM theme WHERE portail = $1 ORDER BY depuis DESC LIMIT 1")
            .bind(portail)
            .fetch_optional(db)
            .await
    }

    /// How it looked at an instant.
    pub async fn theme_at(
        db: impl PgExecutor<'_>,
        portail: &str,
        le: DateTime<Utc>,
    ) -> sqlx::Result<Option<Theme>> {
        sqlx::query_as("SELECT * FROM theme WHERE portail = $1 AND depuis <= $2 ORDER BY depuis DESC LIMIT 1")
            .bind(portail)
            .bind(le)
            .fetch_optional(db)
            .await
    }
}

/// The bricks that these words name; what another program has named is passed over.
pub(crate) fn bricks<K>(named: impl IntoIterator<Item = (K, String)>) -> Vec<(K, ServiceEnt)> {
    named.into_iter().filter_map(|(key, word)| Some((key, ServiceEnt::named(&word)?))).collect()
}
