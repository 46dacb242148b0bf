//! Whether clôtures say what the events of their time are, and whether none is missing.

use crate::feed::Journal;
use crate::sealer::closing::{Cloture, first_day};
use crate::sealer::turns::Turns;
use crate::verify::fault::Fault;
use chrono::{DateTime, NaiveDate, Utc};
use domain::journee;
use sqlx::{FromRow, PgConnection};
use std::collections::BTreeMap;

/// A clôture, and what is wrong with it beside its root.
pub(super) struct Closing {
    /// The last position that it covers.
    pub size: i64,
    /// Its first day.
    pub du: NaiveDate,
    /// The root that it names, in hexadecimal.
    pub judged: Result<String, Fault>,
}

#[derive(FromRow)]
struct Row {
    position: i64,
    size: i64,
    du: NaiveDate,
    leaf: String,
}

/// The clôtures of a journal, read as its events are.
#[derive(Default)]
pub(super) struct Clotures {
    turns: Option<Turns>,
    /// The last position that the days closed so far cover.
    closed: i64,
    /// The first and the last day that nobody closed because nobody had to.
    pub unclosed: Option<(NaiveDate, NaiveDate)>,
}

impl Clotures {
    /// The clôtures over more than `after` events and not more than `to`, in order, held to the
    /// events that they count.
    pub async fn read(
        &mut self,
        connection: &mut PgConnection,
        journal: &Journal,
        after: i64,
        to: i64,
    ) -> Result<Vec<Closing>, sqlx::Error> {
        let mut closings = Vec::new();
        for Row { position, size, du, leaf } in rows(connection, journal, after, to).await? {
            let judged = match serde_json::from_str::<Cloture>(&leaf) {
                Ok(cloture) if cloture.dernier == size => {
                    if self.turns.is_none() {
                        self.begin(connection, journal, &cloture, position).await?;
                    }
                    self.judge(connection, journal, cloture).await?
                }
                Ok(_) | Err(_) => Err(Fault::Counted(du)),
            };
            closings.push(Closing { size, du, judged });
        }
        Ok(closings)
    }

    /// With which day they must begin. Before each August was closed, those of a year that follows
    /// another one began with its first event too, and no clôture can be made of days that are over
    /// without saying what nobody watched: where the record shows of no journal that the other rule
    /// was known when the first was made, that is no fault, and is told.
    async fn begin(
        &mut self,
        connection: &mut PgConnection,
        journal: &Journal,
        first: &Cloture,
        position: i64,
    ) -> Result<(), sqlx::Error> {
        let Some(mut day) = first_day(connection, journal).await? else { return Ok(()) };
        let of_event = bounds(connection, journal, 1, 1).await?.first;
        if day < first.du && of_event == Some(first.du) && !closes_empty_days(connection, position).await? {
            self.unclosed = first.du.pred_opt().map(|last| (day, last));
            day = first.du;
        }
        self.turns = Some(Turns::from(day, journal.annee));
        Ok(())
    }

    async fn judge(
        &mut self,
        connection: &mut PgConnection,
        journal: &Journal,
        cloture: Cloture,
    ) -> Result<Result<String, Fault>, sqlx::Error> {
        let Some(turns) = &mut self.turns else { return Ok(Err(Fault::NotClosed(cloture.au))) };
        if let Err(missing) = turns.take(&cloture.periode, cloture.du, cloture.au) {
            return Ok(Err(Fault::NotClosed(missing)));
        }
        let first = match (cloture.premier, cloture.periode.as_str()) {
            (None, _) => cloture.dernier + 1,
            // Days are one after the other, so are their events.
            (Some(premier), "jour") if premier != self.closed + 1 => {
                return Ok(Err(Fault::Counted(cloture.du)));
            }
            (Some(premier), _) => premier,
        };
        if cloture.periode == "jour" {
            self.closed = cloture.dernier;
        }
        let (counts, bounds) = (
            counts(connection, journal, first, cloture.dernier).await?,
            bounds(connection, journal, first, cloture.dernier).await?,
        );
        let is_so = cloture.evenements == counts && bounds.are(cloture.du, cloture.au);
        Ok(if is_so { Ok(cloture.racine) } else { Err(Fault::Counted(cloture.du)) })
    }
}

