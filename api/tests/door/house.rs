//! A small house behind the door, and how to knock.

use api::{
    http::{self, CancellationToken, Limits, Parts, Readiness, Trace, Trusted},
    identity::{Identite, Verifier, demo::DemoIssuer},
};
use async_graphql::{Context, ErrorExtensions, ID, Object, Schema, Subscription};
use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode, header},
};
use chrono::{DateTime, Utc};
use domain::CompteId;
use futures::{Stream, future::BoxFuture, stream};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde_json::Value;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};
use tokio::sync::Notify;
use tower::ServiceExt;
use uuid::Uuid;

pub const COMPTE: CompteId = CompteId(Uuid::from_u128(42));
/// 1 September 2026, 08:00 UTC.
pub const NOW: i64 = 1_788_249_600;

/// What the resolvers share with the tests.
#[derive(Default)]
pub struct Traces {
    pub written: AtomicUsize,
    pub waiting: Notify,
    pub go_on: Notify,
    pub dropped: AtomicUsize,
}

type Shared = Arc<Traces>;

pub struct Lectures;

#[Object]
impl Lectures {
    async fn bonjour(&self) -> &str {
        "Bonjour"
    }

    async fn qui(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<ID>> {
        Ok(ctx.data::<Identite>()?.compte().map(ID::from))
    }

    async fn trace(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(ctx.data::<Trace>()?.to_string())
    }

    async fn echo(&self, id: Uuid) -> Uuid {
        id
    }

    async fn refus(&self) -> async_graphql::Result<Option<i32>> {
        Err(async_graphql::Error::new("Cet appel est clos.").extend_with(|_, e| e.set("code", "APPEL_CLOS")))
    }

    async fn panne(&self) -> async_graphql::Result<Option<i32>> {
        Err(anyhow::anyhow!("connection refused").context("reading the secret table").into())
    }

    async fn chute(&self) -> Option<i32> {
        None.or_else(|| panic!("the secret floor gave way"))
    }

    async fn attente(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        ctx.data::<Shared>()?.waiting.notify_one();
        std::future::pending().await
    }

    async fn patience(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        let traces = ctx.data::<Shared>()?;
        traces.waiting.notify_one();
        traces.go_on.notified().await;
        Ok(1)
    }
}

pub struct Ecritures;

#[Object]
impl Ecritures {
    async fn ecrire(&self, ctx: &Context<'_>) -> async_graphql::Result<usize> {
        Ok(ctx.data::<Shared>()?.written.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

pub struct Suivis;

/// Says when a subscription's stream is dropped.
struct Held(Shared);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
        self.0.waiting.notify_one();
    }
}

#[Subscription]
impl Suivis {
    async fn compte(&self, jusqu_a: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=jusqu_a)
    }

    /// More than anybody reads.
    async fn flot(&self, ctx: &Context<'_>) -> async_graphql::Result<impl Stream<Item = String>> {
        let held = Held(ctx.data::<Shared>()?.clone());
        Ok(stream::unfold(held, |held| async move { Some(("a".repeat(100_000), held)) }))
    }

    async fn sans_fin(&self, ctx: &Context<'_>) -> async_graphql::Result<impl Stream<Item = i32>> {
        let held = Held(ctx.data::<Shared>()?.clone());
        Ok(stream::unfold((0, held), |(n, held)| async move {
            if n > 0 {
                std::future::pending::<()>().await;
            }
            Some((n, (n + 1, held)))
        }))
    }
}

/// What `/pret` waits for.
pub struct Waiting(pub Mutex<Vec<String>>);

impl Readiness for Waiting {
    fn waiting_for(&self) -> BoxFuture<'_, Vec<String>> {
        let waiting = self.0.lock().unwrap().clone();
        Box::pin(std::future::ready(waiting))
    }
}

pub struct House {
    pub router: Router,
    pub traces: Shared,
    pub waiting: Arc<Waiting>,
    pub recorder: PrometheusRecorder,
    pub hand: Arc<AtomicI64>,
    pub closing: CancellationToken,
    issuer: DemoIssuer,
}

pub fn house() -> House {
    house_with(Limits::default())
}

pub fn house_with(limits: Limits) -> House {
    house_of(limits, Trusted::default())
}

pub fn house_of(limits: Limits, trusted: Trusted) -> House {
    let traces = Shared::default();
    let schema = Schema::build(Lectures, Ecritures, Suivis).data(traces.clone()).finish();
    let hand = Arc::new(AtomicI64::new(NOW));
    let clock: api::identity::Clock = {
        let hand = hand.clone();
        Arc::new(move || at(hand.load(Ordering::SeqCst)))
    };
    let issuer = DemoIssuer::new(&mut ChaCha20Rng::seed_from_u64(1)).unwrap();
    let verifier = Arc::new(Verifier::demo(&issuer, clock.clone()).unwrap());
    let waiting = Arc::new(Waiting(Mutex::default()));
    let recorder = PrometheusBuilder::new().build_recorder();
    let closing = CancellationToken::new();
    let router = http::router(Parts {
        sdl: || Schema::build(Lectures, Ecritures, Suivis).finish().sdl(),
        schema,
        verifier,
        guichets: None,
        readiness: waiting.clone(),
        metrics: recorder.handle(),
        trusted,
        base: "ent.exemple.fr".into(),
        limits,
        clock,
        closing: closing.clone(),
        ids: Arc::new(|| Uuid::from_u128(7)),
        pages: Router::new().route("/page", axum::routing::get(async || "page")),
    });
    House { router, traces, waiting, recorder, hand, closing, issuer }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

impl House {
    /// The value of an `Authorization` header, good for ten minutes.
    pub fn bearer(&self) -> String {
        let now = at(self.hand.load(Ordering::SeqCst));
        format!("Bearer {}", self.issuer.issue(COMPTE, now, now + chrono::TimeDelta::minutes(10)).unwrap())
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    pub async fn get(&self, uri: &str) -> Answer {
        self.send(Request::get(uri).body(Body::empty()).unwrap()).await
    }

    /// Posts JSON, accepting the newer media type.
    pub async fn post(&self, body: &Value) -> Answer {
        self.send(posted("application/graphql-response+json", body)).await
    }

    /// Posts a document alone.
    pub async fn query(&self, document: &str) -> Answer {
        self.post(&serde_json::json!({"query": document})).await
    }
}

pub fn posted(accept: &str, body: &Value) -> Request<Body> {
    Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, accept)
        .body(Body::from(body.to_string()))
        .unwrap()
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Answer {
    async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Self { status: parts.status, headers: parts.headers, text }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of the first error, or nothing.
    pub fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn refused(&self) -> (u16, String) {
        (self.status.as_u16(), self.code())
    }
}
