//! The schema of the database: timestamped SQL under `sql/`, applied in order and
//! never edited afterwards. One Postgres schema per context for read models,
//! `ledger` for the record.

use sqlx::{PgPool, migrate::Migrator};

static MIGRATOR: Migrator = sqlx::migrate!("./sql");

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
#[error("the database schema cannot be migrated")]
pub struct MigrationFault(#[from] sqlx::migrate::MigrateError);

/// Brings the schema up to date. `owner` connects as the role that owns it.
///
/// Runs under an advisory lock: of several programs started together one migrates and
/// the others wait. Each file is one transaction, so a migration that is killed
/// half-way has not begun. Refuses a database whose applied files differ from these.
pub async fn migrate(owner: &PgPool) -> Result<(), MigrationFault> {
    MIGRATOR.run(owner).await?;
    tracing::info!(latest = latest(), "database schema is up to date");
    Ok(())
}

/// Version of the newest file.
pub fn latest() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Tells these files from any others: a database made of others has another schema. As long
/// however many they are, for it stands in names, which PostgreSQL cuts at 63 bytes.
pub fn fingerprint() -> String {
    let mut mixed = [0_u8; 16];
    for migration in MIGRATOR.iter() {
        mixed.iter_mut().zip(migration.checksum.iter()).for_each(|(mixed, byte)| *mixed ^= byte);
    }
    mixed.iter().map(|byte| format!("{byte:02x}")).collect()
}
