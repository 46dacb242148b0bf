//! Views rebuilt from zero in a scratch place, beside the living ones.
//!
//! A [`Scratch`] is one connection whose temporary tables shadow the live ones: the same
//! `apply` and the same queries work on it, it needs no privilege but TEMP, and nothing
//! of it is left when it is dropped.

use crate::runner::RunnerError;
use crate::{Projection, ProjectionError};
use chrono::{DateTime, Utc};
use ledger::feed::{facts_after, heads};
use ledger::keys::KeyRing;
use sqlx::{PgConnection, PgPool, Postgres, pool::PoolConnection};
use std::sync::Arc;

/// Facts read at a time.
const PAGE: i64 = 1_000;

/// See the module.
pub struct Scratch {
    connection: PoolConnection<Postgres>,
    projections: Vec<Arc<dyn Projection>>,
}

/// A table whose live rows are not those of a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which table.
    pub table: &'static str,
    /// Rows that only the live view has.
    pub only_live: i64,
    /// Rows that only the replay has.
    pub only_replayed: i64,
}

impl Scratch {
    /// Empty views in a place of their own. `pool` is in the live place.
    pub async fn new(pool: &PgPool, projections: Vec<Arc<dyn Projection>>) -> Result<Self, sqlx::Error> {
        // Detached: temporary tables must not go back to the pool with the connection.
        let mut connection = pool.acquire().await?;
        connection.close_on_drop();
        for table in projections.iter().flat_map(|projection| projection.tables()) {
            let sql = format!("CREATE TEMP TABLE {table} (LIKE {table} INCLUDING ALL)");
            sqlx::query(&sql).execute(&mut *connection).await?;
        }
        Ok(Self { connection, projections })
    }

    /// Follows the whole record, or what was recorded until an instant (inclusive).
    /// `progress` is told how many events were read.
    pub async fn replay(
        &mut self,
        keys: &KeyRing,
        until: Option<DateTime<Utc>>,
        mut progress: impl FnMut(u64),
    ) -> Result<(), RunnerError> {
        let mut read = 0;
        for (journal, head) in heads(&mut self.connection).await? {
            let mut position = 0;
            'journal: while position < head {
                let facts = facts_after(&mut self.connection, keys, &journal, position, &[], PAGE).await?;
                let Some(last) = facts.last() else { break };
                position = last.position.position;
                for fact in &facts {
                    if until.is_some_and(|until| fact.envelope.recorded_at > until) {
                        break 'journal;
                    }
                    self.apply(fact).await.map_err(RunnerError::View)?;
                    read += 1;
                }
                progress(read);
            }
        }
        Ok(())
    }

    async fn apply(&mut self, fact: &ledger::feed::Fact) -> Result<(), ProjectionError> {
        for projection in &self.projections {
            if projection.hears().is_empty()
                || projection.hears().contains(&fact.envelope.stream.kind.as_str())
            {
                crate::runner::apply(&**projection, fact, &mut self.connection).await?;
            }
        }
        Ok(())
    }

    /// The connection, for the typed queries of the views.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Compares every replayed table with its living one, row by row.
    pub async fn differences(&mut self) -> Result<Vec<Difference>, sqlx::Error> {
        let mut differences = Vec::new();
        for table in self.projections.iter().flat_map(|projection| projection.tables()) {
            let schema: String = sqlx::query_scalar(
                "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relname = $1 AND c.relkind = 'r' AND n.nspname = ANY (current_schemas(false))",
            )
            .bind(table)
            .fetch_one(&mut *self.connection)
            .await?;
            let sql = format!(
                "SELECT (SELECT count(*) FROM (TABLE {schema}.{table} EXCEPT ALL TABLE pg_temp.{table}) a),
                        (SELECT count(*) FROM (TABLE pg_temp.{table} EXCEPT ALL TABLE {schema}.{table}) b)"
            );
            let (only_live, only_replayed) = sqlx::query_as(&sql).fetch_one(&mut *self.connection).await?;
            if (only_live, only_replayed) != (0, 0) {
                differences.push(Difference { table, only_live, only_replayed });
            }
        }
        Ok(differences)
    }
}
