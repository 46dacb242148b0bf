//! Requests made from the schema alone: any root field, with arguments drawn by their types.
//! What the schema gains is asked without a line here.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// How deep objects are asked for below the root field.
const DEPTH: usize = 3;
/// Fields asked of an object that lead to others: the guard bounds the cost of a document.
const WAYS: usize = 2;

/// Values by what they are of: each kind is drawn as often as another, but the one that an
/// argument is named after, which is drawn more often.
pub type Tirage = BTreeMap<&'static str, Vec<String>>;

/// What arguments are drawn from.
#[derive(Clone)]
pub struct Urne {
    /// Global ids.
    pub ids: Tirage,
    /// The keys inside them, and others.
    pub uuids: Tirage,
    /// Names of portals, colours…
    pub textes: Tirage,
}

/// A request for one root field.
#[derive(Debug, Clone)]
pub struct Demande {
    pub document: String,
    pub variables: Value,
}

/// What is asked of what a field gives back.
#[derive(Clone, Copy, PartialEq)]
pub enum Etendue {
    /// As much as the guard lets through.
    Tout,
    /// The answer of the root field, and nothing that it leads to.
    Racine,
}

/// The schema, as it is served.
pub struct Schema(BTreeMap<String, TypeDefinition>);

impl Schema {
    pub fn servi() -> Self {
        let document = parse_schema(api::graphql::sdl()).unwrap();
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
        });
        Self(types.map(|definition| (definition.name.node.to_string(), definition)).collect())
    }

    /// The fields of a root, by their names.
    pub fn champs(&self, racine: &str) -> Vec<String> {
        self.fields(racine).iter().map(|field| field.name.node.to_string()).collect()
    }

    /// Every query and every mutation, after its root.
    pub fn portes(&self) -> Vec<(&'static str, String)> {
        let of = |root: &'static str| self.champs(root).into_iter().map(move |field| (root, field));
        ["Query", "Mutation"].into_iter().flat_map(of).collect()
    }

    /// The types that a field of a root may give back, if it names no one of them.
    pub fn rendus(&self, racine: &str, champ: &str) -> Vec<String> {
        let field = self.fields(racine).into_iter().find(|field| field.name.node == champ);
        field.map_or_else(Vec::new, |field| self.members(named(&field.ty.node)))
    }

    /// A request for `champ` of `Query`, `Mutation` or `Subscription`.
    pub fn demande(
        &self,
        racine: &str,
        champ: &str,
        urne: &Urne,
        etendue: Etendue,
        rng: &mut StdRng,
    ) -> Demande {
        let fields = self.fields(racine);
        let field = fields.iter().find(|field| field.name.node == champ).unwrap();
        let mut asked = Asked { schema: self, urne, rng, fields: 0, variables: vec![], values: Map::new() };
        let depth = if etendue == Etendue::Tout { DEPTH } else { 0 };
        let body = asked.field(field, depth);
        let (operation, declared) = (racine.to_lowercase(), parenthesised(&asked.variables));
        let document = format!("{operation}{declared} {{ {body} }}");
        Demande { document, variables: Value::Object(asked.values) }
    }

    fn is_leaf(&self, kind: &str) -> bool {
        let kind = self.0.get(kind).map(|definition| &definition.kind);
        matches!(kind, None | Some(TypeKind::Scalar | TypeKind::Enum(_)))
    }

    fn fields(&self, kind: &str) -> Vec<&FieldDefinition> {
        match self.0.get(kind).map(|definition| &definition.kind) {
            Some(TypeKind::Object(object)) => object.fields.iter().map(|field| &field.node).collect(),
            Some(TypeKind::Interface(interface)) => {
                interface.fields.iter().map(|field| &field.node).collect()
            }
            _ => vec![],
        }
    }

    fn members(&self, kind: &str) -> Vec<String> {
        let implements = |definition: &TypeDefinition| match &definition.kind {
            TypeKind::Object(object) => object.implements.iter().any(|name| name.node == kind),
            _ => false,
        };
        match self.0.get(kind).map(|definition| &definition.kind) {
            Some(TypeKind::Union(union)) => {
                union.members.iter().map(|member| member.node.to_string()).collect()
            }
            Some(TypeKind::Interface(_)) => self
                .0
                .iter()
                .filter(|(_, definition)| implements(definition))
                .map(|(name, _)| name.clone())
                .collect(),
            _ => vec![],
        }
    }
}

/// A request that is being made.
struct Asked<'a> {
    schema: &'a Schema,
    urne: &'a Urne,
    rng: &'a mut StdRng,
    fields: usize,
    /// Declared, with their types.
    variables: Vec<String>,
    values: Map<String, Value>,
}

