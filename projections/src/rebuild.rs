//! A view rebuilt beside the living one, and put in its place.
//!
//! The next version of a view fills in the schema `prochain`, which stands first in the
//! search path of the connection here: the same `apply`, and the same batches with their
//! own checkpoints, as the runner's. Readers, writers and the runner of the living version
//! go on meanwhile. What a rebuild that was broken off has read stays read.
//!
//! The switch is one transaction: nobody follows the view, the last facts are followed, and
//! the tables change their schema. A long reader does not let the others queue behind the
//! switch: it gives up its place after a moment and tries again.

use crate::runner::checkpoint::{Behind, hold_alone, standing};
use crate::runner::{Pages, RunnerError, follow};
use crate::{Projection, SEARCH_PATH};
use sqlx::{Acquire, PgConnection, PgPool};
use std::time::Duration;

/// Where the next version of a view fills.
const NEXT: &str = "prochain";
/// First half of the advisory locks of rebuilds. (The second half is the view's name.)
const REBUILDING: i32 = 0x7265_6a6f;
/// How long one waits for another rebuild of the view: the server takes a moment to find out
/// that one was killed.
const WAIT: &str = "SET lock_timeout = '3s'";
const WAIT_NO_MORE: &str = "RESET lock_timeout";
/// How long the switch may keep others waiting before it lets them by.
const MOMENT: &str = "SET LOCAL lock_timeout = '100ms'";
/// How long a batch under way may keep the switch waiting.
const BATCH: &str = "SET LOCAL lock_timeout = '10s'";
/// How often the switch is tried, and how long it stands back in between.
const TRIES: u32 = 600;
const BACK: Duration = Duration::from_millis(200);
/// SQLSTATEs: a lock that did not come in time; what is used by another.
const LOCK_NOT_AVAILABLE: &str = "55P03";
const OBJECT_IN_USE: &str = "55006";

