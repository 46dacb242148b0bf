//! A reader of tiles that we did not write (`tlog-scales`). It holds leaves, tiles and proofs to
//! a head; payloads and tokens it does not know, and whose head it is only from a verifier key.

use super::{asked, juges, said, text, verifier_key};
use crate::ledger::sealing::Growing;
use crate::rejeu::histoire::{Falsification, Histoire};
use anyhow::{Context, Result};
use ledger::sealer::keys::SealKeys;
use ledger::sealer::log::Log;
use ledger::tlog::bundle;
use recits::DOMAINE;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// Enough for two full tiles, a partial one, and one above them.
const LEAVES: usize = 600;

/// Whether a proof leads from a leaf to the head that comes with it, and whose that head is.
const PROUVE: &str = "
import sys, base64
from tlog_scales import tiles
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint, InclusionProof
leaf, proof, key = sys.argv[1:]
steps, note = open(proof).read().split('\\n\\n', 1)
steps, head = steps.split('\\n'), Checkpoint.from_text(note)
head.verify(Vkey.from_string(key))
hashes = [base64.b64decode(step) for step in steps[2:]]
InclusionProof(int(steps[1].split()[1]), head.size, hashes).check(tiles.leaf_hash(open(leaf, 'rb').read()), head.root_hash)
print('PROUVE')
";

type Files = BTreeMap<String, Vec<u8>>;

/// The judge before the files of a journal.
struct Lecteur {
    juges: PathBuf,
    home: TempDir,
    key: String,
}

impl Lecteur {
    /// Puts these files before it, and no others.
    fn reads(&mut self, files: &Files) -> Result<()> {
        self.home = tempfile::tempdir()?;
        for (path, file) in files {
            let to = self.home.path().join(path);
            fs::create_dir_all(to.parent().context("no folder")?)?;
            fs::write(to, file)?;
        }
        Ok(())
    }

    /// What it reads as the leaf at an index, where that leads to the head; else what it says.
    fn leaf(&self, index: usize) -> Result<Result<Vec<u8>, String>> {
        let arguments = ["get-leaf", "-c", text(self.home.path()), &index.to_string()];
        let output = asked(&self.juges, "tlog-tiles", &arguments)?;
        Ok(if output.status.success() { Ok(output.stdout) } else { Err(said(&output)) })
    }

    fn proves(&self, leaf: &[u8], proof: &[u8]) -> Result<bool> {
        let [at, of] = ["feuille", "preuve"].map(|name| self.home.path().join(name));
        fs::write(&at, leaf)?;
        fs::write(&of, proof)?;
        let output = asked(&self.juges, "python3", &["-c", PROUVE, text(&at), text(&of), &self.key])?;
        assert_eq!(output.status.success(), said(&output).contains("PROUVE"), "{}", said(&output));
        Ok(output.status.success())
    }
}

/// A journal as it was sealed, its files, and the judge.
async fn scene(juges: PathBuf) -> Result<(Growing, Vec<Vec<u8>>, Files, Lecteur)> {
    let mut record = Growing::open().await?;
    let sealer = record.bench.sealer()?;
    record.grow(LEAVES as u64).await?;
    sealer.pass().await?;
    let leaves = record.texts().await?;
    let mut files = Histoire::of(leaves.clone()).files()?;
    // The hashes are those of the sealer itself.
    let folder = record.bench.tiles().join("0690001b/2026");
    for (path, file) in files.iter_mut().filter(|(path, _)| !path.contains("entries")) {
        *file = fs::read(folder.join(path)).with_context(|| path.clone())?;
    }
    let note = sealer.checkpoint(&record.journal).await?.context("not sealed")?.note;
    files.insert("checkpoint".to_owned(), note.into_bytes());
    let key = verifier_key(&sealer, &Log::from(&record.journal))?;
    let mut lecteur = Lecteur { juges, home: tempfile::tempdir()?, key };
    lecteur.reads(&files)?;
    Ok((record, leaves, files, lecteur))
}

/// Puts the leaves of a bundle otherwise.
fn rearranged(bytes: &mut Vec<u8>, arrange: impl FnOnce(&mut Vec<&[u8]>)) {
    let good = bytes.clone();
    let mut leaves = bundle::decode(&good).unwrap();
    arrange(&mut leaves);
    *bytes = bundle::encode(leaves).unwrap();
}

