//! A journal verified from its tiles alone, over HTTP, at a copy of them that anybody keeps.

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use domain::AnneeScolaire;
use ledger::feed::Journal;
use ledger::sealer::log::Log;
use ledger::tlog::tile::{Level, Tile};
use recits::{Bench, portail};
use replay_tools::verdict::Verdict;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// Enough leaves for two full tiles, a partial one, and one above them.
const LEAVES: u64 = 600;

/// The files of a sealed journal, by their paths.
type Files = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A copy of a sealed journal, and who serves it.
pub struct Copie {
    /// By their paths.
    pub files: Files,
    url: String,
    home: TempDir,
}

/// One, of a journal of [`LEAVES`].
pub async fn copie() -> Result<Copie> {
    let bench = Bench::open().await?;
    let journal = Journal { portail: portail("0690001b"), annee: AnneeScolaire(2026) };
    let sealer = bench.sealer()?;
    let mut record = crate::ledger::sealing::Growing { bench, journal, events: 0 };
    record.grow(LEAVES).await?;
    sealer.pass().await?;
    let mut files = BTreeMap::new();
    let checkpoint = sealer.checkpoint(&record.journal).await?.context("not sealed")?;
    files.insert("checkpoint".to_owned(), checkpoint.note.into_bytes());
    for level in [Level::Hashes(0), Level::Hashes(1), Level::Entries] {
        for index in 0..3 {
            let Some(tile) = Tile::within(LEAVES, level, index) else { continue };
            let file = match level {
                Level::Entries => sealer.bundle(&record.journal, tile).await?.context("no leaves")?,
                Level::Hashes(_) => {
                    std::fs::read(record.bench.tiles().join(format!("0690001b/2026/tile/{tile}")))?
                }
            };
            files.insert(format!("tile/{tile}"), file);
        }
    }
    let home = tempfile::tempdir()?;
    std::fs::write(home.path().join("cles"), json!(sealer.verifier_keys(&Log::Meta)).to_string())?;
    std::fs::write(home.path().join("jeton"), "un-jeton\n")?;
    let files: Files = Arc::new(Mutex::new(files));
    let url = serve(files.clone()).await?;
    Ok(Copie { files, url, home })
}

async fn serve(files: Files) -> Result<String> {
    async fn file(State(files): State<Files>, Path(path): Path<String>) -> Result<Vec<u8>, StatusCode> {
        files.lock().unwrap().get(&path).cloned().ok_or(StatusCode::NOT_FOUND)
    }
    let routes = Router::new().route("/copie/{*path}", get(file)).with_state(files);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/copie", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(url)
}

impl Copie {
    async fn verify(&self, with_leaves: bool) -> Result<(Verdict, Value)> {
        let file = |name: &str| self.home.path().join(name).to_str().map(str::to_owned).unwrap_or_default();
        let mut arguments =
            ["ent-rejeu", "verifier", "--json", "--tuiles", &self.url].map(str::to_owned).to_vec();
        arguments.extend(["--sceaux".to_owned(), file("cles")]);
        if with_leaves {
            arguments.extend(["--jeton".to_owned(), file("jeton")]);
        }
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let verdict = replay_tools::run(arguments, &mut out, &mut err).await;
        let told: Value =
            serde_json::from_slice(&out).with_context(|| String::from_utf8_lossy(&err).into_owned())?;
        Ok((verdict, told))
    }

    /// What is found with and without the leaves, while a file is another one.
    async fn found_with(&self, path: &str, change: impl Fn(&mut Vec<u8>)) -> Result<[(Verdict, Value); 2]> {
        let before = self.files.lock().unwrap()[path].clone();
        change(self.files.lock().unwrap().get_mut(path).context("no such file")?);
        let found = [self.verify(false).await?, self.verify(true).await?];
        self.files.lock().unwrap().insert(path.to_owned(), before);
        Ok(found.map(|(verdict, mut told)| (verdict, told["journaux"][0]["faute"].take())))
    }
}

