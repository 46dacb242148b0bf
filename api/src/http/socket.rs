//! GraphQL over WebSocket, protocol `graphql-transport-ws`: queries, mutations and
//! subscriptions, behind the same guard as over HTTP.
//!
//! The close codes are the protocol's. A session ends with its token: an open socket
//! must not outlive the right to open it.

use super::{
    Door, admission, answer, bearer, cadence, exchange::Exchange, faults::Presented, graphql::document_error,
    operation, params::Params, server::Place, session,
};
use crate::identity::Identite;
use async_graphql::{Executor, Response as Executed};
use axum::{
    Extension,
    extract::{
        State,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::StatusCode,
    response::Response,
};
use futures::{
    FutureExt, SinkExt, StreamExt,
    future::BoxFuture,
    stream::{self, AbortHandle, BoxStream, SelectAll},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{collections::HashMap, sync::Arc};
use tokio::time::{Instant, interval_at, timeout};
use tracing::Instrument;

const PROTOCOL: &str = "graphql-transport-ws";
/// What a silent socket keeps ready for what it may hear; the default is 128 KiB each.
const READ_BUFFER: usize = 4 * 1024;

/// Opens a socket, for who speaks the protocol.
pub(super) async fn open<E: Executor>(
    State(door): State<Arc<Door<E>>>,
    Extension(exchange): Extension<Exchange>,
    Extension(identite): Extension<Identite>,
    connection: Option<Extension<Place>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = upgrade.map(|upgrade| upgrade.protocols([PROTOCOL]));
    let Some(upgrade) = upgrade.ok().filter(|upgrade| upgrade.selected_protocol().is_some()) else {
        let message = "Cette adresse attend un WebSocket du protocole graphql-transport-ws.";
        return answer::refusal(&exchange, StatusCode::BAD_REQUEST, "PROTOCOLE_ATTENDU", message);
    };
    let Ok(place) = door.sockets.clone().try_acquire_owned() else { return admission::full(&exchange) };
    let bytes = door.limits.message_bytes;
    let span = tracing::Span::current();
    let upgrade = upgrade.max_message_size(bytes).max_frame_size(bytes).read_buffer_size(READ_BUFFER);
    upgrade.on_upgrade(move |socket| {
        let conversation = Conversation::new(door, exchange, identite);
        async move {
            metrics::gauge!("graphql_sockets_open").increment(1);
            conversation.hold(socket).await;
            metrics::gauge!("graphql_sockets_open").decrement(1);
            drop((place, connection));
        }
        .instrument(span)
    })
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    ConnectionInit { payload: Option<Value> },
    Ping {},
    Pong {},
    Subscribe { id: String, payload: Map<String, Value> },
    Complete { id: String },
}

/// Why we hang up, in the protocol's codes.
struct Close(u16, &'static str);

const GONE: Close = Close(1001, "Going away");
const INVALID: Close = Close(4400, "Invalid message");
const UNAUTHORIZED: Close = Close(4401, "Unauthorized");
const FORBIDDEN: Close = Close(4403, "Forbidden");
const INIT_TIMEOUT: Close = Close(4408, "Connection initialisation timeout");
const DUPLICATE: Close = Close(4409, "Subscriber already exists");
const SECOND_INIT: Close = Close(4429, "Too many initialisation requests");

/// An operation's next result, or its end. The serial number tells it from an earlier
/// operation of the same id.
type News = (String, u64, Option<Executed>);

struct Conversation<E> {
    door: Arc<Door<E>>,
    exchange: Exchange,
    /// From the handshake's header, until `connection_init` brings a better one.
    identite: Identite,
    /// It has another identity since the session was last waited for.
    renamed: bool,
    initialised: bool,
    heard: bool,
    running: HashMap<String, (u64, AbortHandle)>,
    news: SelectAll<BoxStream<'static, News>>,
    serial: u64,
}

impl<E: Executor> Conversation<E> {
    fn new(door: Arc<Door<E>>, exchange: Exchange, identite: Identite) -> Self {
        let (running, news) = (HashMap::new(), SelectAll::new());
        let (renamed, initialised, heard) = (false, false, true);
        Self { door, exchange, identite, renamed, initialised, heard, running, news, serial: 0 }
    }

    /// Listens and answers until one of the two hangs up. A client that doesn't read its
    /// answers within the keepalive is gone.
    async fn hold(mut self, socket: WebSocket) {
        let keepalive = self.door.limits.keepalive;
        let closing = self.door.closing.clone();
        let (mut sink, mut frames) = socket.split();
        let mut beat = interval_at(Instant::now() + keepalive, keepalive);
        let mut signed_in = self.signed_in();
        let last_words = loop {
            let answer = tokio::select! {
                frame = frames.next() => match frame {
                    // Its good-bye is answered in kind (RFC 6455 §5.5.1): the answer waits to be sent.
                    Some(Ok(Message::Close(_))) => return drop(timeout(keepalive, sink.flush()).await),
                    Some(Err(_)) | None => return,
                    Some(Ok(frame)) => self.hear(frame).await,
                },
                Some(news) = self.news.next(), if !self.news.is_empty() => self.tell(news),
                _ = beat.tick() => self.beat(),
                () = closing.cancelled() => Err(GONE),
                () = &mut signed_in => Err(FORBIDDEN),
            };
            if std::mem::take(&mut self.renamed) {
                signed_in = self.signed_in();
            }
            match answer.and_then(|answer| self.still_signed_in().map(|()| answer)) {
                Ok(None) => {}
                Ok(Some(message)) => match timeout(keepalive, sink.send(message)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) | Err(_) => return,
                },
                Err(close) => break close,
            }
        };
        let Close(code, reason) = last_words;
        let frame = CloseFrame { code, reason: reason.into() };
        // It may be gone already: there is nobody left to tell.
        let _ = timeout(keepalive, sink.send(Message::Close(Some(frame)))).await;
    }

    async fn hear(&mut self, frame: Message) -> Result<Option<Message>, Close> {
        self.heard = true;
        let text = match frame {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(INVALID),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(None),
        };
        match serde_json::from_str(&text).map_err(|_| INVALID)? {
            Said::ConnectionInit { payload } => self.initialise(payload).await.map(Some),
            Said::Ping {} => Ok(Some(message(&json!({"type": "pong"})))),
            Said::Pong {} => Ok(None),
            Said::Subscribe { id, payload } => self.subscribe(id, payload),
            Said::Complete { id } => {
                if let Some((_, handle)) = self.running.remove(&id) {
                    handle.abort();
                }
                Ok(None)
            }
        }
    }

    async fn initialise(&mut self, payload: Option<Value>) -> Result<Message, Close> {
        if std::mem::replace(&mut self.initialised, true) {
            return Err(SECOND_INIT);
        }
        let authorization = payload.as_ref().and_then(|payload| payload.get("authorization"));
        if let Some(authorization) = authorization {
            let text = authorization.as_str().ok_or(FORBIDDEN)?;
            self.identite = bearer::verify(&self.door.verifier, text).await.map_err(|error| {
                tracing::info!(code = error.code(), "a token was refused");
                FORBIDDEN
            })?;
            self.renamed = true;
        }
        Ok(message(&json!({"type": "connection_ack"})))
    }

    fn subscribe(&mut self, id: String, payload: Map<String, Value>) -> Result<Option<Message>, Close> {
        if !self.initialised {
            return Err(UNAUTHORIZED);
        }
        if self.running.contains_key(&id) {
            return Err(DUPLICATE);
        }
        if self.running.len() >= self.door.limits.operations_per_socket {
            let text = "Trop d'opérations sont ouvertes sur cette connexion. Fermez-en une.";
            let error = answer::error(&self.exchange, "TROP_D_OPERATIONS", text);
            return Ok(Some(failure(&id, &json!([error]))));
        }
        if self.door.cadences.of_compte(self.identite).is_err() {
            let (code, text) = cadence::TROP;
            let error = answer::error(&self.exchange, code, text);
            return Ok(Some(failure(&id, &json!([error]))));
        }
        let params = Params::from_map(payload).map_err(|_| INVALID)?;
        match params.prepare(&self.door.documents, self.identite, &self.exchange.trace) {
            Err(refusal) => Ok(Some(failure(&id, &json!([document_error(&self.exchange, &refusal)])))),
            Ok(prepared) => {
                self.start(id, operation::results(&self.door, prepared));
                Ok(None)
            }
        }
    }

    fn start(&mut self, id: String, results: BoxStream<'static, Executed>) {
        self.serial += 1;
        let serial = self.serial;
        let (results, handle) = stream::abortable(results);
        self.running.insert(id.clone(), (serial, handle));
        let end = stream::once(std::future::ready(None));
        self.news.push(results.map(Some).chain(end).map(move |news| (id.clone(), serial, news)).boxed());
    }

    /// News of an operation that was completed meanwhile is news no more.
    fn tell(&mut self, (id, serial, result): News) -> Result<Option<Message>, Close> {
        if self.running.get(&id).is_none_or(|(running, _)| *running != serial) {
            return Ok(None);
        }
        let Some(result) = result else {
            self.running.remove(&id);
            return Ok(Some(message(&json!({"type": "complete", "id": id}))));
        };
        let presented = Presented::of(result, &self.exchange.trace);
        if presented.is_request_error() {
            if let Some((_, handle)) = self.running.remove(&id) {
                handle.abort();
            }
            return Ok(Some(failure(&id, &json!(presented.errors))));
        }
        Ok(Some(message(&json!({"type": "next", "id": id, "payload": presented}))))
    }

    fn beat(&mut self) -> Result<Option<Message>, Close> {
        if !self.initialised {
            return Err(INIT_TIMEOUT);
        }
        if !std::mem::replace(&mut self.heard, false) {
            return Err(GONE);
        }
        Ok(Some(Message::Ping(Default::default())))
    }

    /// Resolves when the session ends.
    fn signed_in(&self) -> BoxFuture<'static, ()> {
        let (sign_in, clock) = (self.door.sign_in.clone(), self.door.clock.clone());
        session::ended(sign_in, clock, self.identite, self.door.limits.keepalive).boxed()
    }

    fn still_signed_in(&self) -> Result<(), Close> {
        if session::holds(&self.door.clock, self.identite) { Ok(()) } else { Err(FORBIDDEN) }
    }
}

fn message(content: &Value) -> Message {
    Message::Text(content.to_string().into())
}

fn failure(id: &str, errors: &Value) -> Message {
    message(&json!({"type": "error", "id": id, "payload": errors}))
}
