//! Contents, sealed. AES-256-GCM under a data key, with a commitment to the content
//! beside it, because AES-GCM does not commit to its key: two keys can be made to open
//! one ciphertext to two contents, and a record that is to prove must not allow that.
//!
//! `commit = SHA-256("ent-commit-v1\0" ‖ r ‖ payload)`, with 32 random bytes r inside
//! the ciphertext: once the key is destroyed the commitment tells nothing.

pub mod chunks;

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use data_encoding::HEXLOWER;
use domain::EvenementId;
use rand::TryRngCore;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const COMMIT_DOMAIN: &[u8] = b"ent-commit-v1\0";
const NONCE: usize = 12;
const SALT: usize = 32;

/// Why a content could not be sealed or opened. Never tells the content.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key file lacks the key-encryption key that wrapped the data key.
    #[error("the key-encryption key is not in the key file")]
    UnknownKek,
    /// A data key that an event names does not exist.
    #[error("the data key does not exist")]
    UnknownKey,
    /// Bytes were changed, or the key is another one.
    #[error("the sealed bytes, or their key, are damaged")]
    Damaged,
    /// The content opens but is not the one that was committed to.
    #[error("the content is not the one committed to")]
    OtherContent,
    /// The machine gave no randomness.
    #[error("no randomness")]
    NoRandomness,
    /// The keys could not be read or written.
    #[error("data keys")]
    Database(#[from] sqlx::Error),
}

/// A sealed content and what the envelope says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The exact text of the `payload` column: `{"ct":"base64(nonce ‖ ciphertext)"}`.
    pub text: String,
    /// SHA-256 of that text, in hexadecimal.
    pub ct_sha256: String,
    /// The commitment, in hexadecimal.
    pub commit: String,
}

