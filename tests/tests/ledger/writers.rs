//! Many writers at once. Positions are dense, sequences have no gap, a conflict is its own
//! command's alone, and whatever was answered is there.

use super::facts::{absent, appel, ouvert, unit};
use anyhow::{Context as _, Result};
use domain::absences::AppelEvent;
use domain::{CommandeId, PortailId};
use futures::future::try_join_all;
use ledger::Ledger;
use ledger::envelope::Stream;
use ledger::unit::{AppendError, Context, Recorded};
use recits::{Bench, context, portail};

const WRITERS: usize = 64;
const COMMANDS: usize = 50;
/// One command in so many goes to the stream that all writers of a portal share.
const HOT: usize = 4;
const PORTAILS: [&str; 3] = ["0690001b", "0690002c", "ac-lyon"];

/// What came of one command.
struct Outcome {
    command: CommandeId,
    events: usize,
    conflicts: usize,
    hot: bool,
    recorded: Recorded,
}

/// Writes its commands one after the other, each until it is recorded.
struct Writer {
    number: usize,
    ledger: Ledger,
    portail: PortailId,
}

impl Writer {
    async fn write(self) -> Result<Vec<Outcome>> {
        let own = appel(&format!("own {}", self.number));
        let hot = appel(&format!("hot {}", self.portail));
        let mut sequence = 0;
        let mut outcomes = Vec::new();
        for number in 0..COMMANDS {
            let outcome = if number % HOT == 0 {
                self.write_hot(&hot, number).await?
            } else {
                let outcome = self.write_own(&own, sequence, number).await?;
                sequence += outcome.events as u64;
                outcome
            };
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    /// Others write there too: reads again and tries again until it is first.
    async fn write_hot(&self, stream: &Stream, number: usize) -> Result<Outcome> {
        let mut conflicts = 0;
        loop {
            let last = self.last(stream).await?;
            let context = self.context(number);
            let command = context.command_id;
            let absent = absent(&format!("{} {number}", self.number));
            match self.ledger.append(unit(context, "hot", [(stream, last + 1, absent)])).await {
                Ok(recorded) => return Ok(Outcome { command, events: 1, conflicts, hot: true, recorded }),
                Err(AppendError::Conflict) => conflicts += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Nobody else writes there: a conflict would be another command's.
    async fn write_own(&self, stream: &Stream, sequence: u64, number: usize) -> Result<Outcome> {
        let context = self.context(number);
        let command = context.command_id;
        let events: Vec<AppelEvent> = (0..=number % 3).map(|_| ouvert()).collect();
        let count = events.len();
        let placed = events.into_iter().zip(sequence + 1..).map(|(event, at)| (stream, at, event));
        let recorded =
            self.ledger.append(unit(context, "own", placed)).await.context("a stream of its own")?;
        Ok(Outcome { command, events: count, conflicts: 0, hot: false, recorded })
    }

    fn context(&self, number: usize) -> Context {
        let command = [self.number.to_string(), number.to_string()];
        context(&self.portail, &[&command[0], &command[1]], self.ledger.clock().now())
    }

    async fn last(&self, stream: &Stream) -> Result<u64> {
        let last: i64 = sqlx::query_scalar(
            "SELECT coalesce(max(sequence), 0) FROM ledger.events WHERE aggregate_type = $1 AND aggregate_id = $2",
        )
        .bind(&stream.kind)
        .bind(&stream.id)
        .fetch_one(self.ledger.pool())
        .await?;
        Ok(last.unsigned_abs())
    }
}

async fn write_at_once(ledgers: &[Ledger]) -> Result<Vec<Outcome>> {
    let writers = (0..WRITERS).zip(ledgers.iter().cycle()).map(|(number, ledger)| {
        // Every writer of one process shares its portal with writers of each other process.
        let portail = portail(PORTAILS[number / ledgers.len() % PORTAILS.len()]);
        let writer = Writer { number, ledger: ledger.clone(), portail };
        tokio::spawn(writer.write())
    });
    let outcomes = try_join_all(writers).await?.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(outcomes.into_iter().flatten().collect())
}

async fn check(bench: &Bench, outcomes: &[Outcome]) -> Result<()> {
    assert_eq!(outcomes.len(), WRITERS * COMMANDS);
    assert!(outcomes.iter().any(|outcome| outcome.hot && outcome.conflicts > 0), "nobody met anybody");
    assert!(outcomes.iter().all(|outcome| outcome.hot || outcome.conflicts == 0));
    every_answer_is_true(bench, outcomes).await?;
    every_sequence_is_whole(bench).await?;
    let events: usize = outcomes.iter().map(|outcome| outcome.events).sum();
    let mut found = 0;
    for (journal, head) in bench.journals().await? {
        let verdict = bench.verify(&journal).await?;
        assert_eq!((verdict.fault, verdict.leaves), (None, head.unsigned_abs()), "{journal:?}");
        assert_eq!((verdict.contents, verdict.erased), (verdict.leaves, 0));
        found += verdict.leaves;
    }
    assert_eq!(found, events as u64);
    Ok(())
}

async fn every_answer_is_true(bench: &Bench, outcomes: &[Outcome]) -> Result<()> {
    let mut told: Vec<(CommandeId, String, i64)> = Vec::new();
    for Outcome { command, events, recorded, .. } in outcomes {
        let positions = recorded.first..=recorded.position.position;
        assert_eq!(positions.clone().count(), *events);
        assert!(!recorded.repeated);
        told.extend(positions.map(|position| (*command, recorded.position.portail.to_string(), position)));
    }
    let rows: Vec<(uuid::Uuid, String, i64)> =
        sqlx::query_as("SELECT (metadata->>'command_id')::uuid, portail, position FROM ledger.events")
            .fetch_all(&bench.owner)
            .await?;
    let mut stored: Vec<_> =
        rows.into_iter().map(|(id, portail, at)| (CommandeId(id), portail, at)).collect();
    told.sort();
    stored.sort();
    assert_eq!(told, stored);
    Ok(())
}

async fn every_sequence_is_whole(bench: &Bench) -> Result<()> {
    let broken: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM (SELECT FROM ledger.events GROUP BY aggregate_type, aggregate_id
                               HAVING min(sequence) <> 1 OR max(sequence) <> count(*)) streams",
    )
    .fetch_one(&bench.owner)
    .await?;
    assert_eq!(broken, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_of_one_process_lose_nothing() -> Result<()> {
    let bench = Bench::open().await?;
    let outcomes = write_at_once(std::slice::from_ref(&bench.ledger)).await?;
    check(&bench, &outcomes).await
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_of_two_processes_lose_nothing() -> Result<()> {
    let bench = Bench::open().await?;
    let outcomes = write_at_once(&[bench.ledger.clone(), bench.another_process()]).await?;
    check(&bench, &outcomes).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_record_has_answered_all_it_took_and_takes_no_more() -> Result<()> {
    let bench = Bench::open().await?;
    let writers = (0..WRITERS).map(|number| {
        let ledger = bench.ledger.clone();
        let stream = appel(&number.to_string());
        let context = bench.context(&portail("0690001b"), &[&number.to_string()]);
        async move { ledger.append(unit(context, "", [(&stream, 1, ouvert())])).await }
    });
    let (answers, ()) = tokio::join!(futures::future::join_all(writers), bench.ledger.close());
    let recorded = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(AppendError::Closed))));
    let stored: i64 =
        sqlx::query_scalar("SELECT count(*) FROM ledger.events").fetch_one(&bench.owner).await?;
    assert_eq!(stored, recorded as i64);
    let late = unit(bench.context(&portail("0690001b"), &["late"]), "", [(&appel("late"), 1, ouvert())]);
    assert!(matches!(bench.ledger.append(late).await, Err(AppendError::Closed)));
    Ok(())
}
