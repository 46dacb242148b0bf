//! The timestamps over the meta-journal, judged, and how far they date each journal: what was
//! there by then, by the clock of somebody else.

use super::dehors::enough;
use crate::date::spoken;
use crate::obstacle::Obstacle;
use crate::verdict::Verdict;
use chrono::{DateTime, Utc};
use ledger::feed::Journal;
use ledger::sealer::health::health;
use ledger::sealer::timestamping::{Timestamp, list, of};
use ledger::timestamp::fault::Fault;
use ledger::timestamp::roots::Roots;
use ledger::timestamp::verify;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

/// A token that comes with the head that it is over.
pub struct Jeton {
    /// How many leaves of the meta-journal that head covers.
    pub taille: u64,
    /// The head.
    pub note: String,
    /// DER of a `TimeStampToken`.
    pub token: Vec<u8>,
    /// Whether the head is one of the meta-journal that is shown.
    pub est_d_ici: bool,
}

/// Where the meta-journal has a head of a journal.
pub struct Consignation {
    /// Its index.
    pub index: u64,
    /// How many events that head covers.
    pub taille: i64,
}

/// See the module.
pub struct Dates {
    /// How many are believed.
    cru: usize,
    /// The first that is not.
    faux: Option<Faux>,
    /// How far each journal is dated; none if it is not.
    journaux: Vec<(Journal, Option<Date>)>,
}

/// That the first events of a journal were there.
struct Date {
    size: i64,
    le: DateTime<Utc>,
    par: String,
}

/// A token that is not believed.
struct Faux {
    /// Over how many leaves of the meta-journal.
    feuilles: i64,
    detail: String,
    /// Its signer may be honest, under a root that was not given.
    d_ailleurs: bool,
}

impl Faux {
    fn of(feuilles: i64, fault: &Fault) -> Self {
        Self { feuilles, detail: fault.to_string(), d_ailleurs: matches!(fault, Fault::Chain(_)) }
    }
}

impl Dates {
    /// Those that a database keeps.
    pub async fn of(
        connection: &mut PgConnection,
        journaux: &[Journal],
        roots: &Roots,
    ) -> Result<Self, Obstacle> {
        let (mut cru, mut faux) = (0, None);
        for Timestamp { size, .. } in list(&mut *connection, i64::MAX).await?.into_iter().rev() {
            let Some((timestamp, note)) = of(&mut *connection, size).await? else { continue };
            match verify(&timestamp.token, note.as_bytes(), roots, None) {
                Ok(verdict) if verdict.gen_time == timestamp.gen_time => cru += 1,
                Ok(_) => faux = faux.or(Some(Faux::of(size, &Fault::Time))),
                Err(fault) => faux = faux.or(Some(Faux::of(size, &fault))),
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

    /// Those that come with their heads, and how far each of these journals stands under them.
    pub fn judged(jetons: &[Jeton], journaux: Vec<(Journal, Option<Consignation>)>, roots: &Roots) -> Self {
        let (mut crus, mut faux) = (BTreeMap::new(), None);
        for jeton in jetons {
            let feuilles = i64::try_from(jeton.taille).unwrap_or(i64::MAX);
            match verify(&jeton.token, jeton.note.as_bytes(), roots, None) {
                Ok(_) if !jeton.est_d_ici => {
                    let detail = "it is over no head of this meta-journal".to_owned();
                    faux = faux.or(Some(Faux { feuilles, detail, d_ailleurs: false }));
                }
                Ok(verdict) => drop(crus.insert(jeton.taille, verdict)),
                Err(fault) => faux = faux.or(Some(Faux::of(feuilles, &fault))),
            }
        }
        // A head dates every leaf that it covers: the first one that does says most.
        let date = |at: Consignation| {
            let (_, verdict) = crus.range(at.index.saturating_add(1)..).next()?;
            Some(Date { size: at.taille, le: verdict.gen_time, par: verdict.tsa.clone() })
        };
        let journaux = journaux.into_iter().map(|(journal, at)| (journal, at.and_then(date))).collect();
        Self { cru: crus.len(), faux, journaux }
    }

    /// What follows from them.
    pub fn verdict(&self) -> Verdict {
        match &self.faux {
            None => enough(self.journaux.iter().all(|(_, date)| date.is_some())),
            Some(faux) if faux.d_ailleurs => Verdict::Indetermine,
            Some(_) => Verdict::Invalide,
        }
    }

    /// Tells them.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(Faux { feuilles, detail, .. }) = &self.faux {
            return writeln!(
                out,
                "Horodatages : celui sur {feuilles} feuilles n'est pas cru (détail : {detail})"
            );
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

    /// Tells them to a machine.
    pub fn json(&self) -> Value {
        let journaux = self.journaux.iter().map(|(journal, date)| {
            json!({
                "portail": journal.portail,
                "annee": journal.annee.0,
                "jusqu_au": date.as_ref().map(|date| date.size),
                "le": date.as_ref().map(|date| date.le),
                "par": date.as_ref().map(|date| &date.par),
            })
        });
        let faux = self.faux.as_ref().map(|faux| json!({ "feuilles": faux.feuilles, "detail": faux.detail }));
        json!({ "crus": self.cru, "faux": faux, "journaux": journaux.collect::<Vec<_>>() })
    }
}

/// The roots that somebody trusts.
pub fn roots(path: &Path) -> Result<Roots, Obstacle> {
    let file = |source| Obstacle::File { path: path.to_owned(), source };
    let pem = std::fs::read(path).map_err(file)?;
    Roots::read(&pem).map_err(|source| Obstacle::Roots { path: path.to_owned(), source })
}
