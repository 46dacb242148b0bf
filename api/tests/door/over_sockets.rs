//! GraphQL over WebSocket: protocol `graphql-transport-ws`.

use super::house::{COMPTE, House, house, house_with};
use api::http::Limits;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{sync::atomic::Ordering, time::Duration};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

async fn dial(house: &House, protocol: &str, bearer: Option<&str>) -> Result<Socket, u16> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = house.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let mut request = format!("ws://{address}/graphql/ws").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
    if let Some(bearer) = bearer {
        request.headers_mut().insert("authorization", bearer.parse().unwrap());
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(Socket(socket)),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

async fn open(house: &House) -> Socket {
    dial(house, "graphql-transport-ws", None).await.unwrap_or_else(|status| panic!("{status}"))
}

async fn signed_in(house: &House) -> Socket {
    let mut socket = open(house).await;
    socket.say(json!({"type": "connection_init", "payload": {"authorization": house.bearer()}})).await;
    assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
    socket
}

impl Socket {
    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, document: &str) {
        self.say(json!({"type": "subscribe", "id": id, "payload": {"query": document}})).await;
    }

    async fn hear(&mut self) -> Value {
        loop {
            match self.0.next().await.unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The code with which the other side hangs up.
    async fn close_code(mut self) -> u16 {
        loop {
            match self.0.next().await.unwrap().unwrap() {
                Message::Close(Some(frame)) => return frame.code.into(),
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_subscription_tells_each_event_then_completes() {
    let mut socket = signed_in(&house()).await;
    socket.subscribe("a", "subscription { compte(jusquA: 2) }").await;
    let next = |n: i32| json!({"type": "next", "id": "a", "payload": {"data": {"compte": n}}});
    assert_eq!(socket.hear().await, next(1));
    assert_eq!(socket.hear().await, next(2));
    assert_eq!(socket.hear().await, json!({"type": "complete", "id": "a"}));
}

#[tokio::test]
async fn queries_and_mutations_pass_too_with_the_identity_of_the_init() {
    let mut socket = signed_in(&house()).await;
    socket.subscribe("q", "{ qui }").await;
    assert_eq!(socket.hear().await["payload"]["data"]["qui"], json!(COMPTE.to_string()));
    assert_eq!(socket.hear().await["type"], "complete");
    socket.subscribe("q", "mutation { ecrire }").await;
    assert_eq!(socket.hear().await["payload"]["data"]["ecrire"], 1);
}

#[tokio::test]
async fn without_a_token_the_socket_is_nobodys_and_a_header_will_do() {
    let house = house();
    let bearer = house.bearer();
    for (header, compte) in [(None, Value::Null), (Some(bearer.as_str()), json!(COMPTE.to_string()))] {
        let mut socket = dial(&house, "graphql-transport-ws", header).await.unwrap_or_else(|s| panic!("{s}"));
        socket.say(json!({"type": "connection_init"})).await;
        socket.hear().await;
        socket.subscribe("q", "{ qui }").await;
        assert_eq!(socket.hear().await["payload"]["data"]["qui"], compte);
    }
}

#[tokio::test]
async fn the_guard_and_the_mask_hold_here_too() {
    let mut socket = signed_in(&house()).await;
    socket.subscribe("a", &"{ a ".repeat(50)).await;
    let error = socket.hear().await;
    assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("a")));
    assert_eq!(error["payload"][0]["extensions"]["code"], "DOCUMENT_TROP_IMBRIQUE");
    socket.subscribe("a", "{ inconnu }").await;
    assert_eq!(socket.hear().await["payload"][0]["extensions"]["code"], "REQUETE_INVALIDE");
    socket.subscribe("a", "{ panne }").await;
    let masked = socket.hear().await;
    assert_eq!(masked["payload"]["errors"][0]["extensions"]["code"], "ERREUR_INTERNE");
    assert!(!masked.to_string().contains("secret"));
}

#[tokio::test]
async fn a_completed_operation_stops_and_its_id_is_free_again() {
    let house = house();
    let mut socket = signed_in(&house).await;
    socket.subscribe("a", "subscription { sansFin }").await;
    assert_eq!(socket.hear().await["payload"]["data"]["sansFin"], 0);
    socket.say(json!({"type": "complete", "id": "a"})).await;
    house.traces.waiting.notified().await;
    assert_eq!(house.traces.dropped.load(Ordering::SeqCst), 1);
    socket.subscribe("a", "{ bonjour }").await;
    assert_eq!(socket.hear().await["payload"]["data"]["bonjour"], "Bonjour");
    assert_eq!(socket.hear().await, json!({"type": "complete", "id": "a"}));
}

#[tokio::test]
async fn an_abandoned_socket_drops_its_subscriptions() {
    let house = house();
    let mut socket = signed_in(&house).await;
    socket.subscribe("a", "subscription { sansFin }").await;
    socket.hear().await;
    drop(socket);
    house.traces.waiting.notified().await;
    assert_eq!(house.traces.dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_ping_is_answered_at_any_time() {
    let mut socket = open(&house()).await;
    socket.say(json!({"type": "ping", "payload": {"x": 1}})).await;
    assert_eq!(socket.hear().await, json!({"type": "pong"}));
}

#[tokio::test]
async fn what_breaks_the_protocol_is_hung_up_on_with_its_code() {
    let house = house();
    for wrong in [json!("bonjour"), json!({"type": "start", "id": "a"}), json!({"type": "subscribe"})] {
        let mut socket = open(&house).await;
        socket.say(wrong).await;
        assert_eq!(socket.close_code().await, 4400);
    }
    let mut socket = signed_in(&house).await;
    socket.say(json!({"type": "subscribe", "id": "a", "payload": {"query": 1}})).await;
    assert_eq!(socket.close_code().await, 4400);

    let mut socket = open(&house).await;
    socket.0.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(socket.close_code().await, 4400);

    let mut socket = open(&house).await;
    socket.subscribe("a", "{ bonjour }").await;
    assert_eq!(socket.close_code().await, 4401);

    let mut socket = signed_in(&house).await;
    socket.say(json!({"type": "connection_init"})).await;
    assert_eq!(socket.close_code().await, 4429);

    let mut socket = signed_in(&house).await;
    socket.subscribe("a", "subscription { sansFin }").await;
    socket.hear().await;
    socket.subscribe("a", "{ bonjour }").await;
    assert_eq!(socket.close_code().await, 4409);
}

#[tokio::test]
async fn a_bad_token_opens_nothing() {
    let house = house();
    for authorization in [json!("Bearer x"), json!("x"), json!(1), Value::Null] {
        let mut socket = open(&house).await;
        socket.say(json!({"type": "connection_init", "payload": {"authorization": authorization}})).await;
        assert_eq!(socket.close_code().await, 4403);
    }
}

#[tokio::test]
async fn the_session_ends_with_its_token() {
    let house = house();
    let mut socket = signed_in(&house).await;
    socket.subscribe("a", "subscription { sansFin }").await;
    socket.hear().await;
    house.hand.fetch_add(600, Ordering::SeqCst);
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.close_code().await, 4403);
}

#[tokio::test]
async fn a_socket_that_gives_no_sign_of_life_is_closed() {
    let house = house_with(Limits { keepalive: Duration::from_millis(300), ..Limits::default() });
    assert_eq!(open(&house).await.close_code().await, 4408);

    // Who doesn't read doesn't answer pings: the subscription ends with the socket.
    let mut socket = signed_in(&house).await;
    socket.subscribe("a", "subscription { sansFin }").await;
    socket.hear().await;
    house.traces.waiting.notified().await;
    assert_eq!(house.traces.dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_socket_runs_so_many_operations_and_no_more() {
    let house = house_with(Limits { operations_per_socket: 1, ..Limits::default() });
    let mut socket = signed_in(&house).await;
    socket.subscribe("a", "subscription { sansFin }").await;
    socket.hear().await;
    socket.subscribe("b", "{ bonjour }").await;
    assert_eq!(socket.hear().await["payload"][0]["extensions"]["code"], "TROP_D_OPERATIONS");
}

#[tokio::test]
async fn a_good_bye_is_answered_in_kind() {
    let mut socket = signed_in(&house()).await;
    let bye = CloseFrame { code: CloseCode::Normal, reason: "".into() };
    socket.0.send(Message::Close(Some(bye))).await.unwrap();
    assert_eq!(socket.close_code().await, 1000);
}

#[tokio::test]
async fn a_stop_closes_sockets_with_its_code() {
    let house = house();
    let mut socket = signed_in(&house).await;
    socket.subscribe("a", "subscription { sansFin }").await;
    socket.hear().await;
    house.closing.cancel();
    assert_eq!(socket.close_code().await, 1001);
}

#[tokio::test]
async fn other_protocols_and_too_many_sockets_are_turned_away() {
    let house = house_with(Limits { sockets: 1, ..Limits::default() });
    assert_eq!(dial(&house, "graphql-ws", None).await.err(), Some(400));
    assert_eq!(house.get("/graphql/ws").await.refused(), (400, "PROTOCOLE_ATTENDU".to_owned()));
    let _first = open(&house).await;
    assert_eq!(dial(&house, "graphql-transport-ws", None).await.err(), Some(503));
}

#[tokio::test]
async fn queries_over_sockets_count_among_the_requests_and_subscriptions_do_not() {
    let house = house_with(Limits { requests: 1, ..Limits::default() });
    let mut first = signed_in(&house).await;
    first.subscribe("s", "subscription { sansFin }").await;
    assert_eq!(first.hear().await["type"], "next");
    let mut second = signed_in(&house).await;
    first.subscribe("a", "{ patience }").await;
    house.traces.waiting.notified().await;
    second.subscribe("b", "{ bonjour }").await;
    let refused = second.hear().await;
    assert_eq!(refused["payload"][0]["extensions"]["code"], "TROP_DE_DEMANDES", "{refused}");
    house.traces.go_on.notify_one();
    assert_eq!(first.hear().await["payload"]["data"]["patience"], 1);
    assert_eq!(first.hear().await["type"], "complete");
    second.subscribe("c", "{ bonjour }").await;
    assert_eq!(second.hear().await["payload"]["data"]["bonjour"], "Bonjour");
}

#[tokio::test]
async fn a_late_answer_over_a_socket_is_given_up() {
    let house = house_with(Limits { request_time: Duration::from_millis(1), ..Limits::default() });
    let mut socket = signed_in(&house).await;
    socket.subscribe("a", "{ attente }").await;
    let refused = socket.hear().await;
    assert_eq!(refused["type"], "error");
    assert_eq!(refused["payload"][0]["extensions"]["code"], "DELAI_DEPASSE");
}
