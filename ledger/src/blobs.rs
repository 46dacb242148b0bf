//! Contents too long for an event, kept beside the record: in a folder or a bucket, sealed under
//! the same data keys as the events that claim them, so that they are erased with these.
//!
//! A content is received chunk by chunk and read chunk by chunk: memory is bounded whatever its
//! length. What is said of it ([`Whole::label`]) is sealed in the database. One that is received
//! may be claimed by an event, of a stream that has its id; one that none claims is swept.

mod unfinished;

use crate::keys::{DataKey, KeyName, KeyRing};
use crate::objects;
use crate::seal::chunks::{CHUNK, Chunks, Part, SALT, TAG, open_label, salt, seal_label};
use crate::seal::{SealError, hex};
use chrono::{DateTime, Utc};
use domain::CleId;
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, WriteMultipart};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::task::spawn_blocking;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Contents that are removed with one statement.
const BATCH: i64 = 500;

/// Why a content cannot be received, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum BlobFault {
    /// The folder or the bucket does not answer, or has lost it.
    #[error("the store of contents")]
    Store(#[from] StoreError),
    /// It could not be sealed or opened.
    #[error("a content under its key")]
    Seal(#[from] SealError),
    /// Which contents there are could not be read or written.
    #[error("the list of contents")]
    Database(#[from] sqlx::Error),
    /// What was broken off could not be removed.
    #[error("what was broken off in the folder of contents")]
    Unfinished(#[from] std::io::Error),
}

/// All contents that are kept. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// Where that is, if it is a folder.
    folder: Option<Arc<std::path::Path>>,
    pool: PgPool,
    keys: KeyRing,
}

/// A content that is about to come.
#[derive(Debug, Clone, Copy)]
pub struct Announced {
    /// Who brings it.
    pub by: Uuid,
    /// How many bytes it has at most.
    pub size: u64,
    /// When it begins to come.
    pub at: DateTime<Utc>,
}

/// What somebody has brought that was not long claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brought {
    /// Contents that have come of late, whatever became of them.
    pub recent: u64,
    /// Those that nothing claims.
    pub waiting: u64,
    /// Bytes of these.
    pub bytes: u64,
}

/// A content that waits to be claimed, or was.
pub struct Blob {
    /// When it began to be received.
    pub at: DateTime<Utc>,
    /// What is said of it.
    pub label: Zeroizing<Vec<u8>>,
}

/// What a store still has of a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remains {
    /// Nothing.
    Gone,
    /// Bytes that none of the keys tried opens.
    Sealed,
    /// Bytes that one of them opens.
    Open,
}

/// A content, as it is listed.
struct Kept {
    key: Arc<DataKey>,
    at: DateTime<Utc>,
    /// Sealed.
    label: Vec<u8>,
}

impl Blobs {
    /// Contents in a folder, which is made if it is not there.
    pub fn in_folder(folder: &std::path::Path, pool: PgPool, keys: KeyRing) -> Result<Self, BlobFault> {
        Ok(Self { store: objects::in_folder(folder)?, folder: Some(folder.into()), pool, keys })
    }

    /// Contents in a bucket, under `s3://bucket/prefix`, as tiles are.
    pub fn in_bucket(
        url: &str,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        pool: PgPool,
        keys: KeyRing,
    ) -> Result<Self, BlobFault> {
        Ok(Self { store: objects::in_bucket(url, environment)?, folder: None, pool, keys })
    }

