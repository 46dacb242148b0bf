//! Who, outside of the house, saw the head of a log.

use crate::date::spoken;
use crate::obstacle::Obstacle;
use chrono::DateTime;
use ledger::tlog::policy::Policy;
use std::collections::BTreeMap;
use std::path::Path;

/// The policy of who asks, and what it finds under the head.
pub struct Temoins {
    /// The policy, as it was given.
    pub texte: String,
    /// Who cosigned, and when, as said in French.
    pub contreseings: BTreeMap<String, String>,
    /// Whether they are enough.
    pub quorum: bool,
}

impl Temoins {
    /// Looks for those of this policy under a head.
    pub fn under(path: &Path, note: &str) -> Result<Self, Obstacle> {
        let texte = std::fs::read_to_string(path)
            .map_err(|source| Obstacle::File { path: path.to_owned(), source })?;
        let policy =
            Policy::read(&texte).map_err(|source| Obstacle::Policy { path: path.to_owned(), source })?;
        let when = |at: u64| i64::try_from(at).ok().and_then(|at| DateTime::from_timestamp(at, 0));
        let cosigned = policy.cosigned(note).into_iter();
        let contreseings = cosigned.filter_map(|(name, at)| Some((name.to_owned(), spoken(when(at)?))));
        Ok(Self { contreseings: contreseings.collect(), quorum: policy.reached(note), texte })
    }
}
