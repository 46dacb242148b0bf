//! Who may do what: the one place where the program decides it.
//!
//! A use case loads an [`Acteur`] and a [`Resource`] and asks [`Rights::decide`];
//! the answer is an [`Autorite`], which goes into the record beside the events that
//! it allowed, or an [`Interdit`]. Nothing here reads a database or a clock, so that a
//! decision can be taken again years later from what the record holds.
//!
//! The rules are Cedar policies (`policies/*.cedar`, one file per context) over a
//! strict schema: what no policy permits is refused, and a `forbid` overcomes every
//! permission. A jurist reads the policies, the matrix (`tests/matrix/droits.txt`) and
//! the guarantees that a solver proves (`tests/garanties/`). No other module of the
//! program names the policy engine.

mod acteur;
mod action;
mod identite;
mod policies;
mod portee;
mod refus;
mod resource;
mod translation;

pub use acteur::{Acteur, InterventionEnCours};
pub use action::Action;
pub use policies::{POLICIES, PolicyFault, SCHEMA};
pub use portee::{Portee, Portees};
pub use resource::Resource;

use cedar_policy::{
    ActionConstraint, AuthorizationError, Authorizer, Context, Decision, Effect, Entities, EntityUid, Policy,
    PolicyId, PolicySet, Request, RequestEnv, Response, Schema,
};
use domain::{Refusal, RefusalSpec};
use policies::{Sound, annotation};
use refus::Refus;
use resource::Kind;
use std::collections::{HashMap, HashSet};
use translation::{ANONYME, COMPTE, Vocabulary};

/// Target of the log's lines about decisions: which action, whether it was permitted, and by which
/// policies it was not, with their articles; never who asked, nor about whom.
pub const DECISIONS: &str = "ent::droits";

/// The policies, ready to decide.
pub struct Rights {
    authorizer: Authorizer,
    vocabulary: Vocabulary,
    questions: HashMap<Question, Bench>,
    /// The article of each policy.
    sources: HashMap<PolicyId, Source>,
    empreinte: String,
}

/// A request that the schema allows to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Question {
    anonyme: bool,
    action: Action,
    about: Kind,
}

/// The policies that have a say in one action. The engine evaluates every policy that
/// it is given; one decision then costs what its own few policies cost.
struct Bench {
    action: EntityUid,
    policies: PolicySet,
}

/// Where a permission comes from, and in which capacity one acts who has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Source {
    article: String,
    office: String,
}

/// Why something was allowed; goes into the envelope of every event that follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Autorite {
    /// The capacity in which the actor acts: the office of the first of these policies.
    pub office: String,
    /// Names of the policies that permitted, in alphabetical order.
    pub politiques: Vec<String>,
    /// Their sources in law, in the same order.
    pub articles: Vec<String>,
    /// SHA-256 of the schema and all policies in force, in hexadecimal.
    pub empreinte: String,
}

/// No. It says the same of what is forbidden and of what does not exist, so a use case
/// that finds nothing answers with it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Ceci n'existe pas ou ne vous est pas ouvert : vérifiez l'adresse, ou le compte qui vous connecte.")]
pub struct Interdit;

impl Refusal for Interdit {
    const SPECS: &'static [RefusalSpec] = &[RefusalSpec { code: "INTERDIT", field: None }];

    fn spec(&self) -> &'static RefusalSpec {
        &Self::SPECS[0]
    }
}

impl Rights {
    /// Reads and checks the policies that the program carries.
    pub fn load() -> Result<Self, PolicyFault> {
        let Sound { schema, policies, empreinte } = policies::read(SCHEMA, POLICIES)?;
        let by_action = by_action(&schema, &policies)?;
        let bench = |env: RequestEnv| {
            let (question, action) = (Question::read(&env)?, env.action().clone());
            let policies = by_action.get(&action).cloned().unwrap_or_default();
            Some((question, Bench { action, policies }))
        };
        let questions = schema.request_envs().filter_map(bench).collect();
        let source = |policy: &Policy| {
            let article = annotation(policy, "article")?.to_owned();
            let office = annotation(policy, "office").unwrap_or_default().to_owned();
            Some((policy.id().clone(), Source { article, office }))
        };
        let sources = policies.policies().filter_map(source).collect();
        let vocabulary = Vocabulary::new()?;
        Ok(Self { authorizer: Authorizer::new(), vocabulary, questions, sources, empreinte })
    }

    /// SHA-256 of the schema and all policies in force, in hexadecimal.
    pub fn empreinte(&self) -> &str {
        &self.empreinte
    }

    /// Decides. What the schema does not let be asked is refused, and so is what the
    /// engine could not evaluate: a broken `forbid` must not open a door. So is what the token
    /// of a program is not for.
    pub fn decide(&self, acteur: &Acteur, action: Action, resource: &Resource) -> Result<Autorite, Interdit> {
        match self.decide_quietly(acteur, action, resource) {
            Ok(autorite) => {
                tracing::debug!(target: DECISIONS, ?action, permitted = true);
                Ok(autorite)
            }
            Err(refus) => {
                // Named only where somebody listens.
                tracing::debug!(
                    target: DECISIONS,
                    ?action,
                    permitted = false,
                    motif = refus.motif(),
                    politiques = self.decisive(&refus),
                );
                Err(Interdit)
            }
        }
    }

