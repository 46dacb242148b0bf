//! The rows of `ledger.checkpoints`: what was sealed, each after the one before.

use super::log::Log;
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};

/// A signed head of a log's tree.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Sealed {
    /// How many leaves it covers.
    pub size: i64,
    /// The root over them.
    pub root: Vec<u8>,
    /// The signed note.
    pub note: String,
    /// When it was sealed.
    pub sealed_at: DateTime<Utc>,
}

/// The last checkpoint of a log.
pub async fn latest(db: impl PgExecutor<'_>, log: &Log) -> Result<Option<Sealed>, sqlx::Error> {
    newest_to(db, log, i64::MAX).await
}

/// The last checkpoint of a log over not more than `to` leaves.
pub async fn newest_to(db: impl PgExecutor<'_>, log: &Log, to: i64) -> Result<Option<Sealed>, sqlx::Error> {
    sqlx::query_as(
        "SELECT size, root, note, sealed_at FROM ledger.checkpoints
         WHERE portail = $1 AND annee = $2 AND size <= $3 ORDER BY size DESC LIMIT 1",
    )
    .bind(log.key().0)
    .bind(log.key().1)
    .bind(to)
    .fetch_optional(db)
    .await
}

/// The checkpoints of a log over more than `after` leaves and not more than `to`, in order.
pub async fn between(
    db: impl PgExecutor<'_>,
    log: &Log,
    after: i64,
    to: i64,
) -> Result<Vec<Sealed>, sqlx::Error> {
    sqlx::query_as(
        "SELECT size, root, note, sealed_at FROM ledger.checkpoints
         WHERE portail = $1 AND annee = $2 AND size > $3 AND size <= $4 ORDER BY size",
    )
    .bind(log.key().0)
    .bind(log.key().1)
    .bind(after)
    .bind(to)
    .fetch_all(db)
    .await
}

/// Puts a checkpoint after the one that it extends, unless another one is there already:
/// says whether it did.
pub(super) async fn swap(
    db: &mut PgConnection,
    log: &Log,
    previous: i64,
    sealed: &Sealed,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO ledger.checkpoints (portail, annee, size, previous, root, note, sealed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(log.key().0)
    .bind(log.key().1)
    .bind(sealed.size)
    .bind(previous)
    .bind(&sealed.root)
    .bind(&sealed.note)
    .bind(sealed.sealed_at)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A journal whose head is not its last checkpoint.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Unsealed {
    pub portail: String,
    pub annee: i16,
    /// When the oldest event that is not sealed was recorded.
    pub since: Option<DateTime<Utc>>,
}

pub(super) async fn unsealed(db: impl PgExecutor<'_>) -> Result<Vec<Unsealed>, sqlx::Error> {
    sqlx::query_as(
        "SELECT j.portail, j.annee, (e.metadata ->> 'recorded_at')::timestamptz AS since
         FROM ledger.journal j
         LEFT JOIN LATERAL (
             SELECT c.size FROM ledger.checkpoints c WHERE (c.portail, c.annee) = (j.portail, j.annee)
             ORDER BY c.size DESC LIMIT 1) last ON true
         LEFT JOIN ledger.events e
             ON (e.portail, e.annee, e.position) = (j.portail, j.annee, coalesce(last.size, 0) + 1)
         WHERE j.position <> coalesce(last.size, 0)
         ORDER BY since NULLS FIRST",
    )
    .fetch_all(db)
    .await
}
