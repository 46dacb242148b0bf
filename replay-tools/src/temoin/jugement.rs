//! What a witness answers to a checkpoint, in the order of C2SP tlog-witness: is it one, of a
//! known log, signed by it, from where this witness stands, and does it extend what it saw?

use super::confiance::Confiance;
use ledger::tlog::addition::Addition;
use ledger::tlog::note;
use ledger::tlog::{Checkpoint, proof};

/// Why a checkpoint is not cosigned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refus {
    /// It is not written as it should be.
    #[error("the request is malformed")]
    Malformed,
    /// Nobody asked this witness to know that log.
    #[error("the log is unknown")]
    Unknown,
    /// No key of the log signed it.
    #[error("no trusted key signed the checkpoint")]
    Unsigned,
    /// The log takes the witness to be elsewhere than it is.
    #[error("the witness saw {0} leaves")]
    Stale(u64),
    /// The log signed two histories: one size, two roots.
    #[error("the checkpoint contradicts one of the same size")]
    Contradicted(u64),
    /// It is not shown to extend what the witness saw.
    #[error("the checkpoint is not shown to extend the one seen before")]
    Inconsistent,
}

/// A checkpoint whose log is known and signed it.
#[derive(Debug)]
pub struct Presente {
    /// What is asked.
    pub addition: Addition,
    /// The head.
    pub checkpoint: Checkpoint,
}

/// Reads a request, of whom it is from and by whom it is signed.
pub fn present(request: &str, confiance: &Confiance) -> Result<Presente, Refus> {
    let addition = Addition::parse(request).ok_or(Refus::Malformed)?;
    let claimed = note::read(&addition.checkpoint).map_err(|_| Refus::Malformed)?;
    if addition.old > claimed.size() {
        return Err(Refus::Malformed);
    }
    let keys = confiance.keys(claimed.origin());
    if keys.is_empty() {
        return Err(Refus::Unknown);
    }
    let opened = note::open(&addition.checkpoint, keys.iter().map(String::as_str));
    let checkpoint = opened.map_err(|_| Refus::Unsigned)?;
    Ok(Presente { addition, checkpoint })
}

/// Whether it follows the last checkpoint of the log that this witness saw.
pub fn judge(presente: &Presente, known: Option<&Checkpoint>) -> Result<(), Refus> {
    let (Presente { addition, checkpoint }, size) = (presente, known.map_or(0, Checkpoint::size));
    if let Some(known) = known
        && checkpoint.size() == known.size()
        && checkpoint.hash() != known.hash()
    {
        return Err(Refus::Contradicted(size));
    }
    if addition.old != size {
        return Err(Refus::Stale(size));
    }
    let extends = match known {
        Some(known) if checkpoint.size() == known.size() => addition.proof.is_empty(),
        Some(known) if size > 0 => {
            proof::extends(&addition.proof, checkpoint.size(), *checkpoint.hash(), size, *known.hash())
        }
        // Every tree extends the empty one.
        _ => addition.proof.is_empty(),
    };
    if extends { Ok(()) } else { Err(Refus::Inconsistent) }
}

impl Refus {
    /// Whether the log may have signed what cannot stand beside what it signed before.
    pub fn is_fork(&self) -> bool {
        matches!(self, Self::Contradicted(_) | Self::Inconsistent)
    }
}
