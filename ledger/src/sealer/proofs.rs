//! What is asked of the sealer afterwards: that an event is in the sealed tree.

use super::Sealer;
use super::checkpoints::{Sealed, latest};
use super::store::{JournalTiles, TileFault};
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
    /// The last checkpoint of a journal.
    pub async fn checkpoint(&self, journal: &Journal) -> Result<Option<Sealed>, sqlx::Error> {
        latest(&self.pool, journal).await
    }

    /// The proof that the event at a position is in its journal's tree; none if it is not
    /// sealed yet.
    pub async fn prove(&self, position: &Position) -> Result<Option<Proof>, ProofsFault> {
        let journal = Journal { portail: position.portail.clone(), annee: position.annee };
        let Some(sealed) = latest(&self.pool, &journal).await? else { return Ok(None) };
        if sealed.size < position.position || position.position < 1 {
            return Ok(None);
        }
        let tiles: JournalTiles = self.tiles.of(&journal);
        let index = position.position.unsigned_abs() - 1;
        let hashes = proof::inclusion(&tiles, sealed.size.unsigned_abs(), index).await?;
        Ok(Some(Proof { index, hashes, checkpoint: sealed.note }))
    }

    /// The leaves of a tile, which the record holds byte for byte; none if they are not all
    /// there.
    pub async fn bundle(&self, journal: &Journal, tile: Tile) -> Result<Option<Vec<u8>>, sqlx::Error> {
        let first = i64::try_from(tile.index.saturating_mul(WIDTH)).unwrap_or(i64::MAX);
        let last = first.saturating_add(i64::from(tile.width));
        let leaves: Vec<String> = sqlx::query_scalar(
            "SELECT metadata::text FROM ledger.events
             WHERE portail = $1 AND annee = $2 AND position > $3 AND position <= $4 ORDER BY position",
        )
        .bind(journal.portail.as_str())
        .bind(journal.annee.0)
        .bind(first)
        .bind(last)
        .fetch_all(&self.pool)
        .await?;
        let whole = leaves.len() == usize::from(tile.width);
        Ok(whole.then(|| bundle::encode(leaves.iter().map(String::as_bytes))).flatten())
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
