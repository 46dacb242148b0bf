//! The Merkle tree over a journal's leaves, in open formats that programs not ours read.
//!
//! | what | written down in | where |
//! |---|---|---|
//! | the tree, inclusion and consistency proofs | RFC 6962 §2.1 | [`proof`], by `tlog_tiles` |
//! | the tree as files of 256 hashes | [C2SP tlog-tiles](https://c2sp.org/tlog-tiles) | [`tile`], [`bundle`] |
//! | the tree's head, signed | [C2SP tlog-checkpoint](https://c2sp.org/tlog-checkpoint), [signed-note](https://c2sp.org/signed-note) | [`note`] |
//! | a proof that stands alone | [C2SP tlog-proof](https://c2sp.org/tlog-proof) | [`text`] |
//! | a witness's signature under that head | [C2SP tlog-cosignature](https://c2sp.org/tlog-cosignature) | [`cosignature`] |
//! | whose signatures are enough | [C2SP tlog-policy](https://c2sp.org/tlog-policy) | [`policy`] |
//! | what is asked of a witness | [C2SP tlog-witness](https://c2sp.org/tlog-witness) | [`addition`] |
//!
//! A tree grows by its right [`edge`] only, so extending it needs a few kilobytes of it
//! whatever its size. Indexes count leaves from 0, a journal's positions from 1.
//!
//! `tlog_tiles` (a port of Go's `sumdb/tlog`) computes proofs and writes checkpoints;
//! its tiles have other paths than C2SP's, and its reader of paths panics on hostile ones.

pub mod addition;
pub mod bundle;
pub mod cosignature;
pub mod edge;
pub mod frontier;
pub mod maison;
pub mod note;
pub mod policy;
pub mod proof;
pub mod text;
pub mod tile;

pub use tlog_tiles::{Checkpoint, Hash};

use crate::feed::Journal;
use std::fmt;

/// The name of a log, which is the first line of its checkpoints and the name of its keys:
/// its address without the scheme.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// That of a journal, under the base domain of the house.
    pub fn of(base: &str, journal: &Journal) -> Self {
        Self(format!("{base}/journal/{}/{}", journal.portail, journal.annee.0))
    }

    /// That of the journal of all journals.
    pub fn of_all(base: &str) -> Self {
        Self(format!("{base}/journal"))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
