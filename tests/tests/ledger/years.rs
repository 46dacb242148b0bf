//! A journal is one school year's: streams go on from one into the next.

use super::facts::{absent, appel, ouvert, unit};
use anyhow::Result;
use domain::AnneeScolaire;
use ledger::feed::Journal;
use ledger::unit::Position;
use recits::{Bench, portail};

#[tokio::test]
async fn a_stream_goes_on_over_the_first_of_august() -> Result<()> {
    let bench = Bench::open_at("2026-07-31T21:59:59.999999Z".parse()?).await?;
    let portail = portail("0690001b");
    let (stream, context) = (appel("a"), |command: &str| bench.context(&portail, &[command]));
    let last_year = [(&stream, 1, ouvert()), (&stream, 2, absent("Zoé"))];
    let before = bench.ledger.append(unit(context("before"), "", last_year)).await?;
    // Midnight in Paris.
    bench.clock.set("2026-07-31T22:00:00Z".parse()?);
    let after = bench.ledger.append(unit(context("after"), "", [(&stream, 3, absent("Ali"))])).await?;
    let at = |annee, position| Position { portail: portail.clone(), annee: AnneeScolaire(annee), position };
    assert_eq!((before.position, after.position), (at(2025, 2), at(2026, 1)));
    let journal = |annee| Journal { portail: portail.clone(), annee: AnneeScolaire(annee) };
    assert_eq!(bench.journals().await?, [(journal(2025), 2), (journal(2026), 1)]);
    for (annee, leaves) in [(2025, 2), (2026, 1)] {
        let verdict = bench.verify(&journal(annee)).await?;
        assert_eq!((verdict.fault, verdict.leaves, verdict.contents), (None, leaves, leaves), "{annee}");
    }
    Ok(())
}

#[tokio::test]
async fn a_retry_in_the_new_year_gets_the_answer_of_the_old() -> Result<()> {
    let bench = Bench::open_at("2026-07-31T21:00:00Z".parse()?).await?;
    let stream = appel("a");
    let context = bench.context(&portail("0690001b"), &["1"]);
    let asked = unit(context, "", [(&stream, 1, ouvert())]);
    let first = bench.ledger.append(asked.clone()).await?;
    bench.clock.set("2026-07-31T23:00:00Z".parse()?);
    let again = bench.ledger.append(asked).await?;
    assert_eq!((again.position, again.repeated), (first.position, true));
    Ok(())
}

#[tokio::test]
async fn a_clock_that_jumps_back_dates_nothing_before_what_is_recorded() -> Result<()> {
    let bench = Bench::open_at("2026-11-23T08:00:00Z".parse()?).await?;
    let (one, other) = (portail("0690001b"), portail("0690002c"));
    let (stream, elsewhere) = (appel("a"), appel("b"));
    bench.ledger.append(unit(bench.context(&one, &["1"]), "", [(&stream, 1, ouvert())])).await?;
    // Another process, whose clock has jumped back an hour.
    bench.clock.set("2026-11-23T07:00:00Z".parse()?);
    let process = bench.another_process();
    let both = [
        unit(bench.context(&one, &["2"]), "", [(&stream, 2, absent("Zoé"))]),
        unit(bench.context(&other, &["3"]), "", [(&elsewhere, 1, ouvert())]),
    ];
    let recorded = futures::future::join_all(both.map(|unit| process.append(unit))).await;
    assert!(recorded.iter().all(Result::is_ok), "{recorded:?}");
    let instants: Vec<(String, i64, String)> = sqlx::query_as(
        "SELECT portail, position, metadata ->> 'recorded_at' FROM ledger.events ORDER BY portail, position",
    )
    .fetch_all(&bench.views)
    .await?;
    let at = |portail: &str, position, instant: &str| (portail.to_owned(), position, instant.to_owned());
    let expected = [
        at("0690001b", 1, "2026-11-23T08:00:00.000000Z"),
        at("0690001b", 2, "2026-11-23T08:00:00.000000Z"),
        // What one portal's clock did is not another's affair.
        at("0690002c", 1, "2026-11-23T07:00:00.000000Z"),
    ];
    assert_eq!(instants, expected);
    Ok(())
}

#[tokio::test]
async fn a_process_that_still_has_july_records_in_the_new_year() -> Result<()> {
    let bench = Bench::open_at("2026-07-31T22:00:01Z".parse()?).await?;
    let (portail, stream) = (portail("0690001b"), appel("a"));
    bench.ledger.append(unit(bench.context(&portail, &["1"]), "", [(&stream, 1, ouvert())])).await?;
    bench.clock.set("2026-07-31T21:59:59Z".parse()?);
    let lagging = bench.another_process();
    let late = unit(bench.context(&portail, &["2"]), "", [(&stream, 2, absent("Zoé"))]);
    let recorded = lagging.append(late).await?;
    assert_eq!(
        recorded.position,
        Position { portail: portail.clone(), annee: AnneeScolaire(2026), position: 2 }
    );
    let verdict = bench.verify(&Journal { portail, annee: AnneeScolaire(2026) }).await?;
    assert_eq!((verdict.fault, verdict.leaves), (None, 2));
    Ok(())
}
