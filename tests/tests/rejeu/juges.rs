//! Programs that we did not write judge what we seal and prove: a witness (`aics-witness`), a
//! reader of tiles (`tlog-scales`), verifiers of proofs (`proofbundle`, `aics-tlog`), one of
//! bags (`bagit`), readers of exports (`cloudevents`, `pyarrow`), and for slips the schemas of SEDA
//! under `xmllint`.
//!
//! `./test` installs them from PyPI and names where in `ENT_JUGES`; without them these tests
//! say so and pass, but in continuous integration.
//!
//! What each of them is shown besides, and must refuse, has a file per judge.

mod dossiers;
mod exports;
pub mod temoins;
mod tuiles;

use super::prouver::{Dossier, flip};
use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use ledger::sealer::Sealer;
use ledger::sealer::log::Log;
use ledger::wake;
use recits::absent::skipped;
use replay_tools::verdict::Verdict;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

/// How long a judge may take to open its door.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at whether it has.
const PAUSE: Duration = Duration::from_millis(200);

/// The folder of the judges, if they are here.
pub fn juges() -> Result<Option<PathBuf>> {
    let found = std::env::var_os("ENT_JUGES").map(PathBuf::from);
    if found.is_none() {
        skipped("the judges from PyPI are not here (ENT_JUGES)")?;
    }
    Ok(found)
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

/// What verifies the heads of a log.
pub fn verifier_key(sealer: &Sealer, log: &Log) -> Result<String> {
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

#[tokio::test(flavor = "multi_thread")]
async fn what_extends_a_cloture_is_judged_by_a_program_that_we_did_not_write() -> Result<()> {
    let Some(juges) = juges()? else { return Ok(()) };
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
    let Some(juges) = juges()? else { return Ok(()) };
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
    let Some(juges) = juges()? else { return Ok(()) };
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
