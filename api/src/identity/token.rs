//! The JWT itself (RFC 7519): what is read of it, and the form checks that need no key.

use super::IdentityError;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::Algorithm;
use serde::{Deserialize, de::DeserializeOwned};

/// No honest access token is longer; what is longer is not even decoded.
const MAX_BYTES: usize = 8 * 1024;

/// The algorithms that may sign: asymmetric, and one per kind of key. Neither
/// `none` nor HS*, whose key would be our public key (RFC 8725 §2.1 and §3.1).
fn admitted(algorithm: &str) -> Option<Algorithm> {
    match algorithm {
        "RS256" => Some(Algorithm::RS256),
        "ES256" => Some(Algorithm::ES256),
        "EdDSA" => Some(Algorithm::EdDSA),
        _ => None,
    }
}

/// The types under which access tokens come: `at+jwt` (RFC 9068 §2.1), or `JWT` of the issuers
/// that don't follow it.
pub(super) const ACCESS: &[&str] = &["at+jwt", "application/at+jwt", "jwt"];

/// A token taken apart, whose signature is not yet verified.
pub(super) struct Unverified<'t, C> {
    pub algorithm: Algorithm,
    pub kid: String,
    pub claims: C,
    message: &'t str,
    signature: &'t str,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

/// The claims that matter here.
#[derive(Deserialize)]
pub(super) struct Claims {
    pub iss: Option<String>,
    pub sub: Option<String>,
    aud: Option<Audience>,
    exp: Option<f64>,
    nbf: Option<f64>,
    pub scope: Option<String>,
}

/// `aud` is one string or several (RFC 7519 §4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl<'t, C: DeserializeOwned> Unverified<'t, C> {
    /// Reads a token of one of these types; one that says none is of those that admit it.
    pub fn read(token: &'t str, types: &[&str]) -> Result<Self, IdentityError> {
        if token.len() > MAX_BYTES {
            return Err(IdentityError::TropLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(IdentityError::Illisible)?;
        let (header, claims) = message.split_once('.').ok_or(IdentityError::Illisible)?;
        let header: Header = part(header)?;
        let algorithm = admitted(&header.alg).ok_or(IdentityError::AlgorithmeRefuse)?;
        // An extension that must be understood is not (RFC 7515 §4.1.11).
        if !is_one_of(types, header.typ.as_deref()) || header.crit.is_some() {
            return Err(IdentityError::Illisible);
        }
        let kid = header.kid.ok_or(IdentityError::CleInconnue)?;
        Ok(Self { algorithm, kid, claims: part(claims)?, message, signature })
    }

    /// Whether the key is for this algorithm, and its owner signed this.
    pub fn vouched_for_by(&self, key: &super::keys::Key) -> Result<(), IdentityError> {
        if key.algorithm != self.algorithm {
            return Err(IdentityError::AlgorithmeRefuse);
        }
        if self.is_signed_by(&key.decoding) { Ok(()) } else { Err(IdentityError::SignatureFausse) }
    }

    fn is_signed_by(&self, key: &jsonwebtoken::DecodingKey) -> bool {
        jsonwebtoken::crypto::verify(self.signature, self.message.as_bytes(), key, self.algorithm)
            .unwrap_or(false)
    }
}

impl Claims {
    pub fn is_for(&self, audience: &str) -> bool {
        match &self.aud {
            None => false,
            Some(Audience::One(one)) => one == audience,
            Some(Audience::Several(several)) => several.iter().any(|one| one == audience),
        }
    }

    pub fn expire(&self) -> Result<DateTime<Utc>, IdentityError> {
        self.exp.and_then(instant).ok_or(IdentityError::Illisible)
    }

    /// `nbf` is optional in RFC 9068; what is there must be readable.
    pub fn not_before(&self) -> Result<Option<DateTime<Utc>>, IdentityError> {
        match self.nbf {
            None => Ok(None),
            Some(seconds) => instant(seconds).map(Some).ok_or(IdentityError::Illisible),
        }
    }
}

fn part<T: DeserializeOwned>(encoded: &str) -> Result<T, IdentityError> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| IdentityError::Illisible)?;
    serde_json::from_slice(&bytes).map_err(|_| IdentityError::Illisible)
}

/// A NumericDate, which may have a fraction; whole seconds are enough, and a number
/// out of the calendar is no instant (the cast saturates).
pub(super) fn instant(seconds: f64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds as i64, 0)
}

/// The empty type stands for none.
fn is_one_of(types: &[&str], typ: Option<&str>) -> bool {
    types.iter().any(|known| typ.unwrap_or_default().eq_ignore_ascii_case(known))
}
