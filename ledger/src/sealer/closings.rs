//! Clôtures as evidence: what a journal held when a day had ended, that the meta-journal has
//! it, and that the journal which is shown today begins with what it held then.

use super::checkpoints::Sealed;
use super::log::Log;
use super::proofs::{ProofsFault, proof_in};
use super::store::TileStore;
use super::witnessing::published;
use crate::feed::Journal;
use crate::tlog::addition::Addition;
use crate::tlog::proof::consistency;
use crate::tlog::text::Proof;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// A clôture of a day that the sealed meta-journal has.
#[derive(Debug, Clone)]
pub struct Closed {
    /// Which day.
    pub jour: NaiveDate,
    /// How many events the journal had when it ended.
    pub size: i64,
    /// The clôture, canonical JSON: a leaf of the meta-journal.
    pub leaf: String,
    /// That it is one.
    pub proof: Proof,
    /// That the tree of the journal's head begins with the tree whose root the clôture names.
    /// Written as what is asked of a witness, so that any witness can judge it.
    pub extension: Addition,
}

/// The head that a journal is shown by.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The checkpoint, signed.
    pub note: &'a str,
    /// How many events it covers.
    pub size: u64,
}

#[derive(sqlx::FromRow)]
struct Row {
    du: NaiveDate,
    size: i64,
    position: i64,
    leaf: String,
}

/// The clôtures of the days on which these positions of a journal were recorded, and the last
/// one that its head covers, in order; none of a day that is not closed yet.
pub async fn closings(
    connection: &mut PgConnection,
    tiles: &TileStore,
    journal: &Journal,
    positions: &[i64],
    head: Head<'_>,
) -> Result<Vec<Closed>, ProofsFault> {
    let Some(all) = published(&mut *connection, &Log::Meta).await? else { return Ok(Vec::new()) };
    let log = Log::from(journal);
    let rows = rows(connection, &log, positions, head.size, &all).await?;
    let of_journal = tiles.of(&log);
    let mut closed = Vec::new();
    for Row { du, size, position, leaf } in rows {
        let old = size.unsigned_abs();
        let proof = consistency(&of_journal, head.size, old).await?;
        closed.push(Closed {
            jour: du,
            size,
            leaf,
            proof: proof_in(tiles, &Log::Meta, all.clone(), position).await?,
            extension: Addition { old, proof, checkpoint: head.note.to_owned() },
        });
    }
    Ok(closed)
}

/// A day is found by the first clôture that covers the position: those of the empty days
/// after it cover it too.
async fn rows(
    connection: &mut PgConnection,
    log: &Log,
    positions: &[i64],
    head: u64,
    all: &Sealed,
) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(
        "WITH days AS (
             SELECT du, size, position, leaf FROM ledger.meta
             WHERE portail = $1 AND annee = $2 AND periode = 'jour' AND size BETWEEN 1 AND $4
               AND position <= $5)
         SELECT day.* FROM unnest($3::bigint[]) AS fact,
             LATERAL (SELECT * FROM days WHERE size >= fact ORDER BY du LIMIT 1) AS day
         UNION (SELECT * FROM days ORDER BY du DESC LIMIT 1)
         ORDER BY du",
    )
    .bind(log.key().0)
    .bind(log.key().1)
    .bind(positions)
    .bind(i64::try_from(head).unwrap_or(i64::MAX))
    .bind(all.size)
    .fetch_all(connection)
    .await
}