/// Why a view was not rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The database did not answer.
    #[error("the database is away")]
    Database(#[source] sqlx::Error),
    /// The record could not be followed.
    #[error("the record cannot be followed")]
    Runner(#[from] RunnerError),
    /// Somebody else is at it.
    #[error("cette vue est déjà en reconstruction")]
    Underway,
    /// A newer version lives, or fills in the place.
    #[error("une version plus récente de cette vue existe : ce programme n'y touche pas")]
    Newer,
    /// The living tables are never free.
    #[error("des lecteurs occupent la vue sans répit : la bascule n'a pas pu se faire")]
    Busy,
}

impl From<sqlx::Error> for RebuildError {
    fn from(error: sqlx::Error) -> Self {
        match code(&error).as_deref() {
            Some(OBJECT_IN_USE) => Self::Newer,
            _ => Self::Database(error),
        }
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(|code| code.into_owned())
}

fn is_late(error: &sqlx::Error) -> bool {
    code(error).as_deref() == Some(LOCK_NOT_AVAILABLE)
}

/// A rebuild under way.
pub struct Rebuild<'a> {
    connection: PgConnection,
    pages: Pages,
    projection: &'a dyn Projection,
}

impl<'a> Rebuild<'a> {
    /// Begins, or goes on with what an earlier one has read.
    pub async fn begin(
        pool: &PgPool,
        pages: Pages,
        projection: &'a dyn Projection,
    ) -> Result<Self, RebuildError> {
        // Detached: neither the search path nor the lock may go back to the pool.
        let mut connection = pool.acquire().await?.detach();
        sqlx::query(WAIT).execute(&mut connection).await?;
        let lock = sqlx::query("SELECT pg_advisory_lock($1, hashtext($2))");
        match lock.bind(REBUILDING).bind(projection.name()).execute(&mut connection).await {
            Err(error) if is_late(&error) => return Err(RebuildError::Underway),
            locked => locked?,
        };
        sqlx::query(WAIT_NO_MORE).execute(&mut connection).await?;
        sqlx::query("SELECT projections.prepare($1, $2, $3)")
            .bind(projection.name())
            .bind(projection.version())
            .bind(projection.tables())
            .execute(&mut connection)
            .await?;
        sqlx::query("SELECT set_config('search_path', $1, false)")
            .bind(format!("{NEXT},{SEARCH_PATH}"))
            .execute(&mut connection)
            .await?;
        let mut rebuild = Self { connection, pages, projection };
        rebuild.set_off().await?;
        Ok(rebuild)
    }

    /// Says from when on, and from where, its pace is counted.
    async fn set_off(&mut self) -> Result<(), RebuildError> {
        sqlx::query(
            "INSERT INTO prochain.pace (projection, since, done)
             SELECT $1, clock_timestamp(), coalesce(sum(position), 0)
             FROM prochain.checkpoint WHERE projection = $1
             ON CONFLICT (projection) DO UPDATE SET since = excluded.since, done = excluded.done",
        )
        .bind(self.projection.name())
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// Forgets what an earlier rebuild has read.
    pub async fn start_over(&mut self) -> Result<(), RebuildError> {
        let mut tx = self.connection.begin().await?;
        let tables: Vec<_> = self.projection.tables().iter().map(|table| format!("{NEXT}.{table}")).collect();
        sqlx::query(&format!("TRUNCATE {}", tables.join(", "))).execute(&mut *tx).await?;
        for table in ["checkpoint", "set_aside"] {
            let sql = format!("DELETE FROM {NEXT}.{table} WHERE projection = $1");
            sqlx::query(&sql).bind(self.projection.name()).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        self.set_off().await
    }

    /// Follows one batch of each journal that has more; says how many events were read of
    /// how many, or nothing once all were.
    pub async fn step(&mut self) -> Result<Option<(u64, u64)>, RebuildError> {
        let behind = standing(&mut self.connection, self.projection, &[]).await?.behind;
        for Behind { journal, head } in &behind {
            follow(&mut self.connection, &self.pages, self.projection, journal, *head).await?;
        }
        let (done, total): (i64, i64) = sqlx::query_as(
            "SELECT coalesce((SELECT sum(position) FROM checkpoint WHERE projection = $1), 0)::bigint,
                    coalesce((SELECT sum(position) FROM ledger.journal), 0)::bigint",
        )
        .bind(self.projection.name())
        .fetch_one(&mut self.connection)
        .await?;
        Ok((!behind.is_empty()).then_some((done.unsigned_abs(), total.unsigned_abs())))
    }

    /// Follows what is left, and puts the view in the place of the living one.
    pub async fn switch(mut self) -> Result<(), RebuildError> {
        let measure = sqlx::query("SELECT projections.measure($1)").bind(self.projection.name());
        measure.execute(&mut self.connection).await?;
        for _ in 0..TRIES {
            match self.try_switch().await {
                Err(RebuildError::Database(error)) if is_late(&error) => stand_back().await,
                switched => return switched,
            }
            while self.step().await?.is_some() {}
        }
        Err(RebuildError::Busy)
    }

    async fn try_switch(&mut self) -> Result<(), RebuildError> {
        let mut tx = self.connection.begin().await?;
        sqlx::query(BATCH).execute(&mut *tx).await?;
        hold_alone(&mut tx, self.projection).await?;
        loop {
            let behind = standing(&mut tx, self.projection, &[]).await?.behind;
            for Behind { journal, head } in &behind {
                follow(&mut tx, &self.pages, self.projection, journal, *head).await?;
            }
            if behind.is_empty() {
                break;
            }
        }
        sqlx::query(MOMENT).execute(&mut *tx).await?;
        let switch = sqlx::query("SELECT projections.switch($1)").bind(self.projection.name());
        switch.execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }
}

#[allow(clippy::disallowed_methods)] // the switch lets readers by: there is no condition to wait on
async fn stand_back() {
    tokio::time::sleep(BACK).await;
}
