//! The test bench: a record, its keys and its views on a database of their own.

use crate::acts;
use crate::serveur::Base;
use anyhow::Result;
use chrono::{DateTime, Utc};
use commands::UseCaseError;
use commands::cqrs::tell;
use domain::{Aggregate, PortailId};
use ledger::Ledger;
use ledger::blobs::Blobs;
use ledger::clock::{Clock, ManualClock};
use ledger::feed::{Journal, heads};
use ledger::kek::FileKek;
use ledger::keys::KeyRing;
use ledger::sealer::Sealer;
use ledger::sealer::keys::SealKeys;
use ledger::sealer::store::TileStore;
use ledger::store::UnitRepository;
use ledger::unit::{Context, Recorded};
use ledger::verify::{Means, Verdict, verify_journal};
use projections::runner::Runner;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use sqlx::PgPool;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// When tests happen that do not say when: a Monday morning in term.
pub(crate) const LUNDI: &str = "2026-11-23T07:00:00Z";
const KEK_FILE: &str = "kek.json";
const SEAL_FILE: &str = "sceau.json";
/// The domain under which the portals of tests are.
pub const DOMAINE: &str = "ent.exemple.fr";

/// See the module. Everything connects as the program's own role, but `owner`.
pub struct Bench {
    /// The record.
    pub ledger: Ledger,
    /// The views, in their live place.
    pub views: PgPool,
    /// For what only a superuser could do: tampering, and looking everywhere.
    pub owner: PgPool,
    /// The data keys.
    pub keys: KeyRing,
    /// The clock that dates the record.
    pub clock: Arc<ManualClock>,
    /// Feeds all views.
    pub runner: Runner,
    base: Base,
    kek: Arc<FileKek>,
    secrets: TempDir,
}

impl Bench {
    /// An empty house on a Monday morning.
    pub async fn open() -> Result<Self> {
        Self::open_at(LUNDI.parse()?).await
    }

    /// An empty house at an instant.
    pub async fn open_at(now: DateTime<Utc>) -> Result<Self> {
        Self::over(Base::create().await?, now, |key| rand::fill(key))
    }

    /// A house at an instant, as `peupler` left the one that it had at that instant: a copy, of what
    /// it does once in a build. It closes its house.
    pub async fn peuplee<P>(quoi: &str, now: DateTime<Utc>, peupler: impl FnOnce(Self) -> P) -> Result<Self>
    where
        P: Future<Output = Result<()>>,
    {
        let model = async {
            let bench = Self::of_model(Base::create().await?, now)?;
            let base = bench.base.clone();
            peupler(bench).await?;
            anyhow::Ok(base)
        };
        Self::of_model(Base::of_model(quoi, Box::pin(model)).await?, now)
    }

    /// A house that is a model, or is a copy of one: they have the same keys, which no database holds.
    fn of_model(base: Base, now: DateTime<Utc>) -> Result<Self> {
        let mut keys = StdRng::seed_from_u64(0);
        Self::over(base, now, move |key| keys.fill_bytes(key))
    }

    /// A house in this database, with keys of this randomness.
    fn over(base: Base, now: DateTime<Utc>, mut randomness: impl FnMut(&mut [u8])) -> Result<Self> {
        let secrets = tempfile::tempdir()?;
        let kek = Arc::new(FileKek::create(&secrets.path().join(KEK_FILE), &mut randomness)?);
        SealKeys::create(&secrets.path().join(SEAL_FILE), now, randomness)?;
        let clock = Arc::new(ManualClock::at(now));
        let keys = KeyRing::new(base.app(), kek.clone());
        let views = base.views();
        Ok(Self {
            ledger: Ledger::open(base.app(), keys.clone(), clock.clone()),
            runner: Runner::new(views.clone(), keys.clone(), projections::all()),
            views,
            owner: base.owner(),
            keys,
            clock,
            base,
            kek,
            secrets,
        })
    }

    /// The same database as another process of the program would open it: a writer, and
    /// a memory of keys, of its own.
    pub fn another_process(&self) -> Ledger {
        Ledger::open(self.base.app(), self.another_ring(), self.clock.clone())
    }

    /// The keys as a process that has just started knows them.
    pub fn another_ring(&self) -> KeyRing {
        KeyRing::new(self.base.app(), self.kek.clone())
    }

    /// A sealer of this record, as a process that has just started has it.
    pub fn sealer(&self) -> Result<Sealer> {
        self.sealer_over(TileStore::in_folder(&self.tiles())?)
    }

    /// The same, with its tiles elsewhere.
    pub fn sealer_over(&self, tiles: TileStore) -> Result<Sealer> {
        let keys = Arc::new(SealKeys::read(&self.seal_file())?);
        Ok(Sealer::new(self.base.app(), tiles, keys, DOMAINE, self.clock.clone()))
    }

    /// The files that accompany what is written.
    pub fn blobs(&self) -> Result<Blobs> {
        Ok(Blobs::in_folder(&self.pieces(), self.views.clone(), self.keys.clone())?)
    }

    /// Where they are.
    pub fn pieces(&self) -> PathBuf {
        self.secrets.path().join("pieces")
    }

    /// Where the tiles of the record are.
    pub fn tiles(&self) -> PathBuf {
        self.secrets.path().join("tuiles")
    }

    /// The file of the keys that sign checkpoints.
    pub fn seal_file(&self) -> PathBuf {
        self.secrets.path().join(SEAL_FILE)
    }

    /// The key file.
    pub fn kek_file(&self) -> PathBuf {
        self.secrets.path().join(KEK_FILE)
    }

    /// The database.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// A context for one command, whose id is derived from `command`.
    pub fn context(&self, portail: &PortailId, command: &[&str]) -> Context {
        acts::context(portail, command, self.clock.now())
    }

    /// Lets one aggregate decide and records what it decided; nothing is retried.
    pub async fn record<A: Aggregate>(
        &self,
        context: Context,
        id: impl ToString,
        command: A::Command,
    ) -> Result<Recorded, UseCaseError> {
        record::<A>(&self.ledger, context, id, command).await
    }

    /// Re-reads a journal from zero with the keys of a new process.
    pub async fn verify(&self, journal: &Journal) -> Result<Verdict> {
        let mut connection = self.ledger.pool().acquire().await?;
        let ring = self.another_ring();
        let means = Means { contents: Some(&ring), seals: None };
        Ok(verify_journal(&mut connection, journal, means, |_| ()).await?)
    }

    /// All journals and how far each goes.
    pub async fn journals(&self) -> Result<Vec<(Journal, i64)>> {
        Ok(heads(&mut *self.ledger.pool().acquire().await?).await?)
    }
}

/// Lets one aggregate decide and records what it decided in `ledger`; nothing is retried.
pub async fn record<A: Aggregate>(
    ledger: &Ledger,
    context: Context,
    id: impl ToString,
    command: A::Command,
) -> Result<Recorded, UseCaseError> {
    let body = format!("{} {}", A::TYPE, context.command_id).into_bytes();
    let unit = UnitRepository::begin(ledger, context, body);
    tell::<A>(unit.clone(), &id.to_string(), vec![command]).await?;
    Ok(unit.commit().await?)
}
