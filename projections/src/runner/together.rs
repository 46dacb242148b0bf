//! Views follow together what has just been recorded.
//!
//! By itself a view asks the database some nine times to follow an act, and some six to pass over one
//! that it does not hear. Here one transaction holds all views, follows with each what it hears of the
//! journals that have grown by little, and moves all checkpoints. What stands in the way of that (a view
//! that is rebuilt, is to be purged, has something set aside or has far to go; a fact that somebody cannot
//! follow) is left to each view by itself: those are called that have not gone along.

use super::RunnerError;
use super::batch::{readable, tell_of};
use super::checkpoint::{hold_those_free, journal};
use super::pages::{Batch, Pages};
use crate::Projection;
use ledger::erasure::COUNT;
use ledger::feed::{Fact, Journal};
use sqlx::{Acquire, PgConnection};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// How long the views that go together wait for one that moves by itself.
const PATIENCE: &str = "SET LOCAL lock_timeout = '100ms'";

/// Facts in one transaction. An import brings more: each view then follows it beside the others, and the
/// acts of everybody else do not wait for it.
const FEW: i64 = 100;

/// How far journals go.
pub type Heads = BTreeMap<Journal, i64>;

/// What a journal has grown by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    journal: Journal,
    /// Where it begins; not known of a journal that is seen for the first time.
    after: Option<i64>,
    head: i64,
}

/// A view that has read as far as a journal went.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moved {
    /// Its name.
    pub view: &'static str,
    /// Of this journal.
    pub journal: Journal,
    /// And has read as far as here.
    pub position: i64,
}

/// Where views stand in the stretches that they may follow now.
struct Standing {
    positions: HashMap<(String, Journal), i64>,
    /// How many erasures there have been, after all of which these views were purged.
    erasures: u64,
}

impl Standing {
    /// How far a view has read the journal of a stretch that it may follow.
    fn of(&self, view: &dyn Projection, stretch: &Stretch) -> Option<i64> {
        self.positions.get(&(view.name().to_owned(), stretch.journal.clone())).copied()
    }
}

impl Stretch {
    /// By how many facts; none if it is a long one.
    fn length(&self) -> Option<i64> {
        self.after.map(|after| self.head - after).filter(|length| *length <= FEW)
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
        let after = known.insert(journal.clone(), head);
        if after != Some(head) {
            stretches.push(Stretch { journal, after, head });
        }
    }
    Ok(stretches)
}

/// Follows short stretches with all views that can; says which of them have read to their end.
pub async fn follow_together(
    connection: &mut PgConnection,
    pages: &Pages,
    views: &[Arc<dyn Projection>],
    stretches: &[Stretch],
) -> Result<BTreeSet<Moved>, RunnerError> {
    let mut moved = BTreeSet::new();
    for convoy in convoys(stretches) {
        match attempt(connection, pages, views, &convoy).await {
            Ok(views) => moved.extend(views),
            Err(error) if error.is_away() => return Err(error),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::debug!(error, journals = convoy.len(), "each view follows these by itself");
            }
        }
    }
    Ok(moved)
}

/// Short stretches, by as many at a time as are followed together.
fn convoys(stretches: &[Stretch]) -> Vec<Vec<&Stretch>> {
    let mut convoys: Vec<Vec<&Stretch>> = Vec::new();
    let mut room = 0;
    for stretch in stretches {
        let Some(length) = stretch.length() else { continue };
        if length > room {
            convoys.push(Vec::new());
            room = FEW;
        }
        room -= length;
        if let Some(last) = convoys.last_mut() {
            last.push(stretch);
        }
    }
    convoys
}

async fn attempt(
    connection: &mut PgConnection,
    pages: &Pages,
    views: &[Arc<dyn Projection>],
    stretches: &[&Stretch],
) -> Result<BTreeSet<Moved>, RunnerError> {
    let mut tx = connection.begin().await?;
    sqlx::query(PATIENCE).execute(&mut *tx).await?;
    let free = hold_those_free(&mut tx, views.iter().map(|view| view.name()).collect()).await?;
    let standing = stand(&mut tx, views, &free, stretches).await?;
    if standing.positions.is_empty() {
        return Ok(BTreeSet::new());
    }
    let batches = read(&mut tx, pages, views, stretches, &standing).await?;
    let mut heard: Vec<(&Arc<dyn Projection>, Vec<&Fact>)> = Vec::new();
    for view in views {
        let ahead = stretches.iter().zip(&batches).filter_map(|(stretch, batch)| {
            let read = standing.of(&**view, stretch)?;
            let facts = batch.heard_by(&**view).into_iter();
            Some(facts.filter(move |fact| (read + 1..=stretch.head).contains(&fact.position.position)))
        });
        let facts: Vec<_> = ahead.flatten().collect();
        if !facts.is_empty() {
            facts.iter().try_for_each(|fact| readable(fact)).map_err(RunnerError::View)?;
            view.apply_all(&facts, &mut tx).await.map_err(RunnerError::View)?;
            heard.push((view, facts));
        }
    }
    let moved = go_on(&mut tx, views, stretches, &standing).await?;
    tx.commit().await?;
    heard.iter().for_each(|(view, facts)| tell_of(&***view, facts));
    Ok(moved)
}

/// What these stretches tell. Who comes second, after another process, reads nothing of them.
async fn read(
    tx: &mut PgConnection,
    pages: &Pages,
    views: &[Arc<dyn Projection>],
    stretches: &[&Stretch],
    standing: &Standing,
) -> Result<Vec<Batch>, RunnerError> {
    let mut batches = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        let Stretch { journal, head, .. } = stretch;
        let after = stretch.after.unwrap_or_default();
        let behind = |view: &Arc<dyn Projection>| standing.of(&**view, stretch).is_some_and(|at| at < *head);
        batches.push(if views.iter().any(behind) {
            pages.through(&mut *tx, standing.erasures, journal, after, *head).await?
        } else {
            Batch::default()
        });
    }
    Ok(batches)
}

