//! Commands per second, ours beside plain cqrs-es over postgres-es.
//!
//! Ours seals, hashes, keeps an envelope and an answer for every command; the other stores
//! the bare event. Both let the same aggregate decide through cqrs-es. What is compared is
//! measured in turns, so that a machine that is slower for a while is slower for all.

use super::Options;
use super::brut;
use super::ground::{Ground, Place};
use super::load::{Outcome, closed_loop};
use super::ours::Ours;
use super::postgres_es::PostgresEs;
use super::report::{Report, Table};
use super::rolls::{ROLLS, Rolls, opening};
use anyhow::{Context, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const COLUMNS: [&str; 9] = [
    "aggregates",
    "in flight",
    "system",
    "commands/s",
    "p50 ms",
    "p99 ms",
    "CPU here µs",
    "CPU PostgreSQL µs",
    "ours is",
];

/// What the commands are told to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Aggregates {
    New,
    OfThirtyEvents,
}

/// One of what is compared, on a database of its own, in the state in which the measure
/// before left it.
struct Contender {
    name: &'static str,
    system: System,
    aggregates: Aggregates,
    rolls: Arc<Rolls>,
    number: Arc<AtomicUsize>,
}

#[derive(Clone)]
enum System {
    Ours(Box<Ours>),
    PostgresEs(PostgresEs),
}

/// Adds the tables of this subject.
pub async fn measure(ground: &Ground, options: &Options, report: &mut Report) -> Result<()> {
    let mut table = Table::new(
        "Commands",
        "One command decides one event of some 150 bytes, all on one portal. Closed loop, the \
         generator in the process of the system; CPU is per command. Ours: sealed, hashed, with \
         envelope and answer, 16 sessions. postgres-es: bare events, its default pool of 10 sessions, \
         with and without `test_before_acquire`.",
        &COLUMNS,
    );
    for aggregates in [Aggregates::New, Aggregates::OfThirtyEvents] {
        let contenders = contenders(ground, aggregates).await?;
        for &in_flight in &options.in_flight {
            let outcomes = in_turns(ground, options, in_flight, &contenders).await?;
            let ours = outcomes.first().map_or(0.0, Outcome::rate);
            for (contender, outcome) in contenders.iter().zip(&outcomes) {
                table.row(contender.row(in_flight, outcome, ours));
            }
        }
    }
    report.add(table);
    brut::measure(ground, options, report).await
}

async fn contenders(ground: &Ground, aggregates: Aggregates) -> Result<[Contender; 3]> {
    let with_histories = aggregates == Aggregates::OfThirtyEvents;
    let ours = Ours::open(&ground.migrated().await?)?;
    if with_histories {
        ours.fill(ROLLS).await?;
    }
    let postgres_es = async |tested| {
        let place: Place = ground.empty().await?;
        PostgresEs::create(&place, with_histories).await?;
        anyhow::Ok(System::PostgresEs(PostgresEs::open(&place, tested).await?))
    };
    let contender = |name, system| Contender {
        name,
        system,
        aggregates,
        rolls: Arc::new(Rolls::untouched()),
        number: Arc::default(),
    };
    Ok([
        contender("ours", System::Ours(Box::new(ours))),
        contender("postgres-es", postgres_es(true).await?),
        contender("postgres-es, untested", postgres_es(false).await?),
    ])
}

/// The median round of each.
async fn in_turns(
    ground: &Ground,
    options: &Options,
    in_flight: usize,
    contenders: &[Contender],
) -> Result<Vec<Outcome>> {
    let mut rounds: Vec<Vec<Outcome>> = contenders.iter().map(|_| Vec::new()).collect();
    for _ in 0..options.rounds {
        for (contender, outcomes) in contenders.iter().zip(&mut rounds) {
            ground.settle().await?;
            outcomes.push(contender.load(ground, options, in_flight).await.context(contender.name)?);
        }
    }
    let median = |mut outcomes: Vec<Outcome>| {
        outcomes.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
        let middle = outcomes.len() / 2;
        outcomes.into_iter().nth(middle).context("no round")
    };
    rounds.into_iter().map(median).collect()
}

impl Contender {
    async fn load(&self, ground: &Ground, options: &Options, in_flight: usize) -> Result<Outcome> {
        let (system, aggregates) = (self.system.clone(), self.aggregates);
        let (rolls, number) = (self.rolls.clone(), self.number.clone());
        closed_loop(ground, in_flight, options.duration, move |worker, asked| {
            let number = number.fetch_add(1, Ordering::Relaxed);
            let (id, command) = match aggregates {
                Aggregates::New => opening(number),
                Aggregates::OfThirtyEvents => rolls.next(in_flight, worker, asked),
            };
            let system = system.clone();
            async move {
                match system {
                    System::Ours(ours) => ours.tell(id, command, number).await,
                    System::PostgresEs(postgres_es) => postgres_es.tell(id, command).await,
                }
            }
        })
        .await
    }

    fn row(&self, in_flight: usize, outcome: &Outcome, ours: f64) -> Vec<String> {
        let (here, postgres) = outcome.cpu_per_answer();
        let aggregates = match self.aggregates {
            Aggregates::New => "new",
            Aggregates::OfThirtyEvents => "of 30 events",
        };
        let ratio = match self.system {
            System::Ours(_) => String::new(),
            System::PostgresEs(_) => format!("{:.1} ×", ours / outcome.rate().max(1.0)),
        };
        vec![
            aggregates.to_owned(),
            in_flight.to_string(),
            self.name.to_owned(),
            format!("{:.0}", outcome.rate()),
            format!("{:.2}", outcome.milliseconds(50.0)),
            format!("{:.2}", outcome.milliseconds(99.0)),
            format!("{here:.0}"),
            format!("{postgres:.0}"),
            ratio,
        ]
    }
}
