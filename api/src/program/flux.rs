//! The gRPC door for auditors, where one is configured.

use super::house::House;
use crate::config::Config;
use crate::eventstore::{Flux, Limits, serve};
use crate::http::CancellationToken;
use crate::identity::Verifier;
use anyhow::Context;
use ledger::clock::{Clock, SystemClock};
use ledger::wake;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

/// Takes the configured address; what is given serves there until told to stop.
pub async fn open(
    config: &Config,
    house: &House,
    verifier: Arc<Verifier>,
    stopped: watch::Receiver<bool>,
    closing: CancellationToken,
) -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let Some(address) = config.flux else { return Ok(serve_at(None)) };
    let listener = TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))?;
    tracing::info!(address = %listener.local_addr()?, "serving the record over gRPC");
    let (wake, woken) = watch::channel(0);
    tokio::spawn(wake::listen(house.pool.clone(), wake, stopped));
    #[allow(clippy::disallowed_methods)] // the edge that makes ids
    let ids = Arc::new(uuid::Uuid::new_v4);
    let flux = Flux {
        verifier,
        commands: house.commands.clone(),
        pool: house.pool.clone(),
        woken,
        clock: Arc::new(|| SystemClock.now()),
        ids,
        closing,
        limits: Limits::default(),
        cadence: config.cadence.clone(),
    };
    Ok(serve_at(Some((listener, flux, config.drain_timeout))))
}

async fn serve_at(door: Option<(TcpListener, Flux, Duration)>) {
    let Some((listener, flux, drain)) = door else { return };
    let closing = flux.closing.clone();
    let mut serving = pin!(serve(listener, flux));
    let served = tokio::select! {
        served = &mut serving => Ok(served),
        // Who takes nothing of what is left to say must not keep the program from stopping.
        () = closing.cancelled() => timeout(drain, serving).await,
    };
    match served {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the gRPC door has failed");
        }
        Err(_) => tracing::warn!("the gRPC door is closed on who was still reading"),
    }
}
