//! However writers and runners met, the living views are what a replay from zero makes.

use super::plan::{Wish, carry_out, plans};
use anyhow::{Result, ensure};
use chrono::TimeDelta;
use domain::publications::Audience;
use futures::future::try_join_all;
use ledger::clock::Clock;
use projections::publications::{Affichage, Histoire, Publications};
use projections::replay::Scratch;
use projections::runner::Runner;
use proptest::prelude::*;
use proptest::test_runner::Config;
use recits::Bench;
use tokio::sync::watch;

/// Each case has a database of its own.
const CASES: u32 = 12;
/// A shorter plan is worth so many runs.
const SHRINKS: u32 = 150;

proptest! {
    #![proptest_config(Config { max_shrink_iters: SHRINKS, ..Config::with_cases(CASES) })]

    #[test]
    fn living_views_are_those_of_a_replay_from_zero(plans in plans(4, 60), two_runners: bool) {
        let run = live_and_replay(plans, two_runners);
        let found = tokio::runtime::Runtime::new().unwrap().block_on(run);
        prop_assert!(found.is_ok(), "{:?}", found);
    }
}

async fn live_and_replay(plans: Vec<Vec<Wish>>, two_runners: bool) -> Result<()> {
    let bench = Bench::open().await?;
    live(&bench, plans, if two_runners { 2 } else { 1 }).await?;
    bench.runner.catch_up().await?;
    check(&bench).await
}

/// Two processes write, and one or two follow, all at once.
pub async fn live(bench: &Bench, plans: Vec<Vec<Wish>>, runners: usize) -> Result<()> {
    let (stop, stopped) = watch::channel(false);
    let runners: Vec<_> = (0..runners)
        .map(|_| {
            let runner = Runner::new(bench.views.clone(), bench.another_ring(), projections::all());
            let stopped = stopped.clone();
            tokio::spawn(async move { runner.run(stopped).await })
        })
        .collect();
    let ledgers = [bench.ledger.clone(), bench.another_process()];
    let writers = plans
        .into_iter()
        .enumerate()
        .map(|(number, plan)| tokio::spawn(carry_out(ledgers[number % 2].clone(), number, plan)));
    try_join_all(writers).await?.into_iter().collect::<Result<()>>()?;
    stop.send(true)?;
    try_join_all(runners).await?;
    Ok(())
}

/// Nothing was set aside, every view has read everything, and a replay makes the same.
pub async fn check(bench: &Bench) -> Result<()> {
    check_places(bench).await?;
    check_rows(bench, &mut replayed(bench).await?).await
}

/// Nothing was set aside, and every view has read everything.
async fn check_places(bench: &Bench) -> Result<()> {
    let aside: Vec<(String, String, String)> =
        sqlx::query_as("SELECT projection, event_type, error FROM projections.set_aside")
            .fetch_all(&bench.views)
            .await?;
    ensure!(aside.is_empty(), "set aside: {aside:?}");
    for (journal, head) in bench.journals().await? {
        let places: Vec<i64> = sqlx::query_scalar(
            "SELECT position FROM projections.checkpoint WHERE portail = $1 AND annee = $2",
        )
        .bind(journal.portail.as_str())
        .bind(journal.annee.0)
        .fetch_all(&bench.views)
        .await?;
        ensure!(places == vec![head; projections::all().len()], "{journal:?}: {places:?}, not {head}");
    }
    Ok(())
}

/// What the record, read from zero, makes of every view.
async fn replayed(bench: &Bench) -> Result<Scratch> {
    let mut scratch = Scratch::new(&bench.views, projections::all()).await?;
    scratch.replay(&bench.another_ring(), None, |_| ()).await?;
    Ok(scratch)
}

/// The living views are these.
async fn check_rows(bench: &Bench, scratch: &mut Scratch) -> Result<()> {
    let differences = scratch.differences().await?;
    ensure!(differences.is_empty(), "{differences:?}");
    check_history(bench).await
}

/// What a portal showed as of the end is what it shows.
async fn check_history(bench: &Bench) -> Result<()> {
    let end = bench.clock.now() + TimeDelta::days(1);
    let portails: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT portail FROM publication").fetch_all(&bench.views).await?;
    for portail in portails {
        let online =
            Publications::online(&bench.views, &portail, end, Audience::Portail, None, i64::MAX).await?;
        let online: Vec<_> = online.iter().map(|one| (one.id, one.paru_version, one.du)).collect();
        let shown = Histoire::shown(&bench.views, &portail, None, end).await?;
        let parution = |one: &Affichage| (one.parution.publication, one.parution.version, one.parution.du);
        let shown: Vec<_> = shown.iter().map(parution).collect();
        ensure!(shown == online, "{portail} shows {online:?}, and showed {shown:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_found() -> Result<()> {
    let bench = bench_of_some_plan().await?;
    bench.runner.catch_up().await?;
    sqlx::raw_sql("UPDATE audit.entree SET office = 'autre' WHERE position = 1")
        .execute(&bench.views)
        .await?;
    assert!(check(&bench).await.unwrap_err().to_string().contains("entree"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuilt_view_is_the_same() -> Result<()> {
    let bench = bench_of_some_plan().await?;
    bench.runner.catch_up().await?;
    // The record does not grow: one replay judges the views after each rebuild.
    let mut scratch = replayed(&bench).await?;
    for projection in projections::all() {
        let mut last = (0, 1);
        bench.runner.rebuild(&*projection, |done, total| last = (done, total)).await?;
        assert_eq!(last.0, last.1, "{}", projection.name());
        check_places(&bench).await?;
        check_rows(&bench, &mut scratch).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_may_be_rebuilt_while_it_is_written_and_followed() -> Result<()> {
    let bench = Bench::open().await?;
    let rebuilding = async {
        for _ in 0..5 {
            for projection in projections::all() {
                bench.runner.rebuild(&*projection, |_, _| ()).await?;
            }
        }
        anyhow::Ok(())
    };
    tokio::try_join!(live(&bench, some_plan(), 2), rebuilding)?;
    bench.runner.catch_up().await?;
    check(&bench).await
}

async fn bench_of_some_plan() -> Result<Bench> {
    let bench = Bench::open().await?;
    let plan = some_plan().into_iter().flatten().collect();
    carry_out(bench.ledger.clone(), 0, plan).await?;
    assert!(!bench.journals().await?.is_empty());
    Ok(bench)
}

/// The same one each time.
pub fn some_plan() -> Vec<Vec<Wish>> {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    plans(4, 60).new_tree(&mut runner).unwrap().current()
}
