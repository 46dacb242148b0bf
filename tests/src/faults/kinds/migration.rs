//! A migration that is killed half-way, on a database of its own.

use crate::faults::report::Round;
use crate::faults::site::Site;
use crate::faults::wait;
use anyhow::{Context, Result, ensure};
use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::time::{Duration, Instant};

/// The database that is migrated.
const DATABASE: &str = "half_migrated";
/// A schema that the second file makes: who holds its name keeps that file waiting.
const HELD: &str = "CREATE SCHEMA absences";
/// How long the migration may take to get there.
const PATIENCE: Duration = Duration::from_secs(30);

/// `ent migrer` is killed while one of its files waits for a lock; what the file had done
/// is undone, and the next `ent migrer` finishes.
pub async fn killed(site: &mut Site) -> Result<Round> {
    let owner: PgConnectOptions = site.postgres.owner_url()?.expose_secret().parse()?;
    let mut admin = owner.connect().await?;
    sqlx::raw_sql(&format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")).execute(&mut admin).await?;
    sqlx::raw_sql(&format!("CREATE DATABASE {DATABASE}")).execute(&mut admin).await?;
    let mut holder = owner.clone().database(DATABASE).connect().await?;
    sqlx::raw_sql(&format!("BEGIN; {HELD}")).execute(&mut holder).await?;
    let mut migration = migrate(site)?.spawn()?;
    let waits = wait::until("the migration to wait for the lock", PATIENCE, async || {
        let waiting: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock')",
        )
        .bind(DATABASE)
        .fetch_one(&mut admin)
        .await?;
        Ok(waiting.then_some(()))
    });
    waits.await?;
    migration.start_kill()?;
    migration.wait().await?;
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await?;
    let killed = Instant::now();
    let ended = migrate(site)?.status().await?;
    ensure!(ended.success(), "ent migrer: {ended}; see {}", site.path("commands.log").display());
    let breaches = unfinished(&mut holder).await?;
    holder.close().await?;
    sqlx::raw_sql(&format!("DROP DATABASE {DATABASE} WITH (FORCE)")).execute(&mut admin).await?;
    admin.close().await?;
    Ok(Round::found(killed.elapsed(), breaches))
}

fn migrate(site: &Site) -> Result<tokio::process::Command> {
    let mut command = site.command(&["migrer"])?;
    for (name, url) in
        [("DATABASE_URL", site.postgres.app_url()?), ("ENT_DATABASE_OWNER_URL", site.postgres.owner_url()?)]
    {
        let (before, after) = url.expose_secret().split_once("/ent?").context("an unknown database")?;
        command.env(name, format!("{before}/{DATABASE}?{after}"));
    }
    Ok(command)
}

/// Files that are not applied, or not wholly.
async fn unfinished(database: &mut PgConnection) -> Result<Vec<String>> {
    let latest: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
        .fetch_one(&mut *database)
        .await?;
    let half: i64 = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations WHERE NOT success")
        .fetch_one(database)
        .await?;
    let whole = latest == Some(migrations::latest()) && half == 0;
    Ok((!whole).then(|| format!("migrated up to {latest:?}, {half} files by half")).into_iter().collect())
}
