//! What shows only in the order of events: that positions, and the sequences of streams, have
//! neither gap nor double.

use super::fault::Fault;
use super::{Examined, Opened};
use crate::feed::{FeedError, Journal, StoredEvent};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// What shows only in the order of rows.
#[derive(Default)]
pub(super) struct Order {
    /// The last position.
    pub last: i64,
    /// The last sequence of each stream, by its kind and id.
    streams: HashMap<String, i64>,
    /// Kind and id of the stream at hand.
    stream: String,
}

impl Order {
    pub async fn check(
        &mut self,
        connection: &mut PgConnection,
        journal: &Journal,
        row: &StoredEvent,
        examined: &Examined,
        places: &HashMap<Uuid, (i64, i64)>,
    ) -> Result<Result<Opened, Fault>, FeedError> {
        let expected = self.last + 1;
        if row.position != expected {
            return Ok(Err(Fault::Gap { expected, found: row.position }));
        }
        let (command, content) = match examined {
            Ok(examined) => examined,
            Err(fault) => return Ok(Err(fault.clone())),
        };
        let (first, last) = places.get(&command.0).copied().unwrap_or_default();
        if row.position < first || last < row.position {
            return Ok(Err(Fault::Place { first, last }));
        }
        if let Err(fault) = self.follow(connection, journal, row).await? {
            return Ok(Err(fault));
        }
        if content.is_ok() {
            self.last = row.position;
        }
        Ok(content.clone())
    }

    async fn follow(
        &mut self,
        connection: &mut PgConnection,
        journal: &Journal,
        row: &StoredEvent,
    ) -> Result<Result<(), Fault>, FeedError> {
        self.stream.clear();
        // No kind has a space.
        self.stream.extend([row.aggregate_type.as_str(), " ", row.aggregate_id.as_str()]);
        let known = self.streams.get_mut(self.stream.as_str());
        let before = match &known {
            Some(before) => **before,
            None => sequence_before(connection, journal, row).await?,
        };
        if row.sequence != before + 1 {
            return Ok(Err(Fault::Sequence { before, found: row.sequence }));
        }
        match known {
            Some(last) => *last = row.sequence,
            None => drop(self.streams.insert(self.stream.clone(), row.sequence)),
        }
        Ok(Ok(()))
    }
}

/// Where a stream stood when this journal's year began.
async fn sequence_before(
    connection: &mut PgConnection,
    journal: &Journal,
    row: &StoredEvent,
) -> Result<i64, FeedError> {
    if row.sequence == 1 {
        return Ok(0);
    }
    let last: Option<i64> = sqlx::query_scalar(
        "SELECT max(sequence) FROM ledger.events
         WHERE aggregate_type = $1 AND aggregate_id = $2 AND portail = $3 AND annee < $4",
    )
    .bind(&row.aggregate_type)
    .bind(&row.aggregate_id)
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .fetch_one(connection)
    .await?;
    Ok(last.unwrap_or_default())
}
