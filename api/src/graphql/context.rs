//! What resolvers find at hand.

use super::loaders::Loaders;
use super::position::Position;
use crate::identity::Identite;
use async_graphql::{Context, ErrorExtensions, Result};
use async_trait::async_trait;
use commands::rights::{Acteur, Action, Resource};
use commands::{Commands, Demande, UseCaseError};
use domain::{CommandeId, CompteId};
use projections::progress::{Late, Progress};
use sqlx::PgPool;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// One request: who asks, what was decided for it, and the loaders that batch what it reads.
///
/// Resolvers see it as a trait object, because each is a future that holds it: the compiler would
/// else prove for every resolver anew, and for minutes in all, that the whole house below may cross threads.
#[async_trait]
pub trait Requete: Send + Sync {
    /// How who asks is identified.
    fn identite(&self) -> Identite;

    /// The use cases.
    fn commands(&self) -> &Commands;

    /// The views.
    fn views(&self) -> &PgPool;

    /// How far the views have read.
    fn progress(&self) -> &Progress;

    /// Batched reads.
    fn loaders(&self) -> &Loaders;

    /// Who asks, loaded once.
    async fn acteur(&self) -> Result<&Acteur>;

    /// Who asks, as of now: for what lasts longer than a request, and so lets nobody in by an
    /// intervention.
    async fn acteur_now(&self) -> Result<Acteur>;

    /// Whether who asks may, decided once for each resource. What a personne habilitée is about
    /// to read is on the record before the answer is yes.
    async fn may(&self, action: Action, on: &Resource) -> Result<bool>;

    /// What is asked by a mutation. Without an id of the client's it cannot be retried
    /// safely, and gets a fresh one.
    async fn demande(&self, name: &str, id: Option<Uuid>, input: String) -> Result<Demande>;

    /// A mutation finds what its compte wrote just before: one may mark an evaluation
    /// that one has just created without having read it first.
    async fn see_own_writes(&self);

    /// Remembers a place that the compte wrote.
    fn remember(&self, position: &ledger::unit::Position);

