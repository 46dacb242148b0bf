//! How a portal's journals do, for who answers for it: how long they are, when they last
//! grew, and what their last verification found.

use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::journal::{self, VerificationEvent};
use domain::{Aggregate, Event};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};

/// The view of verifications.
pub struct Verifications;

#[async_trait]
impl Projection for Verifications {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["verification"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[journal::Verification::TYPE]
    }

    /// Counts and faults: nobody's content.
    fn forgets(&self) -> &'static [Forget] {
        &[]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Verification(event)) = fact.event() else { return Ok(()) };
        let VerificationEvent::VerificationFaite { constat } = event;
        let unfit = |_| ProjectionError::Unfit("a count is out of range".to_owned());
        sqlx::query(
            "INSERT INTO verification (portail, sequence, annee, le, evenements, faute_position, faute)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(fact.position.portail.as_str())
        .bind(i64::try_from(fact.envelope.sequence).map_err(unfit)?)
        .bind(constat.annee.0)
        .bind(fact.envelope.recorded_at)
        .bind(i64::try_from(constat.evenements).map_err(unfit)?)
        .bind(constat.faute.as_ref().map(|faute| faute.position))
        .bind(constat.faute.as_ref().map(|faute| faute.nature.as_str()))
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// How one journal does.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct SanteDuJournal {
    pub annee: i16,
    pub evenements: i64,
    pub dernier: Option<DateTime<Utc>>,
    pub verifie_le: Option<DateTime<Utc>>,
    pub verifies: Option<i64>,
    pub faute_position: Option<i64>,
    pub faute: Option<String>,
}

impl Verifications {
    /// Frozen name of the view.
    pub const NAME: &'static str = "audit.verifications";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The journals of a portal, the newest first. Their length is the record's own; their
    /// last event, the last that the view of the journal has read.
    pub async fn sante(db: impl PgExecutor<'_>, portail: &str) -> sqlx::Result<Vec<SanteDuJournal>> {
        sqlx::query_as(
            "SELECT j.annee, j.position AS evenements,
                    (SELECT e.enregistre_le FROM entree e WHERE e.portail = j.portail AND e.annee = j.annee
                     ORDER BY e.position DESC LIMIT 1) AS dernier,
                    v.le AS verifie_le, v.evenements AS verifies, v.faute_position, v.faute
             FROM ledger.journal j
             LEFT JOIN LATERAL (SELECT * FROM verification v WHERE v.portail = j.portail AND v.annee = j.annee
                                ORDER BY v.sequence DESC LIMIT 1) v ON true
             WHERE j.portail = $1 ORDER BY j.annee DESC",
        )
        .bind(portail)
        .fetch_all(db)
        .await
    }
}
