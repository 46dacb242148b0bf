//! How far each view has read each journal, and waiting for it: read your writes.

use ledger::feed::Journal;
use ledger::unit::Position;
use sqlx::PgPool;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// How long a query waits for a view before it says so.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How long a mutation waits for what its compte has just written.
const MOMENT: Duration = Duration::from_secs(1);
/// How often a waiting query looks at the stored checkpoint: another process may be
/// the one that moves it.
const GLANCE: Duration = Duration::from_millis(100);

type Places = HashMap<(&'static str, Journal), i64>;

/// Shared between the runner, which moves it, and queries, which wait on it.
#[derive(Clone)]
pub struct Progress {
    pool: PgPool,
    places: Arc<Mutex<Places>>,
    moved: watch::Sender<u64>,
}

/// A view has not reached a position in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("la vue n'a pas encore atteint cette position du journal : réessayez dans un instant")]
pub struct Late;

impl Progress {
    /// Knows nothing yet.
    pub fn new(pool: PgPool) -> Self {
        Self { pool, places: Arc::default(), moved: watch::Sender::new(0) }
    }

    pub(crate) fn set(&self, projection: &'static str, journal: &Journal, position: i64) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.insert((projection, journal.clone()), position);
        drop(places);
        self.moved.send_modify(|moves| *moves += 1);
    }

    /// Tells each time that some view has read on.
    pub fn moves(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    /// Waits until `projection` (version `version`) has read `position`.
    pub async fn reach(
        &self,
        projection: &'static str,
        version: i32,
        position: &Position,
    ) -> Result<(), Late> {
        let deadline = Instant::now() + PATIENCE;
        let journal = Journal { portail: position.portail.clone(), annee: position.annee };
        let key = (projection, journal);
        let mut moved = self.moved.subscribe();
        loop {
            let known = {
                let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
                places.get(&key).copied()
            };
            if known >= Some(position.position) || position.position == 0 {
                return Ok(());
            }
            if self.stored(projection, version, &key.1).await >= Some(position.position) {
                return Ok(());
            }
            if Instant::now() >= deadline || self.is_beyond(position).await {
                return Err(Late);
            }
            let glance = deadline.min(Instant::now() + GLANCE);
            let _ = timeout_at(glance, moved.changed()).await;
        }
    }

    /// Waits, for a moment at the most, until the views that use cases read have read
    /// `position`. One that is held up holds nobody else up.
    pub async fn reach_for_use_cases(&self, position: &Position) {
        let views = crate::all();
        let read = views.iter().filter(|view| view.name() != crate::audit::JournalDuPortail::NAME);
        let reached = read.map(|view| self.reach(view.name(), view.version(), position));
        let _ = tokio::time::timeout(MOMENT, futures::future::join_all(reached)).await;
    }

    /// Whether a position is beyond what is recorded: no view will ever reach it by waiting.
    async fn is_beyond(&self, position: &Position) -> bool {
        let head: sqlx::Result<Option<i64>> =
            sqlx::query_scalar("SELECT position FROM ledger.journal WHERE portail = $1 AND annee = $2")
                .bind(position.portail.as_str())
                .bind(position.annee.0)
                .fetch_optional(&self.pool)
                .await;
        matches!(head, Ok(head) if head < Some(position.position))
    }

    async fn stored(&self, projection: &str, version: i32, journal: &Journal) -> Option<i64> {
        sqlx::query_scalar(
            "SELECT position FROM projections.checkpoint
             WHERE projection = $1 AND version = $2 AND portail = $3 AND annee = $4",
        )
        .bind(projection)
        .bind(version)
        .bind(journal.portail.as_str())
        .bind(journal.annee.0)
        .fetch_optional(&self.pool)
        .await
        .unwrap_or_else(|error| {
            tracing::warn!(%error, "checkpoint cannot be read");
            None
        })
    }
}
