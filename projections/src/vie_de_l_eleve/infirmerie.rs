//! Passages at the infirmerie. Care is read apart, by who has the right to it.

use super::{d_un_eleve, sequence, vue, word};
use crate::ProjectionError;
use chrono::{DateTime, Utc};
use domain::Event;
use domain::vie_de_l_eleve::{self as domaine, PassageEvent};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

vue!(
    /// The view of the infirmeries.
    Infirmeries = "vie_de_l_eleve.infirmeries" of domaine::Passage {
        "passage" by "id",
        "soin" by "passage",
    }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::Passage(event)) = fact.event() else { return Ok(()) };
    let id = crate::stream_uuid(fact)?;
    let change = match event {
        PassageEvent::PassageOuvert { eleve, arrivee, .. } => {
            sqlx::query("INSERT INTO passage (id, portail, eleve, arrivee) VALUES ($1, $2, $3, $4)")
                .bind(id)
                .bind(fact.position.portail.as_str())
                .bind(eleve.0)
                .bind(*arrivee)
        }
        PassageEvent::SoinConsigne { motif, soin, par, .. } => sqlx::query(
            "INSERT INTO soin (passage, sequence, motif, soin, par, le) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(sequence(fact)?)
        .bind(motif)
        .bind(soin)
        .bind(par.0)
        .bind(fact.envelope.recorded_at),
        PassageEvent::PassageClos { orientation, depart, .. } => {
            sqlx::query("UPDATE passage SET depart = $2, orientation = $3 WHERE id = $1")
                .bind(id)
                .bind(*depart)
                .bind(word(orientation)?)
        }
    };
    change.execute(tx).await?;
    Ok(())
}

/// That a pupil was there.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Passage {
    pub id: Uuid,
    pub portail: String,
    pub eleve: Uuid,
    pub arrivee: DateTime<Utc>,
    pub depart: Option<DateTime<Utc>>,
    pub orientation: Option<String>,
}

/// Why, and what was done.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Soin {
    pub passage: Uuid,
    pub motif: String,
    pub soin: String,
    pub par: Uuid,
    pub le: DateTime<Utc>,
}

d_un_eleve!(Infirmeries, Passage, "passage" by "arrivee" of DateTime<Utc>);

impl Infirmeries {
    /// A passage.
    pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<Passage>> {
        sqlx::query_as("SELECT * FROM passage WHERE id = $1").bind(id).fetch_optional(db).await
    }

    /// What was done there, in order: for who has been found to have the right to health data.
    pub async fn soins(db: impl PgExecutor<'_>, passages: &[Uuid]) -> sqlx::Result<Vec<Soin>> {
        sqlx::query_as(
            "SELECT passage, motif, soin, par, le FROM soin
             WHERE passage = ANY ($1) ORDER BY passage, sequence",
        )
        .bind(passages)
        .fetch_all(db)
        .await
    }
}
