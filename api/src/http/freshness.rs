//! An answer that its client may keep, to ask next time whether it still holds.
//!
//! Only the answer to a trusted document asked by GET: its address says all that it depends
//! on but who asks. `private` keeps it out of shared caches, `no-cache` has every use asked
//! about again (RFC 9111 §5.2.2), and `Vary` keeps one compte's answer from another's.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};

/// The answer with its tag, or the news that there is none (RFC 9110 §13.1.2).
pub(super) async fn tagged(asked: &HeaderMap, answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let Ok(bytes) = body.collect().await.map(|body| body.to_bytes()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&bytes)));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    parts.headers.insert(header::VARY, HeaderValue::from_static("authorization, accept"));
    let known = knows(asked, &tag);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, tag);
    }
    if known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn knows(asked: &HeaderMap, tag: &str) -> bool {
    let tags = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|value| value.split(',')).any(|known| known.trim().trim_start_matches("W/") == tag)
}
