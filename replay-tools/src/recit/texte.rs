//! Days, hours and numbers as they are written in French.

use crate::accord::accord;
use chrono::{NaiveDate, NaiveTime};

/// A day.
pub fn jour(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// An hour of a school day.
pub fn heure(time: NaiveTime) -> String {
    time.format("%H h %M").to_string()
}

/// So many minutes.
pub fn minutes(minutes: u16) -> String {
    accord(minutes, "minute", "minutes")
}
