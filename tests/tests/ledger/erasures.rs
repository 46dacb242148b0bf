//! Keys destroyed with the event that says so: both or neither, at once for everybody, and
//! nothing that is written meanwhile is lost.

use super::facts::{absent, appel, eleve, ouvert, unit};
use anyhow::Result;
use domain::{AnneeScolaire, CleId, Retention};
use ledger::Ledger;
use ledger::envelope::Stream;
use ledger::erasure::{Erasure, count};
use ledger::feed::{Content, facts_after};
use ledger::keys::{KeyName, KeyRing, Subject};
use ledger::unit::{AppendError, Unit};
use recits::{Bench, portail};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long another process may take to hear, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(30);

/// A roll of two absents: 1 opens it, 2 is about Zoé, 3 about Ali.
async fn bench() -> Result<(Bench, Stream)> {
    let bench = Bench::open().await?;
    let stream = appel("a");
    let events = [ouvert(), absent("Zoé"), absent("Ali")];
    let placed = events.into_iter().zip(1..).map(|(event, sequence)| (&stream, sequence, event));
    bench.ledger.append(unit(bench.context(&portail("0690001b"), &["1"]), "", placed)).await?;
    Ok((bench, stream))
}

async fn key_of(ring: &KeyRing, name: &str) -> Result<CleId> {
    let (subject, period) = (Subject::Personne(eleve(name)), AnneeScolaire(2026).into());
    let name = KeyName { subject, retention: Retention::Scolarite, period };
    Ok(ring.for_names(&BTreeSet::from([name.clone()])).await?[&name].id)
}

/// A unit that says that something is erased; what it says does not matter here.
fn saying(bench: &Bench, command: &str) -> Unit {
    let stream = appel(&format!("destruction {command}"));
    unit(bench.context(&portail("0690001b"), &[command]), "", [(&stream, 1, ouvert())])
}

/// The erasure of Zoé's key.
async fn of_zoe(bench: &Bench) -> Result<Erasure> {
    Ok(Erasure { keys: BTreeSet::from([key_of(&bench.keys, "Zoé").await?]), ..Erasure::default() })
}

/// Positions whose content is gone, as a ring finds them.
async fn erased(bench: &Bench, ring: &KeyRing) -> Result<Vec<i64>> {
    let (journal, _) = bench.journals().await?.remove(0);
    let mut connection = bench.ledger.pool().acquire().await?;
    let facts = facts_after(&mut connection, ring, &journal, 0, &[], 100).await?;
    let gone = facts.iter().filter(|fact| matches!(fact.content, Content::Erased));
    Ok(gone.map(|fact| fact.position.position).collect())
}

async fn destroyed(bench: &Bench) -> Result<i64> {
    let sql = "SELECT count(*) FROM ledger.keys WHERE wrapped IS NULL";
    Ok(sqlx::query_scalar(sql).fetch_one(&bench.owner).await?)
}

#[tokio::test]
async fn an_erasure_takes_contents_at_once_from_every_ring_and_leaves_the_proof() -> Result<()> {
    let (bench, _) = bench().await?;
    let elsewhere = bench.another_ring();
    assert_eq!(erased(&bench, &elsewhere).await?, [0; 0]);
    let recorded = bench.ledger.erase(saying(&bench, "2"), &of_zoe(&bench).await?).await?;
    assert_eq!((recorded.first, recorded.position.position), (4, 4));
    for ring in [&bench.keys, &elsewhere] {
        assert_eq!(erased(&bench, ring).await?, [2]);
    }
    let (journal, _) = bench.journals().await?.remove(0);
    let verdict = bench.verify(&journal).await?;
    assert_eq!((verdict.fault, verdict.leaves, verdict.contents, verdict.erased), (None, 4, 3, 1));
    assert_eq!(count(&bench.owner).await?, 1);
    Ok(())
}

#[tokio::test]
async fn the_same_command_erases_once() -> Result<()> {
    let (bench, _) = bench().await?;
    let erasure = of_zoe(&bench).await?;
    let first = bench.ledger.erase(saying(&bench, "2"), &erasure).await?;
    let again = bench.ledger.erase(saying(&bench, "2"), &erasure).await?;
    assert!(again.repeated && again.position == first.position);
    assert_eq!(count(&bench.owner).await?, 1);
    Ok(())
}

