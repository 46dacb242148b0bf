//! Hears what the log is told of what the rights decide.

use commands::rights::DECISIONS;
use std::collections::BTreeSet;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// One decision.
#[derive(Default)]
pub struct Decision {
    /// The action that was decided on.
    action: String,
    /// The fields of its line, in order.
    pub ligne: String,
}

impl Visit for Decision {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "action" {
            self.action = format!("{value:?}");
        }
        let space = if self.ligne.is_empty() { "" } else { " " };
        let _ = write!(self.ligne, "{space}{}={value:?}", field.name());
    }
}

/// Hears every decision.
#[derive(Clone, Default)]
pub struct Ecoute(Arc<Mutex<Vec<Decision>>>);

impl Ecoute {
    /// What was decided since it was last asked.
    pub fn decisions(&self) -> Vec<Decision> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The actions that were decided on since.
    pub fn actions(&self) -> BTreeSet<String> {
        self.decisions().into_iter().map(|decision| decision.action).collect()
    }
}

impl Subscriber for Ecoute {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == DECISIONS
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut decision = Decision::default();
        event.record(&mut decision);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(decision);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
