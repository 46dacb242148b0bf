//! The event store and legal record: append, read, feed, verify.
//!
//! It knows no business word: it stores what the domain decided, in one *journal*
//! per portal and school year, and can show afterwards that nothing was changed.
//!
//! - [`envelope`]: who, when, on what authority; its exact bytes are the journal's leaf.
//! - [`seal`], [`keys`], [`kek`], [`rotation`]: contents under per-subject keys.
//! - [`writer`]: the one group-commit writer of a process; [`unit`]: what it writes.
//! - [`store`]: the same record as cqrs-es' event repository; [`memory`]: the aggregates
//!   that it remembers; `reader`: how it reads many at once.
//! - [`erasure`]: data keys destroyed, with the event that says so.
//! - [`blobs`]: contents too long for an event; [`objects`]: where they are kept, and tiles.
//! - [`feed`]: the record read in order, for projections.
//! - [`trouble`]: what keeps the database from answering.
//! - [`verify`]: a journal re-read from zero.
//! - [`tlog`]: the Merkle tree over the leaves, and proofs, in open formats;
//!   [`sealer`]: what grows it behind the writer and signs its heads.
//! - [`timestamp`]: what a time-stamping authority signs, and what it takes to believe it.
//! - [`presse`]: a page as a document on paper, by the operator's renderer.
//! - [`wake`]: what wakes those who follow the record.

pub mod blobs;
pub mod clock;
pub mod envelope;
pub mod erasure;
pub mod feed;
pub mod histoire;
pub mod kek;
mod key_file;
pub mod keys;
pub mod memory;
pub mod objects;
pub mod presse;
mod reader;
pub mod rotation;
pub mod seal;
pub mod sealer;
pub mod store;
pub mod timestamp;
pub mod tlog;
pub mod trouble;
pub mod unit;
pub mod verify;
pub mod wake;
pub mod writer;

use crate::clock::Clock;
use crate::keys::KeyRing;
use crate::memory::Memory;
use crate::reader::Reader;
use crate::store::Stored;
use crate::unit::{AppendError, Position, Recorded, Unit};
use crate::writer::Writer;
use domain::{AnneeScolaire, CommandeId, CompteId};
use sqlx::PgPool;
use std::sync::Arc;

/// How often a unit is sealed: again if one of its keys was destroyed meanwhile.
const SEALINGS: usize = 3;

/// Channel on which the writer says that journals have grown.
pub const CHANNEL: &str = "ledger";

/// Whether the database is away, or asks to try again: what was asked is not to blame.
pub fn is_away(error: &sqlx::Error) -> bool {
    match error {
        // SQLSTATE classes: 08 connection, 40 rollback, 53 resources, 57 operator, 58 system.
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| ["08", "40", "53", "57", "58"].iter().any(|class| code.starts_with(class))),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

/// One session, opened as `pool` opens its own. Who asks the same of the database all day
/// keeps a server process that has its plans and its catalogue at hand; a batch that goes
/// round sixteen sessions finds them cold, for twice the time.
fn session_of_its_own(pool: &PgPool) -> PgPool {
    let options = pool.options().clone().min_connections(0).max_connections(1);
    options.connect_lazy_with(pool.connect_options().as_ref().clone())
}

/// A handle on the record: cheap to clone, one writer behind all its clones.
#[derive(Clone)]
pub struct Ledger {
    pool: PgPool,
    keys: KeyRing,
    clock: Arc<dyn Clock>,
    writer: Writer,
    reader: Reader,
    stored: Arc<Stored>,
    memory: Memory,
}

impl Ledger {
    /// Opens the record and starts the writer of this process. `pool` connects as the
    /// program's role, which may append and read.
    pub fn open(pool: PgPool, keys: KeyRing, clock: Arc<dyn Clock>) -> Self {
        let writer = Writer::start(pool.clone(), session_of_its_own(&pool), clock.clone());
        let reader = Reader::start(session_of_its_own(&pool));
        let stored = Arc::new(Stored::over(pool.clone()));
        Self { pool, keys, clock, writer, reader, stored, memory: Memory::default() }
    }

    /// Records a unit whole or not at all, and says where. An empty unit records nothing:
    /// its place is the one before the first event.
    pub async fn append(&self, unit: Unit) -> Result<Recorded, AppendError> {
        if unit.is_empty() {
            let context = &unit.context;
            let position = Position {
                portail: context.portail.clone(),
                annee: AnneeScolaire::at(self.clock.now()),
                position: 0,
            };
            let first = self.answered(context.actor.compte, context.command_id, unit.body()).await?;
            return Ok(first.unwrap_or(Recorded { position, first: 0, repeated: false }));
        }
        for _ in 0..SEALINGS {
            let sealed = unit.seal(&self.keys, self.clock.now()).await?;
            match self.writer.submit(sealed).await {
                Err(AppendError::KeyDestroyed) => self.forget_contents(),
                answered => return answered,
            }
        }
        Err(AppendError::KeyDestroyed)
    }

    /// The first answer to a command that was recorded before, if it was.
    pub async fn answered(
        &self,
        compte: CompteId,
        command: CommandeId,
        body: &[u8],
    ) -> Result<Option<Recorded>, AppendError> {
        let digest = unit::digest(&self.keys, compte, body)?;
        writer::answered(&self.pool, command, &digest).await
    }

    /// Stops taking units, and returns once everything taken is answered.
    pub async fn close(&self) {
        self.writer.close().await;
    }

    /// What keeps the record from being written, if the last try failed just now.
    pub fn trouble(&self) -> Option<trouble::Trouble> {
        self.writer.trouble()
    }

    /// The aggregates that this process remembers.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Forgets every content that this process holds in the clear, and every key: for who
    /// destroys one.
    pub fn forget_contents(&self) {
        self.keys.forget_all();
        self.memory.forget_all();
    }

    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    pub(crate) fn stored(&self) -> &Stored {
        &self.stored
    }

    /// The clock that dates the record.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Where the record is stored.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The keys that open contents.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }
}
