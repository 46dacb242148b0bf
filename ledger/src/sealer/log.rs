//! The logs that are sealed: a journal of each portal and year, and the one of them all.

use super::extend::Leaf;
use crate::feed::Journal;
use crate::tlog::Origin;
use sqlx::PgConnection;
use std::fmt;

/// Rows read at a time.
const PAGE: i64 = 4096;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Log {
    /// One portal's, of one school year: its leaves are envelopes.
    Journal(Journal),
    /// The meta-journal: its leaves are checkpoints of journals, and clôtures.
    Meta,
}

impl Log {
    /// Its name, under the base domain of the house.
    pub fn origin(&self, base: &str) -> Origin {
        match self {
            Self::Journal(journal) => Origin::of(base, journal),
            Self::Meta => Origin::of_all(base),
        }
    }

    /// Under which portal and year its checkpoints are kept; the meta-journal's under none.
    pub(crate) fn key(&self) -> (&str, i16) {
        match self {
            Self::Journal(journal) => (journal.portail.as_str(), journal.annee.0),
            Self::Meta => ("", 0),
        }
    }

    /// How many leaves it has.
    pub(super) async fn head(&self, connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
        let head: Option<i64> = match self {
            Self::Journal(journal) => {
                sqlx::query_scalar("SELECT position FROM ledger.journal WHERE portail = $1 AND annee = $2")
                    .bind(journal.portail.as_str())
                    .bind(journal.annee.0)
                    .fetch_optional(connection)
                    .await?
            }
            Self::Meta => {
                sqlx::query_scalar("SELECT max(position) FROM ledger.meta").fetch_one(connection).await?
            }
        };
        Ok(head.unwrap_or_default())
    }

    /// Its leaves after a position, up to another, in order: not more than a page of them.
    pub(super) async fn leaves(
        &self,
        connection: &mut PgConnection,
        after: i64,
        to: i64,
    ) -> Result<Vec<Leaf>, sqlx::Error> {
        let query = match self {
            Self::Journal(journal) => sqlx::query_as(
                "SELECT position, metadata::text AS bytes, leaf_hash AS hash FROM ledger.events
                 WHERE position > $1 AND position <= $2 AND portail = $4 AND annee = $5
                 ORDER BY position LIMIT $3",
            )
            .bind(after)
            .bind(to)
            .bind(PAGE)
            .bind(journal.portail.as_str())
            .bind(journal.annee.0),
            Self::Meta => sqlx::query_as(
                "SELECT position, leaf AS bytes, leaf_hash AS hash FROM ledger.meta
                 WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3",
            )
            .bind(after)
            .bind(to)
            .bind(PAGE),
        };
        query.fetch_all(connection).await
    }
}

impl From<&Journal> for Log {
    fn from(journal: &Journal) -> Self {
        Self::Journal(journal.clone())
    }
}

impl From<&Self> for Log {
    fn from(log: &Self) -> Self {
        log.clone()
    }
}

/// As operators read it, and as its tiles are filed.
impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Journal(journal) => write!(f, "{}/{}", journal.portail, journal.annee.0),
            Self::Meta => f.write_str("meta"),
        }
    }
}
