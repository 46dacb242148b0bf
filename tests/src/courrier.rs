//! A real SMTP server, npm `smtp-server`, in a process of its own: see `tests/doors/courrier.js`.

use crate::absent::skipped;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

/// See the module.
pub struct Courrier {
    /// Where it listens, on this machine.
    pub port: u16,
    talk: Mutex<(ChildStdin, Lines<BufReader<ChildStdout>>)>,
    _process: Child,
}

/// A mail that it has taken, as a parser that is not ours reads it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[allow(missing_docs)]
pub struct Mail {
    pub id: String,
    /// Where it goes back to.
    #[serde(rename = "returnPath")]
    pub retour: String,
    pub to: Vec<String>,
    pub from: String,
    pub subject: String,
    pub text: String,
    pub automatic: Option<String>,
}

impl Courrier {
    /// Starts one; none where it is not installed.
    pub async fn start() -> Result<Option<Self>> {
        let doors = Path::new(env!("CARGO_MANIFEST_DIR")).join("doors");
        if !doors.join("node_modules/smtp-server").exists() {
            skipped("npm smtp-server is not here: npm ci --prefix tests/doors")?;
            return Ok(None);
        }
        let mut process = Command::new("node")
            .arg("courrier.js")
            .current_dir(doors)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("node")?;
        let input = process.stdin.take().context("no input")?;
        let mut lines = BufReader::new(process.stdout.take().context("no output")?).lines();
        let said: Value = serde_json::from_str(&lines.next_line().await?.context("the server ended")?)?;
        let port = said["port"].as_u64().and_then(|port| u16::try_from(port).ok()).context("no port")?;
        Ok(Some(Self { port, talk: Mutex::new((input, lines)), _process: process }))
    }

    /// Has it refuse what comes for a mailbox with a code of SMTP, or no more.
    pub async fn refuse(&self, mailbox: &str, code: Option<u16>) -> Result<()> {
        self.tell(json!({ "of": mailbox, "refuse": code })).await.map(drop)
    }

    /// Has it refuse for ever what comes for a mailbox, with a status code (RFC 3463).
    pub async fn refuse_as(&self, mailbox: &str, statut: &str) -> Result<()> {
        self.tell(json!({ "of": mailbox, "refuse": 550, "status": statut })).await.map(drop)
    }

    /// Has it take this long over each mail, once it has it.
    pub async fn slow(&self, time: Duration) -> Result<()> {
        self.tell(json!({ "slow": u64::try_from(time.as_millis())? })).await.map(drop)
    }

    /// The mails that it has taken, in their order.
    pub async fn mails(&self) -> Result<Vec<Mail>> {
        let mut answer = self.tell(json!({ "mails": true })).await?;
        Ok(serde_json::from_value(answer["mails"].take())?)
    }

    async fn tell(&self, command: Value) -> Result<Value> {
        let mut talk = self.talk.lock().await;
        let (input, lines) = &mut *talk;
        input.write_all(format!("{command}\n").as_bytes()).await?;
        let answer: Value = serde_json::from_str(&lines.next_line().await?.context("the server ended")?)?;
        ensure!(answer["done"] == true, "{answer}");
        Ok(answer)
    }
}
