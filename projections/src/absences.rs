//! Rolls: what a teacher, the vie scolaire and a family see of them.

mod changes;

use crate::{Projection, ProjectionError};
use async_trait::async_trait;
use changes::Changes;
use chrono::{NaiveDate, NaiveTime};
use domain::{Aggregate, absences};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
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

    /// A pupil's absences and late arrivals in closed rolls, newest first, after a
    /// place given by the (date, roll) of the last one seen.
    pub async fn of_pupil(
        db: impl PgExecutor<'_>,
        eleve: Uuid,
        after: Option<(NaiveDate, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<AppelLigne>> {
        let (date, appel) = after.unzip();
        sqlx::query_as(
            "SELECT l.* FROM appel_ligne l JOIN appel a ON a.id = l.appel
             WHERE l.eleve = $1 AND a.clos AND l.etat <> 'present'
               AND ($2::date IS NULL OR (l.date, l.appel) < ($2, $3))
             ORDER BY l.date DESC, l.appel DESC LIMIT $4",
        )
        .bind(eleve)
        .bind(date)
        .bind(appel)
        .bind(limit)
        .fetch_all(db)
        .await
    }
}
