//! Who acts where, in tests that are not about that.

use domain::{CommandeId, CompteId, PersonneId, PortailId, journee};
use ledger::envelope::{Actor, Authority};
use ledger::unit::Context;
use serde_json::Value;

/// The portal of tests that need one.
pub const PORTAIL: &str = "0690001b";

/// A portal by its label.
///
/// # Panics
/// On a label that is none: it is written in a test.
#[allow(clippy::expect_used)]
pub fn portail(label: &str) -> PortailId {
    label.parse().expect("a test names its portals by their labels")
}

/// An input with what is asked besides.
pub fn avec(mut input: Value, more: Value) -> Value {
    if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
        input.extend(more);
    }
    input
}

/// A context for one command, whose id is derived from `command`.
pub fn context(portail: &PortailId, command: &[&str], now: chrono::DateTime<chrono::Utc>) -> Context {
    let personne = PersonneId::derived(&["enseignante"]);
    Context {
        portail: portail.clone(),
        actor: Actor {
            compte: CompteId::personnel(personne),
            personne: Some(personne),
            office: "enseignant".to_owned(),
        },
        authority: Authority { policies: vec!["essai".to_owned()], policy_set: "00".repeat(32) },
        command_id: CommandeId::derived(command),
        cause: None,
        business_date: journee(now),
    }
}
