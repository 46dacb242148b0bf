//! Portals, and who holds which office of each from when to when; in the files below, houses, mises en
//! garde and interventions.

mod attribution;
mod intervention;
mod maison;
mod mise_en_garde;

pub use attribution::{Attribution, Attributions};
pub use intervention::*;
pub(crate) use maison::bricks;
pub use maison::{Adhesion, Fermeture, Maisons, Theme};
pub use mise_en_garde::{MiseEnGarde, MisesEnGarde};

use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::NaiveDate;
use domain::portails::{NaturePortail, PortailEvent};
use domain::{Aggregate, EtablissementId, Event, portails};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of portals and their offices.
pub struct Portails;

#[async_trait]
impl Projection for Portails {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["portail", "direction", "delegation"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[portails::Portail::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget { kind: portails::Portail::TYPE, sql: "DELETE FROM portail WHERE id = ANY ($1)" },
            Forget { kind: portails::Portail::TYPE, sql: "DELETE FROM direction WHERE portail = ANY ($1)" },
            Forget { kind: portails::Portail::TYPE, sql: "DELETE FROM delegation WHERE portail = ANY ($1)" },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Portail(event)) = fact.event() else { return Ok(()) };
        let stream = fact.envelope.stream.id.as_str();
        let query = match event {
            PortailEvent::PortailOuvert { portail, nature, nom } => {
                let (nature, etablissement) = kind(nature);
                sqlx::query("INSERT INTO portail (id, nature, nom, etablissement) VALUES ($1, $2, $3, $4)")
                    .bind(portail.as_str())
                    .bind(nature)
                    .bind(nom)
                    .bind(etablissement)
            }
            // Who takes office again on the day of taking it (to correct the quality, or after
            // another who held it for no day) has one term from that day.
            PortailEvent::DirectionPrise { directeur, qualite, depuis, .. } => sqlx::query(
                "INSERT INTO direction (portail, directeur, qualite, depuis) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (portail, depuis, directeur)
                 DO UPDATE SET qualite = excluded.qualite, jusque = NULL",
            )
            .bind(stream)
            .bind(directeur.0)
            .bind(qualite)
            .bind(depuis),
            PortailEvent::DirectionTerminee { directeur, au } => sqlx::query(
                "UPDATE direction SET jusque = $3
                 WHERE portail = $1 AND directeur = $2 AND (jusque IS NULL OR jusque > $3)",
            )
            .bind(stream)
            .bind(directeur.0)
            .bind(au),
            PortailEvent::DelegationAccordee { delegation, compte, administrateur, par, du, au, .. } => {
                sqlx::query(
                    "INSERT INTO delegation (id, portail, compte, administrateur, par, depuis, jusque)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(delegation.0)
                .bind(stream)
                .bind(compte.0)
                .bind(administrateur.0)
                .bind(par.0)
                .bind(du)
                .bind(au)
            }
            PortailEvent::DelegationRevoquee { delegation, motif, le, .. } => sqlx::query(
                "UPDATE delegation SET jusque = $3, motif_de_fin = $4 WHERE portail = $1 AND id = $2",
            )
            .bind(stream)
            .bind(delegation.0)
            .bind(le)
            .bind(motif),
        };
        query.execute(tx).await?;
        Ok(())
    }
}

/// The nature of a private lycée's portal.
const PRIVE: &str = "lycee_prive";

fn kind(nature: &NaturePortail) -> (&'static str, Option<Uuid>) {
    match nature {
        NaturePortail::Etablissement { etablissement } => ("etablissement", Some(etablissement.0)),
        NaturePortail::LyceePrive { etablissement } => (PRIVE, Some(etablissement.0)),
        NaturePortail::Partenaires => ("partenaires", None),
        NaturePortail::Region => ("region", None),
        NaturePortail::Departement => ("departement", None),
        NaturePortail::Academie => ("academie", None),
        NaturePortail::Draaf => ("draaf", None),
        NaturePortail::Crec => ("crec", None),
    }
}

/// How the adhésion of an établissement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EtatDAdhesion {
    /// Its portal was opened because it adheres, and no convention that runs is recorded yet.
    NonConstatee,
    /// The convention is recorded, and runs.
    Constatee,
    /// It is over.
    Terminee,
}

