//! Waiting for views: read your writes, and wake only who waits for what has moved.

use super::runner::AtWork;
use crate::ledger::facts::{appel, ouvert, unit};
use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use ledger::Ledger;
use ledger::unit::Position;
use projections::absences::Appels;
use projections::audit::JournalDuPortail;
use projections::progress::Progress;
use projections::runner::Runner;
use recits::{Bench, context, portail};
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

/// Nothing here takes as long, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(60);
const WRITERS: usize = 32;
const ROLLS: usize = 6;

/// Opens a roll.
async fn open(bench: &Bench, ledger: &Ledger, label: &str, name: &str) -> Result<(Uuid, Position)> {
    let stream = appel(name);
    let context = context(&portail(label), &[name], ledger::clock::Clock::now(&*bench.clock));
    let recorded = ledger.append(unit(context, "", [(&stream, 1, ouvert())])).await?;
    Ok((stream.id.parse()?, recorded.position))
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_at_once_always_read_their_writes_in_either_process() -> Result<()> {
    let bench = Bench::open().await?;
    let processes: Vec<_> = [bench.ledger.clone(), bench.another_process()]
        .into_iter()
        .map(|ledger| {
            let runner = Runner::new(bench.views.clone(), bench.another_ring(), projections::all());
            (ledger, runner.progress().clone(), AtWork::new(runner))
        })
        .collect();
    let writers = (0..WRITERS).map(|writer| {
        let (bench, processes) = (&bench, &processes);
        async move {
            for roll in 0..ROLLS {
                // It writes in one process, and reads in one or the other.
                let (ledger, _, _) = &processes[writer % 2];
                let (_, progress, _) = &processes[(writer + roll) % 2];
                let label = if writer % 3 == 0 { "0690001b" } else { "0690002c" };
                let (id, position) = open(bench, ledger, label, &format!("{writer} {roll}")).await?;
                progress.reach(Appels::NAME, Appels::VERSION, &position).await?;
                let found = Appels::by_ids(&bench.views, &[id]).await?;
                ensure!(found.len() == 1, "writer {writer} does not see roll {roll}");
            }
            anyhow::Ok(())
        }
    });
    timeout(PATIENCE, try_join_all(writers)).await.context("the views do not keep up")??;
    for (_, _, runner) in processes {
        runner.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn who_waits_is_woken_by_that_view_on_that_portal_only() -> Result<()> {
    let bench = Bench::open().await?;
    let progress = bench.runner.progress();
    let here = portail("0690001b");
    let mut rolls = progress.moves(Appels::NAME, &here);
    let elsewhere = progress.moves(Appels::NAME, &portail("0690002c"));
    let another_view = progress.moves("notes.evaluations", &here);
    open(&bench, &bench.ledger, "0690001b", "a").await?;
    bench.runner.catch_up().await?;
    assert!(rolls.is_unseen());
    assert!(!elsewhere.is_unseen() && !another_view.is_unseen());
    rolls.mark_seen();
    bench.runner.catch_up().await?;
    assert!(!rolls.is_unseen(), "nothing has moved since");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_in_a_process_that_another_one_has_overtaken_is_woken_too() -> Result<()> {
    let bench = Bench::open().await?;
    let slow = Runner::new(bench.views.clone(), bench.another_ring(), projections::all());
    let mut moves = slow.progress().moves(JournalDuPortail::NAME, &portail("0690001b"));
    open(&bench, &bench.ledger, "0690001b", "a").await?;
    bench.runner.catch_up().await?;
    assert!(!moves.is_unseen());
    slow.catch_up().await?;
    assert!(timeout(PATIENCE, moves.next()).await.context("it sleeps on")?);
    Ok(())
}

#[tokio::test]
async fn a_portal_without_a_record_is_answered_at_once_and_not_remembered() -> Result<()> {
    let bench = Bench::open().await?;
    let progress = Progress::new(bench.views.clone());
    let nowhere = "9999999z/2026/1".parse()?;
    assert!(progress.reach(Appels::NAME, Appels::VERSION, &nowhere).await.is_err());
    Ok(())
}
