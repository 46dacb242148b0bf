//! What is asked of the sealer afterwards: that an event is in the sealed tree.

use super::Sealer;
use super::checkpoints::{Sealed, latest};
use super::extend::Leaf;
use super::log::Log;
use super::store::{LogTiles, TileFault};
use crate::feed::Journal;
use crate::tlog::bundle;
use crate::tlog::proof::{self, ProofFault};
use crate::tlog::text::Proof;
use crate::tlog::tile::{Tile, WIDTH};
use crate::unit::Position;
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

impl Sealer {
    /// The last checkpoint of a log.
    pub async fn checkpoint(&self, log: impl Into<Log>) -> Result<Option<Sealed>, sqlx::Error> {
        latest(&self.pool, &log.into()).await
    }

    /// The proof that the event at a position is in its journal's tree; none if it is not
    /// sealed yet.
    pub async fn prove(&self, position: &Position) -> Result<Option<Proof>, ProofsFault> {
        let journal = Journal { portail: position.portail.clone(), annee: position.annee };
        self.prove_leaf(&Log::Journal(journal), position.position).await
    }

    /// The proof that the leaf at a position is in a log's tree; none if it is not sealed yet.
    pub async fn prove_leaf(&self, log: &Log, position: i64) -> Result<Option<Proof>, ProofsFault> {
        let Some(sealed) = latest(&self.pool, log).await? else { return Ok(None) };
        if sealed.size < position || position < 1 {
            return Ok(None);
        }
        let tiles: LogTiles = self.tiles.of(log);
        let index = position.unsigned_abs() - 1;
        let hashes = proof::inclusion(&tiles, sealed.size.unsigned_abs(), index).await?;
        Ok(Some(Proof { index, hashes, checkpoint: sealed.note }))
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
