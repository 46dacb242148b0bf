//! How far views lag behind the record: from the answer to a command until another
//! session sees that a view has read it.
//!
//! First the writer's full load is measured with no view at work; then shares of it are
//! asked for in an open loop (what is late is not waited for) while all views follow.

use super::Options;
use super::ground::{Ground, Place, Spent, pool};
use super::load::{closed_loop, histogram};
use super::ours::Ours;
use super::report::{Report, Table};
use super::rolls::opening;
use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use projections::runner::Runner;
use sqlx::PgPool;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval};

/// Shares of the full load, in percent.
const SHARES: [u32; 5] = [10, 25, 50, 75, 100];
/// Commands in flight under which the full load is measured.
const FULL: usize = 256;
/// How often commands are sent, and checkpoints looked at: the finest lag that is seen.
const TICK: Duration = Duration::from_millis(5);
/// Sessions of the program that runs the views, unless it is told otherwise.
const SESSIONS: u32 = 16;
const COLUMNS: [&str; 9] = [
    "load",
    "events/s",
    "view",
    "lag p50 ms",
    "p99 ms",
    "max ms",
    "drained in ms",
    "CPU here",
    "CPU PostgreSQL",
];

/// Adds the table of this subject.
pub async fn measure(ground: &Ground, options: &Options, report: &mut Report) -> Result<()> {
    let place = ground.migrated().await?;
    let stage = Stage { ours: Ours::open(&place)?, asked: Arc::default(), sight: pool(&place.app, 1) };
    let full = stage.full_load(ground, options.duration).await?;
    let mut table = Table::new(
        "Lag of views",
        &format!(
            "One-event commands on one portal at a share of the writer's full load ({full:.0} commands/s, {FULL} in \
             flight, no view at work), in an open loop; all views follow, in the process of the writer and of the \
             generator. Lag: from the answer until another session sees the checkpoint, looked at every {} ms. CPU \
             in cores.",
            TICK.as_millis()
        ),
        &COLUMNS,
    );
    let views = Views::start(&place, &stage.ours);
    stage.drained().await?;
    for share in SHARES {
        ground.settle().await?;
        let run = stage.run(ground, full * f64::from(share) / 100.0, options.duration).await?;
        run.rows(share)?.into_iter().for_each(|row| table.row(row));
    }
    views.stop().await?;
    report.add(table);
    Ok(())
}

/// The views at work.
struct Views {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Views {
    fn start(place: &Place, ours: &Ours) -> Self {
        let sessions = pool(&projections::in_live_place(place.app.clone()), SESSIONS);
        let runner = Runner::new(sessions, ours.keys.clone(), projections::all());
        let (stop, stopped) = watch::channel(false);
        Self { stop, task: tokio::spawn(async move { runner.run(stopped).await }) }
    }

    async fn stop(self) -> Result<()> {
        self.stop.send_replace(true);
        Ok(self.task.await?)
    }
}

/// Where each view has read to, at an instant.
type Sight = (Instant, BTreeMap<String, i64>);

/// A record that is written, and looked at from a session of its own.
struct Stage {
    ours: Ours,
    /// Commands so far: each opens another roll.
    asked: Arc<AtomicUsize>,
    sight: PgPool,
}

impl Stage {
    /// Commands per second when many are in flight and no view follows.
    async fn full_load(&self, ground: &Ground, duration: Duration) -> Result<f64> {
        let (ours, asked) = (self.ours.clone(), self.asked.clone());
        let outcome = closed_loop(ground, FULL, duration, move |_, _| {
            let (ours, number) = (ours.clone(), asked.fetch_add(1, Ordering::Relaxed));
            async move {
                let (id, command) = opening(number);
                ours.tell(id, command, number).await
            }
        });
        Ok(outcome.await?.rate())
    }

    async fn run(&self, ground: &Ground, rate: f64, duration: Duration) -> Result<Run> {
        let before = ground.spent()?;
        let (over, looking) = watch::channel(false);
        let sights = tokio::spawn(look(self.sight.clone(), looking));
        let start = Instant::now();
        let answers = self.send(rate, duration).await?;
        let elapsed = start.elapsed();
        let spent = ground.spent()?.since(before);
        let drain = Instant::now();
        self.drained().await?;
        let drained = drain.elapsed();
        over.send_replace(true);
        Ok(Run { answers, sights: sights.await??, elapsed, spent, drained })
    }

