//! The group-commit writer: one per process, one transaction and one round trip for
//! whatever waits. A conflict is its own command's alone.
//!
//! There is no timer: while a batch is on its way the next one gathers, and is written as
//! soon as the database has answered.

mod batch;

use crate::clock::Clock;
use crate::trouble::{Board, Trouble};
use crate::unit::{AppendError, Recorded, SealedUnit};
use batch::append;
pub(crate) use batch::{BatchError, answered, append_in};
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// Commands that may wait before submitters do.
const QUEUE: usize = 4096;
/// Units in one transaction. With more in flight the next batch is decided and sealed while
/// this one is written; a larger one costs the database as much per unit.
const BATCH: usize = 128;
/// How often, and how long apart, a batch is tried on a database that is away.
const RETRIES: [Duration; 12] = {
    let mut pauses = [Duration::from_secs(1); 12];
    pauses[0] = Duration::from_millis(50);
    pauses[1] = Duration::from_millis(200);
    pauses[2] = Duration::from_millis(500);
    pauses
};

type Answer = Result<Recorded, AppendError>;

struct Submission {
    unit: SealedUnit,
    answer: oneshot::Sender<Answer>,
}

enum Message {
    Append(Box<Submission>),
    Close(oneshot::Sender<()>),
}

/// A handle on the writer.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Message>,
    board: Board,
}

impl Writer {
    /// Starts the writer, which writes over `session` and notifies over `pool`.
    pub fn start(pool: PgPool, session: PgPool, clock: Arc<dyn Clock>) -> Self {
        let (queue, messages) = mpsc::channel(QUEUE);
        let grown = notifier(pool);
        let board = Board::default();
        let (last, waiting) = (DateTime::<Utc>::MIN_UTC, VecDeque::new());
        let state = State { pool: session, clock, grown, board: board.clone(), last, waiting };
        on_its_own(state.run(messages));
        Self { queue, board }
    }

    /// What the last append failed of, if it failed just now.
    pub fn trouble(&self) -> Option<Trouble> {
        self.board.read()
    }

    /// Submits a unit and waits for its answer.
    pub async fn submit(&self, unit: SealedUnit) -> Answer {
        let (answer, answered) = oneshot::channel();
        let message = Message::Append(Box::new(Submission { unit, answer }));
        self.queue.send(message).await.map_err(|_| AppendError::Closed)?;
        answered.await.map_err(|_| AppendError::Closed)?
    }

    /// Refuses what comes, and returns once everything taken is answered.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

/// Runs the writer on a thread of its own: among hundreds of commands that are being decided,
/// the database's answer would wait for its turn, and the next batch with it.
fn on_its_own(writer: impl Future<Output = ()> + Send + 'static) {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => drop(std::thread::spawn(move || runtime.block_on(writer))),
        Err(error) => {
            tracing::warn!(%error, "no runtime for the writer alone: it takes its turn with all others");
            drop(tokio::spawn(writer));
        }
    }
}

/// Says on the ledger's channel that journals have grown: outside the append
/// transaction (NOTIFY takes a global lock there), and once for all batches that were
/// committed meanwhile.
fn notifier(pool: PgPool) -> watch::Sender<u64> {
    let (grown, mut batches) = watch::channel(0);
    tokio::spawn(async move {
        while batches.changed().await.is_ok() {
            let notified = sqlx::query("SELECT pg_notify($1, '')").bind(crate::CHANNEL).execute(&pool).await;
            if let Err(error) = notified {
                tracing::warn!(%error, "could not notify; projections will find the events when they poll");
            }
        }
    });
    grown
}

struct State {
    pool: PgPool,
    clock: Arc<dyn Clock>,
    grown: watch::Sender<u64>,
    board: Board,
    /// The record's time does not run backwards within a process.
    last: DateTime<Utc>,
    waiting: VecDeque<Submission>,
}

