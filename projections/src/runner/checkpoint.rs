//! How far a view has read, and what it set aside: rows that move with its tables.
//!
//! They are named without their schema, like the tables: each place of a view (the living
//! one, the one where its next version fills, a scratch) has its own.

use super::RunnerError;
use crate::{Projection, ProjectionError};
use domain::AnneeScolaire;
use ledger::erasure::COUNT;
use ledger::feed::{Fact, Journal};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashSet};

/// What is said of a fact whose stream has an earlier one aside.
pub const WAITING: &str = "an earlier fact of this stream is set aside";

/// First half of the advisory locks under which a view is followed, and is switched.
/// (The second half is the view's name.)
const FOLLOWING: i32 = 0x7675_6573;

/// A journal of which a view has not read everything.
#[derive(Debug, PartialEq, Eq)]
pub struct Behind {
    /// Which journal.
    pub journal: Journal,
    /// How far it goes.
    pub head: i64,
}

/// How far a view has read some journals, those behind first of all.
#[derive(Debug, Default)]
pub struct Standing {
    /// Of each portal the oldest journal that has more to read.
    pub behind: Vec<Behind>,
    /// Journals of the portals asked for, and how far each was read, by whichever process.
    pub read: Vec<(Journal, i64)>,
}

/// Where a view stands; `watched` are portals of which everything is to be told.
pub async fn standing(
    connection: &mut PgConnection,
    projection: &dyn Projection,
    watched: &[String],
) -> Result<Standing, RunnerError> {
    let rows: Vec<(String, i16, i64, i64)> = sqlx::query_as(
        "SELECT j.portail, j.annee, j.position, coalesce(c.position, 0)
         FROM ledger.journal j
         LEFT JOIN checkpoint c
           ON c.projection = $1 AND c.version = $2 AND c.portail = j.portail AND c.annee = j.annee
         WHERE j.position > coalesce(c.position, 0) OR j.portail = ANY ($3)
         ORDER BY j.portail, j.annee",
    )
    .bind(projection.name())
    .bind(projection.version())
    .bind(watched)
    .fetch_all(connection)
    .await?;
    let mut standing = Standing::default();
    let mut started = BTreeSet::new();
    for (portail, annee, head, position) in rows {
        let journal = journal(&portail, annee)?;
        if head <= position {
            standing.read.push((journal, position));
        } else if started.insert(journal.portail.clone()) {
            standing.behind.push(Behind { journal, head });
        }
    }
    Ok(standing)
}

/// A journal, as it is stored.
pub fn journal(portail: &str, annee: i16) -> Result<Journal, RunnerError> {
    let portail = portail.parse().map_err(|error| RunnerError::Journal(format!("{error}")))?;
    Ok(Journal { portail, annee: AnneeScolaire(annee) })
}

/// Holds a view against a switch until the transaction ends, as all who follow it do.
pub async fn hold(tx: &mut PgConnection, projection: &dyn Projection) -> Result<(), sqlx::Error> {
    let sql = "SELECT pg_advisory_xact_lock_shared($1, hashtext($2))";
    sqlx::query(sql).bind(FOLLOWING).bind(projection.name()).execute(tx).await.map(drop)
}

/// The same, of those of some views that nobody holds alone; says which.
pub async fn hold_those_free(
    tx: &mut PgConnection,
    names: BTreeSet<&str>,
) -> Result<HashSet<String>, sqlx::Error> {
    let names: Vec<_> = names.into_iter().collect();
    let sql = "SELECT name FROM unnest($2::text[]) AS name
               WHERE pg_try_advisory_xact_lock_shared($1, hashtext(name))";
    let free: Vec<String> = sqlx::query_scalar(sql).bind(FOLLOWING).bind(names).fetch_all(tx).await?;
    Ok(free.into_iter().collect())
}

/// Holds a view alone until the transaction ends: nobody follows it meanwhile.
pub async fn hold_alone(tx: &mut PgConnection, projection: &dyn Projection) -> Result<(), sqlx::Error> {
    let sql = "SELECT pg_advisory_xact_lock($1, hashtext($2))";
    sqlx::query(sql).bind(FOLLOWING).bind(projection.name()).execute(tx).await.map(drop)
}

