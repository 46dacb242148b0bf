//! The adapter between the domain's pure aggregates and cqrs-es: the one file that its
//! breaking releases touch.

use crate::error::{Refused, UseCaseError};
use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{EventStoreAggregateContext, PersistedEventStore};
use cqrs_es::{AggregateError, CqrsFramework, EventEnvelope, EventStore};
use domain::{ContenuEfface, Refusal};
use ledger::envelope::Stream;
use ledger::store::UnitRepository;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::HashMap;

/// A domain aggregate as cqrs-es sees it.
#[derive(Debug, Clone, Default)]
pub struct Cqrs<A> {
    aggregate: A,
    /// Whether its first event is among those that were erased; none were.
    erased: Option<bool>,
    heard: bool,
}

/// A domain event as cqrs-es sees it; nothing, where its content was erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent, bound(deserialize = "E: serde::de::DeserializeOwned"))]
pub struct CqrsEvent<E: domain::DomainEvent>(pub Option<E>);

impl<E: domain::DomainEvent> cqrs_es::DomainEvent for CqrsEvent<E> {
    fn event_type(&self) -> String {
        self.0.as_ref().map(|event| event.spec().name.to_owned()).unwrap_or_default()
    }

    fn event_version(&self) -> String {
        self.0.as_ref().map(|event| event.spec().version.to_string()).unwrap_or_default()
    }
}

/// A refusal as cqrs-es sees it.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum CqrsRefus<R: Refusal> {
    /// The aggregate's own.
    #[error(transparent)]
    Domaine(R),
    /// Too much of the aggregate was erased.
    #[error(transparent)]
    Efface(#[from] ContenuEfface),
}

impl<R: Refusal> CqrsRefus<R> {
    fn refused(&self) -> Refused {
        match self {
            Self::Domaine(refus) => Refused::of(refus),
            Self::Efface(refus) => Refused::of(refus),
        }
    }
}

impl<A: domain::Aggregate> cqrs_es::Aggregate for Cqrs<A> {
    const TYPE: &'static str = A::TYPE;
    /// Commands told one after the other: each sees what those before it decided.
    type Command = Vec<A::Command>;
    type Event = CqrsEvent<A::Event>;
    type Error = CqrsRefus<A::Refus>;
    type Services = ();

    async fn handle(
        &mut self,
        commands: Self::Command,
        (): &Self::Services,
        sink: &EventSink<Self>,
    ) -> Result<(), Self::Error> {
        if self.erased.is_some_and(|first| !A::LACUNE.admits(first)) {
            return Err(ContenuEfface.into());
        }
        for command in commands {
            for event in self.aggregate.decide(command).map_err(CqrsRefus::Domaine)? {
                sink.write(CqrsEvent(Some(event)), self).await;
            }
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        match event.0 {
            Some(event) => self.aggregate.apply(event),
            None => self.erased = Some(self.erased.unwrap_or(!self.heard)),
        }
        self.heard = true;
    }
}

// cqrs-es asks that an aggregate can be a snapshot. Ours never is: those of release 0.5
// apply events twice.
impl<A> Serialize for Cqrs<A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de, A: Default> Deserialize<'de> for Cqrs<A> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <()>::deserialize(deserializer).map(|()| Self::default())
    }
}

/// cqrs-es' own event store over the unit of a use case, which spares it the events of an
/// aggregate that the unit knows.
struct UnitStore<A: domain::Aggregate> {
    unit: UnitRepository,
    stored: PersistedEventStore<UnitRepository, Cqrs<A>>,
}

impl<A: domain::Aggregate> UnitStore<A> {
    fn new(unit: UnitRepository) -> Self {
        Self { stored: PersistedEventStore::new_event_store(unit.clone()), unit }
    }

    fn stream(id: &str) -> Stream {
        Stream { kind: A::TYPE.to_owned(), id: id.to_owned() }
    }
}

type Told<A, T> = Result<T, AggregateError<CqrsRefus<<A as domain::Aggregate>::Refus>>>;

impl<A: domain::Aggregate> EventStore<Cqrs<A>> for UnitStore<A> {
    type AC = EventStoreAggregateContext<Cqrs<A>>;

    async fn load_events(&self, id: &str) -> Told<A, Vec<EventEnvelope<Cqrs<A>>>> {
        self.stored.load_events(id).await
    }

    async fn load_aggregate(&self, id: &str) -> Told<A, Self::AC> {
        let Some((aggregate, sequence)) = self.unit.recall::<Cqrs<A>>(&Self::stream(id)).await else {
            return self.stored.load_aggregate(id).await;
        };
        Ok(EventStoreAggregateContext {
            aggregate_id: id.to_owned(),
            aggregate,
            current_sequence: usize::try_from(sequence).map_err(unexpected)?,
            current_snapshot: None,
        })
    }

    /// `context` holds the aggregate as its own events have left it.
    async fn commit(
        &self,
        events: Vec<CqrsEvent<A::Event>>,
        context: Self::AC,
        metadata: HashMap<String, String>,
    ) -> Told<A, Vec<EventEnvelope<Cqrs<A>>>> {
        if events.is_empty() {
            return Ok(vec![]);
        }
        let (stream, aggregate) = (Self::stream(&context.aggregate_id), context.aggregate.clone());
        let sequence = u64::try_from(context.current_sequence + events.len()).map_err(unexpected)?;
        let staged = self.stored.commit(events, context, metadata).await?;
        self.unit.remember(stream, sequence, aggregate).await;
        Ok(staged)
    }
}

fn unexpected<E: std::error::Error>(
    error: impl std::error::Error + Send + Sync + 'static,
) -> AggregateError<E> {
    AggregateError::UnexpectedError(Box::new(error))
}

