//! What was set aside is explained without opening it, and followed again in its order.

use super::faits::{Failure, Faits, call, checkpoint, followed, set_aside};
use crate::ledger::facts::appel;
use anyhow::{Context, Result};
use projections::aside::{Outcome, Reason, explain, follow_again, list};
use projections::replay::Scratch;
use projections::runner::Runner;
use projections::staleness::states;
use recits::{Bench, PORTAIL};
use std::sync::Arc;

/// Two streams of which the second fact fails, and one that is followed.
async fn two_bad_streams() -> Result<(Bench, Arc<Faits>, Runner)> {
    let bench = Bench::open().await?;
    let faits = Faits::of(&bench).await?;
    for name in ["bad", "worse"] {
        faits.fail_on(&appel(name), Failure::Unfit);
    }
    let runner = Runner::new(bench.views.clone(), bench.keys.clone(), vec![faits.clone()]);
    for sequence in 1..=3 {
        for name in ["bad", "good", "worse"] {
            call(&bench, name, sequence).await?;
        }
    }
    runner.catch_up().await?;
    assert_eq!(set_aside(&bench).await?, [4, 6, 7, 9].into());
    Ok((bench, faits, runner))
}

#[tokio::test]
async fn what_was_set_aside_is_followed_again_in_the_order_of_its_stream() -> Result<()> {
    let (bench, faits, runner) = two_bad_streams().await?;
    faits.heal();
    let outcome = follow_again(&bench.views, &bench.keys, &*faits, Some(&appel("bad").id)).await?;
    assert_eq!(outcome, Outcome { followed: 2, left: 0 });
    assert_eq!(
        (followed(&bench).await?, set_aside(&bench).await?),
        (vec![1, 2, 3, 5, 8, 4, 7], [6, 9].into())
    );
    // The stream goes on with what comes next; the other one still waits.
    call(&bench, "bad", 4).await?;
    call(&bench, "worse", 4).await?;
    runner.catch_up().await?;
    assert_eq!(followed(&bench).await?, [1, 2, 3, 5, 8, 4, 7, 10]);
    assert_eq!(set_aside(&bench).await?, [6, 9, 11].into());
    assert_eq!(
        follow_again(&bench.views, &bench.keys, &*faits, None).await?,
        Outcome { followed: 3, left: 0 }
    );
    assert_eq!(followed(&bench).await?, [1, 2, 3, 5, 8, 4, 7, 10, 6, 9, 11]);
    assert_eq!(checkpoint(&bench).await?, Some(11));
    Ok(())
}

#[tokio::test]
async fn what_fails_again_stays_aside_with_what_waits_behind_it() -> Result<()> {
    let (bench, faits, _) = two_bad_streams().await?;
    let before = list(&mut *bench.views.acquire().await?, None).await?;
    let outcome = follow_again(&bench.views, &bench.keys, &*faits, None).await?;
    assert_eq!(outcome, Outcome { followed: 0, left: 4 });
    assert_eq!(list(&mut *bench.views.acquire().await?, None).await?, before);
    assert_eq!(followed(&bench).await?, [1, 2, 3, 5, 8], "what a failed fact wrote is gone");
    Ok(())
}

#[tokio::test]
async fn a_fact_is_explained_without_its_content() -> Result<()> {
    let (bench, _, _) = two_bad_streams().await?;
    let mut connection = bench.views.acquire().await?;
    let explained =
        explain(&mut connection, &format!("{PORTAIL}/2026/4").parse()?).await?.context("no fact")?;
    assert_eq!((explained.envelope.stream, explained.envelope.sequence), (appel("bad"), 2));
    let [aside] = &explained.aside[..] else { panic!("{:?}", explained.aside) };
    assert_eq!((aside.reason(), aside.error.as_str()), (Reason::Unfit, "it does not fit"));
    let [waiting] = &explained.waiting[..] else { panic!("{:?}", explained.waiting) };
    assert_eq!((waiting.position, waiting.reason()), (7, Reason::Waiting));
    let followed =
        explain(&mut connection, &format!("{PORTAIL}/2026/2").parse()?).await?.context("no fact")?;
    assert!(followed.aside.is_empty());
    assert!(explain(&mut connection, &format!("{PORTAIL}/2026/99").parse()?).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn a_replay_sets_aside_what_the_living_view_did_and_goes_on() -> Result<()> {
    let (bench, faits, _) = two_bad_streams().await?;
    let mut scratch = Scratch::new(&bench.views, vec![faits.clone()]).await?;
    scratch.replay(&bench.keys, None, |_| ()).await?;
    let places = |facts: Vec<projections::aside::Aside>| -> Vec<_> {
        facts.into_iter().map(|fact| (fact.position, fact.error)).collect()
    };
    let replayed = places(scratch.set_aside().await?);
    assert_eq!(replayed, places(list(&mut *bench.views.acquire().await?, None).await?));
    let rows: Vec<i64> =
        sqlx::query_scalar("SELECT position FROM fait ORDER BY 1").fetch_all(scratch.connection()).await?;
    assert_eq!(rows, [1, 2, 3, 5, 8]);
    Ok(())
}

#[tokio::test]
async fn the_state_of_a_view_tells_its_lag_its_age_and_what_is_aside() -> Result<()> {
    let (bench, faits, runner) = two_bad_streams().await?;
    let views = vec![faits.clone() as Arc<dyn projections::Projection>];
    let state = async || -> Result<_> {
        let now = ledger::clock::Clock::now(&*bench.clock);
        states(&bench.views, &views, None, Some(now)).await?.pop().context("no state")
    };
    let caught_up = state().await?;
    assert_eq!((caught_up.events_behind, caught_up.seconds_behind, caught_up.set_aside), (0, 0.0, 4));
    assert_eq!((caught_up.living, caught_up.next), (Some(1), None));
    call(&bench, "good", 4).await?;
    bench.clock.set("2026-11-23T07:00:42Z".parse()?);
    call(&bench, "good", 5).await?;
    let behind = state().await?;
    assert_eq!((behind.events_behind, behind.seconds_behind.round()), (2, 42.0));
    let mut rebuild = runner.begin_rebuild(&*faits).await?;
    rebuild.step().await?;
    let rebuilding = state().await?;
    assert_eq!((rebuilding.next, rebuilding.next_done, rebuilding.recorded), (Some(1), 11, 11));
    assert!(rebuilding.next_rate.is_some_and(|rate| rate > 0.0));
    assert_eq!(rebuilding.next_seconds_left(), Some(0.0));
    // Whoever goes on with it has read nothing yet, and so has no pace.
    drop(rebuild);
    let _gone_on_with = runner.begin_rebuild(&*faits).await?;
    let resumed = state().await?;
    assert_eq!((resumed.next_done, resumed.next_rate, resumed.next_seconds_left()), (11, None, None));
    Ok(())
}
