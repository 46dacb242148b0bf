//! A witness of what the platform seals, asked over HTTP: by the book (C2SP tlog-witness).

use crate::ledger::sealing::Growing;
use anyhow::{Context, Result};
use chrono::DateTime;
use ledger::clock::ManualClock;
use ledger::sealer::Sealer;
use ledger::sealer::keys::SealKeys;
use ledger::sealer::log::Log;
use ledger::tlog::addition::Addition;
use ledger::tlog::cosignature::WitnessVerifier;
use ledger::tlog::note::NoteKey;
use ledger::tlog::{Hash, Origin, proof};
use replay_tools::temoin::serveur::{Limites, serve};
use replay_tools::temoin::{Temoin, confiance::Confiance, porte};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use zeroize::Zeroizing;

const NOW: i64 = 1_795_000_000;

/// A journal that grows, and who witnesses it.
pub struct Suivi {
    /// The journal.
    pub record: Growing,
    /// What seals it.
    pub sealer: Sealer,
    home: TempDir,
    /// Where the witness is.
    pub url: String,
    key: WitnessVerifier,
}

pub async fn witness(sealer: &Sealer, home: &Path) -> Result<(String, String)> {
    let keys = json!(sealer.verifier_keys(&Log::Meta)).to_string();
    let confiance = Confiance::read(&keys).context("no keys")?;
    let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(NOW, 0).context("no time")?));
    let temoin = Temoin::in_folder(home, "temoin.rectorat.fr", confiance, clock)?;
    let key = temoin.verifier_key();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let router = porte::router(Arc::new(temoin));
    tokio::spawn(serve(listener, router, Limites::default(), std::future::pending()));
    Ok((url, key))
}

impl Suivi {
    /// One of which nothing is recorded yet.
    pub async fn open() -> Result<Self> {
        let (record, home) = (Growing::open().await?, tempfile::tempdir()?);
        let sealer = record.bench.sealer()?;
        let (url, key) = witness(&sealer, home.path()).await?;
        let key = WitnessVerifier::read(&key)?;
        Ok(Self { record, sealer, home, url, key })
    }

    /// The journal some events longer, as its log presents it to a witness that saw `old`.
    pub async fn grown(&mut self, by: u64, old: u64) -> Result<Addition> {
        self.record.grow(by).await?;
        self.sealer.pass().await?;
        self.presented(old).await
    }

    async fn presented(&self, old: u64) -> Result<Addition> {
        let log = Log::from(&self.record.journal);
        let sealed = self.sealer.checkpoint(&log).await?.context("not sealed")?;
        let tiles = self.sealer.tiles().of(&log);
        let size = sealed.size.unsigned_abs();
        let proof = if old == size { Vec::new() } else { proof::consistency(&tiles, size, old).await? };
        Ok(Addition { old, proof, checkpoint: sealed.note })
    }

    async fn asked(&self, addition: &Addition) -> Result<(StatusCode, String)> {
        ask(&self.url, addition.to_string()).await
    }

    /// The forks that the witness kept.
    pub async fn forks(&self) -> Result<Value> {
        Ok(reqwest::get(format!("{}/fourches", self.url)).await?.json().await?)
    }

    /// A checkpoint of a history that never was, signed with the platform's own key.
    pub fn forged(&self, size: u64) -> Result<String> {
        let keys = SealKeys::read(&self.record.bench.seal_file())?;
        let name = self.sealer.verifier_keys(&self.record.journal)[0].key.clone();
        let (base, _) = name.split_once("/journal").context("no base")?;
        let origin = Log::from(&self.record.journal).origin(base);
        Ok(keys.active().context("no key")?.sign(&origin, size, Hash([7; 32]))?)
    }
}

/// Shows a checkpoint to the witness that is there.
pub async fn ask(url: &str, body: String) -> Result<(StatusCode, String)> {
    ask_by(&reqwest::Client::new(), url, body).await
}

