//! Rebuilding beside the living view: nobody waits, nothing is lost, and what takes its
//! place is whole.

use super::faits::{Failure, Faits, call, followed, set_aside};
use super::replay::{check, live, some_plan};
use super::runner::AtWork;
use super::versions::Nouvelle;
use crate::ledger::facts::appel;
use anyhow::{Context, Result, bail, ensure};
use projections::SEARCH_PATH;
use projections::absences::Appels;
use projections::audit::JournalDuPortail;
use projections::rebuild::RebuildError;
use projections::runner::Runner;
use recits::Bench;
use sqlx::postgres::PgPoolOptions;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// Nothing here takes as long, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads the view of rolls again and again with the same prepared statement, on more
/// connections than one; a roll that was seen once must never be missing again.
async fn read_on(bench: &Bench, done: Arc<AtomicBool>) -> Result<u64> {
    let options = bench.views.connect_options();
    let pool = PgPoolOptions::new().max_connections(3).connect_with((*options).clone()).await?;
    let (mut reads, mut most) = (0, 0);
    while !done.load(Ordering::Relaxed) {
        let seen: Vec<i64> = futures::future::try_join_all((0..3).map(|_| {
            sqlx::query_scalar("SELECT count(*) FROM entree WHERE position >= $1")
                .bind(0_i64)
                .fetch_one(&pool)
        }))
        .await?;
        let fewest = seen.iter().copied().min().unwrap_or_default();
        ensure!(fewest >= most, "a reader saw {fewest} entries after {most}");
        most = fewest;
        reads += 1;
    }
    Ok(reads)
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_and_writers_go_on_while_views_are_rebuilt_and_switched() -> Result<()> {
    let bench = Bench::open().await?;
    let done = Arc::new(AtomicBool::new(false));
    let working = async {
        let rebuilding = async {
            for _ in 0..3 {
                for projection in projections::all() {
                    bench.runner.rebuild(&*projection, |_, _| ()).await?;
                }
            }
            anyhow::Ok(())
        };
        let worked = tokio::try_join!(live(&bench, some_plan(), 2), rebuilding);
        done.store(true, Ordering::Relaxed);
        worked
    };
    let (_, reads) = tokio::try_join!(working, read_on(&bench, done.clone()))?;
    assert!(reads > 0);
    bench.runner.catch_up().await?;
    check(&bench).await
}

#[tokio::test]
async fn readers_see_the_living_view_until_the_switch() -> Result<()> {
    let bench = Bench::open().await?;
    let faits = Faits::of(&bench).await?;
    let runner = Runner::new(bench.views.clone(), bench.keys.clone(), vec![faits.clone()]);
    for sequence in 1..=3 {
        call(&bench, "a", sequence).await?;
    }
    runner.catch_up().await?;
    let mut rebuild = runner.begin_rebuild(&*faits).await?;
    while rebuild.step().await?.is_some() {
        assert_eq!(followed(&bench).await?, [1, 2, 3]);
    }
    let filled: i64 =
        sqlx::query_scalar("SELECT count(*) FROM prochain.fait").fetch_one(&bench.owner).await?;
    assert_eq!(filled, 3);
    // What is recorded and followed after the last step is not lost by the switch.
    call(&bench, "a", 4).await?;
    runner.catch_up().await?;
    rebuild.switch().await?;
    assert_eq!(followed(&bench).await?, [1, 2, 3, 4]);
    let left: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'prochain'::regnamespace AND relname ~ '^fait'",
    )
    .fetch_one(&bench.owner)
    .await?;
    assert_eq!(left, 0);
    Ok(())
}

