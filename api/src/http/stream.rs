//! GraphQL over Server-Sent Events, protocol `graphql-sse`, distinct connections mode: one
//! POST is one operation, whose results are the events of its answer.
//!
//! For who cannot open a WebSocket: proxies of schools let an HTTP answer through that never
//! ends where they cut sockets. It counts among the sockets, and ends with its session.

use super::{
    Door, admission, answer,
    exchange::{Exchange, Trace},
    faults::Presented,
    graphql::{self, document_error},
    operation,
    server::Place,
    session,
};
use crate::identity::Identite;
use async_graphql::{Executor, Response as Executed};
use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use serde_json::{Value, json};
use std::{convert::Infallible, sync::Arc};

const MEDIA: &str = "text/event-stream";

/// Runs one operation and streams what it gives.
pub(super) async fn open<E: Executor>(
    State(door): State<Arc<Door<E>>>,
    Extension(exchange): Extension<Exchange>,
    Extension(identite): Extension<Identite>,
    place: Option<Extension<Place>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !accepts_events(&headers) {
        return not_acceptable(&exchange);
    }
    let params = match graphql::read_params(&door, &headers, body, &exchange).await {
        Ok(params) => params,
        Err(refusal) => return refusal,
    };
    let Ok(seat) = door.sockets.clone().try_acquire_owned() else { return admission::full(&exchange) };
    let events = match params.prepare(&door.documents, identite, &exchange.trace) {
        // An operation that was not understood is told so by its stream (graphql-sse).
        Err(refusal) => once(json!({"errors": [document_error(&exchange, &refusal)]})),
        Ok(prepared) => {
            let results = operation::results(&door, prepared);
            presented(while_signed_in(&door, identite, results), exchange.trace)
        }
    };
    metrics::gauge!("graphql_streams_open").increment(1);
    let open = Open { _seat: seat, _place: place };
    let complete = stream::once(std::future::ready(Event::default().event("complete").data("")));
    let events = events.chain(complete).map(move |event| {
        let _held = &open;
        Ok::<_, Infallible>(event)
    });
    let keepalive = KeepAlive::new().interval(door.limits.keepalive);
    Sse::new(events).keep_alive(keepalive).into_response()
}

/// What a stream holds for as long as it is open.
struct Open {
    _seat: tokio::sync::OwnedSemaphorePermit,
    _place: Option<Extension<Place>>,
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!("graphql_streams_open").decrement(1);
    }
}

/// The results until the session ends, or the program does.
fn while_signed_in<E: Executor>(
    door: &Arc<Door<E>>,
    identite: Identite,
    results: BoxStream<'static, Executed>,
) -> impl Stream<Item = Executed> + use<E> {
    let (clock, beat) = (door.clock.clone(), door.limits.keepalive);
    let closing = door.closing.clone();
    let still_signed_in = session::ended(door.sign_in.clone(), clock.clone(), identite, beat);
    let end = async move {
        tokio::select! {
            () = closing.cancelled() => {}
            () = still_signed_in => {}
        }
    };
    results.take_until(end).take_while(move |_| std::future::ready(session::holds(&clock, identite)))
}

fn presented(
    results: impl Stream<Item = Executed> + Send + 'static,
    trace: Trace,
) -> BoxStream<'static, Event> {
    results.map(move |result| next(&json!(Presented::of(result, &trace)))).boxed()
}

fn once(payload: Value) -> BoxStream<'static, Event> {
    stream::once(std::future::ready(next(&payload))).boxed()
}

fn next(payload: &Value) -> Event {
    Event::default().event("next").data(payload.to_string())
}

fn accepts_events(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|media| matches!(media.trim(), MEDIA | "text/*" | "*/*"))
}

fn not_acceptable(exchange: &Exchange) -> Response {
    let message = "Cette adresse répond en text/event-stream (protocole graphql-sse).";
    answer::refusal(exchange, StatusCode::NOT_ACCEPTABLE, "FORMAT_NON_ACCEPTE", message)
}
