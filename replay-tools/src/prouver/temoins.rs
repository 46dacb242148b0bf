//! Who, outside of the house, saw what a bundle is sealed under.

use super::piece::Journalisee;
use crate::date::spoken;
use crate::obstacle::Obstacle;
use chrono::DateTime;
use ledger::tlog::policy::Policy;
use std::collections::BTreeMap;
use std::path::Path;

/// The policy of who asks, and what it finds under the head of the meta-journal.
pub struct Temoins {
    /// The policy, as it was given.
    pub texte: String,
    /// Who cosigned, and when, as said in French.
    pub contreseings: BTreeMap<String, String>,
    /// Whether they are enough.
    pub quorum: bool,
}

impl Temoins {
    /// Looks for those of this policy under the heads that the journals are proven against.
    pub fn of(path: &Path, journaux: &[Journalisee]) -> Result<Self, Obstacle> {
        let texte = std::fs::read_to_string(path)
            .map_err(|source| Obstacle::File { path: path.to_owned(), source })?;
        let policy =
            Policy::read(&texte).map_err(|source| Obstacle::Policy { path: path.to_owned(), source })?;
        let head = journaux.iter().find_map(|journal| journal.meta.as_ref());
        let note = head.map_or("", |proof| proof.checkpoint.as_str());
        let when = |at: u64| i64::try_from(at).ok().and_then(|at| DateTime::from_timestamp(at, 0));
        let cosigned = policy.cosigned(note).into_iter();
        let contreseings = cosigned.filter_map(|(name, at)| Some((name.to_owned(), spoken(when(at)?))));
        Ok(Self { contreseings: contreseings.collect(), quorum: policy.reached(note), texte })
    }
}
