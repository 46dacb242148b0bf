//! Libraries that may be named in one place only.

use super::sources::{Source, all};
use syn::visit::Visit;

/// A library and the places that may name it.
const CONFINED: [(&str, &[&str]); 17] = [
    ("async_graphql", &["api/", "tests/"]),
    ("cqrs_es", &["ledger/src/store.rs", "commands/src/cqrs.rs", "tests/"]),
    ("postgres_es", &["ledger/src/store.rs", "tests/"]),
    ("cedar_policy", &["commands/src/rights/", "tests/tests/rights/"]),
    ("axum", &["api/", "replay-tools/src/temoin/", "tests/"]),
    ("aes_gcm", &["ledger/src/seal.rs", "ledger/src/seal/"]),
    ("aes_kw", &["ledger/src/kek.rs"]),
    // In the api it is the door of that name.
    ("eventstore", &["api/", "replay-tools/src/suivre/", "tests/"]),
    ("hyper", &["api/", "replay-tools/src/temoin/", "tests/"]),
    ("hyper_util", &["api/", "replay-tools/src/temoin/", "tests/"]),
    ("governor", &["api/src/http/cadence.rs"]),
    ("mail_parser", &["api/src/envois/rebonds/", "api/src/fichiers/pieces.rs"]),
    ("oauth2", &["api/src/identity/oidc.rs"]),
    ("quick_xml", &["api/src/importer/", "api/src/identity/cas/", "api/tests/"]),
    ("regex", &["api/src/eventstore/filter.rs"]),
    ("tonic", &["api/src/eventstore/", "api/tests/parsers/eventstore.rs"]),
    ("web_push_native", &["api/src/envois/", "tests/"]),
];

/// What the pure room may not name: no I/O, no clock, no async, no SQL.
const IMPURE: [&str; 7] = ["sqlx", "tokio", "futures", "async_trait", "rand", "tracing", "reqwest"];

#[derive(Default)]
struct Roots(Vec<String>);

impl<'ast> Visit<'ast> for Roots {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.0.push(path.segments[0].ident.to_string());
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_use_tree(&mut self, tree: &'ast syn::UseTree) {
        if let syn::UseTree::Path(path) = tree {
            self.0.push(path.ident.to_string());
        }
        syn::visit::visit_use_tree(self, tree);
    }
}

fn roots(source: &Source) -> Vec<String> {
    let mut roots = Roots::default();
    roots.visit_file(&source.tree);
    roots.0
}

fn strays(sources: &[Source]) -> Vec<String> {
    let mut strays = Vec::new();
    for source in sources {
        let named = roots(source);
        for (library, places) in CONFINED {
            let here = places.iter().any(|place| source.path.starts_with(place));
            if !here && named.iter().any(|root| root == library) {
                strays.push(format!("{} names {library}", source.path));
            }
        }
        for library in IMPURE {
            if source.path.starts_with("domain/") && named.iter().any(|root| root == library) {
                strays.push(format!("{} names {library}", source.path));
            }
        }
    }
    strays
}

#[test]
fn libraries_stay_in_their_places() {
    assert_eq!(strays(&all()), Vec::<String>::new());
}

#[test]
fn a_library_out_of_its_place_is_found() {
    let source =
        |path: &str, text: &str| Source { path: path.to_owned(), tree: syn::parse_file(text).unwrap() };
    let sources = [
        source("domain/src/a.rs", "use sqlx::PgPool;"),
        source("commands/src/b.rs", "fn b() -> async_graphql::Result<()> { todo() }"),
        source("ledger/src/store.rs", "use cqrs_es::Aggregate;"),
    ];
    assert_eq!(strays(&sources), ["domain/src/a.rs names sqlx", "commands/src/b.rs names async_graphql"]);
}
