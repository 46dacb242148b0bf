//! A journal re-read from zero: are all leaves there, as they were written, and do the
//! contents match them? Names the first fault.
//!
//! What one row alone can show is examined on all cores while the next page is read; what
//! shows only in their order ([`order`]) is checked one row after the other, and with it
//! that they make the root of every checkpoint and clôture ([`seals`]). The meta-journal, which
//! holds these, is re-read in the same way ([`meta`]).

mod fault;
mod meta;
mod order;
mod seals;

pub use fault::{Fault, Located};
pub use meta::verify_meta;

use crate::envelope::{Envelope, leaf_hash};
use crate::feed::{FeedError, Journal, StoredEvent, stored_after};
use crate::keys::{DataKey, KeyRing};
use crate::seal::{SealError, digest_of_text, open};
use crate::sealer::log::Log;
use crate::tlog::maison::PublicKeys;
use chrono::NaiveDate;
use domain::{CleId, CommandeId};
use order::Order;
use seals::Seals;
use serde::Deserialize;
use sqlx::PgConnection;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use tokio::task::{JoinHandle, spawn_blocking};
use uuid::Uuid;

/// Rows read at a time.
const PAGE: i64 = 2_000;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Leaves that were checked and found good.
    pub leaves: u64,
    /// Contents that were opened and match what was committed to.
    pub contents: u64,
    /// Contents that cannot be read any more, because their key was destroyed.
    pub erased: u64,
    /// Contents that who carried the journal away left sealed, because they are health data. The
    /// record itself withholds none.
    pub withheld: u64,
    /// Checkpoints whose root the leaves make.
    pub seals: u64,
    /// How many leaves the last of them covers.
    pub sealed: i64,
    /// Clôtures whose root they make.
    pub closings: u64,
    /// The first and the last of the days before its first event that were not closed, where that
    /// was the rule when the others were.
    pub unclosed: Option<(NaiveDate, NaiveDate)>,
    /// The first thing wrong, if anything is.
    pub fault: Option<Located>,
}

/// What a journal is opened with.
#[derive(Clone, Copy, Default)]
pub struct Means<'a> {
    /// Opens contents. Without it everything but them is checked.
    pub contents: Option<&'a KeyRing>,
    /// Opens checkpoints. Without it their roots are checked and their signatures are not.
    pub seals: Option<&'a PublicKeys>,
}

/// Re-reads one journal. `progress` is told how many events were read.
pub async fn verify_journal(
    connection: &mut PgConnection,
    journal: &Journal,
    means: Means<'_>,
    mut progress: impl FnMut(u64),
) -> Result<Verdict, FeedError> {
    let mut verdict = Verdict::default();
    let (mut order, mut seals) =
        (Order::default(), Seals::of(Log::from(journal), means.seals.map(|keys| keys.of(journal))));
    let mut page = Page::after(connection, journal, means, 0).await?;
    while let Some(end) = page.end() {
        // Its rows are examined while this one's order is checked.
        let next = Page::after(connection, journal, means, end).await?;
        seals.read_to(connection, end).await?;
        let Page { rows, examined } = page;
        let examined = collect(examined).await?;
        let places = places(connection, journal, &examined).await?;
        for (row, examined) in rows.iter().zip(&examined) {
            let checked = order.check(connection, journal, row, examined, &places).await?;
            let checked = checked
                .and_then(|opened| seals.check(row.position, &row.leaf_hash, &mut verdict).map(|()| opened));
            match checked {
                Ok(opened) => {
                    verdict.leaves += 1;
                    verdict.contents += u64::from(opened == Opened::Yes);
                    verdict.erased += u64::from(opened == Opened::Erased);
                }
                Err(fault) => {
                    let position = i64::try_from(verdict.leaves).unwrap_or(i64::MAX).saturating_add(1);
                    verdict.fault = Some(Located { position, fault });
                    return Ok(verdict);
                }
            }
        }
        progress(verdict.leaves);
        page = next;
    }
    verdict.unclosed = seals.unclosed();
    verdict.fault = check_head(connection, journal, order.last).await?;
    if verdict.fault.is_none()
        && let Some(sealed) = seals.beyond(connection, order.last).await?
        // The program may append and seal while a living journal is re-read.
        && stored_after(connection, journal, order.last, 1).await?.is_empty()
    {
        let fault = Fault::Cut { sealed, found: order.last };
        verdict.fault = Some(Located { position: order.last + 1, fault });
    }
    Ok(verdict)
}

