//! A house that opens however long its database keeps it waiting.
//!
//! Whoever starts machines after a power cut starts them in any order. The program takes
//! its address at once; until its database is there and migrated, the probes say what it
//! waits for, and everything else is told to come back.

use super::house::House;
use super::readiness::DATABASE;
use crate::config::Config;
use crate::http::{self, CancellationToken, Connections, Readiness, closed};
use anyhow::Context;
use futures::future::BoxFuture;
use ledger::clock::Clock;
use ledger::trouble::stems_from_absence;
use metrics_exporter_prometheus::PrometheusHandle;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_millis(500);
/// How long an answer under way may keep an open house waiting: those of the probes are short,
/// and a client that is slow on purpose waits for nobody.
const DRAIN: Duration = Duration::from_secs(1);

/// What is waited for.
struct Waiting(watch::Receiver<&'static str>);

impl Readiness for Waiting {
    fn waiting_for(&self) -> BoxFuture<'_, Vec<String>> {
        let what = *self.0.borrow();
        Box::pin(async move { vec![what.to_owned()] })
    }
}

/// Opens the house, and meanwhile answers on `listener`. Only what waiting cannot mend is
/// an error.
pub async fn patiently(
    config: &Config,
    clock: Arc<dyn Clock>,
    listener: &TcpListener,
    metrics: PrometheusHandle,
) -> anyhow::Result<House> {
    let (waits, waiting) = watch::channel(DATABASE);
    let closing = CancellationToken::new();
    let routes = closed(Arc::new(Waiting(waiting)), metrics);
    let bounds = Connections { drain: DRAIN, ..Connections::default() };
    let doors = tokio::spawn(http::serve(twin(listener)?, routes, bounds, closing.clone()));
    let house = try_until_open(config, clock, &waits).await;
    closing.cancel();
    doors.await.context("doors")?;
    house
}

async fn try_until_open(
    config: &Config,
    clock: Arc<dyn Clock>,
    waits: &watch::Sender<&'static str>,
) -> anyhow::Result<House> {
    // Who reads the log is told as soon as who asks /pret, and once for each thing.
    let told = |what| {
        if waits.send_replace(what) != what {
            tracing::info!(what, "waiting");
        }
    };
    tracing::info!(what = DATABASE, "waiting");
    loop {
        told(DATABASE);
        match House::open_telling(config, clock.clone(), &told).await {
            Err(error) if stems_from_absence(&*error) => {
                tracing::warn!(
                    error = &*error as &dyn std::error::Error,
                    "the database is away; trying again"
                );
                tick().await;
            }
            opened => return opened,
        }
    }
}

/// The same socket, to be accepted from by somebody else.
fn twin(listener: &TcpListener) -> anyhow::Result<TcpListener> {
    let twin = std::net::TcpListener::from(listener.as_fd().try_clone_to_owned()?);
    Ok(TcpListener::from_std(twin)?)
}

#[allow(clippy::disallowed_methods)] // nothing tells that a database has come
async fn tick() {
    tokio::time::sleep(PAUSE).await;
}
