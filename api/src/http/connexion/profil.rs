//! The choice of a profil, for who has several.

use super::page::{Page, Refus};
use super::retour::panne;
use super::{Shared, Suite};
use crate::identity::Identite;
use crate::identity::sessions::Session;
use axum::Extension;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use commands::{Demande, UseCaseError};
use domain::annuaire::Profil;
use domain::identite::ProfilTenu;
use domain::{CommandeId, EtablissementId};
use projections::annuaire::Annuaire;
use serde::Deserialize;
use uuid::Uuid;

/// What was chosen: an établissement and a profil, as the page wrote them.
#[derive(Deserialize)]
pub(super) struct Choisi {
    profil: String,
}

/// Shows the profils; who has no session signs in first.
pub(super) async fn montrer(
    State(door): State<Shared>,
    Query(suite): Query<Suite>,
    Extension(identite): Extension<Identite>,
) -> Response {
    let Some(session) = identite.session() else { return Redirect::to("/connexion").into_response() };
    match profils(&door, session).await {
        Ok(boutons) => Page::of_profils(boutons, suite.vers()).answer(StatusCode::OK),
        Err(error) => panne(&error).answer(),
    }
}

/// Takes the choice, and goes on.
pub(super) async fn choisir(
    State(door): State<Shared>,
    Query(suite): Query<Suite>,
    Extension(identite): Extension<Identite>,
    Form(choisi): Form<Choisi>,
) -> Response {
    let Some(session) = identite.session() else { return Redirect::to("/connexion").into_response() };
    let Some(choix) = tenu(&choisi.profil) else { return Redirect::to("/connexion/profil").into_response() };
    match retenir(&door, session, choix).await {
        Ok(()) => Redirect::to(suite.vers()).into_response(),
        Err(UseCaseError::Refused(refused)) => Refus::Refuse(refused).answer(),
        Err(error) => panne(&error).answer(),
    }
}

async fn profils(door: &Shared, session: &Session) -> Result<Vec<(String, String)>, UseCaseError> {
    let commands = door.guichets.commands();
    let acteur = commands.acteur(Some(session.compte)).await?;
    let tenus = commands.profils(&acteur).await?;
    let ids: Vec<Uuid> = tenus.iter().map(|tenu| tenu.etablissement.0).collect();
    let houses = Annuaire::etablissements(commands.views(), &ids).await?;
    let named = |id: Uuid| houses.iter().find(|house| house.id == id).map_or("", |house| house.nom.as_str());
    let shown = tenus.into_iter().map(|ProfilTenu { etablissement, profil }| {
        let value = format!("{etablissement} {}", profil.as_str());
        (value, format!("{} – {}", libelle(profil), named(etablissement.0)))
    });
    Ok(shown.collect())
}

async fn retenir(door: &Shared, session: &Session, choix: ProfilTenu) -> Result<(), UseCaseError> {
    let (commands, sessions) = (door.guichets.commands(), door.guichets.sessions());
    let acteur = commands.acteur(Some(session.compte)).await?;
    let portail = sessions.portail(session.id).await?.ok_or(UseCaseError::Interdit)?;
    #[allow(clippy::disallowed_methods)] // the edge that makes ids
    let commande = CommandeId(Uuid::new_v4());
    let demande = Demande { acteur, commande, corps: Vec::new(), cause: None };
    commands.choisir_profil(&demande, session.id, portail, choix).await?;
    Ok(sessions.choose(session.id, choix).await?)
}

fn tenu(text: &str) -> Option<ProfilTenu> {
    let (etablissement, profil) = text.split_once(' ')?;
    let etablissement: EtablissementId = etablissement.parse().ok()?;
    Some(ProfilTenu { etablissement, profil: Profil::named(profil)? })
}

fn libelle(profil: Profil) -> &'static str {
    match profil {
        Profil::Eleve => "Élève",
        Profil::Responsable => "Responsable d'élève",
        Profil::Enseignant => "Enseignant",
        Profil::Direction => "Direction",
        Profil::VieScolaire => "Vie scolaire",
        Profil::Administratif => "Personnel administratif",
        Profil::Autre => "Autre",
    }
}
