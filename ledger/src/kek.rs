//! The key-encryption key, which wraps the data keys and lives outside the database
//! of the events: whoever steals the database has no content.

use crate::seal::SealError;
use aes_kw::KwAes256;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
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

    /// A keyed digest (HMAC-SHA-256), so that a digest of little content, such as one
    /// mark, cannot be searched backwards.
    fn digest(&self, message: &[u8]) -> Result<[u8; 32], SealError>;
}

/// Keys in a file that only the program's user may read.
pub struct FileKek {
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

impl FileKek {
    /// Reads the key file.
    pub fn read(path: &Path) -> Result<Self, KekFault> {
        let io = |source| KekFault::Io { path: path.to_owned(), source };
        let invalid = |reason| KekFault::Invalid { path: path.to_owned(), reason };
        let text = Zeroizing::new(std::fs::read(path).map_err(io)?);
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

    /// Makes a new key file; fails if there is one. `randomness` fills keys.
    pub fn create(path: &Path, mut randomness: impl FnMut(&mut [u8])) -> Result<Self, KekFault> {
        let mut key = || {
            let mut bytes = Zeroizing::new([0; 32]);
            randomness(bytes.as_mut());
            STANDARD.encode(bytes.as_ref())
        };
        let digest_key = key();
        let file = KeyFile {
            active: "kek-1".to_owned(),
            digest_key,
            keys: BTreeMap::from([("kek-1".to_owned(), key())]),
        };
        let io = |source| KekFault::Io { path: path.to_owned(), source };
        let text = Zeroizing::new(serde_json::to_vec_pretty(&file).map_err(|e| io(e.into()))?);
        let mut out =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
        out.write_all(&text).and_then(|()| out.sync_all()).map_err(io)?;
        Self::read(path)
    }
}

impl KekProvider for FileKek {
    fn wrap(&self, key: &[u8; 32]) -> Result<Wrapped, SealError> {
        let kek = self.keys.get(&self.active).ok_or(SealError::UnknownKek)?;
        let mut bytes = vec![0; 40];
        KwAes256::new(&(**kek).into()).wrap_key(key, &mut bytes).map_err(|_| SealError::Damaged)?;
        Ok(Wrapped { kek_id: self.active.clone(), bytes })
    }

    fn unwrap(&self, wrapped: &Wrapped) -> Result<Zeroizing<[u8; 32]>, SealError> {
        let kek = self.keys.get(&wrapped.kek_id).ok_or(SealError::UnknownKek)?;
        let mut key = Zeroizing::new([0; 32]);
        if wrapped.bytes.len() != 40 {
            return Err(SealError::Damaged);
        }
        KwAes256::new(&(**kek).into())
            .unwrap_key(&wrapped.bytes, key.as_mut())
            .map_err(|_| SealError::Damaged)?;
        Ok(key)
    }

    fn digest(&self, message: &[u8]) -> Result<[u8; 32], SealError> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.digest_key.as_ref())
            .map_err(|_| SealError::Damaged)?;
        mac.update(message);
        Ok(mac.finalize().into_bytes().into())
    }
}
