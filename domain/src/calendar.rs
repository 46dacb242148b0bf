//! School time: instants are UTC, school days are those of Europe/Paris.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Europe::Paris;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The school day in which an instant falls.
pub fn journee(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&Paris).date_naive()
}

/// The clock on the wall of a school at an instant.
pub fn heure_locale(instant: DateTime<Utc>) -> NaiveDateTime {
    instant.with_timezone(&Paris).naive_local()
}

/// The instant at which a school day begins.
pub fn minuit(jour: NaiveDate) -> DateTime<Utc> {
    let midnight = jour.and_time(NaiveTime::MIN);
    // Clocks change at night, but never at midnight.
    let there = midnight.and_local_timezone(Paris).earliest();
    there.map_or(midnight.and_utc(), |there| there.to_utc())
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum JourDeSemaine {
    Lundi,
    Mardi,
    Mercredi,
    Jeudi,
    Vendredi,
    Samedi,
    Dimanche,
}

impl JourDeSemaine {
    /// All of them, Monday first.
    pub const TOUS: [Self; 7] =
        [Self::Lundi, Self::Mardi, Self::Mercredi, Self::Jeudi, Self::Vendredi, Self::Samedi, Self::Dimanche];

    /// That of a number, from 1 for Monday, as timetable programs write it.
    pub fn numero(numero: u16) -> Option<Self> {
        Self::TOUS.get(usize::from(numero).checked_sub(1)?).copied()
    }

    /// That of a date.
    pub fn de(date: NaiveDate) -> Self {
        Self::TOUS[date.weekday().num_days_from_monday() as usize % 7]
    }

    /// Days after Monday.
    pub fn rang(self) -> u64 {
        Self::TOUS.iter().position(|one| *one == self).unwrap_or_default() as u64
    }
}

/// A school year, named by the civil year in which it starts.
///
/// The record closes a journal with each of them. It runs from 1 August, so that
/// the *pré-rentrée* belongs to the year that it prepares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct AnneeScolaire(pub i16);

impl AnneeScolaire {
    /// The school year to which a school day belongs.
    pub fn of(day: NaiveDate) -> Self {
        let start = if day.month() >= 8 { day.year() } else { day.year() - 1 };
        Self(i16::try_from(start).unwrap_or(i16::MAX))
    }

    /// Its first day.
    pub fn debut(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(i32::from(self.0), 8, 1).unwrap_or(NaiveDate::MIN)
    }

    /// The school year in which an instant falls in Paris.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self::of(journee(instant))
    }
}

impl fmt::Display for AnneeScolaire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_year_turns_at_midnight_in_paris_on_the_first_of_august() {
        assert_eq!(AnneeScolaire::at(utc("2026-07-31T21:59:59Z")), AnneeScolaire(2025));
        assert_eq!(AnneeScolaire::at(utc("2026-07-31T22:00:00Z")), AnneeScolaire(2026));
        assert_eq!(AnneeScolaire(2026).debut(), "2026-08-01".parse().unwrap());
    }

    #[test]
    fn a_school_day_begins_at_midnight_in_paris() {
        let begins = |day: &str| minuit(day.parse().unwrap());
        assert_eq!(begins("2026-10-25"), utc("2026-10-24T22:00:00Z"));
        assert_eq!(begins("2026-10-26"), utc("2026-10-25T23:00:00Z"));
    }

    #[test]
    fn a_school_day_follows_the_clock_of_paris_in_winter_too() {
        assert_eq!(journee(utc("2026-12-31T23:00:00Z")), "2027-01-01".parse().unwrap());
    }
}