fn faute(found: &(Verdict, Value)) -> (Verdict, &str, i64) {
    (
        found.0,
        found.1["nature"].as_str().unwrap_or_default(),
        found.1["position"].as_i64().unwrap_or_default(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_alone_prove_a_journal_whole_and_a_change_of_any_of_them_is_found() -> Result<()> {
    let copie = copie().await?;
    for with_leaves in [false, true] {
        let (verdict, told) = copie.verify(with_leaves).await?;
        assert_eq!(verdict, Verdict::Valide, "{told}");
        let journal = &told["journaux"][0];
        assert_eq!(
            (&journal["evenements_conformes"], &journal["scelle_jusqu_au"]),
            (&json!(LEAVES), &json!(LEAVES))
        );
    }
    let flip = |at: usize| move |bytes: &mut Vec<u8>| bytes[at] ^= 1;
    let swap = |bytes: &mut Vec<u8>| bytes[..64].rotate_left(32);
    // A hash of a leaf: the tile above no longer follows from it.
    let [hashes, leaves] = copie.found_with("tile/0/001", flip(32 * 7)).await?;
    assert_eq!(faute(&hashes), (Verdict::Invalide, "tuile", 257));
    assert_eq!(faute(&leaves), (Verdict::Invalide, "empreinte", 256 + 8));
    let [hashes, leaves] = copie.found_with("tile/0/001", swap).await?;
    assert_eq!(faute(&hashes), (Verdict::Invalide, "tuile", 257));
    assert_eq!(faute(&leaves), (Verdict::Invalide, "empreinte", 257));
    // In the partial tile nothing is above but the root.
    let [hashes, _] = copie.found_with("tile/0/002.p/88", flip(0)).await?;
    assert_eq!(faute(&hashes), (Verdict::Invalide, "racine", 600));
    let [hashes, _] = copie.found_with("tile/1/000.p/2", flip(33)).await?;
    assert_eq!(faute(&hashes), (Verdict::Invalide, "tuile", 257));
    // A leaf is seen by who may read it.
    let [hashes, leaves] = copie.found_with("tile/entries/000", flip(40)).await?;
    assert_eq!(hashes.0, Verdict::Valide);
    assert_eq!(faute(&leaves), (Verdict::Invalide, "empreinte", 1));
    // The signed head.
    let resized = |bytes: &mut Vec<u8>| {
        *bytes = String::from_utf8_lossy(bytes).replace("\n600\n", "\n599\n").into_bytes()
    };
    let [hashes, _] = copie.found_with("checkpoint", resized).await?;
    assert_eq!((hashes.0, faute(&hashes).1), (Verdict::Invalide, "sceau"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_concludes_nothing() -> Result<()> {
    let copie = copie().await?;
    let gone = |path: &str| copie.files.lock().unwrap().remove(path);
    for path in ["tile/1/000.p/2", "tile/0/001", "checkpoint"] {
        let file = gone(path).context("no such file")?;
        let (verdict, told) = copie.verify(false).await?;
        assert_eq!(verdict, Verdict::Indetermine, "{path}: {told}");
        assert!(told["motif"].as_str().is_some_and(|motif| motif.contains(path)), "{told}");
        copie.files.lock().unwrap().insert(path.to_owned(), file);
    }
    // A short or a long tile is none.
    for length in [31, 32 * 256 + 1] {
        let before = copie.files.lock().unwrap().insert("tile/0/000".to_owned(), vec![0; length]);
        assert_eq!(copie.verify(false).await?.0, Verdict::Indetermine);
        copie.files.lock().unwrap().insert("tile/0/000".to_owned(), before.context("no tile")?);
    }
    // The log of another house.
    let other = "autre.fr/journal/0690001b/2026\n600\nAAAA\n\n".to_owned().into_bytes();
    copie.files.lock().unwrap().insert("checkpoint".to_owned(), other);
    assert_eq!(copie.verify(false).await?.0, Verdict::Indetermine);
    Ok(())
}