impl Asked<'_> {
    fn field(&mut self, field: &FieldDefinition, depth: usize) -> String {
        self.fields += 1;
        // Two of one name may come with other arguments, or be of other types.
        let (number, name) = (self.fields, &field.name.node);
        let arguments: Vec<_> =
            field.arguments.iter().filter_map(|argument| self.argument(&argument.node, name)).collect();
        let arguments = parenthesised(&arguments);
        let selection = self.selection(named(&field.ty.node), depth);
        format!("_{number}: {name}{arguments}{selection}")
    }

    /// An optional argument is given half of the time, but a position to wait for never. The `id`
    /// of a field is an id of what the field is named after.
    fn argument(&mut self, argument: &InputValueDefinition, field: &str) -> Option<String> {
        let (name, kind) = (argument.name.node.as_str(), &argument.ty.node);
        if name == "apres" || kind.nullable && self.rng.random_bool(0.5) {
            return None;
        }
        let value = self.value(kind, if name == "id" { field } else { name });
        let variable = format!("v{}", self.variables.len());
        self.variables.push(format!("${variable}: {kind}"));
        self.values.insert(variable.clone(), value);
        Some(format!("{name}: ${variable}"))
    }

    fn selection(&mut self, kind: &str, depth: usize) -> String {
        if self.schema.is_leaf(kind) {
            return String::new();
        }
        let mut parts = vec!["__typename".to_owned()];
        if depth > 0 || kind.ends_with("Payload") {
            let below = depth.saturating_sub(1);
            parts.extend(self.parts(kind, below));
            for member in self.schema.members(kind) {
                let inside = self.parts(&member, below).join(" ");
                if !inside.is_empty() {
                    parts.push(format!("... on {member} {{ {inside} }}"));
                }
            }
        }
        format!(" {{ {} }}", parts.join(" "))
    }

    /// All leaves of a type, and some of the fields that lead to other objects.
    fn parts(&mut self, kind: &str, depth: usize) -> Vec<String> {
        let schema = self.schema;
        let (leaves, mut ways): (Vec<_>, Vec<_>) =
            schema.fields(kind).into_iter().partition(|field| schema.is_leaf(named(&field.ty.node)));
        // What a mutation refuses is always asked.
        let told = ways.iter().position(|field| field.name.node == "userErrors").map(|at| ways.remove(at));
        let mut parts: Vec<_> = leaves.into_iter().map(|field| self.field(field, 0)).collect();
        parts.extend(told.map(|field| self.field(field, 1)));
        if depth > 0 {
            let chosen: Vec<_> = ways.choose_multiple(self.rng, WAYS).copied().collect();
            parts.extend(chosen.into_iter().map(|field| self.field(field, depth)));
        }
        parts
    }

    fn value(&mut self, kind: &Type, argument: &str) -> Value {
        match &kind.base {
            BaseType::List(inner) => {
                (0..self.rng.random_range(1..=2)).map(|_| self.value(inner, argument)).collect()
            }
            BaseType::Named(name) => self.named_value(name, argument),
        }
    }

    fn draw(&mut self, from: &Tirage, argument: &str) -> Value {
        let argument = argument.to_lowercase();
        let named = |kind: &str| argument.strip_prefix(&kind.to_lowercase());
        let named = |kind: &str| named(kind).is_some_and(|rest| ["", "id", "s", "ids"].contains(&rest));
        let meant = from.iter().find(|(kind, _)| named(kind)).map(|(_, meant)| meant);
        // What has no kind of its name is most often somebody: who is absent, who leads…
        let meant = meant.or_else(|| from.get("Personne").filter(|_| argument.ends_with("id")));
        let of_one_kind = match meant.filter(|_| self.rng.random_bool(0.7)) {
            Some(meant) => Some(meant),
            None => from.values().collect::<Vec<_>>().choose(self.rng).copied(),
        };
        json!(of_one_kind.and_then(|values| values.choose(self.rng)))
    }

    fn named_value(&mut self, name: &str, argument: &str) -> Value {
        let urne = self.urne;
        match self.schema.0.get(name).map(|definition| &definition.kind) {
            Some(TypeKind::Enum(kind)) => {
                json!(kind.values.choose(self.rng).map(|value| value.node.value.node.to_string()))
            }
            Some(TypeKind::InputObject(input)) => {
                let fields: Vec<_> = input.fields.iter().map(|field| &field.node).collect();
                fields.into_iter().filter_map(|field| self.input(field)).collect::<Map<_, _>>().into()
            }
            _ => match name {
                "ID" => self.draw(&urne.ids, argument),
                "UUID" => self.draw(&urne.uuids, argument),
                "Int" if argument == "annee" => json!([2026, 2027].choose(self.rng)),
                "Int" => json!(self.rng.random_range(1..=20)),
                "Float" => json!(1.5),
                "Boolean" => json!(self.rng.random_bool(0.5)),
                "NaiveDate" => json!(["2026-09-01", "2026-11-23", "2027-06-30"].choose(self.rng)),
                "NaiveTime" => json!("08:00:00"),
                "DateTime" => json!("2026-11-23T08:00:00Z"),
                "Decimal" => json!("12.5"),
                "Position" => json!("ac-lyon/2026/1"),
                _ => self.draw(&urne.textes, argument),
            },
        }
    }

    fn input(&mut self, field: &InputValueDefinition) -> Option<(String, Value)> {
        let kind = &field.ty.node;
        let given = !kind.nullable || self.rng.random_bool(0.5);
        let name = field.name.node.as_str();
        given.then(|| (name.to_owned(), self.value(kind, name)))
    }
}

fn named(kind: &Type) -> &str {
    match &kind.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}

fn parenthesised(parts: &[String]) -> String {
    if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) }
}
