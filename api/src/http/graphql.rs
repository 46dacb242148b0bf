//! GraphQL over HTTP (draft of the GraphQL foundation): POST, and GET for queries.
//!
//! A browser sends a cross-site POST without asking only for the content types of a
//! form; none of them is taken, and there is no cookie that it could ride on.

use super::{
    Door,
    answer::{self, Media},
    exchange::Exchange,
    faults::{self, Presented},
    freshness,
    guard::DocumentRefusal,
    params::{Malformed, Params},
};
use crate::identity::Identite;
use async_graphql::Executor;
use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use serde_json::json;
use std::sync::Arc;

pub(super) async fn post<E: Executor>(
    State(door): State<Arc<Door<E>>>,
    Extension(exchange): Extension<Exchange>,
    Extension(identite): Extension<Identite>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(media) = exchange.media else { return not_acceptable(&exchange) };
    match read_params(&door, &headers, body, &exchange).await {
        Ok(params) => run(&door, params, Verb::Post, media, identite, &exchange).await,
        Err(refusal) => refusal,
    }
}

/// The parameters in the body of a POST, or the answer that says why they cannot be had. The
/// bytes are given back to the budget: what is left of them is bounded by the guard.
pub(super) async fn read_params<E>(
    door: &Door<E>,
    headers: &HeaderMap,
    body: Body,
    exchange: &Exchange,
) -> Result<Params, Response> {
    if !is_json(headers) {
        return Err(unsupported(exchange));
    }
    let held = door.budget.read(headers, body, &door.limits, exchange).await?;
    Params::from_json(&held.bytes).map_err(|malformed| refuse_malformed(exchange, &malformed))
}

pub(super) async fn get<E: Executor>(
    State(door): State<Arc<Door<E>>>,
    Extension(exchange): Extension<Exchange>,
    Extension(identite): Extension<Identite>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let Some(media) = exchange.media else { return not_acceptable(&exchange) };
    let params = match Params::from_address(&uri) {
        Ok(params) => params,
        Err(malformed) => return refuse_malformed(&exchange, &malformed),
    };
    let verb = Verb::Get { may_be_kept: params.names_a_document() };
    let answer = run(&door, params, verb, media, identite, &exchange).await;
    match answer.extensions().get::<Kept>() {
        Some(Kept) => freshness::tagged(&headers, answer).await,
        None => answer,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Get { may_be_kept: bool },
    Post,
}

/// Marks an answer without errors that its client may keep.
#[derive(Clone)]
struct Kept;

async fn run<E: Executor>(
    door: &Door<E>,
    params: Params,
    verb: Verb,
    media: Media,
    identite: Identite,
    exchange: &Exchange,
) -> Response {
    let prepared = match params.prepare(&door.documents, identite, &exchange.trace) {
        Ok(prepared) => prepared,
        Err(refusal) => return refuse_document(exchange, media, &refusal),
    };
    if verb != Verb::Post && !prepared.only_reads {
        return only_by_post(exchange);
    }
    let response = door.schema.execute(prepared.request).await;
    let mut response = if prepared.only_reads { faults::refuse_wrong_values(response) } else { response };
    let headers = std::mem::take(&mut response.http_headers);
    let presented = Presented::of(response, &exchange.trace);
    let status =
        if presented.is_request_error() { media.status_of_refused_document() } else { StatusCode::OK };
    let mut answer = media.answer(status, &presented);
    answer.headers_mut().extend(headers);
    if verb == (Verb::Get { may_be_kept: true }) && presented.errors.is_empty() {
        answer.extensions_mut().insert(Kept);
    }
    answer
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str) else { return false };
    let mut parts = value.split(';').map(str::trim);
    let json = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    let mut charsets = parts
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
    json && charsets.all(|(_, charset)| answer::is_utf8(charset))
}

fn not_acceptable(exchange: &Exchange) -> Response {
    let message = "Les réponses sont en application/graphql-response+json ou application/json, en UTF-8.";
    answer::refusal(exchange, StatusCode::NOT_ACCEPTABLE, "FORMAT_NON_ACCEPTE", message)
}

fn unsupported(exchange: &Exchange) -> Response {
    let message = "Envoyez la requête en application/json, en UTF-8.";
    answer::refusal(exchange, StatusCode::UNSUPPORTED_MEDIA_TYPE, "TYPE_DE_CONTENU_REFUSE", message)
}

fn refuse_malformed(exchange: &Exchange, malformed: &Malformed) -> Response {
    answer::refusal(exchange, StatusCode::BAD_REQUEST, "REQUETE_MALFORMEE", &malformed.to_string())
}

fn only_by_post(exchange: &Exchange) -> Response {
    let message = "Seule une lecture peut être demandée par GET. Utilisez POST.";
    let mut response =
        answer::refusal(exchange, StatusCode::METHOD_NOT_ALLOWED, "METHODE_NON_PERMISE", message);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}

fn refuse_document(exchange: &Exchange, media: Media, refusal: &DocumentRefusal) -> Response {
    let body = json!({"errors": [document_error(exchange, refusal)]});
    media.answer(media.status_of_refused_document(), &body)
}

/// The refusal as a GraphQL error, with its place where there is one.
pub(super) fn document_error(exchange: &Exchange, refusal: &DocumentRefusal) -> serde_json::Value {
    let mut error = answer::error(exchange, refusal.code(), &refusal.to_string());
    if let (DocumentRefusal::Illisible(cause), Some(error)) = (refusal, error.as_object_mut()) {
        error.insert("locations".to_owned(), json!(cause.locations));
    }
    error
}
