//! A page of GraphQL: the last 20 marks of a pupil, as his or her screen asks for them,
//! through the real program and its real door, beside a plain axum handler that sends the
//! same SQL statements (`temoin`), and beside PostGraphile on the same tables.
//!
//! Every server is a process of its own; all have the same PostgreSQL, and one after the
//! other the whole machine. Pupils take turns, each with a token of his or her own.

mod client;
mod ecole;
mod emetteur;
mod serveurs;

pub use emetteur::{AUDIENCE, Emetteur, ISSUER};
pub use serveurs::Serveur;

use super::Options;
use super::ground::Ground;
use super::load::{Outcome, closed_loop};
use super::report::{Report, Table};
use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use axum::http::{Method, Request, header};
use client::Client;
use domain::{CompteId, PersonneId};
use ecole::Ecole;
use http_body_util::Full;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// Marks of a page.
pub const FIRST: i64 = 20;

const ELEVE: &str = "query Notes($first: Int!) { moi { eleve { notes(first: $first) { nodes {
    titre matiere date bareme resultat { etat note } } } } } }";
const PARENT: &str = "query Enfants($first: Int!) { moi { enfants { notes(first: $first) { nodes {
    titre matiere date bareme resultat { etat note } } } } } }";
const POSTGRAPHILE: &str = "query Notes($eleve: UUID!, $first: Int!) {
    allNotes(condition: { eleve: $eleve, publiee: true }, orderBy: [DATE_DESC, EVALUATION_DESC], first: $first) {
        nodes { date resultat valeur evaluationByEvaluation {
            titre bareme enseignementByEnseignement { matiereLibelle } } } } }";

const CONDITIONS: &str = "A pupil's last 20 of 60 marks, 3,000 pupils in turn, HTTP/1.1 keep-alive on \
    loopback, a fresh token of Ed25519 per pupil. Medians of the rounds; servers take turns within a \
    round. CPU is per answer. « plain » sends the three statements of the GraphQL page and decides \
    nothing; « marks alone » sends one of them. PostGraphile has neither token nor rights.";

/// What is measured.
struct Case {
    name: &'static str,
    serveur: Arc<Serveur>,
    demands: Vec<Demand>,
}

/// A request, as often as it is sent.
struct Demand {
    path: String,
    token: Option<String>,
    body: Option<Bytes>,
}

/// What one load came to.
struct Round {
    outcome: Outcome,
    /// CPU of the server per answer, in microseconds.
    server: f64,
}

/// Adds the table of this subject.
pub async fn measure(ground: &Ground, options: &Options, report: &mut Report) -> Result<()> {
    let ecole = Ecole::fill(ground).await?;
    let folder = tempfile::tempdir()?;
    let emetteur = Emetteur::new(folder.path())?;
    let mut table = Table::new(
        "A page of GraphQL",
        CONDITIONS,
        &[
            "page",
            "connections",
            "pages/s",
            "p50 ms",
            "p99 ms",
            "of plain",
            "CPU server µs",
            "CPU PostgreSQL µs",
            "CPU client µs",
        ],
    );
    let cases: Vec<_> = cases(&ecole, &emetteur, folder.path()).await?.into_iter().map(Arc::new).collect();
    for &connections in &options.in_flight {
        let mut rounds: Vec<Vec<Round>> = cases.iter().map(|_| Vec::new()).collect();
        for _ in 0..options.rounds {
            for (case, rounds) in cases.iter().zip(&mut rounds) {
                rounds.push(case.load(ground, connections, options.duration).await?);
            }
        }
        let medians = rounds.into_iter().map(median).collect::<Result<Vec<_>>>()?;
        let plain = medians.first().context("nothing was measured")?.outcome.rate();
        for (case, median) in cases.iter().zip(&medians) {
            table.row(row(case.name, connections, median, plain));
        }
    }
    report.add(table);
    Ok(())
}