    fn decide_quietly(
        &self,
        acteur: &Acteur,
        action: Action,
        resource: &Resource,
    ) -> Result<Autorite, Refus> {
        if !acteur.portees.admit(action) {
            return Err(Refus::HorsPortee);
        }
        let question = Question { anonyme: acteur.compte.is_none(), action, about: resource.kind() };
        let bench = self.questions.get(&question).ok_or(Refus::HorsSchema)?;
        let response = self.ask(bench, acteur, resource).map_err(|error| {
            tracing::error!(%action, %error, "a request could not be put to the policies");
            Refus::Indecis
        })?;
        let diagnostics = response.diagnostics();
        if let Some(error) = diagnostics.errors().next() {
            let AuthorizationError::PolicyEvaluationError(error) = error;
            tracing::error!(%action, policy = %error.policy_id(), "a policy could not be evaluated");
            return Err(Refus::Indecis);
        }
        if response.decision() == Decision::Deny {
            let forbids: Vec<_> = diagnostics.reason().cloned().collect();
            if forbids.is_empty() {
                return Err(Refus::SansPermission(question));
            }
            return Err(Refus::Interdiction(forbids));
        }
        Ok(self.authority(diagnostics.reason()))
    }

    /// The policies that decided a refusal, each with its article, in alphabetical order: those that
    /// forbid, or all whose permission was lacking.
    fn decisive(&self, refus: &Refus) -> String {
        let mut named = match refus {
            Refus::Interdiction(forbids) => self.named(forbids.iter()),
            Refus::SansPermission(question) => {
                let bench = self.questions.get(question).into_iter();
                let policies = bench.flat_map(|bench| bench.policies.policies());
                self.named(policies.filter(|policy| policy.effect() == Effect::Permit).map(Policy::id))
            }
            Refus::HorsPortee | Refus::HorsSchema | Refus::Indecis => Vec::new(),
        };
        named.sort();
        named.join(" ; ")
    }

    fn named<'a>(&self, policies: impl Iterator<Item = &'a PolicyId>) -> Vec<String> {
        let known = policies.filter_map(|id| self.sources.get_key_value(id));
        known.map(|(id, source)| format!("{id} ({})", source.article)).collect()
    }

    fn authority<'a>(&self, permits: impl Iterator<Item = &'a PolicyId>) -> Autorite {
        let mut permits: Vec<_> = permits.filter_map(|id| self.sources.get_key_value(id)).collect();
        permits.sort();
        let office = permits.first().map(|(_, source)| source.office.clone()).unwrap_or_default();
        let (politiques, articles) =
            permits.into_iter().map(|(id, source)| (id.to_string(), source.article.clone())).unzip();
        Autorite { office, politiques, articles, empreinte: self.empreinte.clone() }
    }

    fn ask(&self, bench: &Bench, acteur: &Acteur, resource: &Resource) -> Result<Response, Unaskable> {
        let principal = self.vocabulary.acteur(acteur)?;
        let resource = self.vocabulary.resource(&acteur.sees(resource))?;
        // The question is one of the schema's: nothing is left to validate.
        let request =
            Request::new(principal.uid(), bench.action.clone(), resource.uid(), Context::empty(), None)
                .map_err(|error| Unaskable::Engine(error.to_string()))?;
        let entities = Entities::from_entities([principal, resource], None)
            .map_err(|error| Unaskable::Engine(error.to_string()))?;
        Ok(self.authorizer.is_authorized(&request, &bench.policies, &entities))
    }
}

impl Question {
    /// What the schema declares in its own words. What the program has no word for is no
    /// question, and is refused.
    fn read(env: &RequestEnv) -> Option<Self> {
        let anonyme = match env.principal().to_string().as_str() {
            ANONYME => true,
            COMPTE => false,
            _ => return None,
        };
        let (name, about) = (env.action().id().unescaped(), env.resource().to_string());
        let action = Action::ALL.iter().copied().find(|action| action.as_str() == name)?;
        let about = Kind::ALL.into_iter().find(|kind| kind.as_str() == about)?;
        Some(Self { anonyme, action, about })
    }
}

/// The policies that have a say in each action; none in an action that is not here.
fn by_action(schema: &Schema, policies: &PolicySet) -> Result<HashMap<EntityUid, PolicySet>, PolicyFault> {
    let mut concerned: HashMap<EntityUid, PolicySet> = HashMap::new();
    for policy in policies.policies() {
        let actions: HashSet<EntityUid> = match policy.action_constraint() {
            ActionConstraint::Any => schema.actions().cloned().collect(),
            ActionConstraint::Eq(action) => HashSet::from([action]),
            ActionConstraint::In(actions) => actions.into_iter().collect(),
        };
        for action in actions {
            let of_action = concerned.entry(action).or_default();
            of_action.add(policy.clone()).map_err(|error| PolicyFault::IllTyped(error.to_string()))?;
        }
    }
    Ok(concerned)
}

/// A request that did not reach the policies.
#[derive(Debug, thiserror::Error)]
enum Unaskable {
    #[error(transparent)]
    Untranslatable(#[from] translation::Untranslatable),
    #[error("the engine refused the request: {0}")]
    Engine(String),
}

#[cfg(test)]
mod tests;
