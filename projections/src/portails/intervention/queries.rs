//! What is asked of habilitations and interventions.

use super::Interventions;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

/// An habilitation; `jusque` is exclusive.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Habilitation {
    pub id: Uuid,
    /// Of who designates.
    pub portail: String,
    /// For all portals, or for that one alone.
    pub partout: bool,
    pub compte: Uuid,
    pub personne: Uuid,
    pub perimetres: Vec<String>,
    pub par: Uuid,
    pub depuis: NaiveDate,
    pub jusque: NaiveDate,
    pub motif_de_fin: Option<String>,
}

impl Habilitation {
    /// Whether it runs on a day, and reaches a portal and all these parts of it.
    pub fn covers(&self, day: NaiveDate, portail: &str, perimetres: &[String]) -> bool {
        let runs = self.depuis <= day && day < self.jusque;
        let reaches = self.partout || self.portail == portail;
        runs && reaches && perimetres.iter().all(|one| self.perimetres.contains(one))
    }
}

/// An intervention as it stands.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Intervention {
    pub id: Uuid,
    pub portail: String,
    pub habilitation: Uuid,
    pub compte: Uuid,
    pub personne: Uuid,
    pub perimetres: Vec<String>,
    pub motif: String,
    pub ticket: String,
    pub minutes: i16,
    pub demandee_le: DateTime<Utc>,
    pub contresignee_par: Option<Uuid>,
    pub ouverte_le: Option<DateTime<Utc>>,
    /// Until when it is open, unless it is closed before.
    pub limite: Option<DateTime<Utc>>,
    /// Whether it was closed, or its end stated.
    pub finie_le: Option<DateTime<Utc>>,
    pub close_par: Option<Uuid>,
    pub compte_rendu: Option<String>,
}

/// An intervention that is open, with the établissement of its portal.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct InterventionOuverte {
    pub id: Uuid,
    pub portail: String,
    pub etablissement: Option<Uuid>,
    pub perimetres: Vec<String>,
}

/// Something nominative that was read.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct LectureNominative {
    pub intervention: Uuid,
    pub sequence: i64,
    pub perimetre: String,
    pub objet: String,
    pub le: DateTime<Utc>,
}

/// That a directeur was told.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct AvisAuDirecteur {
    pub intervention: Uuid,
    pub sequence: i64,
    pub directeur: Uuid,
    pub avis: String,
    pub le: DateTime<Utc>,
}

impl Interventions {
    /// The habilitations with these ids.
    pub async fn habilitations(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Habilitation>> {
        sqlx::query_as("SELECT * FROM habilitation WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// The habilitations that a portal gave, newest first: all of them, or those that run on a day.
    pub async fn habilitations_by(
        db: impl PgExecutor<'_>,
        portail: &str,
        day: Option<NaiveDate>,
    ) -> sqlx::Result<Vec<Habilitation>> {
        sqlx::query_as(
            "SELECT * FROM habilitation
             WHERE portail = $1 AND ($2::date IS NULL OR depuis <= $2 AND jusque > $2)
             ORDER BY depuis DESC, id DESC",
        )
        .bind(portail)
        .bind(day)
        .fetch_all(db)
        .await
    }

    /// The habilitations of a compte, of any time: a compte that has any is an office's.
    pub async fn habilitations_of(db: impl PgExecutor<'_>, compte: Uuid) -> sqlx::Result<Vec<Habilitation>> {
        sqlx::query_as("SELECT * FROM habilitation WHERE compte = $1 ORDER BY depuis, id")
            .bind(compte)
            .fetch_all(db)
            .await
    }

    /// The interventions of a compte that are open at an instant, under an habilitation that
    /// runs on that day.
    pub async fn open_of(
        db: impl PgExecutor<'_>,
        compte: Uuid,
        now: DateTime<Utc>,
        day: NaiveDate,
    ) -> sqlx::Result<Vec<InterventionOuverte>> {
        sqlx::query_as(
            "SELECT i.id, i.portail, q.etablissement, i.perimetres
             FROM intervention i
             JOIN habilitation h ON h.id = i.habilitation AND h.depuis <= $3 AND h.jusque > $3
             JOIN portail q ON q.id = i.portail
             WHERE i.compte = $1 AND i.limite > $2 AND i.finie_le IS NULL ORDER BY i.id",
        )
        .bind(compte)
        .bind(now)
        .bind(day)
        .fetch_all(db)
        .await
    }

    /// The interventions with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Intervention>> {
        sqlx::query_as("SELECT * FROM intervention WHERE id = ANY ($1)").bind(ids).fetch_all(db).await
    }

    /// The interventions on a portal, newest first, after a place given by the (demandee_le,
    /// intervention) of the last one seen.
    pub async fn of_portail(
        db: impl PgExecutor<'_>,
        portail: &str,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Intervention>> {
        let (le, id) = after.unzip();
        sqlx::query_as(
            "SELECT * FROM intervention
             WHERE portail = $1 AND ($2::timestamptz IS NULL OR (demandee_le, id) < ($2, $3))
             ORDER BY demandee_le DESC, id DESC LIMIT $4",
        )
        .bind(portail)
        .bind(le)
        .bind(id)
        .bind(limit)
        .fetch_all(db)
        .await
    }

    /// The interventions whose time was over at an instant, and whose end nobody has stated.
    pub async fn overdue(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> sqlx::Result<Vec<Intervention>> {
        sqlx::query_as(
            "SELECT * FROM intervention WHERE limite <= $1 AND finie_le IS NULL ORDER BY limite, id",
        )
        .bind(now)
        .fetch_all(db)
        .await
    }

    /// What was read during an intervention, in order, after a place.
    pub async fn lectures(
        db: impl PgExecutor<'_>,
        intervention: Uuid,
        after: Option<i64>,
        limit: i64,
    ) -> sqlx::Result<Vec<LectureNominative>> {
        sqlx::query_as(
            "SELECT * FROM lecture_nominative
             WHERE intervention = $1 AND ($2::bigint IS NULL OR sequence > $2) ORDER BY sequence LIMIT $3",
        )
        .bind(intervention)
        .bind(after)
        .bind(limit)
        .fetch_all(db)
        .await
    }

    /// What the directeur was told of an intervention, in order.
    pub async fn avis(db: impl PgExecutor<'_>, intervention: Uuid) -> sqlx::Result<Vec<AvisAuDirecteur>> {
        sqlx::query_as("SELECT * FROM avis_au_directeur WHERE intervention = $1 ORDER BY sequence")
            .bind(intervention)
            .fetch_all(db)
            .await
    }
}
