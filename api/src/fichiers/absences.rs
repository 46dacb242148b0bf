//! The register of a day and the absences of a month, for who follows them.
//!
//! Each line is written as the database gives it, so that memory holds one. Where the database fails
//! on the way there is no file, since none is sent before its last line is written.

use super::tableau::{Format, Tableau};
use super::{Fichiers, Sans};
use crate::graphql::ids::key;
use crate::identity::Identite;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use chrono::{NaiveDate, NaiveDateTime};
use commands::rights::{Action, Resource};
use domain::absences::MoisCivil;
use domain::annuaire::Uai;
use futures::TryStreamExt;
use projections::absences::{Appels, DossierAbsence, Dossiers, LigneDeRegistre};
use serde::Deserialize;
use tokio::sync::SemaphorePermit;

/// Which part of a register.
#[derive(Deserialize)]
pub(super) struct Partie {
    /// Global id of a division, with the groupes that come from it; all rolls, if none is said.
    division: Option<String>,
}

/// `GET /listes/{uai}/registre/{jour}.csv` or `.xlsx`.
pub(super) async fn registre(
    State(fichiers): State<Fichiers>,
    Path((uai, name)): Path<(String, String)>,
    Query(partie): Query<Partie>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let (uai, _place) = fichiers.followed(&uai, &identite).await?;
    let (stem, format) = Format::of(&name).ok_or(Sans::Absent)?;
    let jour: NaiveDate = stem.parse().map_err(|_| Sans::Absent)?;
    let division = partie.division.map(|id| key("Division", &id.into()).ok_or(Sans::Absent)).transpose()?;
    let portail = uai.portail();
    let mut rows = Appels::registre(fichiers.commands.views(), portail.as_str(), jour, division);
    let columns = [
        "jour", "division", "groupe", "debut", "fin", "matiere", "appel", "nom", "prenom", "etat", "minutes",
        "motif",
    ];
    let mut table = Tableau::begin(format, &columns).map_err(Sans::fault)?;
    while let Some(row) = rows.try_next().await? {
        let cells = line(&jour.to_string(), &row);
        table.line(cells.iter().map(String::as_str)).map_err(Sans::fault)?;
    }
    table.send(&format!("registre-{jour}"))
}

fn line(jour: &str, row: &LigneDeRegistre) -> [String; 12] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let etat = match row.etat.as_deref() {
        Some("present") => "présent",
        Some("absent") => "absent",
        Some("en_retard") => "en retard",
        Some("depart_anticipe") => "départ anticipé",
        Some("infirmerie") => "passage à l'infirmerie",
        Some("oubli_de_carnet") => "oubli de carnet",
        _ => "",
    };
    [
        jour.to_owned(),
        text(&row.division),
        text(&row.groupe),
        row.debut.format("%H:%M").to_string(),
        row.fin.format("%H:%M").to_string(),
        row.matiere.clone(),
        if row.clos { "clos" } else { "non clos" }.to_owned(),
        text(&row.nom),
        text(&row.prenom),
        etat.to_owned(),
        row.minutes.map(|minutes| minutes.to_string()).unwrap_or_default(),
        text(&row.motif),
    ]
}

/// `GET /listes/{uai}/absences/{mois}.csv` or `.xlsx`; the month as `2026-11`.
pub(super) async fn mois(
    State(fichiers): State<Fichiers>,
    Path((uai, name)): Path<(String, String)>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let (uai, _place) = fichiers.followed(&uai, &identite).await?;
    let (stem, format) = Format::of(&name).ok_or(Sans::Absent)?;
    let first: NaiveDate = format!("{stem}-01").parse().map_err(|_| Sans::Absent)?;
    let mois = MoisCivil::of(first);
    let days = (mois.debut(), mois.fin());
    let mut rows = Dossiers::nommes(fichiers.commands.views(), uai.etablissement().0, days);
    let columns = ["nom", "prenom", "debut", "fin", "etat", "origine", "motif", "recevable", "raison"];
    let mut table = Tableau::begin(format, &columns).map_err(Sans::fault)?;
    while let Some(row) = rows.try_next().await? {
        let (names, said) = ([row.nom, row.prenom], cells(&row.dossier));
        table.line(names.iter().chain(&said).map(String::as_str)).map_err(Sans::fault)?;
    }
    table.send(&format!("absences-{mois}"))
}

fn cells(row: &DossierAbsence) -> [String; 7] {
    let at = |instant: NaiveDateTime| instant.format("%Y-%m-%d %H:%M").to_string();
    let decision = row.decision.as_ref();
    let kept = decision.and_then(|decision| decision.motif.as_ref());
    let motif = kept.or_else(|| row.justification.as_ref().map(|said| &said.motif));
    let recevable = decision.map(|decision| if decision.recevable { "oui" } else { "non" });
    [
        at(row.debut),
        at(row.fin),
        row.etat.clone(),
        row.origine.clone(),
        motif.map(|motif| motif.libelle.clone()).unwrap_or_default(),
        recevable.unwrap_or_default().to_owned(),
        decision.and_then(|decision| decision.raison.clone()).unwrap_or_default(),
    ]
}

impl Fichiers {
    /// The établissement, for who follows its absences and may take its lists out, and a place to
    /// write one.
    async fn followed(&self, uai: &str, identite: &Identite) -> Result<(Uai, SemaphorePermit<'_>), Sans> {
        let uai: Uai = uai.parse().map_err(|_| Sans::Absent)?;
        let acteur = self.commands.acteur_identifie(identite.identifie()).await?;
        let resource = Resource::Etablissement { id: uai.etablissement() };
        for action in [Action::ExporterListes, Action::SuivreAbsences] {
            self.commands.permit(&acteur, action, &resource)?;
        }
        Ok((uai, self.place()?))
    }
}
