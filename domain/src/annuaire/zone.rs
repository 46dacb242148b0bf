//! The zones of académies, and the days that are holidays in all of them.
//!
//! Source: code du travail, art. L3133-1 (jours fériés).

use super::Academie;
use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;

/// A zone of académies, whose winter and spring vacances are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[allow(missing_docs)]
pub enum Zone {
    A,
    B,
    C,
}

impl Zone {
    /// All of them.
    pub const TOUTES: [Self; 3] = [Self::A, Self::B, Self::C];
}

impl From<Academie> for Zone {
    fn from(academie: Academie) -> Self {
        match academie {
            Academie::Clermont | Academie::Grenoble | Academie::Lyon => Self::A,
        }
    }
}

/// Whether a day is a holiday everywhere.
pub fn est_ferie(le: NaiveDate) -> bool {
    const FIXES: [(u32, u32); 8] = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
    // Easter Monday, Ascension, Whit Monday.
    const MOBILES: [u64; 3] = [1, 39, 50];
    let moving = |days: &u64| paques(le.year()).and_then(|day| day.checked_add_days(Days::new(*days)));
    FIXES.contains(&(le.month(), le.day())) || MOBILES.iter().any(|days| moving(days) == Some(le))
}

/// Easter Sunday of a Gregorian year (Meeus, Jones and Butcher's algorithm).
fn paques(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year.rem_euclid(19), year.div_euclid(100), year.rem_euclid(100));
    let (d, e) = (b.div_euclid(4), b.rem_euclid(4));
    let g = (8 * b + 13).div_euclid(25);
    let h = (19 * a + b - d - g + 15).rem_euclid(30);
    let (i, k) = (c.div_euclid(4), c.rem_euclid(4));
    let l = (32 + 2 * e + 2 * i - h - k).rem_euclid(7);
    let m = (a + 11 * h + 22 * l).div_euclid(451);
    let n = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(
        year,
        u32::try_from(n.div_euclid(31)).ok()?,
        u32::try_from(n.rem_euclid(31) + 1).ok()?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn easter_falls_where_almanacs_say() {
        for (year, easter) in
            [(2024, "2024-03-31"), (2026, "2026-04-05"), (2027, "2027-03-28"), (2038, "2038-04-25")]
        {
            assert_eq!(paques(year), Some(day(easter)));
        }
    }

    #[test]
    fn there_are_eleven_holidays_in_a_year() {
        let holidays = day("2027-01-01").iter_days().take(365).filter(|day| est_ferie(*day));
        let holidays: Vec<_> = holidays.map(|day| day.to_string()).collect();
        let expected = [
            "2027-01-01",
            "2027-03-29",
            "2027-05-01",
            "2027-05-06",
            "2027-05-08",
            "2027-05-17",
            "2027-07-14",
            "2027-08-15",
            "2027-11-01",
            "2027-11-11",
            "2027-12-25",
        ];
        assert_eq!(holidays, expected);
    }
}
