//! One batch of facts of one journal, followed by one view in one transaction.

use crate::{Projection, ProjectionError};
use ledger::feed::{Content, Fact, FeedError, Journal, facts_after};
use ledger::keys::KeyRing;
use sqlx::{Acquire, PgConnection, PgPool};
use std::collections::HashSet;

/// Facts in one transaction.
const BATCH: i64 = 500;

/// Why a view is held up. A single bad fact never is a reason.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// The database did not answer.
    #[error("the database is away")]
    Database(#[from] sqlx::Error),
    /// The record cannot be read.
    #[error("the record cannot be read")]
    Feed(#[from] FeedError),
    /// A journal has a name that is none.
    #[error("unreadable journal: {0}")]
    Journal(String),
    /// The view's tables are away.
    #[error("view tables")]
    View(#[source] ProjectionError),
}

/// How the facts of a batch are followed.
#[derive(Clone, Copy, PartialEq)]
enum Pace {
    /// As they come; the first failure gives the batch up.
    Brisk,
    /// One by one, each under a savepoint: the failing ones are set aside.
    Careful,
}

/// Follows one batch up to `head` at the most; says how far the view has read now.
pub async fn follow(
    pool: &PgPool,
    keys: &KeyRing,
    projection: &dyn Projection,
    journal: &Journal,
    head: i64,
) -> Result<i64, RunnerError> {
    match attempt(pool, keys, projection, journal, head, Pace::Brisk).await {
        Err(RunnerError::View(error)) if !error.is_away() => {
            attempt(pool, keys, projection, journal, head, Pace::Careful).await
        }
        followed => followed,
    }
}

async fn attempt(
    pool: &PgPool,
    keys: &KeyRing,
    projection: &dyn Projection,
    journal: &Journal,
    head: i64,
    pace: Pace,
) -> Result<i64, RunnerError> {
    let mut tx = pool.begin().await?;
    let position = lock_checkpoint(&mut tx, projection, journal).await?;
    if position >= head {
        return Ok(position); // another process has been here
    }
    let facts = facts_after(&mut tx, keys, journal, position, projection.hears(), BATCH).await?;
    let full = i64::try_from(facts.len()).is_ok_and(|read| read == BATCH);
    let reached = match facts.last() {
        Some(last) if full => last.position.position,
        Some(last) => head.max(last.position.position),
        None => head,
    };
    let mut aside = streams_set_aside(&mut tx, projection, journal).await?;
    for fact in &facts {
        let stream = (fact.envelope.stream.kind.clone(), fact.envelope.stream.id.clone());
        if aside.contains(&stream) {
            set_aside(&mut tx, projection, fact, "an earlier fact of this stream is set aside").await?;
        } else if pace == Pace::Brisk {
            apply(projection, fact, &mut tx).await.map_err(RunnerError::View)?;
        } else if let Err(error) = apply_carefully(projection, fact, &mut tx).await? {
            tracing::error!(
                projection = projection.name(), position = %fact.position,
                event = fact.envelope.event_type, error = &error as &dyn std::error::Error,
                "fact set aside"
            );
            set_aside(&mut tx, projection, fact, &causes(&error)).await?;
            aside.insert(stream);
        }
    }
    move_checkpoint(&mut tx, projection, journal, reached).await?;
    tx.commit().await?;
    metrics::counter!("projection_facts_total", "projection" => projection.name())
        .increment(u64::try_from(facts.len()).unwrap_or_default());
    metrics::gauge!("projection_streams_set_aside", "projection" => projection.name(),
                    "portail" => journal.portail.to_string())
    .set(aside.len() as f64);
    Ok(reached)
}

/// A fact that this program cannot read is nobody's to ignore.
pub(crate) async fn apply(
    projection: &dyn Projection,
    fact: &Fact,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    if let Content::Unreadable(unreadable) = &fact.content {
        return Err(unreadable.clone().into());
    }
    projection.apply(fact, tx).await
}

async fn apply_carefully(
    projection: &dyn Projection,
    fact: &Fact,
    tx: &mut PgConnection,
) -> Result<Result<(), ProjectionError>, RunnerError> {
    let mut savepoint = tx.begin().await?;
    match apply(projection, fact, &mut savepoint).await {
        Ok(()) => {
            savepoint.commit().await?;
            Ok(Ok(()))
        }
        Err(error) if error.is_away() => Err(RunnerError::View(error)),
        Err(error) => {
            savepoint.rollback().await?;
            Ok(Err(error))
        }
    }
}

async fn lock_checkpoint(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    journal: &Journal,
) -> Result<i64, sqlx::Error> {
    sqlx::query(
        "INSERT INTO projections.checkpoint (projection, version, portail, annee, position)
         VALUES ($1, $2, $3, $4, 0) ON CONFLICT DO NOTHING",
    )
    .bind(projection.name())
    .bind(projection.version())
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .execute(&mut *tx)
    .await?;
    sqlx::query_scalar(
        "SELECT position FROM projections.checkpoint
         WHERE projection = $1 AND version = $2 AND portail = $3 AND annee = $4 FOR UPDATE",
    )
    .bind(projection.name())
    .bind(projection.version())
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .fetch_one(&mut *tx)
    .await
}

async fn move_checkpoint(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    journal: &Journal,
    position: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE projections.checkpoint SET position = $5
         WHERE projection = $1 AND version = $2 AND portail = $3 AND annee = $4",
    )
    .bind(projection.name())
    .bind(projection.version())
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .bind(position)
    .execute(tx)
    .await
    .map(drop)
}

async fn streams_set_aside(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    journal: &Journal,
) -> Result<HashSet<(String, String)>, sqlx::Error> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT DISTINCT stream_kind, stream_id FROM projections.set_aside
         WHERE projection = $1 AND version = $2 AND portail = $3",
    )
    .bind(projection.name())
    .bind(projection.version())
    .bind(journal.portail.as_str())
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().collect())
}

async fn set_aside(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    fact: &Fact,
    error: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO projections.set_aside
             (projection, version, portail, annee, position, stream_kind, stream_id, event_type, error)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(projection.name())
    .bind(projection.version())
    .bind(fact.position.portail.as_str())
    .bind(fact.position.annee.0)
    .bind(fact.position.position)
    .bind(&fact.envelope.stream.kind)
    .bind(&fact.envelope.stream.id)
    .bind(&fact.envelope.event_type)
    .bind(error)
    .execute(tx)
    .await
    .map(drop)
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
