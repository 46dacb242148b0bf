//! A witness that we did not write (`aics-witness`), and ours beside it: they alone tell a
//! history that was rewritten and signed with the key of the house itself.

use super::{asked, juges, opened, said, text, verifier_key};
use crate::ledger::sealing::Growing;
use crate::rejeu::contreseings::{Maison, policy};
use crate::rejeu::histoire::{Falsification, Histoire};
use crate::rejeu::temoin::{Suivi, ask};
use anyhow::{Context, Result, ensure};
use api::program::Witnesses;
use ledger::sealer::keys::SealKeys;
use ledger::sealer::log::Log;
use ledger::tlog::addition::Addition;
use recits::DOMAINE;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A witness that we did not write.
pub struct Tiers {
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
    /// One that knows no log yet.
    pub fn open(juges: &Path) -> Result<Self> {
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
    pub async fn serve(&mut self, logs: &[String]) -> Result<(String, String)> {
        let listen = tokio::net::TcpListener::bind("127.0.0.1:0").await?.local_addr()?.to_string();
        let made = self.does(&["init", "--name", "temoin.tiers.fr/w1", "--listen", &listen])?;
        let key = made.split_whitespace().find(|word| word.starts_with("temoin.tiers.fr/w1+"));
        let key = key.context("it tells no key")?.to_owned();
        for verifier_key in logs {
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

    /// The checkpoints that it was shown and that are of another history.
    fn evidence(&self) -> Result<BTreeSet<String>> {
        let kept: Value = serde_json::from_str(&self.does(&["evidence"])?)?;
        let requests = kept.as_array().into_iter().flatten().filter_map(|one| one["request"].as_str());
        Ok(requests.filter_map(|request| Some(request.split_once("\n\n")?.1.to_owned())).collect())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_we_did_not_write_cosigns_what_the_sealer_seals() -> Result<()> {
    let Some(juges) = juges()? else { return Ok(()) };
    let mut maison = Maison::open().await?;
    let journal = Log::from(&maison.record.journal);
    let logs = [verifier_key(&maison.sealer, &journal)?, verifier_key(&maison.sealer, &Log::Meta)?];
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
    // Another record of the same house, under the same key: of the same size, then longer.
    let mut rewritten = Growing::open().await?;
    fs::copy(maison.record.bench.seal_file(), rewritten.bench.seal_file())?;
    for by in [273, 6] {
        rewritten.grow(by).await?;
        let sealer = rewritten.bench.sealer()?;
        sealer.pass().await?;
        assert!(!witnesses.round(&sealer).await);
        assert!(sealer.board().witnesses.join("\n").contains("another history"));
    }
    assert_eq!(tiers.evidence()?.len(), 2, "each is kept");
    Ok(())
}

/// Heads of one history that a witness is shown, and those that are of no such history, with
/// what it must answer: which of the two statuses is of C2SP for two roots of one size, the two
/// witnesses read otherwise.
async fn falsified(suivi: &Suivi, next: &Addition) -> Result<Vec<(String, Addition, &'static [u16])>> {
    let origin = Log::from(&suivi.record.journal).origin(DOMAINE);
    let keys = SealKeys::read(&suivi.record.bench.seal_file())?;
    let leaves = suivi.record.texts().await?;
    let (old, mut shown) = (next.old, Vec::<(String, Addition, &[u16])>::new());
    for falsification in Falsification::ALL {
        let short = Histoire::of(falsification.of(&leaves[..usize::try_from(old)?], 100));
        let same = Addition { old, proof: vec![], checkpoint: short.signed(&keys, &origin)? };
        shown.push((format!("{falsification:?}, of the same size"), same, &[409, 422]));
        let long = Histoire::of(falsification.of(&leaves, 100));
        // The forger's best: that his history goes on from itself.
        let proof = long.since(old).await?;
        let longer = Addition { old, proof, checkpoint: long.signed(&keys, &origin)? };
        shown.push((format!("{falsification:?}, longer"), longer, &[422]));
    }
    let mut flipped = next.clone();
    flipped.proof[1].0[5] ^= 1;
    shown.push(("a byte of the proof".to_owned(), flipped, &[422]));
    let mut lines: Vec<_> = next.checkpoint.lines().map(str::to_owned).collect();
    lines[1] = (old + 1).to_string();
    let resized = Addition { checkpoint: lines.join("\n") + "\n", ..next.clone() };
    shown.push(("another size than was signed".to_owned(), resized, &[403]));
    Ok(shown)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_witnesses_refuse_and_keep_a_history_rewritten_under_the_houses_own_key() -> Result<()> {
    let Some(juges) = juges()? else { return Ok(()) };
    let mut suivi = Suivi::open().await?;
    let mut tiers = Tiers::open(&juges)?;
    let (its, _) = tiers.serve(&[verifier_key(&suivi.sealer, &Log::from(&suivi.record.journal))?]).await?;
    let urls = [("aics-witness", its), ("ent-rejeu temoin", suivi.url.clone())];
    let (first, second) = (suivi.grown(3, 0).await?, suivi.grown(270, 3).await?);
    let third = suivi.grown(7, 273).await?;
    for (witness, url) in &urls {
        for honest in [&first, &second] {
            let (status, said) = ask(url, honest.to_string()).await?;
            assert_eq!(status.as_u16(), 200, "{witness}: {said}");
        }
        let (status, said) = ask(url, first.to_string()).await?;
        assert_eq!((status.as_u16(), said.as_str()), (409, "273\n"), "{witness}: a head set back");
    }
    let falsified = falsified(&suivi, &third).await?;
    for (witness, url) in &urls {
        for (what, shown, expected) in &falsified {
            let (status, said) = ask(url, shown.to_string()).await?;
            assert!(expected.contains(&status.as_u16()), "{witness}, {what}: {status} {said}");
        }
        let (status, said) = ask(url, third.to_string()).await?;
        assert_eq!(status.as_u16(), 200, "{witness} goes on with the true history: {said}");
    }
    let (its, ours) = (tiers.evidence()?, json!(suivi.forks().await?).to_string());
    for (what, shown, _) in falsified.iter().filter(|(_, _, expected)| expected.contains(&422)) {
        assert!(its.contains(&shown.checkpoint), "aics-witness keeps no evidence of {what}: {its:?}");
        assert!(ours.contains(&json!(shown.checkpoint).to_string()), "ours neither of {what}: {ours}");
    }
    Ok(())
}
