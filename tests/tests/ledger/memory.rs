//! Aggregates remembered between commands: never the reason why something is recorded,
//! refused or left undone.

use super::facts::ouvert;
use anyhow::Result;
use commands::UseCaseError;
use commands::cqrs::tell;
use domain::absences::{Appel, AppelCommand, AppelEvent, Pointage, Presence};
use domain::{Aggregate, PersonneId};
use ledger::Ledger;
use ledger::envelope::Stream;
use ledger::store::UnitRepository;
use ledger::unit::AppendError;
use recits::{Bench, portail};

/// A roll that `ledger` has just opened.
async fn opened(bench: &Bench) -> Result<Stream> {
    let AppelEvent::AppelOuvert { seance, enseignant } = ouvert() else { panic!() };
    let stream = Stream { kind: Appel::TYPE.to_owned(), id: seance.appel().to_string() };
    let maintenant = "2026-11-23T07:30:00Z".parse()?;
    let command = AppelCommand::OuvrirAppel { seance, enseignant, maintenant };
    let (unit, told) = decide(bench, &bench.ledger, "open", &stream, command).await;
    told?;
    unit.commit().await?;
    Ok(stream)
}

async fn decide(
    bench: &Bench,
    ledger: &Ledger,
    name: &str,
    stream: &Stream,
    command: AppelCommand,
) -> (UnitRepository, Result<(), UseCaseError>) {
    let context = bench.context(&portail("0690001b"), &[name]);
    let unit = UnitRepository::begin(ledger, context, vec![]).remembering();
    let told = tell::<Appel>(unit.clone(), &stream.id, vec![command]).await;
    (unit, told)
}

fn absent(name: &str) -> AppelCommand {
    let AppelEvent::AppelOuvert { seance, .. } = ouvert() else { panic!() };
    let eleve = PersonneId::derived(&["eleve", name]);
    let pointage = Pointage { eleve, auditoire: Some(seance.auditoire), presence: Presence::Absent };
    AppelCommand::PointerEleves { pointages: vec![pointage] }
}

fn known(ledger: &Ledger, stream: &Stream) -> Option<u64> {
    ledger.memory().recall(stream).map(|state| state.sequence)
}

#[tokio::test]
async fn a_recorded_aggregate_is_remembered_as_its_events_left_it() -> Result<()> {
    let bench = Bench::open().await?;
    let stream = opened(&bench).await?;
    assert_eq!(known(&bench.ledger, &stream), Some(1));
    let (unit, told) = decide(&bench, &bench.ledger, "absent", &stream, absent("Zoé")).await;
    told?;
    assert_eq!(known(&bench.ledger, &stream), Some(1), "what is not recorded is not remembered");
    unit.commit().await?;
    assert_eq!(known(&bench.ledger, &stream), Some(2));
    let (unit, told) = decide(&bench, &bench.ledger, "close", &stream, AppelCommand::CloreAppel).await;
    told?;
    assert!(!unit.leans_on_memory().await);
    let recorded = unit.commit().await?;
    let (journal, _) = bench.journals().await?.remove(0);
    let mut connection = bench.ledger.pool().acquire().await?;
    let facts =
        ledger::feed::facts_after(&mut connection, &bench.keys, &journal, recorded.first - 1, &[], 1).await?;
    let closed = facts.first().and_then(|fact| fact.event());
    assert_eq!(closed, Some(&domain::Event::Appel(AppelEvent::AppelClos { absents: 1, retards: 0 })));
    Ok(())
}

#[tokio::test]
async fn a_late_memory_is_a_conflict_and_is_forgotten() -> Result<()> {
    let bench = Bench::open().await?;
    let stream = opened(&bench).await?;
    let other = bench.another_process();
    let (unit, told) = decide(&bench, &other, "close", &stream, AppelCommand::CloreAppel).await;
    told?;
    unit.commit().await?;
    let (unit, told) = decide(&bench, &bench.ledger, "absent", &stream, absent("Zoé")).await;
    told?;
    assert!(matches!(unit.commit().await, Err(AppendError::Conflict)));
    assert_eq!(known(&bench.ledger, &stream), None);
    let (_, told) = decide(&bench, &bench.ledger, "absent", &stream, absent("Zoé")).await;
    assert_eq!(told.unwrap_err().code(), Some("APPEL_DEJA_CLOS"));
    Ok(())
}

#[tokio::test]
async fn a_refusal_or_an_empty_decision_from_memory_is_known_for_one() -> Result<()> {
    let bench = Bench::open().await?;
    let stream = opened(&bench).await?;
    let (unit, told) = decide(&bench, &bench.ledger, "absent", &stream, absent("Zoé")).await;
    told?;
    unit.commit().await?;
    let (unit, told) = decide(&bench, &bench.ledger, "again", &stream, absent("Zoé")).await;
    assert!(told.is_ok() && unit.leans_on_memory().await, "nothing is to be done, says the memory");
    let correction = AppelCommand::CorrigerAppel {
        pointage: Pointage {
            eleve: PersonneId::derived(&["x"]),
            auditoire: None,
            presence: Presence::Present,
        },
        motif: "Erreur".to_owned(),
    };
    let (unit, told) = decide(&bench, &bench.ledger, "correct", &stream, correction).await;
    assert_eq!(told.unwrap_err().code(), Some("APPEL_ENCORE_OUVERT"));
    assert!(unit.leans_on_memory().await);
    unit.forget().await;
    let (unit, told) = decide(&bench, &bench.ledger, "again", &stream, absent("Zoé")).await;
    assert!(told.is_ok() && !unit.leans_on_memory().await, "read from the stream");
    Ok(())
}

#[tokio::test]
async fn what_was_read_before_a_key_was_destroyed_is_not_remembered_after() -> Result<()> {
    let bench = Bench::open().await?;
    let stream = opened(&bench).await?;
    let (unit, told) = decide(&bench, &bench.ledger, "absent", &stream, absent("Zoé")).await;
    told?;
    bench.ledger.forget_contents();
    unit.commit().await?;
    assert_eq!(known(&bench.ledger, &stream), None);
    Ok(())
}
