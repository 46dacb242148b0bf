//! One process of the real program `ent`, which can be killed at any instant.

use super::{ISSUER, wait};
use crate::{Bench, DOMAINE, auditeur, exploitant};
use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use secrecy::ExposeSecret;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long a start may take, recovery of the database included.
const START: Duration = Duration::from_secs(120);
/// How long a probe may take to answer at all.
const PROBE: Duration = Duration::from_secs(4);

/// The environment of a process: nothing else of ours reaches it.
pub type Environment = BTreeMap<String, String>;

/// The environment of `ent` before the record of a bench, with its files in this folder.
pub async fn environment(bench: &Bench, folder: &Path) -> Result<Environment> {
    let [app, owner] = bench.base().urls().await?;
    let pairs = [
        ("ENT_DATA_DIR", folder.join("data").display().to_string()),
        ("ENT_BASE_DOMAIN", DOMAINE.to_owned()),
        ("ENT_JWKS", folder.join("jwks.json").display().to_string()),
        ("ENT_ISSUER", ISSUER.to_owned()),
        ("ENT_CADENCE_COMPTE", "1000000".to_owned()),
        ("ENT_EXPLOITANTS", exploitant().to_string()),
        ("ENT_AUDITEURS", auditeur().to_string()),
        ("ENT_KEK_FILE", bench.kek_file().display().to_string()),
        ("ENT_SCEAU_FILE", bench.seal_file().display().to_string()),
        ("ENT_TUILES", bench.tiles().display().to_string()),
        ("DATABASE_URL", app.expose_secret().to_owned()),
        ("ENT_DATABASE_OWNER_URL", owner.expose_secret().to_owned()),
    ];
    Ok(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// See the module.
pub struct Ent {
    child: Option<Child>,
    environment: Environment,
    port: u16,
    log: PathBuf,
    probe: reqwest::Client,
}

impl Ent {
    /// A program that is not started yet, on a port of its own; it writes to `log`.
    pub fn new(mut environment: Environment, log: PathBuf) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        environment.insert("ENT_LISTEN".to_owned(), format!("127.0.0.1:{port}"));
        let probe = reqwest::Client::builder().no_proxy().timeout(PROBE).build()?;
        Ok(Self { child: None, environment, port, log, probe })
    }

    /// Where it serves.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Its log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Changes what its next start finds in its environment.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    /// Starts it and returns at once.
    pub fn launch(&mut self) -> Result<()> {
        self.child = Some(command(&self.environment, &self.log, &["serve"])?.spawn()?);
        Ok(())
    }

    /// Starts it and waits until it says that it is ready.
    pub async fn start(&mut self) -> Result<()> {
        self.launch()?;
        self.ready(START).await
    }

    /// Its process.
    pub fn pid(&self) -> Result<Pid> {
        let id = self.child.as_ref().and_then(Child::id).context("ent does not run")?;
        Ok(Pid::from_raw(id.cast_signed()))
    }

    /// Ends it as a power cut would.
    pub async fn kill(&mut self) -> Result<()> {
        kill(self.pid()?, Signal::SIGKILL)?;
        self.reap().await
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(&mut self) -> Result<()> {
        if self.child.is_some() {
            kill(self.pid()?, Signal::SIGTERM)?;
            self.reap().await?;
        }
        Ok(())
    }

    async fn reap(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.wait().await?;
        }
        Ok(())
    }

    /// Waits until `/pret` is 200.
    pub async fn ready(&mut self, patience: Duration) -> Result<()> {
        let start = std::time::Instant::now();
        loop {
            if let Some(ended) = self.child.as_mut().context("ent does not run")?.try_wait()? {
                bail!("ent ended by itself ({ended}); its log ends with\n{}", self.last_words());
            }
            if let Ok((200, _)) = self.pret().await {
                return Ok(());
            }
            if start.elapsed() > patience {
                bail!("ent is not ready after {patience:?}; its log ends with\n{}", self.last_words());
            }
            wait::pause(Duration::from_millis(10)).await;
        }
    }

    /// What `/pret` answers: its status, and what it waits for.
    pub async fn pret(&self) -> Result<(u16, Vec<String>)> {
        let (status, body) = self.probed().await?;
        Ok((status, told(&body["attend"])))
    }

    /// What `/pret` tells an operator of, and waits for nothing.
    pub async fn signale(&self) -> Result<Vec<String>> {
        Ok(told(&self.probed().await?.1["signale"]))
    }

    async fn probed(&self) -> Result<(u16, Value)> {
        let answer = self.probe.get(self.url("/pret")).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(15).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Ent {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // The last resort; a process that has ended already needs none.
            let _ = child.start_kill();
        }
    }
}

fn told(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

/// A command line of `ent` with this environment and no other, writing to `log`.
pub fn command(environment: &Environment, log: &Path, arguments: &[&str]) -> Result<Command> {
    let output = OpenOptions::new().create(true).append(true).open(log)?;
    let mut command = Command::new(program("ent")?);
    command.env_clear().envs(environment).args(arguments).stdin(Stdio::null());
    command.stdout(output.try_clone()?).stderr(output).kill_on_drop(true);
    Ok(command)
}

/// A program of ours, as it was built beside this one: in the same folder, or in the one above
/// for a test (`…/debug/deps/main`).
pub fn program(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let found = own.ancestors().skip(1).take(2).map(|folder| folder.join(name)).find(|path| path.is_file());
    let found = found.with_context(|| {
        let beside = own.display();
        format!("the program `{name}` is not beside {beside}: build it first (cargo build --bin {name})")
    })?;
    ensure!(found.is_absolute(), "{} is not absolute", found.display());
    Ok(found)
}
