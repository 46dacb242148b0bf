//! The document guard: its verdict is the same twice, its work linear in the document, and
//! what it lets through weighs what it says.

use super::{seeds::Language, target};
use api::http::guard::{Bounds, DocumentRefusal, Surveyed, Weight, survey};
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

pub const GRAPHQL: Language = Language {
    texts: &[
        b"query Q($a: Int! = 1, $b: [String!]) { a(x: $a, y: [{z: \"s\"}]) @skip(if: false) { ...f b } }\n\
         fragment f on Query { c ...g d { ... on Query { e } } }\nfragment g on Query { h: i }\n",
        b"mutation { ecrire } query B { bonjour } subscription S { compte(jusquA: 3) }",
        b"{ ...f0 ...f0 } fragment f0 on Q { ...f1 ...f1 } fragment f1 on Q { ...f2 ...f2 } fragment f2 on Q { a }",
        b"{ a(x: \"\"\"block \\\"\"\" text\"\"\", y: 1.5e3, z: ENUM, n: null, v: true) }",
    ],
    words: &[
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "!",
        "$a",
        ": ",
        "@skip(if: true) ",
        "...",
        "...f ",
        "...g ",
        "...f0 ",
        "...f1 ",
        "fragment f on Query ",
        "fragment h on Query { ...h } ",
        "...{...{...{...{...{...{...{...{",
        "query ",
        "mutation ",
        "{ a } ",
        "a ",
        "\"",
        "\"\"\"",
        "\\u",
        "\\u{1F600}",
        "#",
        "\n",
        "\r",
        "\u{FEFF}",
        ",",
        "1e999",
        "-0",
        "on Query ",
        "__typename ",
        "=",
        "&",
        "|",
        "\"\\\"",
        "extend type Q { a: Int }",
        "null",
        "é",
    ],
};

#[test]
fn the_guard_decides_alike_in_linear_work_and_weighs_rightly() {
    let bounds = Bounds::default();
    target!("document", |input| {
        let Ok(source) = String::from_utf8(GRAPHQL.text(input)) else { return };
        let verdict = survey(&source, &bounds);
        assert_eq!(told(&verdict), told(&survey(&source, &bounds)), "two verdicts on one document");
        if let Ok(Surveyed { document, weight, steps, .. }) = verdict {
            // A selection takes two bytes at least: its name, and what parts it from the next.
            assert!(steps <= source.len() / 2, "{steps} steps for {} bytes", source.len());
            assert_eq!(expanded(&document), weight);
        }
    });
}

fn told(verdict: &Result<Surveyed, DocumentRefusal>) -> String {
    match verdict {
        Ok(surveyed) => format!("{:?} in {}", surveyed.weight, surveyed.steps),
        Err(refusal) => format!("{}: {refusal}", refusal.code()),
    }
}

/// The heaviest operation, by walking every spread as the engine does. What was let through
/// is small enough for that, which is the point.
fn expanded(document: &ExecutableDocument) -> Weight {
    let mut walked = 0;
    let operations = document.operations.iter();
    operations.fold(Weight::default(), |heaviest, (_, operation)| {
        beside(heaviest, expand(document, &operation.node.selection_set.node, &mut walked), usize::max)
    })
}

fn expand(document: &ExecutableDocument, set: &SelectionSet, walked: &mut usize) -> Weight {
    let mut total = Weight::default();
    for selection in &set.items {
        *walked += 1;
        assert!(*walked < 100_000, "the engine would walk for ever in what was let through");
        let weight = match &selection.node {
            Selection::Field(field) => {
                let below = expand(document, &field.node.selection_set.node, walked);
                Weight { fields: below.fields + 1, depth: below.depth + 1, ..below }
            }
            Selection::InlineFragment(inline) => expand(document, &inline.node.selection_set.node, walked),
            Selection::FragmentSpread(spread) => {
                match document.fragments.get(&spread.node.fragment_name.node) {
                    Some(fragment) => expand(document, &fragment.node.selection_set.node, walked),
                    None => Weight { fields: 1, ..Weight::default() },
                }
            }
        };
        total = beside(total, weight, |a, b| a + b);
    }
    Weight { levels: total.levels + usize::from(!set.items.is_empty()), ..total }
}

fn beside(one: Weight, other: Weight, fields: fn(usize, usize) -> usize) -> Weight {
    Weight {
        fields: fields(one.fields, other.fields),
        depth: one.depth.max(other.depth),
        levels: one.levels.max(other.levels),
    }
}
