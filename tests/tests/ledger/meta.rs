//! The journal of all journals, and the clôtures in it.

use super::facts::{absent, appel, ouvert, unit};
use super::sealing::Growing;
use anyhow::{Context, Result};
use domain::AnneeScolaire;
use ledger::envelope::leaf_hash;
use ledger::feed::Journal;
use ledger::sealer::log::Log;
use ledger::tlog::{Hash, note};
use recits::{Bench, portail};
use serde_json::{Value, json};

#[tokio::test]
async fn the_checkpoint_of_every_portal_is_proven_in_the_meta_journal() -> Result<()> {
    let bench = Bench::open().await?;
    let sealer = bench.sealer()?;
    assert!(sealer.consign().await?.is_none());
    let portails = ["0690001b", "0690002c", "ac-lyon"].map(portail);
    for round in 1..=2 {
        for portail in &portails {
            let context = bench.context(portail, &[portail.as_str(), &round.to_string()]);
            let event = if round == 1 { ouvert() } else { absent("Zoé") };
            bench.ledger.append(unit(context, "", [(&appel(portail.as_str()), round, event)])).await?;
        }
        sealer.pass().await?;
        let sealed = sealer.consign().await?.context("nothing is sealed")?;
        assert_eq!(sealed.size.unsigned_abs(), 3 * round);
        // Nothing new is nothing more.
        assert_eq!(sealer.consign().await?, Some(sealed));
    }
    let keys = sealer.verifier_keys(&Log::Meta);
    let known = || keys.iter().map(|key| key.key.as_str());
    for portail in portails {
        let journal = Journal { portail, annee: AnneeScolaire(2026) };
        let consigned = sealer.consigned(&journal).await?.context("it is not there")?;
        let head = consigned.proof.verify(Hash(leaf_hash(consigned.checkpoint.as_bytes())), known())?;
        assert_eq!((head.origin(), head.size()), ("ent.exemple.fr/journal", 6));
        let own = sealer.verifier_keys(&journal);
        assert_eq!(note::open(&consigned.checkpoint, own.iter().map(|key| key.key.as_str()))?.size(), 2);
    }
    Ok(())
}

/// The clôtures, in the order of the meta-journal: their time, positions, and how many events
/// of how many types.
async fn clotures(bench: &Bench) -> Result<Vec<Value>> {
    let leaves: Vec<String> =
        sqlx::query_scalar("SELECT leaf FROM ledger.meta WHERE periode IS NOT NULL ORDER BY position")
            .fetch_all(&bench.views)
            .await?;
    let read = leaves.iter().map(|leaf| {
        let cloture: Value = serde_json::from_str(leaf)?;
        let counts = cloture["evenements"].as_object().context("no counts")?;
        let events: i64 = counts.values().filter_map(Value::as_i64).sum();
        let (premier, dernier) = (&cloture["premier"], &cloture["dernier"]);
        Ok(json!([cloture["periode"], cloture["du"], premier, dernier, events, counts.len()]))
    });
    read.collect()
}

#[tokio::test]
async fn every_day_is_closed_with_what_it_held_and_an_empty_one_too() -> Result<()> {
    let mut record = Growing::open().await?;
    let sealer = record.bench.sealer()?;
    record.grow(3).await?;
    // A day is not closed before it has ended, nor before what it holds is sealed.
    assert_eq!(sealer.close().await?, 0);
    record.bench.clock.set("2026-11-23T23:04:59Z".parse()?);
    sealer.pass().await?;
    assert_eq!(sealer.close().await?, 0);
    record.bench.clock.set("2026-11-25T08:00:00Z".parse()?);
    record.grow(2).await?;
    record.bench.clock.set("2026-12-01T08:00:00Z".parse()?);
    assert_eq!(sealer.close().await?, 2, "what was recorded on the third day is not sealed");
    sealer.pass().await?;
    assert_eq!((sealer.close().await?, sealer.close().await?), (7, 0));
    let empty = |day: u32, last: i64| json!(["jour", format!("2026-11-{day}"), null, last, 0, 0]);
    let expected = [
        json!(["jour", "2026-11-23", 1, 3, 3, 2]),
        empty(24, 3),
        json!(["jour", "2026-11-25", 4, 5, 2, 1]),
        empty(26, 5),
        empty(27, 5),
        empty(28, 5),
        empty(29, 5),
        empty(30, 5),
        json!(["mois", "2026-11-01", 1, 5, 5, 2]),
    ];
    assert_eq!(clotures(&record.bench).await?, expected);
    Ok(())
}

#[tokio::test]
async fn a_cloture_has_the_root_that_was_sealed_and_a_year_ends_in_july() -> Result<()> {
    let bench = Bench::open_at("2026-07-30T08:00:00Z".parse()?).await?;
    let sealer = bench.sealer()?;
    let portail = portail("0690001b");
    let journal = Journal { portail: portail.clone(), annee: AnneeScolaire(2025) };
    bench.ledger.append(unit(bench.context(&portail, &["1"]), "", [(&appel("a"), 1, ouvert())])).await?;
    sealer.pass().await?;
    let sealed = sealer.checkpoint(&journal).await?.context("nothing is sealed")?;
    bench.clock.set("2026-08-02T08:00:00Z".parse()?);
    assert_eq!(sealer.close().await?, 4);
    sealer.consign().await?;
    let leaves: Vec<String> =
        sqlx::query_scalar("SELECT leaf FROM ledger.meta ORDER BY position").fetch_all(&bench.views).await?;
    let last: Value = serde_json::from_str(&leaves[3])?;
    let root: String = sealed.root.iter().map(|byte| format!("{byte:02x}")).collect();
    let expected = json!(["annee", "2025-08-01", "2026-07-31", root]);
    assert_eq!(json!([last["periode"], last["du"], last["au"], last["racine"]]), expected);
    let keys = sealer.verifier_keys(&Log::Meta);
    let proof = sealer.prove_leaf(&Log::Meta, 4).await?.context("not sealed")?;
    proof.verify(Hash(leaf_hash(leaves[3].as_bytes())), keys.iter().map(|key| key.key.as_str()))?;
    Ok(())
}
