//! Files that were deposited and joined to nothing, those whose key was destroyed, and what a crash broke
//! off are removed without anybody asking.

use commands::Commands;
use ledger::wake;
use std::time::Duration;
use tokio::sync::watch;

/// How long after its time a file is removed at most.
const PAUSE: Duration = Duration::from_secs(3600);

/// Sweeps until `stop` is true.
pub async fn sweep(commands: Commands, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match commands.balayer_pieces().await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "files that nothing needs were removed"),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "files could not be swept; trying again");
            }
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = wake::tick(PAUSE) => {}
        }
    }
}