/// The days of the events before, at and after the ends of a time.
struct Bounds {
    before: Option<NaiveDate>,
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
    after: Option<NaiveDate>,
}

impl Bounds {
    /// Whether they are those of a time from a day to another. Time does not run backwards in a
    /// journal, so that its ends say enough.
    fn are(&self, du: NaiveDate, au: NaiveDate) -> bool {
        let within = |day: NaiveDate| du <= day && day <= au;
        self.before.is_none_or(|day| day < du)
            && self.first.is_none_or(within)
            && self.last.is_none_or(within)
            && self.after.is_none_or(|day| day > au)
    }
}

async fn rows(
    connection: &mut PgConnection,
    journal: &Journal,
    after: i64,
    to: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT position, size, du, leaf FROM ledger.meta
         WHERE portail = $1 AND annee = $2 AND periode IS NOT NULL AND size > $3 AND size <= $4
         ORDER BY position",
    )
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .bind(after)
    .bind(to)
    .fetch_all(connection)
    .await
}

/// Whether the house closed days before the first event of a journal, of whichever, before it put
/// a leaf there: only who knew the rule did.
async fn closes_empty_days(connection: &mut PgConnection, before: i64) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM ledger.meta WHERE periode = 'jour' AND size = 0 AND position < $1)",
    )
    .bind(before)
    .fetch_one(connection)
    .await
}

async fn counts(
    connection: &mut PgConnection,
    journal: &Journal,
    first: i64,
    last: i64,
) -> Result<BTreeMap<String, i64>, sqlx::Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT event_type, count(*) FROM ledger.events
         WHERE portail = $1 AND annee = $2 AND position BETWEEN $3 AND $4 GROUP BY event_type",
    )
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .bind(first)
    .bind(last)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().collect())
}

async fn bounds(
    connection: &mut PgConnection,
    journal: &Journal,
    first: i64,
    last: i64,
) -> Result<Bounds, sqlx::Error> {
    let rows: Vec<(i64, DateTime<Utc>)> = sqlx::query_as(
        "SELECT position, (metadata ->> 'recorded_at')::timestamptz FROM ledger.events
         WHERE portail = $1 AND annee = $2 AND position = ANY ($3)",
    )
    .bind(journal.portail.as_str())
    .bind(journal.annee.0)
    .bind([first - 1, first, last, last + 1])
    .fetch_all(connection)
    .await?;
    let days: BTreeMap<_, _> = rows.into_iter().map(|(position, at)| (position, journee(at))).collect();
    let (day, is_empty) = (|position: i64| days.get(&position).copied(), first > last);
    Ok(Bounds {
        before: day(first - 1),
        first: day(first).filter(|_| !is_empty),
        last: day(last).filter(|_| !is_empty),
        after: day(last + 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_ends_where_its_events_do() {
        let bounds = |ends: [Option<&str>; 4]| {
            let [before, first, last, after] = ends.map(|end| end.map(day));
            Bounds { before, first, last, after }.are(day("2026-11-23"), day("2026-11-24"))
        };
        assert!(bounds([None; 4]));
        assert!(bounds([Some("2026-11-22"), Some("2026-11-23"), Some("2026-11-24"), Some("2026-11-25")]));
        assert!(!bounds([Some("2026-11-23"), None, None, None]), "an event of the day was left out");
        assert!(!bounds([None, Some("2026-11-22"), None, None]));
        assert!(!bounds([None, None, Some("2026-11-25"), None]));
        assert!(!bounds([None, None, None, Some("2026-11-24")]));
    }
}
