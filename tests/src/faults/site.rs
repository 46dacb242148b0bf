//! Where faults happen: a school on a real PostgreSQL, one or several `ent` before it,
//! and the count after each fault.

use super::client::{Client, Command, Outcome};
use super::count;
use super::coupure::Coupure;
use super::ent::{self, Ent, Environment};
use super::issuer::{ISSUER, Issuer};
use super::kinds::disk::SmallDisk;
use super::load::{Load, Numbers, retry};
use super::postgres::Postgres;
use super::report::Round;
use super::school::{self, Enseignant};
use crate::DOMAINE;
use anyhow::{Context, Result};
use api::config::Config;
use api::program::House;
use chrono::{NaiveDate, NaiveTime};
use domain::journee;
use ledger::clock::{Clock, SystemClock};
use ledger::tlog::maison::PublicKeys;
use secrecy::ExposeSecret;
use sqlx::PgPool;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long clients may wait for their next acknowledgements.
const PROGRESS: Duration = Duration::from_secs(120);
/// Acknowledged commands before a fault, and after the program is back.
const WARM: usize = 10;

/// How long a request may take at the programs of a site.
pub const REQUEST_TIME: Duration = Duration::from_secs(5);
/// What a client may be told while a fault lasts: that nobody answers, or a stable code.
const CLEAR: [&str; 5] =
    ["connection lost", "INDISPONIBLE", "EN_RETARD", "DELAI_DEPASSE", "TROP_DE_DEMANDES"];

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
    /// The programs. Dropped first.
    pub ents: Vec<Ent>,
    /// The database.
    pub postgres: Postgres,
    /// The environment of the programs.
    environment: Environment,
    /// Sends commands with everybody's token.
    client: Client,
    teachers: Vec<Enseignant>,
    numbers: Numbers,
    settings: Settings,
    rounds: usize,
    /// Its files: the program's data, the logs.
    directory: TempDir,
    /// The wire to the database, once there is one that can be cut.
    wire: Option<Coupure>,
    /// The file system of the cluster, if it is a small one. Dropped last.
    pub disk: Option<SmallDisk>,
}

impl Site {
    /// A school, imported and served by one program. The cluster is in `cluster`, or
    /// beside the other files.
    pub async fn open(settings: Settings, cluster: Option<&Path>) -> Result<Self> {
        let directory = directory()?;
        let cluster = cluster.map_or_else(|| directory.path().join("database"), Path::to_owned);
        let postgres = Postgres::start(&cluster).await?;
        let mut environment = environment(directory.path());
        environment.insert("DATABASE_URL".to_owned(), postgres.app_url()?.expose_secret().to_owned());
        let owner = postgres.owner_url()?.expose_secret().to_owned();
        environment.insert("ENT_DATABASE_OWNER_URL".to_owned(), owner);
        Self::furnish(settings, directory, postgres, environment).await
    }

    /// The same, where the program has a PostgreSQL of its own.
    pub async fn private(settings: Settings) -> Result<Self> {
        let directory = directory()?;
        let postgres = Postgres::of_program(&directory.path().join("data"));
        let environment = environment(directory.path());
        Self::furnish(settings, directory, postgres, environment).await
    }

    async fn furnish(
        settings: Settings,
        directory: TempDir,
        postgres: Postgres,
        environment: Environment,
    ) -> Result<Self> {
        let issuer = Issuer::new(&directory.path().join("jwks.json"))?;
        let config = Config::read(None, |name| environment.get(name).cloned())?;
        let house = House::open(&config, Arc::new(SystemClock)).await?;
        let filled = school::fill(&house, crate::exploitant()).await;
        house.close().await?;
        let teachers = filled?;
        let comptes = teachers.iter().map(|one| one.compte).chain([crate::exploitant()]);
        let client = Client::new(&issuer, comptes, SystemClock.now())?;
        Ok(Self {
            ents: vec![],
            postgres,
            environment,
            client,
            teachers,
            numbers: Numbers::default(),
            settings,
            rounds: 0,
            wire: None,
            directory,
            disk: None,
        })
    }

