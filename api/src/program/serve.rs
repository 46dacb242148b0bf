//! `ent serve`: the doors open, the views kept up to date, until told to stop.

use super::assiduite;
use super::documents::trusted;
use super::flux;
use super::horodateur::Horodateur;
use super::house::House;
use super::interventions;
use super::opening;
use super::pieces;
use super::readiness::Opened;
use super::witnesses::Witnesses;
use crate::config::{Config, Jwks};
use crate::envois::{self, Distribution, Expedition};
use crate::fichiers;
use crate::graphql::{Api, sdl};
use crate::http::{self, CancellationToken, Connections, Guichets, Ids, Journals, Limits, Parts, router};
use crate::identity::fournisseur::Fournisseurs;
use crate::identity::sessions::Sessions;
use crate::identity::{self, JwksSource, Verifier, VerifierConfig};
use crate::pages;
use anyhow::Context;
use axum::Router;
use chrono::TimeDelta;
use ledger::clock::{Clock, SystemClock};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::future::Future;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How far the issuer's clock may be from ours.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);
/// Seconds, for the histograms of durations.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// What stands between the house and the network.
pub struct Door {
    /// What tells good tokens from bad ones.
    pub verifier: Verifier,
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
}

/// Serves with the identity that is configured.
pub async fn serve(config: &Config) -> anyhow::Result<()> {
    tracing::info!("configuration\n{config}");
    let verifier = verifier(config)?;
    let door = Door { verifier, metrics: metrics()? };
    let listener = listen(config).await?;
    let opening = opening::patiently(config, Arc::new(SystemClock), &listener, door.metrics.clone());
    let mut stop = Box::pin(stop_signal());
    let house = tokio::select! {
        house = opening => house?,
        () = &mut stop => return Ok(()),
    };
    serve_until(config, house, door, listener, stop).await
}

/// Takes the configured address.
pub async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    TcpListener::bind(config.listen).await.with_context(|| format!("listening on {}", config.listen))
}

/// Serves until `stop` resolves; then what was taken is answered, recorded and closed.
pub async fn serve_until(
    config: &Config,
    house: House,
    door: Door,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let (stopping, stopped) = watch::channel(false);
    let runner = house.runner.clone();
    let views = tokio::spawn({
        let stopped = stopped.clone();
        async move { runner.run(stopped).await }
    });
    let ledger = house.ledger.clone();
    let commands = house.commands.clone();
    let expiring = tokio::spawn({
        let stopped = stopped.clone();
        async move { interventions::expire(commands, stopped).await }
    });
    let commands = house.commands.clone();
    let stating = tokio::spawn({
        let stopped = stopped.clone();
        async move { assiduite::state(commands, stopped).await }
    });
    let commands = house.commands.clone();
    let sweeping = tokio::spawn({
        let stopped = stopped.clone();
        async move { pieces::sweep(commands, stopped).await }
    });
    let heeding = tokio::spawn({
        let stopped = stopped.clone();
        async move { ledger.heed_erasures(stopped).await }
    });
    let sealer = house.sealer.clone();
    let witnesses = Witnesses::of(config)?;
    let horodateur = Horodateur::of(config)?;
    let sealing = tokio::spawn({
        let stopped = stopped.clone();
        async move {
            let witnessing = async {
                if let Some(witnesses) = witnesses {
                    witnesses.run(sealer.clone(), stopped.clone()).await;
                }
            };
            let dating = async {
                if let Some(horodateur) = horodateur {
                    horodateur.run(sealer.clone(), stopped.clone()).await;
                }
            };
            tokio::join!(sealer.run(stopped.clone()), witnessing, dating);
        }
    });
    let expedition = expedition(config)?;
    let telling = tokio::spawn({
        let distribution = expedition.clone().map(|by| Distribution::new(house.commands.clone(), by));
        let stopped = stopped.clone();
        async move {
            match distribution {
                Some(distribution) => distribution.run(stopped).await,
                None => tracing::warn!("families are told nothing outside the ENT: set ENT_ENVOIS"),
            }
        }
    });
    tracing::info!(address = %listener.local_addr()?, "serving");
    let closing = CancellationToken::new();
    let verifier = Arc::new(door.verifier);
    let flux = flux::open(config, &house, verifier.clone(), stopped, closing.clone()).await?;
    let routes = routes(config, &house, verifier, door.metrics, expedition, closing.clone()).await?;
    let told = async {
        stop.await;
        tracing::info!("stopping: no new requests, answering those under way");
        closing.cancel();
    };
    tokio::join!(http::serve(listener, routes, connections(config), closing.clone()), flux, told);
    stopping.send_replace(true);
    views.await.context("views")?;
    heeding.await.context("erasures")?;
    expiring.await.context("interventions")?;
    telling.await.context("envois")?;
    stating.await.context("assiduité")?;
    sweeping.await.context("pièces")?;
    sealing.await.context("sealer")?;
    house.close().await?;
    tracing::info!("stopped");
    Ok(())
}

