//! An identity provider for one run: it signs the tokens of the load, and the program
//! reads its key from a file.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use commands::rights::Portees;
use domain::CompteId;
use jsonwebtoken::jwk::{Jwk, JwkSet, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use std::path::Path;

/// The value of `iss`.
pub const ISSUER: &str = "http://127.0.0.1/faults";
/// What goes before the 32 secret bytes in a PKCS#8 Ed25519 key (RFC 8410 §7).
const PKCS8_ED25519: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// See the module.
pub struct Issuer {
    key: EncodingKey,
    kid: String,
}

impl Issuer {
    /// An issuer with a fresh key, whose public half is written to `jwks`.
    pub fn new(jwks: &Path) -> Result<Self> {
        let seed: [u8; 32] = rand::random();
        let key = EncodingKey::from_ed_der(&[PKCS8_ED25519.as_slice(), &seed].concat());
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::EdDSA)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256)?;
        jwk.common.key_id = Some(kid.clone());
        std::fs::write(jwks, serde_json::to_vec(&JwkSet { keys: vec![jwk] })?)?;
        Ok(Self { key, kid })
    }

    /// A token that is good from the day before to the day after, however clocks jump.
    pub fn token(&self, compte: CompteId, now: DateTime<Utc>) -> Result<String> {
        self.token_for(compte, &Portees::scope_entier(), now)
    }

    /// The same, for the parts of the ENT that a `scope` names.
    pub fn token_for(&self, compte: CompteId, scope: &str, now: DateTime<Utc>) -> Result<String> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(self.kid.clone());
        let day = TimeDelta::days(1);
        let (before, after) = ((now - day).timestamp(), (now + day).timestamp());
        let claims = json!({
            "iss": ISSUER, "aud": "ent", "sub": compte.to_string(), "scope": scope,
            "iat": before, "nbf": before, "exp": after,
        });
        Ok(encode(&header, &claims, &self.key)?)
    }
}