    /// Has this many programs serve, whatever ran before.
    pub async fn programs(&mut self, count: usize) -> Result<()> {
        for mut surplus in self.ents.drain(count.min(self.ents.len())..) {
            surplus.stop().await?;
        }
        while self.ents.len() < count {
            let log = self.path(&format!("ent-{}.log", self.ents.len()));
            let mut ent = Ent::new(self.environment.clone(), log)?;
            ent.start().await?;
            self.ents.push(ent);
        }
        Ok(())
    }

    /// A file of the site.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The programs' wire to the database, which can be cut.
    pub async fn wire(&mut self) -> Result<Coupure> {
        if let Some(wire) = &self.wire {
            return Ok(wire.clone());
        }
        let upstream = self.postgres.socket_dir()?;
        let folder = self.path("wire");
        let wire = Coupure::open(&folder, &upstream)?;
        let direct = self.postgres.app_url()?;
        let (who, _) = direct.expose_secret().split_once('@').context("an unreadable URL")?;
        let (_, database) = direct.expose_secret().rsplit_once(":5432/").context("an unreadable URL")?;
        let host = folder.display().to_string().replace('/', "%2F");
        for ent in &mut self.ents {
            ent.set("DATABASE_URL", &format!("{who}@{host}:5432/{database}"));
            ent.stop().await?;
            ent.start().await?;
        }
        self.wire = Some(wire.clone());
        Ok(wire)
    }

    /// Day and start of the roll that will be opened so many rolls from now.
    pub fn coming_roll(&self, ahead: u64) -> (NaiveDate, NaiveTime) {
        self.numbers.coming(ahead, journee(SystemClock.now()))
    }

    /// Runs a command of `ent` that works and ends.
    pub fn command(&self, arguments: &[&str]) -> Result<tokio::process::Command> {
        ent::command(&self.environment, &self.path("commands.log"), arguments)
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
        let unclear = told.values().filter_map(|(command, outcome)| unclear(command, outcome));
        breaches.extend(unclear.collect::<BTreeSet<_>>());
        let (retried, changed) = retry(&self.client, &self.doors(), &mut told).await?;
        breaches.extend(changed);
        let owner = self.postgres.owner()?;
        breaches.extend(count::recorded(&owner, &before, &told).await?);
        breaches.extend(count::sequences(&owner).await?);
        breaches.extend(count::projected(&owner).await?);
        breaches.extend(count::sealed(&owner, &self.seals()?).await?);
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
        let sealed = count::sealed(owner, &self.seals()?).await?;
        let whole = count::whole(owner, &self.path("data").join("kek.json"), &self.seals()?).await?;
        Ok([sealed, whole].concat())
    }

    fn seals(&self) -> Result<PublicKeys> {
        count::public_keys(&self.path("data").join("sceau.json"), DOMAINE)
    }

    /// Stops everything.
    pub async fn close(mut self) -> Result<()> {
        self.programs(0).await?;
        self.postgres.stop().await
    }
}

/// What a client should not have been told.
fn unclear(command: &Command, outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Unknown(why) if !CLEAR.iter().any(|clear| why.contains(clear)) => {
            Some(format!("{} was answered: {why}", command.mutation))
        }
        Outcome::Unknown(_) | Outcome::Refused(_) | Outcome::Acknowledged { .. } => None,
    }
}

fn directory() -> Result<TempDir> {
    let directory = tempfile::Builder::new().prefix("ent-faults-").tempdir()?;
    // As root, PostgreSQL runs under another account, which must reach its directory.
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755))?;
    Ok(directory)
}

fn environment(directory: &Path) -> Environment {
    let file = |name: &str| directory.join(name).display().to_string();
    let mut pairs = vec![
        ("ENT_DATA_DIR", file("data")),
        ("ENT_BASE_DOMAIN", DOMAINE.to_owned()),
        ("ENT_JWKS", file("jwks.json")),
        ("ENT_ISSUER", ISSUER.to_owned()),
        ("ENT_EXPLOITANTS", crate::exploitant().to_string()),
        ("ENT_REQUEST_TIMEOUT_S", REQUEST_TIME.as_secs().to_string()),
        ("ENT_CADENCE_COMPTE", "1000000".to_owned()),
    ];
    let kept = ["PATH", "ENT_PG_BIN"].map(|name| std::env::var(name).ok().map(|value| (name, value)));
    pairs.extend(kept.into_iter().flatten());
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
