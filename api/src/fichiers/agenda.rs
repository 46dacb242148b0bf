//! `GET /agenda/{secret}`: a person's agenda for calendar programs (RFC 5545), without signing in.
//!
//! The address is the right: it is random, only its hash is kept, and who opened it closes it. It
//! shows what its person may see at that moment, and nothing once the person is suspended. Each
//! séance is an event of its own, at the hours of the clock on the wall, whose zone is described.

mod fuseau;

use super::{Fichiers, Sans};
use crate::identity::secret::{NoRandomness, Secret};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Days, NaiveDate, Utc};
use commands::cahier_de_textes::OccurrenceLue;
use commands::rights::{Acteur, Action, Resource};
use commands::{Commands, rights_of};
use data_encoding::HEXLOWER;
use domain::cahier_de_textes::Public;
use domain::{CompteId, EtablissementId, PersonneId};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};
use projections::annuaire::Annuaire;
use projections::cahier_de_textes::Abonnements;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The path, without the secret. What comes after it is in no log.
pub(crate) const CHEMIN: &str = "/agenda/";
/// What calendar programs want of a name.
const SUFFIXE: &str = ".ics";
/// Days before today that are shown.
const PASSES: u64 = 28;
/// Days from today on.
const A_VENIR: u64 = 300;

/// A secret address.
#[derive(Clone)]
pub(crate) struct Adresse(String);

impl Adresse {
    /// A new one.
    pub fn nouvelle() -> Result<Self, NoRandomness> {
        Secret::fresh().map(|secret| Self(secret.text()))
    }

    /// What is kept of it.
    pub fn empreinte(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(&self.0))
    }

    /// Its path at any host of ours.
    pub fn chemin(&self) -> String {
        format!("{CHEMIN}{}{SUFFIXE}", self.0)
    }
}

pub(super) async fn read(
    State(fichiers): State<Fichiers>,
    Path(name): Path<String>,
) -> Result<Response, Sans> {
    let adresse = Adresse(name.strip_suffix(SUFFIXE).unwrap_or(&name).to_owned());
    let commands = &fichiers.commands;
    let found = Abonnements::personne(commands.views(), &adresse.empreinte()).await?;
    let personne = PersonneId(found.ok_or(Sans::Absent)?);
    let acteur = commands.acteur(Some(CompteId::personnel(personne))).await?;
    if acteur.suspendu {
        return Err(Sans::Absent);
    }
    let occurrences = of(commands, &acteur).await?;
    let codes = codes(commands, &occurrences).await?;
    let text = calendar(&occurrences, &codes, commands.now());
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    Ok((headers, text).into_response())
}

/// What a person teaches, and the weeks of the pupils that he or she is or answers for.
async fn of(commands: &Commands, acteur: &Acteur) -> Result<Vec<OccurrenceLue>, Sans> {
    let span = span(commands.today());
    // One that several of them share is one.
    let mut all = BTreeMap::new();
    let fiches = acteur.identites();
    for id in &acteur.enseigne_dans {
        if commands.permit(acteur, Action::LireEmploiDuTemps, &Resource::Etablissement { id: *id }).is_ok() {
            let found = commands.occurrences_enseignant(*id, &fiches, span, None).await?;
            all.extend(found.into_iter().map(|one| (one.occurrence.rang, one)));
        }
    }
    let pupils: Vec<_> = acteur.enfants.iter().chain(&fiches).map(|one| one.0).collect();
    for eleve in Annuaire::eleves(commands.views(), &pupils).await? {
        let Some(division) = eleve.division else { continue };
        let row = Annuaire::divisions(commands.views(), &[division]).await?.pop();
        let Some(etablissement) = row.map(|row| EtablissementId(row.etablissement)) else { continue };
        let dossier = rights_of::dossier(&eleve, Some(etablissement.0));
        if commands.permit(acteur, Action::LireEmploiDuTempsEleve, &dossier).is_ok() {
            let found = commands.occurrences_eleve(etablissement, &eleve, span, None).await?;
            all.extend(found.into_iter().map(|one| (one.occurrence.rang, one)));
        }
    }
    Ok(all.into_values().collect())
}

fn span(today: NaiveDate) -> (NaiveDate, NaiveDate) {
    let from = today.checked_sub_days(Days::new(PASSES)).unwrap_or(today);
    (from, today.checked_add_days(Days::new(A_VENIR)).unwrap_or(today))
}

/// What the divisions are called.
async fn codes(
    commands: &Commands,
    occurrences: &[OccurrenceLue],
) -> Result<BTreeMap<uuid::Uuid, String>, Sans> {
    let ids = occurrences.iter().flat_map(|one| &one.occurrence.publics).flat_map(Public::divisions);
    let mut ids: Vec<_> = ids.map(|id| id.0).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows = Annuaire::divisions(commands.views(), &ids).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.code)).collect())
}

/// The calendar as a text.
fn calendar(
    occurrences: &[OccurrenceLue],
    codes: &BTreeMap<uuid::Uuid, String>,
    now: DateTime<Utc>,
) -> String {
    let mut calendar = Calendar::empty();
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//ENT//Cahier de textes//FR"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("X-WR-CALNAME", "Emploi du temps"),
        ("X-WR-TIMEZONE", fuseau::TZID),
    ] {
        calendar.append_property(Property::new(key, value));
    }
    occurrences.iter().for_each(|one| {
        calendar.push(event(one, codes, now));
    });
    fuseau::decrit(&calendar.to_string())
}

fn event(one: &OccurrenceLue, codes: &BTreeMap<uuid::Uuid, String>, now: DateTime<Utc>) -> Event {
    let occurrence = &one.occurrence;
    let publics = occurrence.publics.iter().filter_map(|public| match public {
        Public::Division { division } => codes.get(&division.0).cloned(),
        Public::Groupe { code, .. } => Some(code.clone()),
    });
    let summary = [one.cours.matiere.libelle.clone()].into_iter().chain(publics).collect::<Vec<_>>();
    let mut event = Event::new();
    event
        .uid(&format!("{}-{}@cahier-de-textes", occurrence.rang.cours, occurrence.rang.date))
        .timestamp(now)
        .summary(&summary.join(", "))
        .starts(fuseau::heure(occurrence.date, occurrence.plage.debut))
        .ends(fuseau::heure(occurrence.date, occurrence.plage.fin))
        .status(match occurrence.annulee {
            Some(_) => EventStatus::Cancelled,
            None => EventStatus::Confirmed,
        });
    if !occurrence.salles.is_empty() {
        event.location(&occurrence.salles.join(", "));
    }
    event.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_random_and_only_its_hash_is_kept() {
        let (one, other) = (Adresse::nouvelle().unwrap(), Adresse::nouvelle().unwrap());
        assert_ne!(one.chemin(), other.chemin());
        assert!(one.chemin().len() > 50 && !one.chemin().contains(&one.empreinte()));
    }
}
