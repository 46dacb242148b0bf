//! How far each view has read each journal, and waiting for it: read your writes.
//!
//! Who waits, waits for one view on one portal: others that move cost a waiter nothing.

use domain::{AnneeScolaire, PortailId};
use ledger::feed::Journal;
use ledger::unit::Position;
use sqlx::PgPool;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

/// How far a view has read the journals of one portal.
type Years = BTreeMap<AnneeScolaire, i64>;
type Places = HashMap<&'static str, HashMap<PortailId, watch::Sender<Years>>>;

/// Shared between the runner, which moves it, and queries, which wait on it.
#[derive(Clone)]
pub struct Progress {
    pool: PgPool,
    places: Arc<Mutex<Places>>,
}

/// A view has not reached a position in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("la vue n'a pas encore atteint cette position du journal : réessayez dans un instant")]
pub struct Late;

/// Tells each time that a view has read on in the journals of one portal.
pub struct Moves(watch::Receiver<Years>);

impl Moves {
    /// What has moved so far is known.
    pub fn mark_seen(&mut self) {
        self.0.mark_unchanged();
    }

    /// Waits for the next move; false once there will be none.
    pub async fn next(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }

    /// Whether something has moved that is not known yet.
    pub fn is_unseen(&self) -> bool {
        self.0.has_changed().unwrap_or(true)
    }
}

impl Progress {
    /// Knows nothing yet.
    pub fn new(pool: PgPool) -> Self {
        Self { pool, places: Arc::default() }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A view never reads backwards.
    pub(crate) fn set(&self, projection: &'static str, journal: &Journal, position: i64) {
        let mut places = self.places();
        let years = places.entry(projection).or_default().entry(journal.portail.clone()).or_default();
        years.send_if_modified(|years| {
            let known = years.entry(journal.annee).or_insert(0);
            let moved = *known < position;
            *known = position.max(*known);
            moved
        });
    }

    /// Portals on which somebody waits for a view.
    pub(crate) fn watched(&self, projection: &'static str) -> Vec<String> {
        let places = self.places();
        let portails = places.get(projection).into_iter().flatten();
        let waited = portails.filter(|(_, years)| years.receiver_count() > 0);
        waited.map(|(portail, _)| portail.to_string()).collect()
    }

    fn years(&self, projection: &'static str, portail: &PortailId) -> watch::Receiver<Years> {
        self.places().entry(projection).or_default().entry(portail.clone()).or_default().subscribe()
    }

    /// Tells each time that a view has read on in the journals of a portal, which exists:
    /// it is remembered from now on.
    pub fn moves(&self, projection: &'static str, portail: &PortailId) -> Moves {
        Moves(self.years(projection, portail))
    }

    /// Waits until `projection` (version `version`) has read `position`.
    pub async fn reach(
        &self,
        projection: &'static str,
        version: i32,
        position: &Position,
    ) -> Result<(), Late> {
        let deadline = Instant::now() + PATIENCE;
        let reached = |years: &Years| years.get(&position.annee) >= Some(&position.position);
        loop {
            if position.position == 0 || self.knows(projection, &position.portail, reached) {
                return Ok(());
            }
            // What this process moves it knows by itself.
            if self.remembers(projection, &position.portail) {
                let mut years = self.years(projection, &position.portail);
                let glance = deadline.min(Instant::now() + GLANCE);
                if timeout_at(glance, years.wait_for(reached)).await.is_ok_and(|found| found.is_ok()) {
                    return Ok(());
                }
            }
            if self.stored(projection, version, position).await >= Some(position.position) {
                return Ok(());
            }
            if Instant::now() >= deadline || self.is_beyond(position).await {
                return Err(Late);
            }
            // Only now: a portal of which nothing is recorded is not worth remembering.
            drop(self.years(projection, &position.portail));
        }
    }

    fn remembers(&self, projection: &str, portail: &PortailId) -> bool {
        self.places().get(projection).is_some_and(|portails| portails.contains_key(portail))
    }

    fn knows(&self, projection: &str, portail: &PortailId, reached: impl Fn(&Years) -> bool) -> bool {
        let places = self.places();
        let years = places.get(projection).and_then(|portails| portails.get(portail));
        years.is_some_and(|years| reached(&years.borrow()))
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

    async fn stored(&self, projection: &str, version: i32, position: &Position) -> Option<i64> {
        sqlx::query_scalar(
            "SELECT position FROM projections.checkpoint
             WHERE projection = $1 AND version = $2 AND portail = $3 AND annee = $4",
        )
        .bind(projection)
        .bind(version)
        .bind(position.portail.as_str())
        .bind(position.annee.0)
        .fetch_optional(&self.pool)
        .await
        .unwrap_or_else(|error| {
            tracing::warn!(%error, "checkpoint cannot be read");
            None
        })
    }
}
