//! Facts that views read together: a page of a journal is read, opened and decoded once
//! for all views that come by its beginning.
//!
//! Views that keep up do come by the same places, since each goes on where its page
//! ended; so do those that an import has left behind together. Far behind, one that hears
//! little of its page leaps over what it does not hear. In a rebuild a view is alone: it reads
//! for itself, and only the kinds that it hears.

use crate::Projection;
use ledger::feed::{Fact, FeedError, Journal, facts_after};
use ledger::keys::KeyRing;
use moka::sync::Cache;
use sqlx::PgConnection;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// Facts in one transaction.
pub const BATCH: i64 = 500;
/// Pages that are kept, of all journals together.
const PAGES: u64 = 64;
/// Stretches of which it is kept what they tell of.
const STRETCHES: u64 = 64;
/// A view hears little of a page of which it does not hear one fact in so many.
const LITTLE: usize = 8;
/// How long a page is kept: contents in the clear stay no longer than all views need.
const KEPT: Duration = Duration::from_secs(1);

type Page = Arc<Vec<Fact>>;

/// Kinds of streams.
type Kinds = Arc<BTreeSet<String>>;

/// See the module. Cheap to clone: clones share their pages.
#[derive(Clone)]
pub struct Pages {
    keys: KeyRing,
    /// By where they begin: after this position of this journal, as it was after so many
    /// erasures. A cell is filled by the
    /// first view that comes, while the others wait for it.
    recent: Cache<(Journal, i64, u64), Arc<OnceCell<Page>>>,
    /// What stretches tell of, by where they begin and end. The record does not change.
    kinds: Cache<(Journal, i64, i64), Arc<OnceCell<Kinds>>>,
    /// Whether other views come by the same places even far behind.
    abreast: bool,
}

/// What a view follows in one transaction.
#[derive(Default)]
pub struct Batch {
    pages: Vec<Page>,
    /// How far it has read afterwards.
    pub reached: i64,
}

impl Batch {
    /// The facts that a view hears, in order.
    pub fn heard_by(&self, projection: &dyn Projection) -> Vec<&Fact> {
        let kinds = projection.hears();
        let heard = |fact: &&Fact| kinds.is_empty() || kinds.contains(&fact.envelope.stream.kind.as_str());
        self.pages.iter().flat_map(|page| page.iter()).filter(heard).collect()
    }

    fn add(&mut self, page: Page) {
        if let Some(last) = page.last() {
            self.reached = last.position.position;
        }
        self.pages.push(page);
    }
}

impl Pages {
    /// No page is read yet.
    pub fn new(keys: KeyRing) -> Self {
        let recent = Cache::builder().max_capacity(PAGES).time_to_live(KEPT).build();
        Self { keys, recent, kinds: Cache::new(STRETCHES), abreast: true }
    }

    /// The same keys, and pages that nobody shares: for who comes by other places.
    pub fn apart(&self) -> Self {
        Self { abreast: false, ..Self::new(self.keys.clone()) }
    }

    /// The keys that open what is read.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// What a view that stands at `position` follows next, of a journal that goes to `head`,
    /// as it is after so many erasures.
    pub async fn after(
        &self,
        connection: &mut PgConnection,
        erasures: u64,
        journal: &Journal,
        position: i64,
        head: i64,
        projection: &dyn Projection,
    ) -> Result<Batch, FeedError> {
        self.keys.learn(erasures);
        let far_behind = head - position > BATCH;
        if far_behind && !self.abreast {
            return self.alone(connection, journal, position, head, projection).await;
        }
        // What cannot be read, of a kind that this view does not hear, is no matter to it.
        let Ok(page) = self.page(connection, erasures, journal, position).await else {
            return self.alone(connection, journal, position, head, projection).await;
        };
        let facts = page.len();
        let mut batch = Batch { pages: Vec::new(), reached: position };
        batch.add(page);
        if far_behind && batch.heard_by(projection).len() * LITTLE < facts {
            return self.leap(connection, journal, position, head, projection).await;
        }
        // Others may have gone on meanwhile, page by page.
        while batch.reached < position + BATCH {
            let next = self.recent.get(&(journal.clone(), batch.reached, erasures));
            let Some(page) = next.and_then(|cell| cell.get().cloned()) else { break };
            batch.add(page);
        }
        Ok(batch)
    }

    /// A page of facts of every kind; never an empty one, for there is more to read.
    async fn page(
        &self,
        connection: &mut PgConnection,
        erasures: u64,
        journal: &Journal,
        position: i64,
    ) -> Result<Page, FeedError> {
        let cell = self.recent.get_with((journal.clone(), position, erasures), Arc::default);
        let read = async {
            let facts = facts_after(connection, &self.keys, journal, position, &[], BATCH).await?;
            Ok(Arc::new(facts))
        };
        cell.get_or_try_init(|| read).await.cloned()
    }

    /// The next facts of the kinds that a view hears, if there are any up to `head`.
    async fn leap(
        &self,
        connection: &mut PgConnection,
        journal: &Journal,
        position: i64,
        head: i64,
        projection: &dyn Projection,
    ) -> Result<Batch, FeedError> {
        let cell = self.kinds.get_with((journal.clone(), position, head), Arc::default);
        let read = async { kinds(connection, journal, position, head).await.map(Arc::new) };
        let told = cell.get_or_try_init(|| read).await?.clone();
        if projection.hears().iter().any(|kind| told.contains(*kind)) {
            self.alone(connection, journal, position, head, projection).await
        } else {
            Ok(Batch { pages: Vec::new(), reached: head })
        }
    }

    /// Facts of the kinds that one view hears; of the others it reads nothing.
    async fn alone(
        &self,
        connection: &mut PgConnection,
        journal: &Journal,
        position: i64,
        head: i64,
        projection: &dyn Projection,
    ) -> Result<Batch, FeedError> {
        let kinds = projection.hears();
        let facts = facts_after(connection, &self.keys, journal, position, kinds, BATCH).await?;
        let full = i64::try_from(facts.len()).is_ok_and(|read| read == BATCH);
        let reached = match facts.last() {
            Some(last) if full => last.position.position,
            Some(last) => head.max(last.position.position),
            None => head,
        };
        Ok(Batch { pages: vec![Arc::new(facts)], reached })
    }
}

/// The kinds of streams that a stretch of a journal tells of.
pub async fn kinds(
    connection: &mut PgConnection,
    journal: &Journal,
    after: i64,
    head: i64,
) -> Result<BTreeSet<String>, sqlx::Error> {
    let kinds: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT aggregate_type FROM ledger.events
         WHERE portail = $1 AND annee = $2 AND position > $3 AND position <= $4",
    )
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .bind(after)
    .bind(head)
    .fetch_all(connection)
    .await?;
    Ok(kinds.into_iter().collect())
}
