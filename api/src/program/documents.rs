//! The trusted documents of the frontends, read when the program starts: all of them are
//! good, or it says which file is not and doesn't start.

use crate::config::Config;
use crate::graphql::Validator;
use crate::http::{Others, Trusted, guard};
use anyhow::{Context, bail, ensure};
use std::collections::BTreeMap;
use std::path::Path;

/// Reads what `ENT_DOCUMENTS` names: a folder of `.graphql` files, or a JSON manifest of ids
/// and texts such as code generators write.
pub async fn trusted(config: &Config, bounds: &guard::Bounds) -> anyhow::Result<Trusted> {
    let others = match config.documents_only {
        true => Others::Of(config.exploitants.iter().copied().collect()),
        false => Others::OfAnybody,
    };
    let mut trusted = Trusted::new(others);
    let Some(path) = &config.documents else { return Ok(trusted) };
    let texts = if path.is_dir() { folder(path)? } else { manifest(path)? };
    ensure!(!texts.is_empty(), "{} has no document in it", path.display());
    let validator = Validator::default();
    for (place, text) in &texts {
        let surveyed = guard::survey(text, bounds).with_context(|| place.clone())?;
        let faults = validator.faults(&surveyed.document).await;
        if let Some(first) = faults.first() {
            bail!("{place}: the schema refuses it: {first} ({} in all)", faults.len());
        }
        trusted.admit(text, bounds).with_context(|| place.clone())?;
    }
    tracing::info!(documents = trusted.len(), "trusted documents read");
    Ok(trusted)
}

/// Each text with the place to mend it in.
type Texts = BTreeMap<String, String>;

fn folder(path: &Path) -> anyhow::Result<Texts> {
    let mut texts = Texts::new();
    for entry in std::fs::read_dir(path).with_context(|| format!("reading {}", path.display()))? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "graphql") {
            let text =
                std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
            texts.insert(file.display().to_string(), text);
        }
    }
    Ok(texts)
}

/// An id that is not the hash of its text would name another document than its author means.
fn manifest(path: &Path) -> anyhow::Result<Texts> {
    let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let manifest: BTreeMap<String, String> = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is not a manifest of ids and texts", path.display()))?;
    let mut texts = Texts::new();
    for (id, text) in manifest {
        let known = Trusted::id(&text);
        let place = format!("{}: {id}", path.display());
        ensure!(
            id == known || known.strip_prefix("sha256:") == Some(&id),
            "{place}: the id should be {known}"
        );
        texts.insert(place, text);
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(name: &str, text: &str) -> Result<usize, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let path = if name.ends_with(".json") { file } else { folder.path().to_owned() };
        let value = |name: &str| match name {
            "ENT_DOCUMENTS" => Some(path.display().to_string()),
            _ => None,
        };
        let config = Config::read(None, value).unwrap();
        let read = trusted(&config, &guard::Bounds::default()).await;
        read.map(|trusted| trusted.len()).map_err(|error| format!("{error:#}"))
    }

    const GOOD: &str = "query Actualites($nom: String!, $first: Int!) {
        portail(nom: $nom) { actualites(first: $first) { nodes { id } } }
    }";

    #[tokio::test]
    async fn a_folder_or_a_manifest_is_read_and_validated() {
        assert_eq!(read("notes.graphql", GOOD).await, Ok(1));
        let hash = Trusted::id(GOOD);
        for id in [hash.as_str(), hash.trim_start_matches("sha256:")] {
            assert_eq!(read("m.json", &serde_json::json!({ id: GOOD }).to_string()).await, Ok(1));
        }
    }

    #[tokio::test]
    async fn what_cannot_be_trusted_is_named_with_its_reason() {
        for (file, text, reason) in [
            ("a.graphql", "{ inconnu }", "line 1: "),
            ("b.graphql", "{", "illisible"),
            ("c.graphql", "subscription { inconnu }", "inconnu"),
            ("d.json", "[]", "not a manifest"),
            ("e.json", r#"{"sha256:00": "{ moi { id } }"}"#, "the id should be sha256:"),
        ] {
            let refused = read(file, text).await.unwrap_err();
            assert!(refused.contains(file) && refused.contains(reason), "{refused}");
        }
        assert!(read("note.txt", GOOD).await.unwrap_err().contains("no document"));
    }
}
