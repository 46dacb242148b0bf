//! One log's tree, from its last checkpoint to its head.
//!
//! The edge of the tree is read from its tiles and must have the root that was signed;
//! where tiles are lost or damaged, they are made again from the record, which then must
//! have that root. So what is signed next extends what was signed last.

use super::Sealer;
use super::checkpoints::{Sealed, latest, swap};
use super::log::Log;
use super::store::{LogTiles, TileFault};
use crate::envelope::leaf_hash;
use crate::tlog::Hash;
use crate::tlog::edge::Edge;
use crate::tlog::note::{self, NoteFault};
use crate::tlog::proof::Tiles;
use crate::tlog::tile::Tile;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// A leaf as the record has it.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Leaf {
    pub position: i64,
    pub bytes: String,
    pub hash: Vec<u8>,
}

/// Why a journal is not sealed further.
#[derive(Debug, thiserror::Error)]
pub enum ExtendFault {
    /// The database did not answer.
    #[error("the record cannot be read")]
    Database(#[from] sqlx::Error),
    /// The tiles cannot be read or written.
    #[error("the tiles")]
    Tiles(#[from] TileFault),
    /// A checkpoint cannot be signed, or the last one is not ours.
    #[error("its checkpoint")]
    Note(#[from] NoteFault),
    /// The last checkpoint says another thing than its row.
    #[error("its last checkpoint, of size {0}, is not what its row says")]
    Row(i64),
    /// The record has lost events that were sealed, or has some without their places.
    #[error("position {expected} is missing, which its head or its last checkpoint promises")]
    Missing {
        /// What should be there.
        expected: i64,
    },
    /// The bytes of an envelope are not those that were hashed.
    #[error("the envelope at position {0} is not the one that was recorded")]
    Leaf(i64),
    /// The record is not the one that was sealed.
    #[error("the record up to position {0} is not the one that was sealed: it was rewritten")]
    Rewritten(i64),
}

impl Sealer {
    /// Seals what a log has beyond its last checkpoint; says whether it sealed any.
    pub async fn seal(&self, log: impl Into<Log>) -> Result<bool, ExtendFault> {
        let log = &log.into();
        let mut transaction = self.pool.begin().await?;
        let free: bool =
            sqlx::query_scalar("SELECT pg_try_advisory_xact_lock(hashtextextended('sealer ' || $1, 0))")
                .bind(log.to_string())
                .fetch_one(&mut *transaction)
                .await?;
        // Another process seals it.
        if !free {
            return Ok(false);
        }
        let last = latest(&mut *transaction, log).await?;
        let size = last.as_ref().map_or(0, |last| last.size);
        let head = log.head(&mut transaction).await?;
        if head == size {
            return Ok(false);
        }
        if head < size {
            return Err(ExtendFault::Missing { expected: head + 1 });
        }
        let tiles = self.tiles.of(log);
        let mut edge = match &last {
            None => Edge::default(),
            Some(last) => self.edge(&mut transaction, log, &tiles, last).await?,
        };
        grow(&mut transaction, log, &mut edge, head, &tiles).await?;
        for (tile, hashes) in edge.partial() {
            tiles.write(tile, hashes).await?;
        }
        let sealed = self.sign(log, &edge)?;
        let done = swap(&mut transaction, log, size, &sealed).await?;
        transaction.commit().await?;
        if done {
            metrics::counter!("ledger_sealed_leaves_total").increment((head - size).unsigned_abs());
            tidy(&tiles, size, head).await?;
        }
        Ok(done)
    }

    fn sign(&self, log: &Log, edge: &Edge) -> Result<Sealed, ExtendFault> {
        let key = self.keys.active().ok_or(NoteFault::VerifierKey)?;
        let root = edge.root();
        Ok(Sealed {
            size: i64::try_from(edge.size()).unwrap_or(i64::MAX),
            root: root.0.to_vec(),
            note: key.sign(&log.origin(&self.base), edge.size(), root)?,
            sealed_at: self.clock.now(),
        })
    }

    /// The edge of the tree that was signed last.
    async fn edge(
        &self,
        connection: &mut PgConnection,
        log: &Log,
        tiles: &LogTiles,
        last: &Sealed,
    ) -> Result<Edge, ExtendFault> {
        let keys = self.verifier_keys(log);
        let signed = note::open(&last.note, keys.iter().map(|key| key.key.as_str()))?;
        if i64::try_from(signed.size()).ok() != Some(last.size) || signed.hash().0.as_slice() != last.root {
            return Err(ExtendFault::Row(last.size));
        }
        match stored(tiles, signed.size()).await {
            Ok(Some(edge)) if edge.root() == *signed.hash() => return Ok(edge),
            Err(TileFault::Store(error)) => return Err(TileFault::Store(error).into()),
            Ok(_) | Err(TileFault::Absent(_) | TileFault::Damaged(_)) => {}
        }
        tracing::warn!(%log, "making its tiles again");
        let mut edge = Edge::default();
        grow(connection, log, &mut edge, last.size, tiles).await?;
        if edge.root() == *signed.hash() { Ok(edge) } else { Err(ExtendFault::Rewritten(last.size)) }
    }
}

/// The edge as its tiles have it.
async fn stored(tiles: &LogTiles, size: u64) -> Result<Option<Edge>, TileFault> {
    let mut read = BTreeMap::new();
    for tile in Tile::partial(size) {
        read.insert(tile, tiles.read(tile).await?);
    }
    Ok(Edge::of(size, |tile| read.remove(&tile)))
}

/// Adds the leaves up to a position, and writes the tiles that they complete.
async fn grow(
    connection: &mut PgConnection,
    log: &Log,
    edge: &mut Edge,
    to: i64,
    tiles: &LogTiles,
) -> Result<(), ExtendFault> {
    let mut last = i64::try_from(edge.size()).unwrap_or(i64::MAX);
    while last < to {
        let page = log.leaves(connection, last, to).await?;
        if page.is_empty() {
            return Err(ExtendFault::Missing { expected: last + 1 });
        }
        let mut full = Vec::new();
        for Leaf { position, bytes, hash } in page {
            if position != last + 1 {
                return Err(ExtendFault::Missing { expected: last + 1 });
            }
            let leaf = leaf_hash(bytes.as_bytes());
            if leaf.as_slice() != hash {
                return Err(ExtendFault::Leaf(position));
            }
            edge.push(Hash(leaf), |tile, hashes| full.push((tile, hashes.to_vec())));
            last = position;
        }
        for (tile, hashes) in full {
            tiles.write(tile, &hashes).await?;
        }
    }
    Ok(())
}

/// Removes the partial tiles of the last checkpoint whose full ones are there now (C2SP
/// tlog-tiles, "Partial Tiles").
async fn tidy(tiles: &LogTiles, from: i64, to: i64) -> Result<(), TileFault> {
    let (from, to) = (from.unsigned_abs(), to.unsigned_abs());
    for tile in Tile::partial(from) {
        if Tile::within(to, tile.level, tile.index).is_some_and(|now| now.is_full()) {
            tiles.remove_partial(tile).await?;
        }
    }
    Ok(())
}
