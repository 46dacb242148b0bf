//! Clôtures: what a journal held at the end of each day, month and school year.
//!
//! A clôture counts the events of its time by type, names the first and the last position,
//! and the root of the tree at that point. It is a leaf of the meta-journal, so it is signed,
//! proven and timestamped with it. A day on which nothing happened is closed too: that
//! nothing is missing is only shown by saying that there was nothing.
//!
//! Which days: those on which the portal kept a journal, none missing. In its first school year
//! they begin with the day of its first event, since of the days before nobody kept a record, and
//! a clôture of them would certify what nobody watched. In a year that follows one of the record
//! they begin on 1 August, as soon as the year before is closed, whether there is an event yet or
//! not: were August closed only when its first event comes, somebody could put events there until
//! then, and no clôture would say otherwise. A portal without one event in a whole school year
//! has ended; should it come back, it begins anew.

use super::Sealer;
use super::checkpoints::latest;
use super::extend::ExtendFault;
use super::log::Log;
use super::meta::{Entry, hold, put};
use super::store::TileFault;
use super::turns::ending;
use crate::feed::{FeedError, Journal};
use crate::seal::hex;
use crate::tlog::proof::{ProofFault, root_of};
use crate::wake::tick;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::{AnneeScolaire, journee, minuit};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;

/// How often to look whether a day has ended.
const LOOK: Duration = Duration::from_secs(60);
/// How long after its end a day is closed: what was dated before midnight is recorded then.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// See the module. Written as canonical JSON (RFC 8785).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cloture {
    /// Format of this text.
    pub format: u32,
    /// Whose journal.
    pub portail: String,
    /// Of which school year.
    pub annee: i16,
    /// `jour`, `mois` or `annee`.
    pub periode: String,
    /// The first day that it covers.
    pub du: NaiveDate,
    /// The last one.
    pub au: NaiveDate,
    /// First position of the time; none if nothing happened.
    pub premier: Option<i64>,
    /// Last position when it ended, of whatever day.
    pub dernier: i64,
    /// How many events of each type.
    pub evenements: BTreeMap<String, i64>,
    /// Root of the tree of the first `dernier` leaves, in hexadecimal.
    pub racine: String,
}

