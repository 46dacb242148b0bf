//! A sealed journal before a judge that is not ours: `tests/tlog/juge.go`, which stands on
//! Go's `sumdb`. It takes what was sealed, and nothing that was changed afterwards.
//!
//! Needs Debian's `golang-go` and `golang-golang-x-mod-dev`; without them this test says
//! that it was skipped. In continuous integration their absence is a failure.

use super::sealing::Growing;
use crate::rejeu::histoire::{Falsification, Histoire};
use anyhow::{Context, Result, ensure};
use ledger::sealer::Sealer;
use ledger::sealer::keys::SealKeys;
use ledger::sealer::log::Log;
use ledger::tlog::cosignature::WitnessKey;
use ledger::tlog::proof;
use ledger::tlog::tile::{Level, Tile, bytes};
use ledger::tlog::{bundle, proof::Tiles};
use recits::DOMAINE;
use recits::absent::skipped;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use zeroize::Zeroizing;

/// Where Debian puts Go's libraries.
const GOPATH: &str = "/usr/share/gocode";

/// The judge, built.
struct Juge {
    program: PathBuf,
    _folder: TempDir,
}

impl Juge {
    fn build() -> Result<Option<Self>> {
        if !Path::new(GOPATH).join("src/golang.org/x/mod/sumdb/tlog").exists() {
            skipped("golang-go and golang-golang-x-mod-dev are not here")?;
            return Ok(None);
        }
        let folder = tempfile::tempdir()?;
        let program = folder.path().join("juge");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tlog/juge.go");
        let built = Command::new("go")
            .args(["build", "-o"])
            .args([&program, &source])
            .env("GO111MODULE", "off")
            .env("GOPATH", GOPATH)
            .env("GOCACHE", folder.path().join("cache"))
            .status()?;
        ensure!(built.success(), "the judge cannot be built");
        Ok(Some(Self { program, _folder: folder }))
    }

    /// Whether it takes a journal, and what it says.
    fn takes(&self, journal: &Path) -> Result<(bool, String)> {
        let said = Command::new(&self.program).arg(journal).output()?;
        Ok((
            said.status.success(),
            String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned(),
        ))
    }
}

/// Writes all that anybody may ask of a journal, and its leaves.
async fn export(record: &Growing, sealer: &Sealer, ancien: &str, to: &Path) -> Result<()> {
    let journal = &record.journal;
    let sealed = sealer.checkpoint(journal).await?.context("nothing is sealed")?;
    let size = sealed.size.unsigned_abs();
    let tiles = sealer.tiles().of(journal);
    for level in 0..2 {
        for index in 0..=size / 256 {
            let Some(tile) = Tile::within(size, Level::Hashes(level), index) else { break };
            write(to, &format!("tile/{tile}"), &bytes(&tiles.read(tile).await?))?;
        }
    }
    for index in 0..=size / 256 {
        let Some(tile) = Tile::within(size, Level::Entries, index) else { break };
        let bundle = sealer.bundle(journal, tile).await?.context("leaves are missing")?;
        write(to, &format!("tile/{tile}"), &bundle)?;
    }
    write(to, "cle", sealer.verifier_keys(journal)[0].key.as_bytes())?;
    let witness = WitnessKey::of("temoin.rectorat.fr", &Zeroizing::new([2; 32])).context("no name")?;
    write(to, "temoin", witness.verifier_key().as_bytes())?;
    let cosigned = sealed.note.clone() + &witness.cosign(&sealed.note, 1_795_000_000)?;
    write(to, "checkpoint", cosigned.as_bytes())?;
    write(to, "ancien", ancien.as_bytes())?;
    let old = ancien.lines().nth(1).context("no size")?.parse()?;
    let coherence = proof::consistency(&tiles, size, old).await?;
    let lines: Vec<_> = coherence.iter().map(ToString::to_string).collect();
    write(to, "coherence", lines.join("\n").as_bytes())?;
    for position in [1, 257, sealed.size] {
        let proof = sealer.prove(&journal.at(position)).await?.context("not sealed")?;
        write(to, &format!("preuves/{position}.tlog-proof"), proof.to_string().as_bytes())?;
    }
    Ok(())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().context("a file has a folder")?)?;
    Ok(std::fs::write(path, bytes)?)
}

/// Changes one file while `look` looks.
fn changed<T>(file: &Path, change: impl FnOnce(&mut Vec<u8>), look: impl FnOnce() -> Result<T>) -> Result<T> {
    let good = std::fs::read(file)?;
    let mut bad = good.clone();
    change(&mut bad);
    assert_ne!(good, bad, "{} was not changed", file.display());
    std::fs::write(file, bad)?;
    let seen = look();
    std::fs::write(file, good)?;
    seen
}

/// Puts the leaves of a bundle otherwise.
fn rearranged(bytes: &mut Vec<u8>, arrange: impl FnOnce(&mut Vec<&[u8]>)) {
    let good = bytes.clone();
    let mut leaves = bundle::decode(&good).unwrap();
    arrange(&mut leaves);
    *bytes = bundle::encode(leaves).unwrap();
}

