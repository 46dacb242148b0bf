//! Where things lie in the data directory.
//!
//! ```text
//! {data_dir}/            0711 as root, else 0700
//!   ent.lock             who runs the server (the pid, under flock)
//!   secrets/             0700: the passwords of the roles
//!   auditeur.url         0600: where an auditor's program connects, read-only
//!   postgres/            0700: the cluster, owned by the server's account
//!   run/                 0700: the Unix socket
//!   postgres.log
//! ```

use super::account::Account;
use super::error::{Error, Result};
use nix::unistd::mkdtemp;
use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The folder of the cluster in the data directory.
pub const CLUSTER: &str = "postgres";
/// The name of the socket, which PostgreSQL makes of its port.
const SOCKET: &str = ".s.PGSQL.5432";
/// `sun_path` has 108 bytes, and the last is a NUL (unix(7)).
const LONGEST_SOCKET: usize = 107;
/// Where sockets go when the data directory's path is too long for one.
const SHORT: &str = "/tmp/ent-";

/// The places of one data directory.
#[derive(Debug, Clone)]
pub struct Layout {
    data_dir: PathBuf,
    socket_dir: PathBuf,
    account: Account,
}

impl Layout {
    /// Makes the directories that are not there, and checks that the server's account
    /// reaches its own.
    pub(super) fn prepare(data_dir: &Path, account: Account) -> Result<Self> {
        let mode = if account == Account::Own { 0o700 } else { 0o711 };
        make_dir(data_dir, mode)?;
        let data_dir = data_dir.canonicalize().map_err(Error::file("find", data_dir))?;
        if data_dir.to_str().is_none_or(|path| path.contains(['\n', '\r'])) {
            return Err(Error::NotUtf8(data_dir));
        }
        if account != Account::Own {
            open_the_way(&data_dir)?;
            account.check_way_to(&data_dir)?;
        }
        let socket_dir = data_dir.join("run");
        let layout = Self { data_dir, socket_dir, account };
        make_dir(&layout.secrets(), 0o700)?;
        make_dir(&layout.socket_dir, 0o700)?;
        layout.account.give(&layout.socket_dir)?;
        if layout.cluster().exists() {
            layout.account.check_owns(&layout.cluster())?;
        }
        Ok(layout)
    }

    /// The account of the server.
    pub(super) fn account(&self) -> &Account {
        &self.account
    }

    /// The directory that holds all the others.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The cluster.
    pub fn cluster(&self) -> PathBuf {
        self.data_dir.join(CLUSTER)
    }

    /// Where a cluster is made; it is renamed when it is whole.
    pub(super) fn unfinished_cluster(&self) -> PathBuf {
        self.data_dir.join("postgres.unfinished")
    }

    /// The passwords.
    pub(super) fn secrets(&self) -> PathBuf {
        self.data_dir.join("secrets")
    }

    /// What the server says.
    pub fn log(&self) -> PathBuf {
        self.data_dir.join("postgres.log")
    }

    /// What the server says of itself.
    pub(super) fn pid_file(&self) -> PathBuf {
        self.cluster().join("postmaster.pid")
    }

    /// Where the socket goes if its path is short enough.
    pub(super) fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// A directory for the socket of a server about to be launched.
    pub(super) fn choose_socket_dir(&self) -> Result<PathBuf> {
        if fits(&self.socket_dir) {
            // That of a server that died may have gone with it.
            make_dir(&self.socket_dir, 0o700)?;
            self.account.give(&self.socket_dir)?;
            return Ok(self.socket_dir.clone());
        }
        let template = PathBuf::from(format!("{SHORT}XXXXXX"));
        let made = mkdtemp(&template).map_err(|errno| Error::File {
            action: "make a directory like",
            path: template,
            source: errno.into(),
        })?;
        self.account.give(&made)?;
        Ok(made)
    }

    /// Has the next server use the directory that clients know.
    pub(super) fn keep_socket_dir(&mut self, socket_dir: PathBuf) {
        self.socket_dir = socket_dir;
    }

