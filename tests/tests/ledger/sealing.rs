//! What is recorded is sealed, whatever happens to the sealer; what is not the record that
//! was sealed is not signed.

use super::facts::{absent, appel, ouvert, unit};
use anyhow::{Context, Result};
use ledger::envelope::leaf_hash;
use ledger::feed::Journal;
use ledger::sealer::Sealer;
use ledger::sealer::extend::ExtendFault;
use ledger::sealer::keys::SealKeys;
use ledger::tlog::{Checkpoint, Hash, note, proof};
use recits::{Bench, portail};
use std::time::Duration;

/// A record that grows at will.
pub struct Growing {
    pub bench: Bench,
    pub journal: Journal,
    pub events: u64,
}

impl Growing {
    pub async fn open() -> Result<Self> {
        let bench = Bench::open().await?;
        let journal = Journal { portail: portail("0690001b"), annee: domain::AnneeScolaire(2026) };
        Ok(Self { bench, journal, events: 0 })
    }

    pub async fn grow(&mut self, by: u64) -> Result<()> {
        let stream = appel("a");
        let context = self.bench.context(&self.journal.portail, &[&self.events.to_string()]);
        let places = self.events + 1..=self.events + by;
        let events = places.map(|at| (&stream, at, if at == 1 { ouvert() } else { absent(&at.to_string()) }));
        self.bench.ledger.append(unit(context, "", events)).await?;
        self.events += by;
        Ok(())
    }

    /// The last checkpoint, opened with the keys that the sealer publishes.
    async fn head(&self, sealer: &Sealer) -> Result<Checkpoint> {
        let sealed = sealer.checkpoint(&self.journal).await?.context("nothing is sealed")?;
        let keys = sealer.verifier_keys(&self.journal);
        Ok(note::open(&sealed.note, keys.iter().map(|key| key.key.as_str()))?)
    }

    /// The leaves, as they are recorded.
    pub async fn texts(&self) -> Result<Vec<Vec<u8>>> {
        let leaves: Vec<String> =
            sqlx::query_scalar("SELECT metadata::text FROM ledger.events ORDER BY position")
                .fetch_all(&self.bench.views)
                .await?;
        Ok(leaves.into_iter().map(String::into_bytes).collect())
    }

    async fn leaves(&self) -> Result<Vec<Hash>> {
        Ok(self.texts().await?.iter().map(|leaf| Hash(leaf_hash(leaf))).collect())
    }

    /// Every event is proven to be where it is, and nowhere else.
    async fn assert_proven(&self, sealer: &Sealer) -> Result<()> {
        let keys = sealer.verifier_keys(&self.journal);
        for (leaf, position) in self.leaves().await?.into_iter().zip(1..) {
            let proof = sealer.prove(&self.journal.at(position)).await?.context("not sealed")?;
            let known = || keys.iter().map(|key| key.key.as_str());
            assert_eq!(proof.verify(leaf, known())?.size(), self.events, "{position}");
            let other = Hash(leaf_hash(b"another"));
            assert!(proof.verify(other, known()).is_err(), "{position}");
        }
        Ok(())
    }

    async fn tamper(&self, statement: &str) -> Result<()> {
        let mut tx = self.bench.owner.begin().await?;
        sqlx::raw_sql("SET LOCAL session_replication_role = replica").execute(&mut *tx).await?;
        let done = sqlx::raw_sql(statement).execute(&mut *tx).await?;
        assert!(done.rows_affected() > 0, "nothing was tampered with: {statement}");
        Ok(tx.commit().await?)
    }
}

