//! The record as cqrs-es' event repository.
//!
//! A stream is read by postgres-es, or with others in one statement of the group reader,
//! or it is remembered; `persist` stages what was decided into the [`Unit`] of the use
//! case, which the group-commit writer then records whole. So several commands of one use
//! case are one atomic unit, and each sees what those before it decided. Snapshots are
//! refused: those of cqrs-es 0.5 apply events twice.

use crate::Ledger;
use crate::envelope::Stream;
use crate::erasure::Erasure;
use crate::memory::{Memory, Remembered};
use crate::reader::{Row, rows_of};
use crate::seal::open;
use crate::unit::{AppendError, Context, Recorded, Unit};
use cqrs_es::Aggregate;
use cqrs_es::persist::{
    PersistedEventRepository, PersistenceError, ReplayStream, SerializedEvent, SerializedSnapshot,
};
use domain::{CleId, EvenementId, Event};
use postgres_es::PostgresEventRepository;
use serde::Deserialize;
use serde_json::Value;
use sqlx::PgPool;
use std::any::Any;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio::sync::Mutex;

/// postgres-es over the record.
pub(crate) struct Stored(PostgresEventRepository);

impl Stored {
    /// Without snapshots its second table is never named in a query.
    pub fn over(pool: PgPool) -> Self {
        Self(PostgresEventRepository::new(pool).with_tables("ledger.events", "none"))
    }
}

/// What the aggregates of a unit begin from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// From their streams.
    Streams,
    /// From the states that earlier units left, where there are any.
    Memory,
    /// The same; one that nobody remembers is supposed to be new.
    MemoryOrNothing,
}

/// The repository of one use case. Clones share its unit.
#[derive(Clone)]
pub struct UnitRepository {
    ledger: Ledger,
    unit: Arc<Mutex<Unit>>,
    /// Streams read ahead, opened.
    ahead: Arc<Mutex<HashMap<Stream, Vec<SerializedEvent>>>>,
    start: Start,
    /// States as this unit knows them.
    states: Arc<Mutex<HashMap<Stream, Remembered>>>,
    /// What was known when this unit began to read.
    generation: u64,
}

impl UnitRepository {
    /// Begins the unit of one use case.
    pub fn begin(ledger: &Ledger, context: Context, body: Vec<u8>) -> Self {
        Self {
            ledger: ledger.clone(),
            unit: Arc::new(Mutex::new(Unit::new(context, body))),
            ahead: Arc::default(),
            start: Start::Streams,
            states: Arc::default(),
            generation: ledger.memory().generation(),
        }
    }

    /// Begins from the states that earlier units left in this process, where there are any.
    pub fn remembering(self) -> Self {
        Self { start: Start::Memory, ..self }
    }

    /// [`Self::remembering`], and takes an aggregate that nobody remembers for a new one: most
    /// acts on one are its first, and recording finds out whether it was.
    pub fn supposing(self) -> Self {
        Self { start: Start::MemoryOrNothing, ..self }
    }

    /// An aggregate as this unit knows it, as an earlier one left it, or as it is before its
    /// first event: its state, and the last event that it has followed.
    pub async fn recall<T: Any + Clone + Default + Send + Sync>(&self, stream: &Stream) -> Option<(T, u64)> {
        let mut states = self.states.lock().await;
        if self.start != Start::Streams && !states.contains_key(stream) {
            let recalled = self.ledger.memory().recall(stream);
            let new = || Memory::state(self.generation, 0, T::default());
            let supposed = || (self.start == Start::MemoryOrNothing).then(new);
            states.insert(stream.clone(), recalled.or_else(supposed)?);
        }
        let known = states.get(stream)?;
        Some((known.state()?, known.sequence))
    }

    /// Keeps an aggregate as it is after what this unit decided: for the commands that
    /// come next in it and, once it is recorded, for other units.
    pub async fn remember<T: Any + Send + Sync>(&self, stream: Stream, sequence: u64, state: T) {
        let state = Memory::state(self.generation, sequence, state);
        self.states.lock().await.insert(stream, state);
    }

    /// Whether it stands on a state that recording it will not check, because nothing is
    /// decided there: it must be decided again from the stream.
    pub async fn leans_on_memory(&self) -> bool {
        let unit = self.unit.lock().await;
        self.start != Start::Streams
            && self.states.lock().await.keys().any(|stream| unit.staged(stream).next().is_none())
    }

