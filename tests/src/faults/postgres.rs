//! The database under the program: a real server with `fsync` on, killed, stopped and
//! started apart from it.

use super::wait;
use anyhow::{Context, Result};
use api::postgres::{Options, Serveur};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long sessions may outlive the server that was killed.
const ORPHANS: Duration = Duration::from_secs(20);

/// See the module.
pub struct Postgres {
    directory: PathBuf,
    server: Option<Serveur>,
}

impl Postgres {
    /// Starts the server of a directory, and makes it first if there is none.
    pub async fn start(directory: &Path) -> Result<Self> {
        let server = Serveur::start(directory, Options::default()).await?;
        Ok(Self { directory: directory.to_owned(), server: Some(server) })
    }

    fn server(&self) -> Result<&Serveur> {
        self.server.as_ref().context("PostgreSQL does not run")
    }

    /// The URL of who owns the tables.
    pub fn owner_url(&self) -> Result<SecretString> {
        Ok(self.server()?.owner_url())
    }

    /// The URL of the program.
    pub fn app_url(&self) -> Result<SecretString> {
        Ok(self.server()?.app_url())
    }

    /// Where its socket is.
    pub fn socket_dir(&self) -> Result<PathBuf> {
        Ok(self.server()?.socket_dir().to_owned())
    }

    /// Sessions of the superuser, in the live place of the views: counting looks everywhere.
    pub fn owner(&self) -> Result<PgPool> {
        let options: PgConnectOptions = self.owner_url()?.expose_secret().parse()?;
        let options = projections::in_live_place(options).application_name("faults");
        Ok(PgPoolOptions::new().max_connections(3).connect_lazy_with(options))
    }

    /// The server's process and all its sessions.
    pub fn processes(&self) -> Result<Vec<Pid>> {
        let postmaster = self.server()?.pid().context("PostgreSQL has no process")?;
        let mut processes = vec![Pid::from_raw(postmaster.cast_signed())];
        processes.extend(children(postmaster)?);
        Ok(processes)
    }

    /// Signals them all, the server first so that it replaces nobody.
    pub fn signal(&self, signal: Signal) -> Result<Vec<Pid>> {
        let processes = self.processes()?;
        for process in &processes {
            match kill(*process, signal) {
                Ok(()) | Err(Errno::ESRCH) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(processes)
    }

    /// Kills them all, and waits until none is left.
    pub async fn kill(&mut self) -> Result<()> {
        let processes = self.signal(Signal::SIGKILL)?;
        let server = self.server.take().context("PostgreSQL does not run")?;
        wait::until("the end of PostgreSQL", ORPHANS, async || {
            let left = server.is_alive() || processes.iter().skip(1).any(|one| kill(*one, None).is_ok());
            Ok((!left).then_some(()))
        })
        .await?;
        server.detach();
        Ok(())
    }

    /// Starts it again after a kill: it recovers from its log.
    pub async fn restart(&mut self) -> Result<()> {
        self.server = Some(Serveur::start(&self.directory, Options::default()).await?);
        Ok(())
    }

    /// Stops it for good.
    pub async fn stop(mut self) -> Result<()> {
        match self.server.take() {
            Some(server) => Ok(server.stop().await?),
            None => Ok(()),
        }
    }
}

/// Whom a process has started, by the process table (proc(5): the parent is the second
/// field after the name).
fn children(parent: u32) -> Result<Vec<Pid>> {
    let mut children = Vec::new();
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        // A process that has ended meanwhile is nobody's child.
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let after_name = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
        if after_name.split_whitespace().nth(1) == Some(parent.to_string().as_str()) {
            children.push(Pid::from_raw(pid));
        }
    }
    Ok(children)
}
