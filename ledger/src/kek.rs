//! The key-encryption key, which wraps the data keys and lives outside the database
//! of the events: whoever steals the database has no content.

use crate::key_file;
use crate::seal::SealError;
use aes_kw::KwAes256;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use zeroize::{Zeroize, Zeroizing};

/// A wrapped data key and the key-encryption key that opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// Which key-encryption key.
    pub kek_id: String,
    /// AES-KW (RFC 3394) of the 32 bytes.
    pub bytes: Vec<u8>,
}

/// Whatever keeps the key-encryption key: a file, later a vault or a hardware module.
pub trait KekProvider: Send + Sync + 'static {
    /// Wraps a data key under the active key.
    fn wrap(&self, key: &[u8; 32]) -> Result<Wrapped, SealError>;

    /// Opens a data key.
    fn unwrap(&self, wrapped: &Wrapped) -> Result<Zeroizing<[u8; 32]>, SealError>;

    /// Reads the keys again: another process has replaced one.
    fn refresh(&self) -> Result<(), SealError>;

    /// A keyed digest (HMAC-SHA-256), so that a digest of little content, such as one
    /// mark, cannot be searched backwards.
    fn digest(&self, message: &[u8]) -> Result<[u8; 32], SealError>;
}

/// Keys in a file that only the program's user may read.
pub struct FileKek {
    path: PathBuf,
    keys: RwLock<Arc<Keys>>,
}

/// What the file holds.
#[derive(Clone)]
struct Keys {
    active: String,
    digest_key: Zeroizing<[u8; 32]>,
    keys: BTreeMap<String, Zeroizing<[u8; 32]>>,
}

/// Why the key file cannot be used. Never tells its content.
#[derive(Debug, thiserror::Error)]
pub enum KekFault {
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

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    active: String,
    digest_key: String,
    keys: BTreeMap<String, String>,
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        self.digest_key.zeroize();
        self.keys.values_mut().for_each(Zeroize::zeroize);
    }
}

impl Keys {
    fn read(path: &Path) -> Result<Self, KekFault> {
        let invalid = |reason| KekFault::Invalid { path: path.to_owned(), reason };
        let text = Zeroizing::new(std::fs::read(path).map_err(|source| io(path, source))?);
        let file: KeyFile =
            serde_json::from_slice(&text).map_err(|_| invalid("it is not the expected JSON"))?;
        let key = |text: &String| -> Option<Zeroizing<[u8; 32]>> {
            let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
            Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
        };
        let short = || invalid("every key is 32 bytes in base64");
        let keys = file
            .keys
            .iter()
            .map(|(id, text)| Ok((id.clone(), key(text).ok_or_else(short)?)))
            .collect::<Result<BTreeMap<_, _>, KekFault>>()?;
        if !keys.contains_key(&file.active) {
            return Err(invalid("its active key is not among its keys"));
        }
        Ok(Self { active: file.active.clone(), digest_key: key(&file.digest_key).ok_or_else(short)?, keys })
    }

    fn text(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, KekFault> {
        let text = |key: &Zeroizing<[u8; 32]>| STANDARD.encode(key.as_ref());
        let file = KeyFile {
            active: self.active.clone(),
            digest_key: text(&self.digest_key),
            keys: self.keys.iter().map(|(id, key)| (id.clone(), text(key))).collect(),
        };
        Ok(Zeroizing::new(serde_json::to_vec_pretty(&file).map_err(|error| io(path, error.into()))?))
    }

    /// Puts a new file in the place of the old one.
    fn replace(&self, path: &Path) -> Result<(), KekFault> {
        key_file::replace(path, &self.text(path)?).map_err(|source| io(path, source))
    }
}

fn io(path: &Path, source: std::io::Error) -> KekFault {
    KekFault::Io { path: path.to_owned(), source }
}

impl FileKek {
    /// Reads the key file.
    pub fn read(path: &Path) -> Result<Self, KekFault> {
        Ok(Self { path: path.to_owned(), keys: RwLock::new(Arc::new(Keys::read(path)?)) })
    }

