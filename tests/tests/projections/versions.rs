//! The next version of the view of `faits`, with another shape.

use anyhow::Result;
use async_trait::async_trait;
use domain::{Aggregate, absences};
use ledger::feed::Fact;
use projections::{Forget, Projection, ProjectionError};
use recits::Bench;
use sqlx::PgConnection;

/// See the module.
pub struct Nouvelle;

impl Nouvelle {
    /// What the migration of this version does.
    pub async fn migrate(bench: &Bench) -> Result<()> {
        sqlx::raw_sql(
            "SELECT projections.abandon('audit.faits');
             CREATE TABLE prochain.fait (place bigint PRIMARY KEY, genre text NOT NULL);
             GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON prochain.fait TO ent_app;
             INSERT INTO prochain.version VALUES ('audit.faits', 2, '{fait}')",
        )
        .execute(&bench.owner)
        .await?;
        Ok(())
    }
}

#[async_trait]
impl Projection for Nouvelle {
    fn name(&self) -> &'static str {
        "audit.faits"
    }

    fn version(&self) -> i32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["fait"]
    }

    fn forgets(&self) -> &'static [Forget] {
        &[]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[absences::Appel::TYPE]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        sqlx::query("INSERT INTO fait (place, genre) VALUES ($1, $2)")
            .bind(fact.position.position)
            .bind(&fact.envelope.event_type)
            .execute(tx)
            .await?;
        Ok(())
    }
}
