//! How far views lag meanwhile: from the answer that a roll is closed until another session sees
//! that a view has read it, on some of the portals.

use crate::mesures::load::histogram;
use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use ledger::unit::Position;
use sqlx::PgPool;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// How often checkpoints are looked at: the finest lag that is seen.
pub const TICK: Duration = Duration::from_millis(10);
/// On how many portals: looking at all of them would be a load of its own.
pub const PORTAILS: usize = 4;
/// How long views may take to read the last of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where views have read to on each portal, by view and portal.
type Places = BTreeMap<(String, String), i64>;

/// Looks at the checkpoints until it is told to end.
pub struct Vigie {
    session: PgPool,
    portails: Vec<String>,
    sights: Vec<(Instant, Places)>,
}

impl Vigie {
    /// Over some of these portals.
    pub fn new(session: PgPool, portails: &BTreeSet<String>) -> Self {
        let portails = portails.iter().take(PORTAILS).cloned().collect();
        Self { session, portails, sights: Vec::new() }
    }

    /// Looks until `over` is true, and then until every view has read what there is.
    pub async fn look(mut self, over: watch::Receiver<bool>) -> Result<Self> {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ended: Option<Instant> = None;
        loop {
            ticks.tick().await;
            let places = self.places().await?;
            self.sights.push((Instant::now(), places));
            if *over.borrow() {
                let since = *ended.get_or_insert_with(Instant::now);
                anyhow::ensure!(
                    since.elapsed() < PATIENCE,
                    "views have not read everything after {PATIENCE:?}"
                );
                if self.drained().await? {
                    return Ok(self);
                }
            }
        }
    }

    async fn places(&self) -> Result<Places> {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "SELECT projection, portail, position FROM projections.checkpoint WHERE portail = ANY ($1)",
        )
        .bind(&self.portails)
        .fetch_all(&self.session)
        .await?;
        Ok(rows.into_iter().map(|(view, portail, position)| ((view, portail), position)).collect())
    }

    /// Whether the newest sight has every view at the head of every portal.
    async fn drained(&self) -> Result<bool> {
        let heads: Vec<(String, i64)> =
            sqlx::query_as("SELECT portail, position FROM ledger.journal WHERE portail = ANY ($1)")
                .bind(&self.portails)
                .fetch_all(&self.session)
                .await?;
        let Some((_, newest)) = self.sights.last() else { return Ok(false) };
        let read = |view: &str, portail: &str| newest.get(&(view.to_owned(), portail.to_owned())).copied();
        Ok(projections::all().iter().all(|view| {
            heads.iter().all(|(portail, head)| read(view.name(), portail).is_some_and(|at| at >= *head))
        }))
    }

    /// The lags of a view, in microseconds.
    pub fn lags(&self, view: &str, closed: &[(Instant, Position)]) -> Result<Histogram<u64>> {
        let mut lags = histogram()?;
        for (answered, position) in closed {
            let portail = position.portail.to_string();
            if !self.portails.contains(&portail) {
                continue;
            }
            let place = (view.to_owned(), portail);
            let read = |sight: &(Instant, Places)| sight.1.get(&place).copied().unwrap_or_default();
            let first = self.sights.partition_point(|sight| read(sight) < position.position);
            let (seen, _) =
                self.sights.get(first).with_context(|| format!("{view} never read {position}"))?;
            let lag = seen.saturating_duration_since(*answered).as_micros();
            lags.saturating_record(u64::try_from(lag).unwrap_or(u64::MAX).max(1));
        }
        Ok(lags)
    }
}
