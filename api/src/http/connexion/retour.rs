//! A browser comes back from a provider.

use super::guichet::{Apporte, Guichet, Meconnu, Reconnu, is_of};
use super::page::Refus;
use super::{
    ALLER, COOKIE, Door, SESSION_S, Shared, aller_of, clear_cookie, form_urlencoded, session_of, set_cookie,
    too_often,
};
use crate::http::cadence::Adresse;
use crate::identity::secret::Secret;
use crate::identity::sessions::Ouverture;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use commands::{Arrivee, Entree, UseCaseError};
use domain::SessionId;
use domain::identite::{FinDeSession, MotifDEchec};
use serde::Deserialize;
use uuid::Uuid;

/// What the provider has the browser bring: `code` or `error` (RFC 6749 §4.1.2), or `ticket`.
#[derive(Deserialize)]
pub(super) struct Params {
    state: Option<String>,
    code: Option<String>,
    ticket: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// Lets in who comes back, or says why not. A way back that is not this browser's spoils nothing:
/// what left can still come back.
pub(super) async fn revenir(
    State(door): State<Shared>,
    Path(nom): Path<String>,
    Query(params): Query<Params>,
    Extension(adresse): Extension<Adresse>,
    headers: HeaderMap,
) -> Response {
    if let Err(wait) = door.cadences.of_connexion(adresse) {
        return too_often(wait);
    }
    let Some(guichet) = door.guichets.named(&nom) else { return Refus::Inconnu.answer() };
    let left =
        aller_of(&headers).filter(|secret| params.state.as_deref().is_some_and(|etat| is_of(secret, etat)));
    let Some(secret) = left else {
        return door.inscrire(guichet, MotifDEchec::RetourRefuse, adresse).await.answer();
    };
    let entered = door.entrer(guichet, &secret, &params, adresse).await;
    let mut response = match entered {
        Ok(entered) => {
            // Who signs in again leaves the session of before.
            door.quitter(&headers).await;
            entered
        }
        Err(refus) => refus.answer(),
    };
    clear_cookie(response.headers_mut(), ALLER);
    response
}

impl Door {
    async fn entrer(
        &self,
        guichet: &Guichet,
        secret: &Secret,
        params: &Params,
        adresse: Adresse,
    ) -> Result<Response, Refus> {
        let refused = |motif| self.inscrire(guichet, motif, adresse);
        let retour = self.guichets.sessions().retour(secret).await.map_err(|error| panne(&error))?;
        let Some(retour) = retour.filter(|retour| retour.fournisseur == guichet.id().as_str()) else {
            return Err(refused(MotifDEchec::RetourRefuse).await);
        };
        let preuve = params.code.as_deref().or(params.ticket.as_deref());
        let Some(preuve) = preuve.filter(|_| params.error.is_none()) else {
            return Err(refused(MotifDEchec::ReponseRefusee).await);
        };
        let apporte = Apporte { secret, preuve, iss: params.iss.as_deref() };
        let reconnu = match guichet.reconnaitre(apporte).await {
            Ok(reconnu) => reconnu,
            Err(Meconnu::Absent) => return Err(Refus::Absent(guichet.libelle().to_owned())),
            Err(Meconnu::Echec(motif)) => return Err(refused(motif).await),
        };
        #[allow(clippy::disallowed_methods)] // the edge that makes ids
        let id = SessionId(Uuid::new_v4());
        let entree = self.accueillir(guichet, &reconnu, id, adresse).await?;
        self.ouvrir(guichet, &reconnu, id, &entree, &retour.vers).await
    }

    async fn accueillir(
        &self,
        guichet: &Guichet,
        reconnu: &Reconnu,
        id: SessionId,
        adresse: Adresse,
    ) -> Result<Entree, Refus> {
        let echec = guichet.echec(MotifDEchec::IdentiteInconnue, adresse.0);
        let arrivee = Arrivee {
            fournisseur: echec.fournisseur,
            portail: echec.portail,
            cle: reconnu.cle.clone(),
            adresse: adresse.0,
        };
        self.guichets.commands().ouvrir_session(&arrivee, id).await.map_err(|error| told(guichet, error))
    }

    /// Opens the session under a secret that the browser did not have before.
    async fn ouvrir(
        &self,
        guichet: &Guichet,
        reconnu: &Reconnu,
        id: SessionId,
        entree: &Entree,
        vers: &str,
    ) -> Result<Response, Refus> {
        let secret = Secret::fresh().map_err(|error| panne(&error))?;
        let digest = |nature: &str, valeur: &str| {
            let digest = self.guichets.commands().empreinte_externe(guichet.id(), nature, valeur);
            digest.map_err(|error| told(guichet, error))
        };
        let ouverture = Ouverture {
            id,
            entree,
            fournisseur: guichet.id(),
            sid: reconnu.sid.as_deref().map(|sid| digest("sid", sid)).transpose()?,
            sub: Some(digest("sub", &reconnu.sub)?),
        };
        self.guichets.sessions().open(&secret, &ouverture).await.map_err(|error| panne(&error))?;
        metrics::counter!("connexions_total", "issue" => "ouverte").increment(1);
        let to = match entree.profils.as_slice() {
            [_, _, ..] => format!("/connexion/profil?vers={}", form_urlencoded(vers)),
            [] | [_] => vers.to_owned(),
        };
        let mut response = Redirect::to(&to).into_response();
        set_cookie(response.headers_mut(), COOKIE, &secret.text(), SESSION_S);
        Ok(response)
    }

    async fn quitter(&self, headers: &HeaderMap) {
        let Some(secret) = session_of(headers) else { return };
        let sessions = self.guichets.sessions();
        if let Ok(Some(before)) = sessions.find(&secret).await {
            self.finir(before.id, FinDeSession::Deconnexion).await;
        }
    }

    /// Puts a failure on the record; what is told is the same where that fails.
    async fn inscrire(&self, guichet: &Guichet, motif: MotifDEchec, adresse: Adresse) -> Refus {
        let echec = guichet.echec(motif, adresse.0);
        let (Ok(error) | Err(error)) = self.guichets.commands().inscrire_echec(&echec).await;
        told(guichet, error)
    }
}

/// What who was not let in is told; what is no refusal is logged.
fn told(guichet: &Guichet, error: UseCaseError) -> Refus {
    metrics::counter!("connexions_total", "issue" => "refusee").increment(1);
    match error {
        UseCaseError::Refused(refused) => {
            tracing::info!(fournisseur = %guichet.id(), code = refused.code, "a sign-in was refused");
            Refus::Refuse(refused)
        }
        other => panne(&other),
    }
}

pub(super) fn panne(error: &(dyn std::error::Error + 'static)) -> Refus {
    tracing::error!(error, "nobody can sign in");
    Refus::Panne
}
