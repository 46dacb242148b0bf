//! A command id is one command for ever, and a unit is recorded whole or not at all.

use super::facts::{absent, appel, ouvert, unit};
use anyhow::Result;
use commands::cqrs::tell;
use domain::absences::{Appel, AppelCommand};
use domain::{CompteId, PersonneId};
use futures::future::join_all;
use ledger::store::UnitRepository;
use ledger::unit::{AppendError, Recorded, Unit};
use recits::{Bench, portail};
use sqlx::PgPool;

async fn stored(owner: &PgPool) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM ledger.events").fetch_one(owner).await?)
}

fn roll_call(bench: &Bench, body: &str) -> Unit {
    let context = bench.context(&portail("0690001b"), &["roll call"]);
    let stream = appel("a");
    unit(context, body, [(&stream, 1, ouvert()), (&stream, 2, absent("Zoé"))])
}

#[tokio::test]
async fn a_retry_gets_the_first_answer() -> Result<()> {
    let bench = Bench::open().await?;
    let first = bench.ledger.append(roll_call(&bench, "call")).await?;
    let again = bench.ledger.append(roll_call(&bench, "call")).await?;
    assert_eq!(again, Recorded { repeated: true, ..first.clone() });
    let elsewhere = bench.another_process().append(roll_call(&bench, "call")).await?;
    assert_eq!(elsewhere, Recorded { repeated: true, ..first });
    assert_eq!(stored(&bench.owner).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_retry_that_decides_nothing_any_more_gets_the_first_answer_too() -> Result<()> {
    let bench = Bench::open().await?;
    let first = bench.ledger.append(roll_call(&bench, "call")).await?;
    let context = bench.context(&portail("0690001b"), &["roll call"]);
    let again = bench.ledger.append(unit(context.clone(), "call", [])).await?;
    assert_eq!(again, Recorded { repeated: true, ..first });
    let other = bench.ledger.append(unit(context, "another call", [])).await;
    assert!(matches!(other, Err(AppendError::OtherBody)), "{other:?}");
    Ok(())
}

#[tokio::test]
async fn a_command_id_is_not_used_for_two_wishes_nor_by_two_comptes() -> Result<()> {
    let bench = Bench::open().await?;
    bench.ledger.append(roll_call(&bench, "call")).await?;
    let other_wish = bench.ledger.append(roll_call(&bench, "another call")).await;
    assert!(matches!(other_wish, Err(AppendError::OtherBody)), "{other_wish:?}");
    let mut other_compte = roll_call(&bench, "call");
    other_compte.context.actor.compte = CompteId::personnel(PersonneId::derived(&["someone else"]));
    let other_compte = bench.ledger.append(other_compte).await;
    assert!(matches!(other_compte, Err(AppendError::OtherBody)), "{other_compte:?}");
    assert_eq!(stored(&bench.owner).await?, 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_sent_many_times_at_once_is_recorded_once() -> Result<()> {
    let bench = Bench::open().await?;
    let ledgers = [bench.ledger.clone(), bench.another_process()];
    let asked = (0..16).map(|n| ledgers[n % 2].append(roll_call(&bench, "call")));
    let answers = join_all(asked).await;
    let first = answers.iter().filter(|answer| matches!(answer, Ok(recorded) if !recorded.repeated)).count();
    assert_eq!(first, 1, "{answers:?}");
    // Who came while the first was being recorded may be told to look again.
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(AppendError::Conflict))), "{answers:?}");
    assert_eq!(stored(&bench.owner).await?, 2);
    let looked_again = bench.ledger.append(roll_call(&bench, "call")).await?;
    assert!(looked_again.repeated);
    Ok(())
}

#[tokio::test]
async fn a_unit_with_one_conflict_records_nothing_of_its_other_streams() -> Result<()> {
    let bench = Bench::open().await?;
    bench.ledger.append(roll_call(&bench, "call")).await?;
    let context = bench.context(&portail("0690001b"), &["two rolls"]);
    let (known, new) = (appel("a"), appel("b"));
    let two = unit(context.clone(), "", [(&new, 1, ouvert()), (&known, 2, absent("Ali"))]);
    assert!(matches!(bench.ledger.append(two).await, Err(AppendError::Conflict)));
    assert_eq!(stored(&bench.owner).await?, 2);
    // Nor is the command id spent, or a position lost.
    let two = unit(context, "", [(&new, 1, ouvert()), (&known, 3, absent("Ali"))]);
    let recorded = bench.ledger.append(two).await?;
    assert_eq!((recorded.first, recorded.position.position, recorded.repeated), (3, 4, false));
    Ok(())
}

#[tokio::test]
async fn a_stream_belongs_to_one_portal() -> Result<()> {
    let bench = Bench::open().await?;
    bench.ledger.append(roll_call(&bench, "call")).await?;
    let context = bench.context(&portail("0690002c"), &["elsewhere"]);
    let elsewhere = unit(context, "", [(&appel("a"), 3, absent("Ali"))]);
    assert!(matches!(bench.ledger.append(elsewhere).await, Err(AppendError::Conflict)));
    Ok(())
}

#[tokio::test]
async fn commands_of_one_use_case_see_each_other_and_are_recorded_together() -> Result<()> {
    let bench = Bench::open().await?;
    let domain::absences::AppelEvent::AppelOuvert { seance, enseignant } = ouvert() else { panic!() };
    let context = bench.context(&portail("0690001b"), &["empty class"]);
    let act = UnitRepository::begin(&bench.ledger, context, vec![]);
    let (id, maintenant) = (seance.appel().to_string(), "2026-11-23T07:30:00Z".parse()?);
    tell::<Appel>(act.clone(), &id, vec![AppelCommand::OuvrirAppel { seance, enseignant, maintenant }])
        .await?;
    tell::<Appel>(act.clone(), &id, vec![AppelCommand::CloreAppel]).await?;
    assert_eq!(stored(&bench.owner).await?, 0);
    let recorded = act.commit().await?;
    assert_eq!((recorded.first, recorded.position.position), (1, 2));
    let again = bench.context(&portail("0690001b"), &["late pupil"]);
    let refused = bench.record::<Appel>(again, &id, AppelCommand::CloreAppel).await;
    assert_eq!(refused.unwrap_err().code(), Some("APPEL_DEJA_CLOS"));
    Ok(())
}
