//! What a GraphQL document may cost, decided before the engine looks at it.
//!
//! The engine's own limits are checked by walking into fragments at every spread, so
//! 60 fragments that each spread the next one twice (2.3 KB) cost it 2^60 steps. Here
//! each definition is walked once and its weight remembered: the work is linear in
//! the document, whatever it expands to.

use async_graphql::{
    Name, Positioned, ServerError,
    parser::{
        parse_query,
        types::{
            Directive, ExecutableDocument, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
        },
    },
};
use std::collections::HashMap;

/// How much a document may be.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Its length.
    pub bytes: usize,
    /// Brackets within brackets, of any kind.
    pub nesting: usize,
    /// Variables of one operation.
    pub variables: usize,
    /// Fragment definitions.
    pub fragments: usize,
    /// Directives on one node.
    pub directives: usize,
    /// Fields below one another, through fragments.
    pub depth: usize,
    /// Selections below one another, through fragments, whether they are of a field or not:
    /// `... { ... { a } }` has no depth, and is walked by as many calls of one another.
    pub levels: usize,
    /// Fields selected once every fragment is expanded.
    pub fields: usize,
}

impl Default for Bounds {
    /// Room for the introspection query of the usual clients, which is 15 levels deep.
    fn default() -> Self {
        Self {
            bytes: 64 * 1024,
            nesting: 40,
            variables: 64,
            fragments: 100,
            directives: 4,
            depth: 15,
            levels: 120,
            fields: 1000,
        }
    }
}

/// Why a document was not passed on.
#[derive(Debug, thiserror::Error)]
pub enum DocumentRefusal {
    /// More bytes than allowed.
    #[error("Ce document GraphQL dépasse {0} octets. Demandez moins de champs ou utilisez des variables.")]
    TropLong(usize),
    /// More brackets than anything should recurse on.
    #[error("Ce document GraphQL imbrique plus de {0} accolades, crochets ou parenthèses.")]
    TropImbrique(usize),
    /// No trusted document has this id.
    #[error("Aucun document approuvé n'a cet identifiant. Mettez votre application à jour.")]
    Inconnu,
    /// A document of one's own, where only trusted ones are taken.
    #[error("Cet ENT n'exécute que les documents approuvés. Nommez-en un par « documentId ».")]
    NonApprouve,
    /// Not GraphQL. The parser's sentence is for developers, in English.
    #[error("Document GraphQL illisible : {}", .0.message)]
    Illisible(Box<ServerError>),
    /// More variables than allowed.
    #[error("Cette opération a plus de {0} variables. Groupez-les dans un objet.")]
    TropDeVariables(usize),
    /// A variable that the operation can't do without (GraphQL §6.1.2).
    #[error("La variable « ${0} » est obligatoire.")]
    VariableManquante(Name),
    /// More fragments than allowed.
    #[error("Ce document GraphQL définit plus de {0} fragments.")]
    TropDeFragments(usize),
    /// More directives than allowed.
    #[error("Un élément de ce document porte plus de {0} directives.")]
    TropDeDirectives(usize),
    /// A fragment that contains itself.
    #[error("Le fragment « {0} » se contient lui-même.")]
    FragmentEnBoucle(Name),
    /// Too deep.
    #[error("Cette sélection a plus de {0} niveaux. Demandez le détail par une seconde requête.")]
    TropProfond(usize),
    /// Too many fields.
    #[error("Cette sélection dépasse {0} champs, fragments compris. Demandez moins de champs à la fois.")]
    TropDeChamps(usize),
}

