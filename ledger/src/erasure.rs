//! Erasing without breaking proof: data keys are destroyed in the transaction that records
//! the event that says so, so that a crash leaves neither without the other.
//!
//! Leaves, positions and hashes stay, and a journal verifies as before; contents are gone.
//! Erasures are counted. Who keeps contents or keys in the clear compares that count with the
//! one it knows: [`crate::feed`] reads it with every page, the writer is refused by the
//! database, and everybody else is told by NOTIFY ([`Ledger::heed_erasures`]).
//!
//! What is written about the same subject afterwards is sealed under a new key.

use crate::Ledger;
use crate::envelope::Stream;
use crate::unit::{AppendError, Recorded, Unit};
use crate::writer::{BatchError, append_in};
use domain::{CleId, PortailId};
use sqlx::postgres::PgListener;
use sqlx::{PgConnection, PgExecutor};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::watch;

/// How many erasures there have been, as an expression of SQL.
pub const COUNT: &str = "(SELECT coalesce(max(number), 0) FROM ledger.erasures)";
/// Channel on which the database says that something was erased.
const CHANNEL: &str = "ledger_erased";
/// SQLSTATE of an event that is sealed under a destroyed key.
const SEALED_UNDER_NOTHING: &str = "LK001";
/// SQLSTATE of a key that another erasure has destroyed.
const DESTROYED_BEFORE: &str = "LK002";
/// How long to wait before listening again.
const PAUSE: Duration = Duration::from_millis(500);

/// What is erased with a unit that says so.
#[derive(Debug, Clone, Default)]
pub struct Erasure {
    /// The data keys to be destroyed.
    pub keys: BTreeSet<CleId>,
    /// Streams on which the decision stands though it adds nothing to them: each with the
    /// portal that it belongs to and the last event that was heard (0: there was none).
    pub unmoved: Vec<(PortailId, Stream, u64)>,
}

/// How many erasures there have been.
pub async fn count(executor: impl PgExecutor<'_>) -> Result<u64, sqlx::Error> {
    let count: i64 = sqlx::query_scalar(&format!("SELECT {COUNT}")).fetch_one(executor).await?;
    Ok(count.unsigned_abs())
}

/// Whether what was to be recorded is sealed under a key that is no more.
pub(crate) fn is_sealed_under_nothing(error: &sqlx::Error) -> bool {
    is(error, SEALED_UNDER_NOTHING)
}

fn is(error: &sqlx::Error, state: &str) -> bool {
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some(state)
}

impl Ledger {
    /// Records a unit and destroys keys with it, or neither. A key that is destroyed already
    /// and a stream that has moved are conflicts: read again and decide again.
    pub async fn erase(&self, unit: Unit, erasure: &Erasure) -> Result<Recorded, AppendError> {
        let sealed = unit.seal(self.keys(), self.clock().now()).await?;
        let portail = &sealed.context.portail;
        let mut portails: BTreeSet<&PortailId> =
            erasure.unmoved.iter().map(|(portail, _, _)| portail).collect();
        portails.insert(portail);
        let mut tx = self.pool().begin().await.map_err(BatchError::from)?;
        let last = hold(&mut tx, &portails).await.map_err(BatchError::from)?;
        if !have_stayed(&mut tx, &erasure.unmoved).await.map_err(BatchError::from)? {
            return Err(AppendError::Conflict);
        }
        let now = self.clock().now();
        let recorded = append_in(&mut tx, &sealed, last.map_or(now, |last| last.max(now))).await?;
        if !recorded.repeated {
            destroy(&mut tx, erasure, &recorded).await?;
            tx.commit().await.map_err(BatchError::from)?;
            self.forget_contents();
        }
        Ok(recorded)
    }

    /// Forgets contents and keys whenever something was erased, by whichever process, until
    /// `stop` is true.
    pub async fn heed_erasures(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            tokio::select! {
                ended = self.listen() => {
                    if let Err(error) = ended {
                        tracing::warn!(%error, "not listening for erasures; trying again");
                    }
                    pause().await;
                }
                _ = stop.changed() => {}
            }
        }
    }

    async fn listen(&self) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(self.pool()).await?;
        listener.listen(CHANNEL).await?;
        let mut heard = 0;
        loop {
            // Also what was said while nobody listened.
            let count = count(self.pool()).await?;
            self.keys().learn(count);
            // Not where the keys alone say that it is news: the views, which share them, often
            // learn of it before, and forget no aggregate.
            if count > heard {
                heard = count;
                self.forget_contents();
            }
            listener.try_recv().await?;
        }
    }
}

async fn hold(
    tx: &mut PgConnection,
    portails: &BTreeSet<&PortailId>,
) -> Result<Option<chrono::DateTime<chrono::Utc>>, sqlx::Error> {
    let portails: Vec<_> = portails.iter().map(|portail| portail.as_str()).collect();
    sqlx::query_scalar("SELECT ledger.hold_for_erasure($1)").bind(portails).fetch_one(tx).await
}

/// Whether these streams stand where they were read; their portals are held.
async fn have_stayed(
    tx: &mut PgConnection,
    unmoved: &[(PortailId, Stream, u64)],
) -> Result<bool, sqlx::Error> {
    let kinds: Vec<_> = unmoved.iter().map(|(_, stream, _)| stream.kind.as_str()).collect();
    let ids: Vec<_> = unmoved.iter().map(|(_, stream, _)| stream.id.as_str()).collect();
    let heard: Vec<_> = unmoved.iter().map(|(_, _, heard)| i64::try_from(*heard).unwrap_or(-1)).collect();
    sqlx::query_scalar(
        "SELECT NOT EXISTS (
             SELECT FROM unnest($1::text[], $2::text[], $3::bigint[]) AS s (kind, id, heard)
             WHERE s.heard <> (SELECT coalesce(max(sequence), 0) FROM ledger.events e
                               WHERE e.aggregate_type = s.kind AND e.aggregate_id = s.id))",
    )
    .bind(kinds)
    .bind(ids)
    .bind(heard)
    .fetch_one(tx)
    .await
}

async fn destroy(tx: &mut PgConnection, erasure: &Erasure, said: &Recorded) -> Result<(), AppendError> {
    let keys: Vec<_> = erasure.keys.iter().map(|key| key.0).collect();
    let destroyed = sqlx::query("SELECT ledger.destroy($1, $2, $3, $4)")
        .bind(keys)
        .bind(said.position.portail.as_str())
        .bind(said.position.annee.0)
        .bind(said.position.position)
        .execute(tx)
        .await;
    match destroyed {
        Ok(_) => Ok(()),
        Err(error) if is(&error, DESTROYED_BEFORE) => Err(AppendError::Conflict),
        Err(error) => Err(BatchError::from(error).into()),
    }
}

#[allow(clippy::disallowed_methods)] // the pause after a fault: there is no condition to wait on
async fn pause() {
    tokio::time::sleep(PAUSE).await;
}
