//! The door of the house: everything that crosses HTTP, and nothing that decides.
//!
//! | route | what |
//! |---|---|
//! | `POST`, `GET /graphql` | GraphQL over HTTP, behind the [`guard`] |
//! | `GET /graphql/ws` | the same over `graphql-transport-ws` |
//! | `POST /graphql/stream` | the same over `graphql-sse` |
//! | `GET /schema.graphql` | the SDL |
//! | `GET /console` | a page to try queries |
//! | `/connexion`, `/deconnexion` | how browsers [sign in](connexion) and out |
//! | `GET /journal/…` | the sealed [`journal`] of a portal, at its host |
//! | `GET /sante`, `/pret`, `/metrics` | for whoever runs the program |
//!
//! The doors that come with the engine are not used: they execute mutations sent by
//! GET, ignore `Accept`, and keep silent sockets open for ever.

mod admission;
mod answer;
mod bearer;
mod body;
mod cadence;
pub mod connexion;
mod console;
mod documents;
mod exchange;
mod faults;
mod freshness;
mod graphql;
pub mod guard;
mod horodatages;
mod hotes;
mod journal;
mod operation;
mod params;
mod probes;
mod server;
mod session;
mod socket;
mod stream;

pub use cadence::Cadence;
pub(crate) use cadence::Lectures;
pub use connexion::Guichets;
pub use documents::{Others, Trusted};
pub use exchange::{Ids, Trace};
pub use journal::Journals;
pub use probes::{Readiness, closed};
pub use server::{Connections, serve};
pub use session::SignIn;
pub use tokio_util::sync::CancellationToken;

use crate::identity::{Clock, Verifier};
use async_graphql::Executor;
use axum::{
    Router, middleware,
    routing::{get, post},
};
use bearer::Doorman;
use body::Budget;
use cadence::Cadences;
use documents::Documents;
use metrics_exporter_prometheus::PrometheusHandle;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// How much the program takes on at a time.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a GraphQL request.
    pub body_bytes: usize,
    /// Bytes of all GraphQL requests that are being read.
    pub bodies_bytes: usize,
    /// From the first byte of a GraphQL request to its last.
    pub body_time: Duration,
    /// From the first byte of a GraphQL request to the last of its answer.
    pub request_time: Duration,
    /// Requests being answered, probes apart.
    pub requests: usize,
    /// Open WebSockets and event streams.
    pub sockets: usize,
    /// Bytes of a message on a WebSocket.
    pub message_bytes: usize,
    /// Operations running on one WebSocket.
    pub operations_per_socket: usize,
    /// How long an event stream is silent at most, and how long a WebSocket may stay silent before it is asked for a sign of life, and
    /// then again before it is closed.
    pub keepalive: Duration,
    /// What one document may cost.
    pub document: guard::Bounds,
    /// How often each may ask.
    pub cadence: Cadence,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 256 * 1024,
            bodies_bytes: 64 * 1024 * 1024,
            body_time: Duration::from_secs(10),
            request_time: Duration::from_secs(30),
            requests: 512,
            sockets: 4096,
            message_bytes: 128 * 1024,
            operations_per_socket: 32,
            keepalive: Duration::from_secs(20),
            document: guard::Bounds::default(),
            cadence: Cadence::default(),
        }
    }
}

/// What the door is made of.
pub struct Parts<E> {
    /// What executes documents; it finds an [`Identite`](crate::identity::Identite) and a
    /// [`Trace`] in each request's data.
    pub schema: E,
    /// Writes the schema out, once somebody asks for it.
    pub sdl: fn() -> String,
    /// What tells good tokens from bad ones.
    pub verifier: Arc<Verifier>,
    /// How browsers sign in; none where they do not.
    pub guichets: Option<Guichets>,
    /// What says whether requests can be served.
    pub readiness: Arc<dyn Readiness>,
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
    /// The documents that are known beforehand.
    pub trusted: Trusted,
    /// The domain under which the portals have their hosts.
    pub base: Arc<str>,
    /// How much is taken on.
    pub limits: Limits,
    /// What tells the time, for sessions that end while a socket is open.
    pub clock: Clock,
    /// Cancelled when the program is told to stop: sockets and streams end.
    pub closing: CancellationToken,
    /// What makes ids of requests.
    pub ids: Ids,
    /// Other routes to put behind the same middleware: public pages, imports.
    pub pages: Router,
}

/// What the GraphQL handlers share.
struct Door<E> {
    schema: E,
    verifier: Arc<Verifier>,
    documents: Documents,
    sign_in: Option<SignIn>,
    cadences: Arc<Cadences>,
    limits: Limits,
    budget: Budget,
    clock: Clock,
    closing: CancellationToken,
    requests: Arc<Semaphore>,
    sockets: Arc<Semaphore>,
}

/// Every route, behind what every request goes through: an id, a span, a count, the
/// security headers, and a net for panics; then, for all but the probes, its host, admission
/// and the bearer token.
pub fn router<E: Executor>(parts: Parts<E>) -> Router {
    let Parts { schema, sdl, verifier, guichets, readiness, metrics, trusted, limits, .. } = parts;
    let sign_in = guichets.as_ref().map(Guichets::sign_in);
    let cadences = Arc::new(Cadences::new(&limits.cadence));
    let requests = Arc::new(Semaphore::new(limits.requests));
    let timed = middleware::from_fn_with_state(limits.request_time, admission::in_time);
    let door = Arc::new(Door {
        schema,
        verifier: verifier.clone(),
        documents: Documents::new(limits.document, trusted),
        sign_in: sign_in.clone(),
        cadences: cadences.clone(),
        budget: Budget::new(limits.bodies_bytes),
        clock: parts.clock,
        closing: parts.closing,
        requests: requests.clone(),
        sockets: Arc::new(Semaphore::new(limits.sockets)),
        limits,
    });
    let graphql = Router::new()
        .route("/graphql", get(graphql::get::<E>).post(graphql::post::<E>).layer(timed.clone()))
        .route("/graphql/ws", get(socket::open::<E>))
        .route("/graphql/stream", post(stream::open::<E>))
        .with_state(door);
    let connexion = guichets.map(|guichets| guichets.routes(cadences.clone()).layer(timed));
    let doorman = Doorman { verifier, sign_in };
    graphql
        .merge(parts.pages)
        .merge(connexion.unwrap_or_default())
        .layer(middleware::from_fn_with_state(cadences.clone(), cadence::by_compte))
        .layer(middleware::from_fn_with_state(doorman, bearer::identify))
        .merge(console::routes(sdl))
        .layer(middleware::from_fn_with_state(cadences, cadence::by_adresse))
        .layer(middleware::from_fn_with_state(requests, admission::one_of))
        .layer(middleware::from_fn_with_state(parts.base, hotes::ours))
        .merge(probes::routes(readiness, metrics))
        .layer(middleware::from_fn_with_state(parts.ids, exchange::enclose))
}
