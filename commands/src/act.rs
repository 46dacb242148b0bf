//! An act: what one use case asks of aggregates, recorded whole.

use crate::cqrs::{ask, load, tell, tell_alone};
use crate::error::{Refused, UseCaseError};
use crate::rights::{Acteur, Autorite};
use chrono::NaiveDate;
use domain::{Aggregate, CommandeId, CompteId, EvenementId, PortailId};
use futures::FutureExt;
use futures::future::BoxFuture;
use ledger::Ledger;
use ledger::envelope::{Actor, Authority, Stream};
use ledger::erasure::Erasure;
use ledger::store::UnitRepository;
use ledger::unit::{Context, Recorded};

/// How often an act is decided again because others changed what it had read.
const ATTEMPTS: usize = 12;

/// What someone asks.
#[derive(Debug, Clone)]
pub struct Demande {
    /// Who asks.
    pub acteur: Acteur,
    /// Under which id: a retry with the same id gets the first answer.
    pub commande: CommandeId,
    /// What is asked, in a stable form: the same id with another body is refused.
    pub corps: Vec<u8>,
    /// The event to which a reaction reacts.
    pub cause: Option<EvenementId>,
}

type Tell = Box<dyn Fn(UnitRepository) -> BoxFuture<'static, Result<(), UseCaseError>> + Send + Sync>;

/// What one aggregate is told.
struct Step {
    stream: Stream,
    tell: Tell,
}

/// The streams in which an act decided something, each event by its place there.
pub(crate) type Decisions = Vec<(Stream, u64)>;

/// See the module. Begun by [`crate::Commands::act`].
#[must_use = "an act is recorded by `record`"]
pub struct Act {
    ledger: Ledger,
    context: Context,
    body: Vec<u8>,
    steps: Vec<Step>,
}

impl Act {
    /// Begins an act of `demande` on one portal, on the authority that permitted it.
    pub(crate) fn new(
        ledger: &Ledger,
        demande: &Demande,
        autorite: Autorite,
        portail: PortailId,
        business_date: NaiveDate,
    ) -> Self {
        let context = Context {
            portail,
            actor: Actor {
                // Only an identified compte is ever permitted to act.
                compte: demande.acteur.compte.unwrap_or(CompteId::NONE),
                personne: demande.acteur.personne,
                office: autorite.office.clone(),
            },
            authority: Authority { policies: autorite.politiques, policy_set: autorite.empreinte },
            command_id: demande.commande,
            cause: demande.cause,
            business_date,
        };
        Self { ledger: ledger.clone(), context, body: demande.corps.clone(), steps: Vec::new() }
    }

    /// Adds a command to an aggregate. Commands of one act see what those before them
    /// decided, and are recorded together or not at all.
    pub fn tell<A: Aggregate>(self, id: impl ToString, command: A::Command) -> Self {
        self.tell_all::<A>(id, vec![command])
    }

    /// Adds commands to an aggregate, which is loaded once for all of them.
    pub(crate) fn tell_all<A: Aggregate>(mut self, id: impl ToString, commands: Vec<A::Command>) -> Self {
        let id = id.to_string();
        let stream = Stream { kind: A::TYPE.to_owned(), id: id.clone() };
        let tell: Tell = Box::new(move |unit| {
            let (id, commands) = (id.clone(), commands.clone());
            Box::pin(async move { tell::<A>(unit, &id, commands).await })
        });
        self.steps.push(Step { stream, tell });
        self
    }

    /// Adds a question to an aggregate of the same portal, which decides nothing and may refuse. The
    /// act is recorded only if the aggregate has heard nothing since it answered: else it is asked
    /// again. Acts that ask the same aggregate are not in each other's way.
    pub(crate) fn ask<A: Aggregate>(mut self, id: impl ToString, question: A::Command) -> Self {
        let id = id.to_string();
        let stream = Stream { kind: A::TYPE.to_owned(), id: id.clone() };
        let tell: Tell = Box::new(move |unit| {
            let (id, question) = (id.clone(), question.clone());
            Box::pin(async move { ask::<A>(unit, &id, question).await })
        });
        self.steps.push(Step { stream, tell });
        self
    }

