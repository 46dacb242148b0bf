//! What every request goes through, and the pages that are not GraphQL.

use super::house::{House, house, house_with, posted};
use api::http::{Cadence, Limits};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;
use std::{
    io,
    num::NonZeroU32,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

async fn with_header(house: &House, name: &'static str, value: &str) -> super::house::Answer {
    let mut request = posted("application/json", &json!({"query": "{ bonjour }"}));
    request.headers_mut().insert(name, value.parse().unwrap());
    house.send(request).await
}

#[tokio::test]
async fn a_request_keeps_its_id_if_it_can_be_written_in_a_log() {
    let house = house();
    let made = "00000000-0000-0000-0000-000000000007";
    for (brought, kept) in
        [("aB-9_.z", "aB-9_.z"), ("", made), ("a b", made), ("<script>", made), (&"a".repeat(65), made)]
    {
        assert_eq!(with_header(&house, "x-request-id", brought).await.header("x-request-id"), kept);
    }
}

#[tokio::test]
async fn a_bad_token_is_refused_on_every_route_that_asks_who() {
    let house = house();
    let expired = house.bearer();
    house.hand.fetch_add(600, Ordering::SeqCst);
    let answer = with_header(&house, "authorization", &expired).await;
    assert_eq!(answer.refused(), (401, "JETON_EXPIRE".to_owned()));
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer realm=\"ent\", error=\"invalid_token\", error_description=\"JETON_EXPIRE\""
    );
    assert_eq!(answer.json()["errors"][0]["message"], "Ce jeton a expiré. Reconnectez-vous.");
    let basic = with_header(&house, "authorization", "Basic YTph").await;
    assert_eq!(basic.refused(), (401, "JETON_ABSENT".to_owned()));
    assert_eq!(basic.header("www-authenticate"), "Bearer realm=\"ent\"");
    for uri in ["/page", "/graphql/ws"] {
        let request = Request::get(uri).header("authorization", "Bearer x").body(Body::empty()).unwrap();
        assert_eq!(house.send(request).await.refused(), (401, "JETON_ILLISIBLE".to_owned()), "{uri}");
    }
}

