//! Whose account is that of who looks after a pupil in a company.

use super::{Stage, vue};
use crate::ProjectionError;
use chrono::NaiveDate;
use domain::Event;
use domain::vie_de_l_eleve::{self as domaine, StageEvent};
use ledger::feed::Fact;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

vue!(
    /// The view of the tuteurs of stages.
    Tuteurs = "vie_de_l_eleve.tuteurs" of domaine::Stage { "stage_tuteur" by "stage" }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::Stage(event)) = fact.event() else { return Ok(()) };
    match event {
        StageEvent::TuteurDesigne { tuteur, .. } => {
            sqlx::query(
                "INSERT INTO stage_tuteur (stage, tuteur) VALUES ($1, $2)
                 ON CONFLICT (stage) DO UPDATE SET tuteur = excluded.tuteur",
            )
            .bind(crate::stream_uuid(fact)?)
            .bind(tuteur.0)
            .execute(tx)
            .await?;
        }
        // The stage itself is another view's: see `Stages`.
        StageEvent::StagePrepare { .. }
        | StageEvent::ConventionSignee { .. }
        | StageEvent::ConventionConclue { .. }
        | StageEvent::VisiteFaite { .. } => {}
    }
    Ok(())
}

impl Tuteurs {
    /// The tuteur of a stage.
    pub async fn de(db: impl PgExecutor<'_>, stage: Uuid) -> sqlx::Result<Option<Uuid>> {
        sqlx::query_scalar("SELECT tuteur FROM stage_tuteur WHERE stage = $1")
            .bind(stage)
            .fetch_optional(db)
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
