//! The platform and its witness: what is sealed is shown, cosigned, kept and published, and a
//! record that was set back or rewritten is told from one that was not.

use super::temoin::witness;
use crate::ledger::sealing::Growing;
use anyhow::{Context, Result};
use api::program::Witnesses;
use ledger::sealer::Sealer;
use ledger::sealer::log::Log;
use ledger::sealer::witnessing::Answer;
use ledger::tlog::cosignature::WitnessVerifier;
use ledger::tlog::policy::Policy;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// A growing journal, its sealer, and a witness that it is told of.
pub struct Maison {
    /// The journal.
    pub record: Growing,
    /// What seals it.
    pub sealer: Sealer,
    witnesses: Witnesses,
    policy: Policy,
    key: WitnessVerifier,
    home: TempDir,
}

/// One witness, whose word is enough.
pub fn policy(url: &str, verifier_key: &str) -> Result<Policy> {
    Ok(Policy::read(&format!("witness rectorat {verifier_key} {url}\nquorum rectorat\n"))?)
}

impl Maison {
    /// One.
    pub async fn open() -> Result<Self> {
        let (record, home) = (Growing::open().await?, tempfile::tempdir()?);
        let sealer = record.bench.sealer()?;
        let (url, text) = witness(&sealer, home.path()).await?;
        let policy = policy(&url, &text)?;
        let witnesses = Witnesses::under(policy.clone())?;
        let key = WitnessVerifier::read(&text)?;
        Ok(Self { record, sealer, witnesses, policy, key, home })
    }

    /// Some events more, sealed and consigned.
    pub async fn sealed(&mut self, by: u64) -> Result<()> {
        self.record.grow(by).await?;
        self.sealer.pass().await?;
        self.sealer.consign().await?;
        Ok(())
    }

    /// The newest checkpoint of a log, cosigned as it is.
    pub async fn note(&self, log: &Log) -> Result<String> {
        Ok(self.sealer.published(log).await?.context("not sealed")?.note)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_head_is_cosigned_kept_and_published() -> Result<()> {
    let mut maison = Maison::open().await?;
    let journal = Log::from(&maison.record.journal);
    for by in [3, 270, 2] {
        maison.sealed(by).await?;
        assert!(!maison.sealer.quorum(&maison.policy).await?, "nobody was asked yet");
        assert!(maison.witnesses.round(&maison.sealer).await, "{:?}", maison.sealer.board());
        for log in [&journal, &Log::Meta] {
            let note = maison.note(log).await?;
            maison.key.cosigned_at(&note).with_context(|| note.clone())?;
            assert!(maison.policy.reached(&note));
        }
        assert!(maison.sealer.quorum(&maison.policy).await?);
    }
    let proof = maison.sealer.prove_leaf(&journal, 5).await?.context("no proof")?;
    assert!(maison.key.cosigned_at(&proof.checkpoint).is_ok(), "a proof carries the cosignatures");
    // Nothing new, nothing asked.
    assert!(maison.witnesses.round(&maison.sealer).await);
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM ledger.cosignatures")
        .fetch_one(&maison.record.bench.owner)
        .await?;
    assert_eq!(kept, 6);
    Ok(())
}

/// As after an answer that was lost on its way.
#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_saw_more_than_was_kept_says_so_and_is_followed() -> Result<()> {
    let mut maison = Maison::open().await?;
    maison.sealed(3).await?;
    assert!(maison.witnesses.round(&maison.sealer).await);
    maison.sealed(4).await?;
    assert!(maison.witnesses.round(&maison.sealer).await);
    super::tamper(&maison.record.bench, "DELETE FROM ledger.cosignatures WHERE size = 7").await?;
    maison.sealed(2).await?;
    assert!(maison.witnesses.round(&maison.sealer).await, "{:?}", maison.sealer.board());
    assert!(maison.policy.reached(&maison.note(&Log::from(&maison.record.journal)).await?));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_set_back_is_told_by_its_witness_alone() -> Result<()> {
    let mut maison = Maison::open().await?;
    maison.sealed(3).await?;
    assert!(maison.witnesses.round(&maison.sealer).await);
    // Another house under the same name and keys, whose journal is shorter: a restored copy.
    let mut restored = Growing::open().await?;
    std::fs::copy(maison.record.bench.seal_file(), restored.bench.seal_file())?;
    restored.grow(2).await?;
    let sealer = restored.bench.sealer()?;
    sealer.pass().await?;
    assert!(!maison.witnesses.round(&sealer).await);
    let said = sealer.board().witnesses.join("\n");
    assert!(said.contains("contredit le journal") && said.contains("saw 3 leaves"), "{said}");
    // It grows past what the witness saw: still another history.
    restored.grow(2).await?;
    sealer.pass().await?;
    assert!(!maison.witnesses.round(&sealer).await);
    let said = sealer.board().witnesses.join("\n");
    assert!(said.contains("another history"), "{said}");
    assert!(maison.home.path().join("fourches").read_dir()?.next().is_some(), "the fork is kept");
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM ledger.cosignatures")
        .fetch_one(&restored.bench.owner)
        .await?;
    assert_eq!(kept, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_cannot_be_reached_is_behind_and_nothing_waits_for_it() -> Result<()> {
    let mut maison = Maison::open().await?;
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let (_, text) = witness(&maison.sealer, tempfile::tempdir()?.path()).await?;
    let witnesses = Witnesses::under(policy(&format!("http://{gone}"), &text)?)?;
    maison.sealed(3).await?;
    assert!(!witnesses.round(&maison.sealer).await);
    let said = maison.sealer.board().witnesses.join("\n");
    assert!(said.contains("le témoin rectorat ne contresigne plus"), "{said}");
    maison.sealed(1).await?;
    assert!(maison.witnesses.round(&maison.sealer).await);
    assert!(maison.sealer.board().witnesses.is_empty());
    Ok(())
}

/// Whose key is not the one of the policy has cosigned nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_strange_cosignature_is_not_kept() -> Result<()> {
    let mut maison = Maison::open().await?;
    maison.sealed(3).await?;
    let (url, _) = witness(&maison.sealer, maison.home.path()).await?;
    let (_, other) = witness(&maison.sealer, tempfile::tempdir()?.path()).await?;
    let witnesses = Witnesses::under(policy(&url, &other)?)?;
    assert!(!witnesses.round(&maison.sealer).await);
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM ledger.cosignatures")
        .fetch_one(&maison.record.bench.owner)
        .await?;
    assert_eq!(kept, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_refused_holds_back_no_other_one() -> Result<()> {
    let mut maison = Maison::open().await?;
    maison.sealed(3).await?;
    let asked = AtomicUsize::new(0);
    let answered = async |answer: Result<Answer, &'static str>| {
        asked.store(0, Ordering::Relaxed);
        let ask = |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            std::future::ready(answer.clone())
        };
        let faults = maison.sealer.show("rectorat", &maison.key, ask).await;
        (asked.load(Ordering::Relaxed), faults.len())
    };
    assert_eq!(answered(Ok(Answer::Refused(404))).await, (2, 2), "the journal and the meta-journal");
    assert_eq!(answered(Err("no route")).await, (1, 1), "who is not there is not asked again");
    Ok(())
}
