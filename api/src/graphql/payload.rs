//! Mutations: one input, one payload whose refusals are data.

use super::context::{Here, fault, top_level};
use super::errors::{Refus, UserError};
use super::position::Position;
use async_graphql::{Context, Error, ErrorExtensions, InputType, Result};
use commands::{Demande, UseCaseError};
use futures::FutureExt;
use futures::future::BoxFuture;
use ledger::sealer::Sealer;
use ledger::unit::Recorded;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long an act waits for its seal: the sealer comes by several times a second.
const PATIENCE: Duration = Duration::from_secs(5);
const UNSEALED: &str = "L'acte est enregistré, mais son sceau n'est pas encore posé : sa preuve \
    pourra être demandée plus tard.";

/// How a mutation ended: recorded, with what it concerns, or refused.
pub struct Outcome<K> {
    client_mutation_id: Option<Uuid>,
    recorded: Option<Recorded>,
    key: Option<K>,
    refus: Option<Refus>,
}

impl<K> Outcome<K> {
    /// Runs a use case for an input. `name` and the input are what the id stands for.
    pub async fn of<'a, I: InputType>(
        ctx: &Context<'_>,
        name: &str,
        client_mutation_id: Option<Uuid>,
        input: &I,
        use_case: impl FnOnce(Arc<Demande>) -> BoxFuture<'a, Result<(K, Recorded), Failure>>,
    ) -> Result<Self> {
        let body = input.to_value().to_string();
        ctx.requete()?.see_own_writes().await;
        let demande = Arc::new(ctx.requete()?.demande(name, client_mutation_id, body).await?);
        let refus = match use_case(Arc::clone(&demande)).await {
            Ok((key, recorded)) => return Self::recorded(ctx, client_mutation_id, recorded, Some(key)),
            Err(Failure::Input(refus)) => refus,
            Err(Failure::UseCase(UseCaseError::Interdit)) => {
                // Permitted once, it stays answered: the right was lost since, not the act.
                let first = ctx.requete()?.commands().answered(&demande).boxed().await.map_err(top_level)?;
                if let Some(first) = first {
                    return Self::recorded(ctx, client_mutation_id, first, None);
                }
                Refus::of(UseCaseError::Interdit).map_err(top_level)?
            }
            Err(Failure::UseCase(error)) => Refus::of(error).map_err(top_level)?,
        };
        Ok(Self { client_mutation_id, recorded: None, key: None, refus: Some(refus) })
    }

    fn recorded(
        ctx: &Context<'_>,
        client_mutation_id: Option<Uuid>,
        recorded: Recorded,
        key: Option<K>,
    ) -> Result<Self> {
        ctx.requete()?.remember(&recorded.position);
        Ok(Self { client_mutation_id, recorded: Some(recorded), key, refus: None })
    }

    pub fn client_mutation_id(&self) -> Option<Uuid> {
        self.client_mutation_id
    }

    pub fn position(&self) -> Option<Position> {
        self.recorded.as_ref().map(|recorded| Position(recorded.position.clone()))
    }

    /// What the mutation concerns, once the view has read it.
    pub async fn key(&self, ctx: &Context<'_>, view: (&'static str, i32)) -> Result<Option<&K>> {
        ctx.requete()?.reach(view, self.position().as_ref()).await?;
        Ok(self.key.as_ref())
    }

    /// The proof that the act is sealed, as a `tlog-proof@v1`: the event of one of these types, which
    /// its effects may follow in the same unit. None if nothing was done: what was wished for was
    /// so already.
    pub async fn proof(&self, ctx: &Context<'_>, acts: &[&str]) -> Result<Option<String>> {
        let (Some(recorded), Some(sealer)) = (&self.recorded, ctx.data_opt::<Sealer>()) else {
            return Ok(None);
        };
        let mut found = None;
        for act in acts {
            if found.is_none() {
                found = sealer.act_of(recorded, act).boxed().await.map_err(fault)?;
            }
        }
        let Some(place) = found else { return Ok(None) };
        match sealer.prove_within(&place, PATIENCE).boxed().await.map_err(fault)? {
            Some(proof) => Ok(Some(proof.to_string())),
            None => Err(Error::new(UNSEALED).extend_with(|_, e| e.set("code", "PAS_ENCORE_SCELLE"))),
        }
    }

    pub fn user_errors(&self) -> Vec<UserError> {
        self.refus.clone().map(UserError::Refus).into_iter().collect()
    }
}

