//! The guarantees of `tests/garanties/`, each proved for every request that the schema
//! allows, not for examples: `cedar-policy-symcc` turns the policies and the guarantee's
//! oracle into a formula, and `cvc5` looks for a request on which they differ.
//!
//! A guarantee is a French sentence, its source in law, the actions that it speaks of, and
//! an oracle in Cedar. « Jamais plus que »: whatever the policies permit, the oracle
//! permits. « Toujours au moins »: the converse.
//!
//! `cvc5` is looked for in `$CVC5`, then in `PATH`; without it these tests say that they
//! were skipped. With `CVC5` or `CI` set, its absence is a failure.

use anyhow::{Context, Result, bail, ensure};
use cedar_policy::{
    ActionConstraint, Authorizer, Decision, Policy, PolicyId, PolicySet, RequestEnv, ResourceConstraint,
    Schema,
};
use cedar_policy_symcc::solver::LocalSolver;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, CompiledPolicySet, Env};
use commands::rights::{Action, POLICIES, SCHEMA};
use std::path::Path;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Sens {
    JamaisPlusQue,
    ToujoursAuMoins,
}

/// One file of `tests/garanties/`.
struct Garantie {
    phrase: String,
    actions: Vec<String>,
    acteur: Option<String>,
    sens: Sens,
    oracle: PolicySet,
}

/// A guarantee that does not hold, with a request that shows it.
struct Violation {
    phrase: String,
    example: Env,
}

impl Garantie {
    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let phrase = text.lines().find_map(|line| line.strip_prefix("# ")).context("no sentence")?;
        let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(&format!("- {name} : ")));
        let actions = match line("Actions").context("no actions")? {
            "toutes" => Action::ALL.iter().map(ToString::to_string).collect(),
            names => quoted(names),
        };
        for action in &actions {
            ensure!(Action::ALL.iter().any(|known| known.as_str() == action), "unknown action {action}");
        }
        let sens = match line("Sens") {
            Some("jamais plus que") => Sens::JamaisPlusQue,
            Some("toujours au moins") => Sens::ToujoursAuMoins,
            other => bail!("unknown sense {other:?}"),
        };
        let (_, block) = text.split_once("```cedar\n").context("no oracle")?;
        let (oracle, _) = block.split_once("```").context("the oracle does not end")?;
        let acteur = line("Acteur").and_then(|names| quoted(names).pop());
        Ok(Self { phrase: phrase.to_owned(), actions, acteur, sens, oracle: oracle.parse()? })
    }

    fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("garanties");
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let read = |path: &std::path::PathBuf| match Self::read(path) {
            Ok(garantie) => garantie,
            Err(error) => panic!("{}: {error:#}", path.display()),
        };
        paths.iter().map(read).collect()
    }

    fn speaks_of(&self, env: &RequestEnv) -> bool {
        let action = env.action().id().unescaped();
        self.actions.iter().any(|name| name == action)
            && self.acteur.as_ref().is_none_or(|name| *name == env.principal().to_string())
    }

    /// The first request on which the policies break the promise.
    async fn refute(&self, house: &mut House, policies: &PolicySet) -> Result<Option<Env>> {
        let envs: Vec<_> = house.schema.request_envs().filter(|env| self.speaks_of(env)).collect();
        ensure!(!envs.is_empty(), "« {} » speaks of nothing", self.phrase);
        for env in envs {
            let policies = CompiledPolicySet::compile(&concerned(policies, &env)?, &env, &house.schema)?;
            let oracle = CompiledPolicySet::compile(&self.oracle, &env, &house.schema)?;
            let (smaller, greater) = match self.sens {
                Sens::JamaisPlusQue => (&policies, &oracle),
                Sens::ToujoursAuMoins => (&oracle, &policies),
            };
            let example = house.solver.check_implies_with_counterexample_opt(smaller, greater).await?;
            if example.is_some() {
                return Ok(example);
            }
        }
        Ok(None)
    }
}

/// Whether the first line of a policy lets a request of this kind through. Where it doesn't, the
/// policy neither applies nor can fail: nothing after that line is looked at, and the solver, which
/// would be long about it, need not be asked.
fn concerns(policy: &Policy, env: &RequestEnv) -> bool {
    let action = match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(one) => one == *env.action(),
        // No action of the schema is a group of others.
        ActionConstraint::In(several) => several.contains(env.action()),
    };
    let resource = match policy.resource_constraint() {
        ResourceConstraint::Is(kind) => kind == *env.resource(),
        _ => true,
    };
    action && resource
}

/// Those of the policies that can say something of requests of this kind.
fn concerned(policies: &PolicySet, env: &RequestEnv) -> Result<PolicySet> {
    Ok(PolicySet::from_policies(policies.policies().filter(|policy| concerns(policy, env)).cloned())?)
}

/// What stands between backquotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The schema, and the solver that is asked about it.
struct House {
    schema: Schema,
    solver: CedarSymCompiler<LocalSolver>,
}

impl House {
    /// `None`: there is no solver on this machine, and none was required.
    fn open() -> Option<Self> {
        // The limit is that of one process, which is asked about every guarantee in turn.
        let solver = match LocalSolver::cvc5_with_args(["--tlimit=600000"]) {
            Ok(solver) => CedarSymCompiler::new(solver).unwrap(),
            Err(error) => {
                let required = ["CVC5", "CI"].iter().any(|name| std::env::var_os(name).is_some());
                assert!(!required, "cvc5 is required here and cannot be started: {error}");
                eprintln!("SAUTÉ : les garanties ne sont pas prouvées, cvc5 est introuvable ({error})");
                return None;
            }
        };
        Some(Self { schema: Schema::from_cedarschema_str(SCHEMA).unwrap().0, solver })
    }

