//! Whether a document could be executed, without executing it: for those that a frontend
//! hands in before it asks.

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::parser::types::{BaseType, ExecutableDocument};
use async_graphql::{Name, Request, Response, Value, Variables};
use std::sync::Arc;

/// Stands where documents are executed, and doesn't.
struct Abstain;

impl ExtensionFactory for Abstain {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Abstain {
    async fn execute(&self, _: &ExtensionContext<'_>, _: Option<&str>, _: NextExecute<'_>) -> Response {
        Response::default()
    }
}

/// A schema that tells good documents from bad ones.
pub struct Validator(super::Schema);

impl Default for Validator {
    fn default() -> Self {
        Self(super::builder().extension(Abstain).finish())
    }
}

impl Validator {
    /// What is wrong with a document, operation by operation; nothing if it is good.
    pub async fn faults(&self, document: &ExecutableDocument) -> Vec<String> {
        let mut faults = Vec::new();
        for (name, operation) in document.operations.iter() {
            let mut request = Request::new("").variables(usual(&operation.node.variable_definitions));
            request.operation_name = name.map(ToString::to_string);
            request.set_parsed_query(document.clone());
            let errors = self.0.execute(request).await.errors;
            faults.extend(errors.into_iter().map(|error| {
                let place = error.locations.first().map(|place| format!("line {}: ", place.line));
                format!("{}{}", place.unwrap_or_default(), error.message)
            }));
        }
        faults
    }
}

/// Numbers where numbers will stand: the cost of a list is that of its length.
fn usual(
    definitions: &[async_graphql::Positioned<async_graphql::parser::types::VariableDefinition>],
) -> Variables {
    let mut variables = Variables::default();
    for definition in definitions.iter().map(|definition| &definition.node) {
        if definition.var_type.node.base == BaseType::Named(Name::new("Int")) {
            variables.insert(definition.name.node.clone(), Value::from(USUAL_LENGTH));
        }
    }
    variables
}

/// How many of a list are asked for, as a rule.
const USUAL_LENGTH: i32 = 20;