    /// Adds the questions that one aggregate, as the commands before have left it, has for others of the same
    /// portal: each is asked as by [`Self::ask`], and which ones they are follows from what is recorded.
    pub(crate) fn ask_each<A: Aggregate, B: Aggregate>(
        mut self,
        of: impl ToString,
        questions: impl Fn(&A) -> Vec<(String, B::Command)> + Clone + Send + Sync + 'static,
    ) -> Self {
        let of = of.to_string();
        let stream = Stream { kind: A::TYPE.to_owned(), id: of.clone() };
        let tell: Tell = Box::new(move |unit| {
            let (of, questions) = (of.clone(), questions.clone());
            Box::pin(async move {
                let (known, _) = load::<A>(unit.clone(), &of).await?;
                let questions = questions(&known);
                let stream = |id: &String| Stream { kind: B::TYPE.to_owned(), id: id.clone() };
                let streams: Vec<_> = questions.iter().map(|(id, _)| stream(id)).collect();
                let streams: Vec<_> = streams.iter().collect();
                unit.read_ahead(&streams).await.map_err(UseCaseError::fault)?;
                for (id, question) in questions {
                    ask::<B>(unit.clone(), &id, question).await?;
                }
                Ok(())
            })
        });
        self.steps.push(Step { stream, tell });
        self
    }

    /// Adds a command to an aggregate that is told it only if another one, as the commands before
    /// have left it, is so.
    pub(crate) fn tell_if<A: Aggregate, B: Aggregate>(
        mut self,
        of: impl ToString,
        so: impl Fn(&A) -> bool + Clone + Send + Sync + 'static,
        (id, command): (impl ToString, B::Command),
    ) -> Self {
        let (of, id) = (of.to_string(), id.to_string());
        // What is seldom told is not read ahead.
        let stream = Stream { kind: A::TYPE.to_owned(), id: of.clone() };
        let tell: Tell = Box::new(move |unit| {
            let (of, so, id, command) = (of.clone(), so.clone(), id.clone(), command.clone());
            Box::pin(async move {
                let (other, _) = load::<A>(unit.clone(), &of).await?;
                if so(&other) { tell::<B>(unit, &id, vec![command]).await } else { Ok(()) }
            })
        });
        self.steps.push(Step { stream, tell });
        self
    }

    /// Lets the aggregates decide and records what they decided. Decided again when a
    /// stream moved meanwhile.
    pub async fn record(self) -> Result<Recorded, UseCaseError> {
        Ok(self.record_decisions().await?.0)
    }

    /// [`Self::record`], and what was decided.
    pub(crate) async fn record_decisions(self) -> Result<(Recorded, Decisions), UseCaseError> {
        for attempt in 0..ATTEMPTS {
            match self.attempt(attempt == 0).boxed().await {
                Err(UseCaseError::Conflict) => continue,
                Err(UseCaseError::Refused(refused)) => {
                    return Ok((self.first_answer(refused).boxed().await?, Decisions::new()));
                }
                answered => return answered,
            }
        }
        Err(UseCaseError::Conflict)
    }

    /// Lets the aggregates decide, once, and records what they decided together with an
    /// erasure.
    pub(crate) async fn record_erasing(&self, erasure: &Erasure) -> Result<Recorded, UseCaseError> {
        match self.decide().boxed().await {
            Ok(unit) => Ok(unit.commit_erasing(erasure).boxed().await?),
            Err(UseCaseError::Refused(refused)) => self.first_answer(refused).boxed().await,
            Err(error) => Err(error),
        }
    }

    /// A retry finds its own first success in the way.
    async fn first_answer(&self, refused: Refused) -> Result<Recorded, UseCaseError> {
        let (compte, command) = (self.context.actor.compte, self.context.command_id);
        let first = self.ledger.answered(compte, command, &self.body).await?;
        first.ok_or(UseCaseError::Refused(refused))
    }

    /// An aggregate on which the act stands though it tells it nothing, and the last event
    /// that it has heard.
    pub(crate) async fn load<A: Aggregate>(&self, id: impl ToString) -> Result<(A, u64), UseCaseError> {
        load::<A>(self.begin(), &id.to_string()).await
    }

    /// What was supposed wrongly once is not supposed again.
    async fn attempt(&self, supposing: bool) -> Result<(Recorded, Decisions), UseCaseError> {
        let unit = match self.steps.as_slice() {
            [step] => tell_alone(|| self.begin(), supposing, &step.tell).await?,
            _ => self.decide().await?,
        };
        let decisions = unit.decided().await;
        Ok((unit.commit().await?, decisions))
    }

    fn begin(&self) -> UnitRepository {
        UnitRepository::begin(&self.ledger, self.context.clone(), self.body.clone())
    }

    /// Lets the aggregates decide, and records nothing.
    pub(crate) async fn decide(&self) -> Result<UnitRepository, UseCaseError> {
        let unit = self.begin();
        if let [_, _, ..] = self.steps.as_slice() {
            let streams: Vec<_> = self.steps.iter().map(|step| &step.stream).collect();
            unit.read_ahead(&streams).await.map_err(UseCaseError::fault)?;
        }
        for step in &self.steps {
            (step.tell)(unit.clone()).await?;
        }
        Ok(unit)
    }
}
