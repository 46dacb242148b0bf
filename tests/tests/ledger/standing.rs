//! A unit stands on streams to which it adds nothing: what was decided by what they said is
//! recorded only while they say no more, whichever process makes them say it.

use super::facts::{absent, appel, ouvert, unit};
use anyhow::Result;
use futures::future::{join_all, try_join_all};
use ledger::Ledger;
use ledger::envelope::Stream;
use ledger::unit::{AppendError, Recorded, Unit};
use recits::{Bench, PORTAIL, context, portail};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const WRITERS: usize = 12;
const COMMANDS: usize = 20;

/// An event on a stream of its own, by who heard so much of `rule`.
fn standing(ledger: &Ledger, name: &str, rule: &Stream, heard: u64) -> Unit {
    let context = context(&portail(PORTAIL), &[name], ledger.clock().now());
    let mut unit = unit(context, name, [(&appel(name), 1, absent(name))]);
    unit.stand_on(rule.clone(), heard);
    unit
}

/// Moves `rule` to its event of this number.
fn moving(ledger: &Ledger, rule: &Stream, number: u64) -> Unit {
    let command = format!("rule {number}");
    let context = context(&portail(PORTAIL), &[&command], ledger.clock().now());
    unit(context, &command, [(rule, number, ouvert())])
}

async fn last(ledger: &Ledger, stream: &Stream) -> Result<u64> {
    let last: i64 = sqlx::query_scalar(
        "SELECT coalesce(max(sequence), 0) FROM ledger.events WHERE aggregate_type = $1 AND aggregate_id = $2",
    )
    .bind(&stream.kind)
    .bind(&stream.id)
    .fetch_one(ledger.pool())
    .await?;
    Ok(last.unsigned_abs())
}

/// The last position of the journal.
async fn head(ledger: &Ledger) -> Result<i64> {
    let sql = "SELECT position FROM ledger.journal WHERE portail = $1";
    Ok(sqlx::query_scalar(sql).bind(PORTAIL).fetch_one(ledger.pool()).await?)
}

#[tokio::test]
async fn what_stands_on_a_stream_that_has_moved_is_not_recorded_and_spends_no_command() -> Result<()> {
    let bench = Bench::open().await?;
    let (ledger, rule) = (&bench.ledger, appel("rule"));
    ledger.append(moving(ledger, &rule, 1)).await?;
    for heard in [0, 2] {
        let answer = ledger.append(standing(ledger, "late", &rule, heard)).await;
        assert!(matches!(answer, Err(AppendError::Conflict)), "{heard}: {answer:?}");
    }
    assert_eq!(last(ledger, &appel("late")).await?, 0);
    let recorded = ledger.append(standing(ledger, "late", &rule, 1)).await?;
    assert_eq!((recorded.first, recorded.repeated), (2, false));
    // What was recorded has its answer, wherever the stream is by then.
    ledger.append(moving(ledger, &rule, 2)).await?;
    assert_eq!(
        ledger.append(standing(ledger, "late", &rule, 1)).await?,
        Recorded { repeated: true, ..recorded }
    );
    Ok(())
}

#[tokio::test]
async fn what_stands_on_another_portals_stream_is_not_recorded() -> Result<()> {
    let bench = Bench::open().await?;
    let rule = appel("rule");
    bench.ledger.append(moving(&bench.ledger, &rule, 1)).await?;
    let elsewhere = bench.context(&portail("0690002c"), &["elsewhere"]);
    let mut unit = unit(elsewhere, "", [(&appel("elsewhere"), 1, ouvert())]);
    unit.stand_on(rule, 1);
    assert!(matches!(bench.ledger.append(unit).await, Err(AppendError::Conflict)));
    Ok(())
}

#[tokio::test]
async fn where_a_unit_adds_something_the_place_of_what_it_adds_says_all() -> Result<()> {
    let bench = Bench::open().await?;
    let (ledger, rule) = (&bench.ledger, appel("rule"));
    let mut unit = moving(ledger, &rule, 1);
    unit.stand_on(rule, 1);
    assert_eq!(ledger.append(unit).await?.first, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_units_stand_on_one_stream_at_once() -> Result<()> {
    let bench = Bench::open().await?;
    let rule = appel("rule");
    bench.ledger.append(moving(&bench.ledger, &rule, 1)).await?;
    let ledgers = [bench.ledger.clone(), bench.another_process()];
    let names: Vec<_> = (0..WRITERS).map(|number| format!("one of many {number}")).collect();
    let asked = names.iter().zip(ledgers.iter().cycle());
    let asked = asked.map(|(name, ledger)| ledger.append(standing(ledger, name, &rule, 1)));
    for answer in join_all(asked).await {
        answer?;
    }
    Ok(())
}

/// What one of them recorded: its first position, what it had heard, and how often it was too late.
type Stood = (i64, u64, usize);

/// Records units that stand on `rule`, each until it is recorded.
async fn stand(ledger: Ledger, rule: Stream, number: usize, done: Arc<AtomicUsize>) -> Result<Vec<Stood>> {
    let mut stood = Vec::new();
    for command in 0..COMMANDS {
        let name = format!("writer {number} {command}");
        let mut conflicts = 0;
        loop {
            let heard = last(&ledger, &rule).await?;
            match ledger.append(standing(&ledger, &name, &rule, heard)).await {
                Ok(recorded) => break stood.push((recorded.first, heard, conflicts)),
                Err(AppendError::Conflict) => conflicts += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
    done.fetch_add(1, Ordering::SeqCst);
    Ok(stood)
}

/// Moves `rule` as long as others stand on it, each time that one of them got through; the positions.
async fn move_on(ledger: Ledger, rule: Stream, done: Arc<AtomicUsize>) -> Result<Vec<i64>> {
    let mut moved = Vec::new();
    for number in 1.. {
        if done.load(Ordering::SeqCst) == WRITERS {
            break;
        }
        let own = ledger.append(moving(&ledger, &rule, number)).await?.first;
        moved.push(own);
        while head(&ledger).await? == own && done.load(Ordering::SeqCst) < WRITERS {}
    }
    Ok(moved)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_comes_in_behind_a_stream_on_which_it_stands_whoever_moves_it() -> Result<()> {
    let bench = Bench::open().await?;
    let (rule, done) = (appel("rule"), Arc::new(AtomicUsize::new(0)));
    let ledgers = [bench.ledger.clone(), bench.another_process()];
    let writers = (0..WRITERS).zip(ledgers.iter().cycle()).map(|(number, ledger)| {
        let writer = stand(ledger.clone(), rule.clone(), number, done.clone());
        async move { tokio::spawn(writer).await? }
    });
    let mover = tokio::spawn(move_on(bench.another_process(), rule.clone(), done.clone()));
    let stood: Vec<Stood> = try_join_all(writers).await?.into_iter().flatten().collect();
    let moved = mover.await??;
    assert_eq!(stood.len(), WRITERS * COMMANDS);
    assert!(stood.iter().any(|(_, _, conflicts)| *conflicts > 0), "nobody met anybody");
    for (position, heard, _) in stood {
        let before = moved.iter().filter(|moved| **moved < position).count() as u64;
        assert_eq!(before, heard, "recorded at {position} by who had heard {heard}");
    }
    Ok(())
}
