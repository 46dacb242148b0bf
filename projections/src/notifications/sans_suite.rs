//! What nobody is told of, and why: it is not looked at again.

use crate::vue::vue;
use crate::{ProjectionError, stream_uuid};
use domain::Event;
use domain::notifications::{Envoi, EnvoiEvent};
use ledger::feed::Fact;
use sqlx::PgConnection;

vue!(
    /// The view of what nobody is told of.
    SansSuites = "notifications.sans_suites" of Envoi { "annonce_sans_suite" by "envoi" }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::Envoi(event)) = fact.event() else { return Ok(()) };
    match event {
        EnvoiEvent::EnvoiSansSuite { annonce, motif } => {
            sqlx::query("INSERT INTO annonce_sans_suite (envoi, annonce, motif, le) VALUES ($1, $2, $3, $4)")
                .bind(stream_uuid(fact)?)
                .bind(annonce.0)
                .bind(motif.as_str())
                .bind(fact.envelope.recorded_at)
                .execute(tx)
                .await?;
        }
        EnvoiEvent::EnvoiPrepare { .. }
        | EnvoiEvent::EnvoiRemis { .. }
        | EnvoiEvent::EnvoiDiffere { .. }
        | EnvoiEvent::EnvoiAbandonne { .. }
        | EnvoiEvent::EnvoiNonRemis { .. }
        | EnvoiEvent::AdresseEnDefaut { .. }
        | EnvoiEvent::AdresseRetablie { .. } => {}
    }
    Ok(())
}
