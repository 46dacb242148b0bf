//! A browser, as far as signing in needs one: it follows redirects, keeps the cookies of each
//! origin, and says of what it sends where it comes from.

use anyhow::{Context, Result, ensure};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, StatusCode, Url, redirect};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many redirects lead nowhere.
const REDIRECTS: usize = 12;

/// See the module.
pub struct Navigateur {
    http: Client,
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

/// What it shows.
#[derive(Debug)]
pub struct Page {
    /// Where.
    pub url: Url,
    /// How it was answered.
    pub status: StatusCode,
    /// The text.
    pub text: String,
}

impl Navigateur {
    /// One that was never anywhere.
    pub fn new() -> Result<Self> {
        let http = Client::builder().redirect(redirect::Policy::none()).build()?;
        Ok(Self { http, cookies: BTreeMap::new() })
    }

    /// Goes to an address and wherever it leads.
    pub async fn get(&mut self, url: &str) -> Result<Page> {
        match self.walk(Method::GET, url.parse()?, None, |_| false).await? {
            Walked::Arrived(page) => Ok(page),
            Walked::Stopped(url) => anyhow::bail!("stopped at {url}"),
        }
    }

    /// Goes on until it is about to go where `stop` says, and does not go there.
    pub async fn get_until(&mut self, url: &str, stop: impl Fn(&Url) -> bool) -> Result<Url> {
        match self.walk(Method::GET, url.parse()?, None, stop).await? {
            Walked::Stopped(url) => Ok(url),
            Walked::Arrived(page) => anyhow::bail!("arrived at {}: {}", page.url, page.text),
        }
    }

    /// Sends a form of a page at the same origin.
    pub async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Result<Page> {
        let body = form.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        let body = body.collect::<Vec<_>>().join("&");
        match self.walk(Method::POST, url.parse()?, Some(body), |_| false).await? {
            Walked::Arrived(page) => Ok(page),
            Walked::Stopped(url) => anyhow::bail!("stopped at {url}"),
        }
    }

    /// Asks in GraphQL from a page of the same origin.
    pub async fn ask(&mut self, origin: &str, query: &str) -> Result<Value> {
        let answer = self.ask_from("same-origin", origin, query).await?;
        ensure!(answer.0 == StatusCode::OK, "{query}: {answer:?}");
        Ok(answer.1)
    }

    /// The same from a page that says to be elsewhere, with the status of the answer.
    pub async fn ask_from(&mut self, site: &str, origin: &str, query: &str) -> Result<(StatusCode, Value)> {
        let url: Url = format!("{origin}/graphql").parse()?;
        let request = self.http.post(url.clone()).header("sec-fetch-site", site);
        let request = request.header(COOKIE, self.cookie(&url)).json(&json!({ "query": query }));
        let answer = request.send().await?;
        Ok((answer.status(), answer.json().await?))
    }

    /// The cookies that it would send to an address.
    pub fn cookie(&self, url: &Url) -> String {
        let kept = self.cookies.get(&url.origin().ascii_serialization());
        let pairs = kept.into_iter().flatten().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    async fn walk(
        &mut self,
        mut method: Method,
        mut url: Url,
        mut body: Option<String>,
        stop: impl Fn(&Url) -> bool,
    ) -> Result<Walked> {
        for _ in 0..REDIRECTS {
            let mut request =
                self.http.request(method.clone(), url.clone()).header(COOKIE, self.cookie(&url));
            request = request.header("sec-fetch-site", if body.is_some() { "same-origin" } else { "none" });
            if let Some(form) = body.take() {
                request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
            }
            let answer = request.send().await.with_context(|| format!("{method} {url}"))?;
            for set in answer.headers().get_all(SET_COOKIE) {
                self.keep(&url, set.to_str()?);
            }
            let Some(to) = answer.headers().get(LOCATION) else {
                let status = answer.status();
                return Ok(Walked::Arrived(Page { url, status, text: answer.text().await? }));
            };
            let next = url.join(to.to_str()?)?;
            if stop(&next) {
                return Ok(Walked::Stopped(next));
            }
            (url, method) = (next, Method::GET);
        }
        anyhow::bail!("redirected for ever, lastly to {url}")
    }

    fn keep(&mut self, url: &Url, set: &str) {
        let (pair, attributes) = set.split_once(';').unwrap_or((set, ""));
        let Some((name, value)) = pair.split_once('=') else { return };
        let kept = self.cookies.entry(url.origin().ascii_serialization()).or_default();
        let gone = attributes.to_lowercase().contains("max-age=0") || value.is_empty();
        if gone {
            kept.remove(name)
        } else {
            kept.insert(name.to_owned(), value.to_owned())
        };
    }
}

enum Walked {
    Arrived(Page),
    Stopped(Url),
}

/// A value of a form.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => text + &char::from(byte).to_string(),
        other => text + &format!("%{other:02X}"),
    })
}
