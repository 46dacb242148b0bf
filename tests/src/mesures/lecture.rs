//! The record re-read: by what feeds projections, and by what verifies.

use super::Options;
use super::ground::{Ground, Spent};
use super::ours::Ours;
use super::report::{Report, Table};
use super::rolls::ROLLS;
use anyhow::{Context, Result, ensure};
use ledger::feed::{Journal, facts_after, heads};
use ledger::keys::KeyRing;
use ledger::verify::{Means, verify_journal};
use std::time::{Duration, Instant};

/// Facts that a view follows in one transaction.
const PAGE: i64 = 500;

#[derive(Debug, Clone, Copy)]
enum Reading {
    Replay,
    Verification,
    ClosedVerification,
}

impl Reading {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Replay, "replay: envelopes and contents decoded, in pages of 500"),
        (Self::Verification, "verification with contents opened"),
        (Self::ClosedVerification, "verification without keys"),
    ];
}

/// Adds the table of this subject.
pub async fn measure(ground: &Ground, options: &Options, report: &mut Report) -> Result<()> {
    let ours = Ours::open(&ground.migrated().await?)?;
    ours.fill(ROLLS).await?;
    ground.settle().await?;
    let (journal, head) =
        heads(&mut *ours.ledger.pool().acquire().await?).await?.pop().context("no journal")?;
    let mut table = Table::new(
        "Reading the record",
        &format!(
            "One journal of {head} events, in the server's memory, re-read from zero. CPU is per event."
        ),
        &["reading", "events/s", "CPU here µs", "CPU PostgreSQL µs"],
    );
    for (reading, name) in Reading::ALL {
        let mut rounds = Vec::new();
        for _ in 0..options.rounds {
            let (before, start) = (ground.spent()?, Instant::now());
            read(&ours, &journal, head, reading).await?;
            rounds.push((start.elapsed(), ground.spent()?.since(before)));
        }
        rounds.sort_by_key(|(elapsed, _)| *elapsed);
        let (elapsed, spent) = rounds.get(rounds.len() / 2).copied().context("no round")?;
        table.row(row(name, head, elapsed, spent));
    }
    report.add(table);
    Ok(())
}

async fn read(ours: &Ours, journal: &Journal, head: i64, reading: Reading) -> Result<()> {
    let mut connection = ours.ledger.pool().acquire().await?;
    let keys: Option<&KeyRing> = match reading {
        Reading::Replay => {
            let mut position = 0;
            while position < head {
                let facts = facts_after(&mut connection, &ours.keys, journal, position, &[], PAGE).await?;
                ensure!(facts.iter().all(|fact| fact.event().is_some()), "a content did not open");
                position = facts.last().context("the journal ends early")?.position.position;
            }
            return Ok(());
        }
        Reading::Verification => Some(&ours.keys),
        Reading::ClosedVerification => None,
    };
    let means = Means { contents: keys, seals: None };
    let verdict = verify_journal(&mut connection, journal, means, |_| ()).await?;
    ensure!(verdict.fault.is_none() && verdict.leaves == head.unsigned_abs(), "{verdict:?}");
    Ok(())
}

fn row(name: &str, head: i64, elapsed: Duration, spent: Spent) -> Vec<String> {
    let events = head.max(1) as f64;
    let each = |spent: Duration| format!("{:.2}", spent.as_secs_f64() * 1e6 / events);
    vec![
        name.to_owned(),
        format!("{:.0}", events / elapsed.as_secs_f64()),
        each(spent.here),
        each(spent.postgres),
    ]
}
