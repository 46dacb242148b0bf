//! What a witness saw: of each log the last checkpoint that it cosigned, written and synced
//! before the cosignature leaves; the forks that it was shown; its own key.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use rand::TryRngCore;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// More forks that prove nothing tell nobody more, and anybody can show them. Those that do
/// prove something only the log can make: they are all kept.
const MOST_UNPROVEN: usize = 1_000;

/// See the module.
#[derive(Debug)]
pub struct Memoire {
    folder: PathBuf,
}

/// Why a memory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MemoireFault {
    /// A file cannot be read or written.
    #[error("{path} ne peut être lu ou écrit")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The key file is damaged.
    #[error("{0} n'est pas la clé d'un témoin : restaurez-la, une autre ne vaudrait pas pour elle")]
    Key(PathBuf),
    /// The machine gives none.
    #[error("la machine ne donne pas d'aléa pour une clé")]
    Randomness,
}

/// Two checkpoints that one log signed and that are not of one history.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fourche {
    /// When the second one was shown.
    pub recu_le: DateTime<Utc>,
    /// Why it was refused.
    pub motif: String,
    /// Whether the two checkpoints alone prove it: one size, two roots. Else nobody has shown
    /// that the second extends the first, which anybody can do with a public checkpoint.
    pub prouvee: bool,
    /// The one that was cosigned.
    pub connu: Option<String>,
    /// The one that was refused.
    pub presente: String,
}

impl Memoire {
    /// The memory in this folder, made for its owner alone.
    pub fn in_folder(folder: &Path) -> Result<Self, MemoireFault> {
        for part in ["journaux", "fourches"] {
            let path = folder.join(part);
            let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
            made.map_err(|source| MemoireFault::File { path, source })?;
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// What its key is made of: made at first, and never again.
    pub fn seed(&self) -> Result<Zeroizing<[u8; 32]>, MemoireFault> {
        let path = self.folder.join("temoin.cle");
        if !path.exists() {
            // Of two that start at once the second must find what the first one made.
            let _turn = self.turn()?;
            if !path.exists() {
                self.make_seed(&path)?;
            }
        }
        let text = Zeroizing::new(read(&path)?.unwrap_or_default());
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).unwrap_or_default());
        let seed = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| MemoireFault::Key(path))?;
        Ok(Zeroizing::new(seed))
    }

    fn make_seed(&self, path: &Path) -> Result<(), MemoireFault> {
        let mut seed = Zeroizing::new([0; 32]);
        rand::rngs::OsRng.try_fill_bytes(seed.as_mut()).map_err(|_| MemoireFault::Randomness)?;
        let text = Zeroizing::new(STANDARD.encode(*seed));
        self.replace(path, text.as_bytes())
    }

    /// One decision at a time, until this is dropped: between what a witness saw and what it
    /// keeps nothing comes, be it of another process, or of a request whose client hung up.
    pub fn turn(&self) -> Result<File, MemoireFault> {
        let path = self.folder.join("tour");
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let fault = |source| MemoireFault::File { path, source };
        file.and_then(|file| file.lock().map(|()| file)).map_err(fault)
    }

    /// The last checkpoint of a log that was cosigned.
    pub fn known(&self, origin: &str) -> Result<Option<String>, MemoireFault> {
        read(&self.of(origin))
    }

    /// Has it be the last one, for ever: on disk when this returns.
    pub fn keep(&self, origin: &str, note: &str) -> Result<(), MemoireFault> {
        self.replace(&self.of(origin), note.as_bytes())
    }

    /// Keeps a fork, once however often it is shown. What the log signed says which one it is:
    /// lines below that anybody may add to a note make no other.
    pub fn keep_fork(&self, fork: &Fourche) -> Result<(), MemoireFault> {
        let signed = fork.presente.split_once("\n\n").map_or(fork.presente.as_str(), |(text, _)| text);
        let path = self.folder.join("fourches").join(name(&format!("{} {signed}", fork.prouvee)));
        if path.exists() || (!fork.prouvee && self.unproven()? >= MOST_UNPROVEN) {
            return Ok(());
        }
        let text = serde_json::to_vec_pretty(fork)
            .map_err(|error| MemoireFault::File { path: path.clone(), source: error.into() })?;
        self.replace(&path, &text)
    }

    /// The forks that it was shown, in the order in which it was.
    pub fn forks(&self) -> Result<Vec<Fourche>, MemoireFault> {
        let folder = self.folder.join("fourches");
        let fault = |source| MemoireFault::File { path: folder.clone(), source };
        let mut forks = Vec::new();
        for entry in fs::read_dir(&folder).map_err(fault)? {
            let text = fs::read(entry.map_err(fault)?.path()).map_err(fault)?;
            // One half written by a killed process is no fork: it is shown again, or was never.
            forks.extend(serde_json::from_slice::<Fourche>(&text).ok());
        }
        forks.sort_by_key(|fork| fork.recu_le);
        Ok(forks)
    }

    fn unproven(&self) -> Result<usize, MemoireFault> {
        Ok(self.forks()?.iter().filter(|fork| !fork.prouvee).count())
    }

    fn of(&self, origin: &str) -> PathBuf {
        self.folder.join("journaux").join(name(origin))
    }

    /// Another content of a file, or the one before if the machine stops: never a half one.
    fn replace(&self, path: &Path, content: &[u8]) -> Result<(), MemoireFault> {
        let fault = |source| MemoireFault::File { path: path.to_owned(), source };
        let beside = path.with_extension("nouveau");
        let mut options = OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o600).open(&beside).map_err(fault)?;
        file.write_all(content).and_then(|()| file.sync_all()).map_err(fault)?;
        fs::rename(&beside, path).map_err(fault)?;
        let folder = path.parent().unwrap_or(&self.folder);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault)
    }
}

