//! The shape of every aggregate.

use crate::{DomainEvent, Refusal, RefusalSpec};

/// A consistency boundary: one stream of events and the rules that guard it.
///
/// `decide` is a pure function of the state and the command, `apply` is total:
/// an event that was recorded has happened and can no longer be refused.
pub trait Aggregate: Default + Clone + Send + Sync + 'static {
    /// Frozen name of the stream's kind, `context.aggregate`.
    const TYPE: &'static str;
    /// What may still be asked of it once contents of its stream were erased.
    const LACUNE: Lacune;
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

/// How an aggregate goes on when contents of its stream were erased: an event without its
/// content is passed over, and what is left must still let it decide rightly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacune {
    /// It begins anew with what is left, even with nothing: its source says everything again.
    Recommence,
    /// It goes on as long as its first event can be read: the others stand for themselves.
    Continue,
    /// It takes no more commands: each decision stands on all that happened before.
    Fige,
}

impl Lacune {
    /// Whether an aggregate may decide; `first` is whether its first event was erased.
    pub fn admits(self, first: bool) -> bool {
        match self {
            Self::Recommence => true,
            Self::Continue => !first,
            Self::Fige => false,
        }
    }
}

/// The refusal of an aggregate that may not decide any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "Une partie de ce dossier a été effacée, comme la loi le demande : il se consulte encore, mais ne se modifie plus."
)]
pub struct ContenuEfface;

impl Refusal for ContenuEfface {
    const SPECS: &'static [RefusalSpec] = &[RefusalSpec { code: "CONTENU_EFFACE", field: None }];

    fn spec(&self) -> &'static RefusalSpec {
        &Self::SPECS[0]
    }
}