/// Where a view stands.
pub struct Locked {
    /// In the journal.
    pub position: i64,
    /// How many erasures there have been: contents are to be read as they are after them.
    pub erasures: u64,
}

/// Where a view stands in a journal; nobody else moves it until the transaction ends, and
/// its version stays the one of this place. It must have been purged after every erasure.
pub async fn lock_checkpoint(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    journal: &Journal,
) -> Result<Locked, RunnerError> {
    hold(tx, projection).await?;
    let sql = format!(
        "SELECT c.position, v.purged, {COUNT} FROM version v JOIN checkpoint c USING (projection, version)
             WHERE projection = $1 AND version = $2 AND portail = $3 AND annee = $4 FOR UPDATE OF c"
    );
    loop {
        let found: Option<(i64, i64, i64)> = sqlx::query_as(&sql)
            .bind(projection.name())
            .bind(projection.version())
            .bind(journal.portail.as_str())
            .bind(journal.annee.0)
            .fetch_optional(&mut *tx)
            .await?;
        match found {
            Some((_, purged, erasures)) if purged < erasures => return Err(RunnerError::Unpurged),
            Some((position, _, erasures)) => {
                return Ok(Locked { position, erasures: erasures.unsigned_abs() });
            }
            None => begin(tx, projection, journal).await?,
        }
    }
}

/// The first time that a view reads a journal. A view that nobody has followed yet stands
/// in the version of who follows it first, and has nothing to be purged of.
async fn begin(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    journal: &Journal,
) -> Result<(), RunnerError> {
    if version(tx, projection).await?.is_none() {
        let sql = format!(
            "INSERT INTO version (projection, version, tables, purged) VALUES ($1, $2, $3, {COUNT})
             ON CONFLICT DO NOTHING"
        );
        sqlx::query(&sql)
            .bind(projection.name())
            .bind(projection.version())
            .bind(projection.tables())
            .execute(&mut *tx)
            .await?;
    }
    match version(tx, projection).await? {
        Some(version) if version != projection.version() => return Err(RunnerError::Version { version }),
        _ => {}
    }
    sqlx::query(
        "INSERT INTO checkpoint (projection, version, portail, annee, position)
         VALUES ($1, $2, $3, $4, 0) ON CONFLICT DO NOTHING",
    )
    .bind(projection.name())
    .bind(projection.version())
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .execute(tx)
    .await?;
    Ok(())
}

/// The version of a view that stands in this place, if any does.
pub async fn version(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<Option<i32>, sqlx::Error> {
    let sql = "SELECT version FROM version WHERE projection = $1";
    sqlx::query_scalar(sql).bind(projection.name()).fetch_optional(connection).await
}

/// Says that everything up to `position` was followed.
pub async fn move_checkpoint(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    journal: &Journal,
    position: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE checkpoint SET position = $5
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

/// Streams of which a fact was set aside: their later facts wait behind it.
pub async fn streams_set_aside(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    journal: &Journal,
) -> Result<HashSet<(String, String)>, sqlx::Error> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT DISTINCT stream_kind, stream_id FROM set_aside
         WHERE projection = $1 AND version = $2 AND portail = $3",
    )
    .bind(projection.name())
    .bind(projection.version())
    .bind(journal.portail.as_str())
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().collect())
}

/// Sets aside a fact that failed, with the whole chain of its error.
pub async fn set_aside(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    fact: &Fact,
    error: &ProjectionError,
) -> Result<(), sqlx::Error> {
    keep(tx, projection, fact, &causes(error)).await
}

/// Sets aside a fact whose stream has an earlier one there.
pub async fn wait_behind(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    fact: &Fact,
) -> Result<(), sqlx::Error> {
    keep(tx, projection, fact, WAITING).await
}

/// A fact that was aside before has its new error, and keeps the instant of the first.
async fn keep(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    fact: &Fact,
    error: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO set_aside
             (projection, version, portail, annee, position, stream_kind, stream_id, event_type, error)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (projection, version, portail, annee, position) DO UPDATE SET error = excluded.error",
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

/// An error and all its causes, on one line.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
