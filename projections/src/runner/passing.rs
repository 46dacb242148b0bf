//! Views pass over together what none of them hears.
//!
//! Most views hear nothing of most acts. Each by itself would take a transaction of six round trips to
//! move its checkpoint; here one transaction moves them all, and only those are called that have
//! something to follow, or could not be moved now.

use super::RunnerError;
use super::checkpoint::{hold_those_free, journal};
use super::pages::{BATCH, kinds};
use crate::Projection;
use ledger::erasure::COUNT;
use ledger::feed::Journal;
use sqlx::{Acquire, PgConnection};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The longest stretch of which it is asked what it tells of: an import's are of some thousand facts, and
/// in one that is longer views leap by themselves over what they do not hear.
const LOOKED_THROUGH: i64 = 20 * BATCH;

/// How far journals go.
pub type Heads = BTreeMap<Journal, i64>;

/// What a journal has grown by.
#[derive(Debug)]
pub struct Stretch {
    journal: Journal,
    after: i64,
    head: i64,
    /// The kinds of streams that it tells of; not known of a long one.
    kinds: Option<BTreeSet<String>>,
}

/// A view that has passed over a stretch.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passed {
    /// Its name.
    pub view: &'static str,
    /// Of this journal.
    pub journal: Journal,
    /// And has read as far as here.
    pub position: i64,
}

impl Stretch {
    fn concerns(&self, view: &dyn Projection) -> bool {
        let Some(kinds) = &self.kinds else { return true };
        let heard = view.hears();
        heard.is_empty() || heard.iter().any(|kind| kinds.contains(*kind))
    }
}

/// How the journals have grown since they went as far as `known`, which is told.
pub async fn grown(connection: &mut PgConnection, known: &mut Heads) -> Result<Vec<Stretch>, RunnerError> {
    let rows: Vec<(String, i16, i64)> = sqlx::query_as("SELECT portail, annee, position FROM ledger.journal")
        .fetch_all(&mut *connection)
        .await?;
    let mut stretches = Vec::new();
    for (portail, annee, head) in rows {
        let journal = journal(&portail, annee)?;
        let before = known.insert(journal.clone(), head);
        if before != Some(head) {
            let kinds = match before {
                Some(after) if head - after <= LOOKED_THROUGH => {
                    Some(kinds(connection, &journal, after, head).await?)
                }
                _ => None,
            };
            stretches.push(Stretch { journal, after: before.unwrap_or_default(), head, kinds });
        }
    }
    Ok(stretches)
}

/// Moves the views that hear nothing of these stretches behind them: each that stands inside one, is
/// in its version, was purged after every erasure, and that nobody else moves or switches now.
pub async fn pass(
    connection: &mut PgConnection,
    views: &[Arc<dyn Projection>],
    stretches: &[Stretch],
) -> Result<BTreeSet<Passed>, RunnerError> {
    let mut idle: Vec<(&Arc<dyn Projection>, &Stretch)> = Vec::new();
    for stretch in stretches {
        idle.extend(views.iter().filter(|view| !stretch.concerns(&***view)).map(|view| (view, stretch)));
    }
    if idle.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut tx = connection.begin().await?;
    let free = hold_those_free(&mut tx, idle.iter().map(|(view, _)| view.name()).collect()).await?;
    idle.retain(|(view, _)| free.contains(view.name()));
    let sql = format!(
        "WITH passing AS MATERIALIZED (
             SELECT c.projection, c.version, c.portail, c.annee, p.head
             FROM unnest($1::text[], $2::int[], $3::text[], $4::smallint[], $5::bigint[], $6::bigint[])
                  AS p (projection, version, portail, annee, after, head)
             JOIN version v USING (projection, version)
             JOIN checkpoint c USING (projection, version, portail, annee)
             WHERE v.purged >= {COUNT} AND c.position >= p.after AND c.position < p.head
             FOR UPDATE OF c SKIP LOCKED)
         UPDATE checkpoint c SET position = p.head FROM passing p
         WHERE c.projection = p.projection AND c.version = p.version
           AND c.portail = p.portail AND c.annee = p.annee
         RETURNING c.projection, c.portail, c.annee, c.position"
    );
    let rows: Vec<(String, String, i16, i64)> = sqlx::query_as(&sql)
        .bind(idle.iter().map(|(view, _)| view.name()).collect::<Vec<_>>())
        .bind(idle.iter().map(|(view, _)| view.version()).collect::<Vec<_>>())
        .bind(idle.iter().map(|(_, stretch)| stretch.journal.portail.as_str()).collect::<Vec<_>>())
        .bind(idle.iter().map(|(_, stretch)| stretch.journal.annee.0).collect::<Vec<_>>())
        .bind(idle.iter().map(|(_, stretch)| stretch.after).collect::<Vec<_>>())
        .bind(idle.iter().map(|(_, stretch)| stretch.head).collect::<Vec<_>>())
        .fetch_all(&mut *tx)
        .await?;
    tx.commit().await?;
    let moved = rows.into_iter().filter_map(|(view, portail, annee, position)| {
        let view = views.iter().find(|known| known.name() == view)?.name();
        Some(journal(&portail, annee).map(|journal| Passed { view, journal, position }))
    });
    moved.collect()
}

/// The views that have something to follow themselves.
pub fn called(
    views: &[Arc<dyn Projection>],
    stretches: &[Stretch],
    passed: &BTreeSet<Passed>,
) -> BTreeSet<&'static str> {
    let has_passed = |view: &'static str, stretch: &Stretch| {
        let (journal, position) = (stretch.journal.clone(), stretch.head);
        passed.contains(&Passed { view, journal, position })
    };
    let views = views.iter().map(|view| view.name());
    views.filter(|view| stretches.iter().any(|stretch| !has_passed(view, stretch))).collect()
}