impl DocumentRefusal {
    /// The frozen code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TropLong(_) => "DOCUMENT_TROP_LONG",
            Self::TropImbrique(_) => "DOCUMENT_TROP_IMBRIQUE",
            Self::Inconnu => "DOCUMENT_INCONNU",
            Self::NonApprouve => "DOCUMENT_NON_APPROUVE",
            Self::Illisible(_) => "DOCUMENT_ILLISIBLE",
            Self::TropDeVariables(_) => "DOCUMENT_TROP_DE_VARIABLES",
            Self::VariableManquante(_) => "VARIABLE_MANQUANTE",
            Self::TropDeFragments(_) => "DOCUMENT_TROP_DE_FRAGMENTS",
            Self::TropDeDirectives(_) => "DOCUMENT_TROP_DE_DIRECTIVES",
            Self::FragmentEnBoucle(_) => "DOCUMENT_FRAGMENT_EN_BOUCLE",
            Self::TropProfond(_) => "DOCUMENT_TROP_PROFOND",
            Self::TropDeChamps(_) => "DOCUMENT_TROP_DE_CHAMPS",
        }
    }
}

/// A document that keeps within the bounds, and what it weighs.
#[derive(Debug)]
pub struct Surveyed {
    /// The document, parsed.
    pub document: ExecutableDocument,
    /// Its heaviest operation.
    pub weight: Weight,
    /// How many selections were looked at to know it.
    pub steps: usize,
    /// How long its text is.
    pub bytes: usize,
}

/// What a selection comes to once its fragments are expanded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    /// Its fields, however deep.
    pub fields: usize,
    /// Its fields below one another.
    pub depth: usize,
    /// Its selections below one another.
    pub levels: usize,
}

impl Weight {
    fn beside(self, other: Self) -> Self {
        let fields = self.fields.saturating_add(other.fields);
        Self { fields, ..self.heavier_of(other) }
    }

    fn heavier_of(self, other: Self) -> Self {
        Self {
            fields: self.fields.max(other.fields),
            depth: self.depth.max(other.depth),
            levels: self.levels.max(other.levels),
        }
    }

    fn under_a_field(self) -> Self {
        Self { fields: self.fields.saturating_add(1), depth: self.depth.saturating_add(1), ..self }
    }

    fn one_level_up(self) -> Self {
        Self { levels: self.levels.saturating_add(1), ..self }
    }
}

/// Parses and weighs a document.
pub fn survey(source: &str, bounds: &Bounds) -> Result<Surveyed, DocumentRefusal> {
    if source.len() > bounds.bytes {
        return Err(DocumentRefusal::TropLong(bounds.bytes));
    }
    if nesting(source) > bounds.nesting {
        return Err(DocumentRefusal::TropImbrique(bounds.nesting));
    }
    let document = parse_query(source).map_err(|error| DocumentRefusal::Illisible(Box::new(error.into())))?;
    if document.fragments.len() > bounds.fragments {
        return Err(DocumentRefusal::TropDeFragments(bounds.fragments));
    }
    let mut surveyor =
        Surveyor { fragments: &document.fragments, bounds, known: HashMap::new(), level: 0, steps: 0 };
    // In the order of the text, so that of two faults the first is named every time. Fragments
    // that no operation uses are walked too: the engine walks them.
    let mut fragments: Vec<_> = document.fragments.iter().collect();
    fragments.sort_unstable_by_key(|(_, fragment)| fragment.pos);
    for (name, _) in fragments {
        surveyor.fragment(name)?;
    }
    let mut operations: Vec<_> = document.operations.iter().map(|(_, operation)| operation).collect();
    operations.sort_unstable_by_key(|operation| operation.pos);
    let mut weight = Weight::default();
    for operation in operations {
        weight = surveyor.operation(&operation.node)?.heavier_of(weight);
    }
    let steps = surveyor.steps;
    Ok(Surveyed { document, weight, steps, bytes: source.len() })
}

struct Surveyor<'d> {
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    bounds: &'d Bounds,
    /// `None` while the fragment is being walked: to meet it again then is a cycle.
    known: HashMap<&'d Name, Option<Weight>>,
    /// Selections that are being walked: the calls on the stack.
    level: usize,
    steps: usize,
}

impl<'d> Surveyor<'d> {
    fn operation(&mut self, operation: &'d OperationDefinition) -> Result<Weight, DocumentRefusal> {
        if operation.variable_definitions.len() > self.bounds.variables {
            return Err(DocumentRefusal::TropDeVariables(self.bounds.variables));
        }
        for variable in &operation.variable_definitions {
            self.directives(&variable.node.directives)?;
        }
        self.directives(&operation.directives)?;
        self.selection_set(&operation.selection_set.node)
    }

