//! The secrets that browsers hold: 256 bits each, of which nothing but hashes is kept here.

use data_encoding::BASE64URL_NOPAD;
use rand::TryRngCore;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The secret of a session, or of a sign-in that has begun.
pub struct Secret(Zeroizing<[u8; 32]>);

/// No randomness could be had.
#[derive(Debug, thiserror::Error)]
#[error("the machine gives no randomness")]
pub struct NoRandomness;

impl Secret {
    /// A new one.
    pub fn fresh() -> Result<Self, NoRandomness> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::rngs::OsRng.try_fill_bytes(bytes.as_mut()).map_err(|_| NoRandomness)?;
        Ok(Self(bytes))
    }

    /// The one that a browser brings back.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// As a browser keeps it.
    pub fn text(&self) -> String {
        BASE64URL_NOPAD.encode(self.0.as_ref())
    }

    /// Something that only its holder can know, for one purpose: nothing else has to be kept.
    pub fn derived(&self, purpose: &str) -> String {
        let digest = Sha256::new().chain_update(purpose).chain_update("\u{1f}").chain_update(self.0.as_ref());
        BASE64URL_NOPAD.encode(&digest.finalize())
    }

    /// What is stored in its place.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_ref()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_as_written_and_nothing_else_is_one() {
        let secret = Secret::fresh().unwrap();
        let read = Secret::read(&secret.text()).unwrap();
        assert_eq!(read.hash(), secret.hash());
        assert_ne!(Secret::fresh().unwrap().text(), secret.text());
        for text in ["", "AAAA", &format!("{}A", secret.text()), &"é".repeat(43)] {
            assert!(Secret::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_derived_for_one_purpose_tells_neither_the_secret_nor_what_serves_another() {
        let secret = Secret::fresh().unwrap();
        let derived = ["etat", "nonce", "code"].map(|purpose| secret.derived(purpose));
        assert_eq!(derived[0], secret.derived("etat"));
        assert!(derived[0] != derived[1] && derived[1] != derived[2]);
        // A PKCE verifier has 43 characters at least (RFC 7636 §4.1).
        assert!(derived.iter().all(|text| text.len() == 43 && *text != secret.text()));
    }
}
