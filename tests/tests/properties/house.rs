//! Two processes of the program on one database, which may die at any instant.
//!
//! Each has a runtime of its own: to kill it is to drop its writer, its runner and its
//! requests where they stand, as `kill -9` does; what it had sent to the database goes on.

use super::heard::Heard;
use super::wish::{Crash, Fault, Wish};
use anyhow::{Context, Result, bail};
use commands::rights::Rights;
use commands::{Commands, UseCaseError};
use domain::CommandeId;
use ledger::unit::Recorded;
use projections::progress::Progress;
use projections::runner::Runner;
use recits::{Bench, exploitant};
use sqlx::PgPool;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use tokio::runtime::{self, Runtime};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinError, JoinHandle};
use tokio::time::timeout;

/// How often a wish is asked before it is given up: each crash costs one, each conflict too.
const ATTEMPTS: usize = 100;

/// Processes that start anew would read the same policies.
static RIGHTS: LazyLock<Arc<Rights>> = LazyLock::new(|| Arc::new(Rights::load().unwrap()));

/// What a user knows of a wish in the end.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was answered with a place.
    Granted(Recorded),
    /// It was answered without one: imports are.
    Done,
    /// It was refused when it was first asked.
    Refused,
    /// It was never answered, or refused only after an answer had been lost.
    Unknown,
}

/// A wish, the id under which it was asked, and how it ended.
#[derive(Debug, Clone)]
pub struct Told {
    pub commande: CommandeId,
    pub wish: Wish,
    pub outcome: Outcome,
}

/// See the module.
pub struct House<'a> {
    bench: &'a Bench,
    processes: [Mutex<Process>; 2],
}

/// One process.
struct Process {
    runtime: Option<Runtime>,
    commands: Commands,
    progress: Progress,
    ledger: ledger::Ledger,
    stop: watch::Sender<bool>,
    running: Option<JoinHandle<()>>,
}

impl Process {
    fn start(bench: &Bench) -> Result<Self> {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let _inside = runtime.enter();
        let (ledger, views) = (bench.another_process(), bench.base().views());
        let exploitants = BTreeSet::from([exploitant()]);
        let commands = Commands::new(ledger.clone(), views.clone(), RIGHTS.clone(), exploitants);
        let runner = Runner::new(views, bench.another_ring(), Heard::all());
        let progress = runner.progress().clone();
        let (stop, stopped) = watch::channel(false);
        let running = runtime.spawn(async move { runner.run(stopped).await });
        Ok(Self { commands, progress, ledger, stop, running: Some(running), runtime: Some(runtime) })
    }

