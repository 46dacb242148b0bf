//! The checks find what they are for.

use super::heard::Heard;
use super::house::{Outcome, Told};
use super::wish::{Quoi, Wish};
use super::{catch_up, check, live, opening};
use anyhow::Result;
use async_trait::async_trait;
use domain::CommandeId;
use ledger::feed::Fact;
use projections::runner::Runner;
use projections::{Forget, Projection, ProjectionError};
use recits::Bench;
use sqlx::PgConnection;
use std::sync::Arc;

/// A view that forgets every third fact of a journal, before or after it is noted that it
/// was handed over.
struct Forgetful(Arc<dyn Projection>);

#[async_trait]
impl Projection for Forgetful {
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
        if fact.position.position % 3 == 0 { Ok(()) } else { self.0.apply(fact, tx).await }
    }
}

/// A bench in which a little has happened, and nothing went wrong.
async fn quiet() -> Result<(Bench, Vec<Told>)> {
    let bench = Bench::open().await?;
    Heard::prepare(&bench).await?;
    let plan = [Quoi::OuvrirAppel, Quoi::PointerEleves, Quoi::PointerEleves, Quoi::CloreAppel];
    let told = live(&bench, &[plan.map(|quoi| Wish::of(quoi, 2)).to_vec()]).await?;
    let granted = told.iter().filter(|told| matches!(told.outcome, Outcome::Granted(_))).count();
    assert_eq!(granted, plan.len() + opening().len(), "{told:?}");
    catch_up(&bench).await?;
    check::everything(&bench, &told).await?;
    Ok((bench, told))
}

/// Changes what nobody may change.
async fn tamper(bench: &Bench, sql: &str) -> Result<()> {
    let sql = format!("SET session_replication_role = replica; {sql}; RESET session_replication_role");
    sqlx::raw_sql(&sql).execute(&bench.owner).await?;
    Ok(())
}

fn said(found: Result<()>) -> String {
    found.expect_err("nothing was found").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_forgets_facts_is_found() -> Result<()> {
    let bench = Bench::open().await?;
    Heard::prepare(&bench).await?;
    let views = Heard::all().into_iter().map(|view| Arc::new(Forgetful(view)) as Arc<dyn Projection>);
    let forgetful = Runner::new(bench.views.clone(), bench.another_ring(), views.collect());
    recits::record::<domain::portails::Portail>(
        &bench.ledger,
        bench.context(&recits::portail(recits::PORTAIL), &["open"]),
        recits::PORTAIL,
        domain::portails::PortailCommand::OuvrirPortail {
            portail: recits::portail(recits::PORTAIL),
            nature: domain::portails::NaturePortail::Region,
            nom: "Région".to_owned(),
        },
    )
    .await?;
    forgetful.catch_up().await?;
    check::everything(&bench, &[]).await?;
    for sequence in 1..=3 {
        crate::projections::faits::call(&bench, "a", sequence).await?;
    }
    forgetful.catch_up().await?;
    assert!(said(check::heard(&bench).await).contains("skipped 1 facts"));
    assert!(said(crate::projections::replay::check(&bench).await).contains("entree"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_event_is_found() -> Result<()> {
    let (bench, _) = quiet().await?;
    tamper(&bench, "DELETE FROM ledger.events WHERE event_type = 'absences.appel.clos'").await?;
    said(check::record(&bench).await);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_record_does_not_keep_is_found() -> Result<()> {
    let (bench, mut told) = quiet().await?;
    let last = told.last_mut().unwrap();
    last.commande = CommandeId::derived(&["nobody's"]);
    assert!(said(check::answers(&bench, &told).await).contains("None"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_command_that_is_recorded_is_found() -> Result<()> {
    let (bench, mut told) = quiet().await?;
    told.last_mut().unwrap().outcome = Outcome::Refused;
    assert!(said(check::answers(&bench, &told).await).contains("Refused"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_content_under_the_key_of_somebody_else_is_found() -> Result<()> {
    let (bench, _) = quiet().await?;
    tamper(
        &bench,
        "UPDATE ledger.keys SET subject = 'personne:' || gen_random_uuid()
         WHERE id = (SELECT key_id FROM ledger.events LIMIT 1)",
    )
    .await?;
    assert!(said(check::keys(&bench).await).contains("is sealed for"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_keys_that_are_one_are_found() -> Result<()> {
    let (bench, _) = quiet().await?;
    tamper(
        &bench,
        "UPDATE ledger.keys SET (kek_id, wrapped) = (SELECT kek_id, wrapped FROM ledger.keys LIMIT 1)",
    )
    .await?;
    assert!(said(check::keys(&bench).await).contains("differ"));
    Ok(())
}
