//! `ent-rejeu temoin`, the real program: killed while checkpoints are shown to it, it forgets
//! nothing that it cosigned; told to stop, it stops, whoever still talks to it.

use super::temoin::{Suivi, ask, ask_by};
use anyhow::{Context, Result, ensure};
use ledger::sealer::log::Log;
use ledger::tlog::Hash;
use ledger::tlog::addition::Addition;
use ledger::tlog::cosignature::WitnessVerifier;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use recits::faults::{program, wait};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::watch;

/// How long what must happen may take, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(90);
/// Heads that are shown, one event apart.
const HEADS: usize = 100;
/// How many have been cosigned when it is killed, each time.
const KILLED_AFTER: [usize; 5] = [3, 14, 27, 41, 58];

/// The program at work.
pub struct Reel {
    child: Child,
    /// Where it listens.
    pub url: String,
    /// What verifies it.
    pub key: String,
    _out: Lines<BufReader<ChildStdout>>,
}

impl Reel {
    /// Starts it on a folder, and waits until it says where it listens.
    pub async fn start(dossier: &Path, journaux: &Path) -> Result<Self> {
        let mut command = Command::new(program("ent-rejeu")?);
        command.env_clear().args(["temoin", "--nom", "temoin.rectorat.fr", "--ecoute", "127.0.0.1:0"]);
        command.arg("--dossier").arg(dossier).arg("--journaux").arg(journaux);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let mut out = BufReader::new(child.stdout.take().context("no output")?).lines();
        let mut said = async |before: &str| {
            let line = tokio::time::timeout(PATIENCE, out.next_line()).await??.context("it has ended")?;
            let told = line.split_once(before).with_context(|| line.clone())?.1.to_owned();
            anyhow::Ok(told)
        };
        let (key, url) = (said("à qui vérifie : ").await?, said("À l'écoute sur ").await?);
        Ok(Self { child, url, key, _out: out })
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let id = self.child.id().context("it has ended")?;
        Ok(kill(Pid::from_raw(id.cast_signed()), signal)?)
    }

    async fn ended(&mut self) -> Result<ExitStatus> {
        Ok(tokio::time::timeout(PATIENCE, self.child.wait()).await??)
    }

    async fn forks(&self) -> Result<Vec<Value>> {
        Ok(reqwest::get(format!("{}/fourches", self.url)).await?.json().await?)
    }
}

/// A journal's heads, each as it is shown to who saw the one before, and where its witness is.
struct Scene {
    suivi: Suivi,
    heads: Arc<Vec<Addition>>,
    home: TempDir,
}

impl Scene {
    async fn open(heads: usize) -> Result<Self> {
        let (mut suivi, home) = (Suivi::open().await?, tempfile::tempdir()?);
        let keys = json!(suivi.sealer.verifier_keys(&Log::Meta)).to_string();
        std::fs::write(home.path().join("cles.json"), keys)?;
        let mut all = Vec::new();
        for old in 0..heads as u64 {
            all.push(suivi.grown(1, old).await?);
        }
        Ok(Self { suivi, heads: Arc::new(all), home })
    }

    async fn temoin(&self) -> Result<Reel> {
        Reel::start(&self.home.path().join("temoin"), &self.home.path().join("cles.json")).await
    }

    /// What a log does that never rests: shows its heads one after the other, from the one after
    /// `from`, and notes how many were cosigned, until nobody answers any more.
    fn show(&self, temoin: &Reel, from: usize, cosigned: watch::Sender<usize>) -> Result<Shown> {
        let (heads, url) = (self.heads.clone(), temoin.url.clone());
        let (key, client) = (WitnessVerifier::read(&temoin.key)?, reqwest::Client::new());
        Ok(tokio::spawn(async move {
            for head in &heads[from..] {
                let Ok((status, line)) = ask_by(&client, &url, head.to_string()).await else { return Ok(()) };
                ensure!(status == StatusCode::OK, "{status} {line}");
                key.cosigned_at(&format!("{}{line}", head.checkpoint))?;
                cosigned.send_modify(|heads| *heads += 1);
            }
            anyhow::bail!("every head was cosigned, and nothing was killed")
        }))
    }
}