/// What is done to a file, and the leaf that is asked for afterwards.
type Change = (&'static str, fn(&mut Vec<u8>), usize);

const CHANGES: [Change; 9] = [
    ("tile/entries/000", |file| file[40] ^= 1, 0),
    ("tile/0/001", |file| file[7] ^= 1, 258),
    ("tile/0/002.p/88", |file| file[40] ^= 1, 512),
    ("tile/1/000.p/2", |file| file[0] ^= 1, 300),
    ("checkpoint", |file| file[50] ^= 1, 0),
    ("tile/entries/001", |file| rearranged(file, |leaves| _ = leaves.remove(7)), 263),
    ("tile/entries/001", |file| rearranged(file, |leaves| _ = leaves.remove(7)), 511),
    ("tile/entries/001", |file| rearranged(file, |leaves| leaves.swap(7, 8)), 263),
    ("tile/entries/001", |file| rearranged(file, |leaves| leaves.swap(7, 8)), 264),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_tiles_that_we_did_not_write_takes_each_leaf_and_none_that_was_changed() -> Result<()> {
    let Some(juges) = juges()? else { return Ok(()) };
    let (_record, leaves, files, mut lecteur) = scene(juges).await?;
    for index in [0, 255, 256, 511, 512, 599] {
        assert_eq!(lecteur.leaf(index)?.as_deref(), Ok(leaves[index].as_slice()), "{index}");
    }
    for (number, (path, change, index)) in CHANGES.into_iter().enumerate() {
        let mut changed = files.clone();
        let file = changed.get_mut(path).context("no such file")?;
        change(file);
        assert_ne!(*file, files[path], "{path} is what it was");
        lecteur.reads(&changed)?;
        assert!(lecteur.leaf(index)?.is_err(), "change {number}, of {path}, is not found at {index}");
    }
    // Whoever makes every tile anew still has no head for it.
    for falsification in Falsification::ALL {
        let mut changed = Histoire::of(falsification.of(&leaves, 263)).files()?;
        changed.insert("checkpoint".to_owned(), files["checkpoint"].clone());
        lecteur.reads(&changed)?;
        assert!(lecteur.leaf(263)?.is_err(), "{falsification:?}");
        assert!(lecteur.leaf(0)?.is_err(), "{falsification:?}: no leaf leads to the head any more");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checker_of_proofs_that_we_did_not_write_takes_no_byte_for_another() -> Result<()> {
    let Some(juges) = juges()? else { return Ok(()) };
    let (_record, leaves, files, lecteur) = scene(juges).await?;
    let note = String::from_utf8(files["checkpoint"].clone())?;
    let proof = Histoire::of(leaves.clone()).proof(263, &note).await?.to_string().into_bytes();
    assert!(lecteur.proves(&leaves[263], &proof)?);
    assert!(!lecteur.proves(&leaves[264], &proof)?, "the next leaf in its place");
    let signature = proof.len() - 10;
    let index = String::from_utf8_lossy(&proof).find("263").context("no index")?;
    for at in [index, 60, signature] {
        let mut flipped = proof.clone();
        flipped[at] = if flipped[at] == b'A' { b'B' } else { flipped[at] ^ 1 };
        assert!(!lecteur.proves(&leaves[263], &flipped)?, "byte {at}");
    }
    let mut leaf = leaves[263].clone();
    leaf[20] ^= 1;
    assert!(!lecteur.proves(&leaf, &proof)?);
    Ok(())
}

/// It has no memory: see `temoins` for who has.
#[tokio::test(flavor = "multi_thread")]
async fn a_history_rewritten_under_the_houses_own_key_is_taken_by_who_has_seen_no_other() -> Result<()> {
    let Some(juges) = juges()? else { return Ok(()) };
    let (record, leaves, _, mut lecteur) = scene(juges).await?;
    let origin = Log::from(&record.journal).origin(DOMAINE);
    let keys = SealKeys::read(&record.bench.seal_file())?;
    for falsification in Falsification::ALL {
        let forged = falsification.of(&leaves, 263);
        let histoire = Histoire::of(forged.clone());
        let note = histoire.signed(&keys, &origin)?;
        let mut files = histoire.files()?;
        files.insert("checkpoint".to_owned(), note.clone().into_bytes());
        lecteur.reads(&files)?;
        assert_eq!(lecteur.leaf(263)?.as_deref(), Ok(forged[263].as_slice()), "{falsification:?}");
        let proof = histoire.proof(263, &note).await?.to_string();
        assert!(lecteur.proves(&forged[263], proof.as_bytes())?, "{falsification:?}");
    }
    Ok(())
}
