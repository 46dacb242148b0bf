//! The school calendar of the demo: the first term of 2026-2027 in zone A, without Saturdays. The
//! armistice is a public holiday (code du travail, art. L3133-1).

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Europe::Paris;
use domain::AnneeScolaire;

const fn jour(annee: i32, mois: u32, jour: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(annee, mois, jour) {
        Some(jour) => jour,
        None => NaiveDate::MIN,
    }
}

/// First day with pupils.
pub const RENTREE: NaiveDate = jour(2026, 9, 1);
/// Last day of what the demo tells.
pub const FIN_DU_TRIMESTRE: NaiveDate = jour(2026, 11, 20);
/// The feed of the directory is of that day.
pub const LIVRAISON: NaiveDate = jour(2026, 8, 28);
/// The school year, and its first and last day.
pub const ANNEE: AnneeScolaire = AnneeScolaire(2026);
/// See [`ANNEE`].
pub const ANNEE_SCOLAIRE: (NaiveDate, NaiveDate) = (RENTREE, jour(2027, 7, 3));
/// The trimestres.
pub const PERIODES: [(&str, NaiveDate, NaiveDate); 3] = [
    ("1er trimestre", RENTREE, jour(2026, 11, 30)),
    ("2e trimestre", jour(2026, 12, 1), jour(2027, 3, 5)),
    ("3e trimestre", jour(2027, 3, 6), jour(2027, 7, 3)),
];
const TOUSSAINT: (NaiveDate, NaiveDate) = (jour(2026, 10, 17), jour(2026, 11, 1));
const ARMISTICE: NaiveDate = jour(2026, 11, 11);

/// Whether there are lessons that day.
pub fn ouvre(jour: NaiveDate) -> bool {
    let weekend = matches!(jour.weekday(), Weekday::Sat | Weekday::Sun);
    let vacances = TOUSSAINT.0 <= jour && jour <= TOUSSAINT.1;
    jour >= RENTREE && !weekend && !vacances && jour != ARMISTICE
}

/// The Mondays of the weeks of the term, holidays included.
pub fn semaines() -> impl Iterator<Item = NaiveDate> {
    let premier = RENTREE.week(Weekday::Mon).first_day();
    (0..).map_while(move |rang| apres(premier, rang * 7)).take_while(|lundi| *lundi <= FIN_DU_TRIMESTRE)
}

/// So many days later.
pub fn apres(jour: NaiveDate, jours: u64) -> Option<NaiveDate> {
    jour.checked_add_days(Days::new(jours))
}

/// The first day with lessons after that day.
pub fn lendemain(jour: NaiveDate) -> NaiveDate {
    let suivants = jour.iter_days().skip(1).take(30);
    suivants.into_iter().find(|jour| ouvre(*jour)).unwrap_or(jour)
}

/// The instant at which the clock on the wall shows this.
pub fn instant(jour: NaiveDate, heure: NaiveTime) -> DateTime<Utc> {
    let local = jour.and_time(heure);
    local.and_local_timezone(Paris).earliest().map_or_else(|| local.and_utc(), |instant| instant.to_utc())
}

/// An hour of the day.
pub fn heure(heures: u32, minutes: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(heures, minutes, 0).unwrap_or(NaiveTime::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_no_lessons_on_sundays_in_the_holidays_and_on_11_november() {
        for (jour, attendu) in [
            ("2026-08-31", false),
            ("2026-09-01", true),
            ("2026-09-06", false),
            ("2026-10-16", true),
            ("2026-10-19", false),
            ("2026-11-02", true),
            ("2026-11-11", false),
        ] {
            assert_eq!(ouvre(jour.parse().unwrap()), attendu, "{jour}");
        }
    }

    #[test]
    fn the_day_after_a_friday_before_the_holidays_is_after_them() {
        assert_eq!(lendemain("2026-10-16".parse().unwrap()), "2026-11-02".parse().unwrap());
    }

    #[test]
    fn the_clock_on_the_wall_changes_with_the_season() {
        let matin = |jour: &str| instant(jour.parse().unwrap(), heure(8, 0)).to_rfc3339();
        assert_eq!(matin("2026-10-16"), "2026-10-16T06:00:00+00:00");
        assert_eq!(matin("2026-11-02"), "2026-11-02T07:00:00+00:00");
    }

    #[test]
    fn the_term_has_twelve_weeks() {
        assert_eq!(semaines().count(), 12);
    }
}
