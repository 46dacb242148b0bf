//! Aggregates remembered between commands, so that a roll that is marked ten times in a
//! row is not read ten times.
//!
//! A remembered state decides nothing by itself: what is decided from it is recorded only
//! if its stream still stands where the state left it, which `ledger.append` checks under
//! the lock of the portal's head. Whoever decides *not* to record anything must read the
//! stream first; see [`crate::store::UnitRepository::leans_on_memory`].
//!
//! States hold contents in the clear. They live for minutes, and [`Memory::forget_all`]
//! is for who destroys a key: a state read before it does not come back after it.

use crate::envelope::Stream;
use moka::sync::Cache;
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// States held; those that are used least leave first.
const STATES: u64 = 10_000;
/// How long one is held, used or not.
const LIFETIME: Duration = Duration::from_secs(300);

/// The state of an aggregate, of whatever type, after one of its events.
#[derive(Clone)]
pub struct Remembered {
    /// The last event that it has followed.
    pub sequence: u64,
    generation: u64,
    state: Arc<dyn Any + Send + Sync>,
}

impl Remembered {
    /// The state, if it is of this type.
    pub fn state<T: Any + Clone>(&self) -> Option<T> {
        self.state.downcast_ref::<T>().cloned()
    }
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Memory {
    states: Cache<Stream, Remembered>,
    generation: Arc<AtomicU64>,
}

impl Default for Memory {
    fn default() -> Self {
        let states = Cache::builder().max_capacity(STATES).time_to_live(LIFETIME).build();
        Self { states, generation: Arc::default() }
    }
}

impl Memory {
    /// What is known now: a state that begins with what is read from here on may be kept
    /// until everything is forgotten.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// A state that follows from what was read in `generation`.
    pub fn state<T: Any + Send + Sync>(generation: u64, sequence: u64, state: T) -> Remembered {
        Remembered { sequence, generation, state: Arc::new(state) }
    }

    /// The last state known of a stream.
    pub fn recall(&self, stream: &Stream) -> Option<Remembered> {
        self.states.get(stream).filter(|found| found.generation == self.generation())
    }

    /// Keeps a recorded state, unless a later one is known.
    pub fn keep(&self, stream: Stream, recorded: Remembered) {
        if recorded.generation != self.generation() {
            return;
        }
        self.states.entry(stream).and_upsert_with(|known| match known {
            Some(known) if known.value().sequence > recorded.sequence => known.into_value(),
            _ => recorded,
        });
    }

    /// Forgets one stream: its state was found to be late.
    pub fn forget(&self, stream: &Stream) {
        self.states.invalidate(stream);
    }

    /// Forgets everything, for good: a key was destroyed.
    pub fn forget_all(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.states.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(id: &str) -> Stream {
        Stream { kind: "absences.appel".to_owned(), id: id.to_owned() }
    }

    #[test]
    fn a_late_state_does_not_replace_a_newer_one() {
        let memory = Memory::default();
        memory.keep(stream("a"), Memory::state(0, 3, "three"));
        memory.keep(stream("a"), Memory::state(0, 2, "two"));
        assert_eq!(memory.recall(&stream("a")).unwrap().state::<&str>(), Some("three"));
        memory.keep(stream("a"), Memory::state(0, 4, "four"));
        assert_eq!(memory.recall(&stream("a")).unwrap().sequence, 4);
    }

    #[test]
    fn a_state_read_before_everything_was_forgotten_does_not_come_back() {
        let memory = Memory::default();
        let before = memory.generation();
        memory.keep(stream("a"), Memory::state(before, 1, "content"));
        memory.forget_all();
        assert!(memory.recall(&stream("a")).is_none());
        memory.keep(stream("a"), Memory::state(before, 2, "content"));
        assert!(memory.recall(&stream("a")).is_none());
        memory.keep(stream("a"), Memory::state(memory.generation(), 2, "read again"));
        assert!(memory.recall(&stream("a")).is_some());
    }

    #[test]
    fn a_state_of_another_type_is_none() {
        let memory = Memory::default();
        memory.keep(stream("a"), Memory::state(0, 1, 42_u8));
        assert_eq!(memory.recall(&stream("a")).unwrap().state::<String>(), None);
    }
}
