//! Waiting for another process. It tells nobody when its state changes, except in files
//! and in the process table: both are looked at, briefly and often, until a deadline.

use super::error::Result;
use std::time::{Duration, Instant};

/// Short beside the 150 ms of a start.
const INTERVAL: Duration = Duration::from_millis(10);

/// Looks until there is something, or the time is over (None).
pub(super) async fn until<T>(
    patience: Duration,
    mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<Option<T>> {
    let start = Instant::now();
    loop {
        if let Some(seen) = look()? {
            return Ok(Some(seen));
        }
        if start.elapsed() >= patience {
            return Ok(None);
        }
        // Not a guess at how long something takes: the pause between two looks.
        #[allow(clippy::disallowed_methods)]
        tokio::time::sleep(INTERVAL).await;
    }
}

/// The same where nothing can be awaited: in a destructor.
pub(super) fn until_blocking(patience: Duration, mut look: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !look() {
        if start.elapsed() >= patience {
            return false;
        }
        // Not a guess at how long something takes: the pause between two looks.
        #[allow(clippy::disallowed_methods)]
        std::thread::sleep(INTERVAL);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_ends_with_what_is_seen_or_with_the_deadline() {
        let mut looks = 0;
        let third = until(Duration::from_secs(5), || {
            looks += 1;
            Ok((looks == 3).then_some(looks))
        });
        assert_eq!(third.await.unwrap(), Some(3));
        assert_eq!(until::<()>(Duration::ZERO, || Ok(None)).await.unwrap(), None);
    }

    #[test]
    fn waiting_in_a_destructor_is_bounded_too() {
        assert!(until_blocking(Duration::ZERO, || true));
        assert!(!until_blocking(Duration::from_millis(1), || false));
    }
}
