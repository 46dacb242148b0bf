//! The database under the program: a real server with `fsync` on, killed, stopped and
//! started apart from it.

use super::wait;
use anyhow::{Context, Result, bail};
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

/// Whose server it is.
enum Holder {
    /// Ours: we start it again.
    Us(Option<Box<Serveur>>),
    /// The program's own, in its data directory: it starts it again.
    Program,
}

/// See the module.
pub struct Postgres {
    directory: PathBuf,
    holder: Holder,
}

impl Postgres {
    /// Starts the server of a directory, and makes it first if there is none.
    pub async fn start(directory: &Path) -> Result<Self> {
        let server = Serveur::start(directory, Options::default()).await?;
        Ok(Self { directory: directory.to_owned(), holder: Holder::Us(Some(Box::new(server))) })
    }

    /// The private server of a program with this data directory.
    pub fn of_program(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), holder: Holder::Program }
    }

    fn server(&self) -> Result<&Serveur> {
        match &self.holder {
            Holder::Us(Some(server)) => Ok(&**server),
            Holder::Us(None) => bail!("PostgreSQL does not run"),
            Holder::Program => bail!("PostgreSQL is the program's own"),
        }
    }

    /// The URL of the program.
    pub fn app_url(&self) -> Result<SecretString> {
        Ok(self.server()?.app_url())
    }

    /// The URL of who owns the tables.
    pub fn owner_url(&self) -> Result<SecretString> {
        match &self.holder {
            Holder::Us(_) => Ok(self.server()?.owner_url()),
            Holder::Program => {
                let password = std::fs::read_to_string(self.directory.join("secrets/ent_owner"))?;
                let auditor = std::fs::read_to_string(self.directory.join("auditeur.url"))?;
                let host =
                    auditor.split_once('@').map(|(_, host)| host.trim()).context("an unreadable URL")?;
                Ok(format!("postgres://ent_owner:{}@{host}", password.trim()).into())
            }
        }
    }

    /// Where its socket is.
    pub fn socket_dir(&self) -> Result<PathBuf> {
        Ok(self.server()?.socket_dir().to_owned())
    }

    /// Whether its process lives.
    pub fn is_alive(&self) -> bool {
        self.server().is_ok_and(Serveur::is_alive)
    }

    fn pid(&self) -> Result<Pid> {
        let pid = match &self.holder {
            Holder::Us(_) => self.server()?.pid().map(u32::cast_signed),
            Holder::Program => {
                let file = std::fs::read_to_string(self.directory.join("postgres/postmaster.pid"))?;
                file.lines().next().and_then(|line| line.parse().ok())
            }
        };
        pid.map(Pid::from_raw).context("PostgreSQL has no process")
    }

    /// Sessions of the superuser, in the live place of the views: counting looks everywhere.
    pub fn owner(&self) -> Result<PgPool> {
        let options: PgConnectOptions = self.owner_url()?.expose_secret().parse()?;
        let options = projections::in_live_place(options).application_name("faults");
        Ok(PgPoolOptions::new().max_connections(3).connect_lazy_with(options))
    }

    /// The server's process and all its sessions.
    pub fn processes(&self) -> Result<Vec<Pid>> {
        let postmaster = self.pid()?;
        let mut processes = vec![postmaster];
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
        let own = match &mut self.holder {
            Holder::Us(server) => server.take(),
            Holder::Program => None,
        };
        wait::until("the end of PostgreSQL", ORPHANS, async || {
            // Asking reaps our child; the program reaps its own.
            let alive = own.as_ref().is_some_and(|server| server.is_alive());
            Ok((!alive && processes.iter().all(|one| is_gone(*one))).then_some(()))
        })
        .await?;
        if let Some(server) = own {
            server.detach();
        }
        Ok(())
    }

    /// Starts it again after a kill, where that is for us to do: it recovers from its log.
    pub async fn restart(&mut self) -> Result<()> {
        if let Holder::Us(server) = &mut self.holder {
            *server = Some(Box::new(Serveur::start(&self.directory, Options::default()).await?));
        }
        Ok(())
    }

    /// Stops it for good.
    pub async fn stop(self) -> Result<()> {
        match self.holder {
            Holder::Us(Some(server)) => Ok(server.stop().await?),
            Holder::Us(None) | Holder::Program => Ok(()),
        }
    }
}

/// Whether a process has ended, be it that nobody has reaped it.
fn is_gone(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map(|(_, rest)| rest.trim_start());
    after_name.is_none_or(|rest| rest.starts_with(['Z', 'X']))
}

/// Whom a process has started, by the process table (proc(5): the parent is the second
/// field after the name).
fn children(parent: Pid) -> Result<Vec<Pid>> {
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
