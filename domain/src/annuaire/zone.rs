//! Days without school: the vacances of each zone, and the days that are holidays everywhere.
//!
//! Sources: code de l'éducation, art. L521-1 (the calendar is national, by zones), and the
//! arrêté that fixes that of 2026-2027; code du travail, art. L3133-1 (jours fériés).

use super::Academie;
use crate::AnneeScolaire;
use chrono::{Datelike, Days, NaiveDate};

/// A zone of académies, whose winter and spring vacances are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// Vacances: the first day without school, and the first day of school after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vacances {
    /// What they are called.
    pub nom: &'static str,
    /// First day without school.
    pub debut: NaiveDate,
    /// First day of school.
    pub reprise: NaiveDate,
}

/// Year, month, day.
type Jour = (i32, u32, u32);

/// The vacances of the school year 2026-2027: the zones that have them, and from when to when.
const VACANCES_2026: &[(&str, &[Zone], Jour, Jour)] = &[
    ("Avant la rentrée", &Zone::TOUTES, (2026, 8, 1), (2026, 9, 1)),
    ("Toussaint", &Zone::TOUTES, (2026, 10, 18), (2026, 11, 2)),
    ("Noël", &Zone::TOUTES, (2026, 12, 20), (2027, 1, 4)),
    ("Hiver", &[Zone::C], (2027, 2, 7), (2027, 2, 22)),
    ("Hiver", &[Zone::A], (2027, 2, 14), (2027, 3, 1)),
    ("Hiver", &[Zone::B], (2027, 2, 21), (2027, 3, 8)),
    ("Printemps", &[Zone::C], (2027, 4, 4), (2027, 4, 19)),
    ("Printemps", &[Zone::A], (2027, 4, 11), (2027, 4, 26)),
    ("Printemps", &[Zone::B], (2027, 4, 18), (2027, 5, 3)),
    ("Pont de l'Ascension", &Zone::TOUTES, (2027, 5, 7), (2027, 5, 9)),
    ("Été", &Zone::TOUTES, (2027, 7, 4), (2027, 8, 1)),
];

/// The vacances of a zone in a school year, in their order. Of a year whose arrêté this program
/// does not know there are none: the weeks of each course say when it takes place.
pub fn vacances(zone: Zone, annee: AnneeScolaire) -> Vec<Vacances> {
    let known = if annee == AnneeScolaire(2026) { VACANCES_2026 } else { &[] };
    let ours = known.iter().filter(|(_, zones, _, _)| zones.contains(&zone));
    ours.filter_map(|&(nom, _, debut, reprise)| {
        Some(Vacances { nom, debut: jour(debut)?, reprise: jour(reprise)? })
    })
    .collect()
}

/// Whether there is school on a day, as far as the calendar says.
pub fn est_ouvre(zone: Zone, le: NaiveDate) -> bool {
    let on_leave =
        vacances(zone, AnneeScolaire::of(le)).iter().any(|one| one.debut <= le && le < one.reprise);
    !on_leave && !est_ferie(le)
}

/// Whether a day is a holiday everywhere.
pub fn est_ferie(le: NaiveDate) -> bool {
    const FIXES: [(u32, u32); 8] = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
    // Easter Monday, Ascension, Whit Monday.
    const MOBILES: [u64; 3] = [1, 39, 50];
    let moving = |days: &u64| paques(le.year()).and_then(|day| day.checked_add_days(Days::new(*days)));
    FIXES.contains(&(le.month(), le.day())) || MOBILES.iter().any(|days| moving(days) == Some(le))
}

fn jour((year, month, day): Jour) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
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

    #[test]
    fn zones_have_their_winter_one_after_the_other() {
        let winter = |zone| vacances(zone, AnneeScolaire(2026)).into_iter().find(|one| one.nom == "Hiver");
        let first = |zone| winter(zone).map(|one| one.debut).unwrap();
        assert!(first(Zone::C) < first(Zone::A) && first(Zone::A) < first(Zone::B));
        for zone in Zone::TOUTES {
            let all = vacances(zone, AnneeScolaire(2026));
            assert!(all.iter().all(|one| one.debut < one.reprise), "{zone:?}");
            assert!(all.windows(2).all(|two| two[0].reprise <= two[1].debut), "{zone:?}");
        }
    }

    #[test]
    fn school_ends_on_the_saturday_and_begins_on_the_monday() {
        assert!(est_ouvre(Zone::A, day("2026-10-17")) && !est_ouvre(Zone::A, day("2026-10-18")));
        assert!(!est_ouvre(Zone::A, day("2026-11-01")) && est_ouvre(Zone::A, day("2026-11-02")));
    }
}
