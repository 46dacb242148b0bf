//! Quiet hours, and the evening's digest: when something may leave.
//!
//! Hours are those of the clock on the wall (Europe/Paris): nobody is woken by a change of
//! clocks, and nothing is held back for a day by one.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Europe::Paris;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Hours in which one is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Calme {
    /// First hour of it, local time.
    pub de: NaiveTime,
    /// End of it, local time; before `de`, it is of the next morning.
    pub a: NaiveTime,
}

/// The longest that one may be left alone, in hours: an absence of the morning is known the same day.
const CALME_MAX: i64 = 14;
/// When the digest of a day leaves, local time.
const SOIR: (u32, u32) = (18, 0);

impl Default for Calme {
    /// From nine in the evening to seven in the morning.
    fn default() -> Self {
        Self { de: heure(21, 0), a: heure(7, 0) }
    }
}

impl Calme {
    /// Whether it leaves enough of the day.
    pub fn est_raisonnable(&self) -> bool {
        self.de != self.a && self.duree() <= TimeDelta::hours(CALME_MAX)
    }

    fn duree(&self) -> TimeDelta {
        let duree = self.a - self.de;
        if duree < TimeDelta::zero() { duree + TimeDelta::days(1) } else { duree }
    }

    /// The first instant, from this one on, at which one is not left alone.
    pub fn apres(&self, instant: DateTime<Utc>) -> DateTime<Utc> {
        let there = instant.with_timezone(&Paris);
        let (jour, heure) = (there.date_naive(), there.time());
        let through_midnight = self.a < self.de;
        let quiet = match through_midnight {
            true => heure >= self.de || heure < self.a,
            false => (self.de..self.a).contains(&heure),
        };
        match quiet {
            false => instant,
            true if through_midnight && heure >= self.de => sonne(lendemain(jour), self.a),
            true => sonne(jour, self.a),
        }
    }
}

/// When the digest leaves that takes in what is known at an instant.
pub fn fin_de_journee(instant: DateTime<Utc>) -> DateTime<Utc> {
    let jour = crate::journee(instant);
    let soir = heure(SOIR.0, SOIR.1);
    let ce_soir = sonne(jour, soir);
    if instant < ce_soir { ce_soir } else { sonne(lendemain(jour), soir) }
}

fn heure(heures: u32, minutes: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(heures, minutes, 0).unwrap_or_default()
}

fn lendemain(jour: NaiveDate) -> NaiveDate {
    jour.succ_opt().unwrap_or(jour)
}

/// The instant at which the clock on the wall shows an hour. One that is skipped in spring comes
/// when the clock has jumped; one that comes twice in autumn comes the first time.
fn sonne(jour: NaiveDate, heure: NaiveTime) -> DateTime<Utc> {
    let wall = jour.and_time(heure);
    let at = |wall: chrono::NaiveDateTime| wall.and_local_timezone(Paris).earliest();
    let there = at(wall).or_else(|| at(wall + TimeDelta::hours(1)));
    there.map_or(wall.and_utc(), |there| there.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn calme(de: &str, a: &str) -> Calme {
        Calme { de: de.parse().unwrap(), a: a.parse().unwrap() }
    }

    #[test]
    fn what_comes_in_quiet_hours_leaves_at_their_end_by_the_clock_on_the_wall() {
        let nuit = Calme::default();
        for (instant, leaves) in [
            ("2026-12-01T19:59:00Z", "2026-12-01T19:59:00Z"),
            ("2026-12-01T20:00:00Z", "2026-12-02T06:00:00Z"),
            ("2026-12-02T05:59:59Z", "2026-12-02T06:00:00Z"),
            ("2026-12-02T06:00:00Z", "2026-12-02T06:00:00Z"),
            // The night in which clocks go forward, and the one in which they go back.
            ("2027-03-27T22:00:00Z", "2027-03-28T05:00:00Z"),
            ("2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z"),
        ] {
            assert_eq!(nuit.apres(utc(instant)), utc(leaves), "{instant}");
        }
    }

    #[test]
    fn quiet_hours_may_lie_within_a_day() {
        let sieste = calme("13:00:00", "15:00:00");
        assert_eq!(sieste.apres(utc("2026-12-01T12:30:00Z")), utc("2026-12-01T14:00:00Z"));
        assert_eq!(sieste.apres(utc("2026-12-01T14:00:00Z")), utc("2026-12-01T14:00:00Z"));
    }

    #[test]
    fn an_hour_that_clocks_skip_comes_when_they_have_jumped() {
        let nuit = calme("23:00:00", "02:30:00");
        assert_eq!(nuit.apres(utc("2027-03-27T23:00:00Z")), utc("2027-03-28T01:30:00Z"));
    }

    #[test]
    fn quiet_hours_leave_ten_hours_of_the_day() {
        assert!(Calme::default().est_raisonnable() && calme("18:00:00", "08:00:00").est_raisonnable());
        assert!(!calme("17:59:00", "08:00:00").est_raisonnable());
        assert!(!calme("08:00:00", "08:00:00").est_raisonnable());
    }

    #[test]
    fn the_digest_leaves_at_six_in_the_evening() {
        assert_eq!(fin_de_journee(utc("2026-12-01T16:59:59Z")), utc("2026-12-01T17:00:00Z"));
        assert_eq!(fin_de_journee(utc("2026-12-01T17:00:00Z")), utc("2026-12-02T17:00:00Z"));
        assert_eq!(fin_de_journee(utc("2027-03-27T17:00:00Z")), utc("2027-03-28T16:00:00Z"));
    }
}