    /// Forgets the states that this unit has used.
    pub async fn forget(&self) {
        self.states.lock().await.drain().for_each(|(stream, _)| self.ledger.memory().forget(&stream));
    }

    /// Reads these streams in one round trip, ahead of the commands that will want them.
    pub async fn read_ahead(&self, streams: &[&Stream]) -> Result<(), PersistenceError> {
        let stored = rows_of(self.ledger.pool(), streams).await.map_err(connection_error)?;
        let mut ahead = self.ahead.lock().await;
        ahead.extend(streams.iter().map(|stream| ((*stream).clone(), Vec::new())));
        for event in self.opened(stored).await? {
            let stream = Stream { kind: event.aggregate_type.clone(), id: event.aggregate_id.clone() };
            ahead.entry(stream).or_default().push(event);
        }
        Ok(())
    }

    /// Has the unit stand on a stream as it was read; see [`Unit::stand_on`].
    pub async fn stand_on(&self, stream: Stream, heard: u64) {
        self.unit.lock().await.stand_on(stream, heard);
    }

    /// What was decided so far: each event's stream, and its place there.
    pub async fn decided(&self) -> Vec<(Stream, u64)> {
        self.unit.lock().await.places().map(|(stream, sequence)| (stream.clone(), sequence)).collect()
    }

    /// Records the unit and erases with it, or neither.
    pub async fn commit_erasing(self, erasure: &Erasure) -> Result<Recorded, AppendError> {
        let unit = self.unit.lock().await.clone();
        self.ledger.erase(unit, erasure).await
    }

    /// Records the unit. With nothing decided there is nothing to record: the answer is
    /// the place before the first event.
    pub async fn commit(self) -> Result<Recorded, AppendError> {
        let unit = self.unit.lock().await.clone();
        let answer = self.ledger.append(unit).await;
        match &answer {
            Ok(recorded) if !recorded.repeated => {
                let states = std::mem::take(&mut *self.states.lock().await);
                states.into_iter().for_each(|(stream, state)| self.ledger.memory().keep(stream, state));
            }
            Ok(_) | Err(_) => self.forget().await,
        }
        answer
    }

    /// A stored stream: with others that are wanted now, or alone.
    async fn stored<A: Aggregate>(&self, stream: &Stream) -> Result<Vec<Row>, PersistenceError> {
        match self.ledger.reader().read(stream).await {
            Some(rows) => Ok(rows),
            None => {
                let stored = self.ledger.stored().0.get_events::<A>(&stream.id).await?;
                stored.into_iter().map(Row::try_from).collect()
            }
        }
    }

    /// Opens stored events: the content in today's version, or `null` where it was erased.
    /// The envelope stays outside: aggregates know their events and nothing about them.
    async fn opened(&self, rows: Vec<Row>) -> Result<Vec<SerializedEvent>, PersistenceError> {
        let sealings = rows
            .iter()
            .map(|row| serde_json::from_str(&row.metadata))
            .collect::<Result<Vec<Sealing>, _>>()?;
        let ids: BTreeSet<CleId> = sealings.iter().map(|sealing| sealing.key_id).collect();
        let keys = self.ledger.keys().for_ids(self.ledger.pool(), &ids).await.map_err(connection_error)?;
        let opened = rows.into_iter().zip(&sealings).map(|(row, sealing)| {
            let payload = match keys.get(&sealing.key_id) {
                Some(key) => content(&row, sealing, &key.bytes)?,
                None => Value::Null,
            };
            Ok(SerializedEvent {
                aggregate_id: row.aggregate_id,
                sequence: usize::try_from(row.sequence).map_err(unreadable)?,
                aggregate_type: row.aggregate_type,
                event_type: row.event_type,
                event_version: row.event_version,
                payload,
                metadata: Value::Object(serde_json::Map::new()),
            })
        });
        opened.collect()
    }
}

/// The content of a row, in today's version.
fn content(row: &Row, sealing: &Sealing, key: &[u8; 32]) -> Result<Value, PersistenceError> {
    let clear = open(key, sealing.event_id, &row.payload, &sealing.commit).map_err(unreadable)?;
    let payload = serde_json::from_slice(&clear)?;
    Event::upgrade(&row.aggregate_type, &row.event_type, sealing.version, payload).map_err(unreadable)
}

