//! Pages of several lists, read in one statement.
//!
//! A page of the marks of each of one's children is one statement and not one per child:
//! the pages asked are the rows of a table, to which the rows of each are joined. The
//! statement is the same for one page and for many, so the server plans it once.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;
use std::collections::HashMap;
use uuid::Uuid;

/// A page of a list that goes from the newest to the oldest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PageOf {
    /// Whose list it is.
    pub of: Uuid,
    /// The day and the id of the last row seen.
    pub after: Option<(NaiveDate, Uuid)>,
    /// How many rows.
    pub limit: i64,
    /// Of a pupil: only what this établissement has recorded.
    pub dossier: Option<Uuid>,
    /// Of what is published for an hour: only what is seen at this instant.
    pub au: Option<DateTime<Utc>>,
}

/// The pages asked, column by column, as `unnest` takes them.
#[derive(Default)]
pub(crate) struct Asked {
    pub of: Vec<Uuid>,
    pub days: Vec<Option<NaiveDate>>,
    pub ids: Vec<Option<Uuid>>,
    pub limits: Vec<i64>,
    pub dossiers: Vec<Option<Uuid>>,
    pub instants: Vec<Option<DateTime<Utc>>>,
}

impl Asked {
    pub fn of(pages: &[PageOf]) -> Self {
        let mut asked = Self::default();
        for page in pages {
            let (day, id) = page.after.unzip();
            asked.of.push(page.of);
            asked.days.push(day);
            asked.ids.push(id);
            asked.limits.push(page.limit);
            asked.dossiers.push(page.dossier);
            asked.instants.push(page.au);
        }
        asked
    }
}

/// A row with the number, from 1, of the page that asked for it.
#[derive(FromRow)]
pub(crate) struct Placed<T> {
    page: i64,
    #[sqlx(flatten)]
    row: T,
}

/// The rows of each page, in the order in which they came.
pub(crate) fn by_page<T>(pages: &[PageOf], rows: Vec<Placed<T>>) -> HashMap<PageOf, Vec<T>> {
    let mut read: HashMap<PageOf, Vec<T>> = HashMap::with_capacity(pages.len());
    for Placed { page, row } in rows {
        let asked = usize::try_from(page - 1).ok().and_then(|index| pages.get(index));
        if let Some(asked) = asked {
            read.entry(*asked).or_default().push(row);
        }
    }
    read
}
