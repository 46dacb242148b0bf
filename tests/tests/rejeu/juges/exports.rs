//! Exports before libraries that we did not write (`cloudevents`, `pyarrow`), which read them field
//! by field: `tests/judges/exports.py` holds each to its leaf, and finds whatever was changed.

use super::{asked, juges, said, text};
use crate::rejeu::exporter::{exporter, soigner, verified};
use crate::rejeu::{bench, ran_with_keys};
use anyhow::{Context, Result};
use recits::PORTAIL;
use replay_tools::verdict::Verdict;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The judge.
const JUGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/judges/exports.py");

/// Changes the third row of a file in one of its columns, or without one drops the last row.
const RETOUCHE: &str = "
import datetime, re, sys, pyarrow, pyarrow.parquet
path, column = sys.argv[1:]
table = pyarrow.parquet.read_table(path)
rows = table.to_pylist()
def changed(value):
    if isinstance(value, int):
        return value + 1
    if isinstance(value, datetime.datetime):
        return value + datetime.timedelta(microseconds=1)
    other, found = re.subn('[0-9]', lambda digit: '1' if digit[0] == '0' else '0', value, count=1)
    return other if found else value + '0'
if column:
    rows[2][column] = changed(rows[2][column])
else:
    rows.pop()
pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema=table.schema), path)
";

/// An export in a format, in which some contents are open and some are of health, and the types
/// of its events as the record has them.
struct Emporte {
    juges: PathBuf,
    folder: TempDir,
    types: Vec<String>,
}

impl Emporte {
    /// One; none without the judges.
    async fn ouvrir(format: &str) -> Result<Option<Self>> {
        let Some(juges) = juges()? else { return Ok(None) };
        let (bench, folder) = (bench().await?, tempfile::tempdir()?);
        soigner(&bench).await?;
        let (verdict, told) = ran_with_keys(&bench, &exporter(format, folder.path())).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        let types = "SELECT event_type FROM ledger.events ORDER BY position";
        let types = sqlx::query_scalar(types).fetch_all(&bench.owner).await?;
        Ok(Some(Self { juges, folder, types }))
    }

    /// What the judge has found; what it says is wrong.
    fn juge(&self) -> Result<Result<Value, String>> {
        let output = asked(&self.juges, "python3", &[JUGE, text(self.folder.path())])?;
        if !output.status.success() {
            return Ok(Err(said(&output)));
        }
        Ok(Ok(serde_json::from_slice(&output.stdout)?))
    }

    /// It finds what our own reader does.
    async fn juge_sain(&self) -> Result<()> {
        let (verdict, told) = verified(self.folder.path(), &["--json"]).await;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        let journal = serde_json::from_str::<Value>(&told)?["journaux"][0].take();
        let expected = json!({
            "evenements": journal["evenements_conformes"], "contenus": journal["contenus_conformes"],
            "types": self.types,
        });
        assert_eq!(expected["contenus"], 4, "those of health are sealed: {expected}");
        assert_eq!(self.juge()?, Ok(expected));
        Ok(())
    }

    fn file(&self, extension: &str) -> PathBuf {
        self.folder.path().join(format!("{PORTAIL}-2026.{extension}"))
    }

    /// While a file is another, it is refused.
    fn refuse(&self, path: &Path, what: &str, change: impl FnOnce() -> Result<()>) -> Result<()> {
        let before = fs::read(path)?;
        change()?;
        assert_ne!(fs::read(path)?, before, "{what} is what it was");
        assert!(self.juge()?.is_err(), "{what} is taken for true");
        Ok(fs::write(path, before)?)
    }
}

/// A text with another first digit, or of none with one at its end.
fn changed(text: &str) -> String {
    match text.find(|c: char| c.is_ascii_digit()) {
        Some(at) => {
            let other = if text[at..].starts_with('0') { '1' } else { '0' };
            format!("{}{other}{}", &text[..at], &text[at + 1..])
        }
        None => format!("{text}0"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cloudevents_are_read_by_the_library_of_their_specification_and_hold_to_their_leaves() -> Result<()> {
    let Some(emporte) = Emporte::ouvrir("cloudevents").await? else { return Ok(()) };
    emporte.juge_sain().await?;
    let path = emporte.file("cloudevents.jsonl");
    let lines: Vec<Value> =
        fs::read_to_string(&path)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let write = |lines: &[Value]| -> Result<()> {
        Ok(fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>())?)
    };
    // Written again by us it is what it was, so that what follows is of each change alone.
    write(&lines)?;
    assert!(emporte.juge()?.is_ok());
    let attributes = lines[2].as_object().context("no event")?;
    assert!(attributes.len() >= 15, "{attributes:?}");
    for (attribute, value) in attributes {
        let mut other = lines.clone();
        other[2][attribute] = value.as_str().map_or_else(|| json!({}), |text| changed(text).into());
        emporte.refuse(&path, attribute, || write(&other))?;
    }
    let mut nameless = lines.clone();
    nameless[2].as_object_mut().context("no event")?.remove("source");
    emporte.refuse(&path, "an event without a source", || write(&nameless))?;
    emporte.refuse(&path, "a file without its last event", || write(&lines[..lines.len() - 1]))?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn parquet_is_read_by_pyarrow_and_every_column_holds_to_the_leaf() -> Result<()> {
    let Some(emporte) = Emporte::ouvrir("parquet").await? else { return Ok(()) };
    emporte.juge_sain().await?;
    let path = emporte.file("parquet");
    let columns =
        ["position", "enregistre_le", "type", "empreinte", "feuille", "charge", "etat", "sel", "texte", ""];
    for column in columns {
        emporte.refuse(&path, column, || {
            let output = asked(&emporte.juges, "python3", &["-c", RETOUCHE, text(&path), column])?;
            anyhow::ensure!(output.status.success(), "{}", said(&output));
            Ok(())
        })?;
    }
    let whole = fs::read(&path)?;
    emporte.refuse(&path, "a file that is cut", || Ok(fs::write(&path, &whole[..whole.len() / 2])?))
}