    /// Sends so many commands per second, whether or not those before are answered.
    async fn send(&self, rate: f64, duration: Duration) -> Result<Vec<(Instant, i64)>> {
        let answers = Arc::new(Mutex::new(Vec::new()));
        let mut commands = JoinSet::new();
        let mut ticks = ticks();
        let start = Instant::now();
        let mut sent = 0_u32;
        while start.elapsed() < duration {
            ticks.tick().await;
            while f64::from(sent) < rate * start.elapsed().as_secs_f64() {
                sent += 1;
                let (ours, answers) = (self.ours.clone(), answers.clone());
                let number = self.asked.fetch_add(1, Ordering::Relaxed);
                commands.spawn(async move {
                    let (id, command) = opening(number);
                    let recorded = ours.told(id, command, number).await?;
                    let answer = (Instant::now(), recorded.position.position);
                    answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
                    anyhow::Ok(())
                });
            }
        }
        while let Some(told) = commands.join_next().await {
            told??;
        }
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut *answers))
    }

    /// Waits until every view has read everything.
    async fn drained(&self) -> Result<()> {
        let views = projections::all().len();
        let mut ticks = ticks();
        loop {
            ticks.tick().await;
            let head: i64 = sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM ledger.journal")
                .fetch_one(&self.sight)
                .await?;
            let seen = seen(&self.sight).await?;
            if seen.len() == views && seen.values().all(|position| *position >= head) {
                return Ok(());
            }
        }
    }
}

/// Looks at the checkpoints until it is over.
async fn look(session: PgPool, over: watch::Receiver<bool>) -> Result<Vec<Sight>> {
    let mut sights = Vec::new();
    let mut ticks = ticks();
    loop {
        let last = *over.borrow();
        ticks.tick().await;
        let places = seen(&session).await?;
        sights.push((Instant::now(), places));
        if last {
            return Ok(sights);
        }
    }
}

async fn seen(session: &PgPool) -> Result<BTreeMap<String, i64>> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT projection, position FROM projections.checkpoint").fetch_all(session).await?;
    Ok(rows.into_iter().collect())
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// What came of one load.
struct Run {
    /// When each command was answered, and with which position.
    answers: Vec<(Instant, i64)>,
    sights: Vec<Sight>,
    elapsed: Duration,
    spent: Spent,
    drained: Duration,
}

impl Run {
    /// One row for each view; what is common to all stands in the first.
    fn rows(&self, share: u32) -> Result<Vec<Vec<String>>> {
        let cores = |spent: Duration| format!("{:.2}", spent.as_secs_f64() / self.elapsed.as_secs_f64());
        let mut common = vec![
            format!("{:.0}", self.drained.as_secs_f64() * 1e3),
            cores(self.spent.here),
            cores(self.spent.postgres),
        ];
        let mut rows = Vec::new();
        for view in projections::all() {
            let lags = self.lags(view.name())?;
            let milliseconds = |microseconds: u64| format!("{:.0}", microseconds as f64 / 1e3);
            let mut row = vec![
                format!("{share} %"),
                format!("{:.0}", self.answers.len() as f64 / self.elapsed.as_secs_f64()),
                view.name().to_owned(),
                milliseconds(lags.value_at_quantile(0.5)),
                milliseconds(lags.value_at_quantile(0.99)),
                milliseconds(lags.max()),
            ];
            row.append(&mut common);
            row.resize(COLUMNS.len(), String::new());
            rows.push(row);
        }
        Ok(rows)
    }

    /// From each answer until the view was first seen at or after its position.
    fn lags(&self, view: &str) -> Result<Histogram<u64>> {
        let place = |sight: &Sight| sight.1.get(view).copied().unwrap_or_default();
        let mut lags = histogram()?;
        for (answered, position) in &self.answers {
            let first = self.sights.partition_point(|sight| place(sight) < *position);
            let (seen, _) =
                self.sights.get(first).with_context(|| format!("{view} never read {position}"))?;
            let lag = seen.saturating_duration_since(*answered).as_micros();
            lags.saturating_record(u64::try_from(lag).unwrap_or(u64::MAX).max(1));
        }
        Ok(lags)
    }
}
