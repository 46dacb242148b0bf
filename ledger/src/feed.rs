//! The record read in order, journal by journal.
//!
//! Positions are dense and given under the head row's lock, so a reader that has seen
//! position n has missed nothing before it: no gap to wait for, no horizon to guess.

use crate::envelope::{Envelope, Stream};
use crate::erasure::COUNT;
use crate::keys::{DataKey, KeyRing, Subject};
use crate::seal::{SealError, open};
use crate::unit::Position;
use domain::{AnneeScolaire, CleId, Event, PersonneId, PortailId, UnreadableEvent};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// One portal's record of one school year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Journal {
    /// Whose.
    pub portail: PortailId,
    /// Which school year.
    pub annee: AnneeScolaire,
}

impl Journal {
    /// A place in this journal.
    pub fn at(&self, position: i64) -> Position {
        Position { portail: self.portail.clone(), annee: self.annee, position }
    }
}

/// Something recorded, as projections read it.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Its place.
    pub position: Position,
    /// Everything about it but its content.
    pub envelope: Envelope,
    /// Hash of its leaf, as stored.
    pub leaf_hash: Vec<u8>,
    /// Its content.
    pub content: Content,
}

impl Fact {
    /// Its content in the clear, unless its key was destroyed.
    pub fn event(&self) -> Option<&Event> {
        match &self.content {
            Content::Opened(event) => Some(event),
            Content::Erased | Content::Unreadable(_) => None,
        }
    }
}

/// A content, while its key exists.
#[derive(Debug, Clone)]
pub enum Content {
    /// In the clear, in today's version.
    Opened(Event),
    /// Its key was destroyed.
    Erased,
    /// It opens, but this program cannot read it.
    Unreadable(UnreadableEvent),
}

/// Why the record could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The database did not answer.
    #[error("the record cannot be read")]
    Database(#[from] sqlx::Error),
    /// A content does not open under its key.
    #[error("event {position}")]
    Seal {
        /// Where.
        position: Position,
        /// Why.
        source: SealError,
    },
    /// The keys could not be read.
    #[error("data keys")]
    Keys(#[source] SealError),
    /// An envelope is not one.
    #[error("event {position} has an unreadable envelope: {reason}")]
    Envelope {
        /// Where.
        position: Position,
        /// Why.
        reason: String,
    },
}

/// A row of the record, as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StoredEvent {
    /// Kind of its stream.
    pub aggregate_type: String,
    /// Its stream.
    pub aggregate_id: String,
    /// Its place in the stream.
    pub sequence: i64,
    /// Frozen name of its type.
    pub event_type: String,
    /// Version of its type.
    pub event_version: String,
    /// Exact text of the sealed content.
    pub payload: String,
    /// Exact text of the envelope: the leaf.
    pub metadata: String,
    /// Its journal's portal.
    pub portail: String,
    /// Its journal's school year.
    pub annee: i16,
    /// Its place in the journal.
    pub position: i64,
    /// The data key of its content.
    pub key_id: Uuid,
    /// Hash of the leaf.
    pub leaf_hash: Vec<u8>,
}

/// A row, and how many erasures there had been when it was read.
#[derive(sqlx::FromRow)]
struct Read {
    #[sqlx(flatten)]
    stored: StoredEvent,
    erasures: i64,
}

/// Columns of a [`StoredEvent`], the JSON ones as their exact text.
pub(crate) const COLUMNS: &str = "aggregate_type, aggregate_id, sequence, event_type, event_version, \
     payload::text AS payload, metadata::text AS metadata, portail, annee, position, key_id, leaf_hash";

/// All journals and how far each goes, a portal's years in order.
pub async fn heads(connection: &mut PgConnection) -> Result<Vec<(Journal, i64)>, FeedError> {
    let rows: Vec<(String, i16, i64)> =
        sqlx::query_as("SELECT portail, annee, position FROM ledger.journal ORDER BY portail, annee")
            .fetch_all(connection)
            .await?;
    // A row whose portal is no host label was not written by the program; the verifier
    // reports it, readers have no use for it.
    Ok(rows
        .into_iter()
        .filter_map(|(portail, annee, position)| {
            let journal = Journal { portail: portail.parse().ok()?, annee: AnneeScolaire(annee) };
            Some((journal, position))
        })
        .collect())
}

/// The rows after a position, in order, at most `limit`.
pub async fn stored_after(
    connection: &mut PgConnection,
    journal: &Journal,
    position: i64,
    limit: i64,
) -> Result<Vec<StoredEvent>, FeedError> {
    let rows = rows_after(connection, journal, position, &[], limit).await?;
    Ok(rows.into_iter().map(|row| row.stored).collect())
}

async fn rows_after(
    connection: &mut PgConnection,
    journal: &Journal,
    position: i64,
    kinds: &[&str],
    limit: i64,
) -> Result<Vec<Read>, FeedError> {
    let sql = format!(
        "SELECT {COLUMNS}, {COUNT} AS erasures FROM ledger.events WHERE portail = $1 AND annee = $2 AND position > $3
         AND (cardinality($4::text[]) = 0 OR aggregate_type = ANY ($4)) ORDER BY position LIMIT $5"
    );
    let rows = sqlx::query_as(&sql)
        .bind(journal.portail.as_str())
        .bind(journal.annee.0)
        .bind(position)
        .bind(kinds)
        .bind(limit)
        .fetch_all(connection)
        .await?;
    Ok(rows)
}

/// The facts after a position, in order, at most `limit`, of streams of these kinds;
/// no kinds are all kinds.
pub async fn facts_after(
    connection: &mut PgConnection,
    keys: &KeyRing,
    journal: &Journal,
    position: i64,
    kinds: &[&str],
    limit: i64,
) -> Result<Vec<Fact>, FeedError> {
    let rows = rows_after(connection, journal, position, kinds, limit).await?;
    open_all(connection, keys, rows).await
}

