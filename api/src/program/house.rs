//! The house put together: database, keys, record, views, use cases.

use super::readiness::{DATABASE, MIGRATIONS};
use super::vacances;
use crate::config::Config;
use crate::postgres::{self, Kept, Options, Serveur};
use anyhow::{Context, bail, ensure};
use commands::Commands;
use commands::rights::Rights;
use ledger::Ledger;
use ledger::blobs::Blobs;
use ledger::clock::Clock;
use ledger::kek::FileKek;
use ledger::keys::KeyRing;
use ledger::objects::ObjectPlace;
use ledger::sealer::Sealer;
use ledger::sealer::keys::SealKeys;
use ledger::sealer::store::TileStore;
use projections::runner::Runner;
use rand::TryRngCore;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgPool};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// How long a request waits for a connection to the database.
const ACQUIRE: Duration = Duration::from_secs(5);

/// How long a connection may rest before it is asked, with a round trip, whether it still
/// stands: less than it takes a database to come back, so that those of before are found out.
const RESTED: Duration = Duration::from_millis(100);

/// How the connections of requests are set. A page begins with who asks, in a statement that takes six
/// times as long to plan as to run; the same plan serves everybody.
const REQUESTS: &[(&str, &str)] = &[("plan_cache_mode", "force_generic_plan")];

/// How those of views are set. What a crash takes from a view it takes from its checkpoint too, so that
/// it is followed again: a batch need not wait for the disk, nor have acts wait behind it. What it changes is
/// looked up by keys, also where a plan was made while a table had a page or two: an import that follows
/// brings thousands. A table that no key leads into is read whole all the same, at a cost that counts as
/// enormous: compiling such a statement, as a server does of itself, would take longer than the batch.
const VIEWS: &[(&str, &str)] = &[("synchronous_commit", "off"), ("enable_seqscan", "off"), ("jit", "off")];

/// Everything behind the doors, open.
pub struct House {
    /// The private server, where it is ours.
    server: Option<Kept>,
    /// Connections of the program's role, in the live place of the views.
    pub pool: PgPool,
    /// Those of the runner.
    views: PgPool,
    /// The record.
    pub ledger: Ledger,
    /// The use cases.
    pub commands: Commands,
    /// What seals the record, once it runs.
    pub sealer: Sealer,
    /// What keeps the views up to date, once it runs.
    pub runner: Runner,
}

/// Where the database is, and as whom to enter it.
struct Place {
    server: Option<Serveur>,
    owner: SecretString,
    app: SecretString,
    /// The login owns the schema: the program's role must be taken on every connection.
    step_down: bool,
}

