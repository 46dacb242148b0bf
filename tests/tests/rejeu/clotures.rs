//! From which day on the days of a portal are closed, and how `verifier` sees that one is not.

use super::{ran, tamper};
use crate::ledger::facts::{appel, ouvert, unit};
use anyhow::Result;
use recits::{Bench, portail};
use replay_tools::verdict::Verdict;
use serde_json::Value;

/// One more event of a portal, at an instant; what ended before is closed.
async fn lives(bench: &Bench, label: &str, at: &str) -> Result<()> {
    bench.clock.set(at.parse()?);
    let context = bench.context(&portail(label), &[label, at]);
    bench.ledger.append(unit(context, "", [(&appel(&format!("{label} {at}")), 1, ouvert())])).await?;
    closed(bench, at).await
}

async fn closed(bench: &Bench, at: &str) -> Result<()> {
    bench.clock.set(at.parse()?);
    let sealer = bench.sealer()?;
    sealer.pass().await?;
    // A year begins once the one before it is closed.
    for _ in 0..2 {
        sealer.close().await?;
    }
    sealer.consign().await?;
    Ok(())
}

/// The first and the last day of a school year that are closed, and how many are.
async fn days(bench: &Bench, label: &str, annee: i16) -> Result<(Option<String>, Option<String>, i64)> {
    Ok(sqlx::query_as(
        "SELECT min(du)::text, max(du)::text, count(*) FROM ledger.meta
         WHERE portail = $1 AND annee = $2 AND periode = 'jour'",
    )
    .bind(label)
    .bind(annee)
    .fetch_one(&bench.views)
    .await?)
}

fn range(first: &str, last: &str, count: i64) -> (Option<String>, Option<String>, i64) {
    (Some(first.to_owned()), Some(last.to_owned()), count)
}