impl State {
    async fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        let mut closing = None;
        loop {
            if self.waiting.is_empty() {
                match messages.recv().await {
                    Some(message) => self.take(message, &mut messages, &mut closing),
                    None => break,
                }
            }
            while self.waiting.len() < BATCH {
                let Ok(message) = messages.try_recv() else { break };
                self.take(message, &mut messages, &mut closing);
            }
            if !self.waiting.is_empty() {
                self.write().await;
            }
        }
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    fn take(
        &mut self,
        message: Message,
        messages: &mut mpsc::Receiver<Message>,
        closing: &mut Option<oneshot::Sender<()>>,
    ) {
        match message {
            Message::Append(submission) => self.waiting.push_back(*submission),
            Message::Close(done) => {
                messages.close();
                closing.get_or_insert(done);
            }
        }
    }

    /// Writes one batch. Of several units for one stream, or with one command id, only
    /// the first is in it: the others are judged by what becomes of it, and so is who stands
    /// on that stream and came later.
    async fn write(&mut self) {
        let (leaders, followers) = self.split();
        let at = self.clock.now().max(self.last);
        self.last = at;
        metrics::histogram!("ledger_batch_units").record(leaders.len() as f64);
        let answers = self.append_patiently(&leaders, at).await;
        let mut moved = HashSet::new();
        for (submission, answer) in leaders.into_iter().zip(answers) {
            if matches!(&answer, Ok(recorded) if !recorded.repeated) {
                moved.extend(submission.unit.streams().into_iter().cloned());
            }
            let _ = submission.answer.send(answer);
        }
        for follower in followers.into_iter().rev() {
            // It was read before the batch, so it cannot know what the batch recorded.
            if follower.unit.concerns().any(|stream| moved.contains(stream)) {
                let _ = follower.answer.send(Err(AppendError::Conflict));
            } else {
                self.waiting.push_front(follower);
            }
        }
        self.grown.send_modify(|batches| *batches += 1);
    }

    fn split(&mut self) -> (Vec<Submission>, Vec<Submission>) {
        let mut streams = HashSet::new();
        let mut commands = HashSet::new();
        let mut leaders = Vec::new();
        let mut followers = Vec::new();
        for submission in self.waiting.drain(..) {
            let free = submission.unit.concerns().all(|stream| !streams.contains(stream))
                && !commands.contains(&submission.unit.context.command_id);
            if free {
                streams.extend(submission.unit.streams().into_iter().cloned());
                commands.insert(submission.unit.context.command_id);
                leaders.push(submission);
            } else {
                followers.push(submission);
            }
        }
        (leaders, followers)
    }

    /// Tries until the database answers or patience ends. A batch that was committed
    /// while its answer was lost is found again by its command ids.
    async fn append_patiently(&self, batch: &[Submission], at: DateTime<Utc>) -> Vec<Answer> {
        let units: Vec<_> = batch.iter().map(|submission| &submission.unit).collect();
        for pause in RETRIES {
            match append(&self.pool, &units, at).await {
                Ok(answers) => {
                    self.board.write(None);
                    return answers;
                }
                Err(BatchError::Away(error)) => {
                    self.board.write(Trouble::of(&error));
                    tracing::warn!(%error, units = units.len(), "the database is away; trying again");
                    #[allow(clippy::disallowed_methods)] // back-off: there is no condition to wait on
                    tokio::time::sleep(pause).await;
                }
                Err(BatchError::Refused(error)) => {
                    tracing::warn!(%error, units = units.len(), "batch refused; trying each unit alone");
                    return self.append_singly(&units, at).await;
                }
            }
        }
        units.iter().map(|_| Err(AppendError::Unavailable)).collect()
    }

    /// One bad unit must not fail its neighbours.
    async fn append_singly(&self, units: &[&SealedUnit], at: DateTime<Utc>) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(units.len());
        for unit in units {
            answers.push(match append(&self.pool, &[unit], at).await {
                Ok(mut one) => one.pop().unwrap_or(Err(AppendError::Unavailable)),
                Err(error) => Err(error.into()),
            });
        }
        answers
    }
}
