//! OpenID Connect as a relying party: discovery, the authorization code flow with PKCE, what a
//! provider says of who signed in, and that somebody signed out there.
//!
//! `oauth2` speaks the flow (RFC 6749, 7636). What is signed is verified with the same keys and
//! the same strictness as access tokens: one cache of each provider's keys, and one list of
//! algorithms.

mod decouverte;
mod jeton;

use super::client::{self, AskError};
use super::{Clock, IdentityError};
use chrono::{DateTime, TimeDelta, Utc};
use decouverte::Annonce;
use jeton::{IdClaims, LogoutClaims};
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    ExtraTokenFields, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenUrl,
};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How long what a provider announces is believed.
const MAX_AGE: TimeDelta = TimeDelta::hours(1);
/// Who asks in vain asks again no sooner.
const RETRY: TimeDelta = TimeDelta::seconds(10);
/// How far a provider's clock may be from ours.
pub(super) const LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// A provider.
pub struct Oidc {
    emetteur: Url,
    client_id: String,
    secret: Option<SecretString>,
    scope: Vec<String>,
    retour: Url,
    http: reqwest::Client,
    clock: Clock,
    annonce: Mutex<Announced>,
}

#[derive(Default)]
struct Announced {
    last: Option<(Arc<Annonce>, DateTime<Utc>)>,
    asked: Option<DateTime<Utc>>,
}

/// What a sign-in that has begun must find again.
#[derive(Clone, Copy)]
pub struct Aller<'a> {
    /// Ties the way back to this browser.
    pub etat: &'a str,
    /// Ties the token to this sign-in.
    pub nonce: &'a str,
    /// Ties the code to who asked for it (RFC 7636).
    pub verifier: &'a str,
}

/// Somebody for whom the provider vouches.
pub struct Vouched {
    /// What it calls this person.
    pub sub: String,
    /// What it calls this sign-in, if it does.
    pub sid: Option<String>,
    /// All that it says.
    pub said: Map<String, Value>,
}

/// Somebody signed out at the provider.
pub struct Sortie {
    /// The sign-in that ends.
    pub sid: Option<String>,
    /// Whose all sign-ins end, where none is named.
    pub sub: Option<String>,
    /// Names this notice: it is heard once.
    pub jti: String,
    /// From when on it says nothing any more.
    pub expire: DateTime<Utc>,
}

