//! Where measures are made: a private PostgreSQL with fsync on, as `ent` starts it, and a
//! fresh database for each measure.

use super::cpu;
use anyhow::{Context, Result};
use api::postgres::{Options, Serveur};
use secrecy::ExposeSecret;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// See the module.
pub struct Ground {
    serveur: Serveur,
    number: AtomicU32,
    /// Held until the server has stopped.
    _directory: TempDir,
}

/// A database, and how to enter it.
#[derive(Debug, Clone)]
pub struct Place {
    /// As who owns it.
    pub owner: PgConnectOptions,
    /// As the program at work.
    pub app: PgConnectOptions,
    /// As the auditor.
    pub auditor: PgConnectOptions,
}

/// CPU spent so far, here and by PostgreSQL.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    /// By this process.
    pub here: Duration,
    /// By PostgreSQL, all its processes together.
    pub postgres: Duration,
}

impl Spent {
    /// What was spent since `before`.
    pub fn since(self, before: Self) -> Self {
        Self {
            here: self.here.saturating_sub(before.here),
            postgres: self.postgres.saturating_sub(before.postgres),
        }
    }
}

impl Ground {
    /// Starts the server.
    pub async fn prepare() -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let serveur = Serveur::start(directory.path(), Options::default()).await.context("PostgreSQL")?;
        Ok(Self { serveur, number: AtomicU32::new(1), _directory: directory })
    }

    /// A fresh database with nothing in it.
    pub async fn empty(&self) -> Result<Place> {
        let owner: PgConnectOptions = self.serveur.owner_url().expose_secret().parse()?;
        let app: PgConnectOptions = self.serveur.app_url().expose_secret().parse()?;
        let auditor: PgConnectOptions = self.serveur.auditor_url().expose_secret().parse()?;
        let name = format!("mesure_{}", self.number.fetch_add(1, Ordering::Relaxed));
        let mut admin = owner.connect().await?;
        sqlx::raw_sql(&format!("CREATE DATABASE {name}")).execute(&mut admin).await?;
        admin.close().await?;
        Ok(Place { owner: owner.database(&name), app: app.database(&name), auditor: auditor.database(&name) })
    }

    /// A fresh database with today's schema.
    pub async fn migrated(&self) -> Result<Place> {
        let place = self.empty().await?;
        let owner = pool(&place.owner, 1);
        migrations::migrate(&owner).await?;
        owner.close().await;
        Ok(place)
    }

    /// The version of the server.
    pub async fn version(&self) -> Result<String> {
        let owner: PgConnectOptions = self.serveur.owner_url().expose_secret().parse()?;
        let mut session = owner.connect().await?;
        let version = sqlx::query_scalar("SHOW server_version").fetch_one(&mut session).await?;
        session.close().await?;
        Ok(version)
    }

    /// CPU spent so far.
    pub fn spent(&self) -> Result<Spent> {
        let postmaster = self.serveur.pid().context("PostgreSQL has stopped")?;
        Ok(Spent { here: cpu::of_self()?, postgres: cpu::of_tree(postmaster)? })
    }

    /// Writes out what earlier measures left in memory, so that the next does not pay it.
    pub async fn settle(&self) -> Result<()> {
        let owner: PgConnectOptions = self.serveur.owner_url().expose_secret().parse()?;
        let mut session = owner.connect().await?;
        sqlx::raw_sql("CHECKPOINT").execute(&mut session).await?;
        Ok(session.close().await?)
    }

    /// Stops the server.
    pub async fn leave(self) -> Result<()> {
        Ok(self.serveur.stop().await?)
    }
}

/// So many sessions, opened as they are needed.
pub fn pool(options: &PgConnectOptions, sessions: u32) -> PgPool {
    PgPoolOptions::new().max_connections(sessions).connect_lazy_with(options.clone())
}
