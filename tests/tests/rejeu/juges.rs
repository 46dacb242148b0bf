//! Programs that we did not write judge what we seal and prove: a witness (`aics-witness`), a
//! reader of tiles (`tlog-scales`), verifiers of proofs (`proofbundle`, `aics-tlog`), one of
//! bags (`bagit`), and for slips the schemas of SEDA under `xmllint`.
//!
//! `./test` installs them from PyPI and names where in `ENT_JUGES`; without them these tests
//! say so and pass.

use super::contreseings::{Maison, policy};
use super::prouver::{Dossier, flip};
use super::tuiles::copie;
use crate::ledger::sealing::Growing;
use anyhow::{Context, Result, ensure};
use api::program::Witnesses;
use base64::{Engine, engine::general_purpose::STANDARD};
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
pub fn juges() -> Option<PathBuf> {
    let found = std::env::var_os("ENT_JUGES").map(PathBuf::from);
    if found.is_none() {
        eprintln!("skipped: the judges from PyPI are not here (ENT_JUGES)");
    }
    found
}

/// What a judge answers to these arguments.
pub fn asked(juges: &Path, name: &str, arguments: &[&str]) -> Result<Output> {
    let program = juges.join(name);
    Command::new(&program).args(arguments).output().with_context(|| program.display().to_string())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}

/// All that it said.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn verifier_key(sealer: &Sealer, log: &Log) -> Result<String> {
    Ok(sealer.verifier_keys(log).pop().context("no key")?.key)
}

/// Waits until somebody listens there.
pub async fn opened(address: &str) -> Result<()> {
    let opened = async {
        while tokio::net::TcpStream::connect(address).await.is_err() {
            wake::tick(PAUSE).await;
        }
    };
    tokio::time::timeout(PATIENCE, opened).await.context("it does not listen")
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
        opened(&listen).await?;
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

#[tokio::test(flavor = "multi_thread")]
async fn what_extends_a_cloture_is_judged_by_a_program_that_we_did_not_write() -> Result<()> {
    let Some(juges) = juges() else { return Ok(()) };
    let dossier = Dossier::scelle().await?;
    dossier.clos("2026-11-26T08:00:00Z").await?;
    assert_eq!(dossier.dresse("preuve.zip", &[]).await.0, Verdict::Valide);
    let sac = dossier.ouvert("preuve.zip")?;
    let journal = sac.racine.join("data/journaux/0690001b-2026-4");
    let lundi = journal.join("clotures/2026-11-23");
    let cloture: serde_json::Value = serde_json::from_slice(&fs::read(lundi.join("cloture.json"))?)?;
    let racine = cloture["racine"].as_str().context("no root")?;
    let bytes = (0..racine.len()).step_by(2).map(|at| u8::from_str_radix(&racine[at..at + 2], 16));
    let old_root = STANDARD.encode(bytes.collect::<Result<Vec<_>, _>>()?);
    let asked_witness = fs::read_to_string(lundi.join("prolongement"))?;
    let (head, _) = asked_witness.split_once("\n\n").context("no proof")?;
    let proof = journal.join("chemin");
    fs::write(&proof, head.lines().skip(1).map(|line| format!("{line}\n")).collect::<String>())?;
    let note = fs::read_to_string(journal.join("checkpoint"))?;
    let new_root = note.lines().nth(2).context("no root")?;
    let holds = |size: &str| -> Result<bool> {
        let sizes = ["verify-consistency", "--old-size", size, "--new-size", "4", "--old-root", &old_root];
        let arguments = [&sizes[..], &["--new-root", new_root, "--proof", text(&proof)]].concat();
        Ok(asked(&juges, "aics-tlog", &arguments)?.status.success())
    };
    assert!(holds("3")? && !holds("2")?);
    flip(&proof, 10)?;
    assert!(!holds("3")?, "a byte of the proof");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slip_is_what_the_schemas_of_seda_ask_for() -> Result<()> {
    let Some(juges) = juges() else { return Ok(()) };
    let dossier = Dossier::scelle().await?;
    for version in ["2.1", "2.2"] {
        let name = format!("seda-{version}.zip");
        assert_eq!(dossier.dresse(&name, &["--seda", version]).await.0, Verdict::Valide);
        let sac = dossier.ouvert(&name)?;
        let slip = sac.racine.join("manifest.xml");
        let schema = juges.join(format!("../seda/cubicweb_seda/xsd/seda-{version}-main.xsd"));
        let arguments = ["--noout", "--nonet", "--schema", text(&schema), text(&slip)];
        let holds = || Command::new("xmllint").args(arguments).output();
        let judged = holds()?;
        assert!(judged.status.success(), "{}", said(&judged));
        let told = fs::read_to_string(&slip)?;
        assert!(told.contains("Demandé par la famille &#60;tuteur&#62;"), "{told}");
        fs::write(&slip, told.replacen("<Uri>", "<Adresse>", 1).replacen("</Uri>", "</Adresse>", 1))?;
        assert!(!holds()?.status.success());
    }
    Ok(())
}

/// What a reader of the document hears: its tags, its language, its text.
const READ_PDF: &str = "
import sys, pypdf
pdf = pypdf.PdfReader(sys.argv[1])
root = pdf.trailer['/Root']
print(root['/MarkInfo']['/Marked'], root['/Lang'], pdf.metadata.title)
print(' '.join(' '.join(page.extract_text() for page in pdf.pages).split()))
";

#[tokio::test(flavor = "multi_thread")]
async fn the_report_is_joined_as_a_tagged_document_that_another_program_reads() -> Result<()> {
    let Some(juges) = juges() else { return Ok(()) };
    let dossier = Dossier::scelle().await?;
    let program = juges.join("weasyprint");
    let (verdict, told) = dossier.dresse("preuve.zip", &["--pdf", text(&program)]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    let sac = dossier.ouvert("preuve.zip")?;
    let pdf = sac.racine.join("data/rapport.pdf");
    let read = said(&asked(&juges, "python3", &["-c", READ_PDF, text(&pdf)])?);
    assert!(read.starts_with("True fr Dossier de preuve\n"), "{read}");
    for expected in ["la famille <tuteur>", "a corrigé", "Ce que ce dossier ne prouve pas"] {
        assert!(read.contains(expected), "{expected}: {read}");
    }
    assert!(fs::read_to_string(sac.racine.join("manifest.xml"))?.contains("application/pdf"));
    // What makes no document makes no bundle either.
    for (program, expected) in [("/bin/cat", "n'en a pas fait un PDF"), ("/nulle/part", "ne peut être lancé")]
    {
        let (verdict, told) = dossier.dresse("sans.zip", &["--pdf", program]).await;
        assert!(verdict == Verdict::Indetermine && told.contains(expected), "{told}");
        assert!(dossier.ouvert("sans.zip").is_err());
    }
    Ok(())
}
