//! Views follow many facts together, and read them together: what comes of it is what
//! comes of one fact after the other, and of each view alone.

use super::faits::{Faits, call, checkpoint, followed};
use super::plan::{Wish, carry_out, plans};
use super::replay::check;
use anyhow::Result;
use async_trait::async_trait;
use domain::PortailId;
use domain::portails::{NaturePortail, Portail, PortailCommand};
use futures::future::try_join_all;
use ledger::feed::Fact;
use projections::absences::Appels;
use projections::audit::JournalDuPortail;
use projections::portails::Portails;
use projections::runner::{Runner, RunnerError};
use projections::{Forget, Projection, ProjectionError};
use proptest::prelude::*;
use proptest::test_runner::Config;
use recits::{Bench, portail};
use sqlx::PgConnection;
use std::sync::Arc;

/// Each case has a database of its own.
const CASES: u32 = 6;
/// A shorter plan is worth so many runs.
const SHRINKS: u32 = 100;

/// A view that is told one fact after the other.
struct OneByOne(Arc<dyn Projection>);

#[async_trait]
impl Projection for OneByOne {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn version(&self) -> i32 {
        self.0.version()
    }

    fn tables(&self) -> &'static [&'static str] {
        self.0.tables()
    }

    fn forgets(&self) -> &'static [Forget] {
        self.0.forgets()
    }

    fn hears(&self) -> &'static [&'static str] {
        self.0.hears()
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        self.0.apply(fact, tx).await
    }
}

proptest! {
    #![proptest_config(Config { max_shrink_iters: SHRINKS, ..Config::with_cases(CASES) })]

    #[test]
    fn what_is_written_together_is_what_is_written_one_by_one(plans in plans(1, 200)) {
        let run = one_by_one_and_together(plans.into_iter().flatten().collect());
        let found = tokio::runtime::Runtime::new().unwrap().block_on(run);
        prop_assert!(found.is_ok(), "{:?}", found);
    }
}

/// The living views are told one by one; the replay they are compared with, all together.
async fn one_by_one_and_together(plan: Vec<Wish>) -> Result<()> {
    let bench = Bench::open().await?;
    carry_out(bench.ledger.clone(), 0, plan).await?;
    let views = projections::all().into_iter().map(|view| Arc::new(OneByOne(view)) as Arc<dyn Projection>);
    Runner::new(bench.views.clone(), bench.another_ring(), views.collect()).catch_up().await?;
    check(&bench).await
}

#[tokio::test]
async fn a_damaged_content_holds_up_only_the_views_that_hear_its_kind() -> Result<()> {
    let bench = Bench::open().await?;
    let region = portail(recits::PORTAIL);
    call(&bench, "a", 1).await?;
    open(&bench, &region).await?;
    sqlx::raw_sql(
        r#"SET session_replication_role = replica;
           UPDATE ledger.events SET payload = '{"ct":"AAAA"}' WHERE position = 1;
           RESET session_replication_role"#,
    )
    .execute(&bench.owner)
    .await?;
    let views: Vec<Arc<dyn Projection>> = vec![Arc::new(Portails), Arc::new(Appels)];
    let held_up = Runner::new(bench.views.clone(), bench.another_ring(), views).catch_up().await;
    assert!(matches!(held_up, Err(RunnerError::Feed(_))), "{held_up:?}");
    assert_eq!(Portails::by_ids(&bench.views, &[region.to_string()]).await?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn views_that_are_left_far_behind_together_catch_up_whatever_each_hears() -> Result<()> {
    let bench = Bench::open().await?;
    let (faits, region) = (Faits::of(&bench).await?, portail(recits::PORTAIL));
    // More than two batches of what one view hears, and the other does not.
    try_join_all((0..8).map(|roll| {
        let bench = &bench;
        async move {
            for sequence in 1..=150 {
                call(bench, &roll.to_string(), sequence).await?;
            }
            anyhow::Ok(())
        }
    }))
    .await?;
    open(&bench, &region).await?;
    call(&bench, "a", 1).await?;
    let views: Vec<Arc<dyn Projection>> = vec![faits, Arc::new(Portails), Arc::new(JournalDuPortail)];
    let runner = Runner::new(bench.views.clone(), bench.another_ring(), views);
    runner.catch_up().await?;
    let rolls: Vec<_> = (1..=1200).chain([1202]).collect();
    assert_eq!((followed(&bench).await?, checkpoint(&bench).await?), (rolls, Some(1202)));
    assert_eq!(Portails::by_ids(&bench.views, &[region.to_string()]).await?.len(), 1);
    let lines: i64 = sqlx::query_scalar("SELECT count(*) FROM entree").fetch_one(&bench.views).await?;
    assert_eq!(lines, 1202);
    let reached: Vec<i64> =
        sqlx::query_scalar("SELECT DISTINCT position FROM checkpoint").fetch_all(&bench.views).await?;
    assert_eq!(reached, [1202]);
    Ok(())
}

async fn open(bench: &Bench, region: &PortailId) -> Result<()> {
    let open = PortailCommand::OuvrirPortail {
        portail: region.clone(),
        nature: NaturePortail::Region,
        nom: "Région".to_owned(),
    };
    bench.record::<Portail>(bench.context(region, &["open"]), region, open).await?;
    Ok(())
}