    /// The major version of the cluster, none if there is no cluster yet.
    pub(super) fn major(&self) -> Result<Option<u32>> {
        let path = self.cluster().join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(text) => text.trim().parse().map(Some).map_err(|_| Error::NotACluster { path }),
            Err(error) if error.kind() == ErrorKind::NotFound => self.refuse_other_content(path),
            Err(error) => Err(Error::file("read", &path)(error)),
        }
    }

    /// A folder that holds something else than a cluster is not overwritten.
    fn refuse_other_content(&self, version: PathBuf) -> Result<Option<u32>> {
        match fs::read_dir(self.cluster()).map(|mut entries| entries.next().is_some()) {
            Ok(true) => Err(Error::NotACluster { path: version }),
            Ok(false) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::file("list", &self.cluster())(error)),
        }
    }
}

/// Removes the directory of a socket that was made for one server.
pub(super) fn forget_socket_dir(directory: &Path) {
    if directory.to_str().is_some_and(|path| path.starts_with(SHORT)) {
        for name in [SOCKET.to_owned(), format!("{SOCKET}.lock")] {
            // A crashed server leaves its socket; one that stopped has removed it.
            let _ = fs::remove_file(directory.join(name));
        }
        let _ = fs::remove_dir(directory);
    }
}

fn fits(socket_dir: &Path) -> bool {
    socket_dir.join(SOCKET).as_os_str().len() <= LONGEST_SOCKET
}

fn make_dir(path: &Path, mode: u32) -> Result<()> {
    DirBuilder::new().recursive(true).mode(mode).create(path).map_err(Error::file("make the directory", path))
}

/// Lets the server's account go through the data directory, which is ours, to its own
/// part of it. Directories above are the operator's.
fn open_the_way(data_dir: &Path) -> Result<()> {
    let mode = fs::metadata(data_dir).map_err(Error::file("read", data_dir))?.permissions().mode();
    if mode & 0o001 == 0 {
        fs::set_permissions(data_dir, Permissions::from_mode(mode | 0o011))
            .map_err(Error::file("change the mode of", data_dir))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_path_of_107_bytes_is_the_longest() {
        let room = LONGEST_SOCKET - SOCKET.len() - 1;
        let directory = |length: usize| PathBuf::from(format!("/{}", "d".repeat(length - 1)));
        assert!(fits(&directory(room)));
        assert!(!fits(&directory(room + 1)));
    }

    #[test]
    fn only_the_short_socket_directories_are_ever_removed() {
        let data = tempfile::tempdir().unwrap();
        forget_socket_dir(data.path());
        assert!(data.path().exists());
        let short = mkdtemp("/tmp/ent-XXXXXX").unwrap();
        fs::write(short.join(SOCKET), "").unwrap();
        forget_socket_dir(&short);
        assert!(!short.exists());
    }

    fn layout(data_dir: &Path) -> Layout {
        Layout {
            data_dir: data_dir.to_owned(),
            socket_dir: data_dir.join("run"),
            account: Account::choose(data_dir).unwrap(),
        }
    }

    #[test]
    fn a_directory_without_a_cluster_has_no_version() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(layout(data.path()).major().unwrap(), None);
        fs::create_dir(data.path().join(CLUSTER)).unwrap();
        assert_eq!(layout(data.path()).major().unwrap(), None);
    }

    #[test]
    fn a_folder_that_holds_something_else_is_not_taken_for_an_empty_cluster() {
        let data = tempfile::tempdir().unwrap();
        let cluster = data.path().join(CLUSTER);
        fs::create_dir(&cluster).unwrap();
        fs::write(cluster.join("photos.txt"), "").unwrap();
        assert!(matches!(layout(data.path()).major(), Err(Error::NotACluster { .. })));
        fs::write(cluster.join("PG_VERSION"), "15\n").unwrap();
        assert_eq!(layout(data.path()).major().unwrap(), Some(15));
        fs::write(cluster.join("PG_VERSION"), "fifteen\n").unwrap();
        assert!(matches!(layout(data.path()).major(), Err(Error::NotACluster { .. })));
    }
}
