//! One batch of facts of one journal, followed by one view in one transaction.

use super::checkpoint::{
    Locked, lock_checkpoint, move_checkpoint, set_aside, streams_set_aside, wait_behind,
};
use super::pages::Pages;
use super::purge::purge;
use crate::{Projection, ProjectionError};
use ledger::feed::{Content, Fact, FeedError, Journal};
use sqlx::{Acquire, PgConnection};
use std::collections::HashSet;

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
    /// Something was erased, and the view keeps it still.
    #[error("the view is to be purged first")]
    Unpurged,
    /// Another program's version of the view stands in this place.
    #[error("version {version} of the view stands here, which this program does not write")]
    Version {
        /// Which.
        version: i32,
    },
}

/// Kind and id of a stream.
type StreamKey = (String, String);

/// How the facts of a batch are followed.
#[derive(Clone, Copy, PartialEq)]
enum Pace {
    /// All together; a failure gives the batch up.
    Brisk,
    /// One by one, each under a savepoint: the failing ones are set aside.
    Careful,
}

/// Follows one batch up to `head` at the most; says how far the view has read now.
pub async fn follow(
    connection: &mut PgConnection,
    pages: &Pages,
    projection: &dyn Projection,
    journal: &Journal,
    head: i64,
) -> Result<i64, RunnerError> {
    let mut pace = Pace::Brisk;
    loop {
        match attempt(connection, pages, projection, journal, head, pace).await {
            Err(RunnerError::Unpurged) => purge(connection, pages.keys(), projection).await?,
            Err(RunnerError::View(error)) if pace == Pace::Brisk && !error.is_away() => pace = Pace::Careful,
            followed => return followed,
        }
    }
}

async fn attempt(
    connection: &mut PgConnection,
    pages: &Pages,
    projection: &dyn Projection,
    journal: &Journal,
    head: i64,
    pace: Pace,
) -> Result<i64, RunnerError> {
    let mut tx = connection.begin().await?;
    let Locked { position, erasures } = lock_checkpoint(&mut tx, projection, journal).await?;
    if position >= head {
        return Ok(position); // another process has been here
    }
    let batch = pages.after(&mut tx, erasures, journal, position, head, projection).await?;
    let facts = batch.heard_by(projection);
    let mut aside = streams_set_aside(&mut tx, projection, journal).await?;
    match pace {
        Pace::Brisk => follow_briskly(projection, &facts, &aside, &mut tx).await?,
        Pace::Careful => follow_carefully(projection, &facts, &mut aside, &mut tx).await?,
    }
    move_checkpoint(&mut tx, projection, journal, batch.reached).await?;
    tx.commit().await?;
    metrics::counter!("projection_facts_total", "projection" => projection.name())
        .increment(u64::try_from(facts.len()).unwrap_or_default());
    if let Some(last) = facts.last() {
        let instant = last.envelope.recorded_at.timestamp_micros() as f64 / 1e6;
        metrics::gauge!("projection_last_followed", "projection" => projection.name()).set(instant);
    }
    Ok(batch.reached)
}

/// Follows facts of a journal that were read already, as a batch would.
pub async fn follow_facts(
    connection: &mut PgConnection,
    projection: &dyn Projection,
    journal: &Journal,
    facts: &[Fact],
) -> Result<(), RunnerError> {
    let facts: &[&Fact] = &facts.iter().collect::<Vec<_>>();
    let mut tx = connection.begin().await?;
    let mut aside = streams_set_aside(&mut tx, projection, journal).await?;
    match follow_briskly(projection, facts, &aside, &mut tx).await {
        Err(RunnerError::View(error)) if !error.is_away() => {
            tx.rollback().await?;
            tx = connection.begin().await?;
            follow_carefully(projection, facts, &mut aside, &mut tx).await?;
        }
        followed => followed?,
    }
    Ok(tx.commit().await?)
}

async fn follow_briskly(
    projection: &dyn Projection,
    facts: &[&Fact],
    aside: &HashSet<StreamKey>,
    tx: &mut PgConnection,
) -> Result<(), RunnerError> {
    let mut fit = Vec::with_capacity(facts.len());
    for &fact in facts {
        if aside.contains(&stream_key(fact)) {
            wait_behind(tx, projection, fact).await?;
        } else {
            readable(fact).map_err(RunnerError::View)?;
            fit.push(fact);
        }
    }
    projection.apply_all(&fit, tx).await.map_err(RunnerError::View)
}

async fn follow_carefully(
    projection: &dyn Projection,
    facts: &[&Fact],
    aside: &mut HashSet<StreamKey>,
    tx: &mut PgConnection,
) -> Result<(), RunnerError> {
    for &fact in facts {
        if aside.contains(&stream_key(fact)) {
            wait_behind(tx, projection, fact).await?;
        } else if let Err(error) = apply_carefully(projection, fact, tx).await? {
            tracing::error!(
                projection = projection.name(), position = %fact.position,
                event = fact.envelope.event_type, error = &error as &dyn std::error::Error,
                "fact set aside"
            );
            set_aside(tx, projection, fact, &error).await?;
            aside.insert(stream_key(fact));
        }
    }
    Ok(())
}

fn stream_key(fact: &Fact) -> StreamKey {
    (fact.envelope.stream.kind.clone(), fact.envelope.stream.id.clone())
}

/// A fact that this program cannot read is nobody's to ignore.
fn readable(fact: &Fact) -> Result<(), ProjectionError> {
    match &fact.content {
        Content::Unreadable(unreadable) => Err(unreadable.clone().into()),
        Content::Opened(_) | Content::Erased => Ok(()),
    }
}

/// Follows one fact, if this program can read it.
pub(crate) async fn apply(
    projection: &dyn Projection,
    fact: &Fact,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    readable(fact)?;
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
