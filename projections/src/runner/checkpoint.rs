//! How far a view has read, and what it set aside: rows that move with its tables.

use crate::{Projection, ProjectionError};
use ledger::feed::{Fact, Journal};
use sqlx::PgConnection;
use std::collections::HashSet;

/// Where a view stands in a journal; nobody else moves it until the transaction ends.
pub async fn lock_checkpoint(
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

/// Says that everything up to `position` was followed.
pub async fn move_checkpoint(
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

/// Streams of which a fact was set aside: their later facts wait behind it.
pub async fn streams_set_aside(
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
    keep(tx, projection, fact, "an earlier fact of this stream is set aside").await
}

async fn keep(
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
