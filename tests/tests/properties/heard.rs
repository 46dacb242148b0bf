//! A view that also writes down, in the same transaction, which facts it was handed.
//!
//! A fact that is handed twice meets its own line, and is set aside: that is found too.

use anyhow::Result;
use async_trait::async_trait;
use ledger::feed::Fact;
use projections::{Forget, Projection, ProjectionError};
use recits::Bench;
use sqlx::PgConnection;
use std::sync::Arc;

/// See the module.
pub struct Heard(Arc<dyn Projection>);

impl Heard {
    /// All views of the house, in a bench that has the table where they write it down.
    pub fn all() -> Vec<Arc<dyn Projection>> {
        projections::all().into_iter().map(|view| Arc::new(Self(view)) as Arc<dyn Projection>).collect()
    }

    /// Makes that table.
    pub async fn prepare(bench: &Bench) -> Result<()> {
        sqlx::raw_sql(
            "CREATE TABLE projections.entendu (projection text, portail text, annee smallint, position bigint,
                                               PRIMARY KEY (projection, portail, annee, position));
             GRANT SELECT, INSERT ON projections.entendu TO ent_app",
        )
        .execute(&bench.owner)
        .await?;
        Ok(())
    }

    async fn note(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        for fact in facts {
            sqlx::query("INSERT INTO entendu (projection, portail, annee, position) VALUES ($1, $2, $3, $4)")
                .bind(self.0.name())
                .bind(fact.position.portail.as_str())
                .bind(fact.position.annee.0)
                .bind(fact.position.position)
                .execute(&mut *tx)
                .await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Projection for Heard {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn version(&self) -> i32 {
        self.0.version()
    }

    fn tables(&self) -> &'static [&'static str] {
        self.0.tables()
    }

    fn forgets(&self) -> &'static [Forget] {
        self.0.forgets()
    }

    fn hears(&self) -> &'static [&'static str] {
        self.0.hears()
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        self.note(&[fact], tx).await?;
        self.0.apply(fact, tx).await
    }

    async fn apply_all(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        self.note(facts, tx).await?;
        self.0.apply_all(facts, tx).await
    }
}