/// Loads the aggregate, lets it decide on each command in turn, and stages its decisions
/// in the unit.
pub async fn tell<A: domain::Aggregate>(
    unit: UnitRepository,
    id: &str,
    commands: Vec<A::Command>,
) -> Result<(), UseCaseError> {
    let told = CqrsFramework::new(UnitStore::<A>::new(unit), vec![], ()).execute(id, commands).await;
    told.map_err(failed::<A>)
}

/// Lets one aggregate decide, alone in its unit, from what this process remembers of it; and
/// if `supposing`, from nothing where it remembers nothing. What is decided so is recorded only
/// if its stream stands where it was supposed to. A refusal, or a decision that nothing is to be
/// done, is not recorded and so would never be found out: it is taken from the stream.
pub async fn tell_alone<F: Future<Output = Result<(), UseCaseError>>>(
    begin: impl Fn() -> UnitRepository,
    supposing: bool,
    tell: impl Fn(UnitRepository) -> F,
) -> Result<UnitRepository, UseCaseError> {
    let unit = if supposing { begin().supposing() } else { begin().remembering() };
    let told = tell(unit.clone()).await;
    if !unit.leans_on_memory().await {
        return told.map(|()| unit);
    }
    unit.forget().await;
    let unit = begin();
    tell(unit.clone()).await.map(|()| unit)
}

/// Loads an aggregate that is told nothing: what is left of it, and the last event that it
/// has heard.
pub async fn load<A: domain::Aggregate>(unit: UnitRepository, id: &str) -> Result<(A, u64), UseCaseError> {
    let loaded = UnitStore::<A>::new(unit).load_aggregate(id).await.map_err(failed::<A>)?;
    let heard = u64::try_from(loaded.current_sequence).map_err(UseCaseError::fault)?;
    Ok((loaded.aggregate.aggregate, heard))
}

/// Asks an aggregate whether something may be; it decides nothing, and the unit stands on what it
/// has heard: it is recorded only if the aggregate has heard nothing else by then.
pub async fn ask<A: domain::Aggregate>(
    unit: UnitRepository,
    id: &str,
    question: A::Command,
) -> Result<(), UseCaseError> {
    let (_, heard) = load::<A>(unit.clone(), id).await?;
    unit.stand_on(UnitStore::<A>::stream(id), heard).await;
    tell::<A>(unit, id, vec![question]).await
}

fn failed<A: domain::Aggregate>(error: AggregateError<CqrsRefus<A::Refus>>) -> UseCaseError {
    match error {
        AggregateError::UserError(refus) => UseCaseError::Refused(refus.refused()),
        AggregateError::AggregateConflict => UseCaseError::Conflict,
        AggregateError::DatabaseConnectionError(error)
        | AggregateError::DeserializationError(error)
        | AggregateError::UnexpectedError(error) => UseCaseError::caused_by(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cqrs_es::test::TestFramework;
    use domain::absences::{Appel, AppelCommand, AppelEvent, RefusAppel, Seance};
    use domain::{DivisionId, EnseignementId, PersonneId};

    fn ouvert() -> CqrsEvent<AppelEvent> {
        CqrsEvent(Some(AppelEvent::AppelOuvert {
            seance: Seance {
                enseignement: EnseignementId::derived(&["e"]),
                auditoire: DivisionId::derived(&["d"]).into(),
                date: "2026-11-23".parse().unwrap(),
                debut: "08:00:00".parse().unwrap(),
                fin: "09:00:00".parse().unwrap(),
            },
            enseignant: PersonneId::derived(&["p"]),
        }))
    }

    #[test]
    fn a_pure_aggregate_decides_through_cqrs_es() {
        TestFramework::<Cqrs<Appel>>::with(())
            .given(vec![ouvert()])
            .when(vec![AppelCommand::CloreAppel])
            .then_expect_events(vec![CqrsEvent(Some(AppelEvent::AppelClos { absents: 0, retards: 0 }))]);
    }

    #[test]
    fn each_command_sees_what_those_before_it_decided() {
        TestFramework::<Cqrs<Appel>>::with(())
            .given(vec![ouvert()])
            .when(vec![AppelCommand::CloreAppel, AppelCommand::PointerEleves { pointages: vec![] }])
            .then_expect_error(CqrsRefus::Domaine(RefusAppel::AppelDejaClos));
    }

    #[test]
    fn a_refusal_comes_through_as_it_is() {
        TestFramework::<Cqrs<Appel>>::with(())
            .given_no_previous_events()
            .when(vec![AppelCommand::CloreAppel])
            .then_expect_error(CqrsRefus::Domaine(RefusAppel::AppelInexistant));
    }

    #[test]
    fn a_roll_goes_on_without_a_line_that_was_erased() {
        TestFramework::<Cqrs<Appel>>::with(())
            .given(vec![ouvert(), CqrsEvent(None)])
            .when(vec![AppelCommand::CloreAppel])
            .then_expect_events(vec![CqrsEvent(Some(AppelEvent::AppelClos { absents: 0, retards: 0 }))]);
    }

    #[test]
    fn a_roll_whose_opening_was_erased_is_not_opened_again() {
        TestFramework::<Cqrs<Appel>>::with(())
            .given(vec![CqrsEvent(None), CqrsEvent(None)])
            .when(vec![AppelCommand::CloreAppel])
            .then_expect_error(CqrsRefus::Efface(ContenuEfface));
    }

    #[test]
    fn cqrs_es_sees_the_frozen_name_and_version() {
        use cqrs_es::DomainEvent;
        assert_eq!(ouvert().event_type(), "absences.appel.ouvert");
        assert_eq!(ouvert().event_version(), "1");
    }
}
