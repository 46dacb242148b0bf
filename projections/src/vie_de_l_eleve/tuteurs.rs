//! Whose account is that of who looks after a pupil in a company.

use super::{Stage, vue};
use crate::ProjectionError;
use chrono::NaiveDate;
use domain::Event;
use domain::vie_de_l_eleve::{self as domaine, StageEvent};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

vue!(
    /// The view of the tuteurs of stages.
    Tuteurs = "vie_de_l_eleve.tuteurs" v 2 of domaine::Stage { "stage_tuteur" by "stage" }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::Stage(event)) = fact.event() else { return Ok(()) };
    let id = crate::stream_uuid(fact)?;
    match event {
        StageEvent::TuteurDesigne { tuteur, le, .. } => {
            sqlx::query(
                "INSERT INTO stage_tuteur (stage, tuteur, depuis) VALUES ($1, $2, $3)
                 ON CONFLICT (stage) DO UPDATE SET tuteur = excluded.tuteur, depuis = excluded.depuis",
            )
            .bind(id)
            .bind(tuteur.0)
            .bind(*le)
            .execute(tx)
            .await?;
        }
        StageEvent::TuteurRetire { .. } => {
            sqlx::query("DELETE FROM stage_tuteur WHERE stage = $1").bind(id).execute(tx).await?;
        }
        // The stage itself is another view's: see `Stages`.
        StageEvent::StagePrepare { .. }
        | StageEvent::ConventionSignee { .. }
        | StageEvent::ConventionConclue { .. }
        | StageEvent::VisiteFaite { .. } => {}
    }
    Ok(())
}

/// To whose account a stage is open.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct TuteurDeStage {
    pub stage: Uuid,
    pub tuteur: Uuid,
    pub depuis: NaiveDate,
}

impl Tuteurs {
    /// The tuteurs of these stages, of each one at most.
    pub async fn de(db: impl PgExecutor<'_>, stages: &[Uuid]) -> sqlx::Result<Vec<TuteurDeStage>> {
        sqlx::query_as("SELECT stage, tuteur, depuis FROM stage_tuteur WHERE stage = ANY ($1)")
            .bind(stages)
            .fetch_all(db)
            .await
    }

    /// The stages of which someone, who has these fiches, is the tuteur, and that last on a day.
    pub async fn stages_de(
        db: impl PgExecutor<'_>,
        fiches: &[Uuid],
        le: NaiveDate,
    ) -> sqlx::Result<Vec<Stage>> {
        sqlx::query_as(
            "SELECT s.* FROM stage_tuteur t JOIN stage s ON s.id = t.stage
             WHERE t.tuteur = ANY ($1) AND s.au >= $2 ORDER BY s.du, s.id",
        )
        .bind(fiches)
        .bind(le)
        .fetch_all(db)
        .await
    }
}
