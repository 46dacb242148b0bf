//! One journal's tree, from its last checkpoint to its head.
//!
//! The edge of the tree is read from its tiles and must have the root that was signed;
//! where tiles are lost or damaged, they are made again from the record, which then must
//! have that root. So what is signed next extends what was signed last.

use super::Sealer;
use super::checkpoints::{Sealed, latest, swap};
use super::store::{JournalTiles, TileFault};
use crate::envelope::leaf_hash;
use crate::feed::Journal;
use crate::tlog::Hash;
use crate::tlog::edge::Edge;
use crate::tlog::note::{self, NoteFault};
use crate::tlog::proof::Tiles;
use crate::tlog::tile::Tile;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Rows read at a time.
const PAGE: i64 = 4096;

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
    /// Seals what a journal has beyond its last checkpoint; says whether it sealed any.
    pub async fn seal(&self, journal: &Journal) -> Result<bool, ExtendFault> {
        let mut transaction = self.pool.begin().await?;
        let free: bool = sqlx::query_scalar(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('sealer ' || $1 || $2, 0))",
        )
        .bind(journal.portail.as_str())
        .bind(journal.annee.0)
        .fetch_one(&mut *transaction)
        .await?;
        // Another process seals it.
        if !free {
            return Ok(false);
        }
        let last = latest(&mut *transaction, journal).await?;
        let size = last.as_ref().map_or(0, |last| last.size);
        let head = head(&mut transaction, journal).await?;
        if head == size {
            return Ok(false);
        }
        if head < size {
            return Err(ExtendFault::Missing { expected: head + 1 });
        }
        let tiles = self.tiles.of(journal);
        let mut edge = match &last {
            None => Edge::default(),
            Some(last) => self.edge(&mut transaction, journal, &tiles, last).await?,
        };
        grow(&mut transaction, journal, &mut edge, head, &tiles).await?;
        for (tile, hashes) in edge.partial() {
            tiles.write(tile, hashes).await?;
        }
        let sealed = self.sign(journal, &edge)?;
        let done = swap(&mut transaction, journal, size, &sealed).await?;
        transaction.commit().await?;
        if done {
            metrics::counter!("ledger_sealed_leaves_total").increment((head - size).unsigned_abs());
            tidy(&tiles, size, head).await?;
        }
        Ok(done)
    }

    fn sign(&self, journal: &Journal, edge: &Edge) -> Result<Sealed, ExtendFault> {
        let key = self.keys.active().ok_or(NoteFault::VerifierKey)?;
        let root = edge.root();
        Ok(Sealed {
            size: i64::try_from(edge.size()).unwrap_or(i64::MAX),
            root: root.0.to_vec(),
            note: key.sign(&self.origin(journal), edge.size(), root)?,
            sealed_at: self.clock.now(),
        })
    }

    /// The edge of the tree that was signed last.
    async fn edge(
        &self,
        connection: &mut PgConnection,
        journal: &Journal,
        tiles: &JournalTiles,
        last: &Sealed,
    ) -> Result<Edge, ExtendFault> {
        let keys = self.verifier_keys(journal);
        let signed = note::open(&last.note, keys.iter().map(|key| key.key.as_str()))?;
        if i64::try_from(signed.size()).ok() != Some(last.size) || signed.hash().0.as_slice() != last.root {
            return Err(ExtendFault::Row(last.size));
        }
        match stored(tiles, signed.size()).await {
            Ok(Some(edge)) if edge.root() == *signed.hash() => return Ok(edge),
            Err(TileFault::Store(error)) => return Err(TileFault::Store(error).into()),
            Ok(_) | Err(TileFault::Absent(_) | TileFault::Damaged(_)) => {}
        }
        tracing::warn!(portail = %journal.portail, annee = journal.annee.0, "making its tiles again");
        let mut edge = Edge::default();
        grow(connection, journal, &mut edge, last.size, tiles).await?;
        if edge.root() == *signed.hash() { Ok(edge) } else { Err(ExtendFault::Rewritten(last.size)) }
    }
}

/// The edge as its tiles have it.
async fn stored(tiles: &JournalTiles, size: u64) -> Result<Option<Edge>, TileFault> {
    let mut read = BTreeMap::new();
    for tile in Tile::partial(size) {
        read.insert(tile, tiles.read(tile).await?);
    }
    Ok(Edge::of(size, |tile| read.remove(&tile)))
}

/// Adds the leaves up to a position, and writes the tiles that they complete.
async fn grow(
    connection: &mut PgConnection,
    journal: &Journal,
    edge: &mut Edge,
    to: i64,
    tiles: &JournalTiles,
) -> Result<(), ExtendFault> {
    let mut last = i64::try_from(edge.size()).unwrap_or(i64::MAX);
    while last < to {
        let page = leaves(connection, journal, last, to).await?;
        if page.is_empty() {
            return Err(ExtendFault::Missing { expected: last + 1 });
        }
        let mut full = Vec::new();
        for (position, envelope, hash) in page {
            if position != last + 1 {
                return Err(ExtendFault::Missing { expected: last + 1 });
            }
            let leaf = leaf_hash(envelope.as_bytes());
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

async fn leaves(
    connection: &mut PgConnection,
    journal: &Journal,
    after: i64,
    to: i64,
) -> Result<Vec<(i64, String, Vec<u8>)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT position, metadata::text, leaf_hash FROM ledger.events
         WHERE portail = $1 AND annee = $2 AND position > $3 AND position <= $4 ORDER BY position LIMIT $5",
    )
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .bind(after)
    .bind(to)
    .bind(PAGE)
    .fetch_all(connection)
    .await
}

async fn head(connection: &mut PgConnection, journal: &Journal) -> Result<i64, sqlx::Error> {
    let head = sqlx::query_scalar("SELECT position FROM ledger.journal WHERE portail = $1 AND annee = $2")
        .bind(journal.portail.as_str())
        .bind(journal.annee.0)
        .fetch_optional(connection)
        .await?;
    Ok(head.unwrap_or_default())
}

/// Removes the partial tiles of the last checkpoint whose full ones are there now (C2SP
/// tlog-tiles, "Partial Tiles").
async fn tidy(tiles: &JournalTiles, from: i64, to: i64) -> Result<(), TileFault> {
    let (from, to) = (from.unsigned_abs(), to.unsigned_abs());
    for tile in Tile::partial(from) {
        if Tile::within(to, tile.level, tile.index).is_some_and(|now| now.is_full()) {
            tiles.remove_partial(tile).await?;
        }
    }
    Ok(())
}
