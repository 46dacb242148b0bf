//! Pages in French, rendered whole by the program: light, without script.

mod actualite;
mod mentions_legales;
mod sante_du_journal;

pub use actualite::publication_at;

use askama::Template;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use chrono_tz::Europe::Paris;
use commands::Commands;
use domain::journee;
use ledger::clock::Clock;
use ledger::sealer::Sealer;
use std::sync::Arc;

/// Their own style, and nothing else from anywhere.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("../../templates/pages.css");

/// What the pages are made from.
#[derive(Clone)]
struct Pages {
    /// The rights, and the views that they stand on.
    commands: Commands,
    clock: Arc<dyn Clock>,
    /// What witnesses answered to this process.
    sealer: Sealer,
    /// The domain under which the portals have their hosts.
    base: Arc<str>,
}

/// The pages, over the views and the record of one database.
pub fn routes(commands: Commands, clock: Arc<dyn Clock>, sealer: Sealer, base: &str) -> Router {
    let style =
        ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")], STYLE);
    Router::new()
        .route("/sante-du-journal/{portail}", get(sante_du_journal::page))
        .route("/actualites/{id}", get(actualite::page))
        .route("/mentions-legales", get(mentions_legales::page))
        .route("/partenaires", get(mentions_legales::partenaires))
        .route("/theme.css", get(mentions_legales::theme))
        .route("/pages.css", get(async move || style))
        .with_state(Pages { commands, clock, sealer, base: base.into() })
}

/// The page of a portal at its own host, as it is sent: what is withdrawn must not be shown any longer by
/// anybody's cache.
fn sent(status: StatusCode, page: &impl Template) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "host"),
    ];
    match page.render() {
        Ok(html) => (status, headers, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a public page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// An instant as it is said, by the clock of Paris.
fn said(instant: &DateTime<Utc>) -> String {
    format!("{} à {}", journee(*instant).format("%d/%m/%Y"), instant.with_timezone(&Paris).format("%H:%M"))
}