#[tokio::test]
async fn two_who_destroy_one_key_leave_one_event() -> Result<()> {
    let (bench, _) = bench().await?;
    let (erasure, other) = (of_zoe(&bench).await?, bench.another_process());
    let both = tokio::join!(
        bench.ledger.erase(saying(&bench, "2"), &erasure),
        other.erase(saying(&bench, "3"), &erasure)
    );
    let conflicts =
        [both.0, both.1].into_iter().filter(|done| matches!(done, Err(AppendError::Conflict))).count();
    assert_eq!((conflicts, destroyed(&bench).await?, bench.journals().await?[0].1), (1, 1, 4));
    Ok(())
}

#[tokio::test]
async fn no_key_is_destroyed_but_with_the_event_that_says_so() -> Result<()> {
    let (bench, _) = bench().await?;
    let key = key_of(&bench.keys, "Zoé").await?;
    let alone = sqlx::query("SELECT ledger.destroy($1, '0690001b', 2026::smallint, 1)").bind([key.0]);
    let error = alone.execute(bench.ledger.pool()).await.unwrap_err();
    assert_eq!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"));
    let unknown = Erasure { keys: BTreeSet::from([CleId::derived(&["none"])]), ..Erasure::default() };
    let refused = bench.ledger.erase(saying(&bench, "2"), &unknown).await;
    assert!(matches!(refused, Err(AppendError::Conflict)));
    assert_eq!((destroyed(&bench).await?, bench.journals().await?[0].1), (0, 3));
    Ok(())
}

#[tokio::test]
async fn a_stream_that_has_moved_stops_the_erasure() -> Result<()> {
    let (bench, stream) = bench().await?;
    let erasure = of_zoe(&bench).await?;
    for (heard, stopped) in [(2, true), (3, false)] {
        let unmoved = vec![(portail("0690001b"), stream.clone(), heard)];
        let done = bench
            .ledger
            .erase(saying(&bench, &format!("heard {heard}")), &Erasure { unmoved, ..erasure.clone() })
            .await;
        assert_eq!(matches!(done, Err(AppendError::Conflict)), stopped, "{done:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_another_process_writes_afterwards_is_sealed_under_a_new_key_and_stays() -> Result<()> {
    let (bench, stream) = bench().await?;
    let other = bench.another_process();
    let old = key_of(other.keys(), "Zoé").await?;
    bench.ledger.erase(saying(&bench, "2"), &of_zoe(&bench).await?).await?;
    let late = unit(bench.context(&portail("0690001b"), &["late"]), "", [(&stream, 4, absent("Zoé"))]);
    other.append(late).await?;
    assert_eq!(erased(&bench, &bench.another_ring()).await?, [2]);
    assert_ne!(key_of(other.keys(), "Zoé").await?, old);
    Ok(())
}

/// Has a process heed erasures until it has forgotten what it held before.
async fn heeded(process: &Ledger, before: u64) -> Result<()> {
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let heeding = tokio::spawn({
        let process = process.clone();
        async move { process.heed_erasures(stopped).await }
    });
    let forgotten = async {
        while process.memory().generation() == before {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, forgotten).await?;
    stop.send_replace(true);
    Ok(heeding.await?)
}

#[tokio::test]
async fn other_processes_forget_when_they_are_told() -> Result<()> {
    let (bench, _) = bench().await?;
    let other = bench.another_process();
    let before = other.memory().generation();
    let erasure = of_zoe(&bench).await?;
    let (heeded, erased) =
        tokio::join!(heeded(&other, before), bench.ledger.erase(saying(&bench, "2"), &erasure));
    erased?;
    heeded
}

/// Views share the keys of their process, and an erasure may reach them first.
#[tokio::test]
async fn a_process_whose_views_have_heard_of_an_erasure_forgets_what_it_remembers_too() -> Result<()> {
    let (bench, _) = bench().await?;
    let other = bench.another_process();
    let before = other.memory().generation();
    bench.ledger.erase(saying(&bench, "2"), &of_zoe(&bench).await?).await?;
    assert!(other.keys().learn(count(&bench.owner).await?));
    assert_eq!(other.memory().generation(), before, "views know of no aggregate");
    heeded(&other, before).await
}