/// A file's name for a text that is not one.
fn name(text: &str) -> String {
    ledger::seal::hex(&Sha256::digest(text))
}

fn read(path: &Path) -> Result<Option<String>, MemoireFault> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(MemoireFault::File { path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fork(prouvee: bool, presente: &str) -> Fourche {
        let (recu_le, motif) = (DateTime::UNIX_EPOCH, "refus".to_owned());
        Fourche { recu_le, motif, prouvee, connu: None, presente: presente.to_owned() }
    }

    #[test]
    fn a_fork_is_kept_once_whatever_lines_are_added_below() {
        let folder = tempfile::tempdir().unwrap();
        let memoire = Memoire::in_folder(folder.path()).unwrap();
        for line in ["", "— a AAAAAAA=\n", "— b AAAAAAA=\n"] {
            memoire.keep_fork(&fork(false, &format!("log\n5\nracine\n\n— log AAAA\n{line}"))).unwrap();
        }
        assert_eq!(memoire.forks().unwrap().len(), 1);
    }

    #[test]
    fn forks_that_prove_nothing_do_not_crowd_out_one_that_does() {
        let folder = tempfile::tempdir().unwrap();
        let memoire = Memoire::in_folder(folder.path()).unwrap();
        for size in 0..MOST_UNPROVEN {
            let text = serde_json::to_vec(&fork(false, &format!("log\n{size}\n\n"))).unwrap();
            fs::write(folder.path().join("fourches").join(size.to_string()), text).unwrap();
        }
        memoire.keep_fork(&fork(false, "log\n5000\n\n")).unwrap();
        assert_eq!(memoire.forks().unwrap().len(), MOST_UNPROVEN);
        // Shown first without proof, then with one: the second is what counts.
        memoire.keep_fork(&fork(true, "log\n5000\n\n")).unwrap();
        assert_eq!(memoire.unproven().unwrap(), MOST_UNPROVEN);
        assert_eq!(memoire.forks().unwrap().len(), MOST_UNPROVEN + 1);
    }

    #[test]
    fn what_was_half_written_when_it_was_killed_is_not_what_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let memoire = Memoire::in_folder(folder.path()).unwrap();
        memoire.keep("log", "note").unwrap();
        fs::write(memoire.of("log").with_extension("nouveau"), "no").unwrap();
        let again = Memoire::in_folder(folder.path()).unwrap();
        assert_eq!(again.known("log").unwrap().as_deref(), Some("note"));
        again.keep("log", "suite").unwrap();
        assert_eq!(again.known("log").unwrap().as_deref(), Some("suite"));
        assert_eq!(again.seed().unwrap(), Memoire::in_folder(folder.path()).unwrap().seed().unwrap());
    }

    #[test]
    fn witnesses_that_start_at_once_on_one_folder_have_one_key() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let barrier = std::sync::Barrier::new(8);
            let start = || {
                let memoire = Memoire::in_folder(folder.path()).unwrap();
                barrier.wait();
                *memoire.seed().unwrap()
            };
            let mut seeds: Vec<[u8; 32]> = std::thread::scope(|scope| {
                let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
                starts.into_iter().map(|started| started.join().unwrap()).collect()
            });
            seeds.dedup();
            assert_eq!(seeds.len(), 1);
        }
    }

    #[test]
    fn two_witnesses_on_one_memory_take_turns() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = [0, 1].map(|_| Memoire::in_folder(folder.path()).unwrap());
        let turn = one.turn().unwrap();
        let unlocked = || File::open(other.folder.join("tour")).unwrap().try_lock().is_ok();
        assert!(!unlocked(), "the other one would decide meanwhile");
        drop(turn);
        assert!(unlocked());
        drop(other.turn().unwrap());
    }
}
