//! The time zone of agendas (RFC 5545, §3.6.5).
//!
//! An hour of school is one of the clock on the wall: written as such, a course that is at eight
//! stays at eight whatever a calendar program makes of a change of the clock.

use chrono::{NaiveDate, NaiveTime};
use icalendar::CalendarDateTime;

/// The name of the zone.
pub(super) const TZID: &str = "Europe/Paris";

/// Its rules since 1996 (directive 2000/84/CE, and those before it): it changes at one o'clock UTC,
/// on the last Sundays of March and of October. No school day is before.
const VTIMEZONE: &str = "BEGIN:VTIMEZONE\r\n\
    TZID:Europe/Paris\r\n\
    BEGIN:DAYLIGHT\r\n\
    TZNAME:CEST\r\n\
    DTSTART:19960331T020000\r\n\
    TZOFFSETFROM:+0100\r\n\
    TZOFFSETTO:+0200\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n\
    END:DAYLIGHT\r\n\
    BEGIN:STANDARD\r\n\
    TZNAME:CET\r\n\
    DTSTART:19961027T030000\r\n\
    TZOFFSETFROM:+0200\r\n\
    TZOFFSETTO:+0100\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n\
    END:STANDARD\r\n\
    END:VTIMEZONE\r\n";

/// An hour of the clock on the wall.
pub(super) fn heure(date: NaiveDate, heure: NaiveTime) -> CalendarDateTime {
    CalendarDateTime::WithTimezone { date_time: date.and_time(heure), tzid: TZID.to_owned() }
}

/// A calendar with the description of the zone before its first event. It goes in as a text: the
/// library writes a DTSTAMP and a UID into every component, and a VTIMEZONE may have neither.
pub(super) fn decrit(calendar: &str) -> String {
    let before = ["BEGIN:VEVENT", "END:VCALENDAR"].into_iter().find_map(|line| calendar.find(line));
    let (head, tail) = calendar.split_at(before.unwrap_or(calendar.len()));
    [head, VTIMEZONE, tail].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Datelike, Offset, TimeDelta, Utc, Weekday};
    use chrono_tz::Europe::Paris;
    use icalendar::{Calendar, Event, EventLike};

    fn dernier_dimanche(annee: i32, mois: u32) -> NaiveDate {
        let mut days = (25..=31).rev().filter_map(|day| NaiveDate::from_ymd_opt(annee, mois, day));
        days.find(|day| day.weekday() == Weekday::Sun).unwrap()
    }

    #[test]
    fn the_zone_that_is_described_is_that_of_paris() {
        let offset = |at: DateTime<Utc>| at.with_timezone(&Paris).offset().fix().local_minus_utc() / 3600;
        for annee in 1996..2038 {
            for (mois, avant, apres) in [(3, 1, 2), (10, 2, 1)] {
                let change = dernier_dimanche(annee, mois).and_hms_opt(1, 0, 0).unwrap().and_utc();
                let found = (offset(change - TimeDelta::seconds(1)), offset(change));
                assert_eq!(found, (avant, apres), "{change}");
            }
        }
        for (mois, debut) in [(3, "DTSTART:19960331T020000"), (10, "DTSTART:19961027T030000")] {
            assert!(debut.contains(&dernier_dimanche(1996, mois).format("%Y%m%d").to_string()));
            assert!(VTIMEZONE.lines().any(|line| line == debut), "{VTIMEZONE}");
        }
    }

    #[test]
    fn eight_oclock_is_eight_oclock_on_both_sides_of_a_change_of_the_clock() {
        let mut calendar = Calendar::new();
        for day in ["2026-10-23", "2026-10-26"] {
            let at = heure(day.parse().unwrap(), "08:00:00".parse().unwrap());
            calendar.push(Event::new().starts(at).done());
        }
        let text = decrit(&calendar.to_string());
        for day in ["20261023", "20261026"] {
            let start = format!("DTSTART;TZID=Europe/Paris:{day}T080000");
            assert!(text.lines().any(|line| line == start), "{text}");
        }
    }

    #[test]
    fn the_zone_comes_before_the_events_and_without_them() {
        let mut calendar = Calendar::new();
        let empty = decrit(&calendar.to_string());
        assert!(empty.ends_with("END:VTIMEZONE\r\nEND:VCALENDAR\r\n"), "{empty}");
        calendar.push(Event::new());
        let text = decrit(&calendar.to_string());
        assert!(text.contains("END:VTIMEZONE\r\nBEGIN:VEVENT\r\n"), "{text}");
        assert_eq!(text.matches("BEGIN:VTIMEZONE").count(), 1);
    }
}
