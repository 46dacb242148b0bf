//! The private PostgreSQL of `ent`.
//!
//! A first run must need nothing but the program: with no `DATABASE_URL`, `ent` starts a
//! server of its own in its data directory and stops it when it ends. It is a real
//! server with real durability (checksums, `fsync` on), reached through a Unix socket
//! that only its owner may open, so that nothing listens on the network.
//!
//! One file per question: which binaries ([`binaries`]), which account ([`account`]),
//! where things lie ([`layout`]), who may start it ([`lock`]), the process itself
//! ([`postmaster`]), how a cluster is made ([`cluster`]), who may sign in ([`roles`]).
//! Here they meet: a [`Serveur`] is a running server that belongs to this process.

pub mod account;
pub mod binaries;
mod cluster;
mod error;
mod kept;
pub mod layout;
mod lock;
mod postmaster;
mod roles;
mod secret;
mod shared;
mod wait;

pub use error::{Error, Result};
pub use kept::Kept;

use account::Account;
use binaries::Binaries;
use layout::Layout;
use lock::Lock;
use postmaster::{Postmaster, Settings};
use roles::{Credentials, Role};
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How a server is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the server binaries are; searched for when absent.
    pub binaries: Option<PathBuf>,
    /// Whether a commit survives a power cut. Off only for tests.
    pub durable: bool,
    /// How long recovery after a crash may take before a start is given up.
    pub deadline: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let binaries = std::env::var_os("ENT_PG_BIN").filter(|path| !path.is_empty()).map(PathBuf::from);
        Self { binaries, durable: true, deadline: Duration::from_secs(300) }
    }
}

impl Options {
    /// A server whose data may be lost with the machine: no `fsync`, no full-page writes.
    pub fn volatile() -> Self {
        Self { durable: false, ..Self::default() }
    }
}

/// A running server that belongs to this process, which stops it, or that it visits.
#[derive(Debug)]
pub struct Serveur {
    /// None once stopped, or handed to nobody.
    postmaster: Option<Postmaster>,
    credentials: Credentials,
    layout: Layout,
    options: Options,
    /// Dropped last: whoever starts next must find the server stopped.
    _claim: Claim,
}

/// What this process holds on the data directory for as long as it uses the server.
#[derive(Debug)]
enum Claim {
    /// It alone may start and stop the server.
    Owner { _lock: Lock },
    /// It is one of several users; a guardian stops the server after the last.
    Guest { _presence: Lock },
    /// Nothing: the server is that of another `ent`, and goes on when this process leaves.
    Visitor,
}

impl Serveur {
    /// Starts the server of a data directory, and makes it first if there is none.
    ///
    /// A server left running by an `ent` that was killed is adopted. A second `ent` on
    /// the same directory is refused.
    pub async fn start(data_dir: &Path, options: Options) -> Result<Self> {
        let account = Account::choose(data_dir)?;
        let layout = Layout::prepare(data_dir, account)?;
        let lock = Lock::take(&layout)?;
        Self::start_claimed(layout, options, Claim::Owner { _lock: lock }).await
    }

    /// For a command that works and ends: the server of the `ent` that runs on this data directory, if
    /// one does, else one of its own.
    pub async fn beside(data_dir: &Path, options: Options) -> Result<Self> {
        let taken = match Self::start(data_dir, options.clone()).await {
            Err(taken @ Error::Taken { .. }) => taken,
            started => return started,
        };
        let layout = Layout::prepare(data_dir, Account::choose(data_dir)?)?;
        // Who has the directory may not have started it yet, or may be leaving.
        let Some(found) = Postmaster::find(&layout, options.deadline).await? else { return Err(taken) };
        let credentials = Credentials::read_or_make(&layout)?;
        Ok(Self { postmaster: Some(found), credentials, layout, options, _claim: Claim::Visitor })
    }

    /// The server of a test run: volatile, and shared by all the processes of the run,
    /// since nextest gives each test a process. The first starts it; it stops a few
    /// seconds after the last has ended, however that one ended.
    pub async fn for_tests(data_dir: &Path) -> Result<Self> {
        let account = Account::choose(data_dir)?;
        let layout = Layout::prepare(data_dir, account)?;
        let claim = Claim::Guest { _presence: shared::enter(&layout).await? };
        let (options, _turn) = (Options::volatile(), Lock::wait_for(&layout).await?);
        // Of a thousand tests all but the first find a server in which nothing is left to be made.
        if let Some(postmaster) = shared::established(&layout, options.deadline).await? {
            let credentials = Credentials::read_or_make(&layout)?;
            return Ok(Self { postmaster: Some(postmaster), credentials, layout, options, _claim: claim });
        }
        let serveur = Self::start_claimed(layout, options, claim).await?;
        if let Some(postmaster) = &serveur.postmaster {
            shared::guard(&serveur.layout, postmaster)?;
            shared::note_established(&serveur.layout, postmaster)?;
        }
        Ok(serveur)
    }

