//! `GET /cahiers/{enseignement}/{annee}.json`: the published cahier of an enseignement in a school
//! year, in an open format, for who keeps it or reads it by office. Files that accompany it are named with
//! their digests, and lie where they are: an archive of a year would be gigabytes with them.
//!
//! Source: circulaire n° 2010-136 du 6 septembre 2010 (a cahier is kept for a year after that in
//! which it was used, and five years as an archive).

use super::{Fichiers, Sans};
use crate::identity::Identite;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use chrono::{Days, NaiveDate};
use commands::rights::Action;
use commands::rights_of;
use domain::pieces::Objet;
use domain::{AnneeScolaire, SeanceId, TravailId};
use projections::annuaire::{Annuaire, Colonnes, Groupes};
use projections::cahier_de_textes::{Cahiers, SeanceEcrite, TravailDonne};
use projections::pieces::{PieceJointe, Pieces};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How one comes by the files that are named, and knows that they are those.
const ACCES_AUX_PIECES: &str = "Chaque pièce se télécharge à son adresse, au portail de l'établissement, par qui lit ce cahier ; l'empreinte SHA-256 de ses octets dit si c'est bien elle.";

/// The files that accompany each séance and each travail.
type Jointes = BTreeMap<Objet, Vec<Value>>;

pub(super) async fn fetch(
    State(fichiers): State<Fichiers>,
    Path((enseignement, name)): Path<(Uuid, String)>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let annee = name.strip_suffix(".json").and_then(|text| text.parse().ok()).ok_or(Sans::Absent)?;
    let (commands, annee) = (&fichiers.commands, AnneeScolaire(annee));
    let acteur = commands.acteur_identifie(identite.identifie()).await?;
    let views = commands.views();
    let row = Annuaire::enseignements(views, &[enseignement]).await?.pop().ok_or(Sans::Absent)?;
    let resource = rights_of::enseignement(&row, commands.today());
    fichiers.may(&acteur, Action::LireCahier, &resource).await?;
    let span = span(annee).ok_or(Sans::Absent)?;
    let seances = Cahiers::seances_de(views, enseignement, span).await?;
    let travaux = Cahiers::travaux_de(views, enseignement, span).await?;
    let visas = Cahiers::visas(views, enseignement).await?;
    let Colonnes { division, groupe } = row.auditoire.into();
    let division = Annuaire::divisions(views, division.as_slice()).await?.pop().map(|row| row.code);
    let groupe = Groupes::by_ids(views, groupe.as_slice()).await?.pop().map(|row| row.code);
    let seances: Vec<_> = seances.into_iter().filter(|one| one.publiee_le.is_some()).collect();
    let travaux: Vec<_> = travaux.into_iter().filter(TravailDonne::est_ouvert).collect();
    let objets: Vec<_> = seances.iter().map(de_seance).chain(travaux.iter().map(de_travail)).collect();
    let jointes = jointes(Pieces::jointes(views, &objets).await?);
    let published: Vec<_> = seances.iter().map(|one| seance(one, &jointes)).collect();
    let given: Vec<_> = travaux.iter().map(|one| travail(one, &jointes)).collect();
    let visas: Vec<_> = visas
        .iter()
        .map(|visa| json!({ "qualite": visa.qualite, "jusqu_au": visa.jusqu_au, "le": visa.le }))
        .collect();
    let archive = json!({
        "format": "cahier-de-textes/2",
        "annee_scolaire": annee.0,
        "division": division,
        "groupe": groupe,
        "matiere": row.matiere_libelle,
        "seances": published,
        "travaux": given,
        "visas": visas,
        "acces_aux_pieces": ACCES_AUX_PIECES,
    });
    let name = format!("attachment; filename=\"cahier-{}.json\"", annee.0);
    let headers =
        [(header::CONTENT_DISPOSITION, name), (header::CACHE_CONTROL, "private, no-store".to_owned())];
    Ok((headers, Json(archive)).into_response())
}

/// The days of a school year.
fn span(annee: AnneeScolaire) -> Option<(NaiveDate, NaiveDate)> {
    let first = |year: i32| NaiveDate::from_ymd_opt(year, 8, 1);
    let year = i32::from(annee.0);
    Some((first(year)?, first(year + 1)?.checked_sub_days(Days::new(1))?))
}

fn de_seance(row: &SeanceEcrite) -> Objet {
    Objet::Seance { seance: SeanceId(row.id) }
}

fn de_travail(row: &TravailDonne) -> Objet {
    Objet::Travail { travail: TravailId(row.id) }
}

fn jointes(rows: Vec<PieceJointe>) -> Jointes {
    let mut jointes = Jointes::new();
    for row in rows {
        if let Some(objet) = row.objet() {
            jointes.entry(objet).or_default().push(piece(&row));
        }
    }
    jointes
}

fn piece(row: &PieceJointe) -> Value {
    let (fiche, adresse) = (&row.fiche, format!("/pieces/{}", row.id));
    json!({ "id": row.id, "nom": fiche.nom, "media": fiche.format.media(), "octets": fiche.taille,
            "sha256": fiche.empreinte, "jointe_le": row.jointe_le, "adresse": adresse })
}

fn seance(row: &SeanceEcrite, jointes: &Jointes) -> Value {
    let pieces = jointes.get(&de_seance(row)).map_or(&[][..], Vec::as_slice);
    json!({ "id": row.id, "date": row.date, "debut": row.debut, "fin": row.fin, "titre": row.titre,
            "avant": row.avant, "apres": row.apres, "publiee_le": row.publiee_le, "pieces": pieces })
}

fn travail(row: &TravailDonne, jointes: &Jointes) -> Value {
    let pieces = jointes.get(&de_travail(row)).map_or(&[][..], Vec::as_slice);
    json!({ "id": row.id, "donne_le": row.donne_le, "pour_le": row.pour_le, "titre": row.titre,
            "consigne": row.consigne, "minutes": row.minutes, "a_rendre": row.a_rendre,
            "publie_le": row.publie_le, "pieces": pieces })
}
