//! The whole record of a portal in one order, the years one after the other, and read either
//! way: what who follows it from outside wants.
//!
//! A portal writes in no year that another has followed, so the year and then the position in
//! its journal order all that it ever recorded. [`Rank`] says both in one number.

use crate::envelope::Stream;
use crate::feed::{COLUMNS, FeedError, StoredEvent};
use crate::unit::Position;
use domain::{AnneeScolaire, PortailId};
use sqlx::PgConnection;

/// Bits of a rank that hold the position in a journal.
const POSITION_BITS: u32 = 40;
const POSITION: i64 = (1 << POSITION_BITS) - 1;

/// A place in a portal's whole record, or between two: year × 2⁴⁰ + position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(pub i64);

impl Rank {
    /// That of an event.
    pub fn of(event: &StoredEvent) -> Self {
        Self((i64::from(event.annee) << POSITION_BITS) | (event.position & POSITION))
    }

    /// That of a place in a journal.
    pub fn at(place: &Position) -> Self {
        Self((i64::from(place.annee.0) << POSITION_BITS) | (place.position & POSITION))
    }

    /// The place in this portal's journals, if it is of a year that a journal can have.
    pub fn place(self, portail: &PortailId) -> Option<Position> {
        let annee = AnneeScolaire(i16::try_from(self.annee()).ok()?);
        Some(Position { portail: portail.clone(), annee, position: self.position() })
    }

    fn annee(self) -> i32 {
        // No journal is of a later year than a smallint tells.
        i32::try_from(self.0 >> POSITION_BITS).unwrap_or(i32::MAX)
    }

    fn position(self) -> i64 {
        self.0 & POSITION
    }
}

/// Which way to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// What was recorded first comes first.
    Forwards,
    /// What was recorded last comes first.
    Backwards,
}

/// The events of a portal beyond a rank, at most `limit`.
pub async fn beyond(
    connection: &mut PgConnection,
    portail: &PortailId,
    way: Way,
    rank: Rank,
    limit: i64,
) -> Result<Vec<StoredEvent>, FeedError> {
    let (than, order) = match way {
        Way::Forwards => (">", "annee, position"),
        Way::Backwards => ("<", "annee DESC, position DESC"),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM ledger.events
         WHERE portail = $1 AND (annee, position) {than} ($2, $3) ORDER BY {order} LIMIT $4"
    );
    let rows = sqlx::query_as(&sql)
        .bind(portail.as_str())
        .bind(rank.annee())
        .bind(rank.position())
        .bind(limit)
        .fetch_all(connection)
        .await?;
    Ok(rows)
}

/// The events of one of a portal's streams beyond a place in it, at most `limit`.
pub async fn of_stream(
    connection: &mut PgConnection,
    portail: &PortailId,
    stream: &Stream,
    way: Way,
    sequence: i64,
    limit: i64,
) -> Result<Vec<StoredEvent>, FeedError> {
    let (than, order) = match way {
        Way::Forwards => (">", "sequence"),
        Way::Backwards => ("<", "sequence DESC"),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM ledger.events
         WHERE portail = $1 AND aggregate_type = $2 AND aggregate_id = $3 AND sequence {than} $4
         ORDER BY {order} LIMIT $5"
    );
    let rows = sqlx::query_as(&sql)
        .bind(portail.as_str())
        .bind(&stream.kind)
        .bind(&stream.id)
        .bind(sequence)
        .bind(limit)
        .fetch_all(connection)
        .await?;
    Ok(rows)
}
