//! Spans of days.

use chrono::NaiveDate;

/// A span of days: from `du` to the day before `au`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Periode {
    pub du: NaiveDate,
    pub au: Option<NaiveDate>,
}

impl Periode {
    pub fn holds(self, date: NaiveDate) -> bool {
        self.du <= date && self.au.is_none_or(|au| date < au)
    }

    pub fn meets(self, other: Self) -> bool {
        self.au.is_none_or(|au| other.du < au) && other.au.is_none_or(|au| self.du < au)
    }

    pub fn outlasts(self, other: Self) -> bool {
        self.au.is_none_or(|end| other.au.is_some_and(|other_end| other_end <= end))
    }

    /// It begins before it ends.
    pub fn is_sound(self) -> bool {
        self.au.is_none_or(|au| self.du < au)
    }
}
