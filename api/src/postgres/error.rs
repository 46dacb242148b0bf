//! What can go wrong when the private server is started or stopped; each message tells
//! the operator which file, and what to do.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// The result of whatever the launcher does.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the private PostgreSQL does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or a directory could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no PostgreSQL server on the machine.
    #[error(
        "no PostgreSQL server binaries found (looked in {looked_in}): install the package \
         `postgresql`, name their folder in ENT_PG_BIN, or give a DATABASE_URL"
    )]
    NoBinaries {
        /// The places tried.
        looked_in: String,
    },
    /// The data were written by another major version than those installed.
    #[error(
        "{} was made by PostgreSQL {data}, and only PostgreSQL {found} is installed: install version \
         {data}, or move the data with pg_upgrade",
        directory.display()
    )]
    OtherMajor {
        /// The cluster.
        directory: PathBuf,
        /// The major version of the data.
        data: u32,
        /// The major versions installed.
        found: String,
    },
    /// `PG_VERSION` is not a number.
    #[error("{} does not name a PostgreSQL version: the directory is damaged or is no cluster", path.display())]
    NotACluster {
        /// The file `PG_VERSION`.
        path: PathBuf,
    },
    /// A binary did not say its version.
    #[error("{} does not run as a PostgreSQL server: {reason}", path.display())]
    Binary {
        /// The binary.
        path: PathBuf,
        /// What it said.
        reason: String,
    },
    /// PostgreSQL refuses to run as root, and there is nobody else to run as.
    #[error("PostgreSQL refuses to run as root and the accounts `postgres` and `nobody` do not exist")]
    NoAccount,
    /// The account of the server cannot reach the data directory.
    #[error(
        "as root, PostgreSQL runs as the account {account}, which may not enter {}: choose a data directory \
         (ENT_DATA_DIR) outside it, or let others traverse it (chmod o+x)",
        closed.display()
    )]
    Closed {
        /// The account of the server.
        account: String,
        /// The first directory that it cannot enter.
        closed: PathBuf,
    },
    /// The cluster belongs to someone else.
    #[error("{} belongs to uid {owner}, not to the account of this process", directory.display())]
    NotOurs {
        /// The cluster.
        directory: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// A path has bytes that no connection URL can carry.
    #[error("{} is not UTF-8: choose another data directory", .0.display())]
    NotUtf8(PathBuf),
    /// Another `ent` has the data directory.
    #[error("another `ent` ({holder}) already runs on {}: stop it, or choose another data directory", directory.display())]
    Taken {
        /// The process that holds it.
        holder: String,
        /// The data directory.
        directory: PathBuf,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {output}")]
    Program {
        /// Which.
        program: &'static str,
        /// The end of what it said.
        output: String,
    },
    /// The server ended instead of becoming ready.
    #[error("PostgreSQL did not start; the end of {} says:\n{tail}", log.display())]
    Died {
        /// The server's log.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// The server did not do what was asked in time.
    #[error("PostgreSQL (pid {pid}) is not {state} after {} s", after.as_secs())]
    TooLate {
        /// The server's process.
        pid: u32,
        /// What was waited for.
        state: &'static str,
        /// How long.
        after: Duration,
    },
    /// The server could not be signalled.
    #[error("cannot signal PostgreSQL (pid {pid}): {source}")]
    Signal {
        /// The server's process.
        pid: u32,
        /// What the system said.
        source: nix::errno::Errno,
    },
    /// The system gave no randomness for a password.
    #[error("the system gives no randomness: {0}")]
    Randomness(rand::rand_core::OsError),
    /// A password file is not one that we wrote.
    #[error("{} does not hold a password written by `ent`", .0.display())]
    Password(PathBuf),
    /// The roles or the database could not be made.
    #[error("cannot {action}: {source}")]
    Sql {
        /// What was tried.
        action: &'static str,
        /// What the server said.
        source: sqlx::Error,
    },
}

impl Error {
    /// Names the file on which `action` failed.
    pub(super) fn file(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}
