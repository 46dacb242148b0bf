//! What keeps the database from answering: for whoever decides whether to ask again, and
//! for whoever asks whether the program is ready.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// SQLSTATE `disk_full`.
const DISK_FULL: &str = "53100";
/// How long the last failure of an append counts where none has succeeded since: longer
/// than the writer pauses between two tries, short enough not to keep an idle program
/// out of service for ever.
const RECENT: Duration = Duration::from_secs(8);

/// Why nothing can be recorded now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The database cannot be reached, or asks to try again.
    Away,
    /// The disk of the database is full.
    Full,
}

impl Trouble {
    /// The trouble in an error, if the error is no one's fault but the database's.
    pub fn of(error: &sqlx::Error) -> Option<Self> {
        let code = error.as_database_error().and_then(|error| error.code());
        match code.as_deref() {
            Some(DISK_FULL) => Some(Self::Full),
            _ => crate::is_away(error).then_some(Self::Away),
        }
    }
}

/// Whether an error stems from a database that is away, however it was wrapped.
pub fn stems_from_absence(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        // Loaders share one error among all who wait for it.
        let shared = error.downcast_ref::<Arc<sqlx::Error>>().map(AsRef::as_ref);
        if error.downcast_ref().or(shared).is_some_and(crate::is_away) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Where the writer says what became of its last append.
#[derive(Debug, Clone, Default)]
pub(crate) struct Board(Arc<Mutex<Option<(Trouble, Instant)>>>);

impl Board {
    pub(crate) fn write(&self, trouble: Option<Trouble>) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = trouble.map(|trouble| (trouble, Instant::now()));
    }

    pub(crate) fn read(&self) -> Option<Trouble> {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.filter(|(_, since)| since.elapsed() < RECENT).map(|(trouble, _)| trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absence_is_found_under_what_wraps_it() {
        let wrapped = crate::seal::SealError::Database(sqlx::Error::PoolTimedOut);
        assert!(stems_from_absence(&wrapped));
        assert!(stems_from_absence(&Arc::new(sqlx::Error::PoolTimedOut)));
        assert!(!stems_from_absence(&sqlx::Error::RowNotFound));
    }

    #[test]
    fn a_success_ends_the_trouble() {
        let board = Board::default();
        board.write(Some(Trouble::Full));
        assert_eq!(board.read(), Some(Trouble::Full));
        board.write(None);
        assert_eq!(board.read(), None);
    }
}
