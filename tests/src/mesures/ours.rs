//! Our record on a database of its own, with the program's usual number of sessions.

use super::ground::Place;
use super::rolls::{history, stream};
use crate::acts;
use anyhow::Result;
use commands::cqrs::{tell, tell_alone};
use domain::absences::{Appel, AppelCommand};
use domain::{AppelId, CommandeId, Event};
use futures::stream::{self, TryStreamExt};
use ledger::Ledger;
use ledger::clock::{Clock, SystemClock};
use ledger::kek::FileKek;
use ledger::keys::KeyRing;
use ledger::store::UnitRepository;
use ledger::unit::{Context, Recorded, Unit};
use sqlx::postgres::PgPoolOptions;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// Sessions of the program, unless it is told otherwise.
const SESSIONS: u32 = 16;
/// The key file, in a folder of its own.
const KEK_FILE: &str = "kek.json";
/// Units in flight while histories are written.
const FILLERS: usize = 256;

/// See the module.
#[derive(Clone)]
pub struct Ours {
    /// The record.
    pub ledger: Ledger,
    /// The data keys.
    pub keys: KeyRing,
    context: Arc<Context>,
    secrets: Arc<TempDir>,
}

impl Ours {
    /// Opens the record of a migrated database.
    pub fn open(place: &Place) -> Result<Self> {
        let secrets = tempfile::tempdir()?;
        let kek = FileKek::create(&secrets.path().join(KEK_FILE), |key| rand::fill(key))?;
        // As in the program, a session that worked a moment ago is taken at its word.
        let sessions = PgPoolOptions::new().max_connections(SESSIONS).test_before_acquire(false);
        let sessions = sessions.connect_lazy_with(place.app.clone());
        let keys = KeyRing::new(sessions.clone(), Arc::new(kek));
        let clock = Arc::new(SystemClock);
        let context = acts::context(&acts::PORTAIL.parse()?, &[], clock.now());
        Ok(Self {
            ledger: Ledger::open(sessions, keys.clone(), clock),
            keys,
            context: Arc::new(context),
            secrets: Arc::new(secrets),
        })
    }

    /// One use case: an aggregate decides through cqrs-es, what it decided is recorded.
    pub async fn tell(&self, id: AppelId, command: AppelCommand, number: usize) -> Result<()> {
        self.told(id, command, number).await.map(drop)
    }

    /// The same, and where it was recorded.
    pub async fn told(&self, id: AppelId, command: AppelCommand, number: usize) -> Result<Recorded> {
        let begin = || UnitRepository::begin(&self.ledger, self.context("command", number), vec![]);
        let id = id.to_string();
        let tell = |unit| tell::<Appel>(unit, &id, vec![command.clone()]);
        Ok(tell_alone(begin, true, tell).await?.commit().await?)
    }

    /// The key file.
    pub fn kek_file(&self) -> PathBuf {
        self.secrets.path().join(KEK_FILE)
    }

    /// Writes so many histories, a unit for each.
    pub async fn fill(&self, rolls: usize) -> Result<()> {
        stream::iter((0..rolls).map(anyhow::Ok))
            .try_for_each_concurrent(FILLERS, |roll| async move {
                let (id, events) = history(roll);
                let mut unit = Unit::new(self.context("history", roll), vec![]);
                for (event, sequence) in events.into_iter().zip(1..) {
                    let payload = serde_json::to_vec(&event)?;
                    unit.stage(stream(id), sequence, &Event::Appel(event), payload);
                }
                self.ledger.append(unit).await?;
                Ok(())
            })
            .await
    }

    fn context(&self, kind: &str, number: usize) -> Context {
        let command_id = CommandeId::derived(&[kind, &number.to_string()]);
        Context { command_id, ..(*self.context).clone() }
    }
}
