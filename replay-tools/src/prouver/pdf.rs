//! The report as a PDF with accessible tags (PDF/UA-1, ISO 14289-1), from the same page: a
//! renderer of HTML that the operator has installed makes it (WeasyPrint).

use std::ffi::OsStr;
use std::io;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

/// For a report of some hundred acts.
const PATIENCE: Duration = Duration::from_secs(120);
/// From the page on its input to the document on its output.
const ARGUMENTS: [&str; 6] = ["--quiet", "--encoding", "utf-8", "--pdf-variant", "pdf/ua-1", "-"];

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum PdfFault {
    /// The program cannot be run.
    #[error("le programme qui en fait un PDF ne peut être lancé")]
    Program(#[source] io::Error),
    /// It takes too long.
    #[error("le programme qui en fait un PDF n'a pas fini au bout de {} s", PATIENCE.as_secs())]
    Late,
    /// It made something else.
    #[error("le programme n'en a pas fait un PDF : {0}")]
    Failed(String),
}

/// The page as a document.
pub async fn rendered(program: &OsStr, page: &str) -> Result<Vec<u8>, PdfFault> {
    let Output { status, stdout, stderr } = timeout(PATIENCE, run(program, page))
        .await
        .map_err(|_| PdfFault::Late)?
        .map_err(PdfFault::Program)?;
    if status.success() && stdout.starts_with(b"%PDF-") {
        return Ok(stdout);
    }
    let said = String::from_utf8_lossy(&stderr);
    Err(PdfFault::Failed(said.lines().last().unwrap_or("sans un mot").to_owned()))
}

async fn run(program: &OsStr, page: &str) -> io::Result<Output> {
    // It needs nothing of what this program is told in secret.
    let kept = std::env::vars_os().filter(|(name, _)| ["PATH", "HOME", "LANG"].iter().any(|one| name == one));
    let mut child = Command::new(program)
        .args(ARGUMENTS)
        .arg("-")
        .env_clear()
        .envs(kept)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let input = child.stdin.take();
    let give = async {
        if let Some(mut input) = input {
            // Who hangs up early says why in its output.
            let _ = input.write_all(page.as_bytes()).await;
        }
    };
    let ((), output) = tokio::join!(give, child.wait_with_output());
    output
}
