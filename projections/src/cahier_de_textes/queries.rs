//! What is asked of the cahiers.

use super::Cahiers;
use crate::annuaire::Colonnes;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::annuaire::Auditoire;
use domain::pieces::FicheDePiece;
use sqlx::types::Json;
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

/// What is written of a séance.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct SeanceEcrite {
    pub id: Uuid,
    pub portail: String,
    pub enseignement: Uuid,
    #[sqlx(flatten, try_from = "Colonnes")]
    pub auditoire: Auditoire,
    pub date: NaiveDate,
    pub debut: NaiveTime,
    pub fin: NaiveTime,
    pub titre: String,
    pub avant: String,
    pub apres: String,
    pub auteur: Uuid,
    pub reprise_de: Option<Uuid>,
    pub publiee_le: Option<DateTime<Utc>>,
}

/// What is to be done.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct TravailDonne {
    pub id: Uuid,
    pub portail: String,
    pub enseignement: Uuid,
    #[sqlx(flatten, try_from = "Colonnes")]
    pub auditoire: Auditoire,
    pub donne_le: NaiveDate,
    pub pour_le: NaiveDate,
    pub titre: String,
    pub consigne: String,
    pub minutes: i32,
    pub a_rendre: bool,
    pub auteur: Uuid,
    pub publie_le: Option<DateTime<Utc>>,
    pub annule: bool,
}

impl TravailDonne {
    /// Whether pupils read it and may do it.
    pub fn est_ouvert(&self) -> bool {
        self.publie_le.is_some() && !self.annule
    }
}

/// What a pupil makes of a travail, without the bytes of what was handed in.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Copie {
    pub travail: Uuid,
    pub eleve: Uuid,
    pub fait: bool,
    #[sqlx(json(nullable))]
    pub piece: Option<FicheDePiece>,
    pub rendue_le: Option<DateTime<Utc>>,
    pub annotation: Option<String>,
    pub annotee_le: Option<DateTime<Utc>>,
}

/// What was handed in.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct PieceRendue {
    pub piece: FicheDePiece,
    pub octets: Vec<u8>,
}

/// Who has seen a cahier, and how far.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Visa {
    pub qualite: String,
    pub jusqu_au: NaiveDate,
    pub par: Uuid,
    pub le: DateTime<Utc>,
}

const SEANCE: &str =
    "SELECT id, portail, enseignement, division, groupe, date, debut, fin, titre, avant, apres, auteur,
                             reprise_de, publiee_le FROM seance";
const TRAVAIL: &str =
    "SELECT id, portail, enseignement, division, groupe, donne_le, pour_le, titre, consigne, minutes,
                              a_rendre, auteur, publie_le, annule FROM travail";

