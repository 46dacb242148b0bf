//! The body of a request, read under three bounds: its bytes, its time, and the bytes of all
//! the bodies that are held at once.
//!
//! Places alone do not bound memory: five hundred requests of a megabyte each are half a
//! gigabyte. So the bytes are taken from a common budget before the first one is read, and
//! given back with the answer; who finds it spent is told so while there is memory to say it.

use super::{Limits, admission, answer, exchange::Exchange};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use http_body_util::LengthLimitError;
use std::{error::Error, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The bytes that all bodies together may hold.
pub(super) struct Budget(Arc<Semaphore>);

/// A body, and its share of the budget for as long as it is kept.
pub(super) struct Held {
    pub bytes: Bytes,
    _share: OwnedSemaphorePermit,
}

impl Budget {
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))))
    }

    /// Reads a body, or answers why not.
    pub async fn read(
        &self,
        headers: &HeaderMap,
        body: Body,
        limits: &Limits,
        exchange: &Exchange,
    ) -> Result<Held, Response> {
        let announced = announced(headers).unwrap_or(limits.body_bytes);
        if announced > limits.body_bytes {
            return Err(too_long(exchange, limits.body_bytes));
        }
        let share =
            u32::try_from(announced).ok().and_then(|bytes| self.0.clone().try_acquire_many_owned(bytes).ok());
        let Some(share) = share else { return Err(admission::full(exchange)) };
        let reading = axum::body::to_bytes(body, limits.body_bytes);
        match tokio::time::timeout(limits.body_time, reading).await {
            Ok(Ok(bytes)) => Ok(Held { bytes, _share: share }),
            Ok(Err(error)) if error.source().is_some_and(|source| source.is::<LengthLimitError>()) => {
                Err(too_long(exchange, limits.body_bytes))
            }
            Ok(Err(_)) => Err(broken_off(exchange)),
            Err(_) => Err(too_slow(exchange)),
        }
    }
}

/// What the client says that it will send; a body without a length may be as long as allowed.
fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_long(exchange: &Exchange, limit: usize) -> Response {
    let message = format!("Cette requête dépasse {limit} octets.");
    answer::refusal(exchange, StatusCode::PAYLOAD_TOO_LARGE, "REQUETE_TROP_LONGUE", &message)
}

fn broken_off(exchange: &Exchange) -> Response {
    let message = "Le corps de la requête s'est interrompu.";
    answer::refusal(exchange, StatusCode::BAD_REQUEST, "REQUETE_INTERROMPUE", message)
}

/// The rest of the body may still come: the connection cannot be used again.
fn too_slow(exchange: &Exchange) -> Response {
    let message = "Le corps de la requête tarde trop. Vérifiez votre connexion, puis réessayez.";
    let mut response = answer::refusal(exchange, StatusCode::REQUEST_TIMEOUT, "REQUETE_TROP_LENTE", message);
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