    /// One request. Who has written waits, for a moment, until the views have read it.
    fn ask(
        &self,
        wish: Wish,
        commande: CommandeId,
    ) -> Option<JoinHandle<Result<Option<Recorded>, UseCaseError>>> {
        let (commands, progress) = (self.commands.clone(), self.progress.clone());
        let asked = async move {
            let recorded = wish.ask(&commands, commande).await?;
            if let Some(recorded) = &recorded {
                progress.reach_for_use_cases(&recorded.position).await;
            }
            Ok(recorded)
        };
        Some(self.runtime.as_ref()?.spawn(asked))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl<'a> House<'a> {
    /// Starts both.
    pub fn open(bench: &'a Bench) -> Result<Self> {
        let processes = [Mutex::new(Process::start(bench)?), Mutex::new(Process::start(bench)?)];
        Ok(Self { bench, processes })
    }

    /// The use cases of a process that nobody kills meanwhile.
    pub fn commands(&self) -> Commands {
        self.process(0).commands.clone()
    }

    /// Asks for everything that one user wishes.
    pub async fn live(&self, user: &str, wishes: &[Wish]) -> Result<Vec<Told>> {
        let mut told = Vec::new();
        for (number, &wish) in wishes.iter().enumerate() {
            let commande = CommandeId::derived(&[user, &number.to_string()]);
            let outcome = self.tell(wish, commande).await.with_context(|| format!("{wish:?}"))?;
            told.push(Told { commande, wish, outcome });
        }
        Ok(told)
    }

    /// Asks until there is an answer; what crashes does so the first time.
    async fn tell(&self, wish: Wish, commande: CommandeId) -> Result<Outcome> {
        let mut crash = wish.crash;
        let mut doubtful = false;
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match self.ask(wish, commande, crash.take()).await? {
                Ok(Ok(Some(recorded))) => return Ok(Outcome::Granted(recorded)),
                Ok(Ok(None)) => return Ok(Outcome::Done),
                Ok(Err(UseCaseError::Refused(_) | UseCaseError::Interdit)) if doubtful => {
                    return Ok(Outcome::Unknown);
                }
                Ok(Err(UseCaseError::Refused(_) | UseCaseError::Interdit)) => return Ok(Outcome::Refused),
                Ok(Err(UseCaseError::Conflict)) => {}
                Ok(Err(error @ UseCaseError::CommandReused)) => return Err(error.into()),
                Ok(Err(error @ (UseCaseError::Unavailable | UseCaseError::Fault(_)))) => {
                    doubtful = true;
                    last = Some(anyhow::Error::from(error));
                }
                Err(lost) => {
                    doubtful = true;
                    last = Some(lost.into());
                }
            }
            if doubtful && wish.crash.is_some_and(|crash| crash.forsaken) {
                return Ok(Outcome::Unknown);
            }
        }
        bail!("no answer; last: {last:?}")
    }

    /// Asks again for what was granted: the same answer, if who asks still may.
    pub async fn ask_again(&self, told: &Told) -> Result<()> {
        let Outcome::Granted(first) = &told.outcome else { return Ok(()) };
        if first.first == 0 {
            return Ok(()); // nothing was recorded, so that nothing was answered for good
        }
        match self.tell(told.wish.in_calm(), told.commande).await? {
            Outcome::Granted(again)
                if again.repeated && again.position == first.position && again.first == first.first =>
            {
                Ok(())
            }
            Outcome::Refused => Ok(()),
            other => bail!("{told:?} was answered again with {other:?}"),
        }
    }

    async fn ask(
        &self,
        wish: Wish,
        commande: CommandeId,
        crash: Option<Crash>,
    ) -> Result<Result<Result<Option<Recorded>, UseCaseError>, JoinError>> {
        if let Some(Crash { fault, after: None, .. }) = crash {
            self.strike(fault, wish.process, None).await?;
        }
        let mut asked = self.process(wish.process).ask(wish, commande).context("the process has ended")?;
        if let Some(Crash { fault, after: Some(after), .. }) = crash {
            if let Ok(answered) = timeout(after, &mut asked).await {
                return Ok(answered);
            }
            self.strike(fault, wish.process, Some(&asked.abort_handle())).await?;
        }
        Ok(asked.await)
    }

    async fn strike(&self, fault: Fault, process: usize, asked: Option<&AbortHandle>) -> Result<()> {
        match fault {
            Fault::Cut => drop(cut(&self.bench.owner).await?),
            Fault::Kill => drop(std::mem::replace(&mut *self.process(process), Process::start(self.bench)?)),
            Fault::Leave => {
                if let Some(asked) = asked {
                    asked.abort();
                }
            }
        }
        Ok(())
    }

    fn process(&self, number: usize) -> std::sync::MutexGuard<'_, Process> {
        self.processes[number % 2].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops both as they should be stopped, and waits until no session of those that were
    /// killed is left: a statement of theirs may still have been on its way.
    pub async fn close(self) -> Result<()> {
        for process in self.processes {
            let mut process = process.into_inner().unwrap_or_else(PoisonError::into_inner);
            process.stop.send_replace(true);
            if let Some(running) = process.running.take() {
                running.await?;
            }
            process.ledger.close().await;
        }
        while cut(&self.bench.owner).await? > 0 {
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

/// Cuts every session of the program with the database; says how many there were.
async fn cut(owner: &PgPool) -> Result<i64> {
    let sessions = sqlx::query_scalar(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND usename = 'ent_app'",
    );
    Ok(sessions.fetch_one(owner).await?)
}