/// Why a time cannot be closed.
#[derive(Debug, thiserror::Error)]
pub enum ClosingFault {
    /// The database did not answer.
    #[error("the record cannot be read")]
    Database(#[from] sqlx::Error),
    /// The journals cannot be listed.
    #[error("the journals")]
    Journals(#[from] FeedError),
    /// The root cannot be computed.
    #[error("the tiles of the journal")]
    Tiles(#[from] ProofFault<TileFault>),
    /// The clôture cannot be written.
    #[error("the clôture cannot be written")]
    Text(#[from] serde_json::Error),
}

impl Sealer {
    /// Closes what has ended, and puts the day's checkpoints into the meta-journal, until
    /// `stop` is true.
    pub(super) async fn keep_closing(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.close().await {
                // What a fault kept from being sealed is sealed now.
                Ok(0) => told(self.seal(&Log::Meta).await.map(drop)),
                Ok(closed) => {
                    told(self.consign().await.map(drop));
                    tracing::info!(closed, "clôtures written");
                }
                Err(error) => tracing::warn!(%error, "days cannot be closed; trying again"),
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = tick(LOOK) => {}
            }
        }
    }

    /// Closes every day, month and year that has ended, of each journal whose events of
    /// then are sealed; says how many.
    pub async fn close(&self) -> Result<usize, ClosingFault> {
        let today = journee(self.clock.now() - MARGIN);
        let mut closed = 0;
        let journals = kept(&mut *self.pool.acquire().await?, AnneeScolaire::of(today)).await?;
        for journal in journals {
            closed += self.close_journal(&journal, today).await?;
        }
        Ok(closed)
    }

    async fn close_journal(&self, journal: &Journal, today: NaiveDate) -> Result<usize, ClosingFault> {
        let mut connection = hold(&self.pool).await?;
        let Some((mut day, mut last)) = resume(&mut connection, journal).await? else { return Ok(0) };
        let log = Log::from(journal);
        let sealed = latest(&mut *connection, &log).await?.map_or(0, |sealed| sealed.size);
        let mut closed = 0;
        while day < today && AnneeScolaire::of(day) == journal.annee {
            let Some(next) = day.checked_add_days(Days::new(1)) else { break };
            let (dernier, evenements) = count(&mut connection, journal, last, minuit(next)).await?;
            if dernier > sealed {
                break;
            }
            for (periode, du, au) in ending(day, journal.annee) {
                let (premier, evenements) = match periode {
                    "jour" => ((dernier > last).then_some(last + 1), evenements.clone()),
                    _ => longer(&mut connection, journal, minuit(du), dernier).await?,
                };
                let tiles = self.tiles.of(&log);
                let racine = root_of(&tiles, sealed.unsigned_abs(), dernier.unsigned_abs()).await?;
                let cloture = Cloture {
                    format: 1,
                    portail: journal.portail.to_string(),
                    annee: journal.annee.0,
                    periode: periode.to_owned(),
                    du,
                    au,
                    premier,
                    dernier,
                    evenements,
                    racine: hex(&racine.0),
                };
                let leaf = serde_json_canonicalizer::to_string(&cloture)?;
                let (portail, annee) = log.key();
                let entry = Entry { portail, annee, periode: Some((periode, du)), size: dernier, leaf };
                put(&mut connection, entry).await?;
                closed += 1;
            }
            (day, last) = (next, dernier);
        }
        connection.commit().await?;
        Ok(closed)
    }
}

fn told(sealed: Result<(), ExtendFault>) {
    if let Err(error) = sealed {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "the meta-journal is not sealed; trying again");
    }
}

/// The journals whose days are closed: all, and those without an event (yet) of the year after
/// one that is closed, up to this one.
async fn kept(connection: &mut PgConnection, annee: AnneeScolaire) -> Result<Vec<Journal>, sqlx::Error> {
    let rows: Vec<(String, i16)> = sqlx::query_as(
        "SELECT portail, annee FROM ledger.journal
         UNION SELECT j.portail, (j.annee + 1)::smallint FROM ledger.journal j
               JOIN ledger.meta m ON (m.portail, m.annee, m.periode) = (j.portail, j.annee, 'annee')
               WHERE j.annee < $1
         ORDER BY portail, annee",
    )
    .bind(annee.0)
    .fetch_all(connection)
    .await?;
    // A row whose portal is no host label was not written by the program.
    let journal = |(portail, annee): (String, i16)| {
        Some(Journal { portail: portail.parse().ok()?, annee: AnneeScolaire(annee) })
    };
    Ok(rows.into_iter().filter_map(journal).collect())
}

/// The first day of a journal that is to be closed: see the module. None without any event.
pub(crate) async fn first_day(
    connection: &mut PgConnection,
    journal: &Journal,
) -> Result<Option<NaiveDate>, sqlx::Error> {
    let (portail, annee) = (journal.portail.as_str(), journal.annee.0);
    let (follows, first): (bool, Option<DateTime<Utc>>) = sqlx::query_as(
        "SELECT EXISTS (SELECT FROM ledger.journal WHERE portail = $1 AND annee = $2 - 1),
                (SELECT (metadata ->> 'recorded_at')::timestamptz FROM ledger.events
                 WHERE portail = $1 AND annee = $2 AND position = 1)",
    )
    .bind(portail)
    .bind(annee)
    .fetch_one(connection)
    .await?;
    Ok(if follows { NaiveDate::from_ymd_opt(i32::from(annee), 8, 1) } else { first.map(journee) })
}

/// The first day that is not closed, and the last position before it.
async fn resume(
    connection: &mut PgConnection,
    journal: &Journal,
) -> Result<Option<(NaiveDate, i64)>, sqlx::Error> {
    let last: Option<(NaiveDate, i64)> = sqlx::query_as(
        "SELECT du, size FROM ledger.meta WHERE portail = $1 AND annee = $2 AND periode = 'jour'
         ORDER BY du DESC LIMIT 1",
    )
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .fetch_optional(&mut *connection)
    .await?;
    if let Some((day, size)) = last {
        return Ok(day.checked_add_days(Days::new(1)).map(|next| (next, size)));
    }
    Ok(first_day(connection, journal).await?.map(|day| (day, 0)))
}

/// The last position before an instant, and how many events of each type there are after
/// `after`. Time does not run backwards in a journal.
async fn count(
    connection: &mut PgConnection,
    journal: &Journal,
    after: i64,
    before: DateTime<Utc>,
) -> Result<(i64, BTreeMap<String, i64>), sqlx::Error> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT event_type, count(*), max(position) FROM ledger.events
         WHERE portail = $1 AND annee = $2 AND position > $3
           AND (metadata ->> 'recorded_at')::timestamptz < $4 GROUP BY event_type",
    )
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .bind(after)
    .bind(before)
    .fetch_all(connection)
    .await?;
    let last = rows.iter().map(|(_, _, last)| *last).max().unwrap_or(after);
    Ok((last, rows.into_iter().map(|(kind, count, _)| (kind, count)).collect()))
}

/// First position since an instant, and the events of each type from there on to `last`.
async fn longer(
    connection: &mut PgConnection,
    journal: &Journal,
    since: DateTime<Utc>,
    last: i64,
) -> Result<(Option<i64>, BTreeMap<String, i64>), sqlx::Error> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT event_type, count(*), min(position) FROM ledger.events
         WHERE portail = $1 AND annee = $2 AND position <= $4
           AND (metadata ->> 'recorded_at')::timestamptz >= $3 GROUP BY event_type",
    )
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .bind(since)
    .bind(last)
    .fetch_all(connection)
    .await?;
    let first = rows.iter().map(|(_, _, first)| *first).min();
    Ok((first, rows.into_iter().map(|(kind, count, _)| (kind, count)).collect()))
}
