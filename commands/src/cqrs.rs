//! The adapter between the domain's pure aggregates and cqrs-es: the one file that its
//! breaking releases touch.

use crate::UseCaseError;
use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::PersistedEventStore;
use cqrs_es::{AggregateError, CqrsFramework};
use domain::DomainEvent as _;
use ledger::store::UnitRepository;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::marker::PhantomData;

/// A domain aggregate as cqrs-es sees it.
pub struct Cqrs<A>(A);

/// A domain event as cqrs-es sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct CqrsEvent<A: domain::Aggregate>(pub A::Event, #[serde(skip)] PhantomData<fn() -> A>);

impl<A: domain::Aggregate> cqrs_es::DomainEvent for CqrsEvent<A>
where
    A: PartialEq + std::fmt::Debug,
{
    fn event_type(&self) -> String {
        self.0.spec().name.to_owned()
    }

    fn event_version(&self) -> String {
        self.0.spec().version.to_string()
    }
}
