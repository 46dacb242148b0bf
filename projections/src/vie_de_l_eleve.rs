//! Life at school: incidents, punitions, sanctions, the carnet, the infirmerie and stages.
//!
//! One view for each kind of stream. What a sanction's file shows ends on the day that the law
//! fixes, whether its contents are destroyed by then or not: see [`Sanctions`].

mod carnet;
mod incidents;
mod infirmerie;
mod punitions;
mod sanctions;
mod stages;
mod tuteurs;

pub use carnet::{Carnets, DestinataireDeMot, Mot};
pub use incidents::{Incident, Incidents, InstanceAvertie, Protagoniste, SuiviDIncident};
pub use infirmerie::{Infirmeries, Passage, Soin};
pub use punitions::{Punition, Punitions};
pub use sanctions::{NotificationDeSanction, Sanction, Sanctions};
pub use stages::{SignatureDeStage, Stage, Stages, VisiteDeStage};
pub use tuteurs::{TuteurDeStage, Tuteurs};

use crate::ProjectionError;
use crate::vue::vue;
use ledger::feed::Fact;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

/// Declares what a view reads of a pupil: a page of the rows that portals have recorded, the newest
/// first by one of their columns.
macro_rules! d_un_eleve {
    ($vue:ident, $row:ty, $table:literal by $column:literal of $key:ty) => {
        impl $vue {
            /// What portals have recorded of a pupil, under any of his or her fiches, newest first,
            /// after a place in that order.
            pub async fn of_eleve(
                db: impl sqlx::PgExecutor<'_>,
                (fiches, portails): (&[uuid::Uuid], &[String]),
                after: Option<($key, uuid::Uuid)>,
                limit: i64,
            ) -> sqlx::Result<Vec<$row>> {
                let (key, id) = after.unzip();
                sqlx::query_as(concat!(
                    "SELECT * FROM ",
                    $table,
                    " WHERE eleve = ANY ($1) AND portail = ANY ($2) AND ($3 IS NULL OR (",
                    $column,
                    ", id) < ($3, $4)) ORDER BY ",
                    $column,
                    " DESC, id DESC LIMIT $5"
                ))
                .bind(fiches)
                .bind(portails)
                .bind(key)
                .bind(id)
                .bind(limit)
                .fetch_all(db)
                .await
            }
        }
    };
}
use d_un_eleve;

/// The professeurs principaux of pupils' divisions, each after the fiche of the pupil.
pub async fn professeurs_principaux(
    db: impl PgExecutor<'_>,
    fiches: &[Uuid],
) -> sqlx::Result<Vec<(Uuid, Uuid)>> {
    sqlx::query_as(
        "SELECT DISTINCT r.personne, t.personne FROM rattachement r
         JOIN enseignement e ON e.division = r.division
         JOIN enseignant t ON t.enseignement = e.id AND t.principal
         WHERE r.personne = ANY ($1) ORDER BY 1, 2",
    )
    .bind(fiches)
    .fetch_all(db)
    .await
}

/// The word by which the record itself calls a choice.
fn word(choice: &impl Serialize) -> Result<String, ProjectionError> {
    match serde_json::to_value(choice) {
        Ok(Value::String(word)) => Ok(word),
        Ok(_) | Err(_) => Err(ProjectionError::Unfit("a choice is not written as one word".to_owned())),
    }
}

/// The place of a fact in its stream, as tables keep it.
fn sequence(fact: &Fact) -> Result<i64, ProjectionError> {
    i64::try_from(fact.envelope.sequence)
        .map_err(|_| ProjectionError::Unfit("the event's sequence is out of range".to_owned()))
}