/// Everything that is compared. The first is what the others are compared with.
async fn cases(ecole: &Ecole, emetteur: &Emetteur, folder: &Path) -> Result<Vec<Case>> {
    let plain = Arc::new(Serveur::temoin(ecole, emetteur).await?);
    let ent = Arc::new(Serveur::ent(&ecole.place, emetteur, folder).await?);
    let (eleves, parents) = (tokens(emetteur, &ecole.eleves)?, tokens(emetteur, &ecole.parents)?);
    let unsigned = |place: &str| -> Vec<Demand> {
        ecole.eleves.iter().map(|id| Demand::get(format!("{place}/{id}"), None)).collect()
    };
    let signed = eleves.iter().map(|token| Demand::get("/page".to_owned(), Some(token.clone())));
    let first = json!({ "first": FIRST });
    let mut cases = vec![
        Case { name: "plain", serveur: plain.clone(), demands: unsigned("/page") },
        Case { name: "plain, token verified", serveur: plain.clone(), demands: signed.collect() },
        Case { name: "plain, marks alone", serveur: plain, demands: unsigned("/notes") },
        Case { name: "`ent`, a pupil", serveur: ent.clone(), demands: asked(ELEVE, &first, &eleves) },
        Case { name: "`ent`, a parent of two", serveur: ent, demands: asked(PARENT, &first, &parents) },
    ];
    match Serveur::postgraphile(ecole).await? {
        Some(serveur) => {
            let of_eleve = |id| json!({ "first": FIRST, "eleve": id });
            let demand = |id| Demand::post(POSTGRAPHILE, &of_eleve(id), None);
            let demands = ecole.eleves.iter().map(demand).collect();
            cases.push(Case { name: "PostGraphile 4", serveur: Arc::new(serveur), demands });
        }
        None => eprintln!("   PostGraphile is not installed (npm ci in tests/mesures-postgraphile): skipped"),
    }
    Ok(cases)
}

fn tokens(emetteur: &Emetteur, personnes: &[Uuid]) -> Result<Vec<String>> {
    personnes.iter().map(|id| emetteur.token(CompteId::personnel(PersonneId(*id)))).collect()
}

/// The same document, asked by each of those who bring these tokens.
fn asked(query: &str, variables: &Value, tokens: &[String]) -> Vec<Demand> {
    tokens.iter().map(|token| Demand::post(query, variables, Some(token.clone()))).collect()
}

impl Demand {
    fn get(path: String, token: Option<String>) -> Self {
        Self { path, token, body: None }
    }

    fn post(query: &str, variables: &Value, token: Option<String>) -> Self {
        let body = json!({ "query": query, "variables": variables }).to_string();
        Self { path: "/graphql".to_owned(), token, body: Some(body.into()) }
    }

    fn request(&self) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::builder().uri(&self.path).header(header::HOST, "localhost");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        Ok(match &self.body {
            Some(body) => request
                .method(Method::POST)
                .header(header::CONTENT_TYPE, "application/json")
                .body(Full::new(body.clone()))?,
            None => request.body(Full::default())?,
        })
    }
}

impl Case {
    /// Loads the server. What is answered must be a page.
    async fn load(
        self: &Arc<Self>,
        ground: &Ground,
        connections: usize,
        duration: Duration,
    ) -> Result<Round> {
        let client = Arc::new(Client::connect(self.serveur.address, connections).await?);
        let answers = Arc::new(AtomicU64::new(0));
        let before = self.serveur.spent()?;
        let (case, counted) = (self.clone(), answers.clone());
        let outcome = closed_loop(ground, connections, duration, move |worker, asked| {
            let (case, client, counted) = (case.clone(), client.clone(), counted.clone());
            async move {
                let turn = (asked * connections + worker) % case.demands.len().max(1);
                let demand = case.demands.get(turn).context("nobody asks")?;
                let body = client.send(worker, demand.request()?).await.context(case.name)?;
                ensure!(is_page(&body), "{}: {}", case.name, String::from_utf8_lossy(&body));
                counted.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
        });
        let outcome = outcome.await?;
        let spent = self.serveur.spent()?.saturating_sub(before);
        let server = spent.as_secs_f64() * 1e6 / answers.load(Ordering::Relaxed).max(1) as f64;
        Ok(Round { outcome, server })
    }
}

/// A page of marks is longer than any error; a GraphQL error says that it is one.
fn is_page(body: &[u8]) -> bool {
    body.len() > 1000 && !body.starts_with(br#"{"errors""#)
}

/// The round with the median rate.
fn median(mut rounds: Vec<Round>) -> Result<Round> {
    rounds.sort_by(|a, b| a.outcome.rate().total_cmp(&b.outcome.rate()));
    let middle = rounds.len() / 2;
    rounds.into_iter().nth(middle).context("no round")
}

fn row(name: &str, connections: usize, Round { outcome, server }: &Round, plain: f64) -> Vec<String> {
    let (client, postgres) = outcome.cpu_per_answer();
    vec![
        name.to_owned(),
        connections.to_string(),
        format!("{:.0}", outcome.rate()),
        format!("{:.2}", outcome.milliseconds(50.0)),
        format!("{:.2}", outcome.milliseconds(99.0)),
        format!("{:.0} %", 100.0 * outcome.rate() / plain),
        format!("{server:.0}"),
        format!("{postgres:.0}"),
        format!("{client:.0}"),
    ]
}
