//! What persons have asked about their data, and what was answered.

mod mentions;

use crate::{Forget, Projection, ProjectionError, stream_uuid};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::protection::{
    Rectification as Rectifications, RectificationEvent, Remise as Remises, RemiseEvent,
};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of demands.
pub struct Droits;

#[async_trait]
impl Projection for Droits {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["remise", "rectification"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[Remises::TYPE, Rectifications::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget { kind: Remises::TYPE, sql: "DELETE FROM remise WHERE id = ANY ($1::text[]::uuid[])" },
            Forget {
                kind: Rectifications::TYPE,
                sql: "DELETE FROM rectification WHERE id = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        if let Some(Event::Remise(event)) = fact.event() {
            return remise(fact, event, tx).await;
        }
        let Some(Event::Rectification(event)) = fact.event() else { return Ok(()) };
        rectification(fact, event, tx).await
    }
}

async fn remise(fact: &Fact, event: &RemiseEvent, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let id = stream_uuid(fact)?;
    let query = match event {
        RemiseEvent::DonneesDemandees { personne, par, le, jusque } => sqlx::query(
            "INSERT INTO remise (id, portail, personne, par, demandee_le, jusque, fois)
             VALUES ($1, $2, $3, $4, $5, $6, 0)",
        )
        .bind(id)
        .bind(fact.position.portail.as_str())
        .bind(personne.0)
        .bind(par.0)
        .bind(le)
        .bind(jusque),
        RemiseEvent::DonneesRemises { le, empreinte, .. } => {
            sqlx::query("UPDATE remise SET fois = fois + 1, remise_le = $2, empreinte = $3 WHERE id = $1")
                .bind(id)
                .bind(le)
                .bind(empreinte)
        }
    };
    query.execute(tx).await?;
    Ok(())
}

async fn rectification(
    fact: &Fact,
    event: &RectificationEvent,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let id = stream_uuid(fact)?;
    let query = match event {
        RectificationEvent::RectificationDemandee { personne, par, champ, valeur, motif, le, avant_le } => {
            sqlx::query(
                "INSERT INTO rectification (id, portail, personne, par, champ, valeur, motif, demandee_le,
                                            avant_le, etat)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'demandee')",
            )
            .bind(id)
            .bind(fact.position.portail.as_str())
            .bind(personne.0)
            .bind(par.0)
            .bind(champ.as_str())
            .bind(valeur)
            .bind(motif)
            .bind(le)
            .bind(avant_le)
        }
        RectificationEvent::RectificationAccordee { suite, le, .. } => answered(id, "accordee", suite, *le),
        RectificationEvent::RectificationRefusee { motif, le, .. } => answered(id, "refusee", motif, *le),
    };
    query.execute(tx).await?;
    Ok(())
}

fn answered<'q>(
    id: Uuid,
    etat: &'static str,
    reponse: &'q str,
    le: NaiveDate,
) -> sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments> {
    sqlx::query("UPDATE rectification SET etat = $2, reponse = $3, repondue_le = $4 WHERE id = $1")
        .bind(id)
        .bind(etat)
        .bind(reponse)
        .bind(le)
}

/// A demand for a person's data.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Remise {
    pub id: Uuid,
    pub portail: String,
    pub personne: Uuid,
    /// Who asked.
    pub par: Uuid,
    pub demandee_le: NaiveDate,
    /// Last day on which they can be fetched.
    pub jusque: NaiveDate,
    /// How often they were.
    pub fois: i32,
    pub remise_le: Option<NaiveDate>,
    /// Digest of the file that was handed over last.
    pub empreinte: Option<String>,
}

/// A demand that something be set right.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Rectification {
    pub id: Uuid,
    pub portail: String,
    pub personne: Uuid,
    /// Who asked.
    pub par: Uuid,
    pub champ: String,
    pub valeur: String,
    pub motif: String,
    pub demandee_le: NaiveDate,
    /// Last day to answer.
    pub avant_le: NaiveDate,
    /// `demandee`, `accordee` or `refusee`.
    pub etat: String,
    /// What was done, or why nothing was.
    pub reponse: Option<String>,
    pub repondue_le: Option<NaiveDate>,
}

impl Droits {
    /// Frozen name of the view.
    pub const NAME: &'static str = "protection.droits";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The demands for data with these ids.
    pub async fn remises(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Remise>> {
        sqlx::query_as("SELECT * FROM remise WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// The rectifications with these ids.
    pub async fn rectifications(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Rectification>> {
        sqlx::query_as("SELECT * FROM rectification WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// The rectifications of a portal, the most urgent first, after a place.
    pub async fn rectifications_of(
        db: impl PgExecutor<'_>,
        portail: &str,
        ouvertes: bool,
        after: Option<(NaiveDate, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Rectification>> {
        let (day, id) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM rectification
             WHERE portail = $1 AND (etat = 'demandee' OR NOT $2)
               AND ($3::date IS NULL OR (avant_le, id) > ($3, $4))
             ORDER BY avant_le, id LIMIT $5",
        )
        .bind(portail)
        .bind(ouvertes)
        .bind(day)
        .bind(id)
        .bind(limit)
        .fetch_all(db)
        .await
    }
}
