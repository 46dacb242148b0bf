//! In which order what ends is closed: day after day of a school year, and with its last day a
//! month and the year.

use chrono::{Datelike, Days, Months, NaiveDate};
use domain::AnneeScolaire;
use std::collections::VecDeque;

/// A time that has ended: its kind, its first day and its last.
pub type Span = (&'static str, NaiveDate, NaiveDate);

/// What ends with a day.
pub fn ending(day: NaiveDate, annee: AnneeScolaire) -> Vec<Span> {
    let mut spans = vec![("jour", day, day)];
    let Some(next) = day.checked_add_days(Days::new(1)) else { return spans };
    if next.day() == 1 {
        spans.push(("mois", day.with_day(1).unwrap_or(day), day));
    }
    if AnneeScolaire::of(next) != annee {
        let first = day.with_day(1).and_then(|first| first.checked_sub_months(Months::new(11)));
        spans.push(("annee", first.unwrap_or(day), day));
    }
    spans
}

/// What ends, in the order in which it must be closed: day after day of a school year, with
/// what else ends on it.
#[derive(Debug, Clone)]
pub struct Turns {
    annee: AnneeScolaire,
    next: Option<NaiveDate>,
    due: VecDeque<Span>,
}

impl Turns {
    /// From a day on.
    pub fn from(first: NaiveDate, annee: AnneeScolaire) -> Self {
        Self { annee, next: Some(first), due: VecDeque::new() }
    }

    /// Whether this is what must be closed next; otherwise the day with which ends what is not.
    pub fn take(&mut self, periode: &str, du: NaiveDate, au: NaiveDate) -> Result<(), NaiveDate> {
        if self.due.is_empty()
            && let Some(day) = self.next.take()
        {
            self.due.extend(ending(day, self.annee));
            let next = day.checked_add_days(Days::new(1));
            self.next = next.filter(|next| AnneeScolaire::of(*next) == self.annee);
        }
        match self.due.pop_front() {
            Some(due) if due == (periode, du, au) => Ok(()),
            Some((_, _, missing)) => Err(missing),
            None => Err(au),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn turns() -> Turns {
        Turns::from(day("2027-07-29"), AnneeScolaire(2026))
    }

    #[test]
    fn days_are_closed_one_after_the_other_and_a_month_and_a_year_with_their_last_day() {
        let mut turns = turns();
        for (periode, du, au) in [
            ("jour", "2027-07-29", "2027-07-29"),
            ("jour", "2027-07-30", "2027-07-30"),
            ("jour", "2027-07-31", "2027-07-31"),
            ("mois", "2027-07-01", "2027-07-31"),
            ("annee", "2026-08-01", "2027-07-31"),
        ] {
            assert_eq!(turns.take(periode, day(du), day(au)), Ok(()), "{periode} {du}");
        }
        let beyond = turns.take("jour", day("2027-08-01"), day("2027-08-01"));
        assert_eq!(beyond, Err(day("2027-08-01")), "that is another year's");
    }

    #[test]
    fn a_day_or_a_month_that_is_left_out_is_named() {
        let take = |turns: &mut Turns, text| turns.take("jour", day(text), day(text));
        assert_eq!(take(&mut turns(), "2027-07-30"), Err(day("2027-07-29")));
        let mut turns = turns();
        for text in ["2027-07-29", "2027-07-30", "2027-07-31"] {
            assert_eq!(take(&mut turns, text), Ok(()));
        }
        let year = turns.take("annee", day("2026-08-01"), day("2027-07-31"));
        assert_eq!(year, Err(day("2027-07-31")), "the month was left out");
    }
}