#[tokio::test]
async fn what_is_recorded_is_sealed_and_proven() -> Result<()> {
    let mut record = Growing::open().await?;
    let sealer = record.bench.sealer()?;
    assert_eq!(sealer.pass().await?, 0);
    for by in [1, 2, 253, 1, 44] {
        record.grow(by).await?;
        assert!(sealer.prove(&record.journal.at(i64::try_from(record.events)?)).await?.is_none());
        assert_eq!((sealer.pass().await?, sealer.pass().await?), (1, 0));
        assert_eq!(record.head(&sealer).await?.size(), record.events);
    }
    record.assert_proven(&sealer).await?;
    assert_eq!(record.head(&sealer).await?.origin(), "ent.exemple.fr/journal/0690001b/2026");
    assert!(sealer.prove(&record.journal.at(0)).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn every_checkpoint_extends_the_one_before_however_many_seal() -> Result<()> {
    let mut record = Growing::open().await?;
    for _ in 0..12 {
        record.grow(23).await?;
        let sealers: Vec<_> = (0..4).map(|_| record.bench.sealer()).collect::<Result<_>>()?;
        let passes = futures::future::join_all(sealers.iter().map(|sealer| sealer.pass())).await;
        assert_eq!(passes.into_iter().sum::<Result<usize, _>>()?, 1);
    }
    let sealer = record.bench.sealer()?;
    let chain: Vec<(i64, i64, Vec<u8>)> =
        sqlx::query_as("SELECT previous, size, root FROM ledger.checkpoints ORDER BY size")
            .fetch_all(&record.bench.views)
            .await?;
    assert_eq!(chain.len(), 12);
    let (head, tiles) = (record.head(&sealer).await?, sealer.tiles().of(&record.journal));
    let mut last = 0;
    for (previous, size, root) in chain {
        assert_eq!(previous, last);
        let root = Hash(root.as_slice().try_into()?);
        let proof = proof::consistency(&tiles, head.size(), size.unsigned_abs()).await?;
        assert!(proof::extends(&proof, head.size(), *head.hash(), size.unsigned_abs(), root), "{size}");
        last = size;
    }
    Ok(())
}

#[tokio::test]
async fn a_sealer_killed_between_tiles_and_checkpoint_is_followed_by_another() -> Result<()> {
    let mut record = Growing::open().await?;
    record.grow(300).await?;
    record.bench.sealer()?.pass().await?;
    record.grow(300).await?;
    // The tiles are written; then the checkpoint cannot be.
    sqlx::raw_sql("REVOKE INSERT ON ledger.checkpoints FROM ent_app").execute(&record.bench.owner).await?;
    let killed = record.bench.sealer()?;
    assert!(killed.pass().await.is_err());
    assert!(record.bench.tiles().join("0690001b/2026/tile/0/001").exists());
    assert_eq!(record.head(&killed).await?.size(), 300);
    let grant = "GRANT INSERT (portail, annee, size, previous, root, note, sealed_at) ON ledger.checkpoints TO ent_app";
    sqlx::raw_sql(grant).execute(&record.bench.owner).await?;
    record.grow(7).await?;
    let sealer = record.bench.sealer()?;
    assert_eq!(sealer.pass().await?, 1);
    record.assert_proven(&sealer).await
}

#[tokio::test]
async fn lost_and_damaged_tiles_are_made_again_from_the_record() -> Result<()> {
    let mut record = Growing::open().await?;
    let sealer = record.bench.sealer()?;
    record.grow(270).await?;
    sealer.pass().await?;
    let edge = record.bench.tiles().join("0690001b/2026/tile/0/001.p/14");
    let mut bytes = std::fs::read(&edge)?;
    bytes[40] ^= 1;
    std::fs::write(&edge, bytes)?;
    record.grow(1).await?;
    assert_eq!(sealer.pass().await?, 1);
    std::fs::remove_dir_all(record.bench.tiles().join("0690001b"))?;
    record.grow(1).await?;
    assert_eq!(sealer.pass().await?, 1);
    record.assert_proven(&sealer).await
}

#[tokio::test]
async fn a_record_that_is_not_the_one_that_was_sealed_is_not_signed() -> Result<()> {
    let other = r#"replace(metadata::text, '"enseignant"', '"inspecteur"')"#;
    let rewritten = format!(
        "UPDATE ledger.events SET metadata = {other}::json,
         leaf_hash = sha256('\\x00'::bytea || convert_to({other}, 'UTF8')) WHERE position = 5"
    );
    let shorter = "UPDATE ledger.journal SET position = 9".to_owned();
    let removed = "DELETE FROM ledger.events WHERE position = 11".to_owned();
    let changed =
        "UPDATE ledger.events SET metadata = (metadata::text || ' ')::json WHERE position = 12".to_owned();
    let otherwise = "UPDATE ledger.checkpoints SET root = sha256('')".to_owned();
    for (tampering, expected) in [
        (rewritten, ExtendFault::Rewritten(10)),
        (shorter, ExtendFault::Missing { expected: 10 }),
        (removed, ExtendFault::Missing { expected: 11 }),
        (changed, ExtendFault::Leaf(12)),
        (otherwise, ExtendFault::Row(10)),
    ] {
        let mut record = Growing::open().await?;
        let sealer = record.bench.sealer()?;
        record.grow(10).await?;
        sealer.pass().await?;
        record.grow(2).await?;
        record.tamper(&tampering).await?;
        // Who rewrites the record removes the tiles that would tell.
        std::fs::remove_dir_all(record.bench.tiles().join("0690001b"))?;
        let refused = sealer.seal(&record.journal).await.expect_err(&tampering);
        assert_eq!(refused.to_string(), expected.to_string(), "{tampering}");
        assert_eq!((sealer.pass().await?, sealer.board().refused.len()), (0, 1));
        let sizes: Vec<i64> =
            sqlx::query_scalar("SELECT size FROM ledger.checkpoints").fetch_all(&record.bench.views).await?;
        assert_eq!(sizes, [10], "{tampering}");
    }
    Ok(())
}

#[tokio::test]
async fn a_checkpoint_of_an_earlier_key_is_extended_and_one_of_a_strange_key_is_not() -> Result<()> {
    let mut record = Growing::open().await?;
    record.grow(3).await?;
    record.bench.sealer()?.pass().await?;
    SealKeys::rotate(&record.bench.seal_file(), "2026-11-24T07:00:00Z".parse()?, |key| rand::fill(key))?;
    let sealer = record.bench.sealer()?;
    assert_eq!(record.head(&sealer).await?.size(), 3);
    record.grow(1).await?;
    assert_eq!(sealer.pass().await?, 1);
    record.assert_proven(&sealer).await?;
    let keys = sealer.verifier_keys(&record.journal);
    assert_eq!(keys[0].until, Some(keys[1].since));
    std::fs::remove_file(record.bench.seal_file())?;
    SealKeys::create(&record.bench.seal_file(), "2026-11-24T07:00:00Z".parse()?, |key| rand::fill(key))?;
    record.grow(1).await?;
    let strange = record.bench.sealer()?;
    assert!(matches!(strange.seal(&record.journal).await, Err(ExtendFault::Note(_))));
    Ok(())
}

#[tokio::test]
async fn who_waits_for_a_seal_is_answered_by_it_or_in_time() -> Result<()> {
    let mut record = Growing::open().await?;
    record.grow(5).await?;
    let (sealer, position) = (record.bench.sealer()?, record.journal.at(5));
    assert!(sealer.prove_within(&position, Duration::from_millis(1)).await?.is_none());
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = tokio::spawn({
        let sealer = sealer.clone();
        async move { sealer.run(stopped).await }
    });
    assert!(sealer.prove_within(&position, Duration::from_secs(30)).await?.is_some());
    // Woken by the record, not by polling alone; and another process sees it too.
    record.grow(1).await?;
    let elsewhere = record.bench.sealer()?;
    assert!(elsewhere.prove_within(&record.journal.at(6), Duration::from_secs(30)).await?.is_some());
    stop.send_replace(true);
    running.await?;
    Ok(())
}
