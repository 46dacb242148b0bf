//! A page as a PDF with accessible tags (PDF/UA-1, ISO 14289-1): a renderer of HTML that the
//! operator has installed makes it (WeasyPrint).
//!
//! It is another program, with no secret of this one in its environment, and it is given so
//! much time and so much room.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::timeout;

/// From the page on its input to the document on its output.
const ARGUMENTS: [&str; 6] = ["--quiet", "--encoding", "utf-8", "--pdf-variant", "pdf/ua-1", "-"];
/// Bytes that are kept of what it complains of.
const PLAINTE_MAX: u64 = 64 * 1024;

/// A program that makes documents of pages.
#[derive(Debug, Clone)]
pub struct Presse {
    programme: OsString,
    patience: Duration,
    taille_max: u64,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum PdfFault {
    /// The program cannot be run.
    #[error("le programme qui en fait un PDF ne peut être lancé")]
    Program(#[source] io::Error),
    /// It takes too long.
    #[error("le programme qui en fait un PDF n'a pas fini au bout de {} s", .0.as_secs())]
    Late(Duration),
    /// It makes too much.
    #[error("le PDF dépasse {0} octets")]
    Large(u64),
    /// It made something else.
    #[error("le programme n'en a pas fait un PDF : {0}")]
    Failed(String),
}

/// What came of a run.
struct Tirage {
    status: ExitStatus,
    document: Vec<u8>,
    plainte: Vec<u8>,
}

impl Presse {
    /// This program, which is given so much time, and may make so many bytes.
    pub fn new(programme: impl AsRef<OsStr>, patience: Duration, taille_max: u64) -> Self {
        Self { programme: programme.as_ref().to_owned(), patience, taille_max }
    }

    /// The page as a document.
    pub async fn imprimer(&self, page: &str) -> Result<Vec<u8>, PdfFault> {
        let run = timeout(self.patience, self.run(page)).await;
        let tirage = run.map_err(|_| PdfFault::Late(self.patience))?.map_err(PdfFault::Program)?;
        if u64::try_from(tirage.document.len()).is_ok_and(|length| length > self.taille_max) {
            return Err(PdfFault::Large(self.taille_max));
        }
        if tirage.status.success() && tirage.document.starts_with(b"%PDF-") {
            return Ok(tirage.document);
        }
        let said = String::from_utf8_lossy(&tirage.plainte);
        Err(PdfFault::Failed(said.lines().last().unwrap_or("sans un mot").to_owned()))
    }

    async fn run(&self, page: &str) -> io::Result<Tirage> {
        // It needs nothing of what this program is told in secret.
        let kept =
            std::env::vars_os().filter(|(name, _)| ["PATH", "HOME", "LANG"].iter().any(|one| name == one));
        let mut child = Command::new(&self.programme)
            .args(ARGUMENTS)
            .arg("-")
            .env_clear()
            .envs(kept)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let give = async {
            if let Some(mut input) = input {
                // Who hangs up early says why in its output.
                let _ = input.write_all(page.as_bytes()).await;
            }
        };
        // One byte more than it may make: who makes more is found out, and not read to the end.
        let made = taken(output, self.taille_max.saturating_add(1));
        let ((), document, plainte) = tokio::join!(give, made, taken(errors, PLAINTE_MAX));
        Ok(Tirage { document: document?, plainte: plainte?, status: child.wait().await? })
    }
}

/// The first bytes of what a program says; the pipe is closed after them.
async fn taken(pipe: Option<impl AsyncRead + Unpin>, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(most).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A program of this shell text, and the folder that it goes with.
    fn programme(text: &str) -> (tempfile::TempDir, OsString) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("presse");
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        (folder, path.into())
    }

    async fn printed(text: &str, patience: Duration) -> Result<Vec<u8>, PdfFault> {
        let (_folder, programme) = programme(text);
        Presse::new(programme, patience, 100).imprimer("<html>").await
    }

    const LONGTEMPS: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_page_goes_in_and_a_document_comes_out() {
        let made = printed("printf '%%PDF-1.7 '; cat", LONGTEMPS).await.unwrap();
        assert_eq!(made, b"%PDF-1.7 <html>");
    }

    #[tokio::test]
    async fn what_is_no_document_too_large_or_too_late_is_refused() {
        let failed = printed("cat >/dev/null; echo pourquoi >&2; exit 1", LONGTEMPS).await;
        assert!(matches!(failed, Err(PdfFault::Failed(said)) if said == "pourquoi"));
        let other = printed("cat", LONGTEMPS).await;
        assert!(matches!(other, Err(PdfFault::Failed(_))));
        let large = printed("printf '%%PDF-'; exec cat /dev/zero", LONGTEMPS).await;
        assert!(matches!(large, Err(PdfFault::Large(100))), "{large:?}");
        let late = printed("exec sleep 600", Duration::from_millis(100)).await;
        assert!(matches!(late, Err(PdfFault::Late(_))));
        let none = Presse::new("/nulle/part", LONGTEMPS, 100).imprimer("").await;
        assert!(matches!(none, Err(PdfFault::Program(_))));
    }

    #[tokio::test]
    async fn it_is_told_no_secret() {
        let made =
            printed("printf '%%PDF-'; cat >/dev/null; env | cut -d= -f1 | sort | tr '\\n' ' '", LONGTEMPS);
        let said = String::from_utf8(made.await.unwrap()).unwrap();
        assert!(!said.contains("CARGO"), "{said}");
    }
}
