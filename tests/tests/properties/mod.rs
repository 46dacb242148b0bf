//! Properties of the whole spine: random users ask random things of two processes on one
//! database, through the rights and the use cases, while sessions are cut and processes
//! die; then everything that was answered is there once, nothing else is half there, and
//! every view is what a replay from zero makes.
//!
//! `PROPTEST_CASES=500 cargo test -p recits properties` goes on for longer.

mod check;
mod ecole;
mod ecrits;
mod effacement;
mod faults;
mod heard;
mod house;
mod wish;

use anyhow::{Context, Result};
use futures::future::try_join_all;
use heard::Heard;
use house::{House, Told};
use projections::runner::Runner;
use proptest::prelude::*;
use proptest::test_runner::Config;
use recits::Bench;
use std::time::Duration;
use wish::{Quoi, Wish, plans};

/// Each case has a database of its own.
const CASES: u32 = 5;
/// A shorter plan is worth so many runs.
const SHRINKS: u32 = 60;
/// Who ask at the same time.
const USERS: usize = 4;
/// Nothing here takes as long, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(120);

fn config() -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = asked.unwrap_or(CASES);
    Config { cases, max_shrink_iters: SHRINKS, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_was_answered_is_there_once_and_every_view_has_heard_it(plans in plans(USERS, 40)) {
        let run = async { tokio::time::timeout(PATIENCE, live_and_check(&plans)).await.context("it hangs")? };
        let found = tokio::runtime::Runtime::new().unwrap().block_on(run);
        prop_assert!(found.is_ok(), "{:?}", found);
    }
}

async fn live_and_check(plans: &[Vec<Wish>]) -> Result<()> {
    let bench = Bench::open().await?;
    Heard::prepare(&bench).await?;
    let told = live(&bench, plans).await?;
    catch_up(&bench).await?;
    check::everything(&bench, &told).await
}

/// Lives through the plans of several users at the same time, after the school has opened.
async fn live(bench: &Bench, plans: &[Vec<Wish>]) -> Result<Vec<Told>> {
    let house = House::open(bench)?;
    ecole::ouvrir(&house.commands()).await?;
    let mut told = house.live("opening", &opening()).await?;
    let users = plans.iter().enumerate().map(async |(user, plan)| house.live(&user.to_string(), plan).await);
    told.extend(try_join_all(users).await?.into_iter().flatten());
    for told in &told {
        house.ask_again(told).await?;
    }
    house.close().await?;
    Ok(told)
}

/// The first portal opens, and its offices are held.
fn opening() -> Vec<Wish> {
    let quoi =
        [Quoi::OuvrirPortail, Quoi::PrendreDirection, Quoi::AccorderDelegation, Quoi::RedigerActualite];
    quoi.into_iter().map(|quoi| Wish::of(quoi, 0)).collect()
}

async fn catch_up(bench: &Bench) -> Result<()> {
    Ok(Runner::new(bench.views.clone(), bench.another_ring(), Heard::all()).catch_up().await?)
}
