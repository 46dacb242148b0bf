//! `GET /copies/{travail}/{eleve}`: what a pupil has handed in in the event itself, for him or her, the
//! family, and who keeps the cahier.

use super::{Fichiers, Sans};
use crate::identity::Identite;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use projections::cahier_de_textes::Cahiers;
use uuid::Uuid;

pub(super) async fn fetch(
    State(fichiers): State<Fichiers>,
    Path((travail, eleve)): Path<(Uuid, Uuid)>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let commands = &fichiers.commands;
    let acteur = commands.acteur_identifie(identite.identifie()).await?;
    let (action, on) = commands.droit_de_lire_copie(&acteur, travail, eleve).await?;
    fichiers.may(&acteur, action, &on).await?;
    let found = Cahiers::piece(commands.views(), travail, eleve).await?.ok_or(Sans::Absent)?;
    // The name is the pupil's own words: it is not put into a header.
    let headers = [
        (header::CONTENT_TYPE, found.piece.format.media()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"copie\""),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, found.octets).into_response())
}
