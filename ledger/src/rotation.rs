//! The key-encryption key replaced: every data key is wrapped again under a new one, and the
//! old one is removed from the key file, so that an old copy of the key table opens nothing.
//!
//! The order makes it safe to be killed anywhere and begun again: the new key is in the file
//! before a row needs it, nobody wraps under the old one any more before the rows are counted,
//! and the old one leaves the file when no row needs it. Processes that run meanwhile read
//! their file again when they miss a key.

use crate::kek::{FileKek, KekFault, KekProvider, Wrapped};
use crate::seal::SealError;
use sqlx::PgPool;
use uuid::Uuid;

/// Keys in one statement.
const BATCH: i64 = 500;

/// Why a rotation did not come to its end. Begun again, it goes on.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The key file.
    #[error(transparent)]
    File(#[from] KekFault),
    /// The database did not answer.
    #[error("the key table")]
    Database(#[from] sqlx::Error),
    /// A data key does not open.
    #[error("data key {id}")]
    Key {
        /// Which.
        id: Uuid,
        /// Why.
        source: SealError,
    },
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The key under which all data keys are wrapped now.
    pub active: String,
    /// The keys that were removed from the file.
    pub removed: Vec<String>,
    /// Data keys that were wrapped again.
    pub rewrapped: u64,
}

/// Replaces the key-encryption key, or ends a rotation that was broken off. `owner` owns the
/// key table, `progress` is told how many data keys are done, of how many.
pub async fn rotate(
    owner: &PgPool,
    kek: &FileKek,
    randomness: impl FnMut(&mut [u8]),
    mut progress: impl FnMut(u64, u64),
) -> Result<Rotated, RotationError> {
    if kek.retiring().is_empty() {
        kek.begin_rotation(randomness)?;
    }
    let (active, removed) = (kek.active(), kek.retiring());
    retire(owner, &removed).await?;
    let waiting = "SELECT count(*) FROM ledger.keys WHERE wrapped IS NOT NULL AND kek_id <> $1";
    let total: i64 = sqlx::query_scalar(waiting).bind(&active).fetch_one(owner).await?;
    let (total, mut rewrapped) = (total.unsigned_abs(), 0);
    loop {
        match rewrap(owner, kek, &active).await? {
            0 => break,
            done => rewrapped += done,
        }
        progress(rewrapped, total);
    }
    kek.end_rotation()?;
    Ok(Rotated { active, removed, rewrapped })
}

/// From here on no data key is wrapped under these: those on their way have arrived.
async fn retire(owner: &PgPool, keks: &[String]) -> Result<(), sqlx::Error> {
    let mut tx = owner.begin().await?;
    sqlx::query("LOCK TABLE ledger.keys IN SHARE ROW EXCLUSIVE MODE").execute(&mut *tx).await?;
    sqlx::query("INSERT INTO ledger.retired_keks (id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING")
        .bind(keks)
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

/// Wraps some data keys again; none when all are. A key that is destroyed meanwhile stays so.
async fn rewrap(owner: &PgPool, kek: &FileKek, active: &str) -> Result<u64, RotationError> {
    let rows: Vec<(Uuid, String, Vec<u8>)> = sqlx::query_as(
        "SELECT id, kek_id, wrapped FROM ledger.keys WHERE wrapped IS NOT NULL AND kek_id <> $1
         ORDER BY id LIMIT $2",
    )
    .bind(active)
    .bind(BATCH)
    .fetch_all(owner)
    .await?;
    let read = rows.len() as u64;
    let (mut ids, mut fresh) = (Vec::new(), Vec::new());
    for (id, kek_id, bytes) in rows {
        let wrapped = Wrapped { kek_id, bytes };
        let again = kek.unwrap(&wrapped).and_then(|key| kek.wrap(&key));
        fresh.push(again.map_err(|source| RotationError::Key { id, source })?.bytes);
        ids.push(id);
    }
    sqlx::query(
        "UPDATE ledger.keys k SET kek_id = $3, wrapped = f.bytes
         FROM unnest($1::uuid[], $2::bytea[]) AS f (id, bytes)
         WHERE k.id = f.id AND k.wrapped IS NOT NULL",
    )
    .bind(ids)
    .bind(fresh)
    .bind(active)
    .execute(owner)
    .await?;
    Ok(read)
}
