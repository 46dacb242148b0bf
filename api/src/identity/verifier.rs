//! The decision: is this token good, now, for us?
//!
//! A page sends the same token dozens of times, and a signature costs more to verify than
//! most answers to make. What a token says is remembered with the key that vouched for
//! it: it holds while that key is published, and its dates are looked at every time.

use super::{
    Clock, IdentityError, Jeton, JwksSource,
    demo::{self, DemoIssuer},
    keys::{Key, Keys, SourceError},
    token::{ACCESS, Claims, Unverified},
};
use chrono::{DateTime, TimeDelta, Utc};
use commands::rights::Portees;
use domain::CompteId;
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};

/// How many tokens are remembered: everybody who is signed in at a time, some 20 MB.
const REMEMBERED: u64 = 50_000;
/// How long one that isn't used is.
const IDLE: Duration = Duration::from_secs(600);

/// Whose tokens are taken.
#[derive(Debug, Clone)]
pub struct VerifierConfig {
    /// The value of `iss`, to the letter.
    pub issuer: String,
    /// What `aud` must name.
    pub audience: String,
    /// Where the issuer publishes its keys.
    pub jwks: JwksSource,
    /// How far the issuer's clock may be from ours.
    pub leeway: TimeDelta,
}

/// Why no verifier can be made of a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The demo's issuer signs for whoever asks.
    #[error("identity: the issuer {} is admitted by the demo only", demo::ISSUER)]
    DemoIssuer,
    /// The source of keys can't be used.
    #[error("identity: jwks: {0}")]
    Source(#[from] SourceError),
}

/// Verifies bearer tokens.
pub struct Verifier {
    issuer: String,
    audience: String,
    leeway: TimeDelta,
    keys: Keys,
    clock: Clock,
    /// By the SHA-256 of the token: a secret is not kept for being fast.
    verified: Cache<[u8; 32], Arc<Verified>>,
}

/// What a token says, and the key that vouched for it.
struct Verified {
    kid: String,
    key: Arc<Key>,
    said: Said,
}

/// The claims that were understood.
#[derive(Clone, Copy)]
struct Said {
    jeton: Jeton,
    not_before: Option<DateTime<Utc>>,
}

impl Verifier {
    /// A verifier of the tokens of a real issuer. Keys are fetched with the first token.
    pub fn new(config: VerifierConfig, clock: Clock) -> Result<Self, ConfigError> {
        if config.issuer == demo::ISSUER {
            return Err(ConfigError::DemoIssuer);
        }
        Self::of(config, clock)
    }

    /// The verifier of the demo: it takes this issuer's tokens, and no other's.
    pub fn demo(issuer: &DemoIssuer, clock: Clock) -> Result<Self, ConfigError> {
        let config = VerifierConfig {
            issuer: demo::ISSUER.to_owned(),
            audience: demo::AUDIENCE.to_owned(),
            jwks: JwksSource::Static(issuer.jwks().clone()),
            leeway: TimeDelta::zero(),
        };
        Self::of(config, clock)
    }

    fn of(config: VerifierConfig, clock: Clock) -> Result<Self, ConfigError> {
        let VerifierConfig { issuer, audience, jwks, leeway } = config;
        let keys = Keys::new(jwks, clock.clone())?;
        let verified = Cache::builder().max_capacity(REMEMBERED).time_to_idle(IDLE).build();
        Ok(Self { issuer, audience, leeway, keys, clock, verified })
    }

    /// What the token says, if all of it holds now.
    pub async fn verify(&self, token: &str) -> Result<Jeton, IdentityError> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        if let Some(known) = self.verified.get(&digest)
            && Arc::ptr_eq(&self.keys.find(&known.kid).await?, &known.key)
        {
            return self.holds_now(known.said);
        }
        let verified = self.verify_anew(token).await?;
        let jeton = self.holds_now(verified.said)?;
        self.verified.insert(digest, Arc::new(verified));
        Ok(jeton)
    }

    /// The issuer is looked at before the signature: a token of another service must
    /// neither cost a fetch of keys nor be blamed on its signature.
    async fn verify_anew(&self, token: &str) -> Result<Verified, IdentityError> {
        let token = Unverified::<Claims>::read(token, ACCESS)?;
        if token.claims.iss.as_deref() != Some(self.issuer.as_str()) {
            return Err(IdentityError::AutreEmetteur);
        }
        let key = self.keys.find(&token.kid).await?;
        token.vouched_for_by(&key)?;
        let said = self.understood(&token.claims)?;
        Ok(Verified { kid: token.kid, key, said })
    }

    fn understood(&self, claims: &Claims) -> Result<Said, IdentityError> {
        if !claims.is_for(&self.audience) {
            return Err(IdentityError::AutreDestinataire);
        }
        let (expire, not_before) = (claims.expire()?, claims.not_before()?);
        let compte: CompteId =
            claims.sub.as_deref().and_then(|sub| sub.parse().ok()).ok_or(IdentityError::SansCompte)?;
        // A token that names no scope is for no part of the ENT.
        let portees = Portees::of_scope(claims.scope.as_deref().unwrap_or_default());
        Ok(Said { jeton: Jeton { compte, expire, portees }, not_before })
    }

    fn holds_now(&self, Said { jeton, not_before }: Said) -> Result<Jeton, IdentityError> {
        let now = (self.clock)();
        if now.signed_duration_since(jeton.expire) >= self.leeway {
            return Err(IdentityError::Expire);
        }
        if not_before.is_some_and(|start| start.signed_duration_since(now) > self.leeway) {
            return Err(IdentityError::PasEncoreValable);
        }
        Ok(jeton)
    }
}
