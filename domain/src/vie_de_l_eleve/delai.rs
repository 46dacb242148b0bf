//! The time that a pupil has to prepare a defence.
//!
//! The chef fixes it, at two *jours ouvrables* at least (code de l'éducation, art. R421-10-1). The
//! day on which the pupil is informed does not count, and the decision comes after the last day.
//! Saturdays are ouvrables in law; we do not count them, because a school that is shut cannot
//! receive a defence: « au moins » lets a delay be longer, never shorter. Public holidays are those
//! of the code du travail, art. L3133-1.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// The last day of a delay of so many working days, for who was informed on a day. Nothing where
/// the calendar ends.
pub fn fin_du_delai(informe_le: NaiveDate, jours: u8) -> Option<NaiveDate> {
    let mut jour = informe_le;
    let mut restants = jours;
    while restants > 0 {
        jour = jour.checked_add_days(Days::new(1))?;
        if ouvrable(jour) {
            restants -= 1;
        }
    }
    Some(jour)
}

/// Whether a school works on a day: neither on a weekend nor on a public holiday.
pub fn ouvrable(jour: NaiveDate) -> bool {
    !matches!(jour.weekday(), Weekday::Sat | Weekday::Sun) && !ferie(jour)
}

fn ferie(jour: NaiveDate) -> bool {
    const FIXES: [(u32, u32); 8] = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
    /// Easter Monday, Ascension and Whit Monday, in days after Easter.
    const MOBILES: [u64; 3] = [1, 39, 50];
    let mobile = |apres: &u64| paques(jour.year())?.checked_add_days(Days::new(*apres));
    FIXES.contains(&(jour.month(), jour.day())) || MOBILES.iter().any(|apres| mobile(apres) == Some(jour))
}

/// Easter Sunday of the Gregorian calendar (the algorithm of Meeus, Jones and Butcher).
fn paques(annee: i32) -> Option<NaiveDate> {
    let (a, b, c) = (annee % 19, annee / 100, annee % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let rang = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(annee, u32::try_from(rang / 31).ok()?, u32::try_from(rang % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_delay_of_two_days_passes_over_weekends_and_public_holidays() {
        for (informe, fin, pourquoi) in [
            ("2026-11-23", "2026-11-25", "a Monday"),
            ("2026-11-26", "2026-11-30", "a Thursday: Friday and Monday"),
            ("2026-11-27", "2026-12-01", "a Friday"),
            ("2026-11-28", "2026-12-01", "a Saturday"),
            ("2026-11-10", "2026-11-13", "the eve of 11 November"),
            ("2026-12-23", "2026-12-28", "before Christmas, a Friday"),
            ("2027-03-26", "2027-03-31", "before Easter Monday"),
            ("2027-05-05", "2027-05-10", "before Ascension, 6 May"),
            ("2027-05-14", "2027-05-19", "before Whit Monday, 17 May"),
            ("2026-12-31", "2027-01-05", "New Year's Day, then a weekend"),
        ] {
            assert_eq!(fin_du_delai(day(informe), 2), Some(day(fin)), "{pourquoi}");
        }
    }

    #[test]
    fn easter_is_where_the_church_keeps_it() {
        for (annee, jour) in [
            (2024, "2024-03-31"),
            (2025, "2025-04-20"),
            (2026, "2026-04-05"),
            (2027, "2027-03-28"),
            (2028, "2028-04-16"),
            (2038, "2038-04-25"),
        ] {
            assert_eq!(paques(annee), Some(day(jour)));
        }
    }

    #[test]
    fn where_the_calendar_ends_there_is_no_last_day() {
        assert_eq!(fin_du_delai(NaiveDate::MAX, 1), None);
    }

    proptest! {
        #[test]
        fn a_delay_holds_as_many_working_days_as_were_given(decalage in 0..4000u64, jours in 1..20u8) {
            let informe = day("2026-08-01") + Days::new(decalage);
            let fin = fin_du_delai(informe, jours).unwrap();
            prop_assert!(ouvrable(fin));
            let compte = informe.iter_days().skip(1).take_while(|jour| *jour <= fin).filter(|jour| ouvrable(*jour));
            prop_assert_eq!(compte.count(), usize::from(jours));
        }
    }
}
