//! What is asked of the sealer afterwards: that an event is in the sealed tree.

use super::Sealer;
use super::checkpoints::{Sealed, latest};
use super::extend::Leaf;
use super::log::Log;
use super::store::{LogTiles, TileFault, TileStore};
use super::witnessing::published;
use crate::feed::Journal;
use crate::tlog::bundle;
use crate::tlog::proof::{self, ProofFault};
use crate::tlog::text::Proof;
use crate::tlog::tile::{Tile, WIDTH};
use crate::unit::{Position, Recorded};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How often to look whether another process has sealed.
const LOOK: Duration = Duration::from_millis(100);

/// Why there is no proof of what is sealed.
#[derive(Debug, thiserror::Error)]
pub enum ProofsFault {
    /// The database did not answer.
    #[error("the record cannot be read")]
    Database(#[from] sqlx::Error),
    /// The tiles do not give the proof.
    #[error("the tiles of the journal")]
    Tiles(#[from] ProofFault<TileFault>),
}

/// How an event is shown to have been sealed.
#[derive(Debug, Clone)]
pub struct Chain {
    /// That it is in its journal's tree.
    pub proof: Proof,
    /// When the head of that tree was signed.
    pub sealed_at: DateTime<Utc>,
    /// That this head is in the meta-journal; none where it is not there yet.
    pub meta: Option<Proof>,
}

/// The chain from an event to the head of the meta-journal, or as far as it goes by now; none
/// if it is not sealed. For who has the record and its tiles, but not the keys that sign.
pub async fn chain(
    connection: &mut PgConnection,
    tiles: &TileStore,
    position: &Position,
) -> Result<Option<Chain>, ProofsFault> {
    let log = Log::Journal(Journal { portail: position.portail.clone(), annee: position.annee });
    let all = published(&mut *connection, &Log::Meta).await?;
    let consigned = match &all {
        Some(all) => consigned(connection, &log, position.position, all).await?,
        None => None,
    };
    let (sealed, meta) = match (consigned, all) {
        (Some((at, sealed)), Some(all)) => (sealed, Some(proof_in(tiles, &Log::Meta, all, at).await?)),
        _ => match latest(&mut *connection, &log).await? {
            Some(sealed) if sealed.size >= position.position => (sealed, None),
            _ => return Ok(None),
        },
    };
    let sealed_at = sealed.sealed_at;
    let proof = proof_in(tiles, &log, sealed, position.position).await?;
    Ok(Some(Chain { proof, sealed_at, meta }))
}

/// A checkpoint, and its place in the meta-journal.
#[derive(sqlx::FromRow)]
struct ConsignedRow {
    position: i64,
    #[sqlx(flatten)]
    sealed: Sealed,
}

/// The newest checkpoint of a journal that the sealed meta-journal has, where it covers this
/// position, with its place in it.
async fn consigned(
    connection: &mut PgConnection,
    log: &Log,
    position: i64,
    all: &Sealed,
) -> Result<Option<(i64, Sealed)>, sqlx::Error> {
    let row: Option<ConsignedRow> = sqlx::query_as(
        "SELECT m.position, c.size, c.root, c.note, c.sealed_at
         FROM ledger.meta m JOIN ledger.checkpoints c USING (portail, annee, size)
         WHERE m.portail = $1 AND m.annee = $2 AND m.periode IS NULL AND m.size >= $3 AND m.position <= $4
         ORDER BY m.size DESC LIMIT 1",
    )
    .bind(log.key().0)
    .bind(log.key().1)
    .bind(position)
    .bind(all.size)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.position, row.sealed)))
}

/// A checkpoint of a journal that the meta-journal holds, and the proof that it does.
#[derive(Debug, Clone)]
pub struct Consigned {
    /// The signed note, which is the leaf.
    pub checkpoint: String,
    /// That it is in the meta-journal.
    pub proof: Proof,
}

/// The newest checkpoint of a journal over not more than `most` events that the sealed
/// meta-journal has, if there is one.
pub async fn consigned_to(
    connection: &mut PgConnection,
    tiles: &TileStore,
    journal: &Journal,
    most: i64,
) -> Result<Option<Consigned>, ProofsFault> {
    let Some(all) = published(&mut *connection, &Log::Meta).await? else { return Ok(None) };
    let found: Option<(i64, String)> = sqlx::query_as(
        "SELECT position, leaf FROM ledger.meta
         WHERE portail = $1 AND annee = $2 AND periode IS NULL AND size <= $3 AND position <= $4
         ORDER BY size DESC LIMIT 1",
    )
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .bind(most)
    .bind(all.size)
    .fetch_optional(connection)
    .await?;
    let Some((position, checkpoint)) = found else { return Ok(None) };
    let proof = proof_in(tiles, &Log::Meta, all, position).await?;
    Ok(Some(Consigned { checkpoint, proof }))
}

