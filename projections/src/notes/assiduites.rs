//! Absences and lates that an établissement counts in another program, as it gave them.

use crate::vue::vue;
use crate::{ProjectionError, stream_uuid};
use domain::Event;
use domain::notes::{Assiduite, ConseilDeClasse, ConseilEvent};
use ledger::feed::Fact;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

vue!(
    /// The view of them.
    AssiduitesDonnees = "notes.assiduites_donnees" of ConseilDeClasse { "assiduite_donnee" by "periode" }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::ConseilDeClasse(event)) = fact.event() else { return Ok(()) };
    match event {
        ConseilEvent::AssiduiteDonnee { eleve, assiduite, .. } => {
            sqlx::query(
                "INSERT INTO assiduite_donnee (periode, eleve, assiduite) VALUES ($1, $2, $3)
                 ON CONFLICT (periode, eleve) DO UPDATE SET assiduite = excluded.assiduite",
            )
            .bind(stream_uuid(fact)?)
            .bind(eleve.0)
            .bind(Json(assiduite))
            .execute(tx)
            .await?;
            Ok(())
        }
        ConseilEvent::EleveExamine { .. } => Ok(()),
    }
}

/// What was given of a pupil.
#[derive(Debug, Clone, Copy, FromRow)]
#[allow(missing_docs)]
pub struct AssiduiteDonnee {
    pub eleve: Uuid,
    #[sqlx(json)]
    pub assiduite: Assiduite,
}

impl AssiduitesDonnees {
    /// What was given of the pupils of a period.
    pub async fn de(db: impl PgExecutor<'_>, periode: Uuid) -> sqlx::Result<Vec<AssiduiteDonnee>> {
        sqlx::query_as("SELECT eleve, assiduite FROM assiduite_donnee WHERE periode = $1 ORDER BY eleve")
            .bind(periode)
            .fetch_all(db)
            .await
    }
}