/// The routes over an open house.
async fn routes(
    config: &Config,
    house: &House,
    verifier: Arc<Verifier>,
    metrics: PrometheusHandle,
    expedition: Option<Expedition>,
    closing: CancellationToken,
) -> anyhow::Result<Router> {
    #[allow(clippy::disallowed_methods)] // the edge that makes ids
    let ids: Ids = Arc::new(uuid::Uuid::new_v4);
    let limits = Limits {
        body_bytes: config.max_body_bytes,
        request_time: config.request_timeout,
        sockets: config.max_sockets,
        cadence: config.cadence.clone(),
        ..Limits::default()
    };
    let clock: identity::Clock = Arc::new(|| SystemClock.now());
    let guichets = guichets(config, house, &clock)?;
    let api = Api::new(house.commands.clone(), house.runner.progress().clone()).proving(house.sealer.clone());
    let api = match expedition {
        Some(expedition) => api.telling(expedition),
        None => api,
    };
    let schema = match &guichets {
        Some(guichets) => api.signing_in(guichets.sign_in().sessions),
        None => api,
    };
    Ok(router(Parts {
        schema,
        guichets,
        sdl,
        verifier,
        readiness: Arc::new(Opened::new(
            house.pool.clone(),
            house.ledger.clone(),
            house.runner.clone(),
            house.sealer.clone(),
        )),
        metrics,
        trusted: trusted(config, &limits.document).await?,
        base: config.base_domain.as_str().into(),
        limits,
        clock,
        closing,
        ids: ids.clone(),
        pages: Journals::new(house.sealer.clone(), house.commands.clone(), &config.base_domain)
            .routes()
            .merge(pages::routes(
                house.commands.clone(),
                Arc::new(SystemClock),
                house.sealer.clone(),
                &config.base_domain,
            ))
            .merge(fichiers::routes(
                house.commands.clone(),
                ids,
                config.pdf.as_ref().map(fichiers::presse),
                config.max_piece_bytes.into(),
            )),
    }))
}

/// The carriers that are configured.
fn expedition(config: &Config) -> anyhow::Result<Option<Expedition>> {
    let Some(path) = &config.envois else { return Ok(None) };
    let envois = envois::Envois::read(path).context("carriers")?;
    Ok(Some(envois.expedition(&config.base_domain).context("carriers")?))
}

/// The identity providers that are configured.
fn guichets(config: &Config, house: &House, clock: &identity::Clock) -> anyhow::Result<Option<Guichets>> {
    let Some(path) = &config.fournisseurs else { return Ok(None) };
    let fournisseurs = Fournisseurs::read(path).context("identity providers")?;
    tracing::info!(fournisseurs = fournisseurs.tous.len(), "browsers may sign in");
    let sessions = Sessions::new(house.pool.clone(), clock.clone());
    let guichets = Guichets::new(fournisseurs, sessions, house.commands.clone(), clock.clone());
    Ok(Some(guichets.context("identity providers")?))
}

fn connections(config: &Config) -> Connections {
    let enough = || u32::try_from(config.max_sockets).unwrap_or(u32::MAX).saturating_add(4096);
    let most = config.max_connections.unwrap_or_else(enough);
    Connections { most, drain: config.drain_timeout, ..Connections::default() }
}

/// Records the program's metrics for `/metrics`.
pub fn metrics() -> anyhow::Result<PrometheusHandle> {
    Ok(PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?)
}

fn verifier(config: &Config) -> anyhow::Result<Verifier> {
    let (Some(issuer), Some(jwks)) = (&config.issuer, &config.jwks) else {
        anyhow::bail!(
            "nobody could sign in: set ENT_ISSUER and ENT_JWKS (a URL or a file), or try `ent demo`"
        );
    };
    let jwks = match jwks {
        Jwks::Url(url) => JwksSource::Url(url.clone()),
        Jwks::File(path) => JwksSource::File(path.clone()),
    };
    let config =
        VerifierConfig { issuer: issuer.clone(), audience: config.audience.clone(), jwks, leeway: LEEWAY };
    Ok(Verifier::new(config, Arc::new(|| SystemClock.now()))?)
}

/// SIGTERM or Ctrl-C.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => {
            if interrupted.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
