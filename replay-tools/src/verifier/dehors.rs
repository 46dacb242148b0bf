//! What others than the house say of a record: the witnesses who saw its head, and the
//! authorities who dated it. Without them a house that rewrites all and seals it anew with its
//! own key contradicts nobody.

use super::dates::{Dates, roots};
use crate::cli;
use crate::obstacle::Obstacle;
use crate::temoins::Temoins;
use crate::verdict::Verdict;
use ledger::feed::Journal;
use ledger::sealer::log::Log;
use ledger::sealer::witnessing::published;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::io::{self, Write};

/// What was found, where it was asked for.
#[derive(Default)]
pub struct Dehors {
    temoins: Option<Temoins>,
    dates: Option<Dates>,
}

impl Dehors {
    /// Of these journals in a database, what the options ask for.
    pub async fn of(
        connection: &mut PgConnection,
        journaux: &[Journal],
        options: &cli::Verifier,
    ) -> Result<Self, Obstacle> {
        let temoins = match &options.temoins {
            Some(path) => {
                let head = published(&mut *connection, &Log::Meta).await?;
                Some(Temoins::under(path, head.as_ref().map_or("", |head| head.note.as_str()))?)
            }
            None => None,
        };
        let dates = match &options.racines {
            Some(path) => Some(Dates::of(connection, journaux, &roots(path)?).await?),
            None => None,
        };
        Ok(Self { temoins, dates })
    }

    /// What is shown without a database: under this head, and with these dates.
    pub fn shown(note: &str, dates: Option<Dates>, options: &cli::Verifier) -> Result<Self, Obstacle> {
        let temoins = options.temoins.as_deref().map(|path| Temoins::under(path, note)).transpose()?;
        Ok(Self { temoins, dates })
    }

    /// What follows from it: too few witnesses, or no date, leave the verdict open.
    pub fn verdict(&self) -> Verdict {
        let temoins = self.temoins.as_ref().map_or(Verdict::Valide, |temoins| enough(temoins.quorum));
        temoins.max(self.dates.as_ref().map_or(Verdict::Valide, Dates::verdict))
    }

    /// Tells it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(temoins) = &self.temoins {
            let seen = temoins.contreseings.iter().map(|(nom, le)| format!("{nom} (le {le})"));
            let seen = seen.collect::<Vec<_>>().join(", ");
            let seen = if seen.is_empty() { "aucun".to_owned() } else { seen };
            let quorum = if temoins.quorum { "satisfaite" } else { "NON satisfaite" };
            writeln!(out, "Témoins : {seen} ; politique {quorum}")?;
        }
        if let Some(dates) = &self.dates { dates.write(out) } else { Ok(()) }
    }

    /// Tells it to a machine.
    pub fn json(&self) -> Value {
        json!({
            "temoins": self.temoins.as_ref().map(|temoins| json!({
                "contreseings": temoins.contreseings, "politique_satisfaite": temoins.quorum,
            })),
            "horodatages": self.dates.as_ref().map(Dates::json),
        })
    }
}

pub(super) fn enough(is_so: bool) -> Verdict {
    if is_so { Verdict::Valide } else { Verdict::Indetermine }
}
