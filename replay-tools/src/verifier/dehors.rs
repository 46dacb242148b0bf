//! What others than the house say of a record: the witnesses who saw its head, and the
//! authorities who dated it. Without them a house that rewrites all and seals it anew with its
//! own key contradicts nobody.

use crate::cli;
use crate::date::spoken;
use crate::obstacle::Obstacle;
use crate::temoins::Temoins;
use crate::verdict::Verdict;
use chrono::{DateTime, Utc};
use ledger::feed::Journal;
use ledger::sealer::health::health;
use ledger::sealer::log::Log;
use ledger::sealer::timestamping::{Timestamp, list, of};
use ledger::sealer::witnessing::published;
use ledger::timestamp::fault::Fault;
use ledger::timestamp::roots::Roots;
use ledger::timestamp::verify;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::io::{self, Write};
use std::path::Path;

/// What was found, where it was asked for.
#[derive(Default)]
pub struct Dehors {
    temoins: Option<Temoins>,
    dates: Option<Dates>,
}

/// The timestamps that are kept.
struct Dates {
    /// How many are believed.
    cru: usize,
    /// Over how many leaves of the meta-journal the first is that is not, and why.
    faux: Option<(i64, Fault)>,
    /// How far each journal is dated; none if it is not.
    journaux: Vec<(Journal, Option<Date>)>,
}

/// That the first events of a journal were there.
struct Date {
    size: i64,
    le: DateTime<Utc>,
    par: String,
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

    /// Of the head of one log, whoever publishes it.
    pub fn under(note: &str, options: &cli::Verifier) -> Result<Self, Obstacle> {
        let temoins = options.temoins.as_deref().map(|path| Temoins::under(path, note)).transpose()?;
        Ok(Self { temoins, dates: None })
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

impl Dates {
    async fn of(
        connection: &mut PgConnection,
        journaux: &[Journal],
        roots: &Roots,
    ) -> Result<Self, Obstacle> {
        let (mut cru, mut faux) = (0, None);
        for Timestamp { size, .. } in list(&mut *connection, i64::MAX).await?.into_iter().rev() {
            let Some((timestamp, note)) = of(&mut *connection, size).await? else { continue };
            match verify(&timestamp.token, note.as_bytes(), roots, None) {
                Ok(verdict) if verdict.gen_time == timestamp.gen_time => cru += 1,
                Ok(_) => faux = faux.or(Some((size, Fault::Time))),
                Err(fault) => faux = faux.or(Some((size, fault))),
            }
        }
        let mut dated = Vec::new();
        for journal in journaux {
            let of_portail = health(&mut *connection, &journal.portail).await?;
            let of_it = of_portail.into_iter().find(|found| found.annee == journal.annee.0);
            let date = of_it.and_then(|found| {
                Some(Date { size: found.dated?, le: found.dated_at?, par: found.dated_by? })
            });
            dated.push((journal.clone(), date));
        }
        Ok(Self { cru, faux, journaux: dated })
    }

    /// A signer under another root may be honest, under roots that were not given.
    fn verdict(&self) -> Verdict {
        match &self.faux {
            None => enough(self.journaux.iter().all(|(_, date)| date.is_some())),
            Some((_, Fault::Chain(_))) => Verdict::Indetermine,
            Some(_) => Verdict::Invalide,
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some((size, fault)) = &self.faux {
            return writeln!(out, "Horodatages : celui sur {size} feuilles n'est pas cru (détail : {fault})");
        }
        writeln!(out, "Horodatages : {} crus sous ces racines", self.cru)?;
        self.journaux.iter().try_for_each(|(journal, date)| {
            write!(out, "  {}/{} : ", journal.portail, journal.annee.0)?;
            match date {
                Some(Date { size, le, par }) => {
                    writeln!(out, "n° 1 à {size} avant le {}, par {par}", spoken(*le))
                }
                None => writeln!(out, "aucun ne le date encore"),
            }
        })
    }

    fn json(&self) -> Value {
        let journaux = self.journaux.iter().map(|(journal, date)| {
            json!({
                "portail": journal.portail,
                "annee": journal.annee.0,
                "jusqu_au": date.as_ref().map(|date| date.size),
                "le": date.as_ref().map(|date| date.le),
                "par": date.as_ref().map(|date| &date.par),
            })
        });
        let faux =
            self.faux.as_ref().map(|(size, fault)| json!({ "feuilles": size, "detail": fault.to_string() }));
        json!({ "crus": self.cru, "faux": faux, "journaux": journaux.collect::<Vec<_>>() })
    }
}

fn enough(is_so: bool) -> Verdict {
    if is_so { Verdict::Valide } else { Verdict::Indetermine }
}

fn roots(path: &Path) -> Result<Roots, Obstacle> {
    let file = |source| Obstacle::File { path: path.to_owned(), source };
    let pem = std::fs::read(path).map_err(file)?;
    Roots::read(&pem).map_err(|source| Obstacle::Roots { path: path.to_owned(), source })
}
