//! Programs that we did not write judge what we seal and prove: a witness (`aics-witness`), a
//! reader of tiles (`tlog-scales`), a verifier of proofs (`proofbundle`), one of bags (`bagit`).
//!
//! `./test` installs them from PyPI and names where in `ENT_JUGES`; without them these tests
//! say so and pass.

use super::contreseings::{Maison, policy};
use super::prouver::{Dossier, flip};
use super::tuiles::copie;
use crate::ledger::sealing::Growing;
use anyhow::{Context, Result, ensure};
use api::program::Witnesses;
use ledger::feed::Journal;
use ledger::sealer::Sealer;
use ledger::sealer::log::Log;
use ledger::tlog::cosignature::WitnessKey;
use ledger::wake;
use replay_tools::verdict::Verdict;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use zeroize::Zeroizing;

/// How long a judge may take to open its door.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at whether it has.
const PAUSE: Duration = Duration::from_millis(200);

/// The folder of the judges, if they are here.
fn juges() -> Option<PathBuf> {
    let found = std::env::var_os("ENT_JUGES").map(PathBuf::from);
    if found.is_none() {
        eprintln!("skipped: the judges from PyPI are not here (ENT_JUGES)");
    }
    found
}

fn asked(juges: &Path, name: &str, arguments: &[&str]) -> Result<Output> {
    let program = juges.join(name);
    Command::new(&program).args(arguments).output().with_context(|| program.display().to_string())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn verifier_key(sealer: &Sealer, log: &Log) -> Result<String> {
    Ok(sealer.verifier_keys(log).pop().context("no key")?.key)
}

/// A witness that we did not write.
struct Tiers {
    juges: PathBuf,
    home: TempDir,
    serves: Option<Child>,
}

impl Drop for Tiers {
    fn drop(&mut self) {
        if let Some(mut child) = self.serves.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Tiers {
    fn open(juges: &Path) -> Result<Self> {
        Ok(Self { juges: juges.to_owned(), home: tempfile::tempdir()?, serves: None })
    }

    fn does(&self, arguments: &[&str]) -> Result<String> {
        let config = self.home.path().join("witness.json");
        let arguments: Vec<_> = arguments.iter().copied().chain(["--config", text(&config)]).collect();
        let output = asked(&self.juges, "aics-witness", &arguments)?;
        ensure!(output.status.success(), "{arguments:?}: {}", said(&output));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Its address and its key, once it knows these logs.
    async fn serve(&mut self, logs: &[(Log, String)]) -> Result<(String, String)> {
        let listen = tokio::net::TcpListener::bind("127.0.0.1:0").await?.local_addr()?.to_string();
        let made = self.does(&["init", "--name", "temoin.tiers.fr/w1", "--listen", &listen])?;
        let key = made.split_whitespace().find(|word| word.starts_with("temoin.tiers.fr/w1+"));
        let key = key.context("it tells no key")?.to_owned();
        for (_, verifier_key) in logs {
            let (origin, _) = verifier_key.split_once('+').context("no name")?;
            self.does(&["add-log", "--origin", origin, "--vkey", verifier_key])?;
        }
        let config = self.home.path().join("witness.json");
        let mut serve = Command::new(self.juges.join("aics-witness"));
        serve.args(["serve", "--config", text(&config)]).stdout(Stdio::null()).stderr(Stdio::null());
        self.serves = Some(serve.spawn()?);
        let opened = async {
            while tokio::net::TcpStream::connect(&listen).await.is_err() {
                wake::tick(PAUSE).await;
            }
        };
        tokio::time::timeout(PATIENCE, opened).await.context("it does not listen")?;
        Ok((format!("http://{listen}"), key))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_we_did_not_write_cosigns_and_tells_a_rewritten_history() -> Result<()> {
    let Some(juges) = juges() else { return Ok(()) };
    let mut maison = Maison::open().await?;
    let journal = Log::from(&maison.record.journal);
    let mut logs = Vec::new();
    for log in [journal.clone(), Log::Meta] {
        let key = verifier_key(&maison.sealer, &log)?;
        logs.push((log, key));
    }
    let mut tiers = Tiers::open(&juges)?;
    let (url, key) = tiers.serve(&logs).await?;
    let policy = policy(&url, &key)?;
    let witnesses = Witnesses::under(policy.clone())?;
    for by in [3, 270] {
        maison.sealed(by).await?;
        assert!(witnesses.round(&maison.sealer).await, "{:?}", maison.sealer.board().witnesses);
        assert!(policy.reached(&maison.note(&journal).await?));
        assert!(policy.reached(&maison.note(&Log::Meta).await?));
    }
    // The same journal rewritten, of the same length and longer, under our own key.
    let mut rewritten = Growing::open().await?;
    fs::copy(maison.record.bench.seal_file(), rewritten.bench.seal_file())?;
    for by in [274, 6] {
        rewritten.grow(by).await?;
        let sealer = rewritten.bench.sealer()?;
        sealer.pass().await?;
        assert!(!witnesses.round(&sealer).await);
        assert!(sealer.board().witnesses.join("\n").contains("another history"));
    }
    let evidence = tiers.does(&["evidence"])?;
    assert!(evidence.contains("0690001b/2026"), "the fork is kept: {evidence}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_tiles_that_we_did_not_write_proves_each_leaf() -> Result<()> {
    let Some(juges) = juges() else { return Ok(()) };
    let (copie, home) = (copie().await?, tempfile::tempdir()?);
    for (path, file) in copie.files.lock().unwrap().iter() {
        let to = home.path().join(path);
        fs::create_dir_all(to.parent().context("no folder")?)?;
        fs::write(to, file)?;
    }
    let leaf = |index: &str| asked(&juges, "tlog-tiles", &["get-leaf", "-c", text(home.path()), index]);
    for index in ["0", "255", "256", "511", "512", "599"] {
        let proven = leaf(index)?;
        assert!(proven.status.success() && proven.stdout.starts_with(b"{"), "{index}: {}", said(&proven));
    }
    for (file, at, index) in
        [("tile/entries/000", 40, "0"), ("tile/0/001", 7, "258"), ("tile/1/000.p/2", 0, "300")]
    {
        let path = home.path().join(file);
        let before = fs::read(&path)?;
        flip(&path, at)?;
        assert!(!leaf(index)?.status.success(), "{file}: a flipped byte is found");
        fs::write(&path, before)?;
    }
    Ok(())
}

/// A proof of a bundle, judged.
struct Preuve<'a> {
    juges: &'a Path,
    leaf: PathBuf,
    proof: PathBuf,
    log: String,
    witness: Option<String>,
}

impl Preuve<'_> {
    fn holds(&self) -> Result<bool> {
        let mut arguments = vec![
            "verify-proof",
            "--payload-file",
            text(&self.leaf),
            "--log-vkey",
            &self.log,
            text(&self.proof),
        ];
        if let Some(witness) = &self.witness {
            arguments.extend(["--witness-vkey", witness, "--threshold", "1"]);
        }
        Ok(asked(self.juges, "proofbundle", &arguments)?.status.success())
    }

    /// With one byte of the file flipped.
    fn holds_with(&self, path: &Path, at: usize) -> Result<bool> {
        let before = fs::read(path)?;
        flip(path, at)?;
        let holds = self.holds();
        fs::write(path, before)?;
        holds
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_is_judged_by_programs_that_we_did_not_write() -> Result<()> {
    let Some(juges) = juges() else { return Ok(()) };
    let dossier = Dossier::scelle().await?;
    let witness = dossier.witnessed().await?;
    assert_eq!(dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    let sac = dossier.ouvert("preuve.zip")?;
    let valid = || asked(&juges, "bagit.py", &["--validate", "--quiet", text(&sac.racine)]);
    assert!(valid()?.status.success());
    let journal = Journal { portail: "0690001b".parse()?, annee: domain::AnneeScolaire(2026) };
    let fait = sac.fait(3);
    let leaf = Preuve {
        juges: &juges,
        leaf: fait.join("feuille.json"),
        proof: fait.join("preuve.tlog-proof"),
        log: verifier_key(&dossier.sealer, &Log::Journal(journal))?,
        witness: None,
    };
    let head = sac.racine.join("data/journaux/0690001b-2026-4");
    let meta = Preuve {
        juges: &juges,
        leaf: head.join("checkpoint"),
        proof: head.join("meta.tlog-proof"),
        log: verifier_key(&dossier.sealer, &Log::Meta)?,
        witness: Some(witness),
    };
    for preuve in [&leaf, &meta] {
        assert!(preuve.holds()?, "{}", preuve.proof.display());
        assert!(!preuve.holds_with(&preuve.leaf, 10)?, "a byte of a leaf");
        assert!(!preuve.holds_with(&preuve.proof, 40)?, "a byte of a proof");
    }
    let other = WitnessKey::of("temoin.rectorat.fr", &Zeroizing::new([5; 32])).context("no key")?;
    assert!(!Preuve { witness: Some(other.verifier_key()), ..meta }.holds()?, "nobody else cosigned it");
    flip(&fait.join("charge.json"), 5)?;
    assert!(!valid()?.status.success());
    Ok(())
}
