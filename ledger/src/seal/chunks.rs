//! Contents too long to be held whole, sealed chunk by chunk.
//!
//! It is the STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár, 2015) over AES-256-GCM:
//! each nonce tells the chunk's place and whether it is the last one, so that no chunk can be left
//! out, moved or cut off. The key is derived from the data key and from 32 random bytes that stand
//! before the first chunk, so that nonces may be counted.

use super::SealError;
use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use hmac::{Hmac, Mac};
use rand::TryRngCore;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Bytes of a chunk in the clear, but for the last one, which may have fewer.
pub const CHUNK: usize = 1 << 20;
/// Bytes that sealing adds to a chunk.
pub const TAG: usize = 16;
/// The random bytes from which the key is derived.
pub const SALT: usize = 32;

/// What a content is to its id: one is never passed for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The content itself.
    Body,
    /// What is said of it.
    Label,
}

impl Part {
    const fn domain(self) -> &'static [u8] {
        match self {
            Self::Body => b"ent-blob-v1\0",
            Self::Label => b"ent-label-v1\0",
        }
    }
}

/// Seals or opens the chunks of one content, in their order.
pub struct Chunks {
    cipher: Aes256Gcm,
    id: Uuid,
    next: u32,
}

impl Chunks {
    /// Those of a content under a data key.
    pub fn new(key: &[u8; 32], part: Part, id: Uuid, salt: &[u8; SALT]) -> Result<Self, SealError> {
        let mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key);
        let mut mac = mac.map_err(|_| SealError::Damaged)?;
        mac.update(part.domain());
        mac.update(id.as_bytes());
        mac.update(salt);
        let derived: Zeroizing<[u8; 32]> = Zeroizing::new(mac.finalize().into_bytes().into());
        Ok(Self { cipher: Aes256Gcm::new((&*derived).into()), id, next: 0 })
    }

    /// Seals the next chunk.
    pub fn seal(&mut self, clear: &[u8], last: bool) -> Result<Vec<u8>, SealError> {
        let nonce = self.nonce(last)?;
        let nonce = Nonce::try_from(nonce.as_slice()).map_err(|_| SealError::Damaged)?;
        self.cipher
            .encrypt(&nonce, Payload { msg: clear, aad: self.id.as_bytes() })
            .map_err(|_| SealError::Damaged)
    }

    /// Opens the next chunk.
    pub fn open(&mut self, sealed: &[u8], last: bool) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let nonce = self.nonce(last)?;
        let nonce = Nonce::try_from(nonce.as_slice()).map_err(|_| SealError::Damaged)?;
        self.cipher
            .decrypt(&nonce, Payload { msg: sealed, aad: self.id.as_bytes() })
            .map(Zeroizing::new)
            .map_err(|_| SealError::Damaged)
    }

    fn nonce(&mut self, last: bool) -> Result<[u8; 12], SealError> {
        let mut nonce = [0; 12];
        nonce[7..11].copy_from_slice(&self.next.to_be_bytes());
        nonce[11] = u8::from(last);
        self.next = self.next.checked_add(1).ok_or(SealError::Damaged)?;
        Ok(nonce)
    }
}

/// Random bytes for a new content.
pub fn salt() -> Result<[u8; SALT], SealError> {
    let mut salt = [0; SALT];
    rand::rngs::OsRng.try_fill_bytes(&mut salt).map_err(|_| SealError::NoRandomness)?;
    Ok(salt)
}

/// Seals a short text about a content, in one chunk, with its random bytes before it.
pub fn seal_label(key: &[u8; 32], id: Uuid, label: &[u8]) -> Result<Vec<u8>, SealError> {
    let salt = salt()?;
    let sealed = Chunks::new(key, Part::Label, id, &salt)?.seal(label, true)?;
    Ok([salt.as_slice(), &sealed].concat())
}

/// Opens what [`seal_label`] has sealed.
pub fn open_label(key: &[u8; 32], id: Uuid, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (salt, sealed) = sealed.split_first_chunk::<SALT>().ok_or(SealError::Damaged)?;
    Chunks::new(key, Part::Label, id, salt)?.open(sealed, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];
    const ID: Uuid = Uuid::from_u128(1);

    fn chunks(id: Uuid) -> Chunks {
        Chunks::new(&KEY, Part::Body, id, &[3; SALT]).unwrap()
    }

    fn sealed() -> [Vec<u8>; 3] {
        let mut chunks = chunks(ID);
        [("un", false), ("deux", false), ("trois", true)]
            .map(|(clear, last)| chunks.seal(clear.as_bytes(), last).unwrap())
    }

    #[test]
    fn chunks_open_in_their_order() {
        let [first, second, third] = sealed();
        let mut opening = chunks(ID);
        assert_eq!(opening.open(&first, false).unwrap().as_slice(), b"un");
        assert_eq!(opening.open(&second, false).unwrap().as_slice(), b"deux");
        assert_eq!(opening.open(&third, true).unwrap().as_slice(), b"trois");
        assert_eq!(first.len(), 2 + TAG);
    }

    #[test]
    fn a_chunk_that_is_moved_left_out_or_cut_off_is_found() {
        let [first, second, _] = sealed();
        assert!(chunks(ID).open(&second, false).is_err(), "left out");
        let mut opening = chunks(ID);
        opening.open(&first, false).unwrap();
        assert!(opening.open(&second, true).is_err(), "cut off");
        assert!(chunks(Uuid::from_u128(2)).open(&first, false).is_err(), "of another content");
        let mut changed = first.clone();
        changed[0] ^= 1;
        assert!(chunks(ID).open(&changed, false).is_err(), "changed");
        let mut other = Chunks::new(&[8; 32], Part::Body, ID, &[3; SALT]).unwrap();
        assert!(other.open(&first, false).is_err(), "under another key");
    }

    #[test]
    fn a_label_opens_and_is_never_passed_for_a_content() {
        let label = seal_label(&KEY, ID, b"nom").unwrap();
        assert_eq!(open_label(&KEY, ID, &label).unwrap().as_slice(), b"nom");
        assert!(open_label(&KEY, Uuid::from_u128(2), &label).is_err());
        assert!(open_label(&KEY, ID, &label[..SALT - 1]).is_err());
        let (salt, sealed) = label.split_first_chunk::<SALT>().unwrap();
        assert!(Chunks::new(&KEY, Part::Body, ID, salt).unwrap().open(sealed, true).is_err());
    }
}
