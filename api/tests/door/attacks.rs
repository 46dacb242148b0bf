//! Documents made to cost much: each is refused, or answered in a few words, and the work to
//! know it is counted, not timed: no more steps than the document has bytes.

use super::house::house;
use api::http::guard::{Bounds, survey};
use serde_json::{Value, json};

/// `f0` spreads `f1` twice, which spreads `f2` twice...
fn doubling(fragments: usize) -> String {
    let chain: String = (0..fragments)
        .map(|n| format!("fragment f{n} on Lectures {{ ...f{m} ...f{m} }} ", m = n + 1))
        .collect();
    format!("{{ ...f0 }} {chain} fragment f{fragments} on Lectures {{ bonjour }}")
}

/// Every fragment spreads every later one.
fn all_to_all(fragments: usize) -> String {
    let spreads = |from: usize| (from..fragments).map(|n| format!("...f{n} ")).collect::<String>();
    let definitions: String = (0..fragments)
        .map(|n| format!("fragment f{n} on Lectures {{ bonjour {} }} ", spreads(n + 1)))
        .collect();
    format!("{{ ...f0 }} {definitions}")
}

fn repeated(before: &str, piece: &str, times: usize, after: &str) -> String {
    format!("{before}{}{after}", piece.repeat(times))
}

fn aliases(count: usize) -> String {
    let fields: String = (0..count).map(|n| format!("a{n}: bonjour ")).collect();
    format!("{{ {fields} }}")
}

/// A chain of fragments, each so many selections of no field deep: what recurses on them
/// recurses `fragments * levels` times.
fn nameless(fragments: usize, levels: usize) -> String {
    let (open, close) = ("...{".repeat(levels), "}".repeat(levels));
    let chain: String = (0..fragments)
        .map(|n| format!("fragment f{n} on Lectures {{{open}...f{}{close}}} ", n + 1))
        .collect();
    format!("{{ ...f0 }} {chain} fragment f{fragments} on Lectures {{ bonjour }}")
}

fn variables(count: usize) -> String {
    let definitions: String = (0..count).map(|n| format!("$v{n}: Int ")).collect();
    format!("query ({definitions}) {{ bonjour }}")
}

/// Each attack with the code that it is refused by.
fn attacks() -> Vec<(&'static str, String, &'static str)> {
    vec![
        ("doubling fragments", doubling(60), "DOCUMENT_TROP_DE_CHAMPS"),
        ("fragments in each other", all_to_all(90), "DOCUMENT_TROP_DE_CHAMPS"),
        ("a cycle", "{ ...f } fragment f on Lectures { ...f }".to_owned(), "DOCUMENT_FRAGMENT_EN_BOUCLE"),
        ("fragments without end", doubling(101), "DOCUMENT_TROP_DE_FRAGMENTS"),
        ("aliases", aliases(1001), "DOCUMENT_TROP_DE_CHAMPS"),
        ("the same field", repeated("{", "bonjour ", 1001, "}"), "DOCUMENT_TROP_DE_CHAMPS"),
        ("directives", repeated("{ bonjour ", "@a ", 5, "}"), "DOCUMENT_TROP_DE_DIRECTIVES"),
        ("many directives", repeated("{ bonjour ", "@a ", 20_000, "}"), "DOCUMENT_TROP_DE_DIRECTIVES"),
        ("variables", variables(65), "DOCUMENT_TROP_DE_VARIABLES"),
        ("deep selections", repeated("", "{ a ", 16, &"}".repeat(16)), "DOCUMENT_TROP_PROFOND"),
        ("selections of no field", nameless(98, 37), "DOCUMENT_TROP_PROFOND"),
        ("deep lists", repeated("{ echo(id: ", "[", 30_000, ") }"), "DOCUMENT_TROP_IMBRIQUE"),
        ("deep objects", repeated("{ echo(id: ", "{a:", 20_000, ") }"), "DOCUMENT_TROP_IMBRIQUE"),
        ("deep types", repeated("query ($v: ", "[", 60_000, ") { bonjour }"), "DOCUMENT_TROP_IMBRIQUE"),
        ("an open string", repeated("{ echo(id: \"", "a", 60_000, ""), "DOCUMENT_ILLISIBLE"),
        ("an open block", repeated("{ echo(id: \"\"\"", "\\\"\"\" ", 10_000, ""), "DOCUMENT_ILLISIBLE"),
        ("escapes", repeated("{ echo(id: \"", "\\u{110000}", 5_000, "\") }"), "DOCUMENT_ILLISIBLE"),
        ("half a surrogate", "{ echo(id: \"\\uD800\") }".to_owned(), "DOCUMENT_ILLISIBLE"),
        ("comments only", repeated("", "#\n", 30_000, ""), "DOCUMENT_ILLISIBLE"),
        ("stray tokens", repeated("{ bonjour ", "! ", 30_000, "}"), "DOCUMENT_ILLISIBLE"),
        ("a long name", repeated("{ ", "a", 60_000, " }"), "REQUETE_INVALIDE"),
        ("a long number", repeated("{ echo(id: ", "9", 60_000, ") }"), "DOCUMENT_ILLISIBLE"),
        ("wide lists", repeated("{ echo(id: [", "1 ", 30_000, "]) }"), "VALEUR_INVALIDE"),
        ("more bytes than read", repeated("{ bonjour } #", "a", 65_536, ""), "DOCUMENT_TROP_LONG"),
    ]
}

