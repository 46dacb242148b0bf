//! Whether the leaves of a journal make the root of every checkpoint over it, as they were
//! sealed one after the other. A record that was rewritten whole, hashes and all, shows here.

use super::Verdict;
use super::fault::{Fault, Located};
use crate::feed::{FeedError, Journal, StoredEvent, stored_after};
use crate::sealer::checkpoints::{Sealed, between};
use crate::sealer::log::Log;
use crate::tlog::Hash;
use crate::tlog::frontier::Frontier;
use crate::tlog::maison::PublicKeys;
use crate::tlog::note;
use sqlx::PgConnection;
use std::collections::VecDeque;

/// See the module.
pub(super) struct Seals {
    journal: Journal,
    /// What verifies its checkpoints; none if signatures are not looked at.
    verifier_keys: Option<Vec<String>>,
    frontier: Frontier,
    /// Checkpoints that were read and not come to, in order.
    ahead: VecDeque<Sealed>,
    /// Up to which size they were read.
    read: i64,
}

impl Seals {
    pub fn of(journal: &Journal, keys: Option<&PublicKeys>) -> Self {
        let verifier_keys = keys.map(|keys| keys.of(journal));
        let (frontier, ahead) = (Frontier::default(), VecDeque::new());
        Self { journal: journal.clone(), verifier_keys, frontier, ahead, read: 0 }
    }

    /// Reads the checkpoints up to a position.
    pub async fn read_to(&mut self, connection: &mut PgConnection, end: i64) -> Result<(), FeedError> {
        self.ahead.extend(between(connection, &Log::from(&self.journal), self.read, end).await?);
        self.read = end;
        Ok(())
    }

    /// Goes on by a leaf, whose hash is known to be its own.
    pub fn check(&mut self, row: &StoredEvent, verdict: &mut Verdict) -> Result<(), Fault> {
        let leaf = row.leaf_hash.as_slice().try_into().map_err(|_| Fault::Leaf)?;
        self.frontier.push(Hash(leaf));
        if self.ahead.front().is_none_or(|next| next.size != row.position) {
            return Ok(());
        }
        let Some(sealed) = self.ahead.pop_front() else { return Ok(()) };
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

    /// What shows only at the end: that what was sealed is still there.
    pub async fn end(&self, connection: &mut PgConnection, found: i64) -> Result<Option<Located>, FeedError> {
        let beyond = between(&mut *connection, &Log::from(&self.journal), found, i64::MAX).await?;
        let Some(sealed) = beyond.last().map(|last| last.size) else { return Ok(None) };
        // The program may append and seal while a living journal is re-read.
        let cut = stored_after(connection, &self.journal, found, 1).await?.is_empty();
        Ok(cut.then_some(Located { position: found + 1, fault: Fault::Cut { sealed, found } }))
    }
}
