//! What a provider announces of itself (OIDC Discovery 1.0).

use super::OidcError;
use crate::identity::client::{self, secure};
use crate::identity::keys::Keys;
use crate::identity::{Clock, JwksSource};
use reqwest::Url;
use serde::Deserialize;
use std::sync::Arc;

/// The part of it that matters here.
pub(super) struct Annonce {
    /// To the letter of the configured one.
    pub issuer: String,
    pub authorization_endpoint: Url,
    pub token_endpoint: Url,
    pub userinfo_endpoint: Option<Url>,
    pub keys: Arc<Keys>,
    jwks_uri: Url,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    userinfo_endpoint: Option<Url>,
    jwks_uri: Url,
    code_challenge_methods_supported: Option<Vec<String>>,
}

impl Annonce {
    /// Asks the provider. Keys that are known stay so, as long as they are at the same address.
    pub async fn ask(
        http: &reqwest::Client,
        emetteur: &Url,
        before: Option<&Self>,
        clock: &Clock,
    ) -> Result<Self, OidcError> {
        let bytes = client::get(http, &well_known(emetteur)?).await?;
        let document: Document =
            serde_json::from_slice(&bytes).map_err(|_| OidcError::Announced("not of the expected form"))?;
        if document.issuer.trim_end_matches('/') != emetteur.as_str().trim_end_matches('/') {
            return Err(OidcError::Announced("another issuer than the configured one"));
        }
        if document
            .code_challenge_methods_supported
            .is_some_and(|known| !known.iter().any(|one| one == "S256"))
        {
            return Err(OidcError::Announced("no PKCE with S256"));
        }
        let believable = |url| secure(url).map_err(|_| OidcError::Announced("an address without TLS"));
        let jwks_uri = believable(document.jwks_uri)?;
        let keys = match before.filter(|before| before.jwks_uri == jwks_uri) {
            Some(before) => before.keys.clone(),
            None => {
                let keys = Keys::new(JwksSource::Url(jwks_uri.clone()), clock.clone());
                Arc::new(keys.map_err(|_| OidcError::Announced("keys that cannot be fetched"))?)
            }
        };
        Ok(Self {
            issuer: document.issuer,
            authorization_endpoint: believable(document.authorization_endpoint)?,
            token_endpoint: believable(document.token_endpoint)?,
            userinfo_endpoint: document.userinfo_endpoint.map(believable).transpose()?,
            keys,
            jwks_uri,
        })
    }
}

#[cfg(test)]
impl Annonce {
    /// What an issuer announces that has all that it serves at one address.
    pub fn of(issuer: &str, address: &Url, keys: Keys) -> Self {
        Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: address.clone(),
            token_endpoint: address.clone(),
            userinfo_endpoint: None,
            keys: Arc::new(keys),
            jwks_uri: address.clone(),
        }
    }
}

/// After the issuer's path, whatever that is (§4.1).
fn well_known(emetteur: &Url) -> Result<Url, OidcError> {
    let text = format!("{}/.well-known/openid-configuration", emetteur.as_str().trim_end_matches('/'));
    text.parse().map_err(|_| OidcError::Announced("an issuer that is no address"))
}
