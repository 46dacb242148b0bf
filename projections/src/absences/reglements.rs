//! How établissements treat absences: their policies of half-days and their motives.

use crate::vue::vue;
use crate::{ProjectionError, stream_uuid};
use chrono::NaiveDate;
use domain::Event;
use domain::absences::{
    MotifDAbsence, PolitiqueDemiJournees, PolitiqueEnVigueur, Reglement, ReglementEvent, en_vigueur,
};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

vue!(
    /// The view of them.
    Reglements = "absences.reglements" of Reglement {
        "politique_demi_journees" by "etablissement",
        "motif_absence" by "etablissement",
    }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::Reglement(event)) = fact.event() else { return Ok(()) };
    let etablissement = stream_uuid(fact)?;
    match event {
        ReglementEvent::PolitiqueFixee { politique, depuis } => {
            sqlx::query("INSERT INTO politique_demi_journees VALUES ($1, $2, $3, $4)")
                .bind(etablissement)
                .bind(i32::try_from(politique.version).unwrap_or(i32::MAX))
                .bind(depuis)
                .bind(Json(politique))
                .execute(tx)
                .await?;
        }
        ReglementEvent::MotifDefini { motif } => {
            sqlx::query(
                "INSERT INTO motif_absence VALUES ($1, $2, $3)
                 ON CONFLICT (etablissement, code) DO UPDATE SET motif = excluded.motif",
            )
            .bind(etablissement)
            .bind(&motif.code)
            .bind(Json(motif))
            .execute(tx)
            .await?;
        }
        ReglementEvent::MotifRetire { code } => {
            let sql = "DELETE FROM motif_absence WHERE etablissement = $1 AND code = $2";
            sqlx::query(sql).bind(etablissement).bind(code).execute(tx).await?;
        }
    }
    Ok(())
}

impl Reglements {
    /// The policies of an établissement, in the order in which they were set.
    pub async fn politiques(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
    ) -> sqlx::Result<Vec<PolitiqueEnVigueur>> {
        let sql =
            "SELECT politique, depuis FROM politique_demi_journees WHERE etablissement = $1 ORDER BY version";
        let rows: Vec<(Json<PolitiqueDemiJournees>, NaiveDate)> =
            sqlx::query_as(sql).bind(etablissement).fetch_all(db).await?;
        let read = rows.into_iter();
        Ok(read.map(|(Json(politique), depuis)| PolitiqueEnVigueur { politique, depuis }).collect())
    }

    /// The policy that is in force in an établissement on a day.
    pub async fn politique(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        le: NaiveDate,
    ) -> sqlx::Result<PolitiqueDemiJournees> {
        Ok(en_vigueur(&Self::politiques(db, etablissement).await?, le))
    }

    /// The motives of an établissement: those of the law first.
    pub async fn motifs(db: impl PgExecutor<'_>, etablissement: Uuid) -> sqlx::Result<Vec<MotifDAbsence>> {
        let sql = "SELECT motif FROM motif_absence WHERE etablissement = $1 ORDER BY code";
        let own: Vec<Json<MotifDAbsence>> = sqlx::query_scalar(sql).bind(etablissement).fetch_all(db).await?;
        Ok(MotifDAbsence::legaux().into_iter().chain(own.into_iter().map(|Json(motif)| motif)).collect())
    }
}