/// Seals `payload` for one event; the ciphertext is bound to the event's id.
pub fn seal(key: &[u8; 32], event: EvenementId, payload: &[u8]) -> Result<Sealed, SealError> {
    let mut random = [0; SALT + NONCE];
    rand::rngs::OsRng.try_fill_bytes(&mut random).map_err(|_| SealError::NoRandomness)?;
    let (salt, nonce) = random.split_at(SALT);
    let mut clear = Zeroizing::new(Vec::with_capacity(SALT + payload.len()));
    clear.extend_from_slice(salt);
    clear.extend_from_slice(payload);
    let nonce_array = Nonce::try_from(nonce).map_err(|_| SealError::Damaged)?;
    let ciphertext = Aes256Gcm::new(key.into())
        .encrypt(&nonce_array, Payload { msg: &clear, aad: event.0.as_bytes() })
        .map_err(|_| SealError::Damaged)?;
    let text = format!(r#"{{"ct":"{}"}}"#, STANDARD.encode([nonce, &ciphertext].concat()));
    Ok(Sealed { ct_sha256: digest_of_text(&text), commit: hex(&commitment(&clear)), text })
}

/// A content that was opened, with what opens its commitment.
pub struct Revealed {
    /// The 32 random bytes r.
    pub salt: Vec<u8>,
    /// The content in the clear.
    pub content: Zeroizing<Vec<u8>>,
}

/// Opens the `payload` text of an event and checks it against its commitment.
pub fn open(
    key: &[u8; 32],
    event: EvenementId,
    text: &str,
    commit: &str,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    reveal(key, event, text, commit).map(|revealed| revealed.content)
}

/// [`open`], and what it takes to show anybody, without the key, that this is the content
/// that was committed to.
pub fn reveal(key: &[u8; 32], event: EvenementId, text: &str, commit: &str) -> Result<Revealed, SealError> {
    let encoded = text
        .strip_prefix(r#"{"ct":""#)
        .and_then(|rest| rest.strip_suffix(r#""}"#))
        .ok_or(SealError::Damaged)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| SealError::Damaged)?;
    let (nonce, ciphertext) = bytes.split_at_checked(NONCE).ok_or(SealError::Damaged)?;
    let nonce = Nonce::try_from(nonce).map_err(|_| SealError::Damaged)?;
    let clear = Aes256Gcm::new(key.into())
        .decrypt(&nonce, Payload { msg: ciphertext, aad: event.0.as_bytes() })
        .map_err(|_| SealError::Damaged)?;
    let mut clear = Zeroizing::new(clear);
    if hex(&commitment(&clear)) != commit {
        return Err(SealError::OtherContent);
    }
    let salt = SALT.min(clear.len());
    let content = Zeroizing::new(clear.split_off(salt));
    Ok(Revealed { salt: clear.to_vec(), content })
}

/// Whether this content, with its r in hexadecimal, is the one that was committed to.
pub fn is_committed(salt: &str, content: &[u8], commit: &str) -> bool {
    let Some(salt) = unhex(salt).filter(|salt| salt.len() == SALT) else { return false };
    hex(&commitment(&[&salt, content].concat())) == commit
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    HEXLOWER.decode(text.as_bytes()).ok()
}

/// SHA-256 of a stored payload's exact bytes, in hexadecimal.
pub fn digest_of_text(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// `salted` is r ‖ payload.
fn commitment(salted: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(COMMIT_DOMAIN).chain_update(salted).finalize().into()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_sealed_opens_to_the_same_bytes(
            key: [u8; 32], id: u128, payload in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let event = EvenementId(uuid::Uuid::from_u128(id));
            let sealed = seal(&key, event, &payload).unwrap();
            prop_assert_eq!(&*open(&key, event, &sealed.text, &sealed.commit).unwrap(), &payload);
        }

        #[test]
        fn a_changed_byte_does_not_open(key: [u8; 32], at: prop::sample::Index, bit in 0u8..7) {
            let event = EvenementId::derived(&["e"]);
            let sealed = seal(&key, event, b"content").unwrap();
            let mut bytes = sealed.text.clone().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            if let Ok(text) = String::from_utf8(bytes) {
                prop_assert!(open(&key, event, &text, &sealed.commit).is_err());
                prop_assert_ne!(digest_of_text(&text), sealed.ct_sha256);
            }
        }
    }

    #[test]
    fn a_ciphertext_moved_to_another_event_does_not_open() {
        let sealed = seal(&[7; 32], EvenementId::derived(&["a"]), b"content").unwrap();
        let moved = open(&[7; 32], EvenementId::derived(&["b"]), &sealed.text, &sealed.commit);
        assert!(matches!(moved, Err(SealError::Damaged)));
    }

    #[test]
    fn a_revealed_content_is_shown_to_be_the_one_committed_to_without_its_key() {
        let event = EvenementId::derived(&["a"]);
        let sealed = seal(&[7; 32], event, b"content").unwrap();
        let Revealed { salt, content } = reveal(&[7; 32], event, &sealed.text, &sealed.commit).unwrap();
        let salt = hex(&salt);
        assert!(is_committed(&salt, &content, &sealed.commit));
        assert!(!is_committed(&salt, b"contents", &sealed.commit));
        for other in [&salt[2..], &salt[1..], &"0".repeat(64), "é"] {
            assert!(!is_committed(other, &content, &sealed.commit));
        }
        // What is before the border of r and content is not passed for the other side of it.
        let shifted = [&unhex(&salt).unwrap()[31..], &content].concat();
        assert!(!is_committed(&salt[..62], &shifted, &sealed.commit));
    }

    #[test]
    fn a_content_that_was_not_committed_to_is_found() {
        let event = EvenementId::derived(&["a"]);
        let sealed = seal(&[7; 32], event, b"content").unwrap();
        let other = seal(&[7; 32], event, b"content").unwrap();
        assert!(matches!(open(&[7; 32], event, &sealed.text, &other.commit), Err(SealError::OtherContent)));
    }
}
