//! The policies' text, compiled into the program, and the checks that it passes
//! before anybody is let in.
//!
//! One file per context, so that a jurist finds a rule where the school would look
//! for it. Every policy names itself (`@id`), its source in law (`@article`) and what
//! it says (`@libelle`, in French); the schema is strict, so a policy that compares
//! things that cannot be compared never starts.

use super::Action;
use cedar_policy::{Effect, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::str::FromStr;

/// What may be asked, and of what: the source of the schema.
pub const SCHEMA: &str = include_str!("schema.cedarschema");

/// The source of the policies: context and text, in the order of their files.
pub const POLICIES: &[(&str, &str)] = &[
    ("commun", include_str!("policies/commun.cedar")),
    ("annuaire", include_str!("policies/annuaire.cedar")),
    ("portails", include_str!("policies/portails.cedar")),
    ("absences", include_str!("policies/absences.cedar")),
    ("notes", include_str!("policies/notes.cedar")),
    ("cahier_de_textes", include_str!("policies/cahier_de_textes.cedar")),
    ("pieces", include_str!("policies/pieces.cedar")),
    ("publications", include_str!("policies/publications.cedar")),
    ("audit", include_str!("policies/audit.cedar")),
    ("conservation", include_str!("policies/conservation.cedar")),
    ("identite", include_str!("policies/identite.cedar")),
    ("protection", include_str!("policies/protection.cedar")),
    ("notifications", include_str!("policies/notifications.cedar")),
    ("exploitation", include_str!("policies/exploitation.cedar")),
    ("vie_de_l_eleve", include_str!("policies/vie_de_l_eleve.cedar")),
];

/// A set of policies that the program refuses to start with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// The schema is not one.
    #[error("the schema cannot be read: {0}")]
    Schema(String),
    /// A file is not a set of policies.
    #[error("the policies of {context} cannot be read: {reason}")]
    Unreadable {
        /// The file's context.
        context: String,
        /// What the parser says.
        reason: String,
    },
    /// A policy does not say what it is or where it comes from.
    #[error("a policy of {context} has no @{annotation}")]
    Anonymous {
        /// The file's context.
        context: String,
        /// The annotation it lacks.
        annotation: &'static str,
    },
    /// Two policies have one name.
    #[error("two policies are called {0}")]
    Homonyms(String),
    /// A policy does not fit the schema, or can never apply.
    #[error("the policies do not fit the schema: {0}")]
    IllTyped(String),
    /// The schema and the program do not know the same actions.
    #[error("action {0} is known to the program or to the schema, not to both")]
    StrayAction(String),
}

/// Policies that were read and found sound.
pub(super) struct Sound {
    pub(super) schema: Schema,
    pub(super) policies: PolicySet,
    /// SHA-256 of the schema and all policies, in hexadecimal.
    pub(super) empreinte: String,
}

/// Reads and checks policies written for a schema.
pub(super) fn read(schema_text: &str, files: &[(&str, &str)]) -> Result<Sound, PolicyFault> {
    let (schema, _) =
        Schema::from_cedarschema_str(schema_text).map_err(|error| PolicyFault::Schema(error.to_string()))?;
    check_actions(&schema)?;
    let mut policies = PolicySet::new();
    for (context, text) in files {
        for policy in read_file(context, text)? {
            let id = policy.id().to_string();
            policies.add(policy).map_err(|_| PolicyFault::Homonyms(id))?;
        }
    }
    let verdict = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
    if !verdict.validation_passed_without_warnings() {
        let errors = verdict.validation_errors().map(ToString::to_string);
        let warnings = verdict.validation_warnings().map(ToString::to_string);
        return Err(PolicyFault::IllTyped(errors.chain(warnings).collect::<Vec<_>>().join("; ")));
    }
    Ok(Sound { schema, policies, empreinte: fingerprint(schema_text, files) })
}

/// The policies of one file, each under the name that it gives itself.
fn read_file(context: &str, text: &str) -> Result<Vec<Policy>, PolicyFault> {
    let set = PolicySet::from_str(text).map_err(|error| PolicyFault::Unreadable {
        context: context.to_owned(),
        reason: error.to_string(),
    })?;
    set.policies()
        .map(|policy| {
            let said = |name: &'static str| {
                let lacking = || PolicyFault::Anonymous { context: context.to_owned(), annotation: name };
                annotation(policy, name).filter(|text| !text.is_empty()).ok_or_else(lacking)
            };
            said("article")?;
            said("libelle")?;
            if policy.effect() == Effect::Permit {
                said("office")?;
            }
            Ok(policy.new_id(PolicyId::new(said("id")?)))
        })
        .collect()
}

