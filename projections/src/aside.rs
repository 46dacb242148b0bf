//! Facts that a view could not follow: listed, explained, and followed again.
//!
//! A fact set aside holds back the later ones of its stream in the same view, so that
//! nobody sees a state that never was. Once the cause is gone, a stream is followed again
//! in its order, in one transaction.

use crate::Projection;
use crate::runner::checkpoint::{WAITING, hold, set_aside, version, wait_behind};
use crate::runner::{RunnerError, apply};
use chrono::{DateTime, Utc};
use domain::{AnneeScolaire, PortailId};
use ledger::envelope::Envelope;
use ledger::feed::{Fact, FeedError, Journal, facts_after, stored_after};
use ledger::keys::KeyRing;
use ledger::unit::Position;
use sqlx::{Acquire, FromRow, PgConnection, PgPool};
use std::collections::BTreeMap;

/// A fact that a view has set aside.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Aside {
    /// The view's name.
    pub projection: String,
    /// The view's version.
    pub version: i32,
    /// The fact's portal.
    pub portail: String,
    /// Its school year.
    pub annee: i16,
    /// Its place in that journal.
    pub position: i64,
    /// Kind of its stream.
    pub stream_kind: String,
    /// Its stream.
    pub stream_id: String,
    /// Its type.
    pub event_type: String,
    /// Why, with all causes.
    pub error: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// What kind of reason it is: that tells what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// An earlier fact of its stream is aside.
    Waiting,
    /// The program cannot read it: it comes from a newer one.
    Unreadable,
    /// The view's tables refuse it.
    Tables,
    /// It does not fit the view.
    Unfit,
}

impl Aside {
    /// What kind of reason it is.
    pub fn reason(&self) -> Reason {
        match self.error.as_str() {
            WAITING => Reason::Waiting,
            error if error.starts_with("unreadable fact") => Reason::Unreadable,
            error if error.starts_with("view tables") => Reason::Tables,
            _ => Reason::Unfit,
        }
    }

    /// Its journal, if the portal's name is one.
    fn journal(&self) -> Result<Journal, RunnerError> {
        Ok(Journal { portail: portail(&self.portail)?, annee: AnneeScolaire(self.annee) })
    }
}

fn portail(label: &str) -> Result<PortailId, RunnerError> {
    label.parse().map_err(|error| RunnerError::Journal(format!("{error}")))
}

const ASIDE: &str = "SELECT projection, version, portail, annee, position, stream_kind, stream_id,
                            event_type, error, since FROM set_aside";

/// What is set aside, of one view or of all, in the order of the journals.
pub async fn list(connection: &mut PgConnection, view: Option<&str>) -> sqlx::Result<Vec<Aside>> {
    let sql = format!(
        "{ASIDE} WHERE $1::text IS NULL OR projection = $1 ORDER BY projection, portail, annee, position"
    );
    sqlx::query_as(&sql).bind(view).fetch_all(connection).await
}

/// What is known of a fact without opening its content.
pub struct Explained {
    /// Its envelope.
    pub envelope: Envelope,
    /// The views that set it aside.
    pub aside: Vec<Aside>,
    /// Later facts of its stream that those views hold back.
    pub waiting: Vec<Aside>,
}

/// Explains the fact at a place; nothing where there is none.
pub async fn explain(
    connection: &mut PgConnection,
    position: &Position,
) -> Result<Option<Explained>, RunnerError> {
    let journal = Journal { portail: position.portail.clone(), annee: position.annee };
    let found = stored_after(connection, &journal, position.position - 1, 1).await?.pop();
    let Some(stored) = found.filter(|stored| stored.position == position.position) else { return Ok(None) };
    let envelope: Envelope = serde_json::from_str(&stored.metadata).map_err(|error| {
        RunnerError::Feed(FeedError::Envelope { position: position.clone(), reason: error.to_string() })
    })?;
    let sql = format!(
        "{ASIDE} WHERE portail = $1 AND stream_kind = $2 AND stream_id = $3 AND (annee, position) >= ($4, $5)
         ORDER BY projection, annee, position"
    );
    let rows: Vec<Aside> = sqlx::query_as(&sql)
        .bind(&stored.portail)
        .bind(&stored.aggregate_type)
        .bind(&stored.aggregate_id)
        .bind(stored.annee)
        .bind(stored.position)
        .fetch_all(connection)
        .await?;
    let here = |row: &Aside| (row.annee, row.position) == (stored.annee, stored.position);
    let (aside, waiting) = rows.into_iter().partition(here);
    Ok(Some(Explained { envelope, aside, waiting }))
}

