//! The `Authorization` header (RFC 6750 §2.1), and no other way to bring a token: not a
//! cookie, which other sites could make a browser send; not the URL, which is logged.

use super::{answer, exchange::Exchange};
use crate::identity::{Identite, IdentityError, Verifier};
use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use std::sync::Arc;

/// Puts an [`Identite`] in the request. No header is nobody; a bad token is refused on
/// every route, for who sends one believes to be signed in.
pub(super) async fn identify(
    State(verifier): State<Arc<Verifier>>,
    Extension(exchange): Extension<Exchange>,
    mut request: Request,
    next: Next,
) -> Response {
    match identity(&verifier, request.headers()).await {
        Ok(identite) => {
            request.extensions_mut().insert(identite);
            next.run(request).await
        }
        Err(error) => refused(&exchange, error),
    }
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
