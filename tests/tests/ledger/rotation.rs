//! The key-encryption key replaced, while others write, and killed half-way.

use super::facts::{absent, appel, eleve, ouvert, unit};
use anyhow::Result;
use domain::{AnneeScolaire, Retention};
use ledger::kek::{FileKek, KekProvider, Wrapped};
use ledger::keys::{KeyName, Subject};
use ledger::rotation::rotate;
use ledger::seal::SealError;
use recits::{Bench, portail};
use std::collections::BTreeSet;
use uuid::Uuid;

async fn bench() -> Result<Bench> {
    let bench = Bench::open().await?;
    let stream = appel("a");
    let events = [ouvert(), absent("Zoé"), absent("Ali")];
    let placed = events.into_iter().zip(1..).map(|(event, sequence)| (&stream, sequence, event));
    bench.ledger.append(unit(bench.context(&portail("0690001b"), &["1"]), "", placed)).await?;
    Ok(bench)
}

async fn key_table(bench: &Bench) -> Result<Vec<Wrapped>> {
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT kek_id, wrapped FROM ledger.keys WHERE wrapped IS NOT NULL")
            .fetch_all(&bench.owner)
            .await?;
    Ok(rows.into_iter().map(|(kek_id, bytes)| Wrapped { kek_id, bytes }).collect())
}

fn name(name: &str) -> BTreeSet<KeyName> {
    let (subject, period) = (Subject::Personne(eleve(name)), AnneeScolaire(2026).into());
    BTreeSet::from([KeyName { subject, retention: Retention::Scolarite, period }])
}

async fn readable(bench: &Bench) -> Result<(u64, u64)> {
    let (journal, _) = bench.journals().await?.remove(0);
    let verdict = bench.verify(&journal).await?;
    assert_eq!(verdict.fault, None);
    Ok((verdict.contents, verdict.erased))
}

#[tokio::test]
async fn after_a_rotation_an_old_copy_of_the_key_table_opens_nothing() -> Result<()> {
    let bench = bench().await?;
    let copy = key_table(&bench).await?;
    let rotated =
        rotate(&bench.owner, &FileKek::read(&bench.kek_file())?, |key| rand::fill(key), |_, _| ()).await?;
    assert_eq!((rotated.active.as_str(), rotated.rewrapped), ("kek-2", 3));
    let file = FileKek::read(&bench.kek_file())?;
    assert_eq!((file.active().as_str(), file.retiring().len()), ("kek-2", 0));
    for wrapped in &copy {
        assert!(matches!(file.unwrap(wrapped), Err(SealError::UnknownKek)));
    }
    assert!(key_table(&bench).await?.iter().all(|wrapped| file.unwrap(wrapped).is_ok()));
    assert_eq!(readable(&bench).await?, (3, 0));
    Ok(())
}

#[tokio::test]
async fn a_process_that_has_not_heard_of_it_goes_on_under_the_new_key() -> Result<()> {
    let bench = bench().await?;
    rotate(&bench.owner, &FileKek::read(&bench.kek_file())?, |key| rand::fill(key), |_, _| ()).await?;
    // The bench's own process read its key file before.
    bench.keys.forget_all();
    bench.keys.for_names(&name("Zoé")).await?;
    bench.another_ring().for_names(&name("Léo")).await?;
    let table = key_table(&bench).await?;
    assert!(table.len() == 4 && table.iter().all(|wrapped| wrapped.kek_id == "kek-2"));
    Ok(())
}

#[tokio::test]
async fn a_rotation_that_was_killed_is_ended_by_the_next() -> Result<()> {
    let bench = bench().await?;
    let first = FileKek::read(&bench.kek_file())?;
    first.begin_rotation(|key| rand::fill(key))?;
    // One key was wrapped again before the end.
    let (id, kek_id, bytes): (Uuid, String, Vec<u8>) =
        sqlx::query_as("SELECT id, kek_id, wrapped FROM ledger.keys LIMIT 1").fetch_one(&bench.owner).await?;
    let again = first.wrap(&*first.unwrap(&Wrapped { kek_id, bytes })?)?;
    sqlx::query("UPDATE ledger.keys SET kek_id = $2, wrapped = $3 WHERE id = $1")
        .bind(id)
        .bind(again.kek_id)
        .bind(again.bytes)
        .execute(&bench.owner)
        .await?;
    assert_eq!(readable(&bench).await?, (3, 0));
    let next = FileKek::read(&bench.kek_file())?;
    let rotated = rotate(&bench.owner, &next, |_| panic!("a third key"), |_, _| ()).await?;
    assert_eq!(
        (rotated.active.as_str(), rotated.removed, rotated.rewrapped),
        ("kek-2", vec!["kek-1".into()], 2)
    );
    assert_eq!(readable(&bench).await?, (3, 0));
    Ok(())
}