/// What a policy says of itself under a name. `Policy::annotation` has the parser read the name each
/// time, which costs more than a decision.
pub(super) fn annotation<'a>(policy: &'a Policy, name: &str) -> Option<&'a str> {
    policy.annotations().find(|(known, _)| *known == name).map(|(_, text)| text)
}

/// An action that only one side knows is a use case without a rule, or a rule without a use case.
fn check_actions(schema: &Schema) -> Result<(), PolicyFault> {
    let declared: BTreeSet<String> = schema.actions().map(|uid| uid.id().unescaped().to_owned()).collect();
    let known: BTreeSet<String> = Action::ALL.iter().map(ToString::to_string).collect();
    match declared.symmetric_difference(&known).next() {
        Some(stray) => Err(PolicyFault::StrayAction(stray.clone())),
        None => Ok(()),
    }
}

/// Each text is preceded by its length: no two sets of files give the same bytes.
fn fingerprint(schema: &str, files: &[(&str, &str)]) -> String {
    let mut hash = Sha256::new();
    for text in std::iter::once(schema).chain(files.iter().flat_map(|(context, text)| [*context, *text])) {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> PolicyFault {
        read(SCHEMA, &[("essai", text)]).err().expect("a fault")
    }

    const HEAD: &str = r#"@id("essai") @article("aucun") @libelle("Essai.") @office("essai")"#;

    #[test]
    fn a_policy_names_its_article() {
        let fault = fault(r#"@id("essai") @libelle("Essai.") permit (principal, action, resource);"#);
        assert_eq!(fault, PolicyFault::Anonymous { context: "essai".into(), annotation: "article" });
    }

    #[test]
    fn an_empty_article_is_none() {
        let fault =
            fault(r#"@id("essai") @article("") @libelle("Essai.") permit (principal, action, resource);"#);
        assert_eq!(fault, PolicyFault::Anonymous { context: "essai".into(), annotation: "article" });
    }

    #[test]
    fn a_permission_names_the_office_in_which_one_then_acts() {
        let policy =
            r#"@id("essai") @article("aucun") @libelle("Essai.") permit (principal, action, resource);"#;
        let lacking = PolicyFault::Anonymous { context: "essai".into(), annotation: "office" };
        assert_eq!(fault(policy), lacking);
        assert!(read(SCHEMA, &[("essai", &policy.replace("permit", "forbid"))]).is_ok());
    }

    #[test]
    fn two_policies_have_two_names() {
        let twice = format!(
            "{HEAD} permit (principal, action, resource); {HEAD} permit (principal, action, resource);"
        );
        assert_eq!(fault(&twice), PolicyFault::Homonyms("essai".into()));
    }

    #[test]
    fn a_policy_that_reads_what_the_schema_does_not_declare_never_starts() {
        let policy = format!("{HEAD} permit (principal, action, resource) when {{ principal.zele }};");
        assert!(matches!(fault(&policy), PolicyFault::IllTyped(_)));
    }

    #[test]
    fn a_policy_that_can_never_apply_never_starts() {
        let policy =
            format!(r#"{HEAD} permit (principal is Anonyme, action == Action::"SaisirNotes", resource);"#);
        assert!(matches!(fault(&policy), PolicyFault::IllTyped(_)));
    }

    #[test]
    fn an_action_without_a_place_in_the_schema_is_found_at_start() {
        let schema = SCHEMA.replace("action LireJournal, SuivreJournal", "action LireJournal");
        let fault = read(&schema, POLICIES).err();
        assert_eq!(fault, Some(PolicyFault::StrayAction("SuivreJournal".into())));
    }

    #[test]
    fn one_changed_letter_changes_the_fingerprint() {
        let policy = format!("{HEAD} permit (principal, action, resource);");
        assert_ne!(
            fingerprint(SCHEMA, &[("essai", &policy)]),
            fingerprint(SCHEMA, &[("essai", &policy.replace("Essai", "essai"))])
        );
        assert_ne!(fingerprint("a", &[("b", "c")]), fingerprint("a", &[("bc", "")]));
    }
}
