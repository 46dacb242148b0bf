//! Rolls: what a teacher, the vie scolaire and a family see of them.

mod changes;

use crate::page::{Asked, PageOf, Placed, by_page};
use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use changes::Changes;
use chrono::{NaiveDate, NaiveTime};
use domain::{Aggregate, absences};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use std::collections::HashMap;
use uuid::Uuid;

/// The view of rolls and their lines.
pub struct Appels;

#[async_trait]
impl Projection for Appels {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["appel", "appel_ligne"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[absences::Appel::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget {
                kind: absences::Appel::TYPE,
                sql: "DELETE FROM appel WHERE id = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: absences::Appel::TYPE,
                sql: "DELETE FROM appel_ligne WHERE appel = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        self.apply_all(&[fact], tx).await
    }

    async fn apply_all(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let mut changes = Changes::default();
        for fact in facts {
            changes.hear(fact)?;
        }
        changes.write(tx).await
    }
}

/// A roll as it stands.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs)]
pub struct Appel {
    pub id: Uuid,
    pub portail: String,
    pub enseignement: Uuid,
    pub division: Uuid,
    pub date: NaiveDate,
    pub debut: NaiveTime,
    pub fin: NaiveTime,
    pub enseignant: Uuid,
    pub clos: bool,
    pub absents: i16,
    pub retards: i16,
}

/// A line of a roll: who was absent or late, or was corrected.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs)]
pub struct AppelLigne {
    pub appel: Uuid,
    pub eleve: Uuid,
    pub etat: String,
    pub minutes: Option<i16>,
    pub motif: Option<String>,
    pub date: NaiveDate,
}

/// An absence or a late arrival as a family sees it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs)]
pub struct Absence {
    pub appel: Uuid,
    pub etat: String,
    pub minutes: Option<i16>,
    pub motif: Option<String>,
    pub date: NaiveDate,
    pub debut: NaiveTime,
    pub matiere: Option<String>,
}

impl Appels {
    /// Frozen name of the view.
    pub const NAME: &'static str = "absences.appels";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The rolls with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Appel>> {
        sqlx::query_as("SELECT * FROM appel WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// The rolls of a division on a day, in the order of the day.
    pub async fn of_division(
        db: impl PgExecutor<'_>,
        division: Uuid,
        date: NaiveDate,
    ) -> sqlx::Result<Vec<Appel>> {
        sqlx::query_as("SELECT * FROM appel WHERE division = $1 AND date = $2 ORDER BY debut, id")
            .bind(division)
            .bind(date)
            .fetch_all(db)
            .await
    }

    /// The lines of these rolls.
    pub async fn lines(db: impl PgExecutor<'_>, appels: &[Uuid]) -> sqlx::Result<Vec<AppelLigne>> {
        sqlx::query_as("SELECT * FROM appel_ligne WHERE appel = ANY ($1) ORDER BY appel, eleve")
            .bind(appels)
            .fetch_all(db)
            .await
    }

    /// The absences and late arrivals of pupils in closed rolls, newest first.
    pub async fn of_pupils(
        db: impl PgExecutor<'_>,
        pages: &[PageOf],
    ) -> sqlx::Result<HashMap<PageOf, Vec<Absence>>> {
        let asked = Asked::of(pages);
        let rows: Vec<Placed<Absence>> = sqlx::query_as(
            "SELECT asked.page, l.appel, l.etat, l.minutes, l.motif, l.date, l.debut,
                    m.matiere_libelle AS matiere
             FROM unnest($1::uuid[], $2::date[], $3::uuid[], $4::int8[], $5::uuid[])
                  WITH ORDINALITY AS asked (eleve, day, id, most, dossier, page)
             CROSS JOIN LATERAL (
                 SELECT l.*, a.debut, a.enseignement FROM appel_ligne l JOIN appel a ON a.id = l.appel
                 WHERE l.eleve = asked.eleve AND a.clos AND l.etat <> 'present'
                   AND (asked.day IS NULL OR (l.date, l.appel) < (asked.day, asked.id))
                   AND (asked.dossier IS NULL OR EXISTS (
                       SELECT FROM etablissement x WHERE x.id = asked.dossier AND lower(x.uai) = a.portail))
                 ORDER BY l.date DESC, l.appel DESC LIMIT asked.most
             ) l
             LEFT JOIN enseignement m ON m.id = l.enseignement
             ORDER BY asked.page, l.date DESC, l.appel DESC",
        )
        .bind(asked.of)
        .bind(asked.days)
        .bind(asked.ids)
        .bind(asked.limits)
        .bind(asked.dossiers)
        .fetch_all(db)
        .await?;
        Ok(by_page(pages, rows))
    }
}
