//! The `Authorization` header (RFC 6750 §2.1), and no other way to bring a token: not a
//! cookie, which other sites could make a browser send; not the URL, which is logged. Who brings
//! none may have a browser's [`session`] instead.

use super::{
    answer,
    exchange::Exchange,
    session::{self, COOKIE, SignIn},
};
use crate::identity::{Identite, IdentityError, Verifier};
use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use std::sync::Arc;

/// What tells who asks.
#[derive(Clone)]
pub(super) struct Doorman {
    pub verifier: Arc<Verifier>,
    /// None where browsers do not sign in.
    pub sign_in: Option<SignIn>,
}

/// Puts an [`Identite`] in the request. No header is nobody; a bad token is refused on
/// every route, for who sends one believes to be signed in.
pub(super) async fn identify(
    State(doorman): State<Doorman>,
    Extension(exchange): Extension<Exchange>,
    mut request: Request,
    next: Next,
) -> Response {
    let identite = match identity(&doorman.verifier, request.headers()).await {
        Ok(Identite::Anonyme) => match of_browser(&doorman, request.method(), request.headers()).await {
            Ok(identite) => identite,
            Err(Stopped::Elsewhere) => return from_elsewhere(&exchange),
            Err(Stopped::Database(error)) => return away(&exchange, &error),
        },
        Ok(identite) => identite,
        Err(error) => return refused(&exchange, error),
    };
    request.extensions_mut().insert(identite);
    next.run(request).await
}

/// Why a session is not looked into.
enum Stopped {
    Elsewhere,
    Database(sqlx::Error),
}

/// The user of a browser's session. One that is over is nobody's.
async fn of_browser(doorman: &Doorman, method: &Method, headers: &HeaderMap) -> Result<Identite, Stopped> {
    let Some(sign_in) = &doorman.sign_in else { return Ok(Identite::Anonyme) };
    let Some(secret) = session::secret(headers, COOKIE) else { return Ok(Identite::Anonyme) };
    let found = sign_in.sessions.find(&secret).await.map_err(Stopped::Database)?;
    let Some(session) = found else { return Ok(Identite::Anonyme) };
    let asks = session::needs_an_origin(method, headers);
    if asks && !sign_in.is_ours(headers) {
        return Err(Stopped::Elsewhere);
    }
    Ok(Identite::Session(session))
}

fn from_elsewhere(exchange: &Exchange) -> Response {
    tracing::info!("a session was brought from another origin");
    let message = "Cette demande ne vient pas d'une page de l'ENT : faites-la depuis l'ENT.";
    answer::refusal(exchange, StatusCode::FORBIDDEN, "ORIGINE_REFUSEE", message)
}

fn away(exchange: &Exchange, error: &sqlx::Error) -> Response {
    tracing::warn!(error = error as &dyn std::error::Error, "a session could not be read");
    let message = "L'ENT ne peut vérifier votre session pour l'instant : réessayez dans un instant.";
    answer::refusal(exchange, StatusCode::SERVICE_UNAVAILABLE, "INDISPONIBLE", message)
}

async fn identity(verifier: &Verifier, headers: &HeaderMap) -> Result<Identite, IdentityError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(Identite::Anonyme),
        (Some(value), None) => verify(verifier, value.to_str().map_err(|_| IdentityError::Illisible)?).await,
        (Some(_), Some(_)) => Err(IdentityError::Illisible),
    }
}

/// Verifies the value of an `Authorization` header.
pub(super) async fn verify(verifier: &Verifier, authorization: &str) -> Result<Identite, IdentityError> {
    let (scheme, token) = authorization.split_once(' ').ok_or(IdentityError::Absent)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(IdentityError::Absent);
    }
    verifier.verify(token.trim()).await.map(Identite::Compte)
}

fn refused(exchange: &Exchange, error: IdentityError) -> Response {
    tracing::info!(code = error.code(), "a token was refused");
    let (status, challenge) = match error {
        // Neither good nor bad: to sign in again would not help.
        IdentityError::ClesIndisponibles => (StatusCode::SERVICE_UNAVAILABLE, None),
        IdentityError::Absent => (StatusCode::UNAUTHORIZED, Some("Bearer realm=\"ent\"".to_owned())),
        bad => {
            let code = bad.code();
            let challenge =
                format!("Bearer realm=\"ent\", error=\"invalid_token\", error_description=\"{code}\"");
            (StatusCode::UNAUTHORIZED, Some(challenge))
        }
    };
    let mut response = answer::refusal(exchange, status, error.code(), &error.to_string());
    if let Some(challenge) = challenge.and_then(|challenge| HeaderValue::from_str(&challenge).ok()) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
