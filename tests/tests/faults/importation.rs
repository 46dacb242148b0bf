//! An import that is killed half-way is begun again, and nobody is there twice.

use anyhow::{Context, Result, ensure};
use api::importer::aaf::generator::{Academie, Plan, generate};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use recits::Bench;
use recits::faults::wait::until;
use recits::faults::{command, environment};
use std::path::Path;
use std::time::Duration;

/// How long an import of some thousand people may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// Events after which the program is killed: well within the people of the feed.
const ASSEZ: i64 = 1_000;

async fn recorded(bench: &Bench, kind: &str) -> Result<(i64, i64)> {
    let sql = "SELECT count(*), count(DISTINCT aggregate_id) FROM ledger.events WHERE event_type = $1";
    Ok(sqlx::query_as(sql).bind(kind).fetch_one(&bench.owner).await?)
}

async fn head(bench: &Bench) -> Result<i64> {
    let sql = "SELECT coalesce(sum(position), 0)::bigint FROM ledger.journal";
    Ok(sqlx::query_scalar(sql).fetch_one(&bench.owner).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_goes_on_without_a_double() -> Result<()> {
    let bench = Bench::open().await?;
    let folder = tempfile::tempdir()?;
    let feed = folder.path().join("aaf");
    let written = generate(&feed, &Plan::demo(7, Academie::Lyon, "2026-09-14".parse()?))?;
    let people = i64::try_from(written.personnes())?;
    let environment = environment(&bench, folder.path()).await?;
    let log = folder.path().join("ent.log");
    let feed = feed.to_str().context("a path that is no text")?;
    let import = ["importer", "aaf", feed];

    let mut killed = command(&environment, &log, &import)?.spawn()?;
    let pid = Pid::from_raw(killed.id().context("the import has ended")?.cast_signed());
    until("events of the import", PATIENCE, async || Ok((head(&bench).await? >= ASSEZ).then_some(())))
        .await?;
    kill(pid, Signal::SIGKILL)?;
    killed.wait().await?;
    let half = head(&bench).await?;
    let (begun, _) = recorded(&bench, "annuaire.personne.enregistree").await?;
    ensure!(begun < people, "killed too late to tell: {begun} of {people} people");

    let ended = command(&environment, &log, &import)?.status().await?;
    ensure!(ended.success(), "{ended}; {}", last_words(&log));
    let (registered, distinct) = recorded(&bench, "annuaire.personne.enregistree").await?;
    ensure!((registered, distinct) == (people, people), "{registered} for {distinct} of {people} people");
    let (attached, once) = recorded(&bench, "annuaire.personne.rattachee").await?;
    ensure!(attached == once, "nobody of this feed belongs to two établissements: {attached} for {once}");
    ensure!(head(&bench).await? > half);
    let shown: i64 = sqlx::query_scalar("SELECT count(*) FROM personne").fetch_one(&bench.views).await?;
    ensure!(shown == people, "{shown} people in the views");

    // And once more: nothing but that the delivery was taken again.
    let before = head(&bench).await?;
    ensure!(command(&environment, &log, &import)?.status().await?.success(), "{}", last_words(&log));
    ensure!(head(&bench).await? == before + 2);
    Ok(())
}

fn last_words(log: &Path) -> String {
    let log = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = log.lines().rev().take(15).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
