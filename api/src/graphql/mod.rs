//! GraphQL: one file per context, merged roots, nothing that decides.
//!
//! A resolver reads a view or calls one use case. What is forbidden and what does not
//! exist look the same: `null` in a query, a [`Refus`](errors::Refus) in a mutation.

mod absences;
mod annuaire;
mod audit;
mod cahier_de_textes;
mod conservation;
mod context;
mod decimal;
mod errors;
mod identite;
pub mod ids;
mod jour;
mod loaders;
mod moderation;
mod named;
mod node;
mod notes;
mod notifications;
mod pagination;
mod payload;
mod pieces;
mod portails;
mod position;
mod protection;
mod publications;
mod retrospective;
mod roots;
mod stored;
mod tour;
mod validation;
mod vie_de_l_eleve;
mod vues;

pub use roots::{Mutation, Query};
pub use validation::Validator;

use crate::envois::Expedition;
use crate::identity::Identite;
use crate::identity::sessions::Sessions;
use async_graphql::futures_util::stream::BoxStream;
use async_graphql::{Data, Executor, MergedSubscription, Request, Response, SchemaBuilder};
use commands::Commands;
use context::{Written, written};
use ledger::sealer::Sealer;
use projections::progress::Progress;
use std::sync::Arc;

/// Every subscription.
#[derive(MergedSubscription, Default)]
pub struct Subscription(audit::AuditSubscription, absences::AbsencesSubscription);

/// The schema.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// What a document may cost, lists counted at their usual length: a gradebook of a page of
/// evaluations fits, lists in lists in lists do not.
const COMPLEXITY: usize = 40_000;

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .register_output_type::<node::Node>()
        .register_output_type::<errors::UserError>()
        .limit_depth(16)
        .limit_complexity(COMPLEXITY)
        .limit_recursive_depth(32)
}

/// The global id of an object, as clients have it from answers.
pub fn global_id(kind: &str, key: uuid::Uuid) -> String {
    ids::global(kind, key).0
}

/// The schema, written out: the contract with frontends.
pub fn sdl() -> String {
    let options =
        async_graphql::SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    builder().finish().sdl_with_options(options)
}

/// What executes documents: the schema, with what each request needs at hand.
#[derive(Clone)]
pub struct Api {
    schema: Schema,
    commands: Commands,
    progress: Progress,
    written: Written,
    sealer: Option<Sealer>,
    sessions: Option<Sessions>,
    expedition: Option<Expedition>,
}

impl Api {
    /// A schema over use cases and views.
    pub fn new(commands: Commands, progress: Progress) -> Self {
        Self {
            schema: builder().finish(),
            commands,
            progress,
            written: written(),
            sealer: None,
            sessions: None,
            expedition: None,
        }
    }

    /// The same, whose acts answer with their proof.
    pub fn proving(self, sealer: Sealer) -> Self {
        Self { sealer: Some(sealer), ..self }
    }

    /// The same, to which browsers sign in.
    pub fn signing_in(self, sessions: Sessions) -> Self {
        Self { sessions: Some(sessions), ..self }
    }

    /// The same, which writes to people outside the ENT.
    pub fn telling(self, expedition: Expedition) -> Self {
        Self { expedition: Some(expedition), ..self }
    }

    /// Puts the actor and fresh dataloaders at the request's hand. Only who is
    /// identified may ask the schema about itself: the SDL is public at its own address.
    fn prepare(&self, mut request: Request, identite: Option<&Identite>) -> Request {
        let identite = identite.cloned().or_else(|| {
            let stored = request.data.get(&std::any::TypeId::of::<Identite>())?;
            stored.downcast_ref::<Identite>().cloned()
        });
        let identite = identite.unwrap_or(Identite::Anonyme);
        if identite.compte().is_none() {
            request = request.disable_introspection();
        }
        if let Some(sealer) = &self.sealer {
            request = request.data(sealer.clone());
        }
        if let Some(sessions) = &self.sessions {
            request = request.data(sessions.clone());
        }
        if let Some(expedition) = &self.expedition {
            request = request.data(expedition.clone());
        }
        let (commands, progress) = (self.commands.clone(), self.progress.clone());
        request.data(context::request(commands, progress, self.written.clone(), identite))
    }
}

impl Executor for Api {
    async fn execute(&self, request: Request) -> Response {
        self.schema.execute(self.prepare(request, None)).await
    }

    fn execute_stream(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let identite = session.as_ref().and_then(|data| {
            data.get(&std::any::TypeId::of::<Identite>())?.downcast_ref::<Identite>().cloned()
        });
        Executor::execute_stream(&self.schema, self.prepare(request, identite.as_ref()), session)
    }
}
