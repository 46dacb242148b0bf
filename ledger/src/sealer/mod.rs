//! The sealer: grows each journal's tree behind the writer, and signs its head.
//!
//! Tiles are written first, then the checkpoint that promises them is put after the last
//! one by compare and swap: killed in between, the next one writes the same tiles again.
//! Of several processes one seals a journal at a time (an advisory lock), and were there
//! two, only one could extend a given checkpoint. A tree that does not extend the last
//! checkpoint is not signed, and an operator is told.
//!
//! - [`keys`]: what signs; [`store`]: where tiles are; [`checkpoints`]: what was sealed.
//! - [`log`]: what is sealed; [`extend`]: its tree, from its last checkpoint to its head.
//! - [`proofs`]: what is asked for afterwards.
//! - [`witnessing`]: what witnesses sign under it.
//! - [`timestamping`]: what an authority signed of the time of its head.
//! - [`meta`]: the journal of all journals; [`closing`]: the clôtures that it also holds;
//!   [`turns`]: in which order; [`closings`]: these as evidence; [`dating`]: when they were there, by another clock.
//! - [`health`]: how far all this has come, for who answers for a portal.

pub mod checkpoints;
pub mod closing;
pub mod closings;
pub mod dating;
pub mod extend;
pub mod health;
pub mod keys;
pub mod log;
pub mod meta;
pub mod proofs;
pub mod store;
pub mod timestamping;
pub mod turns;
pub mod witnessing;

use crate::clock::Clock;
use crate::feed::Journal;
use crate::wake::{self, PAUSE};
use chrono::{DateTime, Utc};
use domain::AnneeScolaire;
use extend::ExtendFault;
use keys::SealKeys;
use log::Log;
use sqlx::PgPool;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::TileStore;
use tokio::sync::watch;
use tokio::time::Instant;

/// How often journals are looked at when nothing was heard.
const POLL: Duration = Duration::from_secs(1);
/// After a pass events gather for as long as three passes, and no longer than this: a
/// checkpoint costs the same over one event as over a thousand.
const REST: Duration = Duration::from_millis(250);

/// See the module.
#[derive(Clone)]
pub struct Sealer {
    pool: PgPool,
    tiles: TileStore,
    keys: Arc<SealKeys>,
    base: Arc<str>,
    clock: Arc<dyn Clock>,
    board: Arc<Mutex<Board>>,
    /// Counts the passes that found something.
    passes: watch::Sender<u64>,
}

/// What the sealer would tell an operator.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// When the oldest event that is not sealed was recorded.
    pub unsealed_since: Option<DateTime<Utc>>,
    /// The journals that are not sealed further, and why.
    pub refused: BTreeMap<Log, String>,
    /// What there is to say of witnesses.
    pub witnesses: Vec<String>,
    /// The logs that a witness refuses or contradicts.
    pub unwitnessed: Vec<witnessing::Unwitnessed>,
    /// What there is to say of timestamps.
    pub timestamps: Option<String>,
}

impl Sealer {
    /// A sealer of the journals in this database, under this base domain.
    pub fn new(
        pool: PgPool,
        tiles: TileStore,
        keys: Arc<SealKeys>,
        base: &str,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (board, passes) = (Arc::default(), watch::Sender::new(0));
        Self { pool, tiles, keys, base: base.into(), clock, board, passes }
    }

    /// Seals until `stop` is true.
    pub async fn run(&self, stop: watch::Receiver<bool>) {
        let woken = watch::Sender::new(0);
        let heard = woken.subscribe();
        tokio::join!(
            wake::listen(self.pool.clone(), woken, stop.clone()),
            self.keep_up(heard, stop.clone()),
            self.keep_closing(stop)
        );
    }

    async fn keep_up(&self, mut woken: watch::Receiver<u64>, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            woken.mark_unchanged();
            let began = Instant::now();
            let pause = match self.pass().await {
                Ok(0) => POLL,
                Ok(_) => {
                    wake::tick((began.elapsed() * 3).min(REST)).await;
                    continue;
                }
                Err(error) => {
                    tracing::warn!(%error, "nothing can be sealed; trying again");
                    PAUSE
                }
            };
            tokio::select! {
                _ = woken.changed() => {}
                _ = stop.changed() => {}
                () = wake::tick(pause) => {}
            }
        }
    }

    /// Seals what every journal has beyond its last checkpoint; says how many were sealed
    /// further. What is wrong with one journal does not keep the others from it.
    pub async fn pass(&self) -> Result<usize, sqlx::Error> {
        let behind = checkpoints::unsealed(&self.pool).await?;
        self.measure(behind.iter().filter_map(|journal| journal.since).min());
        let (mut sealed, mut refused) = (0, BTreeMap::new());
        for unsealed in behind {
            // A portal that is no host label was not written by the program.
            let Ok(portail) = unsealed.portail.parse() else { continue };
            let journal = Journal { portail, annee: AnneeScolaire(unsealed.annee) };
            match self.seal(&Log::from(&journal)).await {
                Ok(done) => sealed += usize::from(done),
                Err(ExtendFault::Database(error)) => return Err(error),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(portail = %journal.portail, annee = journal.annee.0, error, "not sealed");
                    refused.insert(Log::Journal(journal), error.to_string());
                }
            }
        }
        metrics::gauge!("ledger_journals_not_sealed").set(refused.len() as f64);
        self.board.lock().unwrap_or_else(PoisonError::into_inner).refused = refused;
        if sealed > 0 {
            self.measure(checkpoints::unsealed(&self.pool).await?.iter().filter_map(|one| one.since).min());
            self.passes.send_modify(|passes| *passes += 1);
        }
        Ok(sealed)
    }

    fn measure(&self, oldest: Option<DateTime<Utc>>) {
        let age = oldest.map_or(0.0, |since| (self.clock.now() - since).as_seconds_f64().max(0.0));
        metrics::gauge!("ledger_unsealed_age_seconds").set(age);
        self.board.lock().unwrap_or_else(PoisonError::into_inner).unsealed_since = oldest;
    }

    /// What an operator should know.
    pub fn board(&self) -> Board {
        self.board.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The tiles.
    pub fn tiles(&self) -> &TileStore {
        &self.tiles
    }

    /// What verifies the checkpoints of a log.
    pub fn verifier_keys(&self, log: impl Into<Log>) -> Vec<keys::VerifierKey> {
        self.keys.verifier_keys(&log.into().origin(&self.base))
    }
}
