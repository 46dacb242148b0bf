//! The runner: keeps every view up to date with the record.
//!
//! A batch of facts and the checkpoint that says they were followed move in one
//! transaction, under the checkpoint's row lock: several processes may run the same
//! view, and each fact is followed once. A fact that a view cannot follow is set aside
//! with its error, and so are the later ones of its stream; the rest goes on, and an
//! operator sees it. Woken by NOTIFY, with polling as fallback.

mod batch;
mod checkpoint;

use crate::Projection;
use crate::progress::Progress;
pub(crate) use batch::apply;
use batch::follow;
use ledger::feed::Journal;
use ledger::keys::KeyRing;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use batch::RunnerError;

/// How often journals are looked at when nothing was heard.
const POLL: Duration = Duration::from_secs(1);
/// How long to wait after a fault of the database.
const PAUSE: Duration = Duration::from_millis(500);

/// See the module.
#[derive(Clone)]
pub struct Runner {
    pool: PgPool,
    keys: KeyRing,
    projections: Vec<Arc<dyn Projection>>,
    progress: Progress,
}

/// A journal of which a view has not read everything.
#[derive(Debug, sqlx::FromRow)]
struct Behind {
    portail: String,
    annee: i16,
    head: i64,
    position: i64,
}

impl Runner {
    /// A runner of these views; `pool` is in the live place.
    pub fn new(pool: PgPool, keys: KeyRing, projections: Vec<Arc<dyn Projection>>) -> Self {
        let progress = Progress::new(pool.clone());
        Self { pool, keys, projections, progress }
    }

    /// Where queries wait.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Runs until `stop` is true; finishes the batches under way.
    pub async fn run(&self, stop: watch::Receiver<bool>) {
        let woken = watch::Sender::new(0);
        let mut tasks = JoinSet::new();
        for projection in self.projections.clone() {
            let (runner, woken, stop) = (self.clone(), woken.subscribe(), stop.clone());
            tasks.spawn(async move { runner.keep_up(projection, woken, stop).await });
        }
        let listening = listen(self.pool.clone(), woken, stop);
        tokio::join!(listening, async { while tasks.join_next().await.is_some() {} });
    }

    /// Brings every view up to the present heads and returns: tools and tests.
    pub async fn catch_up(&self) -> Result<(), RunnerError> {
        for projection in &self.projections {
            while self.step(&**projection).await? {}
        }
        Ok(())
    }

    async fn keep_up(
        &self,
        projection: Arc<dyn Projection>,
        mut woken: watch::Receiver<u64>,
        mut stop: watch::Receiver<bool>,
    ) {
        while !*stop.borrow() {
            let pause = match self.step(&*projection).await {
                Ok(true) => continue,
                Ok(false) => POLL,
                Err(error) => {
                    tracing::warn!(
                        projection = projection.name(),
                        error = &error as &dyn std::error::Error,
                        "view is held up; trying again"
                    );
                    PAUSE
                }
            };
            tokio::select! {
                _ = woken.changed() => {}
                _ = stop.changed() => {}
                () = tick(pause) => {}
            }
        }
    }

    /// Follows one batch of each journal that is behind; says whether there was any.
    /// Of a portal's years the oldest comes first.
    async fn step(&self, projection: &dyn Projection) -> Result<bool, RunnerError> {
        let behind: Vec<Behind> = sqlx::query_as(
            "SELECT DISTINCT ON (j.portail) j.portail, j.annee, j.position AS head, coalesce(c.position, 0) AS position
             FROM ledger.journal j
             LEFT JOIN projections.checkpoint c
               ON c.projection = $1 AND c.version = $2 AND c.portail = j.portail AND c.annee = j.annee
             WHERE j.position > coalesce(c.position, 0)
             ORDER BY j.portail, j.annee",
        )
        .bind(projection.name())
        .bind(projection.version())
        .fetch_all(&self.pool)
        .await?;
        let lag: i64 = behind.iter().map(|journal| journal.head - journal.position).sum();
        metrics::gauge!("projection_lag_events", "projection" => projection.name()).set(lag as f64);
        for Behind { portail, annee, head, .. } in &behind {
            let portail = portail.parse().map_err(|error| RunnerError::Journal(format!("{error}")))?;
            let journal = Journal { portail, annee: domain::AnneeScolaire(*annee) };
            let reached = follow(&self.pool, &self.keys, projection, &journal, *head).await?;
            self.progress.set(projection.name(), &journal, reached);
        }
        Ok(!behind.is_empty())
    }

    /// Empties a view and follows the record from zero. Readers see it fill.
    ///
    /// A living runner holds a checkpoint before it touches a table: so does this, else
    /// the two could wait for each other, or a batch between the two deletions be lost.
    pub async fn rebuild(
        &self,
        projection: &dyn Projection,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<(), RunnerError> {
        let mut tx = self.pool.begin().await?;
        let lock = "LOCK TABLE projections.checkpoint IN SHARE ROW EXCLUSIVE MODE";
        sqlx::query(lock).execute(&mut *tx).await?;
        let truncate = format!("TRUNCATE {}", projection.tables().join(", "));
        sqlx::query(&truncate).execute(&mut *tx).await?;
        for table in ["checkpoint", "set_aside"] {
            let sql = format!("DELETE FROM projections.{table} WHERE projection = $1");
            sqlx::query(&sql).bind(projection.name()).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        loop {
            let more = self.step(projection).await?;
            let (done, total): (i64, i64) = sqlx::query_as(
                "SELECT coalesce((SELECT sum(position) FROM projections.checkpoint
                                  WHERE projection = $1 AND version = $2), 0)::bigint,
                        coalesce((SELECT sum(position) FROM ledger.journal), 0)::bigint",
            )
            .bind(projection.name())
            .bind(projection.version())
            .fetch_one(&self.pool)
            .await?;
            progress(done.unsigned_abs(), total.unsigned_abs());
            if !more {
                return Ok(());
            }
        }
    }
}

/// Wakes the views when the ledger's channel says that journals have grown.
async fn listen(pool: PgPool, woken: watch::Sender<u64>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(ledger::CHANNEL).await?;
            loop {
                listener.recv().await?;
                woken.send_modify(|times| *times += 1);
            }
            #[allow(unreachable_code)]
            Ok::<(), sqlx::Error>(())
        };
        tokio::select! {
            ended = listening => {
                if let Err(error) = ended {
                    tracing::warn!(%error, "not listening to the ledger; views poll meanwhile");
                }
                tick(PAUSE).await;
            }
            _ = stop.changed() => {}
        }
    }
}

#[allow(clippy::disallowed_methods)] // the fallback poll, and the pause after a fault
async fn tick(pause: Duration) {
    tokio::time::sleep(pause).await;
}