/// The keys of a page, where contents are to be opened; destroyed ones are absent. One that
/// is damaged is the fault of the first event under it, not of the page.
type Ring = BTreeMap<CleId, Result<Arc<DataKey>, String>>;

/// What one row alone shows: the command that its envelope names and what came of its
/// content, or what is wrong with its envelope.
type Examined = Result<(CommandeId, Result<Opened, Fault>), Fault>;

/// Rows that were read, and what they show one by one, which is being found out.
struct Page {
    rows: Arc<Vec<StoredEvent>>,
    examined: Vec<JoinHandle<Vec<Examined>>>,
}

impl Page {
    /// The rows after a position.
    async fn after(
        connection: &mut PgConnection,
        journal: &Journal,
        means: Means<'_>,
        position: i64,
    ) -> Result<Self, FeedError> {
        let rows = Arc::new(stored_after(connection, journal, position, PAGE).await?);
        let ring = match means.contents {
            Some(keys) => {
                Some(ring(connection, keys, &rows.iter().map(|row| CleId(row.key_id)).collect()).await?)
            }
            None => None,
        };
        Ok(Self { examined: examine(journal, &rows, ring.map(Arc::new)), rows })
    }

    fn end(&self) -> Option<i64> {
        self.rows.last().map(|row| row.position)
    }
}

/// Examines the rows of a page, in as many parts as there are cores.
fn examine(
    journal: &Journal,
    rows: &Arc<Vec<StoredEvent>>,
    ring: Option<Arc<Ring>>,
) -> Vec<JoinHandle<Vec<Examined>>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let part = rows.len().div_ceil(cores).max(1);
    let parts = (0..rows.len()).step_by(part).map(|start| {
        let (journal, rows, ring) = (journal.clone(), rows.clone(), ring.clone());
        spawn_blocking(move || {
            rows.iter()
                .skip(start)
                .take(part)
                .map(|row| examine_row(&journal, row, ring.as_deref()))
                .collect()
        })
    });
    parts.collect()
}

async fn collect(parts: Vec<JoinHandle<Vec<Examined>>>) -> Result<Vec<Examined>, FeedError> {
    let mut examined = Vec::new();
    for part in parts {
        examined.extend(part.await.map_err(|_| FeedError::Database(sqlx::Error::WorkerCrashed))?);
    }
    Ok(examined)
}

fn examine_row(journal: &Journal, row: &StoredEvent, ring: Option<&Ring>) -> Examined {
    let envelope = check_leaf(journal, row)?;
    let content = match ring.map(|ring| ring.get(&CleId(row.key_id))) {
        None => Ok(Opened::NotAsked),
        Some(None) => Ok(Opened::Erased),
        Some(Some(Err(reason))) => Err(Fault::Content(reason.clone())),
        Some(Some(Ok(key))) => check_content(key, row, &envelope).map(|()| Opened::Yes),
    };
    Ok((envelope.command_id, content))
}

/// Positions are given after an envelope is hashed, so it cannot tell its own: the answer
/// to its command does.
async fn places(
    connection: &mut PgConnection,
    journal: &Journal,
    examined: &[Examined],
) -> Result<HashMap<Uuid, (i64, i64)>, FeedError> {
    let mut commands: Vec<_> = examined.iter().flatten().map(|(command, _)| command.0).collect();
    commands.dedup();
    let rows: Vec<(Uuid, i64, i64)> = sqlx::query_as(
        "SELECT id, first_position, last_position FROM ledger.commands
         WHERE id = ANY ($1) AND portail = $2 AND annee = $3",
    )
    .bind(commands)
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(command, first, last)| (command, (first, last))).collect())
}