#[tokio::test]
async fn each_attack_is_refused_in_few_words() {
    let house = house();
    for (name, document, code) in attacks() {
        let answer = house.query(&document).await;
        assert_eq!(answer.code(), code, "{name}");
        let errors = answer.json()["errors"].as_array().map_or(0, Vec::len);
        assert!((1..=20).contains(&errors), "{name}: {errors} errors");
    }
}

#[test]
fn no_attack_takes_more_steps_than_it_has_bytes() {
    let boundless = Bounds {
        fields: usize::MAX,
        depth: usize::MAX,
        levels: 200,
        fragments: usize::MAX,
        directives: usize::MAX,
        variables: usize::MAX,
        ..Bounds::default()
    };
    let mut walked = 0;
    for (name, document, _) in attacks() {
        if let Ok(surveyed) = survey(&document, &boundless) {
            assert!(surveyed.steps <= document.len(), "{name}: {} steps", surveyed.steps);
            walked += 1;
        }
    }
    // Those that are GraphQL, and lead somewhere.
    assert!(walked >= 10, "{walked}");
}

#[test]
fn twice_the_document_is_twice_the_steps() {
    let boundless = Bounds { fields: usize::MAX, levels: 200, ..Bounds::default() };
    let steps = |document: &str| survey(document, &boundless).unwrap().steps;
    assert_eq!(steps(&doubling(60)) - steps(&doubling(30)), 2 * 30);
    assert_eq!(steps(&aliases(4000)), 2 * steps(&aliases(2000)));
    let spreads = |fragments: usize| fragments * (fragments - 1) / 2;
    assert_eq!(steps(&all_to_all(50)), 1 + 50 + spreads(50));
}

#[tokio::test]
async fn a_thousand_faults_are_answered_with_the_first_ones() {
    let house = house();
    let document: String = (0..900).map(|n| format!("inconnu{n} ")).collect();
    let answer = house.query(&format!("{{ {document} }}")).await;
    assert_eq!(answer.refused(), (400, "REQUETE_INVALIDE".to_owned()));
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 20);
    assert!(answer.text.len() < 20_000, "{} bytes", answer.text.len());
}

#[tokio::test]
async fn variables_are_held_to_their_number_and_their_depth() {
    let house = house();
    let deep = format!(
        r#"{{"query": "{{ bonjour }}", "variables": {{"v": {}{}}}}}"#,
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    let request = axum::http::Request::post("/graphql")
        .header("content-type", "application/json")
        .body(axum::body::Body::from(deep))
        .unwrap();
    assert_eq!(house.send(request).await.refused(), (400, "REQUETE_MALFORMEE".to_owned()));
    let many: serde_json::Map<String, Value> = (0..65).map(|n| (format!("v{n}"), json!(n))).collect();
    let answer = house.post(&json!({"query": "{ bonjour }", "variables": many})).await;
    assert_eq!(answer.refused(), (400, "DOCUMENT_TROP_DE_VARIABLES".to_owned()));
}
