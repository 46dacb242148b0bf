//! The shape of every aggregate.

use crate::{DomainEvent, Refusal};

/// A consistency boundary: one stream of events and the rules that guard it.
///
/// `decide` is a pure function of the state and the command, `apply` is total:
/// an event that was recorded has happened and can no longer be refused.
pub trait Aggregate: Default + Clone + Send + Sync + 'static {
    /// Frozen name of the stream's kind, `context.aggregate`.
    const TYPE: &'static str;
    /// What may be asked.
    type Command: Clone + Send + Sync + 'static;
    /// What may have happened.
    type Event: DomainEvent;
    /// Why the answer may be no.
    type Refus: Refusal;

    /// Decides what happens. An empty list means that the wish is already fulfilled.
    fn decide(&self, command: Self::Command) -> Result<Vec<Self::Event>, Self::Refus>;

    /// Follows what happened.
    fn apply(&mut self, event: Self::Event);
}
