//! What those who run the program ask: does it live, can it serve, how is it doing.

use axum::{
    Json, Router,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use futures::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// Who asks whether we are ready asks every few seconds.
const PATIENCE: Duration = Duration::from_secs(2);
/// For how long an answer is good. Anybody may ask, and each answer costs the database a
/// commit: however many ask, it is asked twice a second.
const GOOD_FOR: Duration = Duration::from_millis(500);

/// Knows whether requests can be served.
pub trait Readiness: Send + Sync {
    /// What is still waited for, named for an operator; nothing when all is ready.
    fn waiting_for(&self) -> BoxFuture<'_, Vec<String>>;

    /// What an operator should see to, though requests can be served.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }
}

/// `/sante` answers while the process serves: restart it if not. `/pret` says whether to
/// send it requests.
pub(super) fn routes(readiness: Arc<dyn Readiness>, metrics: PrometheusHandle) -> Router {
    let probe = Arc::new(Probe { readiness, last: Mutex::new(None) });
    let text = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Router::new()
        .route("/sante", get(async || Json(json!({"vivant": true}))))
        .route("/pret", get(move || ready(probe.clone())))
        .route("/metrics", get(async move || (text, metrics.render())))
}

/// The doors of a house that is not open yet: the probes answer, and everything else is
/// told to come back.
pub fn closed(readiness: Arc<dyn Readiness>, metrics: PrometheusHandle) -> Router {
    let message = "L'ENT démarre. Réessayez dans quelques secondes.";
    let body = json!({"errors": [{"message": message, "extensions": {"code": "INDISPONIBLE"}}]});
    let answer = (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "2")], Json(body));
    routes(readiness, metrics).fallback(async move || answer)
}

/// One question at a time, whose answer is everybody's.
struct Probe {
    readiness: Arc<dyn Readiness>,
    last: Mutex<Option<(Instant, Vec<String>)>>,
}

impl Probe {
    async fn waiting_for(&self) -> Vec<String> {
        let mut last = self.last.lock().await;
        if let Some((at, waiting)) = &*last
            && at.elapsed() < GOOD_FOR
        {
            return waiting.clone();
        }
        let waiting = tokio::time::timeout(PATIENCE, self.readiness.waiting_for())
            .await
            .unwrap_or_else(|_| vec!["la réponse de la sonde elle-même".to_owned()]);
        *last = Some((Instant::now(), waiting.clone()));
        waiting
    }
}

async fn ready(probe: Arc<Probe>) -> impl IntoResponse {
    let waiting = probe.waiting_for().await;
    let status = if waiting.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let signale = probe.readiness.remarks();
    (status, Json(json!({"pret": waiting.is_empty(), "attend": waiting, "signale": signale})))
}
