//! A small CAS server, after the protocol's own text (CAS Protocol 3.0.3): it signs in whom it
//! is told to, vouches for a ticket once and for one address, and says when somebody signed out.

use crate::navigateur::encoded;
use anyhow::Result;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Router, routing::get};
use reqwest::Url;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// See the module.
pub struct ServeurCas {
    /// Its root.
    pub adresse: String,
    state: Arc<Mutex<Memory>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Memory {
    next: String,
    made: u64,
    tickets: HashMap<String, (String, String)>,
    last: Option<(String, String)>,
}

#[derive(Deserialize)]
struct Login {
    #[serde(rename = "service")]
    retour: String,
}

#[derive(Deserialize)]
struct Validate {
    #[serde(rename = "service")]
    retour: String,
    ticket: String,
}

type Shared = State<Arc<Mutex<Memory>>>;

impl ServeurCas {
    /// Starts one.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let adresse = format!("http://{}/cas", listener.local_addr()?);
        let state: Arc<Mutex<Memory>> = Arc::default();
        let routes = Router::new()
            .route("/cas/login", get(login))
            .route("/cas/p3/serviceValidate", get(validate))
            .with_state(state.clone());
        let task = tokio::spawn(async move { drop(axum::serve(listener, routes).await) });
        Ok(Self { adresse, state, task })
    }

    /// What it says of who signs in next: the user, then attributes, as XML.
    pub fn annonce(&self, user: &str, attributes: &str) {
        let said = format!("<cas:user>{user}</cas:user><cas:attributes>{attributes}</cas:attributes>");
        self.state.lock().unwrap_or_else(PoisonError::into_inner).next = said;
    }

    /// Says to where its last ticket was for that the sign-in has ended (§2.3.3).
    pub async fn deconnecte(&self) -> Result<u16> {
        let last = self.state.lock().unwrap_or_else(PoisonError::into_inner).last.clone();
        let (ticket, retour) = last.unwrap_or_default();
        let request = format!(
            "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"1\" Version=\"2.0\" \
             IssueInstant=\"2026-11-23T07:00:00Z\"><saml:NameID xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">\
             @NOT_USED@</saml:NameID><samlp:SessionIndex>{ticket}</samlp:SessionIndex></samlp:LogoutRequest>"
        );
        let form = format!("logoutRequest={}", encoded(&request));
        let post = reqwest::Client::new().post(retour).body(form);
        let answer = post.header("content-type", "application/x-www-form-urlencoded").send().await?;
        Ok(answer.status().as_u16())
    }
}

impl Drop for ServeurCas {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn login(State(state): Shared, Query(Login { retour }): Query<Login>) -> Response {
    let Ok(mut back) = retour.parse::<Url>() else { return "no address".into_response() };
    let mut memory = state.lock().unwrap_or_else(PoisonError::into_inner);
    memory.made += 1;
    let ticket = format!("ST-{}-aA5Yuvrxzpv8Tau1cYQ7", memory.made);
    let said = memory.next.clone();
    memory.tickets.insert(ticket.clone(), (retour.clone(), said));
    memory.last = Some((ticket.clone(), retour));
    back.query_pairs_mut().append_pair("ticket", &ticket);
    Redirect::to(back.as_str()).into_response()
}

async fn validate(State(state): Shared, Query(asked): Query<Validate>) -> String {
    let found = state.lock().unwrap_or_else(PoisonError::into_inner).tickets.remove(&asked.ticket);
    let body = match found {
        Some((retour, said)) if retour == asked.retour => {
            format!("<cas:authenticationSuccess>{said}</cas:authenticationSuccess>")
        }
        Some(_) => failure("INVALID_SERVICE"),
        None => failure("INVALID_TICKET"),
    };
    format!("<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">{body}</cas:serviceResponse>")
}

fn failure(code: &str) -> String {
    format!("<cas:authenticationFailure code=\"{code}\">no</cas:authenticationFailure>")
}
