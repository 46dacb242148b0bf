//! The GraphQL door: whatever is posted or asked for gets a well-formed answer, in the
//! words of the protocol, and nothing is written by a request to read.

use super::{document::GRAPHQL, seeds::Language, target};
use api::http::{self, CancellationToken, Limits, Parts, Readiness, Trusted};
use api::identity::{Verifier, demo::DemoIssuer};
use async_graphql::{EmptySubscription, Object, Schema};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, Uri, header},
};
use futures::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusBuilder;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::runtime::Builder;
use tower::ServiceExt;
use uuid::Uuid;

const BODY: Language = Language {
    texts: &[
        br#"{"query":"query Q($a: Int!) { a(x: $a) }","operationName":"Q","variables":{"a":1},"extensions":{}}"#,
        br#"{"query":"mutation { ecrire } query B { a }","operationName":"B"}"#,
        br#"{"query":"{ __schema { types { name } } a: __typename }"}"#,
    ],
    words: &[
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "true",
        "1e400",
        "-1",
        "\"query\":",
        "\"variables\":",
        "\"operationName\":",
        "\"extensions\":",
        "\"documentId\":\"sha256:00\",",
        "\\\"",
        "\\u0000",
        "\\ud800",
        "\u{FEFF}",
        "é",
        "{ a }",
        "$a",
        "[[[[[[[[[[",
        "{\"a\":",
        "@skip(if: $a)",
        "fragment f on Query { ...f }",
        "...f",
        "\"a\":1.5,",
    ],
};

struct Lectures;

#[Object]
impl Lectures {
    async fn a(&self, x: Option<i32>) -> Option<i32> {
        x
    }
}

/// Counts what it was asked to write.
struct Ecritures(Arc<AtomicUsize>);

#[Object]
impl Ecritures {
    async fn ecrire(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

struct Ready;

impl Readiness for Ready {
    fn waiting_for(&self) -> BoxFuture<'_, Vec<String>> {
        Box::pin(std::future::ready(vec![]))
    }
}

fn door(written: Arc<AtomicUsize>) -> Router {
    let schema = Schema::build(Lectures, Ecritures(written), EmptySubscription).finish();
    let clock: api::identity::Clock = Arc::new(|| "2026-11-23T07:00:00Z".parse().unwrap());
    let issuer = DemoIssuer::new(&mut ChaCha20Rng::seed_from_u64(1)).unwrap();
    http::router(Parts {
        sdl: || Schema::build(Lectures, Ecritures(Arc::default()), EmptySubscription).finish().sdl(),
        schema,
        verifier: Arc::new(Verifier::demo(&issuer, clock.clone()).unwrap()),
        guichets: None,
        readiness: Arc::new(Ready),
        metrics: PrometheusBuilder::new().build_recorder().handle(),
        trusted: Trusted::default(),
        base: "ent.exemple.fr".into(),
        limits: Limits::default(),
        clock,
        closing: CancellationToken::new(),
        ids: Arc::new(|| Uuid::from_u128(7)),
        pages: Router::new(),
    })
}

#[test]
fn whatever_is_asked_gets_an_answer_of_the_protocol() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let written = Arc::new(AtomicUsize::new(0));
    let door = door(written.clone());
    let ask = |request: Request<Body>| {
        runtime.block_on(async {
            let answer = door.clone().oneshot(request).await.unwrap();
            let status = answer.status();
            let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            is_an_answer(status, serde_json::from_slice(&body).expect("an answer is JSON"));
        });
    };
    target!("request", |input| {
        ask(posted(BODY.text(input)));
        if let Ok(document) = String::from_utf8(GRAPHQL.text(input)) {
            ask(posted(json!({"query": document}).to_string().into_bytes()));
        }
        let before = written.load(Ordering::SeqCst);
        if let Some(uri) = address(&BODY.text(input)) {
            ask(Request::get(uri).body(Body::empty()).unwrap());
        }
        assert_eq!(written.load(Ordering::SeqCst), before, "a GET has written");
    });
}

fn posted(body: Vec<u8>) -> Request<Body> {
    let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    request.header(header::ACCEPT, "application/graphql-response+json").body(Body::from(body)).unwrap()
}

/// The members of a JSON object as the parameters of an address, or the text as it stands.
fn address(text: &[u8]) -> Option<Uri> {
    let text = String::from_utf8_lossy(text);
    let query = match serde_json::from_str(&text) {
        Ok(Value::Object(members)) => members
            .iter()
            .map(|(name, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!("{}={}", escaped(name), escaped(&value))
            })
            .collect::<Vec<_>>()
            .join("&"),
        _ => text.into_owned(),
    };
    format!("/graphql?{query}").parse().ok()
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Data, or errors each with its sentence and its code; never a fault of ours.
fn is_an_answer(status: StatusCode, body: Value) {
    assert!(!status.is_server_error(), "{status}: {body}");
    let errors = body.get("errors").and_then(Value::as_array);
    assert!(body.get("data").is_some() || errors.is_some_and(|errors| !errors.is_empty()), "{body}");
    for error in errors.into_iter().flatten() {
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
        assert!(error["extensions"]["code"].as_str().is_some_and(|code| code != "ERREUR_INTERNE"), "{body}");
    }
    assert!(body.to_string().len() < 64 * 1024, "the answer is longer than any request");
}