    /// The guarantees that do not hold. Where policies are the proven ones but for a single action,
    /// only what is promised of that action is proved again.
    async fn violations(&mut self, policies: &PolicySet, of: Option<&str>) -> Vec<Violation> {
        let mut violations = Vec::new();
        for mut garantie in Garantie::all() {
            garantie.actions.retain(|name| of.is_none_or(|action| name == action));
            if of.is_some() && !self.schema.request_envs().any(|env| garantie.speaks_of(&env)) {
                continue;
            }
            if let Some(example) = garantie.refute(self, policies).await.unwrap() {
                violations.push(Violation { phrase: garantie.phrase, example });
            }
        }
        violations
    }
}

/// The policies of the program under their own names, and `more` after them.
fn policies_and(more: &str) -> PolicySet {
    let mut set = PolicySet::new();
    for text in POLICIES.iter().map(|(_, text)| *text).chain([more]) {
        for policy in text.parse::<PolicySet>().unwrap().policies() {
            let id = PolicyId::new(policy.annotation("id").unwrap());
            set.add(policy.new_id(id)).unwrap();
        }
    }
    set
}

#[tokio::test]
async fn every_guarantee_is_proved() {
    let Some(mut house) = House::open() else { return };
    let violations = house.violations(&policies_and(""), None).await;
    let report: Vec<_> = violations
        .iter()
        .map(|violation| format!("« {} » est fausse :\n{}", violation.phrase, violation.example))
        .collect();
    assert!(report.is_empty(), "{}", report.join("\n\n"));
}

/// The wrong policy that schools ask for: « un collègue peut bien saisir à ma place ».
#[tokio::test]
async fn a_policy_too_generous_is_refuted_by_an_example() {
    let Some(mut house) = House::open() else { return };
    let wrong = policies_and(
        r#"@id("collegues")
           permit (principal is Compte, action == Action::"SaisirNotes", resource is Enseignement)
           when { principal.enseigneDans.contains(resource.etablissement) };"#,
    );
    let violations = house.violations(&wrong, Some("SaisirNotes")).await;
    let [violation] = violations.as_slice() else { panic!("{} guarantees fell", violations.len()) };
    assert_eq!(violation.phrase, "Seul un enseignant de l'enseignement saisit une note");
    // The example is a real one: the engine itself lets it in, for that reason alone.
    let Env { request, entities } = &violation.example;
    let response = Authorizer::new().is_authorized(request, &wrong, entities);
    assert_eq!(response.decision(), Decision::Allow);
    assert!(response.diagnostics().reason().all(|id| id.to_string() == "collegues"));
    let sound = Authorizer::new().is_authorized(request, &policies_and(""), entities);
    assert_eq!(sound.decision(), Decision::Deny);
}

#[tokio::test]
async fn a_forbid_too_broad_is_refuted_too() {
    let Some(mut house) = House::open() else { return };
    let wrong = policies_and(
        r#"@id("tout-ou-rien")
           forbid (principal is Compte, action == Action::"RetirerPublication", resource is Publication)
           when { principal has personne && principal.personne == resource.auteur };"#,
    );
    let fallen = house.violations(&wrong, Some("RetirerPublication")).await.into_iter();
    let fallen: Vec<_> = fallen.map(|fallen| fallen.phrase).collect();
    assert_eq!(fallen, ["Le directeur de publication peut toujours retirer ce que porte son portail"]);
}

#[tokio::test]
async fn each_forbid_is_what_its_guarantee_leans_on() {
    let Some(mut house) = House::open() else { return };
    for (forbid, phrase) in [
        ("compte-suspendu", "Un compte suspendu ne peut rien"),
        ("exploitant-sans-donnees-pedagogiques", "L'exploitant ne lit aucune donnée pédagogique"),
        ("exploitant-sans-vie-de-l-eleve", "L'exploitant ne lit ni n'écrit rien de la vie d'un élève"),
        ("maison-fermee", "Où la maison lui est fermée, nul ne lit ni n'écrit rien"),
        ("nul-juge-et-partie", "Nul ne décide d'un signalement qui vise son propre contenu"),
    ] {
        let mut without = policies_and("");
        without.remove_static(PolicyId::new(forbid)).unwrap();
        let garantie = Garantie::all().into_iter().find(|garantie| garantie.phrase == phrase);
        let garantie = garantie.unwrap_or_else(|| panic!("no guarantee « {phrase} »"));
        assert!(garantie.refute(&mut house, &without).await.unwrap().is_some(), "without {forbid}");
    }
}

#[tokio::test]
async fn no_policy_ever_fails_and_none_is_a_dead_letter() {
    let Some(mut house) = House::open() else { return };
    let envs: Vec<_> = house.schema.request_envs().collect();
    for policy in policies_and("").policies() {
        let mut alive = false;
        for env in envs.iter().filter(|env| concerns(policy, env)) {
            let compiled = CompiledPolicy::compile(policy, env, &house.schema).unwrap();
            assert!(house.solver.check_never_errors_opt(&compiled).await.unwrap(), "{} fails", policy.id());
            alive = alive || !house.solver.check_never_matches_opt(&compiled).await.unwrap();
        }
        assert!(alive, "{} never applies", policy.id());
    }
}
