//! One batch of facts of one journal, followed by one view in one transaction.

use super::checkpoint::{lock_checkpoint, move_checkpoint, set_aside, streams_set_aside, wait_behind};
use crate::{Projection, ProjectionError};
use ledger::feed::{Content, Fact, FeedError, Journal, facts_after};
use ledger::keys::KeyRing;
use sqlx::{Acquire, PgConnection, PgPool};

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
            wait_behind(&mut tx, projection, fact).await?;
        } else if pace == Pace::Brisk {
            apply(projection, fact, &mut tx).await.map_err(RunnerError::View)?;
        } else if let Err(error) = apply_carefully(projection, fact, &mut tx).await? {
            tracing::error!(
                projection = projection.name(), position = %fact.position,
                event = fact.envelope.event_type, error = &error as &dyn std::error::Error,
                "fact set aside"
            );
            set_aside(&mut tx, projection, fact, &error).await?;
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
