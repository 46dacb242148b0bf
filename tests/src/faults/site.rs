//! Where faults happen: a school on a real PostgreSQL, one or several `ent` before it,
//! and the count after each fault.

use super::client::Client;
use super::count;
use super::ent::{self, Ent, Environment};
use super::issuer::{ISSUER, Issuer};
use super::load::{Load, Numbers, retry};
use super::postgres::Postgres;
use super::report::Round;
use super::school::{self, Enseignant};
use anyhow::{Context, Result};
use api::config::Config;
use api::program::House;
use domain::journee;
use ledger::clock::{Clock, SystemClock};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long clients may wait for their next acknowledgements.
const PROGRESS: Duration = Duration::from_secs(120);
/// Acknowledged commands before a fault, and after the program is back.
const WARM: usize = 10;

/// How a site is used.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Concurrent clients.
    pub clients: usize,
    /// Journals are verified and views replayed from zero every so many rounds.
    pub whole_every: usize,
}

/// See the module.
pub struct Site {
    /// Its files: the program's data, the logs.
    directory: TempDir,
    /// The database.
    pub postgres: Postgres,
    /// The programs.
    pub ents: Vec<Ent>,
    /// Sends commands with everybody's token.
    client: Client,
    teachers: Vec<Enseignant>,
    numbers: Numbers,
    settings: Settings,
    rounds: usize,
    /// Facts that a view may have set aside, where a fault is about that.
    pub expected_aside: i64,
}

impl Site {
    /// A school, imported and served by one program. The cluster is in `cluster`, or
    /// beside the other files.
    pub async fn open(settings: Settings, cluster: Option<&Path>) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("ent-faults-").tempdir()?;
        // As root, PostgreSQL runs under another account, which must reach its directory.
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755))?;
        let cluster = cluster.map_or_else(|| directory.path().join("database"), Path::to_owned);
        let postgres = Postgres::start(&cluster).await?;
        let issuer = Issuer::new(&directory.path().join("jwks.json"))?;
        let environment = environment(directory.path(), &postgres)?;
        let config = Config::read(None, |name| environment.get(name).cloned())?;
        let house = House::open(&config, Arc::new(SystemClock)).await?;
        let filled = school::fill(&house, crate::exploitant()).await;
        house.close().await?;
        let teachers = filled?;
        let comptes = teachers.iter().map(|one| one.compte).chain([crate::exploitant()]);
        let client = Client::new(&issuer, comptes, SystemClock.now())?;
        let (numbers, rounds, expected_aside) = (Numbers::default(), 0, 0);
        let mut site = Self {
            directory,
            postgres,
            ents: vec![],
            client,
            teachers,
            numbers,
            settings,
            rounds,
            expected_aside,
        };
        site.programs(1).await?;
        Ok(site)
    }

    /// Has this many programs serve, whatever ran before.
    pub async fn programs(&mut self, count: usize) -> Result<()> {
        for mut surplus in self.ents.drain(count.min(self.ents.len())..) {
            surplus.stop().await?;
        }
        while self.ents.len() < count {
            let log = self.path(&format!("ent-{}.log", self.ents.len()));
            let mut ent = Ent::new(environment(self.directory.path(), &self.postgres)?, log)?;
            ent.start().await?;
            self.ents.push(ent);
        }
        Ok(())
    }

    /// A file of the site.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The environment in which a program of the site runs.
    pub fn environment(&self) -> Result<Environment> {
        environment(self.directory.path(), &self.postgres)
    }

    /// Runs a command of `ent` that works and ends.
    pub fn command(&self, arguments: &[&str]) -> Result<tokio::process::Command> {
        ent::command(&self.environment()?, &self.path("commands.log"), arguments)
    }

    /// The only program, or the first.
    pub fn ent(&mut self) -> Result<&mut Ent> {
        self.ents.first_mut().context("no program serves")
    }

    /// The doors of all programs.
    pub fn doors(&self) -> Vec<String> {
        self.ents.iter().map(|ent| ent.url("/graphql")).collect()
    }

    /// Clients at work at every door.
    pub fn load(&self) -> Load {
        let today = journee(SystemClock.now());
        Load::start(&self.client, self.doors(), &self.teachers, self.settings.clients, &self.numbers, today)
    }

    /// Does harm under load, then counts. `harm` ends when it is undone as far as it is to
    /// be undone; what it answers besides is a breach. The program must come back by itself
    /// from there.
    pub async fn round(
        &mut self,
        harm: impl AsyncFnOnce(&mut Site, &Load) -> Result<Vec<String>>,
    ) -> Result<Round> {
        let owner = self.postgres.owner()?;
        let before = count::heads_of(&owner).await?;
        owner.close().await;
        let load = self.load();
        load.progress(WARM + self.rounds % 7, PROGRESS).await.context("before the fault")?;
        let mut breaches = harm(self, &load).await?;
        let undone = Instant::now();
        for ent in &mut self.ents {
            ent.ready(PROGRESS).await?;
        }
        load.progress(1, PROGRESS).await.context("after the fault")?;
        let back = undone.elapsed();
        load.progress(WARM, PROGRESS).await.context("after the fault")?;
        let mut told = load.stop().await?;
        let (retried, changed) = retry(&self.client, &self.doors(), &mut told).await?;
        breaches.extend(changed);
        let owner = self.postgres.owner()?;
        breaches.extend(count::recorded(&owner, &before, &told).await?);
        breaches.extend(count::sequences(&owner).await?);
        breaches.extend(count::projected(&owner, self.expected_aside).await?);
        self.rounds += 1;
        if self.rounds.is_multiple_of(self.settings.whole_every) {
            breaches.extend(self.whole(&owner).await?);
        }
        owner.close().await;
        Ok(Round::of(&told, retried, back, breaches))
    }

    /// Verifies every journal and replays every view; what is found is a breach.
    pub async fn verify(&self) -> Result<Vec<String>> {
        let owner = self.postgres.owner()?;
        let breaches = self.whole(&owner).await;
        owner.close().await;
        breaches
    }

    async fn whole(&self, owner: &PgPool) -> Result<Vec<String>> {
        count::whole(owner, &self.path("data").join("kek.json")).await
    }

    /// Stops everything.
    pub async fn close(mut self) -> Result<()> {
        self.programs(0).await?;
        self.postgres.stop().await
    }
}

fn environment(directory: &Path, postgres: &Postgres) -> Result<Environment> {
    let file = |name: &str| directory.join(name).display().to_string();
    let pairs = [
        ("DATABASE_URL", postgres.app_url()?.expose_secret().to_owned()),
        ("ENT_DATABASE_OWNER_URL", postgres.owner_url()?.expose_secret().to_owned()),
        ("ENT_DATA_DIR", file("data")),
        ("ENT_JWKS", file("jwks.json")),
        ("ENT_ISSUER", ISSUER.to_owned()),
        ("ENT_EXPLOITANTS", crate::exploitant().to_string()),
        ("ENT_REQUEST_TIMEOUT_S", "10".to_owned()),
    ];
    Ok(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
