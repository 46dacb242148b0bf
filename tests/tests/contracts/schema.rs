//! The GraphQL schema: committed as it is, and never broken for who relies on the
//! released one.

use super::approve;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, InputValueDefinition, ServiceDocument, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use std::collections::BTreeMap;
use std::path::Path;

/// The schema that frontends were last given; moved forward by a release.
const RELEASED: &str = "contracts/schema.released.graphql";

#[test]
fn the_schema_is_the_approved_one() {
    approve("api/schema.graphql", &api::graphql::sdl());
}

#[test]
fn the_schema_breaks_nothing_that_was_released() {
    let released = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(RELEASED)).unwrap();
    assert_eq!(breaks(&released, &api::graphql::sdl()), Vec::<String>::new());
}

#[test]
fn a_break_is_found() {
    let old = "type Query { a(x: Int): String! b: Int c: Int } enum E { A B } input I { x: Int }";
    let new = "type Query { a(x: Int, y: Int!): String b: Float } enum E { A } input I { x: Int z: Int! }";
    assert_eq!(
        breaks(old, new),
        [
            "enum E: value B is gone",
            "input I: field z is new and mandatory",
            "Query.a: argument y is new and mandatory",
            "Query.a: String! became String",
            "Query.b: Int became Float",
            "Query.c is gone",
        ]
    );
    assert_eq!(
        breaks(
            old,
            "type Query { a(x: Int, y: Int): String! b: Int! c: Int d: Int } enum E { A B C } input I { x: Int z: Int }"
        ),
        Vec::<String>::new()
    );
}

type Types = BTreeMap<String, TypeDefinition>;

fn types(document: ServiceDocument) -> Types {
    let definitions = document.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(definition.node),
        TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
    });
    definitions.map(|definition| (definition.name.node.to_string(), definition)).collect()
}

/// What a client of `old` could no longer rely on in `new`.
fn breaks(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (types(parse_schema(old).unwrap()), types(parse_schema(new).unwrap()));
    let mut found = Vec::new();
    for (name, before) in &old {
        match new.get(name) {
            None => found.push(format!("{name} is gone")),
            Some(after) => compare(name, &before.kind, &after.kind, &mut found),
        }
    }
    found
}

fn compare(name: &str, before: &TypeKind, after: &TypeKind, found: &mut Vec<String>) {
    match (before, after) {
        (TypeKind::Object(before), TypeKind::Object(after)) => {
            fields(name, &before.fields, &after.fields, found);
        }
        (TypeKind::Interface(before), TypeKind::Interface(after)) => {
            fields(name, &before.fields, &after.fields, found);
        }
        (TypeKind::Enum(before), TypeKind::Enum(after)) => {
            for value in &before.values {
                if !after.values.iter().any(|other| other.node.value == value.node.value) {
                    found.push(format!("enum {name}: value {} is gone", value.node.value.node));
                }
            }
        }
        (TypeKind::Union(before), TypeKind::Union(after)) => {
            for member in &before.members {
                if !after.members.iter().any(|other| other.node == member.node) {
                    found.push(format!("union {name}: member {} is gone", member.node));
                }
            }
        }
        (TypeKind::InputObject(before), TypeKind::InputObject(after)) => {
            inputs(&format!("input {name}: field"), &before.fields, &after.fields, found);
        }
        (TypeKind::Scalar, TypeKind::Scalar) => {}
        _ => found.push(format!("{name} became something else")),
    }
}

type Fields = [async_graphql::Positioned<async_graphql::parser::types::FieldDefinition>];

fn fields(name: &str, before: &Fields, after: &Fields, found: &mut Vec<String>) {
    for field in before {
        let field = &field.node;
        let path = format!("{name}.{}", field.name.node);
        let Some(now) = after.iter().find(|other| other.node.name.node == field.name.node) else {
            found.push(format!("{path} is gone"));
            continue;
        };
        inputs(&format!("{path}: argument"), &field.arguments, &now.node.arguments, found);
        if !is_output_kept(&field.ty.node, &now.node.ty.node) {
            found.push(format!("{path}: {} became {}", field.ty.node, now.node.ty.node));
        }
    }
}

type Inputs = [async_graphql::Positioned<InputValueDefinition>];

fn inputs(what: &str, before: &Inputs, after: &Inputs, found: &mut Vec<String>) {
    for input in before {
        let input = &input.node;
        match after.iter().find(|other| other.node.name.node == input.name.node) {
            None => found.push(format!("{what} {} is gone", input.name.node)),
            // An input may become more tolerant, never stricter.
            Some(now) if !is_output_kept(&now.node.ty.node, &input.ty.node) => {
                found.push(format!(
                    "{what} {}: {} became {}",
                    input.name.node, input.ty.node, now.node.ty.node
                ));
            }
            Some(_) => {}
        }
    }
    for input in after.iter().map(|input| &input.node) {
        let known = before.iter().any(|other| other.node.name.node == input.name.node);
        if !known && !input.ty.node.nullable && input.default_value.is_none() {
            found.push(format!("{what} {} is new and mandatory", input.name.node));
        }
    }
}

/// Whether whoever reads `before` can read `after`: the same, or never null any more.
fn is_output_kept(before: &Type, after: &Type) -> bool {
    let base = match (&before.base, &after.base) {
        (BaseType::Named(before), BaseType::Named(after)) => before == after,
        (BaseType::List(before), BaseType::List(after)) => is_output_kept(before, after),
        (BaseType::Named(_), BaseType::List(_)) | (BaseType::List(_), BaseType::Named(_)) => false,
    };
    base && (before.nullable || !after.nullable)
}