/// A portal.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Portail {
    pub id: String,
    pub nature: String,
    pub nom: String,
    pub etablissement: Option<Uuid>,
    /// First days of its adhésions.
    pub adhesions: Vec<NaiveDate>,
    /// First days after those that have an end.
    pub fins_d_adhesion: Vec<NaiveDate>,
    /// First days of the terms of its directeurs.
    pub directions: Vec<NaiveDate>,
    /// First days after those that have an end.
    pub fins_de_direction: Vec<NaiveDate>,
}

impl Portail {
    /// Whose house it is; nothing where another program has named its kind.
    pub fn nature(&self) -> Option<NaturePortail> {
        let etablissement = self.etablissement.map(EtablissementId);
        Some(match (self.nature.as_str(), etablissement) {
            ("etablissement", Some(etablissement)) => NaturePortail::Etablissement { etablissement },
            (PRIVE, Some(etablissement)) => NaturePortail::LyceePrive { etablissement },
            ("partenaires", None) => NaturePortail::Partenaires,
            ("region", None) => NaturePortail::Region,
            ("departement", None) => NaturePortail::Departement,
            ("academie", None) => NaturePortail::Academie,
            ("draaf", None) => NaturePortail::Draaf,
            ("crec", None) => NaturePortail::Crec,
            _ => return None,
        })
    }

    /// How an établissement's portal stands with the convention by which it adheres, on a day; no other
    /// portal has one.
    pub fn etat_d_adhesion(&self, day: NaiveDate) -> Option<EtatDAdhesion> {
        self.etablissement?;
        Some(if self.adhesion_is_over(day) {
            EtatDAdhesion::Terminee
        } else if self.adhesions.iter().any(|depuis| *depuis <= day) {
            EtatDAdhesion::Constatee
        } else {
            EtatDAdhesion::NonConstatee
        })
    }

    /// Whether its adhésion is over on a day, and no other has begun.
    pub fn adhesion_is_over(&self, day: NaiveDate) -> bool {
        are_over(&self.adhesions, &self.fins_d_adhesion, day)
    }

    /// Whether anybody may read what it publishes on a day: its adhésion runs, somebody answers
    /// for it, and it is not a private lycée's, where the équipe de direction alone comes in.
    pub fn is_public(&self, day: NaiveDate) -> bool {
        let directed = !are_over(&self.directions, &self.fins_de_direction, day);
        directed && self.nature != PRIVE && !self.adhesion_is_over(day)
    }
}

/// Whether of periods that do not overlap there were some by a day, and all of those have ended.
fn are_over(begun: &[NaiveDate], ended: &[NaiveDate], day: NaiveDate) -> bool {
    let come = |days: &[NaiveDate]| days.iter().filter(|one| **one <= day).count();
    let over = come(ended);
    over > 0 && over == come(begun)
}

/// A term of a directeur de publication; `jusque` is exclusive.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Direction {
    pub portail: String,
    pub directeur: Uuid,
    pub qualite: String,
    pub depuis: NaiveDate,
    pub jusque: Option<NaiveDate>,
}

/// A delegation to an administrateur ENT; `jusque` is exclusive.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Delegation {
    pub id: Uuid,
    pub portail: String,
    pub compte: Uuid,
    pub administrateur: Uuid,
    pub par: Uuid,
    pub depuis: NaiveDate,
    pub jusque: Option<NaiveDate>,
    pub motif_de_fin: Option<String>,
}

impl Portails {
    /// Frozen name of the view.
    pub const NAME: &'static str = "portails.portails";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The établissements of the portals that one of these persons directs, or will; nothing for a
    /// portal that is no établissement's.
    pub async fn diriges_par(
        db: impl PgExecutor<'_>,
        personnes: &[Uuid],
        le: NaiveDate,
    ) -> sqlx::Result<Vec<Option<Uuid>>> {
        sqlx::query_scalar(
            "SELECT q.etablissement FROM direction d LEFT JOIN portail q ON q.id = d.portail
             WHERE d.directeur = ANY ($1) AND (d.jusque IS NULL OR d.jusque > $2)",
        )
        .bind(personnes)
        .bind(le)
        .fetch_all(db)
        .await
    }