#[tokio::test]
async fn a_rebuild_that_was_broken_off_goes_on_where_it_stood() -> Result<()> {
    let bench = Bench::open().await?;
    let faits = Faits::of(&bench).await?;
    let runner = Runner::new(bench.views.clone(), bench.keys.clone(), vec![faits.clone()]);
    for sequence in 1..=2 {
        call(&bench, "a", sequence).await?;
    }
    runner.catch_up().await?;
    let mut broken = runner.begin_rebuild(&*faits).await?;
    assert_eq!(broken.step().await?, Some((2, 2)));
    drop(broken);
    call(&bench, "a", 3).await?;
    // Had it started over, the first two would be followed a second time and fail.
    sqlx::raw_sql("ALTER TABLE prochain.fait ADD CHECK (position > 2) NOT VALID")
        .execute(&bench.owner)
        .await?;
    let mut resumed = runner.begin_rebuild(&*faits).await?;
    assert_eq!(resumed.step().await?, Some((3, 3)));
    resumed.switch().await?;
    assert_eq!(followed(&bench).await?, [1, 2, 3]);
    assert!(set_aside(&bench).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_rebuild_may_start_over() -> Result<()> {
    let bench = Bench::open().await?;
    let faits = Faits::of(&bench).await?;
    let runner = Runner::new(bench.views.clone(), bench.keys.clone(), vec![faits.clone()]);
    call(&bench, "a", 1).await?;
    let mut rebuild = runner.begin_rebuild(&*faits).await?;
    while rebuild.step().await?.is_some() {}
    rebuild.start_over().await?;
    assert_eq!(rebuild.step().await?, Some((1, 1)));
    rebuild.switch().await?;
    assert_eq!(followed(&bench).await?, [1]);
    Ok(())
}

#[tokio::test]
async fn a_second_rebuild_of_the_same_view_is_refused() -> Result<()> {
    let bench = Bench::open().await?;
    let first = bench.runner.begin_rebuild(&Appels).await?;
    let Err(refused) = bench.runner.begin_rebuild(&Appels).await else { bail!("two rebuilds at once") };
    assert!(matches!(refused, RebuildError::Underway), "{refused:?}");
    let another = bench.runner.begin_rebuild(&JournalDuPortail).await;
    assert!(another.is_ok(), "another view is free");
    drop(first);
    bench.runner.begin_rebuild(&Appels).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_reader_holds_up_the_switch_and_no_other_reader() -> Result<()> {
    let bench = Bench::open().await?;
    let faits = Faits::of(&bench).await?;
    let runner = Runner::new(bench.views.clone(), bench.keys.clone(), vec![faits.clone()]);
    call(&bench, "a", 1).await?;
    runner.catch_up().await?;
    let mut long = bench.views.begin().await?;
    sqlx::query("SELECT FROM fait").execute(&mut *long).await?;
    let switching = tokio::spawn(async move { runner.rebuild(&*faits, |_, _| ()).await });
    for _ in 0..20 {
        timeout(PATIENCE, followed(&bench)).await.context("readers queue behind the switch")??;
        assert!(!switching.is_finished(), "it switched under a reader");
    }
    long.commit().await?;
    timeout(PATIENCE, switching).await.context("it never switches")???;
    assert_eq!(followed(&bench).await?, [1]);
    Ok(())
}

#[tokio::test]
async fn what_the_new_version_sets_aside_takes_the_place_of_what_the_old_one_did() -> Result<()> {
    let bench = Bench::open().await?;
    let faits = Faits::of(&bench).await?;
    faits.fail_on(&appel("bad"), Failure::Unfit);
    let runner = Runner::new(bench.views.clone(), bench.keys.clone(), vec![faits.clone()]);
    for sequence in 1..=2 {
        call(&bench, "bad", sequence).await?;
    }
    runner.catch_up().await?;
    runner.rebuild(&*faits, |_, _| ()).await?;
    assert_eq!((followed(&bench).await?, set_aside(&bench).await?), (vec![1], [2].into()));
    faits.heal();
    runner.rebuild(&*faits, |_, _| ()).await?;
    assert_eq!((followed(&bench).await?, set_aside(&bench).await?), (vec![1, 2], [].into()));
    Ok(())
}

#[tokio::test]
async fn the_program_changes_no_table_but_by_a_rebuild() -> Result<()> {
    let bench = Bench::open().await?;
    for statement in [
        "CREATE TABLE prochain.other ()",
        "CREATE TABLE absences.other ()",
        "DROP TABLE absences.appel",
        "ALTER TABLE absences.appel SET SCHEMA prochain",
        "UPDATE projections.version SET version = 2",
        "DELETE FROM projections.version",
        "INSERT INTO prochain.version VALUES ('absences.appels', 1, '{}')",
        "SELECT projections.abandon('absences.appels')",
        "SELECT projections.living('absences.appels', 'appel')",
        "SELECT projections.prepare('ledger.events', 1, '{events}')",
        "SELECT projections.prepare('projections.x', 1, '{checkpoint}')",
        "SELECT projections.prepare('absences.appels', 1, '{version}')",
        "SELECT projections.prepare('pg_catalog.x', 1, '{pg_class}')",
    ] {
        let error = sqlx::raw_sql(statement).execute(&bench.views).await.expect_err(statement);
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        assert_eq!(code, "42501", "{statement}: {error}");
    }
    // What is no table of the view, or is not ready, is refused too.
    for (statement, refusal) in [
        ("SELECT projections.prepare('absences.appels', 1, '{note}')", "42P01"),
        ("SELECT projections.switch('absences.appels')", "55000"),
    ] {
        let error = sqlx::raw_sql(statement).execute(&bench.views).await.expect_err(statement);
        let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        assert_eq!(code, refusal, "{statement}: {error}");
    }
    Ok(())
}

#[tokio::test]
async fn a_rebuilt_table_has_the_indexes_and_the_rights_of_the_one_before() -> Result<()> {
    let bench = Bench::open().await?;
    let shape = async || -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'absences'
             UNION ALL
             SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
             WHERE connamespace = 'absences'::regnamespace
             UNION ALL
             SELECT table_name || ' ' || grantee || ' ' || privilege_type
             FROM information_schema.role_table_grants WHERE table_schema = 'absences' AND grantee <> 'ent_owner'
             ORDER BY 1",
        )
        .fetch_all(&bench.owner)
        .await?)
    };
    let before = shape().await?;
    bench.runner.rebuild(&Appels, |_, _| ()).await?;
    assert_eq!(shape().await?, before);
    assert!(before.iter().any(|line| line.contains("ent_auditeur SELECT")), "{before:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_is_built_beside_the_old_one_which_then_stops() -> Result<()> {
    let bench = Bench::open().await?;
    let faits = Faits::of(&bench).await?;
    let old = Runner::new(bench.views.clone(), bench.another_ring(), vec![faits.clone()]);
    for sequence in 1..=3 {
        call(&bench, "a", sequence).await?;
    }
    let old_at_work = AtWork::new(old.clone());
    reach(&old, "audit.faits", 1, 3).await?;
    Nouvelle::migrate(&bench).await?;
    // The old program may not rebuild in the place of the new version.
    let Err(refused) = old.begin_rebuild(&*faits).await else { bail!("it began") };
    assert!(matches!(refused, RebuildError::Newer), "{refused:?}");

    let new = Runner::new(bench.views.clone(), bench.another_ring(), vec![Arc::new(Nouvelle)]);
    let new_at_work = AtWork::new(new.clone());
    reach(&new, "audit.faits", 2, 3).await?;
    let rows: Vec<(i64, String)> =
        sqlx::query_as("SELECT place, genre FROM audit.fait ORDER BY place").fetch_all(&bench.views).await?;
    assert_eq!(rows.len(), 3);

    call(&bench, "a", 4).await?;
    reach(&new, "audit.faits", 2, 4).await?;
    let held_up = timeout(PATIENCE, async {
        loop {
            if let [one] = &old.held_up()[..] {
                return one.to_string();
            }
            tokio::task::yield_now().await;
        }
    });
    let held_up = held_up.await.context("the old program does not say that it stopped")?;
    assert!(held_up.contains("version 2"), "{held_up}");
    assert!(new.held_up().is_empty());
    let Err(refused) = old.begin_rebuild(&*faits).await else { bail!("it would go back") };
    assert!(matches!(refused, RebuildError::Newer), "{refused:?}");
    old_at_work.stop().await?;
    new_at_work.stop().await
}

/// Waits until a version of a view lives and has read this many events.
async fn reach(runner: &Runner, view: &'static str, version: i32, position: i64) -> Result<()> {
    let place = format!("{}/2026/{position}", recits::PORTAIL).parse()?;
    let reached = async { while runner.progress().reach(view, version, &place).await.is_err() {} };
    timeout(PATIENCE, reached).await.with_context(|| format!("{view} {version} never reads {position}"))
}

#[test]
fn the_next_place_is_not_on_the_path_of_readers() {
    assert!(SEARCH_PATH.split(',').all(|schema| schema != "prochain"));
}
