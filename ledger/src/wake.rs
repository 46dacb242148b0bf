//! What wakes those who follow the record: the ledger's channel, and time.

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use std::time::Duration;
use tokio::sync::watch;

/// How long to wait after a fault of the database.
pub const PAUSE: Duration = Duration::from_millis(500);

/// Wakes who follows when the ledger's channel says that journals have grown, and whenever
/// something may have been said while nobody listened.
pub async fn listen(pool: PgPool, woken: watch::Sender<u64>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(crate::CHANNEL).await?;
            loop {
                woken.send_modify(|times| *times += 1);
                listener.try_recv().await?; // none: the connection was lost, and is there again
            }
            #[allow(unreachable_code)]
            Ok::<(), sqlx::Error>(())
        };
        tokio::select! {
            ended = listening => {
                if let Err(error) = ended {
                    tracing::warn!(%error, "not listening to the ledger; followers poll meanwhile");
                }
                tick(PAUSE).await;
            }
            _ = stop.changed() => {}
        }
    }
}

/// Lets time pass.
#[allow(clippy::disallowed_methods)] // the fallback poll, and the pause after a fault
pub async fn tick(pause: Duration) {
    tokio::time::sleep(pause).await;
}
