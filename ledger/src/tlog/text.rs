//! A proof that stands alone: a leaf's index, the hashes that lead to the root, and the
//! signed head of the tree, in one text (C2SP tlog-proof).

use super::note::{self, NoteFault};
use super::{Checkpoint, Hash, proof};
use std::fmt;

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// More hashes than any tree is high.
const MOST: usize = 64;

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// Which leaf, from 0.
    pub index: u64,
    /// From the leaf's sibling up.
    pub hashes: Vec<Hash>,
    /// The signed head of the tree.
    pub checkpoint: String,
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// It is not written as a proof.
    #[error("it is no tlog-proof@v1")]
    Malformed,
    /// Its checkpoint is not one.
    #[error("its checkpoint cannot be taken")]
    Checkpoint(#[from] NoteFault),
    /// Its hashes do not lead from the leaf to the root.
    #[error("the leaf is not in the tree at this index")]
    Leaf,
}

impl Proof {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, Unproven> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or(Unproven::Malformed)?;
        let mut lines = head.lines().peekable();
        if lines.next() != Some(HEADER) {
            return Err(Unproven::Malformed);
        }
        // Extra data is not authenticated, and nothing here needs it.
        let _ = lines.next_if(|line| line.starts_with("extra "));
        let digits = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or(Unproven::Malformed)?;
        let index: u64 = digits.parse().map_err(|_| Unproven::Malformed)?;
        let hashes: Vec<_> = lines
            .take(MOST)
            .map(|line| Hash::parse_hash(line).map_err(|_| Unproven::Malformed))
            .collect::<Result<_, _>>()?;
        let proof = Self { index, hashes, checkpoint: checkpoint.to_owned() };
        if index.to_string() == digits { Ok(proof) } else { Err(Unproven::Malformed) }
    }

    /// Whether it proves that this leaf is in the log of one of these verifier keys; the
    /// tree's head, if it does.
    pub fn verify<'a>(
        &self,
        leaf: Hash,
        verifier_keys: impl IntoIterator<Item = &'a str>,
    ) -> Result<Checkpoint, Unproven> {
        let head = note::open(&self.checkpoint, verifier_keys)?;
        if proof::includes(&self.hashes, head.size(), *head.hash(), self.index, leaf) {
            Ok(head)
        } else {
            Err(Unproven::Leaf)
        }
    }
}

/// The text, as it is kept in a `.tlog-proof` file.
impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\nindex {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