    fn selection_set(&mut self, set: &'d SelectionSet) -> Result<Weight, DocumentRefusal> {
        if set.items.is_empty() {
            return Ok(Weight::default());
        }
        if self.level >= self.bounds.levels {
            return Err(DocumentRefusal::TropProfond(self.bounds.levels));
        }
        self.level += 1;
        let weight = self.selections(set)?;
        self.level -= 1;
        self.within_bounds(weight.one_level_up())
    }

    fn selections(&mut self, set: &'d SelectionSet) -> Result<Weight, DocumentRefusal> {
        let mut total = Weight::default();
        for selection in &set.items {
            self.steps += 1;
            let weight = match &selection.node {
                Selection::Field(field) => {
                    self.directives(&field.node.directives)?;
                    self.selection_set(&field.node.selection_set.node)?.under_a_field()
                }
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.node.directives)?;
                    self.selection_set(&inline.node.selection_set.node)?
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives)?;
                    self.fragment(&spread.node.fragment_name.node)?
                }
            };
            total = total.beside(weight);
        }
        Ok(total)
    }

    /// An unknown fragment weighs a field: the engine will say that it is unknown, but comes
    /// to it by every spread, so that what leads there must not look empty.
    fn fragment(&mut self, name: &'d Name) -> Result<Weight, DocumentRefusal> {
        match self.known.get(name) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => return Err(DocumentRefusal::FragmentEnBoucle(name.clone())),
            None => {}
        }
        let Some(fragment) = self.fragments.get(name) else {
            return Ok(Weight { fields: 1, ..Weight::default() });
        };
        self.known.insert(name, None);
        self.directives(&fragment.node.directives)?;
        let weight = self.selection_set(&fragment.node.selection_set.node)?;
        self.known.insert(name, Some(weight));
        Ok(weight)
    }

    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<(), DocumentRefusal> {
        if directives.len() > self.bounds.directives {
            return Err(DocumentRefusal::TropDeDirectives(self.bounds.directives));
        }
        Ok(())
    }

    fn within_bounds(&self, weight: Weight) -> Result<Weight, DocumentRefusal> {
        if weight.depth > self.bounds.depth {
            return Err(DocumentRefusal::TropProfond(self.bounds.depth));
        }
        // Of fragments that were walked before, what they add is known and not walked again.
        if weight.levels > self.bounds.levels {
            return Err(DocumentRefusal::TropProfond(self.bounds.levels));
        }
        if weight.fields > self.bounds.fields {
            return Err(DocumentRefusal::TropDeChamps(self.bounds.fields));
        }
        Ok(weight)
    }
}

/// How deep brackets lie within brackets, outside strings and comments. The parser and
/// every rule of the engine recurse on them: values have no limit of theirs, and what stops
/// the parser (some 900 levels) is an accident of its generator.
fn nesting(source: &str) -> usize {
    let (mut rest, mut depth, mut deepest) = (source.as_bytes(), 0_usize, 0);
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b'#' => after_comment(after),
            b'"' => after_string(rest),
            _ => after,
        };
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn after_comment(source: &[u8]) -> &[u8] {
    let end = source.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(source.len());
    source.split_at(end).1
}

/// What follows the string that opens `source`; a plain string ends with its line.
fn after_string(source: &[u8]) -> &[u8] {
    if let Some(mut rest) = source.strip_prefix(b"\"\"\"") {
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix(b"\"\"\"") {
                return after;
            }
            rest = rest.strip_prefix(b"\\\"\"\"").unwrap_or_else(|| rest.split_at(1).1);
        }
        return rest;
    }
    let mut rest = source.split_at(1).1;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b'"' => return after,
            b'\n' | b'\r' => return rest,
            b'\\' => after.split_first().map_or(after, |(_, escaped)| escaped),
            _ => after,
        };
    }
    rest
}

#[cfg(test)]
mod tests;
