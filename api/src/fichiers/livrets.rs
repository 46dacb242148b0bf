//! `GET /livrets/{uai}/lsu/{annee}/{rang}.xml` and `GET /livrets/{uai}/lsl/{annee}.xml`: the
//! bulletins of an établissement in the grammars of the ministry, for its direction.
//!
//! A file leaves whole or not at all: where something lacks, the refusal lists it, as the
//! pre-check in GraphQL does. `division` asks for one division, `version` for a version.

use super::{Fichiers, Sans};
use crate::graphql::ids::key;
use crate::identity::Identite;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDateTime;
use commands::notes::Livrets;
use commands::rights::{Action, Resource};
use commands::{Refused, UseCaseError};
use domain::AnneeScolaire;
use domain::annuaire::{NumeroSts, Uai};
use domain::notes::{Livret, LivretLsu, RefusLivret, ScolariteLsl, VERSIONS, VersionDeLivret};
use projections::annuaire::{Annuaire, Division, Etablissement};
use serde::Deserialize;
use std::collections::HashMap;

/// Of which part of an établissement, and in which version.
#[derive(Deserialize)]
pub(super) struct Demandes {
    /// Global id of a division; all of them, if none is said.
    division: Option<String>,
    version: Option<String>,
}

/// Whose livrets are asked for.
struct Lieu {
    place: Etablissement,
    divisions: Vec<Division>,
    version: &'static VersionDeLivret,
}

pub(super) async fn lsu(
    State(fichiers): State<Fichiers>,
    Path((uai, annee, name)): Path<(String, i16, String)>,
    Query(asked): Query<Demandes>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let rang = name.strip_suffix(".xml").and_then(|rang| rang.parse().ok()).ok_or(Sans::Absent)?;
    let lieu = fichiers.lieu(&uai, &identite, Livret::Lsu, asked).await?;
    let _place = fichiers.place()?;
    let commands = &fichiers.commands;
    let annee = AnneeScolaire(annee);
    let livrets = commands.livrets_lsu(&lieu.place, &lieu.divisions, (annee, rang)).await?;
    let chef = fichiers.complets(&livrets).await?;
    let page = FichierLsu {
        version: lieu.version,
        programme: env!("CARGO_PKG_VERSION"),
        uai: &lieu.place.uai,
        annee: annee.0,
        chef: &chef,
        livret: &livrets.contenu,
    };
    sent(page.render(), &format!("lsu-{annee}-{rang}.xml"))
}

pub(super) async fn lsl(
    State(fichiers): State<Fichiers>,
    Path((uai, name)): Path<(String, String)>,
    Query(asked): Query<Demandes>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let annee = name.strip_suffix(".xml").and_then(|annee| annee.parse().ok()).ok_or(Sans::Absent)?;
    let lieu = fichiers.lieu(&uai, &identite, Livret::Lsl, asked).await?;
    let _place = fichiers.place()?;
    let annee = AnneeScolaire(annee);
    let livrets = fichiers.commands.livrets_lsl(&lieu.place, &lieu.divisions, annee).await?;
    fichiers.complets(&livrets).await?;
    let page = FichierLsl {
        version: lieu.version,
        programme: env!("CARGO_PKG_VERSION"),
        uai: &lieu.place.uai,
        annee: annee.0,
        scolarites: &livrets.contenu,
    };
    sent(page.render(), &format!("lsl-{annee}.xml"))
}

impl Fichiers {
    /// The établissement, for who may take its livrets out.
    async fn lieu(
        &self,
        uai: &str,
        identite: &Identite,
        livret: Livret,
        asked: Demandes,
    ) -> Result<Lieu, Sans> {
        let uai: Uai = uai.parse().map_err(|_| Sans::Absent)?;
        let acteur = self.commands.acteur_identifie(identite.identifie()).await?;
        let id = uai.etablissement();
        self.commands.permit(&acteur, Action::ExporterLivrets, &Resource::Etablissement { id })?;
        let views = self.commands.views();
        let place = Annuaire::etablissements(views, &[id.0]).await?.pop().ok_or(Sans::Absent)?;
        let mut divisions = Annuaire::divisions_of(views, &[id.0]).await?;
        if let Some(division) = asked.division {
            let division = key("Division", &division.into()).ok_or(Sans::Absent)?;
            divisions.retain(|row| row.id == division);
        }
        let version = livret.version(asked.version.as_deref()).ok_or_else(|| {
            let known = VERSIONS.iter().filter(|one| one.livret == livret).map(|one| one.version);
            refused(&RefusLivret::VersionDeLivretInconnue { connues: known.collect::<Vec<_>>().join(" ou ") })
        })?;
        Ok(Lieu { place, divisions, version })
    }

    /// Who is at the head of the établissement, if nobody lacks anything.
    async fn complets<T>(&self, livrets: &Livrets<T>) -> Result<String, Sans> {
        let lacking: Vec<_> = livrets.eleves.iter().filter(|(_, manques)| !manques.is_empty()).collect();
        if lacking.is_empty() && !livrets.eleves.is_empty() {
            return livrets.cadre.chef.clone().ok_or(Sans::Absent);
        }
        if livrets.eleves.is_empty() {
            return Err(refused(&RefusLivret::LivretVide));
        }
        let ids: Vec<_> = lacking.iter().map(|(eleve, _)| eleve.0).collect();
        let named = Annuaire::personnes(self.commands.views(), &ids).await?;
        let named: HashMap<_, _> =
            named.into_iter().map(|row| (row.id, format!("{} {}", row.prenom, row.nom))).collect();
        let lines = lacking.iter().flat_map(|(eleve, manques)| {
            let name = named.get(&eleve.0).map_or("Un élève", String::as_str);
            manques.iter().map(move |manque| format!("{name} : {manque}"))
        });
        let liste = lines.collect::<Vec<_>>().join("\n");
        Err(refused(&RefusLivret::LivretIncomplet { liste }))
    }
}

fn refused(refus: &RefusLivret) -> Sans {
    UseCaseError::Refused(Refused::of(refus)).into()
}

fn sent(written: Result<String, askama::Error>, name: &str) -> Result<Response, Sans> {
    let text = written.map_err(Sans::fault)?;
    let headers = [
        (header::CONTENT_TYPE, "application/xml; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, text).into_response())
}

#[derive(Template)]
#[template(path = "lsu.xml")]
struct FichierLsu<'a> {
    version: &'static VersionDeLivret,
    programme: &'static str,
    uai: &'a str,
    annee: i16,
    chef: &'a str,
    livret: &'a LivretLsu,
}

#[derive(Template)]
#[template(path = "lsl.xml")]
struct FichierLsl<'a> {
    version: &'static VersionDeLivret,
    programme: &'static str,
    uai: &'a str,
    annee: i16,
    scolarites: &'a [ScolariteLsl],
}

fn horloge(instant: &NaiveDateTime) -> String {
    instant.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// References to teachers, as a list.
fn enseignants(numeros: &[NumeroSts]) -> String {
    numeros.iter().map(|numero| format!("T{numero}")).collect::<Vec<_>>().join(" ")
}
