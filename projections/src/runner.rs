//! The runner: keeps every view up to date with the record.
//!
//! A batch of facts and the checkpoint that says they were followed move in one
//! transaction, under the checkpoint's row lock: several processes may run the same
//! view, and each fact is followed once. A fact that a view cannot follow is set aside
//! with its error, and so are the later ones of its stream; the rest goes on, and an
//! operator sees it. Woken by NOTIFY, with polling as fallback: views pass over together what they
//! do not hear, and the others are called. A view whose living
//! version is older than this program's is rebuilt beside it first ([`crate::rebuild`]).

mod batch;
pub(crate) mod checkpoint;
mod held_up;
mod pages;
mod passing;
mod purge;

use crate::Projection;
use crate::progress::Progress;
use crate::rebuild::{Rebuild, RebuildError};
use crate::staleness;
pub(crate) use batch::{apply, follow, follow_facts};
use checkpoint::{Behind, Standing, standing};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
pub use held_up::{HeldUp, Reason};
use ledger::keys::KeyRing;
use ledger::wake::{self, PAUSE};
pub(crate) use pages::Pages;
use passing::{Heads, Passed};
pub use purge::differences;
use sqlx::PgPool;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use batch::RunnerError;

/// How often journals are looked at when nothing was heard.
const POLL: Duration = Duration::from_secs(1);
/// After a batch a view lets facts gather for three times as long as the batch took, and
/// no longer than this: the round trips of a batch cost more than what is in a small one.
/// What comes while a view idles is followed at once.
const REST: Duration = Duration::from_millis(20);
/// Views that catch up at a time: enough that the database writes for some while others read.
const ABREAST: usize = 4;

/// How each view is called.
type Calls = BTreeMap<&'static str, watch::Sender<u64>>;

/// See the module.
#[derive(Clone)]
pub struct Runner {
    pool: PgPool,
    pages: Pages,
    projections: Vec<Arc<dyn Projection>>,
    progress: Progress,
    held_up: held_up::Board,
    poll: Duration,
}

impl Runner {
    /// A runner of these views; `pool` is in the live place.
    pub fn new(pool: PgPool, keys: KeyRing, projections: Vec<Arc<dyn Projection>>) -> Self {
        let progress = Progress::new(pool.clone());
        Self {
            pool,
            pages: Pages::new(keys),
            projections,
            progress,
            held_up: held_up::Board::default(),
            poll: POLL,
        }
    }

    /// The same, looking at the journals this often when nothing was heard.
    pub fn polling_every(self, poll: Duration) -> Self {
        Self { poll, ..self }
    }

    /// Where queries wait.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The views that do not follow the record now, and why.
    pub fn held_up(&self) -> Vec<HeldUp> {
        self.held_up.list()
    }

    /// Runs until `stop` is true; finishes the batches under way.
    pub async fn run(&self, stop: watch::Receiver<bool>) {
        let woken = watch::Sender::new(0);
        let mut tasks = JoinSet::new();
        let mut calls = Calls::new();
        for projection in self.projections.clone() {
            let call = watch::Sender::new(0);
            let (runner, called, stop) = (self.clone(), call.subscribe(), stop.clone());
            calls.insert(projection.name(), call);
            tasks.spawn(async move { runner.keep_up(projection, called, stop).await });
        }
        let (runner, heard, stopped) = (self.clone(), woken.subscribe(), stop.clone());
        tasks.spawn(async move { runner.keep_passing(calls, heard, stopped).await });
        let (runner, measured) = (self.clone(), stop.clone());
        tasks.spawn(async move { runner.keep_measuring(measured).await });
        let listening = wake::listen(self.pool.clone(), woken, stop);
        tokio::join!(listening, async { while tasks.join_next().await.is_some() {} });
    }

    /// Brings every view up to the present heads and returns: tools, imports and tests. Views take
    /// their steps in turn, some at a time, so that they go abreast and share their pages. One that
    /// is held up holds up no other; why it is, is told at the end.
    pub async fn catch_up(&self) -> Result<(), RunnerError> {
        let sessions = usize::try_from(self.pool.options().get_max_connections()).unwrap_or(1);
        let mut waiting: VecDeque<_> = self.projections.iter().collect();
        let mut stepping = FuturesUnordered::new();
        let (mut taken, mut caught_up) = (0, Ok(()));
        loop {
            // Where one step is enough, opening other connections would take longer.
            let abreast = if taken < 2 * self.projections.len() { 1 } else { ABREAST.min(sessions) };
            while stepping.len() < abreast {
                let Some(view) = waiting.pop_front() else { break };
                stepping.push(self.step_of(view));
                taken += 1;
            }
            match stepping.next().await {
                Some(Ok(behind)) => waiting.extend(behind),
                Some(Err(error)) => caught_up = caught_up.and(Err(error)),
                None => return caught_up,
            }
        }
    }

