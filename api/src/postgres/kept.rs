//! A private server that is started again when it dies under the program: nobody else
//! would do it.

use super::{Result, Serveur};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often the server is looked at; a dead one is noticed before a writer gives up.
const LOOK: Duration = Duration::from_millis(200);
/// How long to wait after a start that failed.
const PAUSE: Duration = Duration::from_secs(2);

/// See the module.
#[derive(Debug)]
pub struct Kept {
    stop: watch::Sender<bool>,
    keeper: JoinHandle<Serveur>,
}

impl Kept {
    /// Looks after a server from now on.
    pub fn new(serveur: Serveur) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, keeper: tokio::spawn(keep(serveur, stopped)) }
    }

    /// Stops the server for good.
    pub async fn stop(self) -> Result<()> {
        self.stop.send_replace(true);
        match self.keeper.await {
            Ok(serveur) => serveur.stop().await,
            // A keeper that panicked has dropped the server, which stops it.
            Err(error) => {
                tracing::error!(%error, "the keeper of the private PostgreSQL ended");
                Ok(())
            }
        }
    }
}

async fn keep(mut serveur: Serveur, mut stopped: watch::Receiver<bool>) -> Serveur {
    let mut pause = LOOK;
    loop {
        tokio::select! {
            _ = stopped.changed() => return serveur,
            () = tick(pause) => {}
        }
        pause = LOOK;
        if !serveur.is_alive() {
            tracing::error!("the private PostgreSQL has died; starting it again");
            if let Err(error) = serveur.revive().await {
                tracing::error!(%error, "the private PostgreSQL does not start; trying again");
                pause = PAUSE;
            }
        }
    }
}

#[allow(clippy::disallowed_methods)] // a server that was adopted is nobody's child: its end wakes nobody
async fn tick(pause: Duration) {
    tokio::time::sleep(pause).await;
}
