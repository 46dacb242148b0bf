//! The Rust sources of the rooms, parsed.

use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The rooms whose sources are held to the rules.
pub const ROOMS: [&str; 8] =
    ["domain", "ledger", "projections", "commands", "api", "replay-tools", "migrations", "tests"];

/// A source file: its path from the root, and its syntax tree.
pub struct Source {
    pub path: String,
    pub tree: syn::File,
}

/// Every source of the rooms.
pub fn all() -> Vec<Source> {
    let root = root();
    let files = ROOMS.iter().flat_map(|room| WalkDir::new(root.join(room)).sort_by_file_name());
    let mut sources = Vec::new();
    for file in
        files.map(|file| file.unwrap()).filter(|file| file.path().extension().is_some_and(|e| e == "rs"))
    {
        let text = std::fs::read_to_string(file.path()).unwrap();
        let path = file.path().strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let tree = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        sources.push(Source { path, tree });
    }
    assert!(sources.len() > 50, "only {} sources found", sources.len());
    sources
}
