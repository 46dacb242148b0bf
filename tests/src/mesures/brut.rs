//! Raw limits: what PostgreSQL takes of rows as wide as ours when nobody decides, seals or
//! checks anything.

use super::Options;
use super::ground::{Ground, Place, pool};
use super::load::{Outcome, closed_loop};
use super::report::{Report, Table};
use anyhow::Result;
use sqlx::PgPool;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// Sessions; more of them are slower on two cores.
const SESSIONS: u32 = 16;
/// Rows of one `unnest` insert.
const ROWS: usize = 1000;
/// Bytes of a sealed roll's content, and of its envelope.
const PAYLOAD: usize = 340;
const METADATA: usize = 900;

const TABLE: &str = "CREATE TABLE raw (
    aggregate_type text NOT NULL, aggregate_id text NOT NULL, sequence bigint NOT NULL,
    event_type text NOT NULL, event_version text NOT NULL, payload json NOT NULL, metadata json NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence))";

/// Adds the table of the raw limits.
pub async fn measure(ground: &Ground, options: &Options, report: &mut Report) -> Result<()> {
    let place = ground.empty().await?;
    let raw = Raw::create(&place).await?;
    let mut table = Table::new(
        "Raw inserts",
        "Rows of seven columns, as wide as ours (340 bytes of content, 900 of envelope); every insert \
         is its own transaction; 16 sessions.",
        &["insert", "in flight", "rows/s", "p50 ms", "p99 ms", "CPU here µs", "CPU PostgreSQL µs"],
    );
    for &in_flight in &options.in_flight {
        ground.settle().await?;
        let single = raw.clone();
        let outcome = closed_loop(ground, in_flight, options.duration, move |_, _| {
            let raw = single.clone();
            async move { raw.insert(1).await }
        })
        .await?;
        table.row(row("of one row", in_flight, &outcome, 1));
    }
    ground.settle().await?;
    let outcome = closed_loop(ground, 1, options.duration, move |_, _| {
        let raw = raw.clone();
        async move { raw.insert(ROWS).await }
    })
    .await?;
    table.row(row("`unnest` of 1,000 rows", 1, &outcome, ROWS));
    report.add(table);
    Ok(())
}

#[derive(Clone)]
struct Raw {
    sessions: PgPool,
    number: Arc<AtomicI64>,
    payload: Arc<str>,
    metadata: Arc<str>,
}

impl Raw {
    async fn create(place: &Place) -> Result<Self> {
        let sessions = pool(&place.owner, SESSIONS);
        sqlx::raw_sql(TABLE).execute(&sessions).await?;
        let json = |length: usize| format!(r#"{{"ct":"{}"}}"#, "x".repeat(length - 9)).into();
        Ok(Self { sessions, number: Arc::default(), payload: json(PAYLOAD), metadata: json(METADATA) })
    }

    async fn insert(&self, rows: usize) -> Result<()> {
        let first = self.number.fetch_add(i64::try_from(rows)?, Ordering::Relaxed);
        let ids: Vec<String> = (first..).take(rows).map(id).collect();
        sqlx::query(
            "INSERT INTO raw SELECT 'absences.appel', id, 1, 'absences.appel.ouvert', '1', payload::json,
                                    metadata::json
             FROM unnest($1::text[], $2::text[], $3::text[]) AS r (id, payload, metadata)",
        )
        .bind(ids)
        .bind(vec![&*self.payload; rows])
        .bind(vec![&*self.metadata; rows])
        .execute(&self.sessions)
        .await?;
        Ok(())
    }
}

/// Ids in no order, as those of aggregates are.
fn id(number: i64) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, &number.to_be_bytes()).to_string()
}

fn row(insert: &str, in_flight: usize, outcome: &Outcome, rows: usize) -> Vec<String> {
    let (here, postgres) = outcome.cpu_per_answer();
    let rows = rows as f64;
    vec![
        insert.to_owned(),
        in_flight.to_string(),
        format!("{:.0}", outcome.rate() * rows),
        format!("{:.2}", outcome.milliseconds(50.0)),
        format!("{:.2}", outcome.milliseconds(99.0)),
        format!("{:.1}", here / rows),
        format!("{:.1}", postgres / rows),
    ]
}
