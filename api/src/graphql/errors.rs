//! Refusals as typed data.

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaEnumValue, MetaType, MetaTypeId, Registry};
use async_graphql::{ContextSelectionSet, Interface, Object, OutputType, Positioned, ServerResult, Value};
use commands::UseCaseError;
use std::borrow::Cow;

/// Codes that are not an aggregate's own.
const COMMON: [&str; 4] = ["INTERDIT", "CONFLIT", "COMMANDE_REUTILISEE", "SAISIE_INVALIDE"];

/// Why a mutation was refused.
#[derive(Debug, Clone)]
pub struct Refus {
    code: &'static str,
    field: Option<&'static str>,
    message: String,
}

/// Un refus.
#[derive(Interface)]
#[graphql(
    field(name = "code", ty = "Code", desc = "Code stable, pour les programmes."),
    field(
        name = "field",
        ty = "Option<Vec<&'static str>>",
        desc = "Chemin du champ en cause dans la saisie, s'il y en a un."
    ),
    field(name = "message", ty = "&str", desc = "Phrase en français, pour la personne qui lit.")
)]
pub enum UserError {
    /// A refusal of the domain or of the rights.
    Refus(Refus),
}

#[Object]
/// Un refus du domaine ou des droits.
impl Refus {
    /// Code stable, pour les programmes.
    async fn code(&self) -> Code {
        Code(self.code)
    }

    /// Chemin du champ en cause dans la saisie, s'il y en a un.
    async fn field(&self) -> Option<Vec<&'static str>> {
        self.field.map(|field| vec!["input", field])
    }

    /// Phrase en français, pour la personne qui lit.
    async fn message(&self) -> &str {
        &self.message
    }
}

impl Refus {
    /// The input itself cannot be read.
    pub fn invalid(field: &'static str, message: impl ToString) -> Self {
        Self { code: "SAISIE_INVALIDE", field: Some(field), message: message.to_string() }
    }

    /// The refusal in an error of a use case; what is none is given back.
    pub fn of(error: UseCaseError) -> Result<Self, UseCaseError> {
        match error {
            UseCaseError::Refused(refused) => {
                Ok(Self { code: refused.code, field: refused.field, message: refused.message })
            }
            UseCaseError::Interdit | UseCaseError::Conflict | UseCaseError::CommandReused => {
                Ok(Self { code: error.code().unwrap_or(COMMON[0]), field: None, message: error.to_string() })
            }
            UseCaseError::Unavailable | UseCaseError::Fault(_) => Err(error),
        }
    }
}

/// The enum of all refusal codes, gathered from the domain: a refusal is declared there
/// and nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Code(&'static str);

impl OutputType for Code {
    fn type_name() -> Cow<'static, str> {
        "CodeDeRefus".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Enum, |_| MetaType::Enum {
            name: Self::type_name().into_owned(),
            description: Some("Codes de refus. D'autres peuvent s'ajouter.".to_owned()),
            enum_values: codes().map(|code| (code.to_owned(), enum_value(code))).collect(),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: Some(std::any::type_name::<Self>()),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        })
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Enum(async_graphql::Name::new(self.0)))
    }
}

fn codes() -> impl Iterator<Item = &'static str> {
    let of_domain = domain::refusal_catalogue().into_iter().map(|spec| spec.code);
    let all: std::collections::BTreeSet<_> = of_domain.chain(COMMON).collect();
    all.into_iter()
}

fn enum_value(code: &str) -> MetaEnumValue {
    MetaEnumValue {
        name: code.to_owned(),
        description: None,
        deprecation: async_graphql::registry::Deprecation::NoDeprecated,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        directive_invocations: Vec::new(),
    }
}
