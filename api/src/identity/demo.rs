//! The issuer of the demo: the program signs tokens for its own fictitious comptes.
//!
//! It exists so that a first look needs no identity provider. Its issuer name is a
//! reserved one, which no other verifier than [`Verifier::demo`](super::Verifier::demo)
//! can be told to take.

use chrono::{DateTime, Utc};
use commands::rights::Portees;
use domain::CompteId;
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, JwkSet, ThumbprintHash},
};
use rand::CryptoRng;
use serde::Serialize;
use zeroize::Zeroizing;

/// The value of `iss`.
pub const ISSUER: &str = "urn:ent:demo";
/// The value of `aud`.
pub const AUDIENCE: &str = "urn:ent:demo:api";

/// What goes before the 32 secret bytes in a PKCS#8 Ed25519 key (RFC 8410 §7).
const PKCS8_ED25519: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The demo's issuer could not make or use its key.
#[derive(Debug, thiserror::Error)]
#[error("identity: demo issuer: {0}")]
pub struct DemoError(#[from] jsonwebtoken::errors::Error);

/// An issuer with an Ed25519 key that lives as long as it does.
pub struct DemoIssuer {
    key: EncodingKey,
    kid: String,
    jwks: JwkSet,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    scope: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl DemoIssuer {
    /// An issuer with a fresh key.
    pub fn new(rng: &mut impl CryptoRng) -> Result<Self, DemoError> {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        let der = Zeroizing::new([PKCS8_ED25519.as_slice(), seed.as_slice()].concat());
        let key = EncodingKey::from_ed_der(&der);
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::EdDSA)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256)?;
        jwk.common.key_id = Some(kid.clone());
        Ok(Self { key, kid, jwks: JwkSet { keys: vec![jwk] } })
    }

    /// A token for a compte, valid from `issued` until `expire`.
    pub fn issue(
        &self,
        compte: CompteId,
        issued: DateTime<Utc>,
        expire: DateTime<Utc>,
    ) -> Result<String, DemoError> {
        let header = Header {
            typ: Some("at+jwt".to_owned()),
            kid: Some(self.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        let (issued, expire) = (issued.timestamp(), expire.timestamp());
        let claims = Claims {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: compte.to_string(),
            scope: Portees::scope_entier(),
            iat: issued,
            nbf: issued,
            exp: expire,
        };
        Ok(jsonwebtoken::encode(&header, &claims, &self.key)?)
    }

    /// The public half of its key.
    pub fn jwks(&self) -> &JwkSet {
        &self.jwks
    }
}
