//! The addresses and the calls of the program, read from where they are written.

use crate::architecture::sources::{all, root};
use anyhow::Result;
use std::collections::BTreeSet;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprLit, ExprMacro, ExprMethodCall, ExprReference, Lit, LitStr};

/// The methods of a route that the router of the program is given by.
const METHODES: [&str; 6] = ["get", "post", "put", "patch", "delete", "any"];
/// Other ways to open an address, which this test could not read.
const AUTREMENT: [&str; 4] = ["nest", "nest_service", "route_service", "fallback_service"];

/// The routes that are written in a source.
#[derive(Default)]
struct Routes(BTreeSet<String>);

impl<'ast> Visit<'ast> for Routes {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let name = call.method.to_string();
        assert!(!AUTREMENT.contains(&name.as_str()), "{name}: this test reads `route` alone");
        if name == "route" {
            let path = chemin(&call.args[0]).expect("the path of a route is written out");
            let methodes = methodes(&call.args[1]);
            assert!(!methodes.is_empty(), "{path}: by no method that this test knows");
            self.0.extend(methodes.into_iter().map(|methode| format!("{methode} {path}")));
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// A path, as it is written: the text itself, or that of a `format!`.
fn chemin(path: &Expr) -> Option<String> {
    match path {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Reference(ExprReference { expr, .. }) => chemin(expr),
        Expr::Macro(ExprMacro { mac, .. }) => {
            let first = mac.tokens.clone().into_iter().next()?;
            let text: LitStr = syn::parse2(first.into()).ok()?;
            Some(text.value().replace("{{", "{").replace("}}", "}"))
        }
        _ => None,
    }
}

/// The methods of `get(…).post(…)`.
fn methodes(handler: &Expr) -> Vec<String> {
    let known = |name: String| METHODES.contains(&name.as_str()).then(|| name.to_uppercase());
    match handler {
        Expr::MethodCall(call) => {
            let mut found = methodes(&call.receiver);
            found.extend(known(call.method.to_string()));
            found
        }
        Expr::Call(ExprCall { func, .. }) => match &**func {
            Expr::Path(path) => {
                let last = path.path.segments.last();
                last.and_then(|last| known(last.ident.to_string())).into_iter().collect()
            }
            _ => vec![],
        },
        _ => vec![],
    }
}

/// Every address that the program answers at, by its method and its path.
pub fn adresses() -> BTreeSet<String> {
    let mut routes = Routes::default();
    for source in all().iter().filter(|source| source.path.starts_with("api/src/")) {
        routes.visit_file(&source.tree);
    }
    routes.0
}

/// The calls of the door over gRPC, as the description of its protocol has them.
pub fn appels() -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for file in std::fs::read_dir(root().join("api/proto"))? {
        let text = std::fs::read_to_string(file?.path())?;
        let mut of = "";
        for words in text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()) {
            match words.as_slice() {
                ["service", name, ..] => of = *name,
                ["rpc", name, ..] => {
                    found.insert(format!("{of}.{name}"));
                }
                _ => {}
            }
        }
    }
    Ok(found)
}

#[test]
fn a_route_is_found_however_it_is_written() {
    let text = r#"fn routes() -> Router {
        Router::new()
            .route("/a", get(a).post(b::<E>).layer(timed))
            .route(&format!("{b}/{{c}}"), axum::routing::put(c))
    }"#;
    let mut routes = Routes::default();
    routes.visit_file(&syn::parse_file(text).unwrap());
    let found: Vec<_> = routes.0.iter().map(String::as_str).collect();
    assert_eq!(found, ["GET /a", "POST /a", "PUT {b}/{c}"]);
}
