//! What a log asks of a witness ([C2SP tlog-witness], `add-checkpoint`): to cosign a
//! checkpoint, with the proof that it extends the last one that the witness saw.
//!
//! [C2SP tlog-witness]: https://c2sp.org/tlog-witness

use super::Hash;
use std::fmt;

/// More hashes than any consistency proof has.
const MOST: usize = 63;

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub struct Addition {
    /// The size that the witness last saw, as far as the log knows.
    pub old: u64,
    /// From that tree to this one.
    pub proof: Vec<Hash>,
    /// The checkpoint, signed by the log.
    pub checkpoint: String,
}

impl Addition {
    /// Reads one; none if it is not written as one.
    pub fn parse(text: &str) -> Option<Self> {
        let (head, checkpoint) = text.split_once("\n\n")?;
        let mut lines = head.lines();
        let digits = lines.next()?.strip_prefix("old ")?;
        let old: u64 = digits.parse().ok()?;
        let proof = lines.map(|line| Hash::parse_hash(line).ok()).collect::<Option<Vec<_>>>()?;
        // One number has one writing: no sign, no zero before it.
        let whole = old.to_string() == digits && proof.len() <= MOST;
        whole.then(|| Self { old, proof, checkpoint: checkpoint.to_owned() })
    }
}

impl fmt::Display for Addition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.proof {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for hashes in [0, 1, MOST] {
            let addition = Addition {
                old: 7,
                proof: vec![Hash([9; 32]); hashes],
                checkpoint: "a\n1\nb\n\n— a c\n".to_owned(),
            };
            assert_eq!(Addition::parse(&addition.to_string()), Some(addition));
        }
    }

    #[test]
    fn what_is_not_one_is_none() {
        let hash = Hash([9; 32]).to_string();
        let many = format!("old 1\n{}\n", format!("{hash}\n").repeat(MOST + 1));
        for text in [
            "",
            "old 1",
            "old\n\na",
            "old -1\n\na",
            "old +1\n\na",
            "old 01\n\na",
            "old 1\nzz\n\na",
            "new 1\n\na",
            &many,
        ] {
            assert_eq!(Addition::parse(text), None, "{text}");
        }
    }
}
