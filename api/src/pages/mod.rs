//! Pages in French, rendered whole by the program: light, without script.

mod sante_du_journal;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use ledger::clock::Clock;
use ledger::sealer::Sealer;
use sqlx::PgPool;
use std::sync::Arc;

/// Their own style, and nothing else from anywhere.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("../../templates/pages.css");

/// What the pages are made from.
#[derive(Clone)]
struct Pages {
    views: PgPool,
    clock: Arc<dyn Clock>,
    /// What witnesses answered to this process.
    sealer: Sealer,
}

/// The pages, over the views and the record of one database.
pub fn routes(views: PgPool, clock: Arc<dyn Clock>, sealer: Sealer) -> Router {
    let style =
        ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")], STYLE);
    Router::new()
        .route("/sante-du-journal/{portail}", get(sante_du_journal::page))
        .route("/pages.css", get(async move || style))
        .with_state(Pages { views, clock, sealer })
}
