//! The meta-journal re-read from zero: are its leaves the checkpoints and the clôtures that it
//! should hold, is no day left out between two of them, and do they make the root of every
//! checkpoint over them?

use super::fault::{Fault, Located};
use super::seals::Seals;
use super::{PAGE, Verdict};
use crate::envelope::leaf_hash;
use crate::feed::FeedError;
use crate::sealer::closing::Cloture;
use crate::sealer::log::Log;
use crate::sealer::turns::Turns;
use crate::tlog::maison::PublicKeys;
use chrono::NaiveDate;
use domain::AnneeScolaire;
use sqlx::{FromRow, PgConnection};
use std::collections::HashMap;

#[derive(FromRow)]
struct Leaf {
    position: i64,
    portail: String,
    annee: i16,
    periode: Option<String>,
    du: Option<NaiveDate>,
    size: i64,
    leaf: String,
    leaf_hash: Vec<u8>,
    /// The checkpoint that it should be.
    note: Option<String>,
}

/// Re-reads the meta-journal. Without keys the roots of its checkpoints are checked, and their
/// signatures are not.
pub async fn verify_meta(
    connection: &mut PgConnection,
    keys: Option<&PublicKeys>,
) -> Result<Verdict, FeedError> {
    let mut verdict = Verdict::default();
    let mut seals = Seals::of(Log::Meta, keys.map(PublicKeys::of_all));
    let (mut found, mut turns) = (0, HashMap::new());
    loop {
        let leaves = leaves(connection, found).await?;
        let Some(end) = leaves.last().map(|leaf| leaf.position) else { break };
        seals.read_to(connection, end).await?;
        for leaf in &leaves {
            let checked = leaf.check(found + 1, &mut turns);
            let checked = checked.and_then(|()| seals.check(leaf.position, &leaf.leaf_hash, &mut verdict));
            found += 1;
            if let Err(fault) = checked {
                verdict.fault = Some(Located { position: found, fault });
                return Ok(verdict);
            }
            verdict.leaves += 1;
        }
    }
    if let Some(sealed) = seals.beyond(connection, found).await?
        && leaves(connection, found).await?.is_empty()
    {
        verdict.fault = Some(Located { position: found + 1, fault: Fault::Cut { sealed, found } });
    }
    Ok(verdict)
}

async fn leaves(connection: &mut PgConnection, after: i64) -> Result<Vec<Leaf>, sqlx::Error> {
    sqlx::query_as(
        "SELECT m.position, m.portail, m.annee, m.periode, m.du, m.size, m.leaf, m.leaf_hash, c.note
         FROM ledger.meta m LEFT JOIN ledger.checkpoints c USING (portail, annee, size)
         WHERE m.position > $1 ORDER BY m.position LIMIT $2",
    )
    .bind(after)
    .bind(PAGE)
    .fetch_all(connection)
    .await
}

impl Leaf {
    fn check(&self, expected: i64, turns: &mut HashMap<(String, i16), Turns>) -> Result<(), Fault> {
        if self.position != expected {
            return Err(Fault::Gap { expected, found: self.position });
        }
        if leaf_hash(self.leaf.as_bytes()).as_slice() != self.leaf_hash {
            return Err(Fault::Leaf);
        }
        match &self.periode {
            None if self.note.as_ref() == Some(&self.leaf) => Ok(()),
            None => Err(Fault::Consigned),
            Some(periode) => {
                let told: Cloture = serde_json::from_str(&self.leaf).map_err(|_| Fault::Envelope)?;
                let journal = (self.portail.clone(), self.annee);
                let same = (&told.portail, told.annee, told.dernier) == (&journal.0, journal.1, self.size)
                    && (&told.periode, Some(told.du)) == (periode, self.du);
                if !same {
                    return Err(Fault::Column("leaf"));
                }
                // With which day it must begin is for the verification of that journal.
                let from = || Turns::from(told.du, AnneeScolaire(self.annee));
                let turns = turns.entry(journal).or_insert_with(from);
                turns.take(periode, told.du, told.au).map_err(Fault::NotClosed)
            }
        }
    }
}