#[tokio::test]
async fn a_portal_on_record_is_closed_from_the_first_of_august_and_a_new_one_from_its_first_day() -> Result<()>
{
    let bench = Bench::open_at("2026-07-30T08:00:00Z".parse()?).await?;
    lives(&bench, "0690001b", "2026-07-30T08:00:00Z").await?;
    closed(&bench, "2026-08-20T08:00:00Z").await?;
    assert_eq!(days(&bench, "0690001b", 2025).await?, range("2026-07-30", "2026-07-31", 2));
    assert_eq!(days(&bench, "0690001b", 2026).await?, range("2026-08-01", "2026-08-19", 19), "still empty");
    lives(&bench, "0690001b", "2026-09-01T08:00:00Z").await?;
    lives(&bench, "0690002c", "2026-09-01T09:00:00Z").await?;
    closed(&bench, "2026-09-04T08:00:00Z").await?;
    assert_eq!(days(&bench, "0690001b", 2026).await?, range("2026-08-01", "2026-09-03", 34));
    assert_eq!(days(&bench, "0690002c", 2026).await?, range("2026-09-01", "2026-09-03", 3));
    let leaf: String = sqlx::query_scalar(
        "SELECT leaf FROM ledger.meta WHERE portail = '0690001b' AND du = '2026-08-01' AND periode = 'mois'",
    )
    .fetch_one(&bench.views)
    .await?;
    let august: Value = serde_json::from_str(&leaf)?;
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!((&august["racine"], &august["dernier"]), (&empty.into(), &0.into()), "{august}");
    let (verdict, told) = ran(&bench, &["verifier", "--sans-contenus"]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    assert!(told.contains("35 clôtures conformes"), "{told}");
    Ok(())
}

#[tokio::test]
async fn a_portal_without_one_event_in_a_school_year_has_ended_and_may_come_back() -> Result<()> {
    let bench = Bench::open_at("2024-07-30T08:00:00Z".parse()?).await?;
    lives(&bench, "0690001b", "2024-07-30T08:00:00Z").await?;
    // Nobody was there to close them in time: they are closed all the same.
    closed(&bench, "2026-08-20T08:00:00Z").await?;
    assert_eq!(days(&bench, "0690001b", 2024).await?, range("2024-08-01", "2025-07-31", 365));
    assert_eq!(days(&bench, "0690001b", 2025).await?.2, 0);
    lives(&bench, "0690001b", "2026-09-01T08:00:00Z").await?;
    closed(&bench, "2026-09-03T08:00:00Z").await?;
    assert_eq!(days(&bench, "0690001b", 2026).await?, range("2026-09-01", "2026-09-02", 2));
    let (verdict, told) = ran(&bench, &["verifier", "--sans-contenus"]).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    Ok(())
}

/// What a program did that closed each year from the day of its first event on: the year before
/// is not there for the time.
async fn closed_from_its_first_event(bench: &Bench, label: &str) -> Result<()> {
    lives(bench, label, "2026-08-20T08:00:00Z").await?;
    closed(bench, "2026-08-25T08:00:00Z").await?;
    tamper(
        bench,
        &format!(
            "INSERT INTO ledger.journal (portail, annee, position, last_at)
             VALUES ('{label}', 2025, 1, '2026-07-30T08:00:00Z')"
        ),
    )
    .await?;
    closed(bench, "2026-08-25T09:00:00Z").await?;
    assert_eq!(days(bench, label, 2026).await?, range("2026-08-20", "2026-08-24", 5));
    Ok(())
}

async fn hide_the_year_before(bench: &Bench, label: &str) -> Result<()> {
    tamper(bench, &format!("DELETE FROM ledger.journal WHERE portail = '{label}' AND annee = 2025")).await
}

#[tokio::test]
async fn days_that_nobody_closed_before_the_rule_leave_the_verdict_open() -> Result<()> {
    let bench = Bench::open_at("2026-07-30T08:00:00Z".parse()?).await?;
    lives(&bench, "0690001b", "2026-07-30T08:00:00Z").await?;
    hide_the_year_before(&bench, "0690001b").await?;
    closed_from_its_first_event(&bench, "0690001b").await?;
    let (verdict, told) = ran(&bench, &["verifier", "--sans-contenus"]).await;
    assert_eq!(verdict, Verdict::Indetermine, "{told}");
    let remark = "clôture absente du 01/08/2026 au 19/08/2026 : antérieure à la règle";
    assert!(told.contains(remark), "{told}");
    let of_2025 = ["verifier", "--sans-contenus", "--annee", "2025"];
    assert_eq!(ran(&bench, &of_2025).await.0, Verdict::Valide);
    tamper(&bench, "DELETE FROM ledger.meta WHERE du = '2026-08-22' AND periode = 'jour'").await?;
    let (verdict, told) = ran(&bench, &["verifier", "--sans-contenus"]).await;
    assert_eq!(verdict, Verdict::Invalide, "{told}");
    Ok(())
}

#[tokio::test]
async fn the_same_days_are_a_fault_once_the_house_has_closed_those_of_another_portal() -> Result<()> {
    let bench = Bench::open_at("2026-07-30T08:00:00Z".parse()?).await?;
    lives(&bench, "0690001b", "2026-07-30T08:00:00Z").await?;
    hide_the_year_before(&bench, "0690001b").await?;
    lives(&bench, "0690002c", "2026-07-30T09:00:00Z").await?;
    closed(&bench, "2026-08-05T08:00:00Z").await?;
    assert_eq!(days(&bench, "0690002c", 2026).await?, range("2026-08-01", "2026-08-04", 4));
    closed_from_its_first_event(&bench, "0690001b").await?;
    let (verdict, told) = ran(&bench, &["verifier", "--sans-contenus"]).await;
    assert_eq!(verdict, Verdict::Invalide, "{told}");
    assert!(told.contains("la clôture de ce qui finit le 01/08/2026 manque"), "{told}");
    Ok(())
}

#[tokio::test]
async fn a_day_of_august_that_was_taken_out_is_named() -> Result<()> {
    for (day, named) in [("2026-08-01", "01/08/2026"), ("2026-08-14", "14/08/2026")] {
        let bench = Bench::open_at("2026-07-30T08:00:00Z".parse()?).await?;
        lives(&bench, "0690001b", "2026-07-30T08:00:00Z").await?;
        lives(&bench, "0690001b", "2026-09-01T08:00:00Z").await?;
        closed(&bench, "2026-09-04T08:00:00Z").await?;
        let taken = format!("DELETE FROM ledger.meta WHERE du = '{day}' AND periode = 'jour'");
        tamper(&bench, &taken).await?;
        let (verdict, told) = ran(&bench, &["verifier", "--sans-contenus"]).await;
        assert_eq!(verdict, Verdict::Invalide, "{told}");
        assert!(told.contains(&format!("la clôture de ce qui finit le {named} manque")), "{told}");
    }
    Ok(())
}