/// Why a mutation did not succeed.
pub enum Failure {
    /// Its input cannot be read.
    Input(Refus),
    /// Its use case did not.
    UseCase(UseCaseError),
}

impl From<Refus> for Failure {
    fn from(refus: Refus) -> Self {
        Self::Input(refus)
    }
}

impl From<UseCaseError> for Failure {
    fn from(error: UseCaseError) -> Self {
        Self::UseCase(error)
    }
}

/// Declares a payload: its object is loaded from a view by the key of the outcome. That of
/// an act with legal effect is `sealed`: it names the event that is the act (or those of which one
/// is), and proves it.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident, $field:ident : $object:ty, $key:ty, $view:expr, $load:path) => {
        $crate::graphql::payload::payload!(@with {} $(#[$doc])* $name, $field: $object, $key, $view, $load);
    };
    ($(#[$doc:meta])* $name:ident, $field:ident : $object:ty, $key:ty, $view:expr, $load:path, sealed $($act:literal)|+) => {
        $crate::graphql::payload::payload!(@with {
            /// Preuve que l'acte est scellé dans le journal (format tlog-proof@v1) : attend le
            /// sceau quelques secondes.
            async fn preuve(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<Option<String>> {
                self.0.proof(ctx, &[$($act),+]).await
            }
        } $(#[$doc])* $name, $field: $object, $key, $view, $load);
    };
    (@with {$($more:tt)*} $(#[$doc:meta])* $name:ident, $field:ident : $object:ty, $key:ty, $view:expr, $load:path) => {
        $(#[$doc])*
        pub struct $name(pub $crate::graphql::payload::Outcome<$key>);

        #[async_graphql::Object]
        $(#[$doc])*
        impl $name {
            /// Identifiant de commande donné dans la saisie.
            async fn client_mutation_id(&self) -> Option<uuid::Uuid> {
                self.0.client_mutation_id()
            }

            /// Place dans le journal : à passer dans `apres` pour lire ce qui vient d'être écrit.
            async fn position(&self) -> Option<$crate::graphql::position::Position> {
                self.0.position()
            }

            /// Refus ; vide si la demande a été satisfaite.
            async fn user_errors(&self) -> Vec<$crate::graphql::errors::UserError> {
                self.0.user_errors()
            }

            /// Ce que la demande concerne, tel qu'il est maintenant.
            async fn $field(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<Option<$object>> {
                match self.0.key(ctx, $view).await? {
                    Some(key) => $load(ctx, key.clone()).await,
                    None => Ok(None),
                }
            }

            $($more)*
        }
    };
}
pub(crate) use payload;

/// Runs the one use case of a mutation for its input, and wraps what came of it.
macro_rules! tell {
    ($ctx:ident, $name:literal, $input:ident, $payload:ident, |$commands:ident, $demande:ident| $body:block) => {{
        let $commands = $ctx.requete()?.commands();
        $crate::graphql::payload::outcome!($ctx, $name, $input, |$demande| $body).await.map($payload)
    }};
}
pub(crate) use tell;

/// What comes of a use case, see [`Outcome::of`]. It is boxed, so that the future of a resolver does not
/// hold all that the use case goes through.
macro_rules! outcome {
    ($ctx:ident, $name:literal, $input:ident, |$demande:ident| $body:block) => {{
        let $input = &$input;
        $crate::graphql::payload::Outcome::of($ctx, $name, $input.client_mutation_id, $input, move |asked| {
            Box::pin(async move {
                let $demande = &*asked;
                $body
            })
        })
    }};
}
pub(crate) use outcome;
