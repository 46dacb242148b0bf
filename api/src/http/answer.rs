//! The two media types of a GraphQL answer, and the shape of every error.
//!
//! GraphQL over HTTP §6: `application/graphql-response+json` tells a bad request from a
//! good one by its status; `application/json` is the older type, whose clients expect
//! 200 for whatever is well-formed.

use super::exchange::Exchange;
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

/// A media type that we can answer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    GraphqlResponse,
    Json,
}

impl Media {
    /// What the client prefers (RFC 9110 §12.5.1), or `None` when it takes neither. Who
    /// doesn't name the newer type gets the older one.
    pub fn accepted_by(headers: &HeaderMap) -> Option<Self> {
        let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let accept = accept.collect::<Vec<_>>().join(",");
        if accept.trim().is_empty() {
            return Some(Self::Json);
        }
        let ranges: Vec<Range<'_>> = accept.split(',').filter_map(Range::read).collect();
        let newer = Preference::of("application/graphql-response+json", &ranges);
        let older = Preference::of("application/json", &ranges);
        match (newer.quality > 0.0, older.quality > 0.0) {
            (false, false) => None,
            (true, false) => Some(Self::GraphqlResponse),
            (false, true) => Some(Self::Json),
            (true, true) if newer.quality > older.quality => Some(Self::GraphqlResponse),
            (true, true) if newer.quality < older.quality => Some(Self::Json),
            (true, true) if newer.named => Some(Self::GraphqlResponse),
            (true, true) => Some(Self::Json),
        }
    }

    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    /// The status of a document that was understood and refused.
    pub fn status_of_refused_document(self) -> StatusCode {
        match self {
            Self::GraphqlResponse => StatusCode::BAD_REQUEST,
            Self::Json => StatusCode::OK,
        }
    }

    pub fn answer(self, status: StatusCode, body: &impl Serialize) -> Response {
        match serde_json::to_vec(body) {
            Ok(bytes) => (status, [(header::CONTENT_TYPE, self.content_type())], bytes).into_response(),
            Err(error) => {
                tracing::error!(%error, "an answer could not be written as JSON");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// One range of an `Accept` header.
struct Range<'a> {
    media: &'a str,
    quality: f32,
}

impl<'a> Range<'a> {
    /// `None` for a charset other than UTF-8, in which we don't write.
    fn read(text: &'a str) -> Option<Self> {
        let mut parameters = text.split(';').map(str::trim);
        let media = parameters.next()?;
        let mut quality = 1.0;
        for (name, value) in parameters.filter_map(|parameter| parameter.split_once('=')) {
            if name.eq_ignore_ascii_case("q") {
                quality = value.parse().unwrap_or(0.0);
            } else if name.eq_ignore_ascii_case("charset") && !is_utf8(value) {
                return None;
            }
        }
        Some(Self { media, quality })
    }

    fn specificity(&self, media: &str) -> Option<u8> {
        match self.media {
            "*/*" => Some(0),
            "application/*" => Some(1),
            exact if exact.eq_ignore_ascii_case(media) => Some(2),
            _ => None,
        }
    }
}

/// How much a media type is wanted: the most specific range that covers it decides.
struct Preference {
    quality: f32,
    named: bool,
}

impl Preference {
    fn of(media: &str, ranges: &[Range<'_>]) -> Self {
        let covering = ranges.iter().filter_map(|range| Some((range.specificity(media)?, range.quality)));
        let best = covering.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map_or(Self { quality: 0.0, named: false }, |(specificity, quality)| Self {
            quality,
            named: specificity == 2,
        })
    }
}

/// Whether a charset parameter, quoted or not, names UTF-8.
pub(super) fn is_utf8(charset: &str) -> bool {
    charset.trim_matches('"').eq_ignore_ascii_case("utf-8")
}

/// A refusal of the door itself, in the shape of a GraphQL error whatever the route.
pub(super) fn refusal(exchange: &Exchange, status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({"errors": [error(exchange, code, message)]});
    exchange.media.unwrap_or(Media::Json).answer(status, &body)
}

/// One GraphQL error that the door makes.
pub(super) fn error(exchange: &Exchange, code: &str, message: &str) -> serde_json::Value {
    json!({"message": message, "extensions": {"code": code, "trace": exchange.trace.as_str()}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(accept: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Media::accepted_by(&headers)
    }

    #[test]
    fn the_newer_type_is_for_those_who_name_it() {
        assert_eq!(Media::accepted_by(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(accepted("*/*"), Some(Media::Json));
        assert_eq!(accepted("application/*;q=0.2"), Some(Media::Json));
        assert_eq!(accepted("application/graphql-response+json"), Some(Media::GraphqlResponse));
        assert_eq!(
            accepted("application/graphql-response+json, application/json"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(accepted("application/graphql-response+json, */*"), Some(Media::GraphqlResponse));
    }

    #[test]
    fn quality_and_specificity_decide() {
        assert_eq!(accepted("application/graphql-response+json;q=0.5, application/json"), Some(Media::Json));
        assert_eq!(accepted("*/*, application/json;q=0"), Some(Media::GraphqlResponse));
        assert_eq!(accepted("application/json;q=0.1, */*;q=0"), Some(Media::Json));
    }

    #[test]
    fn what_we_cannot_write_is_not_acceptable() {
        assert_eq!(accepted("text/html"), None);
        assert_eq!(accepted("application/json;q=0"), None);
        assert_eq!(accepted("application/json; charset=iso-8859-1"), None);
        assert_eq!(accepted("application/json; charset=\"UTF-8\""), Some(Media::Json));
    }
}
