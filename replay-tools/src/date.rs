//! Instants as auditors write and read them: by the clock of Paris.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Europe::Paris;
use domain::AnneeScolaire;

/// The instant that a text names: an RFC 3339 instant, or the last microsecond (the
/// record's resolution) of a school day, which ends at midnight in Paris.
pub fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let day: NaiveDate = text.parse().map_err(|_| {
        "attendu : une journée AAAA-MM-JJ, ou un instant RFC 3339 tel que 2026-11-20T08:00:00+01:00"
            .to_owned()
    })?;
    end_of_day(day).ok_or_else(|| "cette date est hors du calendrier".to_owned())
}

fn end_of_day(day: NaiveDate) -> Option<DateTime<Utc>> {
    let next = day.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN);
    let midnight = next.and_local_timezone(Paris).earliest()?;
    midnight.to_utc().checked_sub_signed(TimeDelta::microseconds(1))
}

/// A school year, named by the civil year in which it starts: `2026`, or `2026-2027`.
pub fn annee(text: &str) -> Result<AnneeScolaire, String> {
    let expected = || "attendu : une année scolaire, 2026 ou 2026-2027".to_owned();
    let (start, end) = text.split_once('-').map_or((text, None), |(start, end)| (start, Some(end)));
    let start: i16 = start.parse().map_err(|_| expected())?;
    let end: Option<i16> = end.map(str::parse).transpose().map_err(|_| expected())?;
    let sensible = (1900..=9998).contains(&start) && end.is_none_or(|end| end == start + 1);
    if sensible { Ok(AnneeScolaire(start)) } else { Err(expected()) }
}

/// A school year as it is said: `2026-2027`.
pub fn spoken_annee(annee: i16) -> String {
    format!("{annee}-{}", i32::from(annee) + 1)
}

/// An instant as it is said, by the clock of Paris.
pub fn spoken(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&Paris).format("%d/%m/%Y à %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_ends_at_midnight_in_paris() {
        assert_eq!(instant("2026-11-20").unwrap(), utc("2026-11-20T22:59:59.999999Z"));
        assert_eq!(instant("2026-06-20").unwrap(), utc("2026-06-20T21:59:59.999999Z"));
    }

    #[test]
    fn days_on_which_the_clock_changes_end_by_the_new_time() {
        assert_eq!(instant("2026-03-29").unwrap(), utc("2026-03-29T21:59:59.999999Z"), "summer time");
        assert_eq!(instant("2026-03-28").unwrap(), utc("2026-03-28T22:59:59.999999Z"), "the eve");
        assert_eq!(instant("2026-10-25").unwrap(), utc("2026-10-25T22:59:59.999999Z"), "winter time");
        assert_eq!(instant("2026-10-24").unwrap(), utc("2026-10-24T21:59:59.999999Z"), "the eve");
    }

    #[test]
    fn the_end_of_a_day_is_still_that_school_day() {
        let mut day: NaiveDate = "2026-01-01".parse().unwrap();
        while day < "2027-01-01".parse().unwrap() {
            let end = instant(&day.to_string()).unwrap();
            assert_eq!(domain::journee(end), day);
            day = day.succ_opt().unwrap();
            assert_eq!(domain::journee(end + TimeDelta::microseconds(1)), day);
        }
    }

    #[test]
    fn an_instant_is_taken_as_it_is() {
        assert_eq!(instant("2026-11-20T08:00:00+01:00").unwrap(), utc("2026-11-20T07:00:00Z"));
    }

    #[test]
    fn what_is_no_date_is_refused_without_panic() {
        for text in ["", "hier", "2026-02-30", "20/11/2026", "+262142-12-31", "2026-11-20 08:00"] {
            assert!(instant(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_school_year_has_two_spellings() {
        assert_eq!(annee("2026"), Ok(AnneeScolaire(2026)));
        assert_eq!(annee("2026-2027"), Ok(AnneeScolaire(2026)));
        for text in ["", "26", "2026-2028", "2026-", "an 2026", "32767"] {
            assert!(annee(text).is_err(), "{text}");
        }
    }

    #[test]
    fn instants_are_said_by_the_clock_of_paris() {
        assert_eq!(spoken(utc("2026-07-14T10:00:00Z")), "14/07/2026 à 12:00:00");
        assert_eq!(spoken_annee(2026), "2026-2027");
    }
}
