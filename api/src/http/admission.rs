//! How many requests at a time, and for how long each.

use super::{answer, exchange::Exchange, server::Place};
use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// What is told to whom there is no place for: its code, its sentence.
pub(super) const FULL: (&str, &str) =
    ("TROP_DE_DEMANDES", "L'ENT reçoit trop de demandes à la fois. Réessayez dans quelques secondes.");
/// What is told to whose answer takes too long.
pub(super) const LATE: (&str, &str) =
    ("DELAI_DEPASSE", "La réponse a trop tardé. Demandez moins à la fois, ou réessayez.");

/// Refuses what would only wait: a client that is told so at once can come back, a
/// queue without end helps nobody at eight in the morning.
pub(super) async fn one_of(
    State(places): State<Arc<Semaphore>>,
    Extension(exchange): Extension<Exchange>,
    request: Request,
    next: Next,
) -> Response {
    if request.extensions().get::<Place>().is_some_and(|place| place.beyond) {
        return full(&exchange);
    }
    match places.try_acquire() {
        Ok(_place) => next.run(request).await,
        Err(_) => full(&exchange),
    }
}

/// No place left, for a request or a socket.
pub(super) fn full(exchange: &Exchange) -> Response {
    let (code, message) = FULL;
    let mut response = answer::refusal(exchange, StatusCode::SERVICE_UNAVAILABLE, code, message);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// Gives up on an answer that takes too long.
pub(super) async fn in_time(
    State(limit): State<Duration>,
    Extension(exchange): Extension<Exchange>,
    request: Request,
    next: Next,
) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::warn!(?limit, "a request was given up");
            let (code, message) = LATE;
            answer::refusal(&exchange, StatusCode::GATEWAY_TIMEOUT, code, message)
        }
    }
}
