//! A real OpenID provider, npm `oidc-provider`, in a process of its own: see
//! `tests/doors/issuer.js`.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

/// What it knows the ENT by.
pub const SECRET: &str = "le secret du client";

/// See the module.
pub struct Fournisseur {
    /// The issuer.
    pub emetteur: String,
    talk: Mutex<(ChildStdin, Lines<BufReader<ChildStdout>>)>,
    _process: Child,
}

/// Where the judges from npm are, if they are installed.
fn doors() -> Option<PathBuf> {
    let doors = Path::new(env!("CARGO_MANIFEST_DIR")).join("doors");
    doors.join("node_modules/oidc-provider").exists().then_some(doors)
}

impl Fournisseur {
    /// Starts one whose people come back to `origin` under this name; none where it is not
    /// installed.
    pub async fn start(origin: &str, nom: &str) -> Result<Option<Self>> {
        let Some(doors) = doors() else { return Ok(None) };
        let arguments = json!({ "origin": origin, "name": nom, "secret": SECRET }).to_string();
        let mut process = Command::new("node")
            .args(["issuer.js", &arguments])
            .current_dir(doors)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("node")?;
        let input = process.stdin.take().context("no input")?;
        let mut lines = BufReader::new(process.stdout.take().context("no output")?).lines();
        let said = lines.next_line().await?.context("the provider ended")?;
        let said: Value = serde_json::from_str(&said)?;
        let emetteur = said["issuer"].as_str().context("no issuer")?.to_owned();
        Ok(Some(Self { emetteur, talk: Mutex::new((input, lines)), _process: process }))
    }

    /// Says who signs in next: `sub`, and claims.
    pub async fn annonce(&self, qui: Value) -> Result<()> {
        self.tell(json!({ "as": qui })).await
    }

    /// Has it change its keys.
    pub async fn rotate(&self) -> Result<()> {
        self.tell(json!({ "rotate": true })).await
    }

    async fn tell(&self, command: Value) -> Result<()> {
        let mut talk = self.talk.lock().await;
        let (input, lines) = &mut *talk;
        input.write_all(format!("{command}\n").as_bytes()).await?;
        let answer = lines.next_line().await?.context("the provider ended")?;
        ensure!(answer.contains("done"), "{answer}");
        Ok(())
    }
}
