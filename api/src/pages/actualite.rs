//! `/actualites/{id}`, at the portal's own host: what a publication shows to everybody now, with
//! the mentions légales of that version. The address never changes, so that one may ask later
//! what it showed on a day ([`publication_at`]). What is for the portal alone is not there.

use super::{Pages, said, sent};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use commands::rights::Action;
use commands::{UseCaseError, rights_of};
use domain::{PortailId, journee};
use projections::annuaire::Annuaire;
use projections::portails::Portails;
use projections::publications::{Publication, Publications};
use reqwest::Url;
use std::slice::from_ref;
use uuid::Uuid;

/// The path of a page, without the id.
const PATH: &str = "/actualites/";

/// Of which publication this is the address, if it is one of this portal: an URL at its host, or
/// its path alone.
pub fn publication_at(portail: &str, adresse: &str) -> Option<Uuid> {
    let path = match adresse.starts_with('/') {
        true => adresse.split(['?', '#']).next()?.to_owned(),
        false => {
            let url: Url = adresse.parse().ok()?;
            let (label, _) = url.host_str()?.split_once('.')?;
            (label == portail).then(|| url.path().to_owned())?
        }
    };
    path.strip_prefix(PATH)?.trim_end_matches('/').parse().ok()
}

/// The page of one publication.
pub(super) async fn page(State(pages): State<Pages>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let (status, told) = match read(&pages, &id, &headers).await {
        Ok(Some(page)) => (StatusCode::OK, page),
        Ok(None) => (StatusCode::NOT_FOUND, Page::only("Il n'y a rien à cette adresse")),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a public page could not be read");
            (StatusCode::SERVICE_UNAVAILABLE, Page::only("Cette page ne peut être lue : réessayez"))
        }
    };
    sent(status, &told)
}

/// What is shown at the host that was asked; what is not for everybody looks absent.
async fn read(pages: &Pages, id: &str, headers: &HeaderMap) -> Result<Option<Page>, UseCaseError> {
    let (commands, views) = (&pages.commands, pages.commands.views());
    let (Some(portail), Ok(id)) = (pages.portail(headers), id.parse()) else { return Ok(None) };
    let Some(row) = Publications::by_ids(views, &[id]).await?.pop() else { return Ok(None) };
    if row.portail != portail.as_str() {
        return Ok(None);
    }
    let Some(carrier) = Portails::by_ids(views, from_ref(&row.portail)).await?.pop() else { return Ok(None) };
    let now = pages.clock.now();
    let anybody = commands.acteur(None).await?;
    let resource = rights_of::parution(&row, portail, Some(&carrier), now);
    if !row.is_online(now) || commands.permit(&anybody, Action::LirePublication, &resource).is_err() {
        return Ok(None);
    }
    let directeur = directeur(pages, &row).await?;
    Ok(Page::of(row, carrier.nom, directeur))
}

/// Who answers for it: the directeur of the day on which it was put online, and as what.
async fn directeur(pages: &Pages, row: &Publication) -> Result<String, UseCaseError> {
    let (Some(directeur), Some(du)) = (row.directeur, row.du) else { return Ok(String::new()) };
    let views = pages.commands.views();
    let named = Annuaire::personnes(views, &[directeur]).await?.pop();
    let named = named.map(|one| format!("{} {}", one.prenom, one.nom)).unwrap_or_default();
    let terms = Portails::directions_on(views, from_ref(&row.portail), journee(du)).await?;
    let qualite = terms.into_iter().find(|term| term.directeur == directeur).map(|term| term.qualite);
    Ok([Some(named), qualite].into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// See the template.
#[derive(Template)]
#[template(path = "actualite.html")]
struct Page {
    titre: String,
    portail: String,
    parue: Option<Parue>,
}

/// What is shown, and who answers for it.
struct Parue {
    corps: String,
    version: i32,
    empreinte: String,
    directeur: String,
    du: DateTime<Utc>,
}

impl Page {
    fn of(row: Publication, portail: String, directeur: String) -> Option<Self> {
        let parue = Parue {
            corps: row.paru_corps?,
            version: row.paru_version?,
            empreinte: row.paru_empreinte?,
            directeur,
            du: row.du?,
        };
        Some(Self { titre: row.paru_titre?, portail, parue: Some(parue) })
    }

    fn only(titre: &str) -> Self {
        Self { titre: titre.to_owned(), portail: String::new(), parue: None }
    }
}

/// What [`Pages`] knows of hosts.
impl Pages {
    /// The portal whose host was asked.
    pub(super) fn portail(&self, headers: &HeaderMap) -> Option<PortailId> {
        let host = headers.get(header::HOST)?.to_str().ok()?;
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
        name.strip_suffix(&*self.base)?.strip_suffix('.')?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_that_of_a_publication_of_its_own_portal_alone() {
        let id = Uuid::from_u128(7);
        let at = |adresse: &str| publication_at("0690001b", &adresse.replace("ID", &id.to_string()));
        for adresse in [
            "https://0690001b.ent.exemple.fr/actualites/ID",
            "http://0690001b.ent.exemple.fr:8080/actualites/ID/?utm=x#bas",
            "/actualites/ID",
            "/actualites/ID?page=2",
        ] {
            assert_eq!(at(adresse), Some(id), "{adresse}");
        }
        for adresse in [
            "https://0690002c.ent.exemple.fr/actualites/ID",
            "https://0690001b/actualites/ID",
            "https://0690001b.ent.exemple.fr/pages/ID",
            "/actualites/",
            "actualites/ID",
            "",
        ] {
            assert_eq!(at(adresse), None, "{adresse}");
        }
    }
}
