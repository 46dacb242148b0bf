//! One `ent` for one data directory. The lock is the kernel's (flock), so that it goes
//! with the process however the process ends; the file's content is only for messages.

use super::error::{Error, Result};
use super::layout::Layout;
use super::wait;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// How long a turn is waited for where waiting is right.
const PATIENCE: Duration = Duration::from_secs(120);

/// A lock held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: Flock<File>,
}

impl Lock {
    /// The right to start and stop the server; refused at once if another has it.
    pub(super) fn take(layout: &Layout) -> Result<Self> {
        let path = layout.data_dir().join("ent.lock");
        match attempt(&path, FlockArg::LockExclusiveNonblock)? {
            Ok(file) => Self::signed(file, &path),
            Err(mut file) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(Error::file("read", &path))?;
                let holder = match holder.trim() {
                    "" => "starting".to_owned(),
                    pid => format!("pid {pid}"),
                };
                Err(Error::Taken { holder, directory: layout.data_dir().to_owned() })
            }
        }
    }

    /// The same right, waited for.
    pub(super) async fn wait_for(layout: &Layout) -> Result<Self> {
        let path = layout.data_dir().join("ent.lock");
        let taken =
            wait::until(PATIENCE, || Ok(attempt(&path, FlockArg::LockExclusiveNonblock)?.ok())).await?;
        match taken {
            Some(file) => Self::signed(file, &path),
            None => Self::take(layout),
        }
    }

    /// A place among the users of a shared server.
    pub(super) async fn join(layout: &Layout, name: &str) -> Result<Self> {
        let path = layout.data_dir().join(name);
        let joined = wait::until(PATIENCE, || Ok(attempt(&path, FlockArg::LockSharedNonblock)?.ok())).await?;
        joined.map(|file| Self { _file: file }).ok_or_else(|| Error::Taken {
            holder: "stopping its server".to_owned(),
            directory: layout.data_dir().to_owned(),
        })
    }

    fn signed(mut file: Flock<File>, path: &Path) -> Result<Self> {
        let written =
            file.set_len(0).and_then(|()| file.write_all(std::process::id().to_string().as_bytes()));
        written.map_err(Error::file("write", path))?;
        Ok(Self { _file: file })
    }
}

/// One try: the lock, or the file that another holds.
fn attempt(path: &Path, how: FlockArg) -> Result<std::result::Result<Flock<File>, File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path).map_err(Error::file("open", path))?;
    match Flock::lock(file, how) {
        Ok(lock) => Ok(Ok(lock)),
        Err((file, Errno::EWOULDBLOCK)) => Ok(Err(file)),
        Err((_, errno)) => Err(Error::file("lock", path)(errno.into())),
    }
}
