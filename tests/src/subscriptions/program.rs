//! The demonstration served by the real program, looked at from outside.

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Ticks of a second in `/proc/PID/stat`: `USER_HZ`, which is 100 on every Linux.
const TICKS: u64 = 100;

/// `ent demo`, serving.
pub struct Program {
    child: Child,
    pid: i32,
    host: String,
    tokens: HashMap<String, String>,
    http: reqwest::Client,
}

impl Program {
    /// Starts the binary beside this one, and reads who may sign in.
    pub async fn start(data: &Path, sockets: usize) -> Result<Self> {
        let binary = std::env::current_exe()?.with_file_name("ent");
        let mut child = Command::new(&binary)
            .arg("demo")
            .env("ENT_DATA_DIR", data)
            .env("ENT_LISTEN", "127.0.0.1:0")
            .env("ENT_MAX_SOCKETS", sockets.to_string())
            .env("ENT_CADENCE_COMPTE", "1000000")
            .env("ENT_LOG", "warn")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start: build it first", binary.display()))?;
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).context("the program has gone")?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let (mut tokens, mut profil) = (HashMap::new(), String::new());
        while let Some(line) = lines.next_line().await? {
            if let Some((name, _)) = line.strip_prefix("── ").and_then(|rest| rest.split_once(" : ")) {
                profil = name.to_owned();
            } else if let Some(token) = line.strip_prefix("jeton    ") {
                tokens.insert(profil.clone(), token.to_owned());
            } else if let Some((_, rest)) = line.split_once("http://") {
                let host = rest.split('/').next().unwrap_or_default().to_owned();
                return Ok(Self { child, pid, host, tokens, http: reqwest::Client::new() });
            }
        }
        anyhow::bail!("the program stopped before it served");
    }

    /// An address of the program.
    pub fn address(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://{}{path}", self.host)
    }

    /// The token of somebody of this profil.
    pub fn token(&self, profil: &str) -> Result<&str> {
        self.tokens.get(profil).map(String::as_str).with_context(|| format!("nobody is « {profil} »"))
    }

    /// The data of an answer without errors.
    pub async fn ask(&self, profil: &str, query: &str, variables: Value) -> Result<Value> {
        let request = self.http.post(self.address("http", "/graphql")).bearer_auth(self.token(profil)?);
        let mut answer: Value =
            request.json(&json!({"query": query, "variables": variables})).send().await?.json().await?;
        ensure!(answer["errors"].is_null(), "{answer}");
        Ok(answer["data"].take())
    }

    /// Resident bytes.
    pub fn memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }

    /// Time on a processor, in user and system mode (proc(5): fields 14 and 15).
    pub fn cpu(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        let (_, fields) = stat.rsplit_once(") ").context("no name in stat")?;
        let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 1000 / TICKS))
    }

    /// Stops the program and its database.
    pub async fn stop(mut self) -> Result<()> {
        kill(Pid::from_raw(self.pid), Signal::SIGTERM)?;
        self.child.wait().await?;
        Ok(())
    }
}
