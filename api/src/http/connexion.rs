//! How browsers sign in and out.
//!
//! | route | what |
//! |---|---|
//! | `GET /connexion?vers=` | the choice of a provider, where there are several |
//! | `GET /connexion/{fournisseur}` | sends the browser there |
//! | `GET /connexion/{fournisseur}/retour` | where it comes back, once |
//! | `GET`, `POST /connexion/profil` | the choice of a profil, for who has several |
//! | `POST /connexion/{fournisseur}/deconnexion-distante` | the provider says that somebody signed out |
//! | `GET`, `POST /deconnexion` | signing out here |
//!
//! A browser leaves with a random secret in a short-lived cookie; what must come back with it
//! (state, nonce, PKCE verifier) is derived from the secret, so that it fits this browser alone, and the
//! database only knows that it has left and not come back yet.

mod guichet;
mod page;
mod profil;
mod retour;
mod sortie;

pub use guichet::Guichets;

use super::cadence::{Adresse, Cadences, retry_after};
use super::session::{self, COOKIE};
use crate::identity::secret::Secret;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use page::{Page, Refus};
use serde::Deserialize;
use std::sync::Arc;

/// The cookie of a browser that has left to sign in.
const ALLER: &str = "__Host-ent-aller";
/// How long a browser keeps it, in seconds; the database knows better.
const ALLER_S: u32 = 600;
/// The same of a session.
const SESSION_S: u32 = 12 * 3600;
/// Bytes of what a provider posts.
const NOTICE_MAX: usize = 64 * 1024;
/// Longest address to go on to, in bytes.
const VERS_MAX: usize = 500;

/// What the handlers share.
type Shared = Arc<Door>;

struct Door {
    guichets: Guichets,
    cadences: Arc<Cadences>,
}

impl Guichets {
    /// The routes; `cadences` says how often one may knock.
    pub(super) fn routes(self, cadences: Arc<Cadences>) -> Router {
        Router::new()
            .route("/connexion", get(choisir))
            .route("/connexion/profil", get(profil::montrer).post(profil::choisir))
            .route("/connexion/{fournisseur}", get(aller))
            .route("/connexion/{fournisseur}/retour", get(retour::revenir).post(sortie::distante))
            .route("/connexion/{fournisseur}/deconnexion-distante", post(sortie::distante))
            .route("/deconnexion", get(sortie::montrer).post(sortie::sortir))
            .layer(DefaultBodyLimit::max(NOTICE_MAX))
            .with_state(Arc::new(Door { guichets: self, cadences }))
    }
}

/// Where to go on to.
#[derive(Deserialize)]
struct Suite {
    vers: Option<String>,
}

impl Suite {
    /// A path of this very origin, or its root: nobody is sent elsewhere by way of us.
    fn vers(&self) -> &str {
        self.vers.as_deref().filter(|vers| is_local(vers)).unwrap_or("/")
    }
}

/// A path, and no way out of it: browsers read `//` and `/\` as another host.
fn is_local(vers: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    vers.len() <= VERS_MAX && vers.starts_with('/') && !vers.starts_with("//") && vers.bytes().all(plain)
}

/// The choice, unless there is none.
async fn choisir(State(door): State<Shared>, Query(suite): Query<Suite>) -> Response {
    match door.guichets.only() {
        Some(only) => Redirect::to(&address(only.id().as_str(), suite.vers())).into_response(),
        None => Page::of_choice(&door.guichets, suite.vers()).answer(StatusCode::OK),
    }
}

/// Sends a browser to a provider.
async fn aller(
    State(door): State<Shared>,
    Path(nom): Path<String>,
    Query(suite): Query<Suite>,
    Extension(adresse): Extension<Adresse>,
) -> Response {
    if let Err(wait) = door.cadences.of_connexion(adresse) {
        return too_often(wait);
    }
    let Some(guichet) = door.guichets.named(&nom) else { return Refus::Inconnu.answer() };
    let Ok(secret) = Secret::fresh() else { return Refus::Panne.answer() };
    let url = match guichet.aller(&secret).await {
        Ok(url) => url,
        Err(away) => return away.answer(guichet),
    };
    if let Err(error) = door.guichets.sessions().aller(&secret, guichet.id(), suite.vers()).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "a sign-in could not be remembered");
        return Refus::Panne.answer();
    }
    let mut response = Redirect::to(url.as_str()).into_response();
    set_cookie(response.headers_mut(), ALLER, &secret.text(), ALLER_S);
    response
}

fn too_often(wait: std::time::Duration) -> Response {
    metrics::counter!("http_rate_limited_total", "of" => "connexion").increment(1);
    let mut response = Refus::TropSouvent.answer();
    response.headers_mut().insert(header::RETRY_AFTER, retry_after(wait));
    response
}

/// The address at which one signs in by a provider and goes on.
fn address(nom: &str, vers: &str) -> String {
    let mut query = form_urlencoded(vers);
    query.insert_str(0, "?vers=");
    format!("/connexion/{nom}{query}")
}

fn form_urlencoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Has the browser keep something: for this host, over TLS, out of reach of scripts.
fn set_cookie(headers: &mut HeaderMap, name: &str, value: &str, seconds: u32) {
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Has it forget.
fn clear_cookie(headers: &mut HeaderMap, name: &str) {
    set_cookie(headers, name, "", 0);
}

/// The secret that a browser left with.
fn aller_of(headers: &HeaderMap) -> Option<Secret> {
    session::secret(headers, ALLER)
}

/// The secret of its session.
fn session_of(headers: &HeaderMap) -> Option<Secret> {
    session::secret(headers, COOKIE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_on_to_a_path_of_this_origin_and_nowhere_else() {
        let vers = |text: &str| Suite { vers: Some(text.to_owned()) }.vers().to_owned();
        for local in ["/", "/console", "/actualites/1?a=b#c"] {
            assert_eq!(vers(local), local);
        }
        for elsewhere in
            ["", "console", "//exemple.fr", "/\\exemple.fr", "https://exemple.fr", "/a\nb", "/é", "/a b"]
        {
            assert_eq!(vers(elsewhere), "/", "{elsewhere}");
        }
        assert_eq!(vers(&format!("/{}", "a".repeat(VERS_MAX))), "/");
    }

    #[test]
    fn a_path_is_carried_whole_in_an_address() {
        assert_eq!(address("region", "/a?b=c&d#e"), "/connexion/region?vers=/a%3Fb%3Dc%26d%23e");
    }

    #[test]
    fn a_cookie_is_for_this_host_over_tls_and_out_of_reach() {
        let mut headers = HeaderMap::new();
        set_cookie(&mut headers, COOKIE, "x", 60);
        let cookie = headers[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.starts_with("__Host-ent=x; Path=/;") && !cookie.contains("Domain"), "{cookie}");
        for part in ["Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
}
