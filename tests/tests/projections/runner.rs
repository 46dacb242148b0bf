//! The runner: woken by the record, one transaction for a batch and its checkpoint, each
//! fact once however many runners there are, and queries that wait for what was written.

use super::faits::{Failure, Faits, call, checkpoint, followed, set_aside};
use crate::ledger::facts::appel;
use anyhow::{Context, Result, bail};
use futures::future::try_join_all;
use projections::Projection;
use projections::absences::Appels;
use projections::progress::Progress;
use projections::runner::Runner;
use recits::Bench;
use sqlx::postgres::PgListener;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Nothing here takes as long, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A runner at work, until it is told to stop.
pub struct AtWork {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl AtWork {
    /// At work from now on.
    pub fn new(runner: Runner) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, task: tokio::spawn(async move { runner.run(stopped).await }) }
    }

    /// At rest.
    pub async fn stop(self) -> Result<()> {
        self.stop.send(true)?;
        timeout(PATIENCE, self.task).await.context("the runner does not stop")??;
        Ok(())
    }
}

fn runner_of(bench: &Bench, faits: &Arc<Faits>) -> Runner {
    Runner::new(bench.views.clone(), bench.another_ring(), vec![faits.clone()])
}

#[tokio::test]
async fn a_batch_and_its_checkpoint_move_together_or_not_at_all() -> Result<()> {
    let bench = Bench::open().await?;
    let faits = Faits::of(&bench).await?;
    let runner = runner_of(&bench, &faits);
    for sequence in 1..=3 {
        call(&bench, "a", sequence).await?;
    }
    faits.fail_on(&appel("a"), Failure::Away);
    assert!(runner.catch_up().await.is_err());
    assert_eq!((followed(&bench).await?, checkpoint(&bench).await?), (vec![], None));
    faits.heal();
    runner.catch_up().await?;
    assert_eq!((followed(&bench).await?, checkpoint(&bench).await?), (vec![1, 2, 3], Some(3)));
    assert!(set_aside(&bench).await?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runners_follow_each_fact_once_and_in_order() -> Result<()> {
    let bench = Bench::open().await?;
    let faits = Faits::of(&bench).await?;
    let runners = [AtWork::new(runner_of(&bench, &faits)), AtWork::new(runner_of(&bench, &faits))];
    try_join_all((0..8).map(|roll| {
        let bench = &bench;
        async move {
            for sequence in 1..=25 {
                call(bench, &roll.to_string(), sequence).await?;
            }
            anyhow::Ok(())
        }
    }))
    .await?;
    for runner in runners {
        runner.stop().await?;
    }
    runner_of(&bench, &faits).catch_up().await?;
    assert_eq!(followed(&bench).await?, (1..=200).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_runner_follows_what_is_recorded_without_waiting_for_its_poll() -> Result<()> {
    const AN_HOUR: Duration = Duration::from_secs(3600);
    let bench = Bench::open().await?;
    let runner = AtWork::new(bench.runner.clone().polling_every(AN_HOUR));
    timeout(PATIENCE, listening(&bench)).await.context("the runner does not listen")??;
    for sequence in 1..=3 {
        call(&bench, "a", sequence).await?;
        let (journal, head) = bench.journals().await?.remove(0);
        let written = journal.at(head);
        let read = bench.runner.progress().reach(Appels::NAME, Appels::VERSION, &written);
        read.await.with_context(|| format!("event {head} is not read, an hour before the next poll"))?;
    }
    runner.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_wakes_whoever_listens_and_the_runner_does() -> Result<()> {
    let bench = Bench::open().await?;
    let mut listener = PgListener::connect_with(bench.ledger.pool()).await?;
    listener.listen(ledger::CHANNEL).await?;
    call(&bench, "a", 1).await?;
    let heard = timeout(PATIENCE, listener.recv()).await.context("nothing was said")??;
    assert_eq!(heard.channel(), ledger::CHANNEL);
    drop(listener);

    let runner = AtWork::new(bench.runner.clone());
    timeout(PATIENCE, listening(&bench)).await.context("the runner does not listen")??;
    runner.stop().await
}

/// Waits for a session that listens to the record.
async fn listening(bench: &Bench) -> Result<()> {
    loop {
        let found: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM pg_stat_activity
                            WHERE datname = current_database() AND query ILIKE 'LISTEN%' AND pid <> pg_backend_pid())",
        )
        .fetch_one(&bench.owner)
        .await?;
        if found {
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_waits_for_what_was_just_written() -> Result<()> {
    let bench = Bench::open().await?;
    call(&bench, "a", 1).await?;
    let (journal, head) = bench.journals().await?.remove(0);
    let written = journal.at(head);
    // One waits beside the runner, the other in a process that runs none.
    let elsewhere = Progress::new(bench.views.clone());
    let waiting: Vec<_> = [bench.runner.progress().clone(), elsewhere]
        .into_iter()
        .map(|progress| {
            let (written, views) = (written.clone(), bench.views.clone());
            tokio::spawn(async move {
                progress.reach(Appels::NAME, Appels::VERSION, &written).await?;
                let rolls: i64 = sqlx::query_scalar("SELECT count(*) FROM appel").fetch_one(&views).await?;
                if rolls != 1 {
                    bail!("{rolls} rolls");
                }
                Ok(())
            })
        })
        .collect();
    bench.runner.catch_up().await?;
    for waited in try_join_all(waiting).await? {
        waited?;
    }
    Ok(())
}

#[tokio::test]
async fn the_place_before_the_first_event_is_always_reached() -> Result<()> {
    let bench = Bench::open().await?;
    let nowhere = "0690001b/2026/0".parse()?;
    bench.runner.progress().reach(Appels::NAME, Appels::VERSION, &nowhere).await?;
    Ok(())
}

/// The transactions in which these views last moved.
async fn moves(bench: &Bench, views: &[&str]) -> Result<BTreeSet<String>> {
    let sql = "SELECT DISTINCT xmin::text FROM projections.checkpoint WHERE projection = ANY ($1)";
    let moves: Vec<String> = sqlx::query_scalar(sql).bind(views).fetch_all(&bench.views).await?;
    Ok(moves.into_iter().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn views_that_hear_nothing_of_an_act_pass_over_it_together() -> Result<()> {
    let bench = Bench::open().await?;
    let runner = Runner::new(bench.views.clone(), bench.another_ring(), projections::all());
    let runner = runner.polling_every(Duration::from_secs(3600));
    let progress = runner.progress().clone();
    let work = AtWork::new(runner);
    let views = projections::all();
    let kind = appel("a").kind;
    let hears =
        |view: &&Arc<dyn Projection>| view.hears().is_empty() || view.hears().contains(&kind.as_str());
    let (hearing, idle): (Vec<_>, Vec<_>) = views.iter().partition(hears);
    let names = |views: &[&Arc<dyn Projection>]| views.iter().map(|view| view.name()).collect::<Vec<_>>();
    let (hearing, idle) = (names(&hearing), names(&idle));
    // A view that has just followed something looks once more by itself.
    let together = async {
        for sequence in 1.. {
            let position = call(&bench, "a", sequence).await?;
            for view in &views {
                progress.reach(view.name(), view.version(), &position).await?;
            }
            let passed = moves(&bench, &idle).await?;
            if passed.len() == 1 {
                assert!(passed.is_disjoint(&moves(&bench, &hearing).await?), "what is heard is followed");
                break;
            }
        }
        anyhow::Ok(())
    };
    timeout(PATIENCE, together).await.context("each view moves by itself")??;
    work.stop().await
}
