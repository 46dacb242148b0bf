//! Relay connections over keysets: `first` is required, from 1 to 100; a cursor is the
//! key of the row that it stands behind.

use async_graphql::connection::{Connection, Edge, EmptyFields};
use async_graphql::{ErrorExtensions, OutputType, Result};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::NaiveDate;
use projections::PageOf;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// Largest page.
const MOST: i32 = 100;

/// How many rows a page may show, for what a document costs.
pub fn page(first: i32) -> usize {
    usize::try_from(first.clamp(1, MOST)).unwrap_or(1)
}

/// A page that a client asked for.
pub struct Page<K> {
    first: i64,
    /// Key of the last row seen.
    pub after: Option<K>,
}

impl<K: Serialize + DeserializeOwned> Page<K> {
    /// Reads the arguments of a connection.
    pub fn read(first: i32, after: Option<String>) -> Result<Self> {
        if !(1..=MOST).contains(&first) {
            return Err(invalid(format!("« first » va de 1 à {MOST}.")));
        }
        let after = after.map(|cursor| decode(&cursor)).transpose()?;
        Ok(Self { first: i64::from(first), after })
    }

    /// Rows to read: one more than shown tells whether there is a next page.
    pub fn limit(&self) -> i64 {
        self.first + 1
    }

    /// The connection of the rows read.
    pub fn connection<R, T: OutputType>(
        self,
        mut rows: Vec<R>,
        key: impl Fn(&R) -> K,
        node: impl Fn(R) -> T,
    ) -> Connection<String, T> {
        let first = usize::try_from(self.first).unwrap_or_default();
        let more = rows.len() > first;
        rows.truncate(first);
        let mut connection = Connection::new(self.after.is_some(), more);
        connection.edges.extend(rows.into_iter().map(|row| {
            let cursor = encode(&key(&row));
            Edge::with_additional_fields(cursor, node(row), EmptyFields)
        }));
        connection
    }
}

impl Page<(NaiveDate, Uuid)> {
    /// The page of one list, for who reads the pages of several at a time.
    pub fn of(&self, list: Uuid) -> PageOf {
        PageOf { of: list, after: self.after, limit: self.limit(), dossier: None, au: None }
    }

    /// The first rows of several lists, each of which was read to this page's length.
    pub fn merge<R>(
        &self,
        lists: impl IntoIterator<Item = Vec<R>>,
        key: impl Fn(&R) -> (NaiveDate, Uuid),
    ) -> Vec<R> {
        let mut rows: Vec<_> = lists.into_iter().flatten().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(key(row)));
        rows.truncate(usize::try_from(self.limit()).unwrap_or_default());
        rows
    }
}

fn encode<K: Serialize>(key: &K) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

fn decode<K: DeserializeOwned>(cursor: &str) -> Result<K> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| invalid("« after » n'est pas un curseur de cette liste.".to_owned()))
}

/// An argument of a query that cannot be read.
pub(super) fn invalid(message: String) -> async_graphql::Error {
    async_graphql::Error::new(message).extend_with(|_, e| e.set("code", "SAISIE_INVALIDE"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_one_to_a_hundred_rows() {
        for first in [-1, 0, 101] {
            assert!(Page::<i64>::read(first, None).is_err());
        }
        assert!(Page::<i64>::read(100, None).is_ok());
    }

    #[test]
    fn a_cursor_reads_back_and_another_lists_does_not() {
        let cursor = encode(&("2026-11-23", 7));
        assert_eq!(decode::<(String, i32)>(&cursor).unwrap(), ("2026-11-23".to_owned(), 7));
        assert!(decode::<i64>(&cursor).is_err());
    }
}
