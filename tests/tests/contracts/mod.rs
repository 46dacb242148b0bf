//! Contracts reviewed as text: what clients and years of stored events rely on.
//!
//! `ENT_APPROVE=1` rewrites the approved texts; the change is then read in the commit.

mod events;
mod refusals;
mod schema;

use std::path::{Path, PathBuf};

/// Where a path of the project is.
fn in_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn approving() -> bool {
    std::env::var_os("ENT_APPROVE").is_some()
}

/// The approved form of a text; nothing while it is approved anew.
pub(crate) fn approved(path: &str) -> String {
    if approving() { String::new() } else { std::fs::read_to_string(in_project(path)).unwrap_or_default() }
}

/// Compares a text with its approved form, or approves it.
#[track_caller]
pub(crate) fn approve(path: &str, text: &str) {
    let path = in_project(path);
    if approving() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let approved = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        approved == text,
        "{} is not what the program says; read the difference, then approve it with ENT_APPROVE=1:\n{}",
        path.display(),
        first_difference(&approved, text)
    );
}

fn first_difference(approved: &str, text: &str) -> String {
    let mut lines = approved.lines().zip(text.lines()).enumerate();
    match lines.find(|(_, (old, new))| old != new) {
        Some((number, (old, new))) => format!("line {}\n- {old}\n+ {new}", number + 1),
        None => format!("{} lines approved, {} now", approved.lines().count(), text.lines().count()),
    }
}
