//! A view purged of what was erased.
//!
//! It forgets the streams that lost a content, and follows them again from what is left: so
//! it equals a view that is rebuilt from zero, whatever its tables are. Nobody follows the
//! view meanwhile, and nobody follows it further before: a batch that finds an erasure of
//! which the view was not purged gives up. A purge that was killed is begun again. One of which
//! nothing stays says whether a view still is as it left it.

use super::checkpoint::{hold_alone, version};
use super::{RunnerError, follow_facts};
use crate::Projection;
use crate::replay::Difference;
use ledger::envelope::Stream;
use ledger::erasure;
use ledger::feed::{Fact, Journal, facts_of};
use ledger::keys::KeyRing;
use sqlx::{Acquire, PgConnection};
use std::collections::BTreeMap;

/// Streams in one transaction.
const STREAMS: usize = 200;

/// Views do not wait for the disk, but a purge does: who erases is told that it is done.
const DURABLY: &str = "SET LOCAL synchronous_commit = on";

/// Purges a view, in its place, of all that was erased until now.
pub async fn purge(
    connection: &mut PgConnection,
    keys: &KeyRing,
    projection: &dyn Projection,
) -> Result<(), RunnerError> {
    let erasures = erasure::count(&mut *connection).await?;
    keys.learn(erasures);
    let streams = streams(connection, projection, erasures).await?;
    for streams in streams.chunks(STREAMS) {
        let mut tx = connection.begin().await?;
        sqlx::query(DURABLY).execute(&mut *tx).await?;
        hold_alone(&mut tx, projection).await?;
        forget(&mut tx, projection, streams).await?;
        follow_again(&mut tx, keys, projection, streams).await?;
        tx.commit().await?;
    }
    sqlx::query("UPDATE version SET purged = greatest(purged, $3) WHERE projection = $1 AND version = $2")
        .bind(projection.name())
        .bind(projection.version())
        .bind(i64::try_from(erasures).unwrap_or(i64::MAX))
        .execute(connection)
        .await?;
    tracing::info!(projection = projection.name(), erasures, streams = streams.len(), "view purged");
    Ok(())
}

/// The streams that lost a content since the view was last purged, of the kinds that it
/// forgets; none while it has read nothing.
async fn streams(
    connection: &mut PgConnection,
    projection: &dyn Projection,
    erasures: u64,
) -> Result<Vec<Stream>, sqlx::Error> {
    let kinds: Vec<_> = projection.forgets().iter().map(|forget| forget.kind).collect();
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT DISTINCT e.aggregate_type, e.aggregate_id
         FROM version v
         JOIN ledger.keys k ON k.wrapped IS NULL AND k.destroyed > v.purged AND k.destroyed <= $4
         JOIN ledger.events e ON e.key_id = k.id
         WHERE v.projection = $1 AND v.version = $2 AND e.aggregate_type = ANY ($3)
           AND EXISTS (SELECT FROM checkpoint c
                       WHERE c.projection = $1 AND c.version = $2 AND c.position > 0)
         ORDER BY 1, 2",
    )
    .bind(projection.name())
    .bind(projection.version())
    .bind(kinds)
    .bind(i64::try_from(erasures).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(kind, id)| Stream { kind, id }).collect())
}

/// What a view has of these streams beside what it would have if they were followed again from what
/// is left of them. Nothing is said of a view of which another version stands in this place.
pub async fn differences(
    connection: &mut PgConnection,
    keys: &KeyRing,
    projection: &dyn Projection,
    streams: &[Stream],
) -> Result<Vec<Difference>, RunnerError> {
    let mut rows = Rows::new();
    for streams in streams.chunks(STREAMS) {
        let mut tx = connection.begin().await?;
        hold_alone(&mut tx, projection).await?;
        if version(&mut tx, projection).await? == Some(projection.version()) {
            count(&mut tx, projection, streams, 1, &mut rows).await?;
            forget(&mut tx, projection, streams).await?;
            follow_again(&mut tx, keys, projection, streams).await?;
            count(&mut tx, projection, streams, -1, &mut rows).await?;
            // A destruction may be of a school year: what agrees is not kept until its end.
            rows.retain(|_, surplus| *surplus != 0);
        }
        tx.rollback().await?;
    }
    let mut found = BTreeMap::new();
    for ((table, _), surplus) in rows {
        let none = Difference { table, only_live: 0, only_replayed: 0 };
        let difference = found.entry(table).or_insert(none);
        difference.only_live += surplus.max(0);
        difference.only_replayed += (-surplus).max(0);
    }
    Ok(found.into_values().collect())
}

/// How often each row is there, by its table and its number.
type Rows = BTreeMap<(&'static str, i64), i64>;

/// Counts the rows that these streams have left in the tables of a view.
async fn count(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    streams: &[Stream],
    each: i64,
    rows: &mut Rows,
) -> Result<(), sqlx::Error> {
    for forget in projection.forgets() {
        let ids = ids(streams, forget.kind);
        let Some((table, sql)) = forget.reading().filter(|_| !ids.is_empty()) else { continue };
        let found: Vec<i64> = sqlx::query_scalar(&sql).bind(ids).fetch_all(&mut *tx).await?;
        for row in found {
            *rows.entry((table, row)).or_default() += each;
        }
    }
    Ok(())
}

/// Those of one kind.
fn ids<'s>(streams: &'s [Stream], kind: &str) -> Vec<&'s str> {
    streams.iter().filter(|stream| stream.kind == kind).map(|stream| stream.id.as_str()).collect()
}

async fn forget(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    streams: &[Stream],
) -> Result<(), sqlx::Error> {
    for forget in projection.forgets() {
        let ids = ids(streams, forget.kind);
        if !ids.is_empty() {
            sqlx::query(forget.sql).bind(ids).execute(&mut *tx).await?;
        }
    }
    sqlx::query(
        "DELETE FROM set_aside WHERE projection = $1 AND version = $2
         AND (stream_kind, stream_id) IN (SELECT * FROM unnest($3::text[], $4::text[]))",
    )
    .bind(projection.name())
    .bind(projection.version())
    .bind(streams.iter().map(|stream| stream.kind.as_str()).collect::<Vec<_>>())
    .bind(streams.iter().map(|stream| stream.id.as_str()).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Follows these streams from their beginning, as far as the view has read their journals.
async fn follow_again(
    tx: &mut PgConnection,
    keys: &KeyRing,
    projection: &dyn Projection,
    streams: &[Stream],
) -> Result<(), RunnerError> {
    let rows: Vec<(String, i16, i64)> = sqlx::query_as(
        "SELECT portail, annee, position FROM checkpoint WHERE projection = $1 AND version = $2",
    )
    .bind(projection.name())
    .bind(projection.version())
    .fetch_all(&mut *tx)
    .await?;
    let reached: BTreeMap<_, _> =
        rows.into_iter().map(|(portail, annee, position)| ((portail, annee), position)).collect();
    let mut journals: BTreeMap<Journal, Vec<Fact>> = BTreeMap::new();
    for fact in facts_of(tx, keys, streams).await? {
        let place = &fact.position;
        let read = reached.get(&(place.portail.to_string(), place.annee.0)).copied().unwrap_or_default();
        if place.position <= read {
            let journal = Journal { portail: place.portail.clone(), annee: place.annee };
            journals.entry(journal).or_default().push(fact);
        }
    }
    for (journal, facts) in journals {
        follow_facts(tx, projection, &journal, &facts).await?;
    }
    Ok(())
}
