//! The account under which the server runs.
//!
//! PostgreSQL refuses to run as root, and containers often run as root: the server then
//! runs as `postgres`, else as `nobody`, or as whoever owns the data already.

use super::error::{Error, Result};
use super::layout::CLUSTER;
use nix::unistd::{Uid, User};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Who runs the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// The account of this process, which is not root.
    Own,
    /// This process is root: another account.
    Other {
        /// Its user id.
        uid: u32,
        /// Its group id.
        gid: u32,
        /// Its name, for messages.
        name: String,
    },
}

impl Account {
    /// The account for the server of a data directory.
    pub fn choose(data_dir: &Path) -> Result<Self> {
        if !Uid::effective().is_root() {
            return Ok(Self::Own);
        }
        let owner = fs::metadata(data_dir.join(CLUSTER)).ok().map(|found| (found.uid(), found.gid()));
        if let Some((uid, gid)) = owner.filter(|(uid, _)| *uid != 0) {
            let name =
                user(User::from_uid(Uid::from_raw(uid))).map_or_else(|| uid.to_string(), |user| user.name);
            return Ok(Self::Other { uid, gid, name });
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| user(User::from_name(name)))
            .map(|user| Self::Other { uid: user.uid.as_raw(), gid: user.gid.as_raw(), name: user.name })
            .ok_or(Error::NoAccount)
    }

    /// Makes a command run under this account. The standard library drops root's
    /// supplementary groups as it changes the user.
    pub(super) fn run_as(&self, command: &mut Command) {
        if let Self::Other { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
    }

    /// Gives a file, or a directory and all in it, to this account.
    pub(super) fn give(&self, path: &Path) -> Result<()> {
        let Self::Other { uid, gid, .. } = self else { return Ok(()) };
        let mut left = vec![path.to_owned()];
        while let Some(path) = left.pop() {
            std::os::unix::fs::lchown(&path, Some(*uid), Some(*gid))
                .map_err(Error::file("change the owner of", &path))?;
            let found = fs::symlink_metadata(&path).map_err(Error::file("read", &path))?;
            if found.is_dir() {
                for entry in fs::read_dir(&path).map_err(Error::file("list", &path))? {
                    left.push(entry.map_err(Error::file("list", &path))?.path());
                }
            }
        }
        Ok(())
    }

    /// Refuses a directory that this account cannot reach, naming what closes the way.
    /// `directory` must be absolute.
    pub(super) fn check_way_to(&self, directory: &Path) -> Result<()> {
        let Self::Other { uid, gid, name } = self else { return Ok(()) };
        let mut way: Vec<PathBuf> = directory.ancestors().map(Path::to_owned).collect();
        way.reverse();
        for step in way {
            let found = fs::metadata(&step).map_err(Error::file("read", &step))?;
            if !may_enter(found.mode(), (found.uid(), found.gid()), (*uid, *gid)) {
                return Err(Error::Closed { account: name.clone(), closed: step });
            }
        }
        Ok(())
    }

    /// Refuses a cluster of another account, which only root could take over.
    pub(super) fn check_owns(&self, cluster: &Path) -> Result<()> {
        let owner = fs::metadata(cluster).map_err(Error::file("read", cluster))?.uid();
        match self {
            Self::Own if owner != Uid::effective().as_raw() => {
                Err(Error::NotOurs { directory: cluster.to_owned(), owner })
            }
            Self::Other { uid, .. } if owner != *uid => self.give(cluster),
            Self::Own | Self::Other { .. } => Ok(()),
        }
    }
}

/// A user who cannot be looked up is a user who is not there.
fn user(answer: nix::Result<Option<User>>) -> Option<User> {
    answer.ok().flatten()
}

/// Whether an account without supplementary groups may traverse a directory.
fn may_enter(mode: u32, owner: (u32, u32), account: (u32, u32)) -> bool {
    let bit = if owner.0 == account.0 {
        0o100
    } else if owner.1 == account.1 {
        0o010
    } else {
        0o001
    };
    mode & bit != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_closed_to_others_lets_only_its_owner_and_group_in() {
        assert!(may_enter(0o700, (5, 5), (5, 9)));
        assert!(may_enter(0o710, (0, 9), (5, 9)));
        assert!(!may_enter(0o700, (0, 0), (5, 9)));
    }

    #[test]
    fn the_bits_of_the_owner_bind_the_owner_even_when_others_may_enter() {
        assert!(!may_enter(0o001, (5, 5), (5, 9)));
        assert!(may_enter(0o711, (0, 0), (5, 9)));
    }

    #[test]
    fn the_root_directory_is_open_to_the_account_chosen_for_any_data() {
        let nowhere = Path::new("/nowhere/at/all");
        let account = Account::choose(nowhere).unwrap();
        assert!(account.check_way_to(Path::new("/")).is_ok());
    }
}
