//! Waiting for other processes: they tell nobody when their state changes, so they are
//! looked at, briefly and often, until a deadline.

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// Short beside everything that is waited for.
const INTERVAL: Duration = Duration::from_millis(20);

/// Looks until there is something; says `what` was waited for in vain.
pub async fn until<T>(
    what: &str,
    patience: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        if start.elapsed() >= patience {
            bail!("after {} s there is still not: {what}", patience.as_secs());
        }
        pause(INTERVAL).await;
    }
}

/// Lets a fault last, or a client draw breath: there is no condition to wait on.
#[allow(clippy::disallowed_methods)]
pub async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