    /// A step of a view, which is given back if it took one and may have another to take.
    async fn step_of<'a>(
        &'a self,
        view: &'a Arc<dyn Projection>,
    ) -> Result<Option<&'a Arc<dyn Projection>>, RunnerError> {
        Ok(self.step(&**view).await?.then_some(view))
    }

    /// Calls the views that have something to follow, whenever journals have grown.
    async fn keep_passing(
        &self,
        calls: Calls,
        mut woken: watch::Receiver<u64>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut known = Heads::new();
        while !*stop.borrow() {
            woken.mark_unchanged();
            let began = Instant::now();
            let called = self.pass(&mut known).await.unwrap_or_else(|error| {
                tracing::debug!(error = &error as &dyn std::error::Error, "each view looks for itself");
                known.clear();
                calls.keys().copied().collect()
            });
            for call in called.iter().filter_map(|view| calls.get(view)) {
                call.send_modify(|times| *times += 1);
            }
            wake::tick((began.elapsed() * 3).min(REST)).await;
            tokio::select! {
                _ = woken.changed() => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Lets views pass over what they do not hear; says which have something to follow themselves.
    async fn pass(&self, known: &mut Heads) -> Result<BTreeSet<&'static str>, RunnerError> {
        let mut connection = self.pool.acquire().await?;
        let stretches = passing::grown(&mut connection, known).await?;
        if stretches.is_empty() {
            return Ok(BTreeSet::new());
        }
        let passed = passing::pass(&mut connection, &self.projections, &stretches).await?;
        for Passed { view, journal, position } in &passed {
            self.progress.set(view, journal, *position);
        }
        Ok(passing::called(&self.projections, &stretches, &passed))
    }

    async fn keep_up(
        &self,
        projection: Arc<dyn Projection>,
        mut woken: watch::Receiver<u64>,
        mut stop: watch::Receiver<bool>,
    ) {
        while !*stop.borrow() {
            woken.mark_unchanged();
            let began = Instant::now();
            let pause = match self.step(&*projection).await {
                Ok(more) => {
                    self.held_up.free(&*projection);
                    if more {
                        wake::tick((began.elapsed() * 3).min(REST)).await;
                        continue;
                    }
                    self.poll
                }
                Err(RunnerError::Version { version }) if version < projection.version() => {
                    tokio::select! {
                        () = self.replace(&*projection, version) => {}
                        _ = stop.changed() => {}
                    }
                    PAUSE
                }
                Err(error) => {
                    self.held_up.hold(&*projection, &error);
                    PAUSE
                }
            };
            tokio::select! {
                _ = woken.changed() => {}
                _ = stop.changed() => {}
                () = wake::tick(pause) => {}
            }
        }
    }

    /// Follows one batch of each journal that is behind; says whether there was any.
    /// Of a portal's years the oldest comes first.
    async fn step(&self, projection: &dyn Projection) -> Result<bool, RunnerError> {
        let watched = self.progress.watched(projection.name());
        let mut connection = self.pool.acquire().await?;
        let Standing { behind, read } = standing(&mut connection, projection, &watched).await?;
        for (journal, position) in read {
            self.progress.set(projection.name(), &journal, position);
        }
        for Behind { journal, head } in &behind {
            let reached = follow(&mut connection, &self.pages, projection, journal, *head).await?;
            self.progress.set(projection.name(), journal, reached);
        }
        Ok(!behind.is_empty())
    }

    /// Rebuilds a view in this program's version, beside the older one that lives.
    async fn replace(&self, projection: &dyn Projection, living: i32) {
        self.held_up.wait(projection, living);
        match self.rebuild(projection, |_, _| ()).await {
            Ok(()) => tracing::info!(projection = projection.name(), "the view is rebuilt and lives"),
            Err(RebuildError::Underway) => {} // another process does it
            Err(error) => tracing::warn!(
                projection = projection.name(),
                error = &error as &dyn std::error::Error,
                "the view cannot be rebuilt; trying again"
            ),
        }
    }

    /// Begins to rebuild a view beside the living one, or goes on where an earlier rebuild
    /// was broken off.
    pub async fn begin_rebuild<'a>(
        &'a self,
        projection: &'a dyn Projection,
    ) -> Result<Rebuild<'a>, RebuildError> {
        Rebuild::begin(&self.pool, self.pages.apart(), projection).await
    }

    /// The same, to its end: puts the view it in the place of the living
    /// one. `progress` is told how many events were read, and
    /// how many there are.
    pub async fn rebuild(
        &self,
        projection: &dyn Projection,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<(), RebuildError> {
        let mut rebuild = self.begin_rebuild(projection).await?;
        while let Some((done, total)) = rebuild.step().await? {
            progress(done, total);
        }
        rebuild.switch().await
    }

    async fn keep_measuring(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = staleness::measure(&self.pool, &self.projections).await {
                tracing::debug!(%error, "the lag of the views cannot be measured");
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = wake::tick(POLL) => {}
            }
        }
    }
}