/// The proof that the leaf at a position is in the tree that was sealed.
pub(super) async fn proof_in(
    tiles: &TileStore,
    log: &Log,
    sealed: Sealed,
    position: i64,
) -> Result<Proof, ProofsFault> {
    let tiles: LogTiles = tiles.of(log);
    let index = position.unsigned_abs() - 1;
    let hashes = proof::inclusion(&tiles, sealed.size.unsigned_abs(), index).await?;
    Ok(Proof { index, hashes, checkpoint: sealed.note })
}

impl Sealer {
    /// The last checkpoint of a log.
    pub async fn checkpoint(&self, log: impl Into<Log>) -> Result<Option<Sealed>, sqlx::Error> {
        latest(&self.pool, &log.into()).await
    }

    /// The newest checkpoint of a journal that is in the sealed meta-journal, with its proof.
    pub async fn consigned(&self, journal: &Journal) -> Result<Option<Consigned>, ProofsFault> {
        consigned_to(&mut *self.pool.acquire().await?, &self.tiles, journal, i64::MAX).await
    }

    /// The proof that the event at a position is in its journal's tree; none if it is not
    /// sealed yet.
    pub async fn prove(&self, position: &Position) -> Result<Option<Proof>, ProofsFault> {
        let journal = Journal { portail: position.portail.clone(), annee: position.annee };
        self.prove_leaf(&Log::Journal(journal), position.position).await
    }

    /// The proof that the leaf at a position is in a log's tree; none if it is not sealed yet.
    pub async fn prove_leaf(&self, log: &Log, position: i64) -> Result<Option<Proof>, ProofsFault> {
        let Some(sealed) = self.published(log).await? else { return Ok(None) };
        if sealed.size < position || position < 1 {
            return Ok(None);
        }
        Ok(Some(proof_in(&self.tiles, log, sealed, position).await?))
    }

    /// Where the first event of a type is among those that one command recorded: its legal act
    /// is not the last one, where its effects are recorded after it. From the record, so that a
    /// repeated command is told of what it did the first time.
    pub async fn act_of(&self, recorded: &Recorded, kind: &str) -> Result<Option<Position>, sqlx::Error> {
        let Position { portail, annee, position: last } = recorded.position.clone();
        let act: Option<i64> = sqlx::query_scalar(
            "SELECT min(position) FROM ledger.events
             WHERE portail = $1 AND annee = $2 AND position BETWEEN $3 AND $4 AND event_type = $5",
        )
        .bind(portail.as_str())
        .bind(annee.0)
        .bind(recorded.first)
        .bind(last)
        .bind(kind)
        .fetch_one(&self.pool)
        .await?;
        Ok(act.map(|position| Position { portail, annee, position }))
    }

    /// The leaves of a tile, which the record holds byte for byte; none if they are not all
    /// there.
    pub async fn bundle(&self, log: impl Into<Log>, tile: Tile) -> Result<Option<Vec<u8>>, sqlx::Error> {
        let first = i64::try_from(tile.index.saturating_mul(WIDTH)).unwrap_or(i64::MAX);
        let last = first.saturating_add(i64::from(tile.width));
        let leaves: Vec<Leaf> = log.into().leaves(&mut *self.pool.acquire().await?, first, last).await?;
        let whole = leaves.len() == usize::from(tile.width);
        Ok(whole.then(|| bundle::encode(leaves.iter().map(|leaf| leaf.bytes.as_bytes()))).flatten())
    }

    /// The same as [`Self::prove`], waiting for its seal no longer than this.
    pub async fn prove_within(
        &self,
        position: &Position,
        patience: Duration,
    ) -> Result<Option<Proof>, ProofsFault> {
        let deadline = Instant::now() + patience;
        let mut passes = self.passes.subscribe();
        loop {
            passes.mark_unchanged();
            match self.prove(position).await? {
                None if Instant::now() < deadline && position.position > 0 => {}
                proof => return Ok(proof),
            }
            // Told by this process' sealer; that of another one is only seen by looking.
            let _ = timeout(LOOK.min(deadline - Instant::now()), passes.changed()).await;
        }
    }
}