    async fn start_claimed(layout: Layout, options: Options, claim: Claim) -> Result<Self> {
        let cluster = layout.cluster();
        let data = layout.major()?.map(|major| (major, cluster.as_path()));
        let binaries = Binaries::find(options.binaries.as_deref(), data)?;
        let credentials = Credentials::read_or_make(&layout)?;
        if data.is_none() {
            cluster::make(&layout, &binaries, credentials.password(Role::Owner), options.durable)?;
        }
        let postmaster = Self::run(&layout, &binaries, &options, &credentials).await?;
        let serveur = Self { postmaster: Some(postmaster), credentials, layout, options, _claim: claim };
        roles::establish(serveur.socket_dir(), &serveur.credentials).await?;
        let address = serveur.layout.data_dir().join("auditeur.url");
        secret::write_private(&address, serveur.auditor_url().expose_secret())?;
        Ok(serveur)
    }

    /// Adopts the living server, or launches one.
    async fn run(
        layout: &Layout,
        binaries: &Binaries,
        options: &Options,
        credentials: &Credentials,
    ) -> Result<Postmaster> {
        if let Some(found) = Postmaster::find(layout, options.deadline).await? {
            if !options.durable || roles::is_durable(found.socket_dir(), credentials).await? {
                tracing::info!(pid = found.pid(), "adopted the PostgreSQL that an earlier run left behind");
                return Ok(found);
            }
            tracing::warn!(pid = found.pid(), "a PostgreSQL without fsync was left behind: restarting it");
            found.stop().await?;
        }
        let settings = Settings { durable: options.durable };
        let postmaster = Postmaster::launch(layout, binaries, settings, options.deadline).await?;
        tracing::info!(
            pid = postmaster.pid(),
            version = %binaries.version,
            directory = %layout.cluster().display(),
            "PostgreSQL is ready"
        );
        Ok(postmaster)
    }

    /// Starts a server that died again, behind the same socket.
    async fn revive(&mut self) -> Result<()> {
        let (cluster, socket_dir) = (self.layout.cluster(), self.socket_dir().to_owned());
        self.layout.keep_socket_dir(socket_dir);
        let data = self.layout.major()?.map(|major| (major, cluster.as_path()));
        let binaries = Binaries::find(self.options.binaries.as_deref(), data)?;
        let started = Self::run(&self.layout, &binaries, &self.options, &self.credentials).await?;
        self.postmaster = Some(started);
        Ok(())
    }

    /// For migrations alone: a superuser, who owns the tables.
    pub fn owner_url(&self) -> SecretString {
        self.url(Role::Owner)
    }

    /// For the program at work.
    pub fn app_url(&self) -> SecretString {
        self.url(Role::App)
    }

    /// For an auditor: reads only.
    pub fn auditor_url(&self) -> SecretString {
        self.url(Role::Auditeur)
    }

    fn url(&self, role: Role) -> SecretString {
        self.credentials.url(role, self.socket_dir(), roles::DATABASE)
    }

    /// Where the Unix socket is.
    pub fn socket_dir(&self) -> &Path {
        self.postmaster.as_ref().map_or_else(|| self.layout.socket_dir(), Postmaster::socket_dir)
    }

    /// The process id of the server.
    pub fn pid(&self) -> Option<u32> {
        self.postmaster.as_ref().map(Postmaster::pid)
    }

    /// Whether this process answers for the server: starts it again when it dies, and stops it.
    pub fn is_ours(&self) -> bool {
        !matches!(self._claim, Claim::Visitor)
    }

    /// Whether the server process lives.
    pub fn is_alive(&self) -> bool {
        self.postmaster.as_ref().is_some_and(Postmaster::is_alive)
    }

    /// Stops the server: sessions are ended, what is committed is kept. A shared server
    /// goes on for its other users.
    pub async fn stop(mut self) -> Result<()> {
        match (self.postmaster.take(), &self._claim) {
            (Some(postmaster), Claim::Owner { .. }) => {
                postmaster.stop().await?;
                tracing::info!("PostgreSQL is stopped");
                Ok(())
            }
            (_, Claim::Guest { .. } | Claim::Visitor) | (None, _) => Ok(()),
        }
    }

    /// Leaves the server running without an owner, as a killed process would: the next
    /// start adopts it.
    pub fn detach(mut self) {
        self.postmaster = None;
    }
}

impl Drop for Serveur {
    /// The last resort, when [`Serveur::stop`] was not reached.
    fn drop(&mut self) {
        if let (Some(postmaster), Claim::Owner { .. }) = (self.postmaster.take(), &self._claim) {
            postmaster.stop_blocking();
        }
    }
}
