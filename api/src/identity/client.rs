//! How providers are asked: over TLS, without following anybody elsewhere, in bounded time and
//! bytes.

use reqwest::{Response, Url, redirect};
use std::net::IpAddr;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer.
pub(super) const MAX_BYTES: usize = 256 * 1024;

/// An address whose answers anyone on the way could replace.
#[derive(Debug, thiserror::Error)]
#[error("{0} must be https, or http to a loopback address")]
pub struct Insecure(Url);

/// A provider that did not answer as expected. It says nothing of what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No answer, or one that says no.
    #[error("{}", .0)]
    Http(reqwest::Error),
    /// More than it may be.
    #[error("more than {MAX_BYTES} bytes")]
    TooLong,
}

impl From<reqwest::Error> for AskError {
    /// Without the address, which may hold a ticket or a code.
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error.without_url())
    }
}

/// The address, if its answers may be believed.
pub(super) fn secure(url: Url) -> Result<Url, Insecure> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let loopback = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    if url.scheme() == "https" || (url.scheme() == "http" && loopback) { Ok(url) } else { Err(Insecure(url)) }
}

/// No redirect: it could lead from https to anywhere.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none()).build()
}

/// The bytes of an answer.
pub(super) async fn bytes(mut response: Response) -> Result<Vec<u8>, AskError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_BYTES {
            return Err(AskError::TooLong);
        }
    }
    Ok(bytes)
}

/// The bytes of a good answer to a plain question.
pub(super) async fn get(client: &reqwest::Client, url: &Url) -> Result<Vec<u8>, AskError> {
    bytes(client.get(url.clone()).send().await?.error_for_status()?).await
}
