//! When leaves of the meta-journal were there already, by the clock of somebody else: the first
//! timestamp over a head that covers each, and the proof that today's head goes on from it.

use super::log::Log;
use super::proofs::ProofsFault;
use super::store::TileStore;
use super::timestamping::Timestamp;
use super::witnessing::published;
use crate::tlog::addition::Addition;
use crate::tlog::proof::consistency;
use sqlx::{FromRow, PgConnection};

/// A timestamp, as evidence.
#[derive(Debug, Clone)]
pub struct Dated {
    /// It.
    pub timestamp: Timestamp,
    /// The note that it is over.
    pub note: String,
    /// That today's head goes on from it.
    pub extension: Addition,
}

#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    timestamp: Timestamp,
    note: String,
}

/// The timestamps that date these leaves, by their indexes, each as early as any does; none
/// for a leaf that nothing has dated yet.
pub async fn dated(
    connection: &mut PgConnection,
    tiles: &TileStore,
    leaves: &[i64],
) -> Result<Vec<Dated>, ProofsFault> {
    let Some(all) = published(&mut *connection, &Log::Meta).await? else { return Ok(Vec::new()) };
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT t.size, t.tsa, t.token, t.gen_time, t.requested_at, c.note
         FROM ledger.timestamps t JOIN ledger.checkpoints c USING (portail, annee, size)
         WHERE t.size IN (
             SELECT (SELECT min(size) FROM ledger.timestamps WHERE size > leaf AND size <= $2)
             FROM unnest($1::bigint[]) AS leaf)
         ORDER BY t.size",
    )
    .bind(leaves)
    .bind(all.size)
    .fetch_all(connection)
    .await?;
    let of_all = tiles.of(&Log::Meta);
    let mut dated = Vec::new();
    for Row { timestamp, note } in rows {
        let old = timestamp.size.unsigned_abs();
        let proof = consistency(&of_all, all.size.unsigned_abs(), old).await?;
        let extension = Addition { old, proof, checkpoint: all.note.clone() };
        dated.push(Dated { timestamp, note, extension });
    }
    Ok(dated)
}
