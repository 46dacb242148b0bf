//! What leaves show of themselves where there is no database: that each is an envelope of its
//! journal, and that streams have no gap.

use domain::{AnneeScolaire, PortailId};
use ledger::envelope::{Envelope, Stream};
use ledger::feed::Journal;
use ledger::verify::Fault;
use std::collections::HashMap;

/// The leaves of a journal, one after the other.
pub struct Suite {
    portail: PortailId,
    annee: AnneeScolaire,
    /// The last sequence of each stream. One may have begun before the first leaf does.
    streams: HashMap<Stream, u64>,
}

impl Suite {
    /// Before the first leaf of a journal.
    pub fn of(journal: &Journal) -> Self {
        Self { portail: journal.portail.clone(), annee: journal.annee, streams: HashMap::new() }
    }

    /// The envelope that the next leaf is.
    pub fn next(&mut self, leaf: &[u8]) -> Result<Envelope, Fault> {
        let envelope: Envelope = serde_json::from_slice(leaf).map_err(|_| Fault::Envelope)?;
        if envelope.portail != self.portail {
            return Err(Fault::Column("portail"));
        }
        if envelope.annee != self.annee {
            return Err(Fault::Column("annee"));
        }
        let counted = |sequence: u64| i64::try_from(sequence).unwrap_or(i64::MAX);
        match self.streams.insert(envelope.stream.clone(), envelope.sequence) {
            Some(before) if before.checked_add(1) != Some(envelope.sequence) => {
                Err(Fault::Sequence { before: counted(before), found: counted(envelope.sequence) })
            }
            Some(_) | None => Ok(envelope),
        }
    }
}
