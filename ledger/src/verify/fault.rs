//! What can be wrong with a journal.

use chrono::NaiveDate;

/// A fault and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Position in the journal.
    pub position: i64,
    /// What is wrong there.
    pub fault: Fault,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A position is missing or doubled.
    #[error("position {expected} is missing (found {found})")]
    Gap {
        /// What should be there.
        expected: i64,
        /// What is there.
        found: i64,
    },
    /// The journal's head and its last leaf disagree.
    #[error("the journal's head says {head} events, {found} are there")]
    Head {
        /// What the head says.
        head: i64,
        /// What was read.
        found: i64,
    },
    /// The envelope's bytes are not those that were hashed.
    #[error("the envelope is not the one that was recorded (its hash differs)")]
    Leaf,
    /// The envelope's bytes are no envelope.
    #[error("the envelope cannot be read")]
    Envelope,
    /// A column says another thing than the envelope.
    #[error("column {0} is not what the envelope says")]
    Column(&'static str),
    /// The sealed content is not the one that was hashed.
    #[error("the sealed content is not the one that was recorded (its hash differs)")]
    Ciphertext,
    /// The content does not open, or is not the one committed to.
    #[error("the content does not match its commitment: {0}")]
    Content(String),
    /// Its command was answered with other places, or was never answered.
    #[error("it is not where the answer to its command says (positions {first} to {last})")]
    Place {
        /// First position of the command's answer; 0 when no answer is kept.
        first: i64,
        /// Last position of it.
        last: i64,
    },
    /// The leaves are not those of the tree that was announced.
    #[error("the leaves do not make the root that was announced")]
    Root,
    /// A checkpoint is not signed by a key that was published, or says another thing than
    /// its row.
    #[error("the checkpoint over it cannot be taken: {0}")]
    Seal(String),
    /// The meta-journal holds another checkpoint than was given.
    #[error("it is not the checkpoint that was given to that journal")]
    Consigned,
    /// A clôture names another root than the leaves make.
    #[error("the clôture of {0} names another root than the leaves make")]
    Closing(NaiveDate),
    /// A clôture says of what it counts, or of where its time begins and ends, another thing than
    /// the events do.
    #[error("the clôture of {0} does not say what the events of its time are")]
    Counted(NaiveDate),
    /// A day, or the month or year that it ends, was not closed in its turn.
    #[error("what ends on {0} was not closed in its turn")]
    NotClosed(NaiveDate),
    /// A published tile is not the one that the leaves under it make.
    #[error("tile {0} is not the one that its leaves make")]
    Tile(String),
    /// A checkpoint covers events that are not there.
    #[error("{sealed} events were sealed, {found} are there")]
    Cut {
        /// How many were sealed.
        sealed: i64,
        /// How many were read.
        found: i64,
    },
    /// A stream's sequence has a gap or a double.
    #[error("the stream goes from sequence {before} to {found}")]
    Sequence {
        /// The last one seen.
        before: i64,
        /// The one found.
        found: i64,
    },
}
