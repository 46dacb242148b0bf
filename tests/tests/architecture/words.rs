//! One word, one meaning: words of GLOSSAIRE.md that no identifier may use.

use super::sources::{Source, all, root};
use std::collections::BTreeSet;
use syn::visit::Visit;

/// A banned word, and what to say instead.
const BANNED: [(&str, &str); 6] = [
    ("devoir", "Evaluation or Travail"),
    ("devoirs", "Evaluation or Travail"),
    ("structure", "Etablissement, Division or Groupe"),
    ("structures", "Etablissement, Division or Groupe"),
    ("service", "ServiceEnt; a teaching is an Enseignement"),
    ("services", "ServiceEnt; a teaching is an Enseignement"),
];

/// Identifiers that have the word for a reason.
const SPARED: [(&str, &str); 5] = [
    ("add_service", "tonic"),
    ("service_fn", "hyper"),
    ("ServiceExt", "tower"),
    ("ServiceDocument", "async-graphql"),
    ("Services", "cqrs-es' associated type"),
];

/// The brick of a portal, alone or in a longer name.
const BRICK: [&str; 3] = ["ServiceEnt", "service_ent", "services_ent"];

#[derive(Default)]
struct Names(BTreeSet<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_ident(&mut self, name: &'ast proc_macro2::Ident) {
        self.0.insert(name.to_string());
    }

    /// What is imported was named by others; its name is read where it is used.
    fn visit_item_use(&mut self, _: &'ast syn::ItemUse) {}
}

/// The words of an identifier, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c == '_' || c.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c != '_') {
            word.extend(c.to_lowercase());
        }
    }
    words.into_iter().filter(|word| !word.is_empty()).collect()
}

fn strays(sources: &[Source]) -> Vec<String> {
    let mut strays = Vec::new();
    for source in sources {
        let mut names = Names::default();
        names.visit_file(&source.tree);
        for name in names.0.iter().filter(|name| SPARED.iter().all(|(spared, _)| spared != name)) {
            let found = words(&BRICK.iter().fold(name.clone(), |name, brick| name.replace(brick, "")));
            for (word, instead) in BANNED.iter().filter(|(word, _)| found.iter().any(|one| one == word)) {
                strays.push(format!("{}: `{name}` has the word « {word} »: say {instead}", source.path));
            }
        }
    }
    strays
}

#[test]
fn no_identifier_has_a_banned_word() {
    assert_eq!(strays(&all()), Vec::<String>::new());
}

#[test]
fn a_banned_word_is_found_in_any_case() {
    let tree = "struct NoteDeDevoir; fn la_structure() {} struct FermerServiceEnt; struct LeService;";
    let tree = syn::parse_file(tree).unwrap();
    let found = strays(&[Source { path: "a.rs".to_owned(), tree }]);
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn the_glossary_names_every_banned_word() {
    let glossary = std::fs::read_to_string(root().join("GLOSSAIRE.md")).unwrap();
    for (word, _) in BANNED {
        assert!(
            glossary.contains(word.trim_end_matches('s')),
            "GLOSSAIRE.md does not say why « {word} » is banned"
        );
    }
}
