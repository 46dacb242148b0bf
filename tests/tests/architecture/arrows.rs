//! `domain ◄ ledger ◄ projections ◄ commands ◄ api`, `projections ◄ replay-tools`.

use super::sources::{ROOMS, root};
use std::collections::{BTreeMap, BTreeSet};

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Which rooms each room may name. A replay cannot append or send mail: it may not name
/// `commands`, where the types for it are.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("domain", &[][..]),
        ("migrations", &[]),
        ("ledger", &["domain"]),
        ("projections", &["domain", "ledger"]),
        ("commands", &["domain", "ledger", "projections"]),
        ("replay-tools", &["domain", "ledger", "projections"]),
        ("api", &["domain", "ledger", "projections", "commands", "migrations"]),
        ("recits", &["domain", "ledger", "projections", "commands", "api", "migrations", "replay-tools"]),
    ])
}

fn arrows() -> Arrows {
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap();
    let rooms: BTreeSet<String> = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    assert_eq!(rooms.len(), ROOMS.len());
    let named = |package: &cargo_metadata::Package| {
        package
            .dependencies
            .iter()
            .map(|dependency| dependency.name.clone())
            .filter(|name| rooms.contains(name))
            .collect()
    };
    metadata.packages.iter().map(|package| (package.name.to_string(), named(package))).collect()
}

/// Arrows that are not allowed, as `from → to`.
fn strays(arrows: &Arrows) -> Vec<String> {
    let allowed = allowed();
    let stray = |from: &String, to: &String| {
        !allowed.get(from.as_str()).is_some_and(|rooms| rooms.contains(&to.as_str()))
    };
    arrows
        .iter()
        .flat_map(|(from, tos)| tos.iter().map(move |to| (from, to)))
        .filter(|(from, to)| stray(from, to))
        .map(|(from, to)| format!("{from} → {to}"))
        .collect()
}

#[test]
fn rooms_name_only_the_rooms_they_stand_on() {
    assert_eq!(strays(&arrows()), Vec::<String>::new());
}

#[test]
fn an_arrow_against_the_order_is_found() {
    let mut arrows = arrows();
    arrows.get_mut("replay-tools").unwrap().insert("commands".to_owned());
    arrows.get_mut("domain").unwrap().insert("ledger".to_owned());
    assert_eq!(strays(&arrows), ["domain → ledger", "replay-tools → commands"]);
}