    /// The portals with these labels.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[String]) -> sqlx::Result<Vec<Portail>> {
        sqlx::query_as(
            "SELECT p.*, array(SELECT a.depuis FROM adhesion a WHERE a.portail = p.id) AS adhesions,
                    array(SELECT a.jusque FROM adhesion a
                          WHERE a.portail = p.id AND a.jusque IS NOT NULL) AS fins_d_adhesion,
                    array(SELECT d.depuis FROM direction d WHERE d.portail = p.id) AS directions,
                    array(SELECT d.jusque FROM direction d
                          WHERE d.portail = p.id AND d.jusque IS NOT NULL) AS fins_de_direction
             FROM portail p WHERE p.id = ANY ($1)",
        )
        .bind(ids)
        .fetch_all(db)
        .await
    }

    /// The terms of these portals that run on a day.
    pub async fn directions_on(
        db: impl PgExecutor<'_>,
        portails: &[String],
        day: NaiveDate,
    ) -> sqlx::Result<Vec<Direction>> {
        sqlx::query_as(
            "SELECT * FROM direction WHERE portail = ANY ($1) AND depuis <= $2 AND (jusque IS NULL OR jusque > $2)",
        )
        .bind(portails)
        .bind(day)
        .fetch_all(db)
        .await
    }

    /// All terms of a portal, oldest first.
    pub async fn directions(db: impl PgExecutor<'_>, portail: &str) -> sqlx::Result<Vec<Direction>> {
        sqlx::query_as("SELECT * FROM direction WHERE portail = $1 ORDER BY depuis, directeur")
            .bind(portail)
            .fetch_all(db)
            .await
    }

    /// All delegations of a compte: a compte that has any is an office's, not a person's own.
    pub async fn delegations_of(db: impl PgExecutor<'_>, compte: Uuid) -> sqlx::Result<Vec<Delegation>> {
        sqlx::query_as("SELECT * FROM delegation WHERE compte = $1 ORDER BY depuis, id")
            .bind(compte)
            .fetch_all(db)
            .await
    }

    /// The delegations of a portal that run on a day.
    pub async fn delegations_on(
        db: impl PgExecutor<'_>,
        portail: &str,
        day: NaiveDate,
    ) -> sqlx::Result<Vec<Delegation>> {
        sqlx::query_as(
            "SELECT * FROM delegation
             WHERE portail = $1 AND depuis <= $2 AND (jusque IS NULL OR jusque > $2) ORDER BY depuis, id",
        )
        .bind(portail)
        .bind(day)
        .fetch_all(db)
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_portal_is_public_on_the_days_on_which_somebody_directs_it() {
        let days = |days: &[&str]| days.iter().map(|one| day(one)).collect::<Vec<_>>();
        let directed = |depuis: &[&str], jusque: &[&str]| Portail {
            id: "0690001b".to_owned(),
            nature: "etablissement".to_owned(),
            nom: "Collège".to_owned(),
            etablissement: Some(Uuid::nil()),
            adhesions: vec![],
            fins_d_adhesion: vec![],
            directions: days(depuis),
            fins_de_direction: days(jusque),
        };
        assert!(directed(&["2026-09-01"], &[]).is_public(day("2026-11-30")));
        let left = directed(&["2026-09-01"], &["2026-11-30"]);
        assert!(left.is_public(day("2026-11-29")));
        assert!(!left.is_public(day("2026-11-30")) && !left.is_public(day("2027-09-01")));
        // Who comes later answers for no day before.
        let succeeded = directed(&["2026-09-01", "2026-12-07"], &["2026-11-30"]);
        assert!(!succeeded.is_public(day("2026-12-06")) && succeeded.is_public(day("2026-12-07")));
        let at_once = directed(&["2026-09-01", "2026-11-30"], &["2026-11-30"]);
        assert!(at_once.is_public(day("2026-11-30")));
    }
}
