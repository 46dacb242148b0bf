//! The head of the meta-journal under the clock of somebody else (RFC 3161): one timestamp
//! dates every journal of every portal.
//!
//! What is timestamped is the note as we signed it, without what witnesses add to it. Sealing
//! never waits for an authority: one that sleeps leaves a head without a date, and the next
//! one that is dated stands for it.

use super::Sealer;
use super::checkpoints::Sealed;
use super::extend::ExtendFault;
use super::log::Log;
use crate::timestamp::fault::Fault;
use crate::timestamp::query::{Policy, Query};
use crate::timestamp::roots::Roots;
use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use std::fmt::Display;
use std::sync::PoisonError;

/// A head of the meta-journal with its date.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Timestamp {
    /// How many leaves the checkpoint covers.
    pub size: i64,
    /// Who dated it.
    pub tsa: String,
    /// DER of the token.
    pub token: Vec<u8>,
    /// The date.
    pub gen_time: DateTime<Utc>,
    /// When we asked.
    pub requested_at: DateTime<Utc>,
}

/// The same with the note that it is over.
#[derive(sqlx::FromRow)]
struct Noted {
    #[sqlx(flatten)]
    timestamp: Timestamp,
    note: String,
}

/// Whom to believe, and under which policy.
#[derive(Debug, Clone)]
pub struct Trust {
    /// The roots that authorities are certified under.
    pub roots: Roots,
    /// What the token must be given under, if that matters.
    pub policy: Option<Policy>,
}

/// Why a head is not timestamped.
#[derive(Debug, thiserror::Error)]
pub enum TimestampingFault {
    /// The database.
    #[error("the database cannot tell")]
    Database(#[from] sqlx::Error),
    /// The meta-journal cannot be sealed.
    #[error("the meta-journal cannot be sealed")]
    Sealing(#[from] ExtendFault),
    /// The authority was not reached, or gave no timestamp at all.
    #[error("the time-stamping authority cannot be reached: {0}")]
    Unreached(String),
    /// What it gave is not believed.
    #[error("what the authority answered is not kept: {0}")]
    Answer(#[from] Fault),
}

/// The last timestamp.
pub async fn last(db: impl PgExecutor<'_>) -> Result<Option<Timestamp>, sqlx::Error> {
    Ok(list(db, 1).await?.pop())
}

/// The last timestamps, newest first.
pub async fn list(db: impl PgExecutor<'_>, most: i64) -> Result<Vec<Timestamp>, sqlx::Error> {
    sqlx::query_as(
        "SELECT size, tsa, token, gen_time, requested_at FROM ledger.timestamps ORDER BY size DESC LIMIT $1",
    )
    .bind(most)
    .fetch_all(db)
    .await
}

/// The timestamp of one checkpoint, with the note that it is over.
pub async fn of(db: impl PgExecutor<'_>, size: i64) -> Result<Option<(Timestamp, String)>, sqlx::Error> {
    let row: Option<Noted> = sqlx::query_as(
        "SELECT t.size, t.tsa, t.token, t.gen_time, t.requested_at, c.note
         FROM ledger.timestamps t JOIN ledger.checkpoints c USING (portail, annee, size) WHERE t.size = $1",
    )
    .bind(size)
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.timestamp, row.note)))
}

impl Sealer {
    /// Whether a clôture is sealed that no timestamp dates yet: so once a day.
    pub async fn wants_timestamp(&self) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar(
            "SELECT EXISTS (
                 SELECT FROM ledger.meta m WHERE m.periode IS NOT NULL
                   AND m.position > (SELECT coalesce(max(size), 0) FROM ledger.timestamps)
                   AND m.position <= (SELECT coalesce(max(size), 0) FROM ledger.checkpoints
                                      WHERE (portail, annee) = ('', 0)))",
        )
        .fetch_one(&self.pool)
        .await
    }

    /// Whether there is a clôture that no timestamp dates yet, sealed or not: between two school
    /// years there is none, and nothing to date.
    pub async fn has_undated_closing(&self) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM ledger.meta WHERE periode IS NOT NULL
                            AND position > (SELECT coalesce(max(size), 0) FROM ledger.timestamps))",
        )
        .fetch_one(&self.pool)
        .await
    }

    /// Puts the last checkpoint of every journal into the meta-journal and has its head
    /// dated; gives the timestamp, of before if nothing is new, or none while there is
    /// nothing at all. `ask` takes the request to the authority and brings its answer.
    pub async fn timestamp_now<E: Display>(
        &self,
        trust: &Trust,
        nonce: u64,
        ask: impl AsyncFnOnce(Vec<u8>) -> Result<Vec<u8>, E>,
    ) -> Result<Option<Timestamp>, TimestampingFault> {
        self.consign().await?;
        let Some(sealed) = self.checkpoint(&Log::Meta).await? else { return Ok(None) };
        if let Some((timestamp, _)) = of(&self.pool, sealed.size).await? {
            return Ok(Some(timestamp));
        }
        let timestamp = self.dated(&sealed, trust, nonce, ask).await?;
        self.keep_timestamp(&timestamp).await?;
        Ok(Some(timestamp))
    }

    async fn dated<E: Display>(
        &self,
        sealed: &Sealed,
        trust: &Trust,
        nonce: u64,
        ask: impl AsyncFnOnce(Vec<u8>) -> Result<Vec<u8>, E>,
    ) -> Result<Timestamp, TimestampingFault> {
        let requested_at = self.clock.now();
        let query = Query::new(sealed.note.as_bytes(), nonce, trust.policy, requested_at);
        let answer = ask(query.to_der()?).await;
        let answer = answer.map_err(|error| TimestampingFault::Unreached(error.to_string()))?;
        let (token, verdict) = query.accept(&answer, &trust.roots, self.clock.now())?;
        let (size, tsa, gen_time) = (sealed.size, verdict.tsa, verdict.gen_time);
        Ok(Timestamp { size, tsa, token, gen_time, requested_at })
    }

    async fn keep_timestamp(&self, timestamp: &Timestamp) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO ledger.timestamps (size, tsa, token, gen_time, requested_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(timestamp.size)
        .bind(&timestamp.tsa)
        .bind(&timestamp.token)
        .bind(timestamp.gen_time)
        .bind(timestamp.requested_at)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The last timestamp, and measures its age; an authority that is configured and dates
    /// nothing is seen by it.
    pub async fn last_timestamp(&self) -> Result<Option<Timestamp>, sqlx::Error> {
        let last = last(&self.pool).await?;
        if let Some(last) = &last {
            let age = (self.clock.now() - last.gen_time).as_seconds_f64().max(0.0);
            metrics::gauge!("ledger_timestamp_age_seconds").set(age);
        }
        Ok(last)
    }

    /// The last timestamps, newest first.
    pub async fn timestamps(&self, most: i64) -> Result<Vec<Timestamp>, sqlx::Error> {
        list(&self.pool, most).await
    }

    /// The timestamp of one checkpoint of the meta-journal, with the note that it is over.
    pub async fn timestamp_of(&self, size: i64) -> Result<Option<(Timestamp, String)>, sqlx::Error> {
        of(&self.pool, size).await
    }

    /// Notes what there is to say of timestamps, for who asks how the platform is.
    pub fn tell_of_timestamps(&self, said: Option<String>) {
        self.board.lock().unwrap_or_else(PoisonError::into_inner).timestamps = said;
    }
}
