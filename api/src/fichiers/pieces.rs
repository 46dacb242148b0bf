//! `POST /pieces` and `GET /pieces/{piece}`: files that accompany what is written.
//!
//! The body is the file, and `Content-Disposition` says its name (RFC 6266): a name may be
//! somebody's, and is in no address. What the file is, its bytes say. It is sealed as it comes, and
//! opened as it is read, so that a large one takes no more memory than a chunk of it; how many are on
//! their way is bounded by what they hold together, and of each compte by their number.

use super::debit::Venue;
use super::transit::{Part, Sens};
use super::{Fichiers, Sans};
use crate::graphql::ids::{global, key};
use crate::identity::Identite;
use async_graphql::ID;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use commands::pieces::{Lecture, Reception};
use domain::{PersonneId, PieceId};
use futures::stream;
use mail_parser::{MessageParser, MimeHeaders};
use projections::pieces::Pieces;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// It is shown by itself, and runs nothing.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// Whose the file is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pour {
    /// A pupil for whom one answers; without one it is one's own.
    eleve_id: Option<String>,
}

impl Pour {
    fn eleve(self) -> Result<Option<PersonneId>, Sans> {
        let Some(id) = self.eleve_id.map(ID) else { return Ok(None) };
        let found = key("Eleve", &id).or_else(|| key("Personne", &id)).ok_or(Sans::Absent)?;
        Ok(Some(PersonneId(found)))
    }
}

pub(super) async fn deposer(
    State(fichiers): State<Fichiers>,
    Query(pour): Query<Pour>,
    Extension(identite): Extension<Identite>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Sans> {
    let max = fichiers.piece_max;
    if announced(&headers).is_some_and(|length| length > max) {
        return Err(Sans::TropGrand(max));
    }
    let nom = nom(&headers).ok_or(Sans::Anonyme)?;
    let eleve = pour.eleve()?;
    let octets = announced(&headers).unwrap_or(max);
    let compte = identite.compte().ok_or(Sans::Absent)?;
    let _part = fichiers.transit.prendre(Sens::Depot, compte, octets)?;
    let commands = &fichiers.commands;
    let acteur = commands.acteur_identifie(identite.identifie()).await?;
    let piece = PieceId((fichiers.ids)());
    let mut reception = commands.recevoir_piece(&acteur, piece, eleve, octets).await?;
    if let Err(sans) = recevoir(&mut reception, body, max).await {
        reception.abandonner().await?;
        return Err(sans);
    }
    let fiche = reception.terminer(&nom).await?;
    let told = json!({
        "id": global("Piece", piece.0),
        "nom": fiche.nom,
        "media": fiche.format.media(),
        "taille": fiche.taille,
        "empreinte": fiche.empreinte,
    });
    Ok((StatusCode::CREATED, Json(told)).into_response())
}

async fn recevoir(reception: &mut Reception, body: Body, max: u64) -> Result<(), Sans> {
    let mut venue = Venue::new(body.into_data_stream());
    while let Some(octets) = venue.suite().await? {
        reception.recevoir(&octets).await?;
        if reception.taille() > max {
            return Err(Sans::TropGrand(max));
        }
    }
    Ok(())
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The name in `Content-Disposition`. A name that is not ASCII is written as RFC 8187 has it, which
/// mails write in the same way (RFC 2231).
fn nom(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(header::CONTENT_DISPOSITION)?.to_str().ok()?;
    let mail = format!("Content-Disposition: {said}\r\n\r\n");
    let mail = MessageParser::default().parse(mail.as_bytes())?;
    let disposition = mail.parts.first()?.content_disposition()?;
    disposition.attribute("filename").map(str::to_owned)
}

pub(super) async fn lire(
    State(fichiers): State<Fichiers>,
    Path(piece): Path<Uuid>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let commands = &fichiers.commands;
    let acteur = commands.acteur_identifie(identite.identifie()).await?;
    let piece = Pieces::jointe(commands.views(), piece).await?.ok_or(Sans::Absent)?;
    let (action, on) = commands.droit_de_lire_piece(&acteur, &piece).await?;
    fichiers.may(&acteur, action, &on).await?;
    let compte = identite.compte().ok_or(Sans::Absent)?;
    let part = fichiers.transit.prendre(Sens::Lecture, compte, piece.fiche.taille.into())?;
    let lecture = commands.ouvrir_piece(&piece).await?.ok_or(Sans::Absent)?;
    // The name is somebody's own words: it is not put into a header.
    let name = format!("attachment; filename=\"piece.{}\"", piece.fiche.format.extension());
    let headers = [
        (header::CONTENT_TYPE, piece.fiche.format.media().to_owned()),
        (header::CONTENT_LENGTH, piece.fiche.taille.to_string()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
    ];
    Ok((headers, montree(lecture, part)).into_response())
}

/// What can no longer be shown once it has begun is broken off. It keeps its part until its last bytes
/// are taken.
fn montree(lecture: Lecture, part: Part) -> Body {
    Body::from_stream(stream::try_unfold((lecture, part), |(mut lecture, part)| async move {
        let next = lecture.suite().await.inspect_err(|error| {
            tracing::error!(error = error as &dyn std::error::Error, "a file could not be read to its end");
        })?;
        Ok::<_, commands::UseCaseError>(next.map(|octets| (octets, (lecture, part))))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(said: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_DISPOSITION, said.parse().unwrap());
        nom(&headers)
    }

    #[test]
    fn a_file_is_named_as_browsers_and_programs_name_it() {
        assert_eq!(named("attachment; filename=\"devoir 3.pdf\"").as_deref(), Some("devoir 3.pdf"));
        let encoded = "attachment; filename*=UTF-8''%C3%89t%C3%A9%20de%20No%C3%A9.pdf";
        assert_eq!(named(encoded).as_deref(), Some("Été de Noé.pdf"));
        assert_eq!(named("attachment"), None);
    }
}
