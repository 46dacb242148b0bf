//! The parameters of a GraphQL request (GraphQL over HTTP §5 and appendix A), from wherever
//! they come, and the engine's request that is made of them.

use super::{
    documents::{Documents, Meant},
    exchange::Trace,
    guard::DocumentRefusal,
};
use crate::identity::Identite;
use async_graphql::{
    Request, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
};
use axum::{extract::Query, http::Uri};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The parameters, of the right types.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Params {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    extensions: Option<Map<String, Value>>,
}

/// Parameters that are missing or of the wrong type. The detail is for developers.
#[derive(Debug, thiserror::Error)]
pub(super) enum Malformed {
    #[error("Le corps n'est pas un objet JSON (les lots de requêtes ne sont pas admis) : {0}")]
    NotAnObject(serde_json::Error),
    #[error("Un paramètre GraphQL manque ou n'est pas du type attendu : {0}")]
    WrongType(serde_json::Error),
    #[error("Les paramètres de l'adresse sont illisibles.")]
    Address,
    #[error(
        "Un document est attendu : son texte dans « query », ou l'identifiant d'un document approuvé \
             dans « documentId », et pas les deux."
    )]
    OneDocument,
}

impl Params {
    /// From a body. Through a map: serde would read a struct from an array as well.
    pub fn from_json(body: &[u8]) -> Result<Self, Malformed> {
        Self::from_map(serde_json::from_slice(body).map_err(Malformed::NotAnObject)?)
    }

    pub fn from_map(map: Map<String, Value>) -> Result<Self, Malformed> {
        serde_json::from_value::<Self>(Value::Object(map)).map_err(Malformed::WrongType)?.of_one_document()
    }

    fn of_one_document(self) -> Result<Self, Malformed> {
        if self.query.is_some() == self.document_id.is_some() {
            Err(Malformed::OneDocument)
        } else {
            Ok(self)
        }
    }

    /// Whether the document is named, not written out.
    pub fn names_a_document(&self) -> bool {
        self.document_id.is_some()
    }

    /// From a query string, where `variables` and `extensions` are JSON themselves.
    pub fn from_address(uri: &Uri) -> Result<Self, Malformed> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Address {
            query: Option<String>,
            document_id: Option<String>,
            operation_name: Option<String>,
            variables: Option<String>,
            extensions: Option<String>,
        }
        let Query(address) = Query::<Address>::try_from_uri(uri).map_err(|_| Malformed::Address)?;
        let map = |text: Option<String>| match text.as_deref() {
            None | Some("") => Ok(None),
            Some(text) => serde_json::from_str(text).map_err(Malformed::WrongType),
        };
        let params = Self {
            query: address.query,
            document_id: address.document_id,
            operation_name: address.operation_name.filter(|name| !name.is_empty()),
            variables: map(address.variables)?,
            extensions: map(address.extensions)?,
        };
        params.of_one_document()
    }

    /// Finds the document and makes the engine's request, parsed already.
    pub fn prepare(
        mut self,
        documents: &Documents,
        identite: Identite,
        trace: &Trace,
    ) -> Result<Prepared, DocumentRefusal> {
        let most = documents.bounds.variables;
        if self.variables.as_ref().is_some_and(|variables| variables.len() > most) {
            return Err(DocumentRefusal::TropDeVariables(most));
        }
        let meant = match (self.document_id.take(), self.query.take()) {
            (Some(id), _) => Meant::Id(id),
            (None, text) => Meant::Text(text.unwrap_or_default()),
        };
        let surveyed = documents.find(&meant, identite)?;
        let document = &surveyed.document;
        let operations = candidates(document, self.operation_name.as_deref());
        let only_reads = operations.iter().all(|operation| operation.ty == OperationType::Query);
        let subscribes = operations.iter().any(|operation| operation.ty == OperationType::Subscription);
        if let [operation] = operations.as_slice() {
            self.has_variables_of(operation)?;
        }
        // The engine needs no text for what is parsed.
        let mut request = Request::new("").data(identite).data(trace.clone());
        request.operation_name = self.operation_name;
        request.set_parsed_query(document.clone());
        if let Some(variables) = self.variables {
            request.variables = Variables::from_json(Value::Object(variables));
        }
        for (name, value) in self.extensions.into_iter().flatten() {
            if let Ok(value) = async_graphql::Value::from_json(value) {
                request.extensions.insert(name, value);
            }
        }
        // The SDL is public; to have the engine spell it out is for comptes.
        if identite == Identite::Anonyme {
            request = request.disable_introspection();
        }
        Ok(Prepared { request, only_reads, subscribes })
    }

    /// The engine misses a variable only where it is used, when half is executed.
    fn has_variables_of(&self, operation: &OperationDefinition) -> Result<(), DocumentRefusal> {
        let given = |name: &str| {
            self.variables.as_ref().and_then(|variables| variables.get(name)).is_some_and(|v| !v.is_null())
        };
        let missing =
            operation.variable_definitions.iter().map(|definition| &definition.node).find(|variable| {
                !variable.var_type.node.nullable
                    && variable.default_value.is_none()
                    && !given(&variable.name.node)
            });
        match missing {
            Some(variable) => Err(DocumentRefusal::VariableManquante(variable.name.node.clone())),
            None => Ok(()),
        }
    }
}

/// A request that the engine may be given.
pub(super) struct Prepared {
    pub request: Request,
    /// Whether it is a query, and so may come by GET.
    pub only_reads: bool,
    /// Whether it may go on for ever.
    pub subscribes: bool,
}

/// The operation that would run, or all of them where none of that name exists: the
/// engine will say which is meant.
fn candidates<'d>(document: &'d ExecutableDocument, name: Option<&str>) -> Vec<&'d OperationDefinition> {
    let named = match (&document.operations, name) {
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        _ => None,
    };
    match named {
        Some(operation) => vec![&operation.node],
        None => document.operations.iter().map(|(_, operation)| &operation.node).collect(),
    }
}