    /// Makes a new key file; fails if there is one. `randomness` fills keys.
    pub fn create(path: &Path, mut randomness: impl FnMut(&mut [u8])) -> Result<Self, KekFault> {
        let (digest_key, first) = (fresh(&mut randomness), fresh(&mut randomness));
        let active = "kek-1".to_owned();
        let keys = Keys { keys: BTreeMap::from([(active.clone(), first)]), active, digest_key };
        key_file::create(path, &keys.text(path)?).map_err(|source| io(path, source))?;
        Self::read(path)
    }

    /// The key that wraps.
    pub fn active(&self) -> String {
        self.keys().active.clone()
    }

    /// The keys that open what they wrapped once, and wrap no more.
    pub fn retiring(&self) -> Vec<String> {
        let keys = self.keys();
        keys.keys.keys().filter(|id| **id != keys.active).cloned().collect()
    }

    /// Adds a key, which wraps from now on. `randomness` fills it.
    pub fn begin_rotation(&self, mut randomness: impl FnMut(&mut [u8])) -> Result<(), KekFault> {
        let mut next = Keys::clone(&self.keys());
        let number = |id: &String| id.strip_prefix("kek-").and_then(|number| number.parse::<u64>().ok());
        let last = next.keys.keys().filter_map(number).max().unwrap_or_default();
        next.active = format!("kek-{}", last + 1);
        next.keys.insert(next.active.clone(), fresh(&mut randomness));
        next.replace(&self.path)?;
        self.set(next);
        Ok(())
    }

    /// Removes every key but the one that wraps: what only they open is lost.
    pub fn end_rotation(&self) -> Result<(), KekFault> {
        let mut next = Keys::clone(&self.keys());
        let active = next.active.clone();
        next.keys.retain(|id, _| *id == active);
        next.replace(&self.path)?;
        self.set(next);
        Ok(())
    }

    fn keys(&self) -> Arc<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, keys: Keys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// A key of the file, which is read again where it is not known.
    fn key(&self, id: &str) -> Result<Zeroizing<[u8; 32]>, SealError> {
        if let Some(key) = self.keys().keys.get(id) {
            return Ok(key.clone());
        }
        self.refresh()?;
        self.keys().keys.get(id).cloned().ok_or(SealError::UnknownKek)
    }
}

fn fresh(randomness: &mut impl FnMut(&mut [u8])) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    randomness(bytes.as_mut());
    bytes
}

impl KekProvider for FileKek {
    fn wrap(&self, key: &[u8; 32]) -> Result<Wrapped, SealError> {
        let keys = self.keys();
        let kek = keys.keys.get(&keys.active).ok_or(SealError::UnknownKek)?;
        let mut bytes = vec![0; 40];
        KwAes256::new(&(**kek).into()).wrap_key(key, &mut bytes).map_err(|_| SealError::Damaged)?;
        Ok(Wrapped { kek_id: keys.active.clone(), bytes })
    }

    fn unwrap(&self, wrapped: &Wrapped) -> Result<Zeroizing<[u8; 32]>, SealError> {
        let kek = self.key(&wrapped.kek_id)?;
        let mut key = Zeroizing::new([0; 32]);
        if wrapped.bytes.len() != 40 {
            return Err(SealError::Damaged);
        }
        KwAes256::new(&(*kek).into())
            .unwrap_key(&wrapped.bytes, key.as_mut())
            .map_err(|_| SealError::Damaged)?;
        Ok(key)
    }

    fn refresh(&self) -> Result<(), SealError> {
        self.set(Keys::read(&self.path).map_err(|_| SealError::UnknownKek)?);
        Ok(())
    }

    fn digest(&self, message: &[u8]) -> Result<[u8; 32], SealError> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.keys().digest_key.as_ref())
            .map_err(|_| SealError::Damaged)?;
        mac.update(message);
        Ok(mac.finalize().into_bytes().into())
    }
}
