//! Rolls: what a teacher, the vie scolaire and a family see of them.

use crate::{Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{NaiveDate, NaiveTime};
use domain::absences::{AppelEvent, Presence};
use domain::{Aggregate, Event, PersonneId, absences};
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
        let Some(Event::Appel(event)) = fact.event() else { return Ok(()) };
        let appel = crate::stream_uuid(fact)?;
        match event {
            AppelEvent::AppelOuvert { seance, enseignant } => {
                sqlx::query(
                    "INSERT INTO appel (id, portail, enseignement, division, date, debut, fin, enseignant,
                                        clos, absents, retards)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, false, 0, 0)",
                )
                .bind(appel)
                .bind(fact.position.portail.as_str())
                .bind(seance.enseignement.0)
                .bind(seance.division.0)
                .bind(seance.date)
                .bind(seance.debut)
                .bind(seance.fin)
                .bind(enseignant.0)
                .execute(&mut *tx)
                .await?;
            }
            AppelEvent::AbsenceConstatee { eleve } => {
                set_line(tx, appel, *eleve, Presence::Absent, None).await?;
            }
            AppelEvent::RetardConstate { eleve, minutes } => {
                set_line(tx, appel, *eleve, Presence::EnRetard { minutes: *minutes }, None).await?;
            }
            AppelEvent::PresenceRetablie { eleve } => {
                sqlx::query("DELETE FROM appel_ligne WHERE appel = $1 AND eleve = $2")
                    .bind(appel)
                    .bind(eleve.0)
                    .execute(&mut *tx)
                    .await?;
            }
            AppelEvent::AppelClos { .. } => {
                sqlx::query("UPDATE appel SET clos = true WHERE id = $1")
                    .bind(appel)
                    .execute(&mut *tx)
                    .await?;
            }
            AppelEvent::AppelCorrige { eleve, apres, motif, .. } => {
                set_line(tx, appel, *eleve, *apres, Some(motif)).await?;
            }
        }
        count(tx, appel).await
    }
}

async fn set_line(
    tx: &mut PgConnection,
    appel: Uuid,
    eleve: PersonneId,
    presence: Presence,
    motif: Option<&str>,
) -> Result<(), ProjectionError> {
    let (etat, minutes) = match presence {
        Presence::Present => ("present", None),
        Presence::Absent => ("absent", None),
        Presence::EnRetard { minutes } => ("en_retard", i16::try_from(minutes).ok()),
    };
    sqlx::query(
        "INSERT INTO appel_ligne (appel, eleve, etat, minutes, motif, date)
         SELECT id, $2, $3, $4, $5, date FROM appel WHERE id = $1
         ON CONFLICT (appel, eleve) DO UPDATE
         SET etat = excluded.etat, minutes = excluded.minutes, motif = excluded.motif",
    )
    .bind(appel)
    .bind(eleve.0)
    .bind(etat)
    .bind(minutes)
    .bind(motif)
    .execute(tx)
    .await?;
    Ok(())
}

async fn count(tx: &mut PgConnection, appel: Uuid) -> Result<(), ProjectionError> {
    sqlx::query(
        "UPDATE appel SET absents = lines.absents, retards = lines.retards
         FROM (SELECT count(*) FILTER (WHERE etat = 'absent') AS absents,
                      count(*) FILTER (WHERE etat = 'en_retard') AS retards
               FROM appel_ligne WHERE appel = $1) lines
         WHERE id = $1",
    )
    .bind(appel)
    .execute(tx)
    .await?;
    Ok(())
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
