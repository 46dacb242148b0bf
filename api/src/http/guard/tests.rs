use super::*;

fn code(source: &str) -> &'static str {
    survey(source, &Bounds::default()).map_or_else(|refusal| refusal.code(), |_| "")
}

/// `f0` spreads `f1` twice, which spreads `f2` twice...
fn doubling(fragments: usize) -> String {
    let chain: String = (0..fragments)
        .map(|n| format!("fragment f{n} on Query {{ ...f{m} ...f{m} }}\n", m = n + 1))
        .collect();
    format!("{{ ...f0 }}\n{chain}fragment f{fragments} on Query {{ __typename }}")
}

#[test]
fn doubling_fragments_are_refused_in_as_many_steps_as_they_have_selections() {
    assert_eq!(code(&doubling(60)), "DOCUMENT_TROP_DE_CHAMPS");
    let boundless = Bounds { fields: usize::MAX, levels: 200, ..Bounds::default() };
    let surveyed = survey(&doubling(60), &boundless).unwrap();
    assert_eq!(surveyed.steps, 2 * 60 + 2);
    assert_eq!(surveyed.weight, Weight { fields: 1 << 60, depth: 1, levels: 62 });
}

#[test]
fn fragments_that_lead_to_none_are_not_empty() {
    let to_nobody = doubling(60).replace("__typename", "...nobody");
    assert_eq!(code(&to_nobody), "DOCUMENT_TROP_DE_CHAMPS");
    assert_eq!(code("{ ...nobody }"), "");
}

#[test]
fn a_sum_beyond_all_numbers_is_still_too_much() {
    let boundless = Bounds { fields: usize::MAX, levels: 200, ..Bounds::default() };
    assert_eq!(survey(&doubling(90), &boundless).unwrap().weight.fields, usize::MAX);
    assert_eq!(code(&doubling(90)), "DOCUMENT_TROP_DE_CHAMPS");
}

#[test]
fn a_fragment_in_itself_is_a_cycle_used_or_not() {
    assert_eq!(code("{ a } fragment f on Q { ...f }"), "DOCUMENT_FRAGMENT_EN_BOUCLE");
    assert_eq!(
        code("{ ...f } fragment f on Q { x { ...g } } fragment g on Q { ... { ...f } }"),
        "DOCUMENT_FRAGMENT_EN_BOUCLE"
    );
    assert_eq!(code("{ ...f ...f } fragment f on Q { a }"), "");
}

#[test]
fn of_two_faults_the_first_is_named_every_time() {
    let loops: String =
        (0..20).map(|n| format!("fragment f{n} on Q {{ ...f{n} }} query q{n} {{ a }} ")).collect();
    for _ in 0..20 {
        let refusal = survey(&loops, &Bounds::default()).unwrap_err();
        assert!(matches!(&refusal, DocumentRefusal::FragmentEnBoucle(name) if name == "f0"), "{refusal}");
    }
    let deep = "{ a ".repeat(16) + &"}".repeat(16);
    let directed = format!("{{ a {} }}", "@skip(if: true) ".repeat(5));
    for _ in 0..20 {
        assert_eq!(code(&format!("query p {deep} query q {directed}")), "DOCUMENT_TROP_PROFOND");
        assert_eq!(code(&format!("query p {directed} query q {deep}")), "DOCUMENT_TROP_DE_DIRECTIVES");
    }
}

#[test]
fn each_bound_is_kept_to_the_last_unit() {
    let nested = |depth: usize| format!("{}{}", "{ a ".repeat(depth), "}".repeat(depth));
    assert_eq!((code(&nested(15)), code(&nested(16))), ("", "DOCUMENT_TROP_PROFOND"));
    let wide = |fields: usize| format!("{{ {} }}", "a ".repeat(fields));
    assert_eq!((code(&wide(1000)), code(&wide(1001))), ("", "DOCUMENT_TROP_DE_CHAMPS"));
    let directed = |count: usize| format!("{{ a {} }}", "@skip(if: true) ".repeat(count));
    assert_eq!((code(&directed(4)), code(&directed(5))), ("", "DOCUMENT_TROP_DE_DIRECTIVES"));
    let variables = |count: usize| {
        let definitions: String = (0..count).map(|n| format!("$v{n}: Int ")).collect();
        format!("query ({definitions}) {{ a }}")
    };
    assert_eq!((code(&variables(64)), code(&variables(65))), ("", "DOCUMENT_TROP_DE_VARIABLES"));
    assert_eq!(code(&format!("{{ a }}{}", " ".repeat(65_536))), "DOCUMENT_TROP_LONG");
}

#[test]
fn depth_counts_through_fragments() {
    let document = "{ a { ...f } } fragment f on Q { b { c } }";
    assert_eq!(
        survey(document, &Bounds::default()).unwrap().weight,
        Weight { fields: 3, depth: 3, levels: 4 }
    );
}

#[test]
fn selections_of_no_field_are_counted_however_they_are_written() {
    let inline = |levels: usize| format!("{{ {} a {} }}", "...{".repeat(levels), "}".repeat(levels));
    assert_eq!((code(&inline(39)), code(&inline(40))), ("", "DOCUMENT_TROP_IMBRIQUE"));
    // 98 fragments of 37 selections each: refused from either end of the chain, before
    // the stack is.
    let one = |n: usize| {
        let (open, close) = ("...{".repeat(37), "}".repeat(37));
        format!("fragment f{n} on Query {{{open}...f{}{close}}} ", n + 1)
    };
    let last = "fragment f98 on Query { __typename }";
    let down: String = (0..98).map(one).collect();
    let up: String = (0..98).rev().map(one).collect();
    for document in [format!("{{ ...f0 }} {down} {last}"), format!("{last} {up} {{ ...f0 }}")] {
        assert_eq!(code(&document), "DOCUMENT_TROP_PROFOND");
    }
}

#[test]
fn brackets_are_counted_before_anything_recurses_on_them() {
    for bracket in ["{a", "[", "("] {
        assert_eq!(code(&format!("{{ a(x: {}", bracket.repeat(20_000))), "DOCUMENT_TROP_IMBRIQUE");
    }
    assert_eq!(code(&format!("query ($v: {}", "[".repeat(60_000))), "DOCUMENT_TROP_IMBRIQUE");
}

#[test]
fn brackets_in_strings_and_comments_are_text() {
    let brackets = "{[(".repeat(50);
    assert_eq!(code(&format!("{{ a(x: \"{brackets} \\\" {brackets}\") }}")), "");
    assert_eq!(code(&format!("{{ a(x: \"\"\"{brackets} \" \\\"\"\" {brackets}\n\"\"\") }}")), "");
    assert_eq!(code(&format!("# {brackets} \" \n{{ a }}")), "");
    assert_eq!(nesting("\"unfinished\n{{{"), 3);
    assert_eq!(nesting("# \"\r{{"), 2);
}

#[test]
fn what_is_not_graphql_is_refused_with_its_place() {
    let Err(DocumentRefusal::Illisible(error)) = survey("{ a ", &Bounds::default()) else { panic!() };
    assert_eq!(error.locations.len(), 1);
    assert_eq!(code(""), "DOCUMENT_ILLISIBLE");
}
