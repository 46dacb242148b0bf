//! A fact that a view cannot follow is set aside with its stream; the rest goes on.

use super::faits::{Failure, Faits, call, checkpoint, followed, set_aside};
use crate::ledger::facts::appel;
use anyhow::Result;
use projections::runner::Runner;
use recits::Bench;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_failing_fact_is_set_aside_with_the_rest_of_its_stream() -> Result<()> {
    let bench = Bench::open().await?;
    let faits = Faits::of(&bench).await?;
    faits.fail_on(&appel("bad"), Failure::Unfit);
    let runner = Runner::new(bench.views.clone(), bench.keys.clone(), vec![faits.clone()]);
    for sequence in 1..=3 {
        call(&bench, "bad", sequence).await?;
        call(&bench, "good", sequence).await?;
    }
    runner.catch_up().await?;
    assert_eq!(followed(&bench).await?, [1, 2, 4, 6]);
    assert_eq!(set_aside(&bench).await?, BTreeSet::from([3, 5]));
    assert_eq!(checkpoint(&bench).await?, Some(6));
    let errors: Vec<String> = sqlx::query_scalar("SELECT error FROM projections.set_aside ORDER BY position")
        .fetch_all(&bench.views)
        .await?;
    assert_eq!(errors, ["it does not fit", "an earlier fact of this stream is set aside"]);

    // Later facts of the stream wait behind it, even once they would fit.
    faits.heal();
    call(&bench, "bad", 4).await?;
    call(&bench, "good", 4).await?;
    runner.catch_up().await?;
    assert_eq!(followed(&bench).await?, [1, 2, 4, 6, 8]);
    assert_eq!(set_aside(&bench).await?, BTreeSet::from([3, 5, 7]));
    Ok(())
}

#[tokio::test]
async fn a_stream_stays_set_aside_in_the_next_school_year() -> Result<()> {
    let bench = Bench::open_at("2026-07-31T21:00:00Z".parse()?).await?;
    let faits = Faits::of(&bench).await?;
    faits.fail_on(&appel("bad"), Failure::Unfit);
    let runner = Runner::new(bench.views.clone(), bench.keys.clone(), vec![faits.clone()]);
    call(&bench, "bad", 1).await?;
    call(&bench, "bad", 2).await?;
    runner.catch_up().await?;
    faits.heal();
    bench.clock.set("2026-07-31T22:00:00Z".parse()?);
    call(&bench, "bad", 3).await?;
    runner.catch_up().await?;
    let years: Vec<(i16, i64)> =
        sqlx::query_as("SELECT annee, position FROM projections.set_aside ORDER BY annee")
            .fetch_all(&bench.views)
            .await?;
    assert_eq!(years, [(2025, 2), (2026, 1)]);
    Ok(())
}

#[tokio::test]
async fn a_poison_row_holds_up_its_stream_alone() -> Result<()> {
    let bench = Bench::open().await?;
    let poison = appel("poisoned").id;
    sqlx::query(
        "INSERT INTO appel (id, portail, enseignement, division, date, debut, fin, enseignant, clos, absents, retards)
         VALUES ($1::uuid, '', $1::uuid, $1::uuid, '2026-11-23', '08:00', '09:00', $1::uuid, false, 0, 0)",
    )
    .bind(&poison)
    .execute(&bench.views)
    .await?;
    for sequence in 1..=2 {
        call(&bench, "poisoned", sequence).await?;
        call(&bench, "good", sequence).await?;
    }
    bench.runner.catch_up().await?;
    let rolls: Vec<(String, bool)> =
        sqlx::query_as("SELECT id::text, clos FROM appel ORDER BY clos").fetch_all(&bench.views).await?;
    assert_eq!(rolls, [(poison, false), (appel("good").id, true)]);
    let aside: Vec<(String, i64)> =
        sqlx::query_as("SELECT projection, position FROM projections.set_aside ORDER BY position")
            .fetch_all(&bench.views)
            .await?;
    let view = projections::absences::Appels::NAME.to_owned();
    assert_eq!(aside, [(view.clone(), 1), (view, 3)]);
    Ok(())
}

#[tokio::test]
async fn rebuilt_without_its_fault_a_view_follows_what_was_set_aside() -> Result<()> {
    let bench = Bench::open().await?;
    let faits = Faits::of(&bench).await?;
    faits.fail_on(&appel("bad"), Failure::Unfit);
    let runner = Runner::new(bench.views.clone(), bench.keys.clone(), vec![faits.clone()]);
    for sequence in 1..=2 {
        call(&bench, "bad", sequence).await?;
    }
    runner.catch_up().await?;
    faits.heal();
    runner.rebuild(&*faits, |_, _| ()).await?;
    assert_eq!(followed(&bench).await?, [1, 2]);
    assert!(set_aside(&bench).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn facts_that_a_view_does_not_hear_move_its_checkpoint_too() -> Result<()> {
    use domain::portails::{NaturePortail, Portail, PortailCommand};
    let bench = Bench::open().await?;
    let faits = Faits::of(&bench).await?;
    let portail = recits::portail(recits::PORTAIL);
    let open = PortailCommand::OuvrirPortail {
        portail: portail.clone(),
        nature: NaturePortail::Region,
        nom: "Région".to_owned(),
    };
    bench.record::<Portail>(bench.context(&portail, &["open"]), &portail, open).await?;
    Runner::new(bench.views.clone(), bench.keys.clone(), vec![faits]).catch_up().await?;
    assert_eq!((checkpoint(&bench).await?, followed(&bench).await?), (Some(1), vec![]));
    Ok(())
}