/// Views in their versions, and stretches up to which they have followed their portals.
const UP_TO_THERE: &str = "FROM unnest($1::text[], $2::int[]) AS v (projection, version)
     CROSS JOIN unnest($3::text[], $4::smallint[], $5::bigint[]) AS p (portail, annee, after)
     JOIN version USING (projection, version)
     JOIN checkpoint c USING (projection, version, portail, annee)
     WHERE c.position >= p.after";

/// Where the views stand, each in its version, that were purged after every erasure, have nothing set
/// aside of these portals and have followed them up to these stretches. Nobody else moves them until the
/// transaction ends. Of a portal's years the oldest comes first.
async fn stand(
    tx: &mut PgConnection,
    views: &[Arc<dyn Projection>],
    free: &HashSet<String>,
    stretches: &[&Stretch],
) -> Result<Standing, RunnerError> {
    let views = views.iter().filter(|view| free.contains(view.name()));
    let (names, versions): (Vec<&str>, Vec<i32>) = views.map(|view| (view.name(), view.version())).unzip();
    let portails: Vec<_> = stretches.iter().map(|stretch| stretch.journal.portail.as_str()).collect();
    let annees: Vec<_> = stretches.iter().map(|stretch| stretch.journal.annee.0).collect();
    let afters: Vec<_> = stretches.iter().map(|stretch| stretch.after.unwrap_or_default()).collect();
    let sql = format!(
        "SELECT c.projection, c.portail, c.annee {UP_TO_THERE}
         ORDER BY c.projection, c.portail, c.annee FOR UPDATE OF c"
    );
    let held: Vec<(String, String, i16)> = sqlx::query_as(&sql)
        .bind(names.as_slice())
        .bind(versions.as_slice())
        .bind(portails.as_slice())
        .bind(annees.as_slice())
        .bind(afters.as_slice())
        .fetch_all(&mut *tx)
        .await?;
    let held: HashSet<_> = held.into_iter().collect();
    // Asked apart, once they are held: a statement that has waited for a row sees everything else as it
    // was before, without what was set aside by who held it.
    let sql = format!(
        "SELECT c.projection, c.portail, c.annee, c.position, {COUNT} {UP_TO_THERE}
           AND version.purged >= {COUNT}
           AND NOT EXISTS (SELECT FROM set_aside s
                           WHERE s.projection = c.projection AND s.version = c.version
                             AND s.portail = c.portail)
           AND NOT EXISTS (SELECT FROM ledger.journal o
                           LEFT JOIN checkpoint oc ON oc.projection = c.projection AND oc.version = c.version
                             AND oc.portail = o.portail AND oc.annee = o.annee
                           WHERE o.portail = c.portail AND o.annee < c.annee
                             AND o.position > coalesce(oc.position, 0))"
    );
    let rows: Vec<(String, String, i16, i64, i64)> = sqlx::query_as(&sql)
        .bind(names.as_slice())
        .bind(versions.as_slice())
        .bind(portails.as_slice())
        .bind(annees.as_slice())
        .bind(afters.as_slice())
        .fetch_all(tx)
        .await?;
    let mut standing = Standing { positions: HashMap::new(), erasures: 0 };
    for (view, portail, annee, position, erasures) in rows {
        let place = (view, portail, annee);
        if held.contains(&place) {
            let (view, portail, annee) = place;
            standing.erasures = erasures.unsigned_abs();
            standing.positions.insert((view, journal(&portail, annee)?), position);
        }
    }
    Ok(standing)
}

/// Moves the views that stand inside these stretches to their ends; those are named too that
/// somebody else has moved there.
async fn go_on(
    tx: &mut PgConnection,
    views: &[Arc<dyn Projection>],
    stretches: &[&Stretch],
    standing: &Standing,
) -> Result<BTreeSet<Moved>, RunnerError> {
    let mut moved = BTreeSet::new();
    for view in views {
        for stretch in stretches.iter().filter(|stretch| standing.of(&**view, stretch).is_some()) {
            let Stretch { journal, head, .. } = stretch;
            moved.insert(Moved { view: view.name(), journal: journal.clone(), position: *head });
        }
    }
    sqlx::query(
        "UPDATE checkpoint c SET position = p.head
         FROM unnest($1::text[], $2::text[], $3::smallint[], $4::bigint[]) AS p (projection, portail, annee, head)
         WHERE c.projection = p.projection AND c.portail = p.portail AND c.annee = p.annee
           AND c.version = (SELECT v.version FROM version v WHERE v.projection = c.projection)
           AND c.position < p.head",
    )
    .bind(moved.iter().map(|moved| moved.view).collect::<Vec<_>>())
    .bind(moved.iter().map(|moved| moved.journal.portail.as_str()).collect::<Vec<_>>())
    .bind(moved.iter().map(|moved| moved.journal.annee.0).collect::<Vec<_>>())
    .bind(moved.iter().map(|moved| moved.position).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(moved)
}

/// The views that have something to follow themselves.
pub fn called(
    views: &[Arc<dyn Projection>],
    stretches: &[Stretch],
    moved: &BTreeSet<Moved>,
) -> BTreeSet<&'static str> {
    let has_moved = |view: &'static str, stretch: &Stretch| {
        let (journal, position) = (stretch.journal.clone(), stretch.head);
        moved.contains(&Moved { view, journal, position })
    };
    let views = views.iter().map(|view| view.name());
    views.filter(|view| stretches.iter().any(|stretch| !has_moved(view, stretch))).collect()
}