#[tokio::test]
async fn two_authorizations_are_none() {
    let house = house();
    let mut request = posted("application/json", &json!({"query": "{ bonjour }"}));
    for _ in 0..2 {
        request.headers_mut().append("authorization", house.bearer().parse().unwrap());
    }
    assert_eq!(house.send(request).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn every_answer_is_guarded_against_the_browsers_kindness() {
    let house = house();
    for uri in ["/page", "/sante", "/rien", "/schema.graphql", "/graphql"] {
        let answer = house.get(uri).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{uri}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{uri}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{uri}");
        assert_eq!(answer.header("cache-control"), "no-store", "{uri}");
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let few = NonZeroU32::MIN;
    let of_compte = Limits { cadence: Cadence { compte: few, ..Cadence::default() }, ..Limits::default() };
    let house = house_with(of_compte);
    let mut answers = Vec::new();
    for _ in 0..11 {
        answers.push(with_header(&house, "authorization", &house.bearer()).await);
    }
    let last = answers.pop().unwrap();
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    assert_eq!(last.header("retry-after"), "1");
    assert_eq!(last.refused(), (429, "CADENCE_DEPASSEE".to_owned()));
    assert_eq!(house.query("{ bonjour }").await.status, StatusCode::OK, "nobody pays for another");

    let mandataire = Some("x-forwarded-for".parse().unwrap());
    let of_address = Cadence { adresse: few, mandataire, ..Cadence::default() };
    let house = house_with(Limits { cadence: of_address, ..Limits::default() });
    for _ in 0..10 {
        assert_eq!(with_header(&house, "x-forwarded-for", "192.0.2.7").await.status, StatusCode::OK);
    }
    let answer = with_header(&house, "x-forwarded-for", "198.51.100.1, 192.0.2.7").await;
    assert_eq!(answer.refused(), (429, "CADENCE_DEPASSEE".to_owned()));
    assert_eq!(with_header(&house, "x-forwarded-for", "192.0.2.8").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_late_answer_is_given_up_in_graphqls_own_shape() {
    let house = house_with(Limits { request_time: Duration::from_millis(1), ..Limits::default() });
    assert_eq!(house.query("{ attente }").await.refused(), (504, "DELAI_DEPASSE".to_owned()));
}

#[tokio::test]
async fn a_full_house_says_so_at_once_and_still_answers_its_probes() {
    let house = house_with(Limits { requests: 1, ..Limits::default() });
    let first = house.query("{ attente }");
    let then = async {
        house.traces.waiting.notified().await;
        let second = house.query("{ bonjour }").await;
        assert_eq!(second.refused(), (503, "TROP_DE_DEMANDES".to_owned()));
        assert_eq!(second.header("retry-after"), "2");
        assert_eq!(house.get("/sante").await.status, StatusCode::OK);
    };
    tokio::select! {
        answer = first => panic!("{answer:?}"),
        () = then => {}
    }
    // Whoever waited has gone and left the place.
    assert_eq!(house.query("{ bonjour }").await.status, StatusCode::OK);
}

#[tokio::test]
async fn bodies_share_a_budget_of_bytes_that_is_spent_before_they_are_read() {
    let house = house_with(Limits { bodies_bytes: 100, ..Limits::default() });
    let long = |length: &str, body| {
        let mut request = posted("application/json", &json!({}));
        request.headers_mut().insert("content-length", length.parse().unwrap());
        *request.body_mut() = body;
        request
    };
    let slow = Body::from_stream(futures::stream::pending::<Result<Vec<u8>, io::Error>>());
    let mut first = Box::pin(house.send(long("90", slow)));
    assert!(futures::poll!(&mut first).is_pending());
    let small = || long("24", Body::from(r#"{"query": "{ bonjour }"}"#));
    assert_eq!(house.send(small()).await.refused(), (503, "TROP_DE_DEMANDES".to_owned()));
    assert_eq!(house.get("/sante").await.status, StatusCode::OK);
    drop(first);
    assert_eq!(house.send(small()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn readiness_names_what_is_waited_for() {
    let house = house();
    assert_eq!(house.get("/pret").await.json(), json!({"pret": true, "attend": [], "signale": []}));
    house.waiting.0.lock().unwrap().push("projection absences.appel".to_owned());
    // An answer is good for a moment, so that nobody makes the database work by asking.
    let mut answer = house.get("/pret").await;
    assert_eq!(answer.status, StatusCode::OK);
    while answer.status == StatusCode::OK {
        tokio::task::yield_now().await;
        answer = house.get("/pret").await;
    }
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json(), json!({"pret": false, "attend": ["projection absences.appel"], "signale": []}));
    assert_eq!(house.get("/sante").await.status, StatusCode::OK);
}

#[tokio::test]
async fn requests_are_counted_by_route_and_not_by_what_clients_make_up() {
    let house = house();
    let _recorded = metrics::set_default_local_recorder(&house.recorder);
    house.query("{ bonjour }").await;
    house.get("/graphql?query=%7Bbonjour%7D").await;
    house.get("/inconnu/1").await;
    house.get("/inconnu/2").await;
    house.send(Request::builder().method("FANTAISIE").uri("/graphql").body(Body::empty()).unwrap()).await;
    let text = house.get("/metrics").await.text;
    for line in [
        r#"http_requests_total{method="POST",route="/graphql",status="200"} 1"#,
        r#"http_requests_total{method="GET",route="/graphql",status="200"} 1"#,
        r#"http_requests_total{method="GET",route="(none)",status="404"} 2"#,
        r#"http_requests_total{method="(other)",route="/graphql",status="405"} 1"#,
        r#"http_request_duration_seconds_count{method="POST",route="/graphql",status="200"} 1"#,
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_has_the_cause_of_a_fault_and_nothing_that_was_asked() {
    let (house, log) = (house(), Log::default());
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let document = "query Dupont { panne }";
    house.get(&format!("/graphql?query={}", document.replace(' ', "%20"))).await;
    with_header(&house, "authorization", "Bearer dupont").await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("reading the secret table: connection refused"), "{text}");
    assert!(text.contains("JETON_ILLISIBLE"), "{text}");
    assert!(text.contains("00000000-0000-0000-0000-000000000007"), "{text}");
    assert!(!text.to_lowercase().contains("dupont"), "{text}");
}

#[tokio::test]
async fn the_console_loads_its_own_files_only() {
    let house = house();
    let root = house.get("/").await;
    assert_eq!((root.status, root.header("location")), (StatusCode::FOUND, "/console"));
    let page = house.get("/console").await;
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
    assert!(!page.text.contains("//"), "an address of another host");
    let files: Vec<&str> = page.text.split('"').filter(|text| text.starts_with("/console/")).collect();
    assert_eq!(files.len(), 7);
    for file in files {
        let answer = house.get(file).await;
        assert_eq!(answer.status, StatusCode::OK, "{file}");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(answer.header("content-encoding") == "gzip", file.contains(".min."), "{file}");
    }
    assert_eq!(house.get("/console/0/console.js").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_schema_can_be_read() {
    let answer = house().get("/schema.graphql").await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert!(answer.text.contains("type Lectures"));
}
