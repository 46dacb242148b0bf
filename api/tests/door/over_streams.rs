//! GraphQL over Server-Sent Events: protocol `graphql-sse`, distinct connections.

use super::house::{COMPTE, House, house, house_with};
use super::wire::{Served, Wire, posted};
use api::http::{Connections, Limits};
use std::{sync::atomic::Ordering, time::Duration};

const ACCEPT: &str = "accept: text/event-stream\r\n";

async fn streamed(served: &Served, document: &str, more: &str) -> Wire {
    let mut wire = served.dial().await;
    wire.say(&posted("/graphql/stream", document, &format!("{ACCEPT}{more}"))).await;
    wire
}

async fn heard(house: &House, document: &str) -> String {
    let served = Served::open(house, Connections::default()).await;
    let more = format!("authorization: {}\r\n", house.bearer());
    streamed(&served, document, &more).await.hear_until("event: complete").await
}

#[tokio::test]
async fn each_result_is_an_event_and_the_last_one_says_so() {
    let house = house();
    let counted = heard(&house, "subscription { compte(jusquA: 2) }").await;
    assert!(counted.contains("content-type: text/event-stream"), "{counted}");
    let first = counted.find(r#"data: {"data":{"compte":1}}"#).unwrap();
    assert!(counted.find(r#"data: {"data":{"compte":2}}"#).unwrap() > first, "{counted}");
    assert_eq!(counted.matches("event: next").count(), 2, "{counted}");
    let asked = heard(&house, "{ qui }").await;
    assert!(asked.contains(&COMPTE.to_string()), "{asked}");
}

#[tokio::test]
async fn the_guard_and_the_mask_hold_here_too() {
    let house = house();
    assert!(heard(&house, &"{ a ".repeat(50)).await.contains("DOCUMENT_TROP_IMBRIQUE"));
    assert!(heard(&house, "{ inconnu }").await.contains("REQUETE_INVALIDE"));
    let masked = heard(&house, "{ panne }").await;
    assert!(masked.contains("ERREUR_INTERNE") && !masked.contains("secret"), "{masked}");
}

#[tokio::test]
async fn only_a_post_of_json_that_accepts_events_opens_a_stream() {
    let house = house();
    let served = Served::open(&house, Connections::default()).await;
    for (request, status) in [
        (
            posted("/graphql/stream", "{ bonjour }", "accept: application/json\r\nconnection: close\r\n"),
            "406",
        ),
        ("GET /graphql/stream HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".to_owned(), "405"),
        (
            format!(
                "POST /graphql/stream HTTP/1.1\r\nhost: localhost\r\n{ACCEPT}connection: close\r\ncontent-length: 0\r\n\r\n"
            ),
            "415",
        ),
    ] {
        let mut wire = served.dial().await;
        wire.say(&request).await;
        let answer = wire.hear_to_the_end().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}

#[tokio::test]
async fn the_stream_ends_with_the_session_and_shows_a_sign_of_life_till_then() {
    let house = house_with(Limits { keepalive: Duration::from_millis(100), ..Limits::default() });
    let served = Served::open(&house, Connections::default()).await;
    let more = format!("authorization: {}\r\n", house.bearer());
    let mut wire = streamed(&served, "subscription { sansFin }", &more).await;
    wire.hear_until("\n:\n").await;
    house.hand.fetch_add(600, Ordering::SeqCst);
    wire.hear_until("event: complete").await;
}

#[tokio::test]
async fn a_stream_counts_among_the_sockets_and_leaves_its_place_when_it_is_abandoned() {
    let house = house_with(Limits { sockets: 1, ..Limits::default() });
    let served = Served::open(&house, Connections::default()).await;
    let mut first = streamed(&served, "subscription { sansFin }", "").await;
    first.hear_until("event: next").await;
    let mut second = streamed(&served, "{ bonjour }", "").await;
    second.hear_until("TROP_DE_DEMANDES").await;
    drop(first);
    house.traces.waiting.notified().await;
    assert_eq!(house.traces.dropped.load(Ordering::SeqCst), 1);
    let mut third = streamed(&served, "{ bonjour }", "").await;
    third.hear_until("Bonjour").await;
}

#[tokio::test]
async fn a_stop_completes_the_stream() {
    let house = house();
    let served = Served::open(&house, Connections::default()).await;
    let mut wire = streamed(&served, "subscription { sansFin }", "").await;
    wire.hear_until("event: next").await;
    house.closing.cancel();
    wire.hear_until("event: complete").await;
    assert_eq!(served.ended().await, 0);
}
