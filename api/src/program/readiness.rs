//! What `/pret` says: whether the database answers and takes writes, whether the record
//! can be written, whether the views follow it. Named in French, for operators.

use crate::http::Readiness;
use chrono::TimeDelta;
use futures::future::BoxFuture;
use ledger::Ledger;
use ledger::sealer::Sealer;
use ledger::trouble::Trouble;
use projections::runner::Runner;
use sqlx::PgPool;
use std::sync::Mutex;
use std::time::Duration;

/// What a program waits for whose database does not answer.
pub const DATABASE: &str = "la base de données";
/// What it waits for whose database is being brought up to date.
pub const MIGRATIONS: &str = "les migrations de la base de données";
const SPACE: &str = "de la place sur le disque de la base de données";
/// How long the database may take to answer a probe: less than who probes is patient.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// How old an event may be that is not sealed, before an operator is told.
const LATE: TimeDelta = TimeDelta::seconds(60);

/// An open house.
pub struct Opened {
    pool: PgPool,
    ledger: Ledger,
    runner: Runner,
    sealer: Sealer,
    /// What was last waited for, so that the log tells changes and not every probe.
    last: Mutex<Vec<String>>,
}

impl Opened {
    /// Tells whether a house that is open can serve.
    pub fn new(pool: PgPool, ledger: Ledger, runner: Runner, sealer: Sealer) -> Self {
        Self { pool, ledger, runner, sealer, last: Mutex::default() }
    }

    async fn ask(&self) -> Vec<String> {
        let trouble = match tokio::time::timeout(PATIENCE, commit(&self.pool)).await {
            Err(_) => Some(Trouble::Away),
            Ok(Err(error)) => Some(Trouble::of(&error).unwrap_or(Trouble::Away)),
            Ok(Ok(())) => self.ledger.trouble(),
        };
        match trouble {
            Some(Trouble::Away) => vec![DATABASE.to_owned()],
            Some(Trouble::Full) => vec![SPACE.to_owned()],
            None => self.runner.held_up().iter().map(ToString::to_string).collect(),
        }
    }

    fn tell(&self, waits: &[String]) {
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *last != waits {
            if waits.is_empty() {
                tracing::info!("ready");
            } else {
                tracing::warn!(?waits, "not ready");
            }
            *last = waits.to_vec();
        }
    }
}

impl Readiness for Opened {
    fn waiting_for(&self) -> BoxFuture<'_, Vec<String>> {
        Box::pin(async {
            let waits = self.ask().await;
            self.tell(&waits);
            waits
        })
    }

    fn remarks(&self) -> Vec<String> {
        let board = self.sealer.board();
        let since = board.unsealed_since.filter(|since| self.ledger.clock().now() - since > LATE);
        let late = since.map(|since| format!("le journal n'est plus scellé depuis le {since}"));
        let refused = board
            .refused
            .into_iter()
            .map(|(log, reason)| format!("le journal {log} n'est pas scellé : {reason}"));
        late.into_iter().chain(refused).chain(board.witnesses).chain(board.timestamps).collect()
    }
}

/// Commits something that leaves no trace but in the database's own log: a database that
/// only answers reads is not ready.
async fn commit(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_logical_emit_message(true, 'ent', '')").execute(pool).await.map(drop)
}
