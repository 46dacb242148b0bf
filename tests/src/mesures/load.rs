//! What loads: so many workers, each of which asks again as soon as it is answered.

use super::ground::{Ground, Spent};
use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

const WARMING: u8 = 0;
const MEASURING: u8 = 1;
const OVER: u8 = 2;

/// What came of a load.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How long it was measured.
    pub elapsed: Duration,
    /// Latencies in microseconds.
    pub latencies: Histogram<u64>,
    /// CPU spent meanwhile.
    pub spent: Spent,
}

impl Outcome {
    /// How many were answered per second.
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// A percentile of the latencies, in milliseconds.
    pub fn milliseconds(&self, percentile: f64) -> f64 {
        self.latencies.value_at_percentile(percentile) as f64 / 1000.0
    }

    /// CPU per answer, in microseconds: here, and in PostgreSQL.
    pub fn cpu_per_answer(&self) -> (f64, f64) {
        let each = |spent: Duration| spent.as_secs_f64() * 1e6 / (self.latencies.len().max(1)) as f64;
        (each(self.spent.here), each(self.spent.postgres))
    }
}

/// Latencies from a microsecond to a minute, to three digits.
pub fn histogram() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000, 3)?)
}

/// Keeps `in_flight` asks in flight, and measures for `duration` once warm. `ask` is given
/// the worker's number and how often it has asked before.
pub async fn closed_loop<F, Asked>(
    ground: &Ground,
    in_flight: usize,
    duration: Duration,
    ask: F,
) -> Result<Outcome>
where
    F: Fn(usize, usize) -> Asked + Clone + Send + Sync + 'static,
    Asked: Future<Output = Result<()>> + Send + 'static,
{
    let phase = Arc::new(AtomicU8::new(WARMING));
    let workers: Vec<_> =
        (0..in_flight).map(|worker| tokio::spawn(work(worker, phase.clone(), ask.clone()))).collect();
    pause(duration / 4).await;
    let before = ground.spent()?;
    let start = Instant::now();
    phase.store(MEASURING, Ordering::SeqCst);
    pause(duration).await;
    phase.store(OVER, Ordering::SeqCst);
    let elapsed = start.elapsed();
    let spent = ground.spent()?.since(before);
    let mut latencies = histogram()?;
    for worker in workers {
        latencies.add(worker.await.context("a worker died")??)?;
    }
    Ok(Outcome { elapsed, latencies, spent })
}

async fn work<F, Asked>(worker: usize, phase: Arc<AtomicU8>, ask: F) -> Result<Histogram<u64>>
where
    F: Fn(usize, usize) -> Asked,
    Asked: Future<Output = Result<()>>,
{
    let mut latencies = histogram()?;
    let mut asked = 0;
    loop {
        let start = Instant::now();
        ask(worker, asked).await?;
        asked += 1;
        match phase.load(Ordering::SeqCst) {
            WARMING => {}
            MEASURING => {
                latencies.saturating_record(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
            }
            _ => return Ok(latencies),
        }
    }
}

#[allow(clippy::disallowed_methods)] // the length of a measure is time itself
async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}
