//! Views rebuilt from zero in a scratch place, beside the living ones.
//!
//! A [`Scratch`] is one connection whose temporary tables shadow the live ones: the same
//! `apply` and the same queries work on it, it needs no privilege but TEMP, and nothing
//! of it is left when it is dropped. A fact that a view cannot follow is set aside here as
//! it is there.

use crate::Projection;
use crate::aside::{self, Aside};
use crate::runner::{RunnerError, follow_facts};
use chrono::{DateTime, NaiveDate, Utc};
use ledger::feed::{Fact, Journal, facts_after, heads};
use ledger::keys::KeyRing;
use sqlx::{PgConnection, PgPool, Postgres, pool::PoolConnection};
use std::collections::HashMap;
use std::sync::Arc;

/// Facts read at a time.
const PAGE: i64 = 1_000;

/// See the module.
pub struct Scratch {
    connection: PoolConnection<Postgres>,
    projections: Vec<Arc<dyn Projection>>,
}

/// Which part of the record is replayed: what was known at an instant of what was in force on
/// a day. An act recorded late (a roll corrected the day after) takes effect before it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf {
    /// What was recorded later (than this, inclusive) was not known.
    pub known: DateTime<Utc>,
    /// What takes effect later was not in force; without it, all that was known counts.
    pub in_force: Option<NaiveDate>,
}

impl AsOf {
    fn counts(&self, fact: &Fact) -> bool {
        self.in_force.is_none_or(|day| fact.envelope.business_date <= day)
    }
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
        let tables = projections.iter().flat_map(|projection| projection.tables());
        for table in tables.chain(&["set_aside"]) {
            let sql = format!("CREATE TEMP TABLE {table} (LIKE {table} INCLUDING ALL)");
            sqlx::query(&sql).execute(&mut *connection).await?;
        }
        Ok(Self { connection, projections })
    }

    /// Follows the whole record, or that part of it. `progress` is told how many events
    /// were read.
    pub async fn replay(
        &mut self,
        keys: &KeyRing,
        as_of: Option<AsOf>,
        mut progress: impl FnMut(u64),
    ) -> Result<(), RunnerError> {
        let mut read = 0;
        for (journal, head) in heads(&mut self.connection).await? {
            let mut position = 0;
            while position < head {
                let mut facts =
                    facts_after(&mut self.connection, keys, &journal, position, &[], PAGE).await?;
                let Some(last) = facts.last() else { break };
                position = last.position.position;
                if let Some(as_of) = as_of {
                    let later = |fact: &Fact| fact.envelope.recorded_at > as_of.known;
                    if let Some(end) = facts.iter().position(later) {
                        facts.truncate(end);
                        position = head;
                    }
                    read += facts.len() as u64;
                    facts.retain(|fact| as_of.counts(fact));
                } else {
                    read += facts.len() as u64;
                }
                self.follow(&journal, &facts).await?;
                progress(read);
            }
        }
        Ok(())
    }

    async fn follow(&mut self, journal: &Journal, facts: &[Fact]) -> Result<(), RunnerError> {
        for projection in &self.projections {
            let kinds = projection.hears();
            if kinds.is_empty() {
                follow_facts(&mut self.connection, &**projection, journal, facts).await?;
            } else {
                let hears = |fact: &&Fact| kinds.contains(&fact.envelope.stream.kind.as_str());
                let heard: Vec<Fact> = facts.iter().filter(hears).cloned().collect();
                follow_facts(&mut self.connection, &**projection, journal, &heard).await?;
            }
        }
        Ok(())
    }

    /// What these views could not follow.
    pub async fn set_aside(&mut self) -> sqlx::Result<Vec<Aside>> {
        aside::list(&mut self.connection, None).await
    }

    /// The connection, for the typed queries of the views.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Compares every replayed table with its living one, row by row.
    pub async fn differences(&mut self) -> Result<Vec<Difference>, sqlx::Error> {
        let tables: Vec<&str> = self.projections.iter().flat_map(|one| one.tables()).copied().collect();
        let schemas: Vec<(String, String)> = sqlx::query_as(
            "SELECT c.relname, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relname = ANY ($1) AND c.relkind = 'r' AND n.nspname = ANY (current_schemas(false))",
        )
        .bind(&tables)
        .fetch_all(&mut *self.connection)
        .await?;
        let schemas: HashMap<String, String> = schemas.into_iter().collect();
        let mut differences = Vec::new();
        for table in tables {
            let schema = schemas.get(table).ok_or(sqlx::Error::RowNotFound)?;
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
