//! Where views are replayed: temporary tables, in one transaction that sees the record
//! and the living views at one instant.
//!
//! Once the temporary tables are made, the session is read-only: PostgreSQL lets it
//! write to those tables and to nothing else, whatever its role may do.

use crate::connection::Source;
use crate::obstacle::Obstacle;
use crate::progress;
use async_trait::async_trait;
use domain::PortailId;
use ledger::feed::{Content, Fact, heads};
use ledger::keys::KeyRing;
use ledger::unit::Position;
use projections::aside::Aside;
use projections::replay::{AsOf, Scratch};
use projections::{Forget, Projection, ProjectionError};
use sqlx::postgres::PgTransactionManager;
use sqlx::{PgConnection, TransactionManager};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// Begins a transaction that sees the record as it is at this instant, and writes nothing.
pub const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
/// SQLSTATE of what a role may not do.
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// Views being replayed.
pub struct Replay {
    scratch: Scratch,
    keys: KeyRing,
    erased: Arc<Mutex<BTreeSet<Position>>>,
    /// Living tables that are read in the snapshot.
    held: Vec<String>,
}

impl Replay {
    /// Empty copies of these views, in a snapshot of the record. Only the journals of
    /// `portail` will be followed, if there is one.
    pub async fn open(
        source: &Source,
        views: impl IntoIterator<Item = Arc<dyn Projection>>,
        portail: Option<&PortailId>,
    ) -> Result<Self, Obstacle> {
        if !source.has_keys() {
            return Err(Obstacle::NoKek);
        }
        let pool = source.scratch_pool().await?;
        let mut connection = pool.acquire().await?;
        let keys = source.keys(&mut connection).await?.ok_or(Obstacle::NoKek)?;
        drop(connection);
        let erased = Arc::default();
        let followed = |view| -> Arc<dyn Projection> {
            Arc::new(Followed { view, portail: portail.cloned(), erased: Arc::clone(&erased) })
        };
        let views = views.into_iter().map(followed).collect();
        let mut scratch = Scratch::new(&pool, views).await.map_err(refused)?;
        sqlx::query("SET default_transaction_read_only = on").execute(scratch.connection()).await?;
        let mut replay = Self { scratch, keys, erased, held: Vec::new() };
        replay.begin().await?;
        Ok(replay)
    }

    async fn begin(&mut self) -> Result<(), sqlx::Error> {
        PgTransactionManager::begin(self.connection(), Some(SNAPSHOT.into())).await?;
        // Before the first query, which takes the snapshot.
        for table in self.held.clone() {
            let lock = format!("LOCK TABLE {table} IN ACCESS SHARE MODE");
            sqlx::query(&lock).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Looks again, and from now on keeps these living tables in their place: a view that is
    /// rebuilt meanwhile takes it afterwards, else the snapshot would show its new tables
    /// empty.
    pub async fn hold(&mut self, living: impl IntoIterator<Item = String>) -> Result<(), sqlx::Error> {
        self.held = living.into_iter().collect();
        self.refresh().await
    }

    /// Looks again: a snapshot of now.
    pub async fn refresh(&mut self) -> Result<(), sqlx::Error> {
        PgTransactionManager::rollback(self.connection()).await?;
        self.begin().await
    }

    /// Follows the record, or that part of it.
    pub async fn follow(&mut self, as_of: Option<AsOf>) -> Result<(), Obstacle> {
        let total: i64 = heads(self.connection()).await?.iter().map(|(_, head)| head).sum();
        let bar = progress::bar(u64::try_from(total).unwrap_or_default(), "rejeu");
        let followed = self.scratch.replay(&self.keys, as_of, |read| bar.set_position(read)).await;
        bar.finish_and_clear();
        Ok(followed?)
    }

    /// What the views could not follow.
    pub async fn set_aside(&mut self) -> Result<Vec<Aside>, sqlx::Error> {
        self.scratch.set_aside().await
    }

    /// How many of the events followed have lost their content.
    pub fn erased(&self) -> usize {
        self.erased.lock().map_or(0, |erased| erased.len())
    }

    /// The connection in which the temporary tables are.
    pub fn connection(&mut self) -> &mut PgConnection {
        self.scratch.connection()
    }

    /// The replayed views beside the living ones.
    pub fn scratch(&mut self) -> &mut Scratch {
        &mut self.scratch
    }
}

fn refused(error: sqlx::Error) -> Obstacle {
    let code = error.as_database_error().and_then(|error| error.code());
    if code.is_some_and(|code| code == INSUFFICIENT_PRIVILEGE) {
        Obstacle::NoTemporary
    } else {
        Obstacle::Database(error)
    }
}

/// A view that follows some journals only, and counts what has lost its content.
struct Followed {
    view: Arc<dyn Projection>,
    portail: Option<PortailId>,
    erased: Arc<Mutex<BTreeSet<Position>>>,
}

#[async_trait]
impl Projection for Followed {
    fn name(&self) -> &'static str {
        self.view.name()
    }

    fn version(&self) -> i32 {
        self.view.version()
    }

    fn tables(&self) -> &'static [&'static str] {
        self.view.tables()
    }

    fn forgets(&self) -> &'static [Forget] {
        self.view.forgets()
    }

    fn hears(&self) -> &'static [&'static str] {
        self.view.hears()
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        self.apply_all(&[fact], tx).await
    }

    async fn apply_all(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let asked = |fact: &&&Fact| self.portail.as_ref().is_none_or(|one| *one == fact.position.portail);
        let facts: Vec<&Fact> = facts.iter().filter(asked).copied().collect();
        if let Ok(mut erased) = self.erased.lock() {
            let lost = facts.iter().filter(|fact| matches!(fact.content, Content::Erased));
            erased.extend(lost.map(|fact| fact.position.clone()));
        }
        self.view.apply_all(&facts, tx).await
    }
}
