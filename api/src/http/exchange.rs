//! What every request goes through first and every answer last.

use super::answer::{self, Media};
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use futures::FutureExt;
use std::{any::Any, fmt, panic::AssertUnwindSafe, sync::Arc, time::Instant};
use tracing::Instrument;
use uuid::Uuid;

/// What makes an id for a request that brought none.
pub type Ids = Arc<dyn Fn() -> Uuid + Send + Sync>;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request. It is in its log lines, in its answer, and in what a user is
/// shown of a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace(Arc<str>);

impl Trace {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The caller's own id, if it can be written in a log without harm.
    fn brought(headers: &HeaderMap) -> Option<Self> {
        let id = headers.get(&REQUEST_ID)?.to_str().ok()?;
        let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        ((1..=64).contains(&id.len()) && id.chars().all(safe)).then(|| Self(id.into()))
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the handlers need to know of the request to answer in its terms.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    pub trace: Trace,
    /// `None` when the client accepts nothing that we write.
    pub media: Option<Media>,
}

/// Gives the request its id, its span and its line in the metrics, and the answer its
/// headers. A panic becomes an answer: one request's fault is not another's.
pub(super) async fn enclose(State(ids): State<Ids>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let trace = Trace::brought(request.headers()).unwrap_or_else(|| Trace(ids().to_string().into()));
    let exchange = Exchange { trace, media: Media::accepted_by(request.headers()) };
    let method = method_label(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str).to_owned();
    // Neither query string nor body: they may name people.
    let path = without_secret(request.uri().path()).to_owned();
    let span =
        tracing::info_span!("http", trace = %exchange.trace, method, path, status = tracing::field::Empty);
    request.extensions_mut().insert(exchange.clone());
    let answering = AssertUnwindSafe(next.run(request)).catch_unwind().instrument(span.clone());
    let mut response = answering.await.unwrap_or_else(|panic| span.in_scope(|| fault(&exchange, &*panic)));
    span.record("status", response.status().as_u16());
    set_headers(response.headers_mut(), &exchange.trace);
    count(method, route, response.status(), started);
    response
}

/// A path as it may be logged: who reads the address of an agenda could read the agenda.
fn without_secret(path: &str) -> &str {
    if path.starts_with(crate::fichiers::agenda::CHEMIN) { crate::fichiers::agenda::CHEMIN } else { path }
}

fn fault(exchange: &Exchange, panic: &(dyn Any + Send)) -> Response {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(not a text)");
    tracing::error!(panic = message, "a handler panicked");
    let message = super::faults::masked(&exchange.trace);
    answer::refusal(exchange, StatusCode::INTERNAL_SERVER_ERROR, super::faults::CODE, &message)
}

/// Sets what the handler left open; a page may know better what it needs.
fn set_headers(headers: &mut HeaderMap, trace: &Trace) {
    let defaults = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(trace) = HeaderValue::from_str(trace.as_str()) {
        headers.insert(REQUEST_ID.clone(), trace);
    }
}

fn count(method: &'static str, route: String, status: StatusCode, started: Instant) {
    let labels = [("method", method.to_owned()), ("route", route), ("status", status.as_u16().to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(started.elapsed().as_secs_f64());
}

/// A client can make up methods; the metrics must not grow with its fantasy.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "(other)",
    }
}
