//! Signing out: here, or at the provider, which says so.

use super::guichet::{Avis, Guichet};
use super::page::{Page, Refus};
use super::{COOKIE, Door, Shared, clear_cookie};
use crate::identity::Identite;
use crate::identity::cas::lire_deconnexion;
use crate::identity::sessions::Finie;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use commands::UseCaseError;
use domain::SessionId;
use domain::identite::FinDeSession;
use serde::Deserialize;
use serde_json::json;

/// A logout token (OIDC Back-Channel Logout 1.0 §2.5), or a SAML request (CAS Protocol 3.0.3
/// §2.3.3).
#[derive(Deserialize)]
pub(super) struct Annonce {
    logout_token: Option<String>,
    #[serde(rename = "logoutRequest")]
    logout_request: Option<String>,
}

/// Asks before leaving: a link from elsewhere signs nobody out.
pub(super) async fn montrer() -> Response {
    Page::of_sortie().answer(StatusCode::OK)
}

/// Signs out here.
pub(super) async fn sortir(State(door): State<Shared>, Extension(identite): Extension<Identite>) -> Response {
    if let Some(session) = identite.session() {
        door.finir(session.id, FinDeSession::Deconnexion).await;
    }
    let mut response = Page::of_depart().answer(StatusCode::OK);
    clear_cookie(response.headers_mut(), COOKIE);
    response
}

/// Hears a provider out. It is no browser: it is answered as its protocol says.
pub(super) async fn distante(
    State(door): State<Shared>,
    Path(nom): Path<String>,
    annonce: Result<Form<Annonce>, FormRejection>,
) -> Response {
    let Some(guichet) = door.guichets.named(&nom) else { return Refus::Inconnu.answer() };
    let Ok(Form(annonce)) = annonce else { return refused() };
    match door.entendre(guichet, &annonce).await {
        Ok(true) => StatusCode::OK.into_response(),
        Ok(false) => refused(),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a notice of logout could not be heard"
            );
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// §2.8.
fn refused() -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_request" }))).into_response()
}

impl Door {
    /// Ends a session, and puts that on the record.
    pub(super) async fn finir(&self, id: SessionId, fin: FinDeSession) {
        match self.guichets.sessions().close(id).await {
            Ok(finie) => self.inscrire_fin(finie.iter(), fin).await,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a session could not be ended");
            }
        }
    }

    /// Ends what a provider says has ended; says whether it is to be believed.
    async fn entendre(&self, guichet: &Guichet, annonce: &Annonce) -> Result<bool, UseCaseError> {
        let Some(avis) = avis(guichet, annonce).await else { return Ok(false) };
        let (commands, sessions) = (self.guichets.commands(), self.guichets.sessions());
        let digest = |nature: &str, valeur: &str| commands.empreinte_externe(guichet.id(), nature, valeur);
        let (sid, sub) = match &avis {
            Avis::Ticket(ticket) => (Some(digest("sid", ticket)?), None),
            Avis::Jeton(sortie) => {
                if !sessions.first_heard(digest("jti", &sortie.jti)?, sortie.expire).await? {
                    return Ok(false);
                }
                let sid = sortie.sid.as_deref().map(|sid| digest("sid", sid)).transpose()?;
                (sid, sortie.sub.as_deref().map(|sub| digest("sub", sub)).transpose()?)
            }
        };
        let ended = sessions.close_of(guichet.id(), sid, sub).await?;
        tracing::info!(fournisseur = %guichet.id(), sessions = ended.len(), "signed out at the provider");
        self.inscrire_fin(ended.iter(), FinDeSession::DeconnexionDistante).await;
        Ok(true)
    }

    /// The sessions are over already: the record not being there does not bring them back.
    async fn inscrire_fin(&self, finies: impl Iterator<Item = &Finie>, fin: FinDeSession) {
        for finie in finies {
            let Some(portail) = finie.portail() else { continue };
            let ended = self.guichets.commands().clore_session(finie.compte(), finie.id(), portail, fin);
            if let Err(error) = ended.await {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, session = %finie.id(), "the end of a session is not on the record");
            }
        }
    }
}

/// What the provider says, if it is its own word.
async fn avis(guichet: &Guichet, annonce: &Annonce) -> Option<Avis> {
    match (guichet.oidc(), annonce) {
        (Some(oidc), Annonce { logout_token: Some(token), .. }) => match oidc.sortie(token).await {
            Ok(sortie) => Some(Avis::Jeton(sortie)),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::info!(fournisseur = %guichet.id(), error, "a logout token was refused");
                None
            }
        },
        // Nobody signs it: who knows the ticket is believed, since only the server and we do.
        (None, Annonce { logout_request: Some(request), .. }) => {
            lire_deconnexion(request.as_bytes()).ok().map(Avis::Ticket)
        }
        (Some(_) | None, _) => None,
    }
}
