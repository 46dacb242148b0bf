//! What each delegation entrusts, beside [`super::Portails`] which says to whom and for how
//! long: a delegation whose line is not here yet entrusts nothing.

use crate::{Forget, Projection, ProjectionError};
use async_trait::async_trait;
use domain::portails::PortailEvent;
use domain::{Aggregate, Event, portails};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of what delegations entrust.
pub struct Attributions;

#[async_trait]
impl Projection for Attributions {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["attribution"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[portails::Portail::TYPE]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[Forget { kind: portails::Portail::TYPE, sql: "DELETE FROM attribution WHERE portail = ANY ($1)" }]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let Some(Event::Portail(PortailEvent::DelegationAccordee { delegation, attributions, .. })) =
            fact.event()
        else {
            return Ok(());
        };
        let words: Vec<_> = attributions.iter().map(|one| one.as_str()).collect();
        sqlx::query("INSERT INTO attribution (portail, delegation, attributions) VALUES ($1, $2, $3)")
            .bind(fact.envelope.stream.id.as_str())
            .bind(delegation.0)
            .bind(words)
            .execute(tx)
            .await?;
        Ok(())
    }
}

/// What a delegation entrusts.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Attribution {
    pub portail: String,
    pub delegation: Uuid,
    pub attributions: Vec<String>,
}

impl Attributions {
    /// Frozen name of the view.
    pub const NAME: &'static str = "portails.attributions";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// What these delegations of portals entrust: those with these ids, on whichever portal.
    pub async fn by_delegations(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Attribution>> {
        sqlx::query_as("SELECT * FROM attribution WHERE delegation = ANY ($1)").bind(ids).fetch_all(db).await
    }
}
