//! Stages, their signatures and their visits.

use super::{d_un_eleve, sequence, vue, word};
use crate::ProjectionError;
use chrono::NaiveDate;
use domain::Event;
use domain::vie_de_l_eleve::{self as domaine, StageEvent};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

vue!(
    /// The view of stages.
    Stages = "vie_de_l_eleve.stages" of domaine::Stage {
        "stage" by "id",
        "stage_signature" by "stage",
        "stage_visite" by "stage",
    }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::Stage(event)) = fact.event() else { return Ok(()) };
    let id = crate::stream_uuid(fact)?;
    let change = match event {
        StageEvent::StagePrepare { eleve, fiche, referent, mineur, .. } => sqlx::query(
            "INSERT INTO stage (id, portail, eleve, entreprise, tuteur, du, au, activites, referent, mineur)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(id)
        .bind(fact.position.portail.as_str())
        .bind(eleve.0)
        .bind(&fiche.entreprise)
        .bind(&fiche.tuteur)
        .bind(fiche.du)
        .bind(fiche.au)
        .bind(&fiche.activites)
        .bind(referent.0)
        .bind(*mineur),
        StageEvent::ConventionSignee { partie, par, le, .. } => {
            sqlx::query("INSERT INTO stage_signature (stage, partie, par, le) VALUES ($1, $2, $3, $4)")
                .bind(id)
                .bind(word(partie)?)
                .bind(par.0)
                .bind(*le)
        }
        StageEvent::ConventionConclue { le, .. } => {
            sqlx::query("UPDATE stage SET conclu_le = $2 WHERE id = $1").bind(id).bind(*le)
        }
        // Another view's: see `Tuteurs`.
        StageEvent::TuteurDesigne { .. } | StageEvent::TuteurRetire { .. } => return Ok(()),
        StageEvent::VisiteFaite { le, compte_rendu, par, .. } => sqlx::query(
            "INSERT INTO stage_visite (stage, sequence, le, compte_rendu, par) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(sequence(fact)?)
        .bind(*le)
        .bind(compte_rendu)
        .bind(par.0),
    };
    change.execute(tx).await?;
    Ok(())
}

/// A stage as it stands.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Stage {
    pub id: Uuid,
    pub portail: String,
    pub eleve: Uuid,
    pub entreprise: String,
    pub tuteur: String,
    pub du: NaiveDate,
    pub au: NaiveDate,
    pub activites: String,
    pub referent: Uuid,
    pub mineur: bool,
    pub conclu_le: Option<NaiveDate>,
}

impl Stage {
    /// Whether its last day was before this one.
    pub fn is_over(&self, le: NaiveDate) -> bool {
        self.au < le
    }
}

/// A signature of its convention.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct SignatureDeStage {
    pub stage: Uuid,
    pub partie: String,
    pub par: Uuid,
    pub le: NaiveDate,
}

/// A visit of its référent.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct VisiteDeStage {
    pub stage: Uuid,
    pub le: NaiveDate,
    pub compte_rendu: String,
    pub par: Uuid,
}

d_un_eleve!(Stages, Stage, "stage" by "du" of NaiveDate);

impl Stages {
    /// A stage.
    pub async fn by_id(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<Stage>> {
        sqlx::query_as("SELECT * FROM stage WHERE id = $1").bind(id).fetch_optional(db).await
    }

    /// Who has signed for these.
    pub async fn signatures(db: impl PgExecutor<'_>, stages: &[Uuid]) -> sqlx::Result<Vec<SignatureDeStage>> {
        sqlx::query_as(
            "SELECT stage, partie, par, le FROM stage_signature
             WHERE stage = ANY ($1) ORDER BY stage, le, partie",
        )
        .bind(stages)
        .fetch_all(db)
        .await
    }

    /// The visits of these, in order.
    pub async fn visites(db: impl PgExecutor<'_>, stages: &[Uuid]) -> sqlx::Result<Vec<VisiteDeStage>> {
        sqlx::query_as(
            "SELECT stage, le, compte_rendu, par FROM stage_visite
             WHERE stage = ANY ($1) ORDER BY stage, sequence",
        )
        .bind(stages)
        .fetch_all(db)
        .await
    }
}