/// Why a provider could not be believed. For the log: it holds no token and no claim.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// It does not answer.
    #[error("the provider does not answer")]
    Asked(#[from] AskError),
    /// What it announces cannot be used.
    #[error("what the provider announces cannot be used: {0}")]
    Announced(&'static str),
    /// It did not take the code.
    #[error("the provider does not take the code: {0}")]
    Code(String),
    /// It gave no ID token.
    #[error("the provider gave no ID token")]
    NoIdToken,
    /// A token of it is not good.
    #[error("a token of the provider is refused: {}", .0.code())]
    Token(IdentityError),
    /// A token of it lacks something or has it wrong.
    #[error("a token of the provider is refused: {0}")]
    Claim(&'static str),
}

impl OidcError {
    /// Whether the provider is out of reach, so that nobody is to blame.
    pub fn is_away(&self) -> bool {
        match self {
            Self::Asked(_) => true,
            Self::Token(error) => *error == IdentityError::ClesIndisponibles,
            Self::Announced(_) | Self::Code(_) | Self::NoIdToken | Self::Claim(_) => false,
        }
    }
}

impl From<IdentityError> for OidcError {
    fn from(error: IdentityError) -> Self {
        Self::Token(error)
    }
}

/// What the token endpoint gives besides.
#[derive(Debug, Deserialize, Serialize)]
struct WithIdToken {
    id_token: Option<String>,
}

impl ExtraTokenFields for WithIdToken {}

type Tokens = StandardTokenResponse<WithIdToken, BasicTokenType>;
type Asking = Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

impl Oidc {
    /// A provider whose people come back to `retour`.
    pub fn new(
        emetteur: Url,
        client_id: String,
        secret: Option<SecretString>,
        scope: Vec<String>,
        retour: Url,
        clock: Clock,
    ) -> Result<Self, reqwest::Error> {
        let (http, annonce) = (client::client()?, Mutex::default());
        Ok(Self { emetteur, client_id, secret, scope, retour, http, clock, annonce })
    }

    /// Where a browser is sent to sign in.
    pub async fn aller(&self, aller: Aller<'_>) -> Result<Url, OidcError> {
        let annonce = self.annonce().await?;
        let verifier = PkceCodeVerifier::new(aller.verifier.to_owned());
        let etat = aller.etat.to_owned();
        let asking = self.asking(&annonce);
        let request = asking
            .authorize_url(move || CsrfToken::new(etat))
            .add_scopes(self.scope.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_extra_param("nonce", aller.nonce);
        Ok(request.url().0)
    }

    /// Who signed in, for the code that the browser brought back. `iss` is what came with it
    /// (RFC 9207).
    pub async fn retour(
        &self,
        code: &str,
        iss: Option<&str>,
        aller: Aller<'_>,
        wanted: impl Iterator<Item = &str>,
    ) -> Result<Vouched, OidcError> {
        let annonce = self.annonce().await?;
        if iss.is_some_and(|iss| iss != annonce.issuer) {
            return Err(OidcError::Claim("iss of the answer"));
        }
        let http = |request| post(self.http.clone(), request);
        let tokens: Tokens = self
            .asking(&annonce)
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(aller.verifier.to_owned()))
            .request_async(&http)
            .await
            .map_err(code_refused)?;
        let token = tokens.extra_fields().id_token.as_deref().ok_or(OidcError::NoIdToken)?;
        let claims =
            IdClaims::verified(token, &annonce, &self.client_id, aller.nonce, (self.clock)()).await?;
        let mut vouched = claims.vouched();
        let lacks = { wanted }.any(|name| !vouched.said.contains_key(name));
        if let (true, Some(url)) = (lacks, &annonce.userinfo_endpoint) {
            let more = self.userinfo(url, tokens.access_token().secret()).await?;
            // Somebody else's word must not be taken for this person's (OIDC Core §5.3.2).
            if more.get("sub").and_then(Value::as_str) != Some(vouched.sub.as_str()) {
                return Err(OidcError::Claim("sub of userinfo"));
            }
            for (name, value) in more {
                vouched.said.entry(name).or_insert(value);
            }
        }
        Ok(vouched)
    }

    /// What a logout token says (OIDC Back-Channel Logout 1.0, §2.6).
    pub async fn sortie(&self, token: &str) -> Result<Sortie, OidcError> {
        let annonce = self.annonce().await?;
        LogoutClaims::verified(token, &annonce, &self.client_id, (self.clock)()).await
    }

    async fn userinfo(&self, url: &Url, token: &str) -> Result<Map<String, Value>, OidcError> {
        let asked = self.http.get(url.clone()).bearer_auth(token).send().await.map_err(AskError::from)?;
        let answer = client::bytes(asked.error_for_status().map_err(AskError::from)?).await?;
        serde_json::from_slice(&answer).map_err(|_| OidcError::Claim("userinfo"))
    }

    fn asking(&self, annonce: &Annonce) -> Asking {
        let asking = Client::new(ClientId::new(self.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(annonce.authorization_endpoint.clone()))
            .set_token_uri(TokenUrl::from_url(annonce.token_endpoint.clone()))
            .set_redirect_uri(RedirectUrl::from_url(self.retour.clone()));
        match &self.secret {
            Some(secret) => asking.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned())),
            None => asking,
        }
    }

    /// What the provider announces: asked once an hour, by one at a time. While it is out of
    /// reach the last word of it is believed, and it is asked again in a while.
    async fn annonce(&self) -> Result<Arc<Annonce>, OidcError> {
        let mut announced = self.annonce.lock().await;
        let now = (self.clock)();
        let last = announced.last.clone();
        if let Some((annonce, since)) = &last
            && (now - *since < MAX_AGE || announced.asked.is_some_and(|asked| now - asked < RETRY))
        {
            return Ok(annonce.clone());
        }
        announced.asked = Some(now);
        let before = last.as_ref().map(|(annonce, _)| annonce.as_ref());
        match Annonce::ask(&self.http, &self.emetteur, before, &self.clock).await {
            Ok(annonce) => {
                let annonce = Arc::new(annonce);
                announced.last = Some((annonce.clone(), now));
                Ok(annonce)
            }
            Err(error) => match last {
                Some((annonce, _)) => {
                    tracing::warn!(%error, "a provider announces nothing new; the last word of it is kept");
                    Ok(annonce)
                }
                None => Err(error),
            },
        }
    }
}

/// Asks the token endpoint.
async fn post(http: reqwest::Client, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, AskError> {
    let answer = http.execute(reqwest::Request::try_from(request)?).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = oauth2::HttpResponse::new(client::bytes(answer).await?);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// A refusal by its code alone (RFC 6749 §5.2): a description may tell of whom.
fn code_refused(error: oauth2::RequestTokenError<AskError, BasicErrorResponse>) -> OidcError {
    match error {
        oauth2::RequestTokenError::ServerResponse(refused) => OidcError::Code(refused.error().to_string()),
        oauth2::RequestTokenError::Request(error) => OidcError::Asked(error),
        oauth2::RequestTokenError::Parse(..) | oauth2::RequestTokenError::Other(_) => {
            OidcError::Code("unreadable answer".to_owned())
        }
    }
}

#[cfg(test)]
mod tests;
