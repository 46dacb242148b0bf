//! The sessions of browsers at the door: a cookie, and what it may be sent with.
//!
//! A browser sends its cookies with what other sites have it ask. So the cookie is `SameSite=Lax`,
//! and whatever could change something, or stay open, comes from a page of this very origin
//! (`Sec-Fetch-Site`; `Origin` from browsers that do not say): there is no token to carry around.
//! What stays open ends with the session that opened it.

use crate::identity::secret::Secret;
use crate::identity::sessions::{Session, Sessions};
use crate::identity::{Clock, Identite};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use domain::SessionId;
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Instant, interval_at};

/// The cookie of a session. The prefix has browsers refuse it from any other host, and without
/// TLS (RFC 6265bis §4.1.3.2).
pub(crate) const COOKIE: &str = "__Host-ent";

/// What the door knows of browsers.
#[derive(Clone)]
pub struct SignIn {
    /// Their sessions.
    pub sessions: Sessions,
    /// The origin at which they sign in, as they write it.
    pub origin: String,
}

impl SignIn {
    /// Whether a request was made by a page of ours. Who says nothing of where it comes from is
    /// not believed.
    pub(super) fn is_ours(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value| HeaderValue::to_str(value).ok());
        match (text("sec-fetch-site"), text("origin")) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(origin)) => origin == self.origin,
            (None, None) => false,
        }
    }
}

/// Whether a request could change something, or stay open.
pub(super) fn needs_an_origin(method: &Method, headers: &HeaderMap) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) || headers.contains_key(header::UPGRADE)
}

/// The secret in a cookie of this name; of two neither is believed.
pub(crate) fn secret(headers: &HeaderMap, name: &str) -> Option<Secret> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value);
    match (found.next(), found.next()) {
        (Some(value), None) => Secret::read(value),
        (None | Some(_), _) => None,
    }
}

/// Whether whoever opened it is still who he was, by the clock alone. Nobody stays nobody.
pub(super) fn holds(clock: &Clock, identite: Identite) -> bool {
    match identite {
        Identite::Compte(jeton) => clock() < jeton.expire,
        Identite::Session(session) => clock() < session.expire,
        Identite::Anonyme => true,
    }
}

/// Resolves once it has ended: looks at every beat, since the clock at hand may be set and
/// sessions end in other processes too; and at once when it has ended in this one.
pub(super) async fn ended(sign_in: Option<SignIn>, clock: Clock, identite: Identite, beat: Duration) {
    let mut beats = interval_at(Instant::now() + beat, beat);
    let (Some(SignIn { sessions, .. }), Some(session)) = (sign_in, identite.session()) else {
        while holds(&clock, identite) {
            beats.tick().await;
        }
        return;
    };
    let mut news = sessions.news();
    while holds(&clock, identite) && stands(&sessions, session).await {
        tokio::select! {
            _ = beats.tick() => {}
            () = concerned(&mut news, session) => {}
        }
    }
}

/// Waits for news of a session, or for so many that it may have been among them.
async fn concerned(news: &mut Receiver<SessionId>, session: &Session) {
    loop {
        match news.recv().await {
            Ok(id) if id != session.id => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// While the database is away nobody is signed out: nothing can be read then anyway.
async fn stands(sessions: &Sessions, session: &Session) -> bool {
    sessions.stands(session).await.unwrap_or_else(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "a session could not be looked at");
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, line.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_cookie_is_found_among_others_and_of_two_neither_is_believed() {
        let value = Secret::fresh().unwrap().text();
        let mine = format!("{COOKIE}={value}");
        assert!(secret(&cookies(&[&format!("a=b; {mine}; c=d")]), COOKIE).is_some());
        assert!(secret(&cookies(&["a=b", &mine]), COOKIE).is_some());
        assert!(secret(&cookies(&[&mine, &mine]), COOKIE).is_none());
        assert!(secret(&cookies(&[&format!("x{mine}")]), COOKIE).is_none());
        assert!(secret(&cookies(&[]), COOKIE).is_none());
    }

    #[test]
    fn what_could_change_something_or_stay_open_says_where_it_comes_from() {
        let mut upgrade = HeaderMap::new();
        upgrade.insert(header::UPGRADE, "websocket".parse().unwrap());
        assert!(needs_an_origin(&Method::POST, &HeaderMap::new()));
        assert!(needs_an_origin(&Method::GET, &upgrade));
        assert!(!needs_an_origin(&Method::GET, &HeaderMap::new()));
    }
}
