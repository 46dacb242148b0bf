//! The issuer's keys: where they come from, and how long they are believed.
//!
//! An unknown key id means that the issuer rotated its keys, or that somebody makes
//! ids up: so it causes one refetch, and no other before [`REFETCH`] has passed.
//! A set older than [`MAX_AGE`] is fetched again, so that a withdrawn key goes; while
//! the issuer is out of reach the set at hand is kept, for no one could sign in.

use super::client::{self, AskError, Insecure, MAX_BYTES, client, secure};
use super::{Clock, IdentityError};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse},
};
use reqwest::Url;
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};
use tokio::{io::AsyncReadExt, sync::Mutex};

const REFETCH: TimeDelta = TimeDelta::seconds(30);
const MAX_AGE: TimeDelta = TimeDelta::hours(1);
const MAX_KEYS: usize = 64;

/// Where the issuer publishes its keys (RFC 7517 §5).
#[derive(Debug, Clone)]
pub enum JwksSource {
    /// Over HTTPS; plain HTTP to this very machine only.
    Url(Url),
    /// A file that somebody else keeps up to date.
    File(PathBuf),
    /// A set that never changes.
    Static(JwkSet),
}

/// A source that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Keys that anyone on the way could replace.
    #[error(transparent)]
    Insecure(#[from] Insecure),
    /// No TLS, as a rule.
    #[error("no HTTP client: {0}")]
    Client(#[source] reqwest::Error),
}

/// A key and the only algorithm that it may verify. Each fetch makes its keys anew: the
/// same `Arc` is the same key of the same set.
pub(super) struct Key {
    pub algorithm: Algorithm,
    pub decoding: DecodingKey,
}

pub(super) struct Keys {
    source: Source,
    clock: Clock,
    cached: RwLock<Option<Arc<Cached>>>,
    /// When the source was last asked; the lock lets one ask at a time.
    asked: Mutex<Option<DateTime<Utc>>>,
}

enum Source {
    Url(Url, reqwest::Client),
    File(PathBuf),
    Static,
}

struct Cached {
    by_id: HashMap<String, Arc<Key>>,
    since: DateTime<Utc>,
}

impl Keys {
    pub fn new(source: JwksSource, clock: Clock) -> Result<Self, SourceError> {
        let mut cached = None;
        let source = match source {
            JwksSource::Url(url) => Source::Url(secure(url)?, client().map_err(SourceError::Client)?),
            JwksSource::File(path) => Source::File(path),
            JwksSource::Static(set) => {
                let by_id = set.keys.iter().filter_map(usable).collect();
                cached = Some(Arc::new(Cached { by_id, since: clock() }));
                Source::Static
            }
        };
        Ok(Self { source, clock, cached: RwLock::new(cached), asked: Mutex::new(None) })
    }

    pub async fn find(&self, kid: &str) -> Result<Arc<Key>, IdentityError> {
        let seen = self.cached();
        if let Some(cached) = seen.as_deref().filter(|cached| self.is_fresh(cached))
            && let Some(key) = cached.by_id.get(kid)
        {
            return Ok(key.clone());
        }
        self.ask(seen).await;
        match self.cached() {
            None => Err(IdentityError::ClesIndisponibles),
            Some(cached) => cached.by_id.get(kid).cloned().ok_or(IdentityError::CleInconnue),
        }
    }

    fn is_fresh(&self, cached: &Cached) -> bool {
        matches!(self.source, Source::Static) || (self.clock)() - cached.since < MAX_AGE
    }

    /// Asks the source, unless it was asked a moment ago or answered meanwhile.
    async fn ask(&self, seen: Option<Arc<Cached>>) {
        let mut asked = self.asked.lock().await;
        let now = (self.clock)();
        let answered_meanwhile = match (&seen, &self.cached()) {
            (Some(old), Some(new)) => !Arc::ptr_eq(old, new),
            (old, new) => old.is_none() && new.is_some(),
        };
        if answered_meanwhile || asked.is_some_and(|last| now - last < REFETCH) {
            return;
        }
        let bytes = match &self.source {
            Source::Static => return,
            Source::Url(url, client) => client::get(client, url).await.map_err(FetchError::Asked),
            Source::File(path) => read(path).await,
        };
        *asked = Some(now);
        match bytes.and_then(|bytes| parse(&bytes)) {
            Ok(by_id) => {
                tracing::info!(keys = by_id.len(), "fetched the issuer's keys");
                let mut cached = self.cached.write().unwrap_or_else(PoisonError::into_inner);
                *cached = Some(Arc::new(Cached { by_id, since: now }));
            }
            Err(error) => tracing::warn!(%error, "the issuer's keys could not be fetched"),
        }
    }

    fn cached(&self) -> Option<Arc<Cached>> {
        self.cached.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("{0}")]
    Asked(AskError),
    #[error("{0}")]
    File(#[from] std::io::Error),
    #[error("more than {MAX_BYTES} bytes")]
    TooLong,
    #[error("not a JWK set: {0}")]
    NotASet(#[from] serde_json::Error),
}

async fn read(path: &PathBuf) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    let limit = MAX_BYTES as u64 + 1;
    tokio::fs::File::open(path).await?.take(limit).read_to_end(&mut bytes).await?;
    if bytes.len() > MAX_BYTES { Err(FetchError::TooLong) } else { Ok(bytes) }
}

/// Keys that we can't use are passed over, not held against the others (RFC 7517 §5).
fn parse(bytes: &[u8]) -> Result<HashMap<String, Arc<Key>>, FetchError> {
    #[derive(serde::Deserialize)]
    struct Set {
        keys: Vec<serde_json::Value>,
    }
    let set: Set = serde_json::from_slice(bytes)?;
    let keys = set.keys.into_iter().take(MAX_KEYS);
    Ok(keys.filter_map(|key| serde_json::from_value(key).ok()).filter_map(|key| usable(&key)).collect())
}

/// The key under its id, if it verifies signatures by an algorithm that we admit.
fn usable(jwk: &Jwk) -> Option<(String, Arc<Key>)> {
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
        _ => return None,
    };
    let common = &jwk.common;
    let for_signatures = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
    let declared = common.key_algorithm.is_none_or(|declared| declared == algorithm.into());
    let decoding = DecodingKey::from_jwk(jwk).ok()?;
    (for_signatures && declared).then_some((common.key_id.clone()?, Arc::new(Key { algorithm, decoding })))
}