#[tokio::test]
async fn a_judge_from_go_takes_what_was_sealed_and_nothing_that_was_changed() -> Result<()> {
    let Some(juge) = Juge::build()? else { return Ok(()) };
    let mut record = Growing::open().await?;
    let sealer = record.bench.sealer()?;
    record.grow(300).await?;
    sealer.pass().await?;
    let ancien = sealer.checkpoint(&record.journal).await?.context("nothing is sealed")?.note;
    record.grow(330).await?;
    sealer.pass().await?;
    let folder = tempfile::tempdir()?;
    let journal = folder.path();
    export(&record, &sealer, &ancien, journal).await?;
    let (taken, said) = juge.takes(journal)?;
    assert!(taken, "{said}");
    assert!(said.starts_with("630 leaves, 3 proofs"), "{said}");

    let flip = |at: usize| move |bytes: &mut Vec<u8>| bytes[at] ^= 1;
    let flips = [
        ("tile/entries/000", 700),
        ("tile/entries/002.p/118", 3),
        ("tile/0/001", 4000),
        ("tile/0/002.p/118", 31),
        ("tile/1/000.p/2", 0),
        ("checkpoint", 40),
        ("checkpoint", 120),
        ("coherence", 5),
        ("preuves/257.tlog-proof", 60),
        ("preuves/1.tlog-proof", 30),
    ];
    for (file, at) in flips {
        let (taken, said) = changed(&journal.join(file), flip(at), || juge.takes(journal))?;
        assert!(!taken, "{file} with byte {at} changed is taken: {said}");
    }
    let bundle = journal.join("tile/entries/001");
    let removed = |bytes: &mut Vec<u8>| rearranged(bytes, |leaves| leaves.truncate(255));
    let (taken, said) = changed(&bundle, removed, || juge.takes(journal))?;
    assert!(!taken && said.contains("number of leaves"), "{said}");
    let reordered = |bytes: &mut Vec<u8>| rearranged(bytes, |leaves| leaves.swap(7, 8));
    let (taken, said) = changed(&bundle, reordered, || juge.takes(journal))?;
    assert!(!taken && said.contains("leaf 263"), "{said}");
    let checkpoint = journal.join("checkpoint");
    let cosignature = |bytes: &mut Vec<u8>| {
        let at = bytes.len() - 10;
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    };
    let (taken, said) = changed(&checkpoint, cosignature, || juge.takes(journal))?;
    assert!(!taken && said.contains("the cosignature"), "{said}");
    let older = |bytes: &mut Vec<u8>| *bytes = ancien.clone().into_bytes();
    assert!(!changed(&journal.join("checkpoint"), older, || juge.takes(journal))?.0);
    assert!(juge.takes(journal)?.0);
    Ok(())
}

/// It remembers nothing: only what somebody else kept tells it, be that a cosignature or an
/// earlier head.
#[tokio::test]
async fn a_history_rewritten_under_the_houses_own_key_is_told_by_what_others_kept_alone() -> Result<()> {
    let Some(juge) = Juge::build()? else { return Ok(()) };
    let mut record = Growing::open().await?;
    let sealer = record.bench.sealer()?;
    record.grow(300).await?;
    sealer.pass().await?;
    let ancien = sealer.checkpoint(&record.journal).await?.context("nothing is sealed")?.note;
    record.grow(330).await?;
    sealer.pass().await?;
    let folder = tempfile::tempdir()?;
    let journal = folder.path();
    export(&record, &sealer, &ancien, journal).await?;
    let (origin, leaves) = (Log::from(&record.journal).origin(DOMAINE), record.texts().await?);
    let keys = SealKeys::read(&record.bench.seal_file())?;
    let temoin = std::fs::read(journal.join("temoin"))?;
    for falsification in Falsification::ALL {
        let histoire = Histoire::of(falsification.of(&leaves, 263));
        let head = histoire.signed(&keys, &origin)?;
        for (path, file) in histoire.files()? {
            write(journal, &path, &file)?;
        }
        write(journal, "checkpoint", head.as_bytes())?;
        for position in [1, 257, 630] {
            let proof = histoire.proof(position - 1, &head).await?.to_string();
            write(journal, &format!("preuves/{position}.tlog-proof"), proof.as_bytes())?;
        }
        // The earlier head too, as the forger tells it.
        let before = Histoire::of(falsification.of(&leaves, 263)[..300].to_vec()).signed(&keys, &origin)?;
        let lines: Vec<_> = histoire.since(300).await?.iter().map(ToString::to_string).collect();
        write(journal, "coherence", lines.join("\n").as_bytes())?;
        write(journal, "ancien", before.as_bytes())?;
        write(journal, "temoin", &temoin)?;
        let (taken, said) = juge.takes(journal)?;
        assert!(!taken && said.contains("the cosignature"), "{falsification:?}: {said}");
        std::fs::remove_file(journal.join("temoin"))?;
        let (taken, said) = juge.takes(journal)?;
        assert!(taken, "{falsification:?}: {said}");
        write(journal, "ancien", ancien.as_bytes())?;
        let (taken, said) = juge.takes(journal)?;
        assert!(!taken && said.contains("coherence"), "{falsification:?}: {said}");
    }
    Ok(())
}