    /// Begins to receive a content under a new id, to be sealed under the key of this name. It is
    /// listed before its first byte is kept, so that none is kept of which nobody knows.
    pub async fn receive(&self, id: Uuid, name: KeyName, coming: Announced) -> Result<Incoming, BlobFault> {
        let mut ring = self.keys.for_names(&BTreeSet::from([name.clone()])).await?;
        let key = ring.remove(&name).ok_or(SealError::UnknownKey)?;
        sqlx::query(
            "INSERT INTO ledger.blobs (id, key_id, at, brought_by, size) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(key.id.0)
        .bind(coming.at)
        .bind(coming.by)
        .bind(stored(coming.size))
        .execute(&self.pool)
        .await?;
        let salt = salt()?;
        let chunks = Chunks::new(&key.bytes, Part::Body, id, &salt)?;
        let mut upload = WriteMultipart::new(self.store.put_multipart(&place(id)).await?);
        upload.write(&salt);
        let buffer = Zeroizing::new(Vec::with_capacity(CHUNK));
        Ok(Incoming { blobs: self.clone(), id, key, chunks, upload, buffer, hash: Sha256::new(), size: 0 })
    }

    /// A content that was received whole, and whose key lives.
    pub async fn find(&self, id: Uuid) -> Result<Option<Blob>, BlobFault> {
        let Some(kept) = self.living(id).await? else { return Ok(None) };
        let label = open_label(&kept.key.bytes, id, &kept.label)?;
        Ok(Some(Blob { at: kept.at, label }))
    }

    /// Begins to read a content that was received whole, and whose key lives; none where its store has
    /// lost it.
    pub async fn read(&self, id: Uuid) -> Result<Option<Reading>, BlobFault> {
        let Some(Kept { key, .. }) = self.living(id).await? else { return Ok(None) };
        let place = place(id);
        let end = match self.store.head(&place).await {
            Ok(kept) => kept.size,
            // A store that was restored may not have it: others are read all the same.
            Err(StoreError::NotFound { .. }) => {
                tracing::error!(%id, "a content that is listed is no longer in its store");
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let at = SALT as u64;
        // The least content has a chunk: one that was cut off before it would be read as empty.
        if end <= at {
            return Err(SealError::Damaged.into());
        }
        let first = self.store.get_range(&place, 0..at).await?;
        let salt = <&[u8; SALT]>::try_from(&first[..]).map_err(|_| SealError::Damaged)?;
        let chunks = Chunks::new(&key.bytes, Part::Body, id, salt)?;
        Ok(Some(Reading { store: self.store.clone(), place, chunks, at, end }))
    }

    /// What the store has of a content, listed or not, and whether one of these keys opens it: its first
    /// chunk tells.
    pub async fn remains(&self, id: Uuid, keys: &[Arc<DataKey>]) -> Result<Remains, BlobFault> {
        let place = place(id);
        let end = match self.store.head(&place).await {
            Ok(kept) => kept.size,
            Err(StoreError::NotFound { .. }) => return Ok(Remains::Gone),
            Err(error) => return Err(error.into()),
        };
        let to = end.min((SALT + CHUNK + TAG) as u64);
        if keys.is_empty() || to <= SALT as u64 {
            return Ok(Remains::Sealed);
        }
        let first = self.store.get_range(&place, 0..to).await?;
        let Some((salt, sealed)) = first.split_first_chunk::<SALT>() else { return Ok(Remains::Sealed) };
        let opens = |key: &Arc<DataKey>| {
            let chunks = Chunks::new(&key.bytes, Part::Body, id, salt);
            chunks.and_then(|mut chunks| chunks.open(sealed, to == end)).is_ok()
        };
        Ok(if keys.iter().any(opens) { Remains::Open } else { Remains::Sealed })
    }

    /// Whether its key lives is asked of the database each time: another process may have destroyed it.
    async fn living(&self, id: Uuid) -> Result<Option<Kept>, BlobFault> {
        let row: Option<(Uuid, DateTime<Utc>, Vec<u8>)> = sqlx::query_as(
            "SELECT b.key_id, b.at, b.label FROM ledger.blobs b JOIN ledger.keys k ON k.id = b.key_id
             WHERE b.id = $1 AND b.label IS NOT NULL AND k.wrapped IS NOT NULL",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        let Some((key, at, label)) = row else { return Ok(None) };
        let key = CleId(key);
        let mut ring = self.keys.for_ids(&self.pool, &BTreeSet::from([key])).await?;
        Ok(ring.remove(&key).map(|key| Kept { key, at, label }))
    }

    /// What somebody has brought that the last sweeps have not found claimed by a stream of this kind. One
    /// that began to come before an instant, and is not whole, was broken off and waits for nothing.
    pub async fn brought(
        &self,
        by: Uuid,
        kind: &str,
        coming_since: DateTime<Utc>,
    ) -> Result<Brought, BlobFault> {
        let (recent, waiting, bytes): (i64, i64, i64) = sqlx::query_as(
            "SELECT count(*), count(*) FILTER (WHERE waits),
                    coalesce(sum(size) FILTER (WHERE waits), 0)::bigint
             FROM (SELECT b.size, (b.label IS NOT NULL OR b.at >= $3) AND NOT EXISTS (
                       SELECT FROM ledger.events e
                       WHERE e.aggregate_type = $2 AND e.aggregate_id = b.id::text) AS waits
                   FROM ledger.blobs b WHERE b.brought_by = $1 AND NOT b.claimed) AS brought",
        )
        .bind(by)
        .bind(kind)
        .bind(coming_since)
        .fetch_one(&self.pool)
        .await?;
        let [recent, waiting, bytes] = [recent, waiting, bytes].map(i64::unsigned_abs);
        Ok(Brought { recent, waiting, bytes })
    }

    /// Removes contents that nobody can read any more, and those received before an instant that no
    /// stream of this kind has claimed; says how many.
    pub async fn sweep(&self, kind: &str, before: DateTime<Utc>) -> Result<u64, BlobFault> {
        sqlx::query(
            "UPDATE ledger.blobs b SET claimed = true, brought_by = NULL
             WHERE NOT claimed AND at < $2 AND EXISTS (
                 SELECT FROM ledger.events e WHERE e.aggregate_type = $1 AND e.aggregate_id = b.id::text)",
        )
        .bind(kind)
        .bind(before)
        .execute(&self.pool)
        .await?;
        let (mut removed, mut after, mut failed) = (0, Uuid::nil(), None);
        loop {
            let gone: Vec<Uuid> = sqlx::query_scalar(
                "SELECT id FROM (
                     SELECT b.id FROM ledger.blobs b JOIN ledger.keys k ON k.id = b.key_id WHERE k.wrapped IS NULL
                     UNION SELECT id FROM ledger.blobs WHERE NOT claimed AND at < $1) AS gone
                 WHERE id > $3 ORDER BY id LIMIT $2",
            )
            .bind(before)
            .bind(BATCH)
            .bind(after)
            .fetch_all(&self.pool)
            .await?;
            let Some(last) = gone.last().copied() else { return failed.map_or(Ok(removed), Err) };
            // One that the store does not let go keeps no other.
            for id in gone {
                match self.remove(id).await {
                    Ok(()) => removed += 1,
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
            after = last;
        }
    }

    /// Removes from a folder what a crash broke off and nobody has written to since an instant; says how
    /// many files. A bucket does it by itself, where it is told to.
    pub async fn sweep_unfinished(&self, before: DateTime<Utc>) -> Result<u64, BlobFault> {
        let Some(folder) = self.folder.clone() else { return Ok(0) };
        let before = SystemTime::from(before);
        let swept = spawn_blocking(move || unfinished::sweep(&folder, before)).await;
        Ok(swept.map_err(std::io::Error::other)??)
    }

    /// It stays listed until its bytes are gone.
    async fn remove(&self, id: Uuid) -> Result<(), BlobFault> {
        match self.store.delete(&place(id)).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        sqlx::query("DELETE FROM ledger.blobs WHERE id = $1").bind(id).execute(&self.pool).await?;
        Ok(())
    }
}

/// The database has signed numbers only.
fn stored(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// Two letters of the id make a folder: none grows without end.
fn place(id: Uuid) -> Path {
    let name = id.simple().to_string();
    Path::from(format!("{}/{name}", name.get(..2).unwrap_or_default()))
}

/// A content that is being received.
pub struct Incoming {
    blobs: Blobs,
    id: Uuid,
    key: Arc<DataKey>,
    chunks: Chunks,
    upload: WriteMultipart,
    buffer: Zeroizing<Vec<u8>>,
    hash: Sha256,
    size: u64,
}

impl Incoming {
    /// How many bytes have come.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes more bytes.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), BlobFault> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            // Only once more has come is it known that a full chunk is not the last one.
            if self.buffer.len() == CHUNK {
                self.seal(false).await?;
            }
            let (taken, rest) = bytes.split_at(bytes.len().min(CHUNK - self.buffer.len()));
            self.buffer.extend_from_slice(taken);
            bytes = rest;
        }
        Ok(())
    }

    async fn seal(&mut self, last: bool) -> Result<(), BlobFault> {
        let sealed = self.chunks.seal(&self.buffer, last)?;
        self.buffer.clear();
        self.upload.wait_for_capacity(1).await?;
        self.upload.write(&sealed);
        Ok(())
    }

    /// All bytes have come: they are kept before this returns.
    pub async fn finish(mut self) -> Result<Whole, BlobFault> {
        self.seal(true).await?;
        let Self { blobs, id, key, upload, hash, size, .. } = self;
        upload.finish().await?;
        Ok(Whole { blobs, id, key, sha256: hex(&hash.finalize()), size })
    }

    /// Gives the content up.
    pub async fn abort(self) -> Result<(), BlobFault> {
        let Self { blobs, id, upload, .. } = self;
        upload.abort().await?;
        blobs.remove(id).await
    }
}

/// A content that was received whole, and of which nothing is said yet.
pub struct Whole {
    blobs: Blobs,
    id: Uuid,
    key: Arc<DataKey>,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// How many bytes it has.
    pub size: u64,
}

impl Whole {
    /// Says what it is: from now on it is found.
    pub async fn label(self, label: &[u8]) -> Result<(), BlobFault> {
        let sealed = seal_label(&self.key.bytes, self.id, label)?;
        sqlx::query("UPDATE ledger.blobs SET label = $2, size = $3 WHERE id = $1")
            .bind(self.id)
            .bind(sealed)
            .bind(stored(self.size))
            .execute(&self.blobs.pool)
            .await?;
        Ok(())
    }

    /// Gives it up.
    pub async fn abort(self) -> Result<(), BlobFault> {
        self.blobs.remove(self.id).await
    }
}

/// A content that is being read. Between two chunks it holds no connection and no file.
pub struct Reading {
    store: Arc<dyn ObjectStore>,
    place: Path,
    chunks: Chunks,
    at: u64,
    end: u64,
}

impl Reading {
    /// The next bytes, opened; none after the last ones.
    pub async fn chunk(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, BlobFault> {
        if self.is_over() {
            return Ok(None);
        }
        let to = self.end.min(self.at + (CHUNK + TAG) as u64);
        let sealed = self.store.get_range(&self.place, self.at..to).await?;
        self.at = to;
        Ok(Some(self.chunks.open(&sealed, to == self.end)?))
    }

    /// Whether the last bytes were read.
    pub fn is_over(&self) -> bool {
        self.at >= self.end
    }
}
