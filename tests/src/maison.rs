//! The whole house behind its real door: requests go through HTTP, tokens, the document
//! guard, the rights, the record and the views.

use crate::{Bench, DOMAINE};
use anyhow::{Context, Result, ensure};
use api::envois::Expedition;
use api::graphql::{Api, sdl};
use api::http::{
    Cadence, CancellationToken, Guichets, Ids, Journals, Limits, Parts, Readiness, Trusted, router,
};
use api::identity::fournisseur::Fournisseurs;
use api::identity::sessions::Sessions;
use api::identity::{Verifier, demo::DemoIssuer};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use chrono::TimeDelta;
use commands::Commands;
use commands::rights::Rights;
use domain::CompteId;
use futures::future::BoxFuture;
use http_body_util::BodyExt;
use ledger::clock::Clock;
use ledger::sealer::Sealer;
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower::ServiceExt;

/// See the module.
pub struct Maison {
    /// What is behind the door.
    pub bench: Bench,
    /// The use cases, for what happens before a story begins.
    pub commands: Commands,
    /// Seals the record when a story has it do so.
    pub sealer: Sealer,
    /// Signs the tokens of the stories.
    pub issuer: DemoIssuer,
    /// The routes.
    pub router: Router,
    stop: watch::Sender<bool>,
    views: Option<JoinHandle<()>>,
}

/// Bytes of a file that is deposited, at most.
pub const PIECE_MAX: u64 = 2 << 20;

/// The operator of the platform.
pub fn exploitant() -> CompteId {
    CompteId::derived(&["exploitant"])
}

/// Audits the record.
pub fn auditeur() -> CompteId {
    CompteId::derived(&["auditeur"])
}

/// The renderer that the judges bring, if they are here.
fn presse() -> Option<ledger::presse::Presse> {
    let program = std::path::PathBuf::from(std::env::var_os("ENT_JUGES")?).join("weasyprint");
    program.exists().then(|| api::fichiers::presse(&program))
}

struct Always;

impl Readiness for Always {
    fn waiting_for(&self) -> BoxFuture<'_, Vec<String>> {
        Box::pin(async { vec![] })
    }
}

/// What every door of a house is made of.
fn parts(bench: &Bench, commands: &Commands, sealer: &Sealer, schema: Api, verifier: Verifier) -> Parts<Api> {
    let clock = bench.clock.clone();
    #[allow(clippy::disallowed_methods)] // the edge that makes ids of requests
    let ids: Ids = Arc::new(uuid::Uuid::new_v4);
    Parts {
        schema,
        sdl,
        verifier: Arc::new(verifier),
        guichets: None,
        readiness: Arc::new(Always),
        metrics: PrometheusBuilder::new().build_recorder().handle(),
        trusted: Trusted::default(),
        base: DOMAINE.into(),
        limits: Limits::default(),
        clock: Arc::new(move || clock.now()),
        closing: CancellationToken::new(),
        ids: ids.clone(),
        pages: Journals::new(sealer.clone(), commands.clone(), DOMAINE)
            .routes()
            .merge(api::pages::routes(commands.clone(), bench.clock.clone(), sealer.clone(), DOMAINE))
            .merge(api::fichiers::routes(commands.clone(), ids, presse(), PIECE_MAX)),
    }
}

impl Maison {
    /// Opens an empty house, whose views are kept up to date.
    pub async fn open() -> Result<Self> {
        Self::open_over(Bench::open().await?).await
    }

    /// The same, over this record.
    pub async fn open_over(bench: Bench) -> Result<Self> {
        Self::furnish(bench, None, None, Cadence::default()).await
    }

    /// The same, to which browsers sign in by these providers, whose tokens are dated by a clock
    /// of their own, and at whose door one may knock so often.
    pub async fn open_with(
        bench: Bench,
        fournisseurs: Fournisseurs,
        theirs: api::identity::Clock,
        cadence: Cadence,
    ) -> Result<Self> {
        Self::furnish(bench, Some((fournisseurs, theirs)), None, cadence).await
    }

    /// The same, which writes to people by these carriers.
    pub async fn open_telling(bench: Bench, expedition: Expedition) -> Result<Self> {
        Self::furnish(bench, None, Some(expedition), Cadence::default()).await
    }