/// The same, by who asks often.
pub async fn ask_by(client: &reqwest::Client, url: &str, body: String) -> Result<(StatusCode, String)> {
    let answer = client.post(format!("{url}/add-checkpoint")).body(body).send().await?;
    Ok((answer.status(), answer.text().await?))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_cosigns_each_head_that_extends_the_one_before() -> Result<()> {
    let mut suivi = Suivi::open().await?;
    let mut old = 0;
    for by in [3, 300, 1] {
        let addition = suivi.grown(by, old).await?;
        let (status, line) = suivi.asked(&addition).await?;
        assert_eq!(status, StatusCode::OK, "{line}");
        assert_eq!(suivi.key.cosigned_at(&format!("{}{line}", addition.checkpoint))?, NOW.unsigned_abs());
        old += by;
    }
    // Asked again, as after a lost answer: the same head, and no proof.
    let addition = suivi.presented(old).await?;
    assert_eq!(suivi.asked(&addition).await?.0, StatusCode::OK);
    // By another process on the same folder too.
    let (url, key) = witness(&suivi.sealer, suivi.home.path()).await?;
    assert_eq!(WitnessVerifier::read(&key)?, suivi.key);
    assert_eq!(ask(&url, addition.to_string()).await?.0, StatusCode::OK);
    assert_eq!(suivi.forks().await?, json!([]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_behind_is_told_where_the_witness_stands() -> Result<()> {
    let mut suivi = Suivi::open().await?;
    let first = suivi.grown(3, 0).await?;
    assert_eq!(suivi.asked(&first).await?.0, StatusCode::OK);
    let second = suivi.grown(4, 0).await?;
    assert_eq!(suivi.asked(&second).await?, (StatusCode::CONFLICT, "3\n".to_owned()));
    assert_eq!(suivi.asked(&suivi.presented(3).await?).await?.0, StatusCode::OK);
    // An older head is one of the same history, but not a newer one.
    assert_eq!(suivi.asked(&first).await?, (StatusCode::CONFLICT, "7\n".to_owned()));
    assert_eq!(suivi.forks().await?, json!([]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rewritten_history_under_the_logs_own_key_is_refused_and_kept() -> Result<()> {
    let mut suivi = Suivi::open().await?;
    let honest = suivi.grown(5, 0).await?;
    assert_eq!(suivi.asked(&honest).await?.0, StatusCode::OK);
    // One size, two roots: both signed, and nothing else is needed to show it.
    let forged = Addition { old: 5, proof: Vec::new(), checkpoint: suivi.forged(5)? };
    assert_eq!(suivi.asked(&forged).await?, (StatusCode::CONFLICT, "5\n".to_owned()));
    let longer = Addition { old: 5, proof: vec![Hash([1; 32]); 2], checkpoint: suivi.forged(8)? };
    assert_eq!(suivi.asked(&longer).await?.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(suivi.asked(&longer).await?.0, StatusCode::UNPROCESSABLE_ENTITY);
    let forks = suivi.forks().await?;
    assert_eq!(forks.as_array().map(Vec::len), Some(2), "each is kept once: {forks}");
    // Shown at the same instant, they stand in no order.
    for (prouvee, presente) in [(true, &forged), (false, &longer)] {
        let fork = forks.as_array().and_then(|all| all.iter().find(|fork| fork["prouvee"] == prouvee));
        let fork = fork.with_context(|| format!("none is {prouvee}: {forks}"))?;
        assert_eq!(
            (&fork["connu"], &fork["presente"]),
            (&json!(honest.checkpoint), &json!(presente.checkpoint))
        );
    }
    // The true history goes on.
    let addition = suivi.grown(2, 5).await?;
    assert_eq!(suivi.asked(&addition).await?.0, StatusCode::OK);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_known_log_asks_is_refused() -> Result<()> {
    let mut suivi = Suivi::open().await?;
    let addition = suivi.grown(5, 0).await?;
    let stranger = NoteKey::of(&Zeroizing::new([9; 32]));
    let elsewhere = stranger.sign(&Origin::of_all("ailleurs.fr"), 5, Hash([7; 32]))?;
    let unknown = Addition { checkpoint: elsewhere, ..addition.clone() };
    assert_eq!(suivi.asked(&unknown).await?.0, StatusCode::NOT_FOUND);
    let (text, _) = addition.checkpoint.split_once("\n\n").context("no signature")?;
    let origin = text.lines().next().context("no origin")?;
    let (base, _) = origin.split_once("/journal").context("no base")?;
    let usurped = stranger.sign(&Log::from(&suivi.record.journal).origin(base), 5, Hash([7; 32]))?;
    let unsigned = Addition { checkpoint: usurped, ..addition.clone() };
    assert_eq!(suivi.asked(&unsigned).await?.0, StatusCode::FORBIDDEN);
    let beyond = Addition { old: 6, ..addition.clone() };
    assert_eq!(suivi.asked(&beyond).await?.0, StatusCode::BAD_REQUEST);
    let needless = Addition { proof: vec![Hash([1; 32])], ..addition.clone() };
    assert_eq!(suivi.asked(&needless).await?.0, StatusCode::UNPROCESSABLE_ENTITY);
    for (body, status) in [
        (String::new(), StatusCode::BAD_REQUEST),
        ("old 0\n\nrien".to_owned(), StatusCode::BAD_REQUEST),
        ("x".repeat(65 * 1024), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        assert_eq!(ask(&suivi.url, body).await?.0, status);
    }
    Ok(())
}
