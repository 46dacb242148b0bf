//! Courses and the changes of single occurrences, each with the span in which it was known: who
//! asks for a week as of an instant is shown what was known then.

use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::cahier_de_textes::{
    Cours, EmploiDuTemps, EmploiDuTempsEvent, Modification, Modifications, Rang, Semaines,
};
use domain::{Aggregate, AnneeScolaire, EmploiDuTempsId, EtablissementId, Event};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of emplois du temps.
pub struct EmploisDuTemps;

#[async_trait]
impl Projection for EmploisDuTemps {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["cours", "occurrence_modifiee", "semaines_a"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[EmploiDuTemps::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[
            Forget {
                kind: EmploiDuTemps::TYPE,
                sql: "DELETE FROM cours WHERE flux = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: EmploiDuTemps::TYPE,
                sql: "DELETE FROM occurrence_modifiee WHERE flux = ANY ($1::text[]::uuid[])",
            },
            Forget {
                kind: EmploiDuTemps::TYPE,
                sql: "DELETE FROM semaines_a WHERE flux = ANY ($1::text[]::uuid[])",
            },
        ]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::EmploiDuTemps(event)) = fact.event() else { return Ok(()) };
        let flux = crate::stream_uuid(fact)?;
        let sequence = i64::try_from(fact.envelope.sequence)
            .map_err(|_| ProjectionError::Unfit("the event's sequence is out of range".to_owned()))?;
        let le = fact.envelope.recorded_at;
        match event {
            EmploiDuTempsEvent::CoursPlace { etablissement, annee, origine, cours } => {
                end_course(flux, cours.id.0, le, tx).await?;
                let origine = serde_json::to_value(origine).unwrap_or_default();
                sqlx::query(
                    "INSERT INTO cours (flux, sequence, id, etablissement, annee, origine, contenu, connu_du)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                )
                .bind(flux)
                .bind(sequence)
                .bind(cours.id.0)
                .bind(etablissement.0)
                .bind(annee.0)
                .bind(origine.as_str())
                .bind(Json(cours))
                .bind(le)
                .execute(tx)
                .await?;
            }
            EmploiDuTempsEvent::CoursRetire { cours } => end_course(flux, cours.0, le, tx).await?,
            EmploiDuTempsEvent::OccurrenceModifiee { rang, modification } => {
                end_change(flux, *rang, le, tx).await?;
                sqlx::query(
                    "INSERT INTO occurrence_modifiee (flux, sequence, cours, date, contenu, connu_du)
                     VALUES ($1, $2, $3, $4, $5, $6)",
                )
                .bind(flux)
                .bind(sequence)
                .bind(rang.cours.0)
                .bind(rang.date)
                .bind(Json(modification))
                .bind(le)
                .execute(tx)
                .await?;
            }
            EmploiDuTempsEvent::OccurrenceRetablie { rang } => end_change(flux, *rang, le, tx).await?,
            EmploiDuTempsEvent::SemainesAFixees { semaines, .. } => {
                sqlx::query(
                    "INSERT INTO semaines_a (flux, semaines) VALUES ($1, $2)
                     ON CONFLICT (flux) DO UPDATE SET semaines = excluded.semaines",
                )
                .bind(flux)
                .bind(semaines.to_string())
                .execute(tx)
                .await?;
            }
        }
        Ok(())
    }
}

async fn end_course(
    flux: Uuid,
    cours: Uuid,
    le: DateTime<Utc>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    let sql = "UPDATE cours SET connu_jusque = $3 WHERE flux = $1 AND id = $2 AND connu_jusque IS NULL";
    sqlx::query(sql).bind(flux).bind(cours).bind(le).execute(tx).await?;
    Ok(())
}

async fn end_change(
    flux: Uuid,
    rang: Rang,
    le: DateTime<Utc>,
    tx: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "UPDATE occurrence_modifiee SET connu_jusque = $4
         WHERE flux = $1 AND cours = $2 AND date = $3 AND connu_jusque IS NULL",
    )
    .bind(flux)
    .bind(rang.cours.0)
    .bind(rang.date)
    .bind(le)
    .execute(tx)
    .await?;
    Ok(())
}

/// The courses of an établissement in a school year, and what is changed of them.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The courses.
    pub cours: Vec<Cours>,
    /// What is changed of single occurrences.
    pub modifications: Modifications,
    /// The weeks that are called A, once that is said.
    pub semaines_a: Option<Semaines>,
}

impl EmploisDuTemps {
    /// Frozen name of the view.
    pub const NAME: &'static str = "cahier_de_textes.emplois_du_temps";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The plan of a school year, as it was known at an instant; as it is known, without one.
    pub async fn plan(
        db: impl PgExecutor<'_> + Copy,
        etablissement: EtablissementId,
        annee: AnneeScolaire,
        connu_le: Option<DateTime<Utc>>,
    ) -> sqlx::Result<Plan> {
        let flux = EmploiDuTempsId::de(etablissement, annee).0;
        let known = "CASE WHEN $2::timestamptz IS NULL THEN connu_jusque IS NULL
                     ELSE connu_du <= $2 AND (connu_jusque IS NULL OR connu_jusque > $2) END";
        let sql = format!("SELECT contenu FROM cours WHERE flux = $1 AND {known} ORDER BY id");
        let cours: Vec<Json<Cours>> =
            sqlx::query_scalar(&sql).bind(flux).bind(connu_le).fetch_all(db).await?;
        let sql = format!("SELECT cours, date, contenu FROM occurrence_modifiee WHERE flux = $1 AND {known}");
        let changes: Vec<(Uuid, chrono::NaiveDate, Json<Modification>)> =
            sqlx::query_as(&sql).bind(flux).bind(connu_le).fetch_all(db).await?;
        let weeks: Option<String> = sqlx::query_scalar("SELECT semaines FROM semaines_a WHERE flux = $1")
            .bind(flux)
            .fetch_optional(db)
            .await?;
        let change =
            |(cours, date, Json(modification))| (Rang { cours: domain::CoursId(cours), date }, modification);
        Ok(Plan {
            cours: cours.into_iter().map(|Json(cours)| cours).collect(),
            modifications: changes.into_iter().map(change).collect(),
            semaines_a: weeks.and_then(|text| text.parse().ok()),
        })
    }
}