/// What an envelope says of how its content is sealed.
#[derive(Deserialize)]
struct Sealing {
    event_id: EvenementId,
    version: u32,
    key_id: CleId,
    commit: String,
}

impl PersistedEventRepository for UnitRepository {
    async fn get_events<A: Aggregate>(&self, id: &str) -> Result<Vec<SerializedEvent>, PersistenceError> {
        let stream = Stream { kind: A::TYPE.to_owned(), id: id.to_owned() };
        let ahead = self.ahead.lock().await.get(&stream).cloned();
        let mut events = match ahead {
            Some(events) => events,
            None => self.opened(self.stored::<A>(&stream).await?).await?,
        };
        let unit = self.unit.lock().await;
        for staged in unit.staged(&stream) {
            events.push(SerializedEvent {
                aggregate_id: id.to_owned(),
                sequence: usize::try_from(staged.sequence).map_err(unreadable)?,
                aggregate_type: A::TYPE.to_owned(),
                event_type: staged.spec.name.to_owned(),
                event_version: staged.spec.version.to_string(),
                payload: serde_json::from_slice(&staged.payload)?,
                metadata: Value::Object(serde_json::Map::new()),
            });
        }
        Ok(events)
    }

    async fn get_last_events<A: Aggregate>(
        &self,
        id: &str,
        last: usize,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        let mut events = self.get_events::<A>(id).await?;
        events.retain(|event| event.sequence > last);
        Ok(events)
    }

    async fn get_snapshot<A: Aggregate>(
        &self,
        _id: &str,
    ) -> Result<Option<SerializedSnapshot>, PersistenceError> {
        Ok(None)
    }

    async fn persist<A: Aggregate>(
        &self,
        events: &[SerializedEvent],
        snapshot: Option<(String, Value, usize)>,
    ) -> Result<(), PersistenceError> {
        if snapshot.is_some() {
            return Err(PersistenceError::UnknownError("snapshots are not kept".into()));
        }
        let mut unit = self.unit.lock().await;
        for event in events {
            let version = event.event_version.parse().map_err(unreadable)?;
            let decoded =
                Event::decode(&event.aggregate_type, &event.event_type, version, event.payload.clone())
                    .map_err(unreadable)?;
            let stream = Stream { kind: event.aggregate_type.clone(), id: event.aggregate_id.clone() };
            let sequence = u64::try_from(event.sequence).map_err(unreadable)?;
            unit.stage(stream, sequence, &decoded, serde_json::to_vec(&event.payload)?);
        }
        Ok(())
    }

    async fn stream_events<A: Aggregate>(&self, id: &str) -> Result<ReplayStream, PersistenceError> {
        let events = self.get_events::<A>(id).await?;
        let (mut feed, stream) = ReplayStream::new(events.len().max(1));
        for event in events {
            feed.push(Ok(event)).await?;
        }
        Ok(stream)
    }

    /// The record is read in journal order, by [`crate::feed`].
    async fn stream_all_events<A: Aggregate>(&self) -> Result<ReplayStream, PersistenceError> {
        Err(PersistenceError::UnknownError("the record is replayed journal by journal".into()))
    }
}

/// What postgres-es has read. It hands JSON over as values: the payload column holds exactly
/// `{"ct":"…"}`, so its one field gives its text back.
impl TryFrom<SerializedEvent> for Row {
    type Error = PersistenceError;

    fn try_from(event: SerializedEvent) -> Result<Self, Self::Error> {
        Ok(Self {
            aggregate_id: event.aggregate_id,
            sequence: i64::try_from(event.sequence).map_err(unreadable)?,
            aggregate_type: event.aggregate_type,
            event_type: event.event_type,
            event_version: event.event_version,
            payload: event.payload.to_string(),
            metadata: event.metadata.to_string(),
        })
    }
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> PersistenceError {
    PersistenceError::DeserializationError(Box::new(error))
}

fn connection_error(error: impl std::error::Error + Send + Sync + 'static) -> PersistenceError {
    PersistenceError::ConnectionError(Box::new(error))
}