type Shown = tokio::task::JoinHandle<Result<()>>;

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_is_killed_forgets_nothing_that_it_cosigned_and_no_fork() -> Result<()> {
    let scene = Scene::open(HEADS).await?;
    let mut temoin = scene.temoin().await?;
    let (key, cosigned) = (temoin.key.clone(), watch::Sender::new(0));
    for (round, enough) in KILLED_AFTER.into_iter().enumerate() {
        let from = *cosigned.borrow();
        let shown = scene.show(&temoin, from, cosigned.clone())?;
        let mut heard = cosigned.subscribe();
        tokio::time::timeout(PATIENCE, heard.wait_for(|heads| *heads >= enough)).await??;
        temoin.signal(Signal::SIGKILL)?;
        ensure!(temoin.ended().await?.code().is_none(), "it had ended by itself");
        shown.await??;
        temoin = scene.temoin().await?;
        assert_eq!(temoin.key, key);
        // A log that is behind is told where the witness stands: where it signed last, or one
        // further, where it had kept what it was killed before it could answer.
        let (status, size) = ask(&temoin.url, scene.heads[0].to_string()).await?;
        let (told, heard) = (size.trim_end().parse::<usize>()?, *cosigned.borrow());
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(told == heard || told == heard + 1, "it signed {heard}, and remembers {told}");
        cosigned.send_replace(told);
        // Another history under the log's own key, of the same size and longer.
        let old = told as u64;
        let fork = |size, proof| anyhow::Ok(Addition { old, proof, checkpoint: scene.suivi.forged(size)? });
        let (same, longer) = (fork(old, vec![])?, fork(old + 3, vec![Hash([1; 32]); 2])?);
        assert_eq!(ask(&temoin.url, same.to_string()).await?, (StatusCode::CONFLICT, size));
        assert_eq!(ask(&temoin.url, longer.to_string()).await?.0, StatusCode::UNPROCESSABLE_ENTITY);
        // Those of the rounds before have survived their kills.
        let forks = temoin.forks().await?;
        assert_eq!(forks.len(), 2 * (round + 1), "{forks:?}");
        let known = &scene.heads[told - 1].checkpoint;
        for presente in [same, longer] {
            let kept = |fork: &Value| {
                (&fork["presente"], &fork["connu"]) == (&json!(presente.checkpoint), &json!(known))
            };
            assert!(forks.iter().any(kept), "{forks:?}");
        }
    }
    // The true history goes on to its end.
    for head in &scene.heads[*cosigned.borrow()..] {
        assert_eq!(ask(&temoin.url, head.to_string()).await?.0, StatusCode::OK);
    }
    temoin.signal(Signal::SIGTERM)?;
    assert_eq!(temoin.ended().await?.code(), Some(0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_trickles_does_not_keep_the_witness_from_stopping() -> Result<()> {
    let scene = Scene::open(1).await?;
    let mut temoin = scene.temoin().await?;
    let address = temoin.url.strip_prefix("http://").context("no address")?.to_owned();
    let mut slow = TcpStream::connect(&address).await?;
    let head =
        "POST /add-checkpoint HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 60000\r\n\r\n";
    slow.write_all(head.as_bytes()).await?;
    // That it is invited to go on shows that its body is being read.
    let mut invited = [0; 12];
    slow.read_exact(&mut invited).await?;
    assert_eq!(&invited, b"HTTP/1.1 100");
    let began = Instant::now();
    temoin.signal(Signal::SIGTERM)?;
    let trickled = tokio::spawn(async move {
        while slow.write_all(b"x").await.is_ok() {
            wait::pause(Duration::from_millis(50)).await;
        }
    });
    assert_eq!(temoin.ended().await?.code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    trickled.await?;
    Ok(())
}
