//! An issuer of tokens, as `ent serve` is configured to trust one.

use anyhow::Result;
use chrono::{TimeDelta, Utc};
use commands::rights::Portees;
use domain::CompteId;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use std::path::{Path, PathBuf};

/// The value of `iss`.
pub const ISSUER: &str = "https://identite.mesures.test";
/// The value of `aud`.
pub const AUDIENCE: &str = "ent";
/// The name of its one key.
const KEY: &str = "mesures";
/// What goes before the 32 secret bytes in a PKCS#8 Ed25519 key (RFC 8410 §7).
const PKCS8_ED25519: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// See the module.
pub struct Emetteur {
    key: EncodingKey,
    /// Where its public key is published.
    pub jwks: PathBuf,
}

impl Emetteur {
    /// An issuer with a fresh Ed25519 key, published in a file of `folder`.
    pub fn new(folder: &Path) -> Result<Self> {
        let secret: [u8; 32] = rand::random();
        let key = EncodingKey::from_ed_der(&[PKCS8_ED25519.as_slice(), secret.as_slice()].concat());
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::EdDSA)?;
        jwk.common.key_id = Some(KEY.to_owned());
        let jwks = folder.join("jwks.json");
        std::fs::write(&jwks, serde_json::to_vec(&JwkSet { keys: vec![jwk] })?)?;
        Ok(Self { key, jwks })
    }

    /// A token that is good for longer than a run.
    #[allow(clippy::disallowed_methods)] // the servers tell the time by the machine's clock
    pub fn token(&self, compte: CompteId) -> Result<String> {
        let now = Utc::now();
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": compte.to_string(), "scope": Portees::scope_entier(),
            "iat": now.timestamp(), "exp": (now + TimeDelta::hours(12)).timestamp(),
        });
        let header = Header {
            typ: Some("at+jwt".to_owned()),
            kid: Some(KEY.to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        Ok(jsonwebtoken::encode(&header, &claims, &self.key)?)
    }
}
