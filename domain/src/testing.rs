//! given/when/then for aggregates: `given::<Appel>([…]).when(…).then([…])`.
//!
//! Plain functions, so that the rules are tested without a runtime; the cqrs-es
//! adapter has its own test with that library's kit.

use crate::Aggregate;
use std::fmt::Debug;

/// What had happened, and what follows from the command.
pub struct Scenario<A: Aggregate> {
    state: A,
    outcome: Option<Result<Vec<A::Event>, A::Refus>>,
}

/// Starts from what has happened.
pub fn given<A: Aggregate>(events: impl IntoIterator<Item = A::Event>) -> Scenario<A> {
    let mut state = A::default();
    events.into_iter().for_each(|event| state.apply(event));
    Scenario { state, outcome: None }
}

impl<A: Aggregate> Scenario<A>
where
    A::Refus: Debug,
{
    /// Asks.
    pub fn when(mut self, command: A::Command) -> Self {
        self.outcome = Some(self.state.decide(command));
        self
    }

    /// The command was granted, and exactly this happened.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = A::Event>) {
        assert_eq!(self.outcome, Some(Ok(expected.into_iter().collect())));
    }

    /// The command was refused, for exactly this reason.
    #[track_caller]
    pub fn then_refused(self, refus: A::Refus) {
        assert_eq!(self.outcome, Some(Err(refus)));
    }
}
