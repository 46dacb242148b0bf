//! Thresholds of absences without a legitimate motive: the rules, as data, each with its source.
//!
//! A rule is never changed: another version of it is in force from a day on, and the fact that a
//! threshold was reached names the version under which it was. A month is judged by the rules that
//! are in force on its last day.

use chrono::{Datelike, Months, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A month of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct MoisCivil(NaiveDate);

impl MoisCivil {
    /// That of a day.
    pub fn of(jour: NaiveDate) -> Self {
        Self(jour.with_day(1).unwrap_or(jour))
    }

    /// The months from that of a day to that of another.
    pub fn entre(du: NaiveDate, au: NaiveDate) -> impl Iterator<Item = Self> {
        let first = Self::of(du).0;
        let from_first = (0..).map_while(move |number| first.checked_add_months(Months::new(number)));
        from_first.take_while(move |day| *day <= au).map(Self)
    }

    /// Its first day.
    pub fn debut(self) -> NaiveDate {
        self.0
    }

    /// Its last day.
    pub fn fin(self) -> NaiveDate {
        let next = self.0.checked_add_months(Months::new(1));
        next.and_then(|day| day.pred_opt()).unwrap_or(self.0)
    }

    /// Whether a day is in it.
    pub fn contient(self, jour: NaiveDate) -> bool {
        Self::of(jour) == self
    }
}

impl fmt::Display for MoisCivil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

/// What follows from a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Suite {
    /// The family is heard and the académie told.
    Signalement,
    /// The équipe éducative meets and a référent follows the pupil.
    SuiviRenforce,
}

impl Suite {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signalement => "signalement",
            Self::SuiviRenforce => "suivi_renforce",
        }
    }
}

/// How many half-days in a month lead to what.
#[derive(Debug, PartialEq, Eq)]
pub struct RegleDeSeuil {
    /// What follows.
    pub suite: Suite,
    /// From 1.
    pub version: u32,
    /// First day on which it is in force.
    pub depuis: (i32, u32, u32),
    /// Half-days without a legitimate motive in a month.
    pub demi_journees: u16,
    /// Where it comes from.
    pub source: &'static str,
}

/// All versions of all rules.
pub const SEUILS: &[RegleDeSeuil] = &[
    RegleDeSeuil {
        suite: Suite::Signalement,
        version: 1,
        depuis: (2011, 1, 24),
        demi_journees: 4,
        source: "code de l'éducation, art. L131-8 et R131-7 (décret n° 2011-89 du 21 janvier 2011)",
    },
    RegleDeSeuil {
        suite: Suite::Signalement,
        version: 2,
        depuis: (2014, 11, 21),
        demi_journees: 4,
        source: "code de l'éducation, art. L131-8 et R131-7 (décret n° 2014-1376 du 18 novembre 2014) ; circulaire n° 2014-159",
    },
    RegleDeSeuil {
        suite: Suite::SuiviRenforce,
        version: 1,
        depuis: (2014, 11, 21),
        demi_journees: 10,
        source: "code de l'éducation, art. R131-7 (décret n° 2014-1376 du 18 novembre 2014) ; circulaire n° 2014-159",
    },
];

impl RegleDeSeuil {
    /// The rules in force on a day, the newest version of each.
    pub fn en_vigueur(le: NaiveDate) -> Vec<&'static Self> {
        let begun = |rule: &&Self| rule.depuis <= (le.year(), le.month(), le.day());
        [Suite::Signalement, Suite::SuiviRenforce]
            .into_iter()
            .filter_map(|suite| {
                let versions = SEUILS.iter().filter(|rule| rule.suite == suite).filter(begun);
                versions.max_by_key(|rule| rule.version)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_day_has_the_rules_that_were_in_force_then() {
        let rules = |le: &str| -> Vec<_> {
            let found = RegleDeSeuil::en_vigueur(day(le));
            found.iter().map(|rule| (rule.suite, rule.version, rule.demi_journees)).collect()
        };
        assert_eq!(rules("2010-09-01"), []);
        assert_eq!(rules("2014-11-20"), [(Suite::Signalement, 1, 4)]);
        let since_2014 = [(Suite::Signalement, 2, 4), (Suite::SuiviRenforce, 1, 10)];
        assert_eq!(rules("2014-11-21"), since_2014);
        assert_eq!(rules("2026-11-23"), since_2014);
    }

    #[test]
    fn every_rule_has_its_source_and_versions_follow_one_another() {
        for rule in SEUILS {
            assert!(!rule.source.is_empty());
            let (year, month, day) = rule.depuis;
            assert!(NaiveDate::from_ymd_opt(year, month, day).is_some());
            let next = SEUILS.iter().find(|one| one.suite == rule.suite && one.version == rule.version + 1);
            assert!(next.is_none_or(|next| next.depuis > rule.depuis));
        }
    }

    #[test]
    fn a_month_has_its_days_and_no_other() {
        let month = MoisCivil::of(day("2028-02-15"));
        assert_eq!((month.debut(), month.fin()), (day("2028-02-01"), day("2028-02-29")));
        assert!(month.contient(day("2028-02-29")) && !month.contient(day("2028-03-01")));
        assert_eq!(month.to_string(), "2028-02");
    }

    #[test]
    fn months_follow_one_another_over_the_end_of_a_year() {
        let told: Vec<_> =
            MoisCivil::entre(day("2026-11-30"), day("2027-01-01")).map(|month| month.to_string()).collect();
        assert_eq!(told, ["2026-11", "2026-12", "2027-01"]);
        assert_eq!(MoisCivil::entre(day("2027-01-01"), day("2026-12-31")).count(), 0);
    }
}