    /// Waits until a view has read what the client has seen recorded.
    async fn reach(&self, view: (&'static str, i32), apres: Option<&Position>) -> Result<()>;
}

/// The request of a door.
struct AtTheDoor {
    commands: Commands,
    progress: Progress,
    identite: Identite,
    acteur: OnceCell<Acteur>,
    /// Made for who needs some: a page that needs none is a frequent one.
    loaders: OnceLock<Loaders>,
    /// What was decided for who asks: the rows of a list often stand on the same resource.
    decided: Mutex<HashMap<(Action, Resource), bool>>,
    /// What a personne habilitée was let read, and is on the record.
    consigned: Mutex<HashSet<(Action, String)>>,
    written: Written,
}

/// The last place that each compte wrote of late, in this process.
pub type Written = moka::sync::Cache<CompteId, ledger::unit::Position>;

/// How many comptes are remembered, and for how long; clients that want more pass `apres`.
pub fn written() -> Written {
    moka::sync::Cache::builder().max_capacity(50_000).time_to_live(Duration::from_secs(60)).build()
}

/// A request of who is identified so, of which nothing is known yet.
pub(super) fn request(
    commands: Commands,
    progress: Progress,
    written: Written,
    identite: Identite,
) -> Box<dyn Requete> {
    Box::new(AtTheDoor {
        commands,
        progress,
        identite,
        acteur: OnceCell::new(),
        loaders: OnceLock::new(),
        decided: Mutex::default(),
        consigned: Mutex::default(),
        written,
    })
}

impl AtTheDoor {
    /// Puts a reading on the record, once for each thing that the request reads.
    async fn consign(&self, action: Action, on: &Resource) -> Result<()> {
        let reading = (action, on.to_string());
        let known = || self.consigned.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains(&reading) {
            return Ok(());
        }
        let demande = self.demande("consignerLecture", None, reading.1.clone()).await?;
        self.commands.consigner_lecture(&demande, action, on).await.map_err(top_level)?;
        known().insert(reading);
        Ok(())
    }
}

#[async_trait]
impl Requete for AtTheDoor {
    fn identite(&self) -> Identite {
        self.identite
    }

    fn commands(&self) -> &Commands {
        &self.commands
    }

    fn views(&self) -> &PgPool {
        self.commands.views()
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }

    fn loaders(&self) -> &Loaders {
        self.loaders.get_or_init(|| Loaders::new(self.commands.views()))
    }

    async fn acteur(&self) -> Result<&Acteur> {
        let loaded =
            self.acteur.get_or_try_init(|| self.commands.acteur_identifie(self.identite.identifie()));
        loaded.await.map_err(top_level)
    }

    async fn acteur_now(&self) -> Result<Acteur> {
        let loaded = self.commands.acteur_identifie(self.identite.identifie()).await;
        let acteur = loaded.map_err(top_level)?;
        Ok(Acteur { interventions: Vec::new(), ..acteur })
    }

    async fn may(&self, action: Action, on: &Resource) -> Result<bool> {
        let acteur = self.acteur().await?;
        let question = (action, on.clone());
        let decided = || self.decided.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(may) = decided().get(&question) {
            return Ok(*may);
        }
        let may = self.commands.permit(acteur, action, on).is_ok();
        if may && !acteur.interventions.is_empty() {
            self.consign(action, on).await?;
        }
        decided().insert(question, may);
        Ok(may)
    }

    async fn demande(&self, name: &str, id: Option<Uuid>, input: String) -> Result<Demande> {
        #[allow(clippy::disallowed_methods)] // the edge that makes ids
        let commande = CommandeId(id.unwrap_or_else(Uuid::new_v4));
        let corps = format!("{name}\n{input}").into_bytes();
        Ok(Demande { acteur: self.acteur().await?.clone(), commande, corps, cause: None })
    }

    async fn see_own_writes(&self) {
        let last = self.identite.compte().and_then(|compte| self.written.get(&compte));
        if let Some(position) = last {
            self.progress.reach_for_use_cases(&position).await;
        }
    }

    fn remember(&self, position: &ledger::unit::Position) {
        // Position 0 is that of a wish already fulfilled: nothing was written.
        if let Some(compte) = self.identite.compte().filter(|_| position.position > 0) {
            self.written.insert(compte, position.clone());
        }
    }

    async fn reach(&self, view: (&'static str, i32), apres: Option<&Position>) -> Result<()> {
        let Some(Position(position)) = apres else { return Ok(()) };
        let reached = self.progress.reach(view.0, view.1, position).await;
        reached.map_err(late)
    }
}

fn late(late: Late) -> async_graphql::Error {
    async_graphql::Error::new(late.to_string()).extend_with(|_, e| e.set("code", "EN_RETARD"))
}

/// A fault: the door logs its causes and shows none of them. A database that is away is
/// none: who asked may ask again.
pub fn fault(error: impl std::error::Error + Send + Sync + 'static) -> async_graphql::Error {
    if ledger::trouble::stems_from_absence(&error) {
        let message = "La base de données ne répond pas : réessayez dans un instant.";
        return async_graphql::Error::new(message).extend_with(|_, e| e.set("code", "INDISPONIBLE"));
    }
    // The door logs the whole chain of an `anyhow` error.
    async_graphql::Error::new_with_source(anyhow::Error::new(error))
}

/// An error of a use case that is no refusal.
pub fn top_level(error: UseCaseError) -> async_graphql::Error {
    match error.code() {
        Some(code) => async_graphql::Error::new(error.to_string()).extend_with(|_, e| e.set("code", code)),
        None => fault(error),
    }
}

/// The request, from a resolver's context.
pub trait Here {
    /// See [`Requete`].
    fn requete(&self) -> Result<&dyn Requete>;
}

impl Here for Context<'_> {
    fn requete(&self) -> Result<&dyn Requete> {
        self.data::<Box<dyn Requete>>().map(Box::as_ref)
    }
}
