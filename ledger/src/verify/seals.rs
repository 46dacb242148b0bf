//! Whether the leaves of a log make the root of every checkpoint over it, as they were sealed
//! one after the other, and the root of every clôture, whose counts are held to the events too. A
//! record that was rewritten whole, hashes and all, shows here.

mod clotures;

use self::clotures::{Closing, Clotures};
use super::Verdict;
use super::fault::Fault;
use crate::feed::FeedError;
use crate::seal::hex;
use crate::sealer::checkpoints::{Sealed, between};
use crate::sealer::log::Log;
use crate::tlog::Hash;
use crate::tlog::frontier::Frontier;
use crate::tlog::note;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::VecDeque;

/// See the module.
pub(super) struct Seals {
    log: Log,
    /// What verifies its checkpoints; none if signatures are not looked at.
    verifier_keys: Option<Vec<String>>,
    frontier: Frontier,
    /// Checkpoints that were read and not come to, in order.
    ahead: VecDeque<Sealed>,
    /// The same of clôtures.
    closing: VecDeque<Closing>,
    clotures: Clotures,
    /// Up to which size they were read.
    read: i64,
}

impl Seals {
    pub fn of(log: Log, verifier_keys: Option<Vec<String>>) -> Self {
        let (frontier, ahead, closing) = (Frontier::default(), VecDeque::new(), VecDeque::new());
        let clotures = Clotures::default();
        Self { log, verifier_keys, frontier, ahead, closing, clotures, read: 0 }
    }

    /// Reads the checkpoints and the clôtures up to a position.
    pub async fn read_to(&mut self, connection: &mut PgConnection, end: i64) -> Result<(), FeedError> {
        self.ahead.extend(between(&mut *connection, &self.log, self.read, end).await?);
        if let Log::Journal(journal) = &self.log {
            // Those of days before the first event cover none.
            let after = if self.read == 0 { -1 } else { self.read };
            self.closing.extend(self.clotures.read(connection, journal, after, end).await?);
        }
        self.read = end;
        Ok(())
    }

    /// Goes on by the leaf at a position, whose hash is known to be its own.
    pub fn check(&mut self, position: i64, leaf: &[u8], verdict: &mut Verdict) -> Result<(), Fault> {
        self.check_closings(position - 1, verdict)?;
        self.frontier.push(Hash(leaf.try_into().map_err(|_| Fault::Leaf)?));
        self.check_closings(position, verdict)?;
        match at(&mut self.ahead, |next| next.size == position) {
            Some(sealed) => self.judge(&sealed, verdict),
            None => Ok(()),
        }
    }

    fn check_closings(&mut self, position: i64, verdict: &mut Verdict) -> Result<(), Fault> {
        while let Some(closing) = at(&mut self.closing, |next| next.size <= position) {
            if closing.judged? != hex(&self.frontier.root().0) {
                return Err(Fault::Closing(closing.du));
            }
            verdict.closings += 1;
        }
        Ok(())
    }

    fn judge(&self, sealed: &Sealed, verdict: &mut Verdict) -> Result<(), Fault> {
        let root = self.frontier.root();
        if sealed.root != root.0 {
            return Err(Fault::Root);
        }
        if let Some(keys) = &self.verifier_keys {
            let head = note::open(&sealed.note, keys.iter().map(String::as_str))
                .map_err(|fault| Fault::Seal(fault.to_string()))?;
            if *head.hash() != root || i64::try_from(head.size()).ok() != Some(sealed.size) {
                return Err(Fault::Seal("it says another thing than its row".to_owned()));
            }
        }
        verdict.seals += 1;
        verdict.sealed = sealed.size;
        Ok(())
    }

    /// See [`Verdict::unclosed`].
    pub fn unclosed(&self) -> Option<(NaiveDate, NaiveDate)> {
        self.clotures.unclosed
    }

    /// How many leaves the last checkpoint over more than were found covers, if there is one.
    pub async fn beyond(&self, connection: &mut PgConnection, found: i64) -> Result<Option<i64>, FeedError> {
        let beyond = between(connection, &self.log, found, i64::MAX).await?;
        Ok(beyond.last().map(|last| last.size))
    }
}

/// The first of a queue, once it is come to.
fn at<T>(queue: &mut VecDeque<T>, is_here: impl Fn(&T) -> bool) -> Option<T> {
    if queue.front().is_some_and(is_here) { queue.pop_front() } else { None }
}