/// All facts of some streams, in the order of their journals.
pub async fn facts_of(
    connection: &mut PgConnection,
    keys: &KeyRing,
    streams: &[Stream],
) -> Result<Vec<Fact>, FeedError> {
    let kinds: Vec<_> = streams.iter().map(|stream| stream.kind.as_str()).collect();
    let ids: Vec<_> = streams.iter().map(|stream| stream.id.as_str()).collect();
    let sql = format!(
        "SELECT {COLUMNS}, {COUNT} AS erasures FROM ledger.events
         JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[])) AS s (kind, id)
              ON aggregate_type = kind AND aggregate_id = id
         ORDER BY portail, annee, position"
    );
    let rows = sqlx::query_as(&sql).bind(kinds).bind(ids).fetch_all(&mut *connection).await?;
    open_all(connection, keys, rows).await
}

/// The facts whose contents are about some persons, in the order of their journals, after a
/// place, at most `limit`; those of which the keys were destroyed are among them, erased.
pub async fn facts_about(
    connection: &mut PgConnection,
    keys: &KeyRing,
    personnes: &[PersonneId],
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Fact>, FeedError> {
    let subjects: Vec<_> = personnes.iter().map(|id| Subject::Personne(*id).to_string()).collect();
    let sql = format!(
        "SELECT {COLUMNS}, {COUNT} AS erasures FROM ledger.events
         WHERE key_id IN (SELECT k.id FROM ledger.keys k WHERE k.subject = ANY ($1))
           AND ($2::text IS NULL OR (portail, annee, position) > ($2, $3, $4))
         ORDER BY portail, annee, position LIMIT $5"
    );
    let rows = sqlx::query_as(&sql)
        .bind(subjects)
        .bind(after.map(|place| place.portail.as_str()))
        .bind(after.map(|place| place.annee.0))
        .bind(after.map(|place| place.position))
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?;
    open_all(connection, keys, rows).await
}

/// The facts at some places, in the order of their journals.
pub async fn facts_at(
    connection: &mut PgConnection,
    keys: &KeyRing,
    places: &[Position],
) -> Result<Vec<Fact>, FeedError> {
    let sql = format!(
        "SELECT {COLUMNS}, {COUNT} AS erasures FROM ledger.events
         JOIN unnest($1::text[], $2::int2[], $3::int8[]) AS p (journal, an, place)
              ON portail = journal AND annee = an AND position = place
         ORDER BY portail, annee, position"
    );
    let rows = sqlx::query_as(&sql)
        .bind(places.iter().map(|place| place.portail.as_str()).collect::<Vec<_>>())
        .bind(places.iter().map(|place| place.annee.0).collect::<Vec<_>>())
        .bind(places.iter().map(|place| place.position).collect::<Vec<_>>())
        .fetch_all(&mut *connection)
        .await?;
    open_all(connection, keys, rows).await
}

/// All facts of the streams of one kind, in the order of their journals.
pub async fn facts_of_kind(
    connection: &mut PgConnection,
    keys: &KeyRing,
    kind: &str,
) -> Result<Vec<Fact>, FeedError> {
    let sql = format!(
        "SELECT {COLUMNS}, {COUNT} AS erasures FROM ledger.events
         WHERE aggregate_type = $1 ORDER BY portail, annee, position"
    );
    let rows = sqlx::query_as(&sql).bind(kind).fetch_all(&mut *connection).await?;
    open_all(connection, keys, rows).await
}

/// Opens the contents of rows; none with a key that was destroyed before its row was read.
async fn open_all(
    connection: &mut PgConnection,
    keys: &KeyRing,
    rows: Vec<Read>,
) -> Result<Vec<Fact>, FeedError> {
    keys.learn(rows.iter().map(|row| row.erasures.unsigned_abs()).max().unwrap_or_default());
    let ids: BTreeSet<_> = rows.iter().map(|row| CleId(row.stored.key_id)).collect();
    let ring = keys.for_ids(connection, &ids).await.map_err(FeedError::Keys)?;
    rows.into_iter().filter_map(|row| fact(&ring, row.stored).transpose()).collect()
}

/// Nothing where the portal is no host label: the verifier reports such a row.
fn fact(ring: &BTreeMap<CleId, Arc<DataKey>>, row: StoredEvent) -> Result<Option<Fact>, FeedError> {
    let Ok(portail) = row.portail.parse() else { return Ok(None) };
    let position = Position { portail, annee: AnneeScolaire(row.annee), position: row.position };
    let envelope: Envelope = serde_json::from_str(&row.metadata)
        .map_err(|error| FeedError::Envelope { position: position.clone(), reason: error.to_string() })?;
    let content = content(ring, &row, &envelope)
        .map_err(|source| FeedError::Seal { position: position.clone(), source })?;
    Ok(Some(Fact { position, envelope, leaf_hash: row.leaf_hash, content }))
}

fn content(
    ring: &BTreeMap<CleId, Arc<DataKey>>,
    row: &StoredEvent,
    envelope: &Envelope,
) -> Result<Content, SealError> {
    let Some(key) = ring.get(&CleId(row.key_id)) else { return Ok(Content::Erased) };
    let clear = open(&key.bytes, envelope.event_id, &row.payload, &envelope.commit)?;
    let payload = serde_json::from_slice(&clear).map_err(|_| SealError::OtherContent)?;
    Ok(match Event::decode(&row.aggregate_type, &row.event_type, envelope.version, payload) {
        Ok(event) => Content::Opened(event),
        Err(unreadable) => Content::Unreadable(unreadable),
    })
}
