//! The meta-journal: the checkpoints of all journals as leaves of one more log, so that one
//! signed head, witnessed or timestamped, stands for every portal at once.

use super::Sealer;
use super::checkpoints::Sealed;
use super::extend::ExtendFault;
use super::log::Log;
use crate::envelope::leaf_hash;
use chrono::NaiveDate;
use sqlx::{PgConnection, PgTransaction};

/// What is put into the meta-journal.
pub(super) struct Entry<'a> {
    pub portail: &'a str,
    pub annee: i16,
    pub periode: Option<(&'static str, NaiveDate)>,
    pub size: i64,
    pub leaf: String,
}

impl Sealer {
    /// Puts the last checkpoint of every journal into the meta-journal, and seals that; gives
    /// its last checkpoint. For once a day, and whenever something is to be exported.
    pub async fn consign(&self) -> Result<Option<Sealed>, ExtendFault> {
        let mut transaction = hold(&self.pool).await?;
        let newest: Vec<(String, i16, i64, String)> = sqlx::query_as(
            "SELECT portail, annee, size, note FROM (
                 SELECT DISTINCT ON (portail, annee) * FROM ledger.checkpoints WHERE portail <> ''
                 ORDER BY portail, annee, size DESC) c
             WHERE NOT EXISTS (
                 SELECT FROM ledger.meta m
                 WHERE m.periode IS NULL AND (m.portail, m.annee, m.size) = (c.portail, c.annee, c.size))
             ORDER BY portail, annee",
        )
        .fetch_all(&mut *transaction)
        .await?;
        for (portail, annee, size, leaf) in newest {
            let entry = Entry { portail: &portail, annee, periode: None, size, leaf };
            put(&mut transaction, entry).await?;
        }
        transaction.commit().await?;
        self.seal(&Log::Meta).await?;
        Ok(self.checkpoint(&Log::Meta).await?)
    }
}

/// Begins to write into the meta-journal, alone: its positions are dense.
pub(super) async fn hold(pool: &sqlx::PgPool) -> Result<PgTransaction<'static>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('ledger.meta', 0))")
        .execute(&mut *transaction)
        .await?;
    Ok(transaction)
}

/// Puts a leaf at the end of the meta-journal, which the caller holds.
pub(super) async fn put(connection: &mut PgConnection, entry: Entry<'_>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO ledger.meta (position, portail, annee, periode, du, size, leaf, leaf_hash)
         SELECT coalesce(max(position), 0) + 1, $1, $2, $3, $4, $5, $6, $7 FROM ledger.meta",
    )
    .bind(entry.portail)
    .bind(entry.annee)
    .bind(entry.periode.map(|(periode, _)| periode))
    .bind(entry.periode.map(|(_, du)| du))
    .bind(entry.size)
    .bind(&entry.leaf)
    .bind(leaf_hash(entry.leaf.as_bytes()))
    .execute(connection)
    .await?;
    Ok(())
}
