//! `/sante-du-journal/{portail}`: how the journals of a portal do, for its chef
//! d'établissement. Counts, dates and hashes only, which tell nothing of anybody: the page is
//! public, as the portal's mentions légales are.

use super::{POLICY, Pages, said};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use domain::PortailId;
use ledger::sealer::health::{Closed, Health, health};
use ledger::sealer::log::Log;
use ledger::sealer::witnessing::Unwitnessed;
use projections::audit::{SanteDuJournal, Verifications};
use projections::portails::Portails;

/// How long an event may wait for its seal before the chef is told: the sealer takes seconds.
const SEALED_WITHIN: TimeDelta = TimeDelta::minutes(5);
/// How old a date may be: the last day is dated the next morning.
const DATED_WITHIN: TimeDelta = TimeDelta::hours(48);
/// How long a seal may wait for a witness: one is asked again within minutes.
const WITNESSED_WITHIN: TimeDelta = TimeDelta::hours(1);
/// How long ago the last verification may be.
const VERIFIED_WITHIN: TimeDelta = TimeDelta::days(31);

/// The page of one portal.
pub(super) async fn page(State(pages): State<Pages>, Path(label): Path<String>) -> Response {
    let now = pages.clock.now();
    let (status, told) = match read(&pages, &label).await {
        Ok(Some((nom, journaux))) => (StatusCode::OK, Page::of(nom, journaux, now)),
        Ok(None) => (StatusCode::NOT_FOUND, Page::only("Portail inconnu", now)),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the health page could not be read");
            let title = "La santé du journal ne peut être lue : réessayez dans un instant";
            (StatusCode::SERVICE_UNAVAILABLE, Page::only(title, now))
        }
    };
    let headers = [(header::CONTENT_SECURITY_POLICY, POLICY), (header::CACHE_CONTROL, "no-cache")];
    match told.render() {
        Ok(html) => (status, headers, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the health page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn read(pages: &Pages, label: &str) -> sqlx::Result<Option<(String, Vec<Journal>)>> {
    let views = pages.commands.views();
    let Ok(id) = label.parse::<PortailId>() else { return Ok(None) };
    let Some(portail) = Portails::by_ids(views, &[label.to_owned()]).await?.pop() else { return Ok(None) };
    let mut sealed = health(views, &id).await?;
    let verified = Verifications::sante(views, label).await?;
    let unwitnessed = pages.sealer.board().unwitnessed;
    let joined = verified.into_iter().map(|sante| {
        let of_it = sealed.iter_mut().find(|sealed| sealed.annee == sante.annee);
        let about = |one: &&Unwitnessed| is_about(one, &id, sante.annee);
        let refused = unwitnessed.iter().filter(about).cloned().collect();
        Journal { sealed: of_it.map(std::mem::take).unwrap_or_default(), sante, refused }
    });
    Ok(Some((portail.nom, joined.collect())))
}

/// Whether what a witness does concerns this journal: what it does not take of it, or that it
/// saw other heads of all journals.
fn is_about(one: &Unwitnessed, portail: &PortailId, annee: i16) -> bool {
    match &one.log {
        Log::Journal(journal) => (&journal.portail, journal.annee.0) == (portail, annee),
        Log::Meta => one.contradicted,
    }
}

/// See the template.
#[derive(Template)]
#[template(path = "sante_du_journal.html")]
struct Page {
    title: &'static str,
    nom: String,
    journaux: Vec<Journal>,
    now: DateTime<Utc>,
}

/// One journal: how long it is and when it was verified, how far sealed, witnessed and dated.
struct Journal {
    sante: SanteDuJournal,
    sealed: Health,
    /// What witnesses refuse of it, or contradict.
    refused: Vec<Unwitnessed>,
}

impl Page {
    fn of(nom: String, journaux: Vec<Journal>, now: DateTime<Utc>) -> Self {
        Self { title: "Santé du journal", nom, journaux, now }
    }

    fn only(title: &'static str, now: DateTime<Utc>) -> Self {
        Self { title, nom: String::new(), journaux: Vec::new(), now }
    }
}

impl Journal {
    /// Whether its school year runs still: nothing is sealed or dated after it.
    fn is_current(&self, now: DateTime<Utc>) -> bool {
        self.sante.dernier.is_some_and(|dernier| now - dernier < DATED_WITHIN)
    }

    /// What the chef should tell the operator of; nothing if all is well.
    fn remarques(&self, now: DateTime<Utc>) -> Vec<String> {
        let (sante, sealed) = (&self.sante, &self.sealed);
        let outdated = sante.verifie_le.is_some_and(|le| now - le > VERIFIED_WITHIN);
        let undated = sealed.dated_at.is_none_or(|at| now - at > DATED_WITHIN);
        let unsealed = sealed.unsealed_since.is_some_and(|since| now - since > SEALED_WITHIN);
        [
            (sante.faute.is_some(), "la dernière vérification a trouvé une faute"),
            (sante.verifie_le.is_none(), "il n'a jamais été vérifié"),
            (outdated, "il n'a pas été vérifié depuis un mois"),
            (unsealed, "des événements attendent leur sceau depuis plus de cinq minutes"),
            (self.is_current(now) && undated, "aucune autorité ne l'a horodaté depuis deux jours"),
            (sealed.witnessed.is_empty(), "aucun témoin ne l'a vu"),
        ]
        .into_iter()
        .filter(|(is_so, _)| *is_so)
        .map(|(_, remark)| remark.to_owned())
        .chain(self.refused.iter().map(refus))
        .chain(self.contreseing_en_retard(now))
        .collect()
    }

    /// That no witness follows any more. One that was taken off the list stays behind for
    /// ever, so that what counts is the one that came farthest.
    fn contreseing_en_retard(&self, now: DateTime<Utc>) -> Option<String> {
        let last = self.sealed.witnessed.iter().max_by_key(|seen| seen.size)?;
        let late = last.behind_since.is_some_and(|since| now - since > WITNESSED_WITHIN);
        let age = age(now - last.cosigned_at);
        late.then(|| format!("aucun témoin n'a contresigné depuis {age}, alors que des sceaux attendent"))
    }

    fn verdict(&self) -> String {
        let sante = &self.sante;
        let (Some(le), Some(verifies)) = (sante.verifie_le, sante.verifies) else {
            return "jamais vérifié".to_owned();
        };
        let le = said(&le);
        match (&sante.faute, sante.faute_position) {
            (Some(faute), Some(position)) => {
                format!("le {le} : INVALIDE, événement n° {position} ({faute}) ; prévenez l'exploitant")
            }
            _ => format!("le {le} : valide, {verifies} événements conformes"),
        }
    }

    fn sceau(&self) -> String {
        match (self.sealed.sealed, self.sealed.sealed_at) {
            (Some(size), Some(at)) => format!("jusqu'à l'événement n° {size}, le {}", said(&at)),
            _ => "aucun".to_owned(),
        }
    }

    fn attente(&self, now: DateTime<Utc>) -> String {
        match self.sealed.unsealed_since {
            Some(since) => format!("depuis {} (enregistré le {})", age(now - since), said(&since)),
            None => "aucun : tout est scellé".to_owned(),
        }
    }

    fn horodatage(&self) -> String {
        match (self.sealed.dated, self.sealed.dated_at, &self.sealed.dated_by) {
            (Some(size), Some(at), Some(by)) => {
                format!("jusqu'à l'événement n° {size}, le {}, par {by}", said(&at))
            }
            _ => "aucun".to_owned(),
        }
    }
}

fn refus(one: &Unwitnessed) -> String {
    let witness = &one.witness;
    if one.contradicted {
        format!("le témoin {witness} CONTREDIT le journal : il en a vu une autre histoire")
    } else {
        format!("le témoin {witness} refuse de contresigner le journal")
    }
}

fn periode(closed: &Closed) -> String {
    match closed.periode.as_str() {
        "jour" => format!("journée du {}", closed.du.format("%d/%m/%Y")),
        "mois" => format!("mois {}", closed.du.format("%m/%Y")),
        _ => "année scolaire".to_owned(),
    }
}

/// An age as one says it: in its greatest unit.
fn age(age: TimeDelta) -> String {
    let units = [(age.num_days(), "j"), (age.num_hours(), "h"), (age.num_minutes(), "min")];
    let (count, unit) =
        units.into_iter().find(|(count, _)| *count > 0).unwrap_or((age.num_seconds().max(0), "s"));
    format!("{count} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::sealer::health::Witnessed;

    const NOW: &str = "2026-11-23T08:00:00Z";

    fn at(instant: &str) -> DateTime<Utc> {
        instant.parse().unwrap()
    }

    fn journal() -> Journal {
        let verifie_le = Some(at("2026-11-23T07:00:00Z"));
        let sante = SanteDuJournal {
            annee: 2026,
            evenements: 12,
            dernier: verifie_le,
            verifie_le,
            verifies: Some(11),
            faute_position: None,
            faute: None,
        };
        Journal { sante, sealed: Health { annee: 2026, ..Health::default() }, refused: Vec::new() }
    }

    #[test]
    fn a_sound_journal_says_when_and_how_far_it_was_verified() {
        let mut journal = journal();
        assert_eq!(journal.verdict(), "le 23/11/2026 à 08:00 : valide, 11 événements conformes");
        journal.sante.verifie_le = None;
        assert_eq!(journal.verdict(), "jamais vérifié");
    }

    #[test]
    fn a_fault_is_not_hidden_from_the_chef_and_cannot_leave_its_cell() {
        let mut journal = journal();
        (journal.sante.faute, journal.sante.faute_position) = (Some("<b>".into()), Some(3));
        let page = Page::of("Collège <Saint-Exupéry>".to_owned(), vec![journal], at(NOW)).render().unwrap();
        assert!(page.contains("INVALIDE, événement n° 3 (&#60;b&#62;)"), "{page}");
        assert!(page.contains("Collège &#60;Saint-Exupéry&#62;"), "{page}");
    }

    #[test]
    fn what_the_operator_should_hear_of_is_said_and_nothing_else() {
        let (now, mut journal) = (at(NOW), journal());
        let lacks = |journal: &Journal| journal.remarques(now).len();
        assert_eq!(lacks(&journal), 2, "neither dated nor witnessed");
        journal.sealed.dated_at = Some(at("2026-11-22T04:00:00Z"));
        journal.sealed.witnessed.push(witnessed("rectorat", 12, None));
        journal.sealed.unsealed_since = Some(at("2026-11-23T07:56:00Z"));
        assert_eq!(journal.remarques(now), Vec::<String>::new());
        assert_eq!(journal.attente(now), "depuis 4 min (enregistré le 23/11/2026 à 08:56)");
        journal.sealed.unsealed_since = Some(at("2026-11-23T07:54:00Z"));
        journal.sante.verifie_le = Some(at("2026-10-01T07:00:00Z"));
        assert_eq!(lacks(&journal), 2);
        journal.sealed.dated_at = Some(at("2026-11-20T04:00:00Z"));
        assert_eq!(lacks(&journal), 3);
        journal.sante.dernier = Some(at("2026-07-04T07:00:00Z"));
        assert_eq!(lacks(&journal), 2, "nobody dates anew what has not grown");
    }
    fn witnessed(witness: &str, size: i64, behind_since: Option<&str>) -> Witnessed {
        let cosigned_at = at("2026-11-21T08:00:00Z");
        Witnessed { witness: witness.to_owned(), size, cosigned_at, behind_since: behind_since.map(at) }
    }

    #[test]
    fn a_journal_that_no_witness_follows_any_more_is_not_sound() {
        let (now, mut journal) = (at(NOW), journal());
        journal.sealed.dated_at = Some(now);
        journal.sealed.witnessed = vec![witnessed("rectorat", 12, Some("2026-11-23T07:30:00Z"))];
        assert_eq!(journal.remarques(now), Vec::<String>::new(), "it has an hour");
        journal.sealed.witnessed = vec![witnessed("rectorat", 12, Some("2026-11-23T06:59:00Z"))];
        let remarques = journal.remarques(now);
        assert_eq!(remarques, ["aucun témoin n'a contresigné depuis 2 j, alors que des sceaux attendent"]);
        journal.sealed.witnessed.push(witnessed("region", 13, None));
        assert_eq!(journal.remarques(now), Vec::<String>::new(), "another one follows");
    }

    #[test]
    fn what_a_witness_does_with_another_portal_s_journal_is_not_told() {
        let one = |portail: &str, annee, contradicted| Unwitnessed {
            witness: "rectorat".to_owned(),
            log: Log::Journal(ledger::feed::Journal {
                portail: portail.parse().unwrap(),
                annee: domain::AnneeScolaire(annee),
            }),
            contradicted,
        };
        let meta = |contradicted| Unwitnessed { log: Log::Meta, ..one("a", 2026, contradicted) };
        let id = "0690001d".parse().unwrap();
        let is_about = |one: Unwitnessed| is_about(&one, &id, 2026);
        assert!(is_about(one("0690001d", 2026, false)) && is_about(meta(true)));
        assert!(!is_about(one("0690001d", 2025, true)) && !is_about(one("0690002e", 2026, true)));
        assert!(!is_about(meta(false)), "that is for the operator");
    }
}
