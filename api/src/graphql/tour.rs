//! Those who follow something read it again in turn.
//!
//! One fact may wake thousands of subscriptions at once. All together they would take every
//! connection to the database, and views and requests would wait behind them until they
//! time out; a few at a time take as long, and leave the rest to others.

use async_graphql::Result;
use std::future::Future;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};

/// Subscriptions that read at a time, of the connections that the program has.
static TURNS: Semaphore = Semaphore::const_new(4);

/// How long what could not be read is left alone; tests do not wait.
const PAUSE: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_secs(1) };

/// What `read` finds, once it is its turn. What could not be read is read again, for as
/// long as somebody listens: a subscription does not end because the database was away.
pub async fn in_turn<T, F>(read: impl Fn() -> F) -> Option<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    loop {
        let turn = TURNS.acquire().await.ok()?;
        let found = read().await;
        drop(turn);
        match found {
            Ok(found) => return found,
            Err(error) => tracing::warn!(?error, "a subscription could not read, and will again"),
        }
        sleep_until(Instant::now() + PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::Error;
    use futures::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn a_few_read_at_a_time_and_all_come_to_it() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let read = || async {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(Some(()))
        };
        let all = join_all((0..1000).map(|_| in_turn(read))).await;
        assert!(all.iter().all(Option::is_some));
        assert_eq!(most.into_inner(), 4);
    }

    #[tokio::test]
    async fn what_could_not_be_read_is_read_again() {
        let tries = AtomicUsize::new(0);
        let read = || async {
            match tries.fetch_add(1, Ordering::SeqCst) {
                0 | 1 => Err(Error::new("the database is away")),
                tries => Ok(Some(tries)),
            }
        };
        assert_eq!(in_turn(read).await, Some(2));
    }

    #[tokio::test]
    async fn who_may_not_read_any_more_is_told_at_once() {
        assert_eq!(in_turn(async || Ok(None::<()>)).await, None);
    }
}