impl Cahiers {
    /// What is written of these séances.
    pub async fn seances(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<SeanceEcrite>> {
        sqlx::query_as(&format!("{SEANCE} WHERE id = ANY ($1)")).bind(ids).fetch_all(db).await
    }

    /// What is written of the séances of an enseignement from a day to a day, drafts too, in
    /// their order.
    pub async fn seances_de(
        db: impl PgExecutor<'_>,
        enseignement: Uuid,
        (du, au): (NaiveDate, NaiveDate),
    ) -> sqlx::Result<Vec<SeanceEcrite>> {
        let sql = format!(
            "{SEANCE} WHERE enseignement = $1 AND date BETWEEN $2 AND $3 ORDER BY date, debut, id LIMIT 1000"
        );
        sqlx::query_as(&sql).bind(enseignement).bind(du).bind(au).fetch_all(db).await
    }

    /// What pupils of a division and of groupes read of their séances from a day to a day, in their order.
    pub async fn seances_publiees(
        db: impl PgExecutor<'_>,
        auditoires: &[Uuid],
        (du, au): (NaiveDate, NaiveDate),
    ) -> sqlx::Result<Vec<SeanceEcrite>> {
        let sql = format!(
            "{SEANCE} WHERE (division = ANY ($1) OR groupe = ANY ($1)) AND publiee_le IS NOT NULL
             AND date BETWEEN $2 AND $3 ORDER BY date, debut, id LIMIT 1000"
        );
        sqlx::query_as(&sql).bind(auditoires).bind(du).bind(au).fetch_all(db).await
    }

    /// These travaux.
    pub async fn travaux(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<TravailDonne>> {
        sqlx::query_as(&format!("{TRAVAIL} WHERE id = ANY ($1)")).bind(ids).fetch_all(db).await
    }

    /// The travaux of an enseignement that are for a day of this span, drafts too.
    pub async fn travaux_de(
        db: impl PgExecutor<'_>,
        enseignement: Uuid,
        (du, au): (NaiveDate, NaiveDate),
    ) -> sqlx::Result<Vec<TravailDonne>> {
        let sql = format!(
            "{TRAVAIL} WHERE enseignement = $1 AND pour_le BETWEEN $2 AND $3 ORDER BY pour_le, id LIMIT 1000"
        );
        sqlx::query_as(&sql).bind(enseignement).bind(du).bind(au).fetch_all(db).await
    }

    /// What a division and groupes are to do for a day of this span, whoever gave it.
    pub async fn travaux_publies(
        db: impl PgExecutor<'_>,
        auditoires: &[Uuid],
        (du, au): (NaiveDate, NaiveDate),
    ) -> sqlx::Result<Vec<TravailDonne>> {
        let sql = format!(
            "{TRAVAIL} WHERE (division = ANY ($1) OR groupe = ANY ($1)) AND publie_le IS NOT NULL
             AND NOT annule AND pour_le BETWEEN $2 AND $3 ORDER BY pour_le, id LIMIT 1000"
        );
        sqlx::query_as(&sql).bind(auditoires).bind(du).bind(au).fetch_all(db).await
    }

    /// What pupils make of travaux: of one of these, by one of those; by anybody, where none is named.
    pub async fn copies(
        db: impl PgExecutor<'_>,
        travaux: &[Uuid],
        eleves: Option<&[Uuid]>,
    ) -> sqlx::Result<Vec<Copie>> {
        sqlx::query_as(
            "SELECT travail, eleve, fait, piece, rendue_le, annotation, annotee_le FROM copie
             WHERE travail = ANY ($1) AND ($2::uuid[] IS NULL OR eleve = ANY ($2)) ORDER BY travail, eleve",
        )
        .bind(travaux)
        .bind(eleves)
        .fetch_all(db)
        .await
    }

    /// For which travail a copie is, and whose it is.
    pub async fn copie(db: impl PgExecutor<'_>, copie: Uuid) -> sqlx::Result<Option<(Uuid, Uuid)>> {
        sqlx::query_as("SELECT travail, eleve FROM copie WHERE id = $1").bind(copie).fetch_optional(db).await
    }

    /// What a pupil has handed in in the event itself.
    pub async fn piece(
        db: impl PgExecutor<'_>,
        travail: Uuid,
        eleve: Uuid,
    ) -> sqlx::Result<Option<PieceRendue>> {
        let row: Option<(Json<FicheDePiece>, Vec<u8>)> = sqlx::query_as(
            "SELECT piece, octets FROM copie WHERE travail = $1 AND eleve = $2 AND piece IS NOT NULL",
        )
        .bind(travail)
        .bind(eleve)
        .fetch_optional(db)
        .await?;
        Ok(row.map(|(Json(piece), octets)| PieceRendue { piece, octets }))
    }

    /// Who has seen a cahier, the last one first.
    pub async fn visas(db: impl PgExecutor<'_>, enseignement: Uuid) -> sqlx::Result<Vec<Visa>> {
        sqlx::query_as(
            "SELECT qualite, jusqu_au, par, le FROM visa WHERE enseignement = $1
             ORDER BY jusqu_au DESC, qualite LIMIT 100",
        )
        .bind(enseignement)
        .fetch_all(db)
        .await
    }
}
