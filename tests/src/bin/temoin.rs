//! The plain handler that `./mesures page` compares GraphQL with: axum and the same SQL
//! statements, answering the same JSON. It has no document to read, no rights to decide,
//! no limits, no log and no metrics.
//!
//! | route | what |
//! |---|---|
//! | `GET /page/{compte}` | the statements of the GraphQL page, for who says who he is |
//! | `GET /page` | the same, for who brings a token, which is verified |
//! | `GET /notes/{eleve}` | the marks alone, for anyone |

use anyhow::{Context, Result};
use api::identity::{JwksSource, Verifier, VerifierConfig};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{NaiveDate, TimeDelta, Utc};
use domain::journee;
use domain::notes::{Resultat, Valeur};
use projections::PageOf;
use projections::annuaire::{Annuaire, Moment};
use projections::notes::{NotePubliee, Notes};
use recits::mesures::page::{AUDIENCE, FIRST, ISSUER};
use serde::Serialize;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::sync::Arc;
use uuid::Uuid;

/// As many connections as `ent` has.
const POOL: u32 = 16;

#[derive(Clone)]
struct Temoin {
    views: PgPool,
    verifier: Arc<Verifier>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().context("temoin ADDRESS JWKS")?;
    let jwks = arguments.next().context("temoin ADDRESS JWKS")?;
    let options = projections::in_live_place(std::env::var("DATABASE_URL")?.parse()?);
    let config = VerifierConfig {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        jwks: JwksSource::File(jwks.into()),
        leeway: TimeDelta::zero(),
    };
    #[allow(clippy::disallowed_methods)] // the edge that tells the time
    let verifier = Verifier::new(config, Arc::new(Utc::now))?;
    let temoin = Temoin {
        views: PgPoolOptions::new().max_connections(POOL).connect_with(options).await?,
        verifier: Arc::new(verifier),
    };
    let routes = Router::new()
        .route("/page", get(signed_in))
        .route("/page/{compte}", get(unsigned))
        .route("/notes/{eleve}", get(marks))
        .route("/pret", get(async || ""))
        .with_state(temoin);
    Ok(axum::serve(tokio::net::TcpListener::bind(address).await?, routes).await?)
}

async fn signed_in(State(temoin): State<Temoin>, headers: HeaderMap) -> Result<Answer, StatusCode> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token =
        authorization.and_then(|value| value.strip_prefix("Bearer ")).ok_or(StatusCode::UNAUTHORIZED)?;
    let jeton = temoin.verifier.verify(token).await.map_err(|_| StatusCode::UNAUTHORIZED)?;
    page(&temoin.views, jeton.compte.0).await
}

async fn unsigned(State(temoin): State<Temoin>, Path(compte): Path<Uuid>) -> Result<Answer, StatusCode> {
    page(&temoin.views, compte).await
}

async fn marks(State(temoin): State<Temoin>, Path(eleve): Path<Uuid>) -> Result<Answer, StatusCode> {
    notes(&temoin.views, eleve).await
}

/// The three statements that the GraphQL page costs: who asks, the pupil, the marks.
async fn page(views: &PgPool, compte: Uuid) -> Result<Answer, StatusCode> {
    #[allow(clippy::disallowed_methods)] // the edge that tells the time
    let now = Utc::now();
    let moment = Moment { now, jour: journee(now), choix: None };
    let known = Annuaire::compte(views, compte, moment).await.map_err(fault)?;
    if known.relations.is_none_or(|relations| relations.divisions.is_empty()) {
        return Err(StatusCode::NOT_FOUND);
    }
    let eleve = Annuaire::eleves(views, &[compte]).await.map_err(fault)?.pop();
    notes(views, eleve.ok_or(StatusCode::NOT_FOUND)?.personne.id).await
}

async fn notes(views: &PgPool, eleve: Uuid) -> Result<Answer, StatusCode> {
    let asked = PageOf { of: eleve, after: None, limit: FIRST + 1, dossier: None, au: None };
    let rows = Notes::of_pupils(views, &[asked]).await.map_err(fault)?.remove(&asked).unwrap_or_default();
    let shown = usize::try_from(FIRST).unwrap_or_default();
    let nodes = rows.into_iter().take(shown).map(Node::from).collect();
    Ok(Json(Data { data: Root { moi: Moi { eleve: Eleve { notes: Connection { nodes } } } } }))
}

fn fault(_: sqlx::Error) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

type Answer = Json<Data>;

#[derive(Serialize)]
struct Data {
    data: Root,
}

#[derive(Serialize)]
struct Root {
    moi: Moi,
}

#[derive(Serialize)]
struct Moi {
    eleve: Eleve,
}

#[derive(Serialize)]
struct Eleve {
    notes: Connection,
}

#[derive(Serialize)]
struct Connection {
    nodes: Vec<Node>,
}

#[derive(Serialize)]
struct Node {
    titre: String,
    matiere: Option<String>,
    date: NaiveDate,
    bareme: String,
    resultat: Note,
}

#[derive(Serialize)]
struct Note {
    etat: &'static str,
    note: Option<Valeur>,
}

impl From<NotePubliee> for Node {
    fn from(row: NotePubliee) -> Self {
        let (etat, note) = match row.resultat {
            Resultat::Note { valeur } => ("NOTE", Some(valeur)),
            Resultat::Absent { .. } => ("ABSENT", None),
            Resultat::Dispense => ("DISPENSE", None),
            Resultat::NonNote => ("NON_NOTE", None),
            Resultat::NonRendu { .. } => ("NON_RENDU", None),
        };
        let NotePubliee { titre, matiere, date, bareme, .. } = row;
        Self { titre, matiere, date, bareme, resultat: Note { etat, note } }
    }
}
