//! `/mentions-legales`, at the portal's own host: who answers for it, today or on the day that
//! `?le=` names, as its journal says; and `/theme.css`, how it looks. At the base domain,
//! `/partenaires` leads to the portal common to all partners.

use super::{Pages, sent};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use commands::UseCaseError;
use domain::journee;
use projections::annuaire::Annuaire;
use projections::portails::{Maisons, Portails, Theme};
use serde::Deserialize;
use std::slice::from_ref;

/// Of which day.
#[derive(Deserialize)]
pub(super) struct Jour {
    le: Option<NaiveDate>,
}

/// The page of a portal.
pub(super) async fn page(
    State(pages): State<Pages>,
    Query(jour): Query<Jour>,
    headers: HeaderMap,
) -> Response {
    let le = jour.le.unwrap_or_else(|| journee(pages.clock.now()));
    let (status, told) = match read(&pages, le, &headers).await {
        Ok(Some(page)) => (StatusCode::OK, page),
        Ok(None) => (StatusCode::NOT_FOUND, Page::default()),
        Err(error) => return unreadable(&error),
    };
    sent(status, &told)
}

/// The look of the portal whose host was asked; an unknown host has none.
pub(super) async fn theme(State(pages): State<Pages>, headers: HeaderMap) -> Response {
    let Some(portail) = pages.portail(&headers) else { return StatusCode::NOT_FOUND.into_response() };
    let views = pages.commands.views();
    let found = async {
        let known = Portails::by_ids(views, &[portail.to_string()]).await?.pop();
        Ok::<_, sqlx::Error>((known.is_some(), Maisons::theme(views, portail.as_str()).await?))
    };
    match found.await {
        Ok((false, _)) => StatusCode::NOT_FOUND.into_response(),
        Ok((true, theme)) => {
            let headers = [
                (header::CONTENT_TYPE, "text/css; charset=utf-8"),
                (header::CACHE_CONTROL, "max-age=300"),
                (header::VARY, "host"),
            ];
            (headers, theme.as_ref().map(sheet).unwrap_or_default()).into_response()
        }
        Err(error) => unreadable(&error.into()),
    }
}

/// Where the common portal is, for who types its path.
pub(super) async fn partenaires(State(pages): State<Pages>, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    if !name.eq_ignore_ascii_case(&pages.base) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Redirect::permanent(&format!("//partenaires.{}{port}/mentions-legales", pages.base)).into_response()
}

/// Colours were checked when they were chosen: nothing else can be in them.
fn sheet(theme: &Theme) -> String {
    let Theme { fond, texte, accent, .. } = theme;
    format!(
        ":root {{ color-scheme: only light; }}\nbody {{ background: {fond}; color: {texte}; }}\na {{ color: {accent}; }}\n"
    )
}

async fn read(pages: &Pages, le: NaiveDate, headers: &HeaderMap) -> Result<Option<Page>, UseCaseError> {
    let views = pages.commands.views();
    let Some(id) = pages.portail(headers) else { return Ok(None) };
    let label = id.to_string();
    let Some(portail) = Portails::by_ids(views, from_ref(&label)).await?.pop() else { return Ok(None) };
    let direction = Portails::directions_on(views, from_ref(&label), le).await?.pop();
    let theme = Maisons::theme(views, &label).await?;
    let directeur = match &direction {
        Some(direction) => Annuaire::personnes(views, &[direction.directeur]).await?.pop(),
        None => None,
    };
    let nom = directeur.map(|one| format!("{} {}", one.prenom, one.nom));
    let said = [nom, direction.map(|direction| direction.qualite)];
    Ok(Some(Page {
        titre: theme.map_or_else(|| portail.nom.clone(), |theme| theme.titre),
        hote: format!("{label}.{}", pages.base),
        titulaire: portail.nature().map(|nature| nature.titulaire()).unwrap_or_default(),
        directeur: said.into_iter().flatten().collect::<Vec<_>>().join(", "),
        editeur: portail.nom,
        le: le.format("%d/%m/%Y").to_string(),
    }))
}

fn unreadable(error: &UseCaseError) -> Response {
    tracing::error!(error = error as &dyn std::error::Error, "a public page could not be read");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// See the template; empty where there is nothing at the address.
#[derive(Template, Default)]
#[template(path = "mentions_legales.html")]
struct Page {
    titre: String,
    hote: String,
    editeur: String,
    titulaire: &'static str,
    directeur: String,
    le: String,
}
