//! The door of the house: everything that crosses HTTP, and nothing that decides.
//!
//! | route | what |
//! |---|---|
//! | `POST`, `GET /graphql` | GraphQL over HTTP, behind the [`guard`] |
//! | `GET /graphql/ws` | the same over `graphql-transport-ws` |
//! | `GET /schema.graphql` | the SDL |
//! | `GET /console` | a page to try queries |
//! | `GET /sante`, `/pret`, `/metrics` | for whoever runs the program |
//!
//! The doors that come with the engine are not used: they execute mutations sent by
//! GET, ignore `Accept`, and keep silent sockets open for ever.

mod admission;
mod answer;
mod bearer;
mod console;
mod exchange;
mod faults;
mod graphql;
pub mod guard;
mod params;
mod probes;
mod socket;

pub use exchange::{Ids, Trace};
pub use probes::{Readiness, closed};

use crate::identity::{Clock, Verifier};
use async_graphql::Executor;
use axum::{Router, middleware, routing::get};
use metrics_exporter_prometheus::PrometheusHandle;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// How much the program takes on at a time.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a GraphQL request.
    pub body_bytes: usize,
    /// From the first byte of a GraphQL request to the last of its answer.
    pub request_time: Duration,
    /// Requests being answered, probes apart.
    pub requests: usize,
    /// Open WebSockets.
    pub sockets: usize,
    /// Operations running on one WebSocket.
    pub operations_per_socket: usize,
    /// How long a WebSocket may stay silent before it is asked for a sign of life, and
    /// then again before it is closed.
    pub keepalive: Duration,
    /// What one document may cost.
    pub document: guard::Bounds,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 256 * 1024,
            request_time: Duration::from_secs(30),
            requests: 512,
            sockets: 4096,
            operations_per_socket: 32,
            keepalive: Duration::from_secs(20),
            document: guard::Bounds::default(),
        }
    }
}

/// What the door is made of.
pub struct Parts<E> {
    /// What executes documents; it finds an [`Identite`](crate::identity::Identite) and a
    /// [`Trace`] in each request's data.
    pub schema: E,
    /// The schema, written out.
    pub sdl: String,
    /// What tells good tokens from bad ones.
    pub verifier: Arc<Verifier>,
    /// What says whether requests can be served.
    pub readiness: Arc<dyn Readiness>,
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
    /// How much is taken on.
    pub limits: Limits,
    /// What tells the time, for sessions that end while a socket is open.
    pub clock: Clock,
    /// What makes ids of requests.
    pub ids: Ids,
    /// Other routes to put behind the same middleware: public pages, imports.
    pub pages: Router,
}

/// What the GraphQL handlers share.
struct Door<E> {
    schema: E,
    verifier: Arc<Verifier>,
    limits: Limits,
    clock: Clock,
    sockets: Arc<Semaphore>,
}

/// Every route, behind what every request goes through: an id, a span, a count, the
/// security headers, and a net for panics; then, for all but the probes, admission and
/// the bearer token.
pub fn router<E: Executor>(parts: Parts<E>) -> Router {
    let Parts { schema, sdl, verifier, readiness, metrics, limits, clock, ids, pages } = parts;
    let sockets = Arc::new(Semaphore::new(limits.sockets));
    let door = Arc::new(Door { schema, verifier: verifier.clone(), limits, clock, sockets });
    let timed = middleware::from_fn_with_state(limits.request_time, admission::in_time);
    let graphql = Router::new()
        .route("/graphql", get(graphql::get::<E>).post(graphql::post::<E>).layer(timed))
        .route("/graphql/ws", get(socket::open::<E>))
        .with_state(door);
    let requests = Arc::new(Semaphore::new(limits.requests));
    graphql
        .merge(pages)
        .layer(middleware::from_fn_with_state(verifier, bearer::identify))
        .merge(console::routes(sdl))
        .layer(middleware::from_fn_with_state(requests, admission::one_of))
        .merge(probes::routes(readiness, metrics))
        .layer(middleware::from_fn_with_state(ids, exchange::enclose))
}