/// What became of the facts that were followed again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Facts that the view has followed now.
    pub followed: usize,
    /// Facts that stay aside, with the error of today.
    pub left: usize,
}

/// Follows again what a view has set aside, stream by stream; of one stream, if one is
/// named by its id.
pub async fn follow_again(
    pool: &PgPool,
    keys: &KeyRing,
    projection: &dyn Projection,
    stream: Option<&str>,
) -> Result<Outcome, RunnerError> {
    let mut connection = pool.acquire().await?;
    let mut streams: BTreeMap<(String, String), PortailId> = BTreeMap::new();
    for row in list(&mut connection, Some(projection.name())).await? {
        if stream.is_none_or(|id| id == row.stream_id) {
            streams.insert((row.stream_kind, row.stream_id), portail(&row.portail)?);
        }
    }
    let mut outcome = Outcome::default();
    for ((kind, id), portail) in streams {
        let mut tx = connection.begin().await?;
        hold_portail(&mut tx, projection, &portail).await?;
        follow_stream(&mut tx, keys, projection, (&kind, &id), &mut outcome).await?;
        tx.commit().await?;
    }
    Ok(outcome)
}

/// Holds the view's checkpoints on a portal, as who sets facts aside does: nobody adds to a
/// stream what is taken from it here.
async fn hold_portail(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    portail: &PortailId,
) -> Result<(), RunnerError> {
    hold(tx, projection).await?;
    match version(tx, projection).await? {
        Some(version) if version != projection.version() => return Err(RunnerError::Version { version }),
        _ => {}
    }
    sqlx::query("SELECT FROM checkpoint WHERE projection = $1 AND portail = $2 ORDER BY annee FOR UPDATE")
        .bind(projection.name())
        .bind(portail.as_str())
        .execute(tx)
        .await?;
    Ok(())
}

/// Follows the facts of one stream, in their order, until one fails again.
async fn follow_stream(
    tx: &mut PgConnection,
    keys: &KeyRing,
    projection: &dyn Projection,
    (kind, id): (&str, &str),
    outcome: &mut Outcome,
) -> Result<(), RunnerError> {
    let sql = format!(
        "{ASIDE} WHERE projection = $1 AND stream_kind = $2 AND stream_id = $3 ORDER BY annee, position"
    );
    let rows: Vec<Aside> =
        sqlx::query_as(&sql).bind(projection.name()).bind(kind).bind(id).fetch_all(&mut *tx).await?;
    let mut failed = false;
    for row in rows {
        let Some(fact) = fact(tx, keys, &row).await? else { continue };
        if failed {
            wait_behind(tx, projection, &fact).await?;
        } else {
            failed = !try_again(tx, projection, &row, &fact).await?;
        }
        *if failed { &mut outcome.left } else { &mut outcome.followed } += 1;
    }
    Ok(())
}

async fn fact(tx: &mut PgConnection, keys: &KeyRing, row: &Aside) -> Result<Option<Fact>, RunnerError> {
    let facts = facts_after(tx, keys, &row.journal()?, row.position - 1, &[], 1).await?;
    Ok(facts.into_iter().find(|fact| fact.position.position == row.position))
}

/// Whether the view has followed the fact now.
async fn try_again(
    tx: &mut PgConnection,
    projection: &dyn Projection,
    row: &Aside,
    fact: &Fact,
) -> Result<bool, RunnerError> {
    let mut savepoint = tx.begin().await?;
    match apply(projection, fact, &mut savepoint).await {
        Ok(()) => {
            sqlx::query("DELETE FROM set_aside WHERE projection = $1 AND portail = $2 AND annee = $3 AND position = $4")
                .bind(&row.projection)
                .bind(&row.portail)
                .bind(row.annee)
                .bind(row.position)
                .execute(&mut *savepoint)
                .await?;
            savepoint.commit().await?;
            Ok(true)
        }
        Err(error) if error.is_away() => Err(RunnerError::View(error)),
        Err(error) => {
            savepoint.rollback().await?;
            set_aside(tx, projection, fact, &error).await?;
            Ok(false)
        }
    }
}