async fn ring(
    connection: &mut PgConnection,
    keys: &KeyRing,
    ids: &BTreeSet<CleId>,
) -> Result<Ring, FeedError> {
    if let Ok(ring) = keys.for_ids(&mut *connection, ids).await {
        return Ok(ring.into_iter().map(|(id, key)| (id, Ok(key))).collect());
    }
    let mut ring = BTreeMap::new();
    for id in ids {
        match keys.for_ids(&mut *connection, &BTreeSet::from([*id])).await {
            Ok(alone) => ring.extend(alone.into_iter().map(|(id, key)| (id, Ok(key)))),
            Err(SealError::Database(error)) => return Err(error.into()),
            Err(error) => drop(ring.insert(*id, Err(error.to_string()))),
        }
    }
    Ok(ring)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opened {
    Yes,
    Erased,
    NotAsked,
}

fn check_leaf(journal: &Journal, row: &StoredEvent) -> Result<Envelope, Fault> {
    if leaf_hash(row.metadata.as_bytes()).as_slice() != row.leaf_hash {
        return Err(Fault::Leaf);
    }
    let envelope: Envelope = serde_json::from_str(&row.metadata).map_err(|_| Fault::Envelope)?;
    let columns = [
        ("portail", envelope.portail == journal.portail && row.portail == journal.portail.as_str()),
        ("annee", envelope.annee == journal.annee && row.annee == journal.annee.0),
        ("aggregate_type", envelope.stream.kind == row.aggregate_type),
        ("aggregate_id", envelope.stream.id == row.aggregate_id),
        ("sequence", i64::try_from(envelope.sequence).ok() == Some(row.sequence)),
        ("event_type", envelope.event_type == row.event_type),
        ("event_version", envelope.version.to_string() == row.event_version),
        ("key_id", envelope.key_id.0 == row.key_id),
    ];
    if let Some((name, _)) = columns.into_iter().find(|(_, same)| !same) {
        return Err(Fault::Column(name));
    }
    if digest_of_text(&row.payload) != envelope.ct_sha256 {
        return Err(Fault::Ciphertext);
    }
    Ok(envelope)
}

fn check_content(key: &DataKey, row: &StoredEvent, envelope: &Envelope) -> Result<(), Fault> {
    let content = |reason: String| Fault::Content(reason);
    let clear = open(&key.bytes, envelope.event_id, &row.payload, &envelope.commit)
        .map_err(|error| content(error.to_string()))?;
    let payload: Payload =
        serde_json::from_slice(&clear).map_err(|_| content("it is not the JSON of an event".to_owned()))?;
    if payload.name == envelope.event_type {
        Ok(())
    } else {
        Err(content("it is of another type than its envelope says".to_owned()))
    }
}

/// A content in the clear, as far as the envelope tells it.
#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(rename = "type", borrow)]
    name: Cow<'a, str>,
}

async fn check_head(
    connection: &mut PgConnection,
    journal: &Journal,
    found: i64,
) -> Result<Option<Located>, FeedError> {
    let head: Option<i64> =
        sqlx::query_scalar("SELECT position FROM ledger.journal WHERE portail = $1 AND annee = $2")
            .bind(journal.portail.as_str())
            .bind(journal.annee.0)
            .fetch_optional(&mut *connection)
            .await?;
    let head = head.unwrap_or_default();
    // The program may append while a living journal is re-read.
    let missing = head > found && stored_after(connection, journal, found, 1).await?.is_empty();
    Ok((head < found || missing)
        .then_some(Located { position: found + 1, fault: Fault::Head { head, found } }))
}
