//! `GET /copies/{travail}/{eleve}`: what a pupil has handed in, for him or her, the family, and who
//! keeps the cahier.

use super::{Fichiers, Sans};
use crate::identity::Identite;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use commands::rights::Action;
use commands::rights_of;
use projections::annuaire::Annuaire;
use projections::cahier_de_textes::Cahiers;
use uuid::Uuid;

pub(super) async fn fetch(
    State(fichiers): State<Fichiers>,
    Path((travail, eleve)): Path<(Uuid, Uuid)>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let commands = &fichiers.commands;
    let acteur = commands.acteur_identifie(identite.identifie()).await?;
    let travail = Cahiers::travaux(commands.views(), &[travail]).await?.pop().ok_or(Sans::Absent)?;
    let row = Annuaire::enseignements(commands.views(), &[travail.enseignement]).await?.pop();
    let row = row.ok_or(Sans::Absent)?;
    let teacher = rights_of::enseignement(&row, commands.today());
    if commands.permit(&acteur, Action::LireCahier, &teacher).is_ok() {
        fichiers.may(&acteur, Action::LireCahier, &teacher).await?;
    } else {
        let pupil = Annuaire::eleves(commands.views(), &[eleve]).await?.pop().ok_or(Sans::Absent)?;
        let dossier = rights_of::dossier(&pupil, Some(row.etablissement));
        fichiers.may(&acteur, Action::LireCahierEleve, &dossier).await?;
    }
    let found = Cahiers::piece(commands.views(), travail.id, eleve).await?.ok_or(Sans::Absent)?;
    // The name is the pupil's own words: it is not put into a header.
    let headers = [
        (header::CONTENT_TYPE, found.piece.format.media()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"copie\""),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, found.octets).into_response())
}