impl House {
    /// Opens everything: starts the private server or goes to the given one, migrates,
    /// reads or makes the keys. `clock` dates the record.
    pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        Self::open_telling(config, clock, drop).await
    }

    /// The same; `tell` hears what is waited for.
    pub async fn open_telling(
        config: &Config,
        clock: Arc<dyn Clock>,
        tell: impl Fn(&'static str),
    ) -> anyhow::Result<Self> {
        Self::in_place(Place::find(config).await?, config, clock, tell).await
    }

    /// The same for a command that works and ends, also beside the `ent` that serves from this data
    /// directory.
    pub async fn beside(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        Self::in_place(Place::beside(config).await?, config, clock, drop).await
    }

    async fn in_place(
        place: Place,
        config: &Config,
        clock: Arc<dyn Clock>,
        tell: impl Fn(&'static str),
    ) -> anyhow::Result<Self> {
        place.migrate(&tell).await?;
        let pool = place.pool(config.pool_size, REQUESTS).await?;
        let views = place.pool((config.pool_size / 4).max(2), VIEWS).await?;
        let kek = key_file(&config.kek_file, &pool).await?;
        let keys = KeyRing::new(pool.clone(), Arc::new(kek));
        let sealer = sealer(config, &pool, clock.clone()).await?;
        let ledger = Ledger::open(pool.clone(), keys.clone(), clock);
        let rights = Rights::load().context("rights")?;
        let exploitants = config.exploitants.iter().copied().collect();
        let commands = Commands::new(ledger.clone(), pool.clone(), rights, exploitants)
            .audited_by(config.auditeurs.iter().copied().collect())
            .with_calendar(vacances::of(config)?)
            .keeping(blobs(config, &pool, &keys)?);
        let runner = Runner::new(views.clone(), keys, projections::all());
        let server = place.server.filter(Serveur::is_ours).map(Kept::new);
        Ok(Self { server, pool, views, ledger, commands, sealer, runner })
    }

    /// Brings the schema up to date, and nothing else.
    pub async fn migrate(config: &Config) -> anyhow::Result<()> {
        let place = Place::find(config).await?;
        let migrated = place.migrate(drop).await;
        place.leave().await?;
        migrated
    }

    /// Works on the schema as its owner.
    pub async fn as_owner(
        config: &Config,
        work: impl AsyncFnOnce(&PgPool) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let place = Place::beside(config).await?;
        let options = PgConnectOptions::from_str(place.owner.expose_secret())?;
        let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.context("database")?;
        let worked = work(&pool).await;
        pool.close().await;
        place.leave().await?;
        worked
    }

    /// Closes everything in order: what was taken is recorded and answered first.
    pub async fn close(self) -> anyhow::Result<()> {
        self.ledger.close().await;
        self.pool.close().await;
        self.views.close().await;
        if let Some(server) = self.server {
            server.stop().await.context("private PostgreSQL")?;
        }
        Ok(())
    }
}

impl Place {
    /// The database that is given, else the private server, which no other process may have.
    async fn find(config: &Config) -> anyhow::Result<Self> {
        match Self::given(config) {
            Some(given) => Ok(given),
            None => Self::private(Serveur::start(&config.data_dir, Options::default()).await),
        }
    }

    /// The same, where another process may have it.
    async fn beside(config: &Config) -> anyhow::Result<Self> {
        match Self::given(config) {
            Some(given) => Ok(given),
            None => Self::private(Serveur::beside(&config.data_dir, Options::default()).await),
        }
    }

    fn given(config: &Config) -> Option<Self> {
        let app = config.database_url.clone()?;
        let owner = config.database_owner_url.clone();
        let step_down = owner.is_none();
        if step_down {
            tracing::warn!("one login both owns the schema and serves: set ENT_DATABASE_OWNER_URL");
        }
        let owner = owner.unwrap_or_else(|| app.clone());
        Some(Self { server: None, owner, app, step_down })
    }

    fn private(started: postgres::Result<Serveur>) -> anyhow::Result<Self> {
        let server = started.context("private PostgreSQL")?;
        let (owner, app) = (server.owner_url(), server.app_url());
        Ok(Self { server: Some(server), owner, app, step_down: false })
    }

    /// Brings the schema up to date. Under a program that serves from the same directory nothing is
    /// changed: a command of another version does not work beside it.
    async fn migrate(&self, tell: impl Fn(&'static str)) -> anyhow::Result<()> {
        let options = PgConnectOptions::from_str(self.owner.expose_secret())?;
        let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.context("database")?;
        tell(MIGRATIONS);
        let visits = self.server.as_ref().is_some_and(|server| !server.is_ours());
        let migrated = match visits {
            true => is_as_known(&pool).await,
            false => migrations::migrate(&pool).await.map_err(anyhow::Error::from),
        };
        pool.close().await;
        tell(DATABASE);
        migrated
    }

    async fn pool(&self, size: u32, set: &[(&str, &str)]) -> anyhow::Result<PgPool> {
        let mut options = PgConnectOptions::from_str(self.app.expose_secret())?;
        options = projections::in_live_place(options).options(set.iter().copied()).application_name("ent");
        if self.step_down {
            options = options.options([("role", "ent_app")]);
        }
        let pool = PgPoolOptions::new()
            .max_connections(size)
            .acquire_timeout(ACQUIRE)
            .test_before_acquire(false)
            .before_acquire(|connection, rest| {
                Box::pin(async move { Ok(rest.idle_for < RESTED || connection.ping().await.is_ok()) })
            });
        pool.connect_with(options).await.context("database")
    }

    async fn leave(self) -> anyhow::Result<()> {
        match self.server {
            Some(server) => server.stop().await.context("private PostgreSQL"),
            None => Ok(()),
        }
    }
}

/// That the schema is the one that this program would make.
async fn is_as_known(owner: &PgPool) -> anyhow::Result<()> {
    let newest: Option<i64> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(owner).await?;
    ensure!(
        newest == Some(migrations::latest()),
        "the `ent` that serves from this data directory is of another version: use its program, or stop it"
    );
    Ok(())
}

/// The sealer of this record, with its keys and where its tiles are.
async fn sealer(config: &Config, pool: &PgPool, clock: Arc<dyn Clock>) -> anyhow::Result<Sealer> {
    let sealed = "SELECT EXISTS (SELECT FROM ledger.checkpoints)";
    let keys = made_once(&config.sceau_file, "ENT_SCEAU_FILE", pool, sealed, SealKeys::read, |path, fill| {
        SealKeys::create(path, clock.now(), fill)
    });
    let keys = Arc::new(keys.await?);
    let tiles = match &config.tuiles {
        ObjectPlace::Folder(folder) => TileStore::in_folder(folder),
        ObjectPlace::Bucket(url) => TileStore::in_bucket(url, std::env::vars_os()),
    };
    let tiles = tiles.with_context(|| format!("tiles in {}", config.tuiles))?;
    Ok(Sealer::new(pool.clone(), tiles, keys, &config.base_domain, clock))
}

/// Where the files are that accompany what is written.
fn blobs(config: &Config, pool: &PgPool, keys: &KeyRing) -> anyhow::Result<Blobs> {
    let (pool, keys) = (pool.clone(), keys.clone());
    let blobs = match &config.pieces {
        ObjectPlace::Folder(folder) => Blobs::in_folder(folder, pool, keys),
        ObjectPlace::Bucket(url) => Blobs::in_bucket(url, std::env::vars_os(), pool, keys),
    };
    blobs.with_context(|| format!("files in {}", config.pieces))
}

/// Reads the key file, or makes it for a record that has no keys yet.
async fn key_file(path: &Path, pool: &PgPool) -> anyhow::Result<FileKek> {
    let sealed = "SELECT EXISTS (SELECT FROM ledger.keys)";
    made_once(path, "ENT_KEK_FILE", pool, sealed, FileKek::read, |path, fill| FileKek::create(path, fill))
        .await
}

/// Reads a file of keys, or makes it for a record where `used` says that none was used yet. A
/// record whose key file is lost is not written further under other keys.
async fn made_once<K, E: std::error::Error + Send + Sync + 'static>(
    path: &Path,
    variable: &str,
    pool: &PgPool,
    used: &'static str,
    read: impl FnOnce(&Path) -> Result<K, E>,
    create: impl FnOnce(&Path, &mut dyn FnMut(&mut [u8])) -> Result<K, E>,
) -> anyhow::Result<K> {
    if path.exists() {
        return Ok(read(path)?);
    }
    let used: bool = sqlx::query_scalar(used).fetch_one(pool).await?;
    if used {
        bail!(
            "the record has keys, but their key file {} is not there: restore it, or set {variable}",
            path.display()
        );
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("creating {}", parent.display()))?;
    }
    let mut failed = false;
    let keys = create(path, &mut |bytes| failed |= rand::rngs::OsRng.try_fill_bytes(bytes).is_err());
    if failed {
        let _ = std::fs::remove_file(path);
        bail!("the machine gives no randomness for keys");
    }
    tracing::info!(path = %path.display(), "made a key file: back it up apart from the database");
    Ok(keys?)
}
