//! What each value must be. A reason never repeats a value that may be secret.

use super::{Jwks, LogFormat};
use axum::http::HeaderName;
use domain::CompteId;
use ledger::objects::ObjectPlace;
use ledger::timestamp::query::Policy;
use reqwest::Url;
use secrecy::SecretString;
use sqlx::postgres::PgConnectOptions;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use tracing_subscriber::EnvFilter;

pub(super) fn text(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("it must not be empty".to_owned()) } else { Ok(text.to_owned()) }
}

pub(super) fn path(path: &str) -> Result<PathBuf, String> {
    text(path).map(PathBuf::from)
}

pub(super) fn objects(text: &str) -> Result<ObjectPlace, String> {
    text.parse().map_err(str::to_owned)
}

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("{text:?} is not an address with its port, like 127.0.0.1:8080"))
}

/// A host name (RFC 1123 §2.1), in lower case as hosts are compared.
pub(super) fn domain(text: &str) -> Result<String, String> {
    let fits = |label: &str| {
        let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(inside)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = text.to_ascii_lowercase();
    if name.len() <= 200 && name.split('.').all(fits) {
        Ok(name)
    } else {
        Err(format!("{text:?} is not a domain name"))
    }
}

/// A PostgreSQL URL; the parser's reason might quote it, and is not repeated.
pub(super) fn database(text: &str) -> Result<SecretString, String> {
    let scheme = text.starts_with("postgres://") || text.starts_with("postgresql://");
    match PgConnectOptions::from_str(text) {
        Ok(_) if scheme => Ok(SecretString::from(text)),
        Ok(_) | Err(_) => Err("it is not a URL like postgres://user:password@host:5432/database".to_owned()),
    }
}

pub(super) fn issuer(text: &str) -> Result<String, String> {
    trusted_url(text).map(|_| text.to_owned())
}

pub(super) fn jwks(text: &str) -> Result<Jwks, String> {
    if text.contains("://") { trusted_url(text).map(Jwks::Url) } else { path(text).map(Jwks::File) }
}

/// A URL whose answer may be believed: over TLS, or from this machine.
fn trusted_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("it is not a URL: {error}"))?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if local => Ok(url),
        _ => Err("it must be an https URL (http on this machine only)".to_owned()),
    }
}

/// Its answers are signed: they need no TLS to be believed, and many authorities have none.
pub(super) fn authority(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("it is not a URL: {error}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        _ => Err("it must be an http or https URL".to_owned()),
    }
}

pub(super) fn policy(text: &str) -> Result<Policy, String> {
    text.parse().map_err(|_| format!("{text:?} is not an object identifier, like 1.3.6.1.4.1.4146.2.3"))
}

/// The header in which a proxy says whom it speaks for.
pub(super) fn header(text: &str) -> Result<HeaderName, String> {
    text.parse().map_err(|_| format!("{text:?} is not the name of a header, like x-forwarded-for"))
}

pub(super) fn compte(text: &str) -> Result<CompteId, String> {
    text.parse().map_err(|_| format!("{text:?} is not the id of a compte (a UUID)"))
}

pub(super) fn filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|error| format!("it is not a log filter: {error}"))
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        other => Err(format!("{other:?} is neither \"text\" nor \"json\"")),
    }
}

/// A URL fit to be shown: what cannot be read is not shown at all.
pub(super) fn without_password(text: &str) -> String {
    const HIDDEN: &str = "***";
    let Ok(mut url) = Url::parse(text) else { return HIDDEN.to_owned() };
    if url.password().is_some() && url.set_password(Some(HIDDEN)).is_err() {
        return HIDDEN.to_owned();
    }
    if url.query().is_some() {
        let hide = |key: &str| key.to_ascii_lowercase().contains("password");
        let pairs: Vec<String> = url
            .query_pairs()
            .map(|(key, value)| format!("{key}={}", if hide(&key) { HIDDEN } else { &value }))
            .collect();
        url.set_query(Some(&pairs.join("&")));
    }
    url.to_string()
}
