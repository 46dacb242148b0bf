//! The group reader: streams that are wanted at the same time are read in one statement.
//!
//! It is to loading what the group-commit writer is to recording, and for the same reason:
//! with hundreds of commands in flight the round trips, and not the rows, are the cost. A
//! stream that is wanted alone is left to postgres-es, which reads one stream at a time.

use crate::envelope::Stream;
use sqlx::PgPool;
use std::collections::HashMap;
use tokio::sync::{mpsc, oneshot};

/// Streams that may wait before those who want them do.
const QUEUE: usize = 4096;
/// Streams in one statement.
const GROUP: usize = 512;
/// Times that the reader steps back before it drains the queue.
const YIELDS: usize = 2;

/// A row of `ledger.events`: what postgres-es reads too, JSON as its exact text.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub aggregate_type: String,
    pub aggregate_id: String,
    pub sequence: i64,
    pub event_type: String,
    pub event_version: String,
    pub payload: String,
    pub metadata: String,
}

struct Wanted {
    stream: Stream,
    found: oneshot::Sender<Vec<Row>>,
}

/// A handle on the reader of a process.
#[derive(Clone)]
pub(crate) struct Reader {
    queue: mpsc::Sender<Wanted>,
}

impl Reader {
    /// Starts the reader's task, which ends with its last handle.
    pub fn start(pool: PgPool) -> Self {
        let (queue, wanted) = mpsc::channel(QUEUE);
        tokio::spawn(serve(pool, wanted));
        Self { queue }
    }

    /// The rows of a stream if others are wanted too; none if it is to be read alone.
    pub async fn read(&self, stream: &Stream) -> Option<Vec<Row>> {
        let (found, answer) = oneshot::channel();
        self.queue.send(Wanted { stream: stream.clone(), found }).await.ok()?;
        answer.await.ok()
    }
}

async fn serve(pool: PgPool, mut queue: mpsc::Receiver<Wanted>) {
    while let Some(first) = queue.recv().await {
        let mut group = vec![first];
        for _ in 0..YIELDS {
            tokio::task::yield_now().await;
        }
        while group.len() < GROUP {
            let Ok(wanted) = queue.try_recv() else { break };
            group.push(wanted);
        }
        // Who gets no answer reads alone.
        if group.len() > 1 {
            answer(&pool, group).await;
        }
    }
}

async fn answer(pool: &PgPool, group: Vec<Wanted>) {
    let streams: Vec<_> = group.iter().map(|wanted| &wanted.stream).collect();
    let Ok(rows) = rows_of(pool, &streams).await else { return };
    // A stream that has no event yet is found empty.
    let mut found: HashMap<Stream, Vec<Row>> =
        streams.into_iter().map(|stream| (stream.clone(), Vec::new())).collect();
    for row in rows {
        let stream = Stream { kind: row.aggregate_type.clone(), id: row.aggregate_id.clone() };
        found.entry(stream).or_default().push(row);
    }
    for Wanted { stream, found: answer } in group {
        // Of two who want one stream the second finds no answer here, and reads it alone.
        if let Some(rows) = found.remove(&stream) {
            drop(answer.send(rows));
        }
    }
}

/// The rows of these streams, each stream's in order. Each is looked up by itself (`OFFSET 0` keeps it so):
/// joined plainly, by a plan that was made while the record was empty, all of it is read for each group.
pub(crate) async fn rows_of(pool: &PgPool, streams: &[&Stream]) -> Result<Vec<Row>, sqlx::Error> {
    let kinds: Vec<&str> = streams.iter().map(|stream| stream.kind.as_str()).collect();
    let ids: Vec<&str> = streams.iter().map(|stream| stream.id.as_str()).collect();
    sqlx::query_as(
        "SELECT e.*
         FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[])) AS s (kind, id)
         CROSS JOIN LATERAL (
             SELECT aggregate_type, aggregate_id, sequence, event_type, event_version,
                    payload::text AS payload, metadata::text AS metadata
             FROM ledger.events WHERE aggregate_type = s.kind AND aggregate_id = s.id OFFSET 0) e
         ORDER BY e.aggregate_type, e.aggregate_id, e.sequence",
    )
    .bind(kinds)
    .bind(ids)
    .fetch_all(pool)
    .await
}
