//! What only a real connection can do to the door: be slow, huge, silent, one too many.

use super::house::{house, house_with};
use super::wire::{Served, posted};
use api::http::{Connections, Limits};
use std::time::Duration;

const SOON: Duration = Duration::from_millis(200);
const PROBE: &str = "GET /sante HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn a_head_that_never_ends_is_hung_up_on() {
    let house = house();
    let served = Served::open(&house, Connections { head_time: SOON, ..Connections::default() }).await;
    let mut silent = served.dial().await;
    assert_eq!(silent.hear_to_the_end().await, "");
    let mut slow = served.dial().await;
    slow.say("GET /sante HTTP/1.1\r\nhost: localhost\r\nx-slow: ").await;
    assert_eq!(slow.hear_to_the_end().await, "");
}

#[tokio::test]
async fn a_head_that_is_too_long_or_has_too_many_lines_is_answered_431() {
    let house = house();
    let served = Served::open(&house, Connections::default()).await;
    for head in [format!("x-long: {}\r\n", "a".repeat(20_000)), "x: 1\r\n".repeat(65)] {
        let mut wire = served.dial().await;
        wire.try_say(&format!("GET /sante HTTP/1.1\r\nhost: localhost\r\n{head}\r\n")).await;
        let answer = wire.hear_to_the_end().await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
    let mut wire = served.dial().await;
    wire.say(&format!("GET /sante HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "a".repeat(8_000))).await;
    wire.hear_until("HTTP/1.1 200 OK").await;
}

#[tokio::test]
async fn a_body_that_never_ends_is_answered_408_and_hung_up_on() {
    let house = house_with(Limits { body_time: SOON, ..Limits::default() });
    let served = Served::open(&house, Connections::default()).await;
    let mut wire = served.dial().await;
    let whole = posted("/graphql", "{ bonjour }", "");
    let (most, _) = whole.split_at(whole.len() - 3);
    wire.say(most).await;
    let answer = wire.hear_to_the_end().await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("REQUETE_TROP_LENTE"), "{answer}");
}

#[tokio::test]
async fn who_reads_nothing_of_a_stream_is_let_go() {
    let house = house();
    let served = Served::open(&house, Connections { stalled: SOON, ..Connections::default() }).await;
    let mut deaf = served.dial().await;
    let accept = "accept: text/event-stream\r\n";
    // More than what the system keeps for a reader who doesn't read.
    deaf.say(&posted("/graphql/stream", "subscription { flot }", accept)).await;
    tokio::time::timeout(Duration::from_secs(20), house.traces.waiting.notified()).await.unwrap();
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_and_may_ask_the_probes() {
    let house = house();
    let bounds = Connections { most: 1, told: 1, ..Connections::default() };
    let served = Served::open(&house, bounds).await;
    let mut first = served.dial().await;
    first.say(PROBE).await;
    first.hear_until("vivant").await;

    let mut second = served.dial().await;
    second.say(&posted("/graphql", "{ bonjour }", "")).await;
    let answer = second.hear_to_the_end().await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("TROP_DE_DEMANDES"), "{answer}");
    assert!(answer.contains("retry-after: 2"), "{answer}");

    let mut probe = served.dial().await;
    probe.say(PROBE).await;
    assert!(probe.hear_to_the_end().await.starts_with("HTTP/1.1 200 OK"));

    let told = served.dial().await;
    let mut nobody = served.dial().await;
    nobody.try_say(PROBE).await;
    assert_eq!(nobody.hear_to_the_end().await, "");
    drop((first, told));
}

#[tokio::test]
async fn a_stop_answers_what_is_under_way_and_takes_nothing_new() {
    let house = house();
    let served = Served::open(&house, Connections::default()).await;
    let mut under_way = served.dial().await;
    under_way.say(&posted("/graphql", "{ patience }", "")).await;
    house.traces.waiting.notified().await;
    house.closing.cancel();
    house.traces.go_on.notify_one();
    let answer = under_way.hear_to_the_end().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("patience"), "{answer}");
    let address = served.address;
    assert_eq!(served.ended().await, 0);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn what_has_not_finished_when_the_drain_ends_is_cut_and_counted() {
    let house = house();
    let served = Served::open(&house, Connections { drain: SOON, ..Connections::default() }).await;
    let mut endless = served.dial().await;
    endless.say(&posted("/graphql", "{ attente }", "")).await;
    house.traces.waiting.notified().await;
    house.closing.cancel();
    assert_eq!(endless.hear_to_the_end().await, "");
    assert_eq!(served.ended().await, 1);
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_a_stop() {
    let house = house();
    let served = Served::open(&house, Connections::default()).await;
    let mut idle = served.dial().await;
    idle.say(PROBE).await;
    idle.hear_until("vivant").await;
    house.closing.cancel();
    assert_eq!(idle.hear_to_the_end().await, "");
    assert_eq!(served.ended().await, 0);
}

#[tokio::test]
async fn a_host_that_is_not_ours_is_given_nothing() {
    let house = house();
    let served = Served::open(&house, Connections::default()).await;
    let foreign = posted("/graphql", "{ bonjour }", "").replace("host: localhost", "host: attaque.example");
    let mut wire = served.dial().await;
    wire.say(&foreign).await;
    wire.hear_until("HTTP/1.1 404 Not Found").await;
    let mut ours = served.dial().await;
    ours.say(&posted("/graphql", "{ bonjour }", "")).await;
    ours.hear_until("HTTP/1.1 200 OK").await;
}
