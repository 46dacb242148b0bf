//! The keys that sign checkpoints, in a file beside the key-encryption keys: all there
//! ever were, so that what an earlier one signed stays verifiable.

use crate::key_file;
use crate::tlog::Origin;
use crate::tlog::note::NoteKey;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, Zeroizing};

/// See the module. The last one signs.
#[derive(Clone)]
pub struct SealKeys(Vec<Held>);

#[derive(Clone)]
struct Held {
    key: NoteKey,
    since: DateTime<Utc>,
}

/// What verifies the checkpoints of one log, and when its key signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifierKey {
    /// `name+hash+key`, as C2SP signed-note writes it.
    #[serde(rename = "cle")]
    pub key: String,
    /// Signs since then.
    #[serde(rename = "du")]
    pub since: DateTime<Utc>,
    /// Has not signed since then; none while it signs.
    #[serde(rename = "au")]
    pub until: Option<DateTime<Utc>>,
}

/// Why the key file cannot be used. Never tells its content.
#[derive(Debug, thiserror::Error)]
pub enum SealKeysFault {
    /// The file cannot be read or written.
    #[error("key file {path}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a key file.
    #[error("key file {path} is not usable: {reason}")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
}

/// The file: keys from the oldest to the one that signs.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    keys: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    since: DateTime<Utc>,
    seed: String,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl SealKeys {
    /// Reads the key file.
    pub fn read(path: &Path) -> Result<Self, SealKeysFault> {
        Self::of(&File::read(path)?, path)
    }

    /// Makes a new key file; fails if there is one. `randomness` fills keys.
    pub fn create(
        path: &Path,
        now: DateTime<Utc>,
        randomness: impl FnMut(&mut [u8]),
    ) -> Result<Self, SealKeysFault> {
        let file = File::default().with(now, randomness);
        key_file::create(path, &file.text(path)?).map_err(|source| io(path, source))?;
        Self::of(&file, path)
    }

    /// Adds a key, which signs from now on; the ones before stay verifiable.
    pub fn rotate(
        path: &Path,
        now: DateTime<Utc>,
        randomness: impl FnMut(&mut [u8]),
    ) -> Result<Self, SealKeysFault> {
        let file = File::read(path)?.with(now, randomness);
        let keys = Self::of(&file, path)?;
        key_file::replace(path, &file.text(path)?).map_err(|source| io(path, source))?;
        Ok(keys)
    }

    fn of(file: &File, path: &Path) -> Result<Self, SealKeysFault> {
        let invalid = |reason| SealKeysFault::Invalid { path: path.to_owned(), reason };
        let held = file.keys.iter().map(|entry| {
            let bytes = Zeroizing::new(STANDARD.decode(&entry.seed).unwrap_or_default());
            let seed: [u8; 32] =
                bytes.as_slice().try_into().map_err(|_| invalid("every key is 32 bytes in base64"))?;
            Ok(Held { key: NoteKey::of(&Zeroizing::new(seed)), since: entry.since })
        });
        let held: Vec<_> = held.collect::<Result<_, SealKeysFault>>()?;
        if held.is_empty() {
            return Err(invalid("it has no key"));
        }
        if !held.is_sorted_by_key(|held| held.since) {
            return Err(invalid("its keys are not in the order of their time"));
        }
        Ok(Self(held))
    }

    /// The key that signs.
    pub fn active(&self) -> Option<&NoteKey> {
        self.0.last().map(|held| &held.key)
    }

    /// What verifies the checkpoints of a log, from its first key on.
    pub fn verifier_keys(&self, origin: &Origin) -> Vec<VerifierKey> {
        let until = self.0.iter().skip(1).map(|next| Some(next.since)).chain([None]);
        let keys = self.0.iter().zip(until);
        keys.map(|(held, until)| VerifierKey { key: held.key.verifier_key(origin), since: held.since, until })
            .collect()
    }
}

impl File {
    fn read(path: &Path) -> Result<Self, SealKeysFault> {
        let text = Zeroizing::new(std::fs::read(path).map_err(|source| io(path, source))?);
        serde_json::from_slice(&text).map_err(|_| SealKeysFault::Invalid {
            path: path.to_owned(),
            reason: "it is not the expected JSON",
        })
    }

    fn with(mut self, now: DateTime<Utc>, mut randomness: impl FnMut(&mut [u8])) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        randomness(seed.as_mut());
        self.keys.push(Entry { since: now, seed: STANDARD.encode(seed.as_ref()) });
        self
    }

    fn text(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, SealKeysFault> {
        Ok(Zeroizing::new(serde_json::to_vec_pretty(self).map_err(|error| io(path, error.into()))?))
    }
}

fn io(path: &Path, source: std::io::Error) -> SealKeysFault {
    SealKeysFault::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_that_was_killed_keeps_no_later_one_from_being_done() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sceau.json");
        let at = |hour: i64| DateTime::from_timestamp(1_795_000_000 + hour * 3_600, 0).unwrap();
        SealKeys::create(&path, at(0), |seed| seed.fill(1)).unwrap();
        std::fs::write(path.with_extension("next"), b"{ \"keys\": [").unwrap();
        SealKeys::rotate(&path, at(1), |seed| seed.fill(2)).unwrap();
        SealKeys::rotate(&path, at(2), |seed| seed.fill(3)).unwrap();
        assert_eq!(SealKeys::read(&path).unwrap().0.len(), 3);
        let again = SealKeys::create(&path, at(3), |seed| seed.fill(4));
        assert!(matches!(again, Err(SealKeysFault::Io { .. })), "no key file is written over");
    }
}
