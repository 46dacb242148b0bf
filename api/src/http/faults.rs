//! The engine's answer, made fit to leave the house.
//!
//! A refusal has a code and is passed on. What has none was not foreseen: the log gets
//! the cause, the user a reference to it. And what the engine found wrong with the
//! request itself is for the developer of the client, in the engine's English.

use super::exchange::Trace;
use async_graphql::{ErrorExtensionValues, Name, PathSegment, Response, ServerError, Value};
use serde::Serialize;
use std::collections::BTreeMap;

/// The code of what was not foreseen.
pub(super) const CODE: &str = "ERREUR_INTERNE";

/// A document with a thousand faults is answered with the first ones.
const MAX_ERRORS: usize = 20;

/// What is written on the wire.
#[derive(Serialize)]
pub(super) struct Presented {
    /// Absent when nothing was executed (GraphQL §7.1.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ServerError>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: BTreeMap<String, Value>,
}

impl Presented {
    pub fn of(response: Response, trace: &Trace) -> Self {
        let Response { mut data, extensions, errors, .. } = response;
        let executed = errors.is_empty() || data != Value::Null || errors.iter().any(|e| !e.path.is_empty());
        errors.iter().for_each(|error| restore(&mut data, &error.path));
        let errors = errors.into_iter().take(MAX_ERRORS).map(|error| present(error, executed, trace));
        Self { errors: errors.collect(), data: executed.then_some(data), extensions }
    }

    /// Whether the request was refused as a whole, before anything was executed.
    pub fn is_request_error(&self) -> bool {
        self.data.is_none()
    }
}

/// A value that its type does not have is the request's own fault: GraphQL wants it refused
/// before anything is executed (§5.6.1 and §6.1.2). The engine finds out that of our scalars on
/// its way, and leaves out fields that may not be null; what was only read is then no answer.
pub(super) fn refuse_wrong_values(mut response: Response) -> Response {
    if response.errors.iter().any(is_a_wrong_value) {
        response.data = Value::Null;
        response.errors.iter_mut().for_each(|error| error.path.clear());
    }
    response
}

/// The engine (7.2) leaves a failed field out of its object, where the specification
/// wants null (GraphQL §6.4.4) and clients with a cache rely on it.
fn restore(data: &mut Value, path: &[PathSegment]) {
    match (data, path) {
        (Value::Object(object), [PathSegment::Field(last)]) => {
            object.entry(Name::new(last)).or_insert(Value::Null);
        }
        (Value::Object(object), [PathSegment::Field(name), rest @ ..]) => {
            if let Some(below) = object.get_mut(name.as_str()) {
                restore(below, rest);
            }
        }
        (Value::List(items), [PathSegment::Index(index), rest @ ..]) => {
            if let Some(below) = items.get_mut(*index) {
                restore(below, rest);
            }
        }
        _ => {}
    }
}

/// What a user is told of a fault.
pub(super) fn masked(trace: &Trace) -> String {
    format!("Erreur interne, réf. {trace}. Si elle se répète, communiquez cette référence à l'assistance.")
}

fn present(mut error: ServerError, executed: bool, trace: &Trace) -> ServerError {
    let coded = error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some());
    let mut extensions = error.extensions.take().unwrap_or_default();
    if coded {
        set_trace(&mut extensions, trace);
    } else {
        let code = if is_a_wrong_value(&error) {
            "VALEUR_INVALIDE"
        } else if !executed {
            "REQUETE_INVALIDE"
        } else {
            log(&error);
            error.message = masked(trace);
            // What else it said was not meant for outside either.
            extensions = ErrorExtensionValues::default();
            CODE
        };
        extensions.set("code", code);
        set_trace(&mut extensions, trace);
    }
    error.source = None;
    ServerError { extensions: Some(extensions), ..error }
}

fn set_trace(extensions: &mut ErrorExtensionValues, trace: &Trace) {
    extensions.set("trace", trace.as_str());
}

/// The engine coerces custom scalars while it executes; its two sentences on failure
/// (`InputValueError`) are all that tells them from a resolver's.
fn is_a_wrong_value(error: &ServerError) -> bool {
    error.source.is_none()
        && (error.message.starts_with("Failed to parse \"")
            || error.message.starts_with("Expected input type \""))
}

fn log(error: &ServerError) {
    let path = error.path.iter().map(|segment| match segment {
        PathSegment::Field(name) => name.clone(),
        PathSegment::Index(index) => index.to_string(),
    });
    let path = path.collect::<Vec<_>>().join(".");
    // Resolvers fail with an anyhow::Error, whose alternate form is the whole chain.
    let cause = match error.source::<anyhow::Error>() {
        Some(cause) => format!("{cause:#}"),
        None => error.message.clone(),
    };
    tracing::error!(path, cause, "a resolver failed");
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::value;

    #[test]
    fn a_failed_field_is_null_wherever_it_lies() {
        let field = |name: &str| PathSegment::Field(name.to_owned());
        let mut data = value!({"classes": [{"nom": "6A"}, {"nom": "6B"}], "ecole": null});
        restore(&mut data, &[field("classes"), PathSegment::Index(1), field("appel")]);
        restore(&mut data, &[field("classes"), PathSegment::Index(9), field("appel")]);
        restore(&mut data, &[field("classes"), PathSegment::Index(0), field("nom")]);
        restore(&mut data, &[field("ecole"), field("adresse")]);
        restore(&mut data, &[]);
        let restored = value!({"classes": [{"nom": "6A"}, {"nom": "6B", "appel": null}], "ecole": null});
        assert_eq!(data, restored);
    }
}
