//! What seals add to a verification: a record that was rewritten whole, hashes and all, is
//! not the one that was sealed.

use super::exporter::exporter;
use super::{PORTAIL, bench, ran, ran_with_keys, tamper};
use anyhow::Result;
use ledger::sealer::keys::SealKeys;
use ledger::sealer::log::Log;
use recits::Bench;
use replay_tools::verdict::Verdict;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A sealed record, and the keys that its house published.
async fn sealed() -> Result<(Bench, TempDir, PathBuf)> {
    let (bench, home) = (bench().await?, tempfile::tempdir()?);
    let sealer = bench.sealer()?;
    sealer.pass().await?;
    let published = home.path().join("cles.json");
    std::fs::write(&published, json!(sealer.verifier_keys(&Log::Meta)).to_string())?;
    Ok((bench, home, published))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What is found of the only journal; with the published keys too.
async fn found(bench: &Bench, published: &Path) -> Result<[Value; 2]> {
    let (_, without) = ran_with_keys(bench, &["verifier", "--json"]).await;
    let (_, with) = ran_with_keys(bench, &["verifier", "--json", "--sceaux", text(published)]).await;
    let journal =
        |told: &str| Ok::<_, serde_json::Error>(serde_json::from_str::<Value>(told)?["journaux"][0].take());
    Ok([journal(&without)?, journal(&with)?])
}

/// The second event as it never was, with every hash that follows from it: who did this has
/// also forged the answer to the command, and needs no key for it.
pub async fn rewrite(bench: &Bench) -> Result<()> {
    let other = r#"replace(metadata::text, '"enseignant"', '"inspecteur"')"#;
    tamper(
        bench,
        &format!(
            "UPDATE ledger.events SET metadata = {other}::json,
             leaf_hash = sha256('\\x00'::bytea || convert_to({other}, 'UTF8')) WHERE position = 2"
        ),
    )
    .await
}

/// Seals anew what stands there now, as if nothing had ever been sealed.
async fn seal_anew(bench: &Bench) -> Result<()> {
    tamper(bench, "DELETE FROM ledger.checkpoints").await?;
    std::fs::remove_dir_all(bench.tiles())?;
    bench.sealer()?.pass().await?;
    Ok(())
}

#[tokio::test]
async fn a_sealed_record_says_up_to_where_it_is_sealed() -> Result<()> {
    let (bench, _home, published) = sealed().await?;
    for journal in found(&bench, &published).await? {
        assert_eq!((&journal["verdict"], &journal["sceaux_conformes"]), (&json!("valide"), &json!(1)));
        assert_eq!(journal["scelle_jusqu_au"], 4);
    }
    let (_, told) = ran_with_keys(&bench, &["verifier"]).await;
    assert!(told.contains("1 sceau conforme jusqu'au n° 4"), "{told}");
    Ok(())
}

#[tokio::test]
async fn a_record_rewritten_with_its_hashes_is_not_the_one_that_was_sealed() -> Result<()> {
    let (bench, _home, published) = sealed().await?;
    rewrite(&bench).await?;
    for journal in found(&bench, &published).await? {
        assert_eq!(
            (&journal["faute"]["nature"], &journal["faute"]["position"]),
            (&json!("racine"), &json!(4))
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_rewritten_record_sealed_by_a_strange_key_is_found_with_the_published_ones() -> Result<()> {
    let (bench, _home, published) = sealed().await?;
    rewrite(&bench).await?;
    std::fs::remove_file(bench.seal_file())?;
    SealKeys::create(&bench.seal_file(), "2026-11-24T07:00:00Z".parse()?, |key| rand::fill(key))?;
    seal_anew(&bench).await?;
    let [without, with] = found(&bench, &published).await?;
    assert_eq!(without["verdict"], "valide");
    assert_eq!((&with["verdict"], &with["faute"]["nature"]), (&json!("invalide"), &json!("sceau")));
    Ok(())
}

/// The house itself can do this: what tells is a witness, or a timestamp, of the record as
/// it was.
#[tokio::test]
async fn a_rewritten_record_sealed_by_the_key_of_the_house_is_told_by_no_key() -> Result<()> {
    let (bench, _home, published) = sealed().await?;
    rewrite(&bench).await?;
    seal_anew(&bench).await?;
    for journal in found(&bench, &published).await? {
        assert_eq!(journal["verdict"], "valide");
    }
    Ok(())
}

#[tokio::test]
async fn a_record_cut_behind_its_last_seal_is_found() -> Result<()> {
    let (bench, _home, published) = sealed().await?;
    tamper(&bench, "DELETE FROM ledger.events WHERE position > 3").await?;
    tamper(&bench, "UPDATE ledger.journal SET position = 3").await?;
    for journal in found(&bench, &published).await? {
        assert_eq!(journal["faute"]["nature"], "troncature", "{journal}");
    }
    Ok(())
}

#[tokio::test]
async fn a_seal_that_says_another_thing_than_its_row_is_found() -> Result<()> {
    let (bench, _home, published) = sealed().await?;
    tamper(&bench, "UPDATE ledger.checkpoints SET note = replace(note, E'\\n4\\n', E'\\n5\\n')").await?;
    let [_, with] = found(&bench, &published).await?;
    assert_eq!(with["faute"]["nature"], "sceau");
    tamper(&bench, "UPDATE ledger.checkpoints SET root = sha256('')").await?;
    for journal in found(&bench, &published).await? {
        assert_eq!(journal["faute"]["nature"], "racine");
    }
    Ok(())
}

#[tokio::test]
async fn an_export_carries_the_seal_of_the_journal_that_it_is() -> Result<()> {
    let (bench, home, published) = sealed().await?;
    let folder = home.path().join("export");
    ran(&bench, &exporter("jsonl", &folder)).await;
    let verify = ["verifier", "--sans-contenus", "--json", "--export", text(&folder)];
    let with: Vec<_> = verify.into_iter().chain(["--sceaux", text(&published)]).collect();
    let (verdict, told) = ran(&bench, &with).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    assert_eq!(serde_json::from_str::<Value>(&told)?["journaux"][0]["sceaux_conformes"], 1);
    let path = folder.join("manifeste.json");
    let manifeste: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    for (sceau, verdict, found) in [
        (json!("ent.fr/journal\n4\n"), Verdict::Invalide, "/journaux/0/faute/nature"),
        (Value::Null, Verdict::Indetermine, "/journaux/0/reserves/0/nature"),
    ] {
        let mut changed = manifeste.clone();
        changed["journaux"][0]["sceau"] = sceau;
        std::fs::write(&path, changed.to_string())?;
        let (concluded, told) = ran(&bench, &with).await;
        assert_eq!(concluded, verdict, "{told}");
        let nature = if verdict == Verdict::Invalide { "sceau" } else { "sceau_absent" };
        assert_eq!(serde_json::from_str::<Value>(&told)?.pointer(found), Some(&json!(nature)), "{told}");
    }
    Ok(())
}

/// The only checkpoint covers all four events, so that a part of them carries none.
#[tokio::test]
async fn an_extract_without_a_seal_accuses_nobody_unless_it_was_changed() -> Result<()> {
    let (bench, home, published) = sealed().await?;
    for (de, a) in [("1", "3"), ("2", "3")] {
        let folder = home.path().join(de);
        let part = [&exporter("jsonl", &folder)[..], &["--de", de, "--a", a]].concat();
        assert_eq!(ran(&bench, &part).await.0, Verdict::Valide);
        let verify = ["verifier", "--sans-contenus", "--export", text(&folder)];
        assert_eq!(ran(&bench, &verify).await.0, Verdict::Valide, "its seal was not asked for");
        let with: Vec<_> = verify.into_iter().chain(["--sceaux", text(&published)]).collect();
        let (verdict, told) = ran(&bench, &with).await;
        assert_eq!(verdict, Verdict::Indetermine, "{told}");
        assert!(told.contains("il n'emporte aucun sceau"), "{told}");
        let path = folder.join(format!("{PORTAIL}-2026.jsonl"));
        let events = std::fs::read_to_string(&path)?;
        std::fs::write(&path, events.replacen("enseignant", "inspecteur", 1))?;
        let (verdict, told) = ran(&bench, &with).await;
        assert_eq!(verdict, Verdict::Invalide, "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_file_of_published_keys_concludes_nothing() -> Result<()> {
    let (bench, home, _) = sealed().await?;
    let other = home.path().join("autre");
    std::fs::write(&other, "ent.fr/journal+00000000+AAAA")?;
    let (verdict, told) = ran_with_keys(&bench, &["verifier", "--sceaux", text(&other)]).await;
    assert_eq!(verdict, Verdict::Indetermine);
    assert!(told.contains("n'est pas celui des clés que publie /journal/cles"), "{told}");
    Ok(())
}