    async fn furnish(
        bench: Bench,
        fournisseurs: Option<(Fournisseurs, api::identity::Clock)>,
        expedition: Option<Expedition>,
        cadence: Cadence,
    ) -> Result<Self> {
        let exploitants = BTreeSet::from([exploitant()]);
        let commands = Commands::new(bench.ledger.clone(), bench.views.clone(), Rights::load()?, exploitants)
            .audited_by(BTreeSet::from([auditeur()]))
            .keeping(bench.blobs()?);
        let sealer = bench.sealer()?;
        let issuer = DemoIssuer::new(&mut rand::rng())?;
        let clock = bench.clock.clone();
        let clock: api::identity::Clock = Arc::new(move || clock.now());
        let sessions = Sessions::new(bench.views.clone(), clock.clone());
        let guichets = fournisseurs.map(|(fournisseurs, theirs)| {
            Guichets::new(fournisseurs, sessions.clone(), commands.clone(), theirs)
        });
        let schema = Api::new(commands.clone(), bench.runner.progress().clone())
            .proving(sealer.clone())
            .signing_in(sessions);
        let schema = match expedition {
            Some(expedition) => schema.telling(expedition),
            None => schema,
        };
        let parts = parts(&bench, &commands, &sealer, schema, Verifier::demo(&issuer, clock)?);
        let limits = Limits { cadence, ..Limits::default() };
        let router = router(Parts { guichets: guichets.transpose()?, limits, ..parts });
        let (stop, stopped) = watch::channel(false);
        let runner = bench.runner.clone();
        let views = tokio::spawn(async move { runner.run(stopped).await });
        Ok(Self { bench, commands, sealer, issuer, router, stop, views: Some(views) })
    }

    /// Another door of this house, for the tokens of another issuer: no browser signs in there.
    pub fn porte(&self, verifier: Verifier) -> Router {
        let schema = Api::new(self.commands.clone(), self.bench.runner.progress().clone());
        router(parts(&self.bench, &self.commands, &self.sealer, schema, verifier))
    }

    /// A token of a compte, good for an hour.
    pub fn token(&self, compte: CompteId) -> Result<String> {
        let now = self.bench.clock.now();
        Ok(self.issuer.issue(compte, now, now + TimeDelta::hours(1))?)
    }

    /// Sends a request through the door.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>> {
        Ok(self.router.clone().oneshot(request).await?)
    }

    /// What somebody is given at a path: the status, and the bytes of a file.
    pub async fn telecharger(&self, who: Option<CompteId>, path: &str) -> Result<(StatusCode, Vec<u8>)> {
        let mut request = Request::get(path);
        if let Some(compte) = who {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token(compte)?));
        }
        let response = self.send(request.body(Body::empty())?).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes().to_vec()))
    }

    /// Asks in GraphQL and gives the whole answer back.
    pub async fn answer(&self, who: Option<CompteId>, query: &str, variables: Value) -> Result<Value> {
        let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        if let Some(compte) = who {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token(compte)?));
        }
        let body = json!({ "query": query, "variables": variables }).to_string();
        let response = self.send(request.body(Body::from(body))?).await?;
        let bytes = response.into_body().collect().await?.to_bytes();
        serde_json::from_slice(&bytes).context("the answer is not JSON")
    }

    /// Asks in GraphQL; an answer with errors is none.
    pub async fn ask(&self, who: Option<CompteId>, query: &str, variables: Value) -> Result<Value> {
        let mut answer = self.answer(who, query, variables).await?;
        ensure!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        Ok(answer["data"].take())
    }

    /// Asks for one mutation with one `input`, and gives its payload back once the views have
    /// read what it recorded: whoever acts next in a story acts later. Refusals are in its
    /// `userErrors`. `fields` are asked of the payload besides.
    pub async fn tell(&self, who: CompteId, mutation: &str, input: Value, fields: &str) -> Result<Value> {
        let kind = mutation[..1].to_uppercase() + &mutation[1..] + "Input";
        let query = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{
                position userErrors {{ code field message }} {fields} }} }}"
        );
        let payload = self.ask(Some(who), &query, json!({ "input": input })).await?[mutation].take();
        if let Some(position) = payload["position"].as_str() {
            self.bench.runner.progress().reach_for_use_cases(&position.parse()?).await;
        }
        Ok(payload)
    }

    /// The same, for what must be granted.
    pub async fn granted(&self, who: CompteId, mutation: &str, input: Value, fields: &str) -> Result<Value> {
        let payload = self.tell(who, mutation, input, fields).await?;
        ensure!(payload["userErrors"] == json!([]), "{mutation}: {payload:#}");
        Ok(payload)
    }

    /// The same, for what must be refused: the code of the refusal.
    pub async fn refused(&self, who: CompteId, mutation: &str, input: Value) -> Result<String> {
        let payload = self.tell(who, mutation, input, "").await?;
        let code = payload["userErrors"][0]["code"].as_str().context(format!("granted: {payload:#}"))?;
        Ok(code.to_owned())
    }

    /// Stops the views where they are.
    pub async fn still(&mut self) -> Result<()> {
        self.stop.send_replace(true);
        if let Some(views) = self.views.take() {
            views.await?;
        }
        Ok(())
    }

    /// Stops the views and the record.
    pub async fn close(mut self) -> Result<()> {
        self.still().await?;
        self.bench.ledger.close().await;
        Ok(())
    }
}
