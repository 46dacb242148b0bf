//! The decision: is this token good, now, for us?

use super::{
    Clock, IdentityError, Jeton, JwksSource,
    demo::{self, DemoIssuer},
    keys::{Keys, SourceError},
    token::Unverified,
};
use chrono::TimeDelta;
use domain::CompteId;

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
        Ok(Self { issuer, audience, leeway, keys: Keys::new(jwks, clock.clone())?, clock })
    }

    /// What the token says, if all of it holds now.
    ///
    /// The issuer is looked at before the signature: a token of another service must
    /// neither cost a fetch of keys nor be blamed on its signature.
    pub async fn verify(&self, token: &str) -> Result<Jeton, IdentityError> {
        let token = Unverified::read(token)?;
        if token.claims.iss.as_deref() != Some(self.issuer.as_str()) {
            return Err(IdentityError::AutreEmetteur);
        }
        let key = self.keys.find(&token.kid).await?;
        if key.algorithm != token.algorithm {
            return Err(IdentityError::AlgorithmeRefuse);
        }
        if !token.is_signed_by(&key.decoding) {
            return Err(IdentityError::SignatureFausse);
        }
        self.judge(&token.claims)
    }

    fn judge(&self, claims: &super::token::Claims) -> Result<Jeton, IdentityError> {
        if !claims.is_for(&self.audience) {
            return Err(IdentityError::AutreDestinataire);
        }
        let now = (self.clock)();
        let expire = claims.expire()?;
        if now.signed_duration_since(expire) >= self.leeway {
            return Err(IdentityError::Expire);
        }
        if claims.not_before()?.is_some_and(|start| start.signed_duration_since(now) > self.leeway) {
            return Err(IdentityError::PasEncoreValable);
        }
        let compte: CompteId =
            claims.sub.as_deref().and_then(|sub| sub.parse().ok()).ok_or(IdentityError::SansCompte)?;
        Ok(Jeton { compte, expire })
    }
}
