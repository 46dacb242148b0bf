//! The door of a witness: `POST /add-checkpoint` (C2SP tlog-witness) and, for people,
//! `GET /fourches`.

use super::Temoin;
use super::jugement::{Presente, Refus, judge, present};
use super::memoire::{Fourche, MemoireFault};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use ledger::tlog::note::{self, NoteFault};
use std::sync::Arc;

/// Bytes of a request: 63 hashes and a checkpoint of some lines need a tenth of it.
const MOST_BYTES: usize = 64 * 1024;

/// The routes of a witness.
pub fn router(temoin: Arc<Temoin>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add))
        .route("/fourches", get(forks))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(temoin)
}

/// Why there is no answer but to try again.
#[derive(Debug, thiserror::Error)]
enum Panne {
    #[error(transparent)]
    Memoire(#[from] MemoireFault),
    #[error("what was kept is no checkpoint")]
    Kept(#[source] NoteFault),
    #[error("the checkpoint cannot be cosigned")]
    Sign(#[source] NoteFault),
    #[error("the work was cancelled")]
    Cancelled(#[from] tokio::task::JoinError),
}

async fn add(State(temoin): State<Arc<Temoin>>, body: Bytes) -> Response {
    let Ok(request) = String::from_utf8(body.into()) else { return refusal(&Refus::Malformed) };
    let answered = tokio::task::spawn_blocking(move || temoin.answer(&request)).await;
    match answered.map_err(Panne::from).and_then(|answered| answered) {
        Ok(Ok(line)) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], line).into_response(),
        Ok(Err(refus)) => refusal(&refus),
        Err(panne) => broken(&panne),
    }
}

async fn forks(State(temoin): State<Arc<Temoin>>) -> Response {
    match temoin.memoire.forks() {
        Ok(forks) => Json(forks).into_response(),
        Err(fault) => broken(&fault.into()),
    }
}

impl Temoin {
    /// The line that cosigns what is asked, or why not. What it commits to is on disk then.
    fn answer(&self, request: &str) -> Result<Result<String, Refus>, Panne> {
        let presente = match present(request, &self.confiance) {
            Ok(presente) => presente,
            Err(refus) => return Ok(Err(refus)),
        };
        let _turn = self.memoire.turn()?;
        let origin = presente.checkpoint.origin();
        let kept = self.memoire.known(origin)?;
        let known = kept.as_deref().map(note::read).transpose().map_err(Panne::Kept)?;
        if let Err(refus) = judge(&presente, known.as_ref()) {
            if refus.is_fork() {
                self.denounce(&presente, kept, &refus)?;
            }
            return Ok(Err(refus));
        }
        let note = &presente.addition.checkpoint;
        self.memoire.keep(origin, note)?;
        let at = self.clock.now().timestamp().unsigned_abs();
        Ok(Ok(self.key.cosign(note, at).map_err(Panne::Sign)?))
    }

    fn denounce(&self, presente: &Presente, connu: Option<String>, refus: &Refus) -> Result<(), Panne> {
        let (origin, prouvee) = (presente.checkpoint.origin(), matches!(refus, Refus::Contradicted(_)));
        if prouvee {
            tracing::error!(origin, %refus, "a log has signed two histories");
        } else {
            // Anybody may send a checkpoint that the log signed with a proof that is none.
            tracing::warn!(origin, %refus, "a log may have signed two histories");
        }
        let fork = Fourche {
            recu_le: self.clock.now(),
            motif: refus.to_string(),
            prouvee,
            connu,
            presente: presente.addition.checkpoint.clone(),
        };
        Ok(self.memoire.keep_fork(&fork)?)
    }
}

fn refusal(refus: &Refus) -> Response {
    let status = match refus {
        Refus::Malformed => StatusCode::BAD_REQUEST,
        Refus::Unknown => StatusCode::NOT_FOUND,
        Refus::Unsigned => StatusCode::FORBIDDEN,
        Refus::Stale(size) | Refus::Contradicted(size) => {
            let kind = [(header::CONTENT_TYPE, "text/x.tlog.size")];
            return (StatusCode::CONFLICT, kind, format!("{size}\n")).into_response();
        }
        Refus::Inconsistent => StatusCode::UNPROCESSABLE_ENTITY,
    };
    (status, format!("{refus}\n")).into_response()
}

fn broken(panne: &Panne) -> Response {
    let cause = std::error::Error::source(panne).map(ToString::to_string);
    tracing::error!(%panne, cause, "the witness cannot answer");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
