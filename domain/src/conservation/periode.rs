//! When the contents under one key were written: in a school year, or in a month of one where
//! the law counts from each datum.

use crate::{AnneeScolaire, Retention, journee};
use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a key is filed under; a school year is written `2026`, a month `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Periode {
    /// A school year.
    Annee(AnneeScolaire),
    /// A month.
    Mois(Mois),
}

/// A month of the calendar, in Paris.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Mois {
    /// Its first day.
    premier: NaiveDate,
}

impl Mois {
    /// The month of a school day.
    pub fn of(jour: NaiveDate) -> Self {
        // Every month has a first day.
        Self { premier: jour.with_day(1).unwrap_or(jour) }
    }

    /// The one before.
    pub fn precedent(self) -> Self {
        Self { premier: self.premier.checked_sub_months(Months::new(1)).unwrap_or(self.premier) }
    }
}

impl Retention {
    /// The period under which a content of this class is filed when it is written. The law wants
    /// a year of each connexion (décret n° 2021-1362, art. 5) and no more of it is kept than that:
    /// its keys are of a month, so that what goes at once is a month's.
    pub fn periode(self, at: DateTime<Utc>) -> Periode {
        let jour = journee(at);
        match self {
            Self::Connexion => Periode::Mois(Mois::of(jour)),
            Self::Annuaire
            | Self::Scolarite
            | Self::Publication
            | Self::Moderation
            | Self::Office
            | Self::SanctionAvertissement
            | Self::SanctionBlame
            | Self::SanctionExclusion
            | Self::SanctionExclusionDefinitive
            | Self::Conservation
            | Self::Sante => Periode::Annee(AnneeScolaire::of(jour)),
        }
    }
}

impl Periode {
    /// The school year that it is, or is a month of.
    pub fn annee(self) -> AnneeScolaire {
        match self {
            Self::Annee(annee) => annee,
            Self::Mois(mois) => AnneeScolaire::of(mois.premier),
        }
    }

    /// The first day after it.
    pub fn fin(self) -> Option<NaiveDate> {
        match self {
            Self::Annee(annee) => NaiveDate::from_ymd_opt(i32::from(annee.0) + 1, 8, 1),
            Self::Mois(mois) => mois.premier.checked_add_months(Months::new(1)),
        }
    }
}

impl fmt::Display for Periode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Annee(annee) => annee.fmt(f),
            Self::Mois(mois) => mois.fmt(f),
        }
    }
}

impl fmt::Display for Mois {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.premier.format("%Y-%m"))
    }
}

/// Not the written form of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("une période s'écrit « 2026 » (année scolaire) ou « 2026-11 » (mois)")]
pub struct PeriodeInvalide;

impl FromStr for Mois {
    type Err = PeriodeInvalide;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let premier = format!("{text}-01").parse().map_err(|_| PeriodeInvalide)?;
        let mois = Self { premier };
        if mois.to_string() == text { Ok(mois) } else { Err(PeriodeInvalide) }
    }
}

impl FromStr for Periode {
    type Err = PeriodeInvalide;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(annee) => Ok(Self::Annee(AnneeScolaire(annee))),
            Err(_) => text.parse().map(Self::Mois),
        }
    }
}

impl TryFrom<String> for Mois {
    type Error = PeriodeInvalide;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Mois> for String {
    fn from(mois: Mois) -> Self {
        mois.to_string()
    }
}

impl From<AnneeScolaire> for Periode {
    fn from(annee: AnneeScolaire) -> Self {
        Self::Annee(annee)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn connection_data_are_filed_by_the_month_of_paris_and_all_else_by_school_year() {
        let new_year = utc("2026-12-31T23:00:00Z");
        assert_eq!(Retention::Connexion.periode(new_year).to_string(), "2027-01");
        for classe in Retention::ALL.iter().filter(|classe| **classe != Retention::Connexion) {
            assert_eq!(classe.periode(new_year), Periode::Annee(AnneeScolaire(2026)), "{classe}");
        }
    }

    #[test]
    fn a_period_reads_back_as_written_and_its_names_sort_as_it_does() {
        for text in ["2026", "2026-11", "2027-01"] {
            let periode: Periode = text.parse().unwrap();
            assert_eq!(periode.to_string(), text);
            let json = serde_json::to_value(periode).unwrap();
            assert_eq!(serde_json::from_value::<Periode>(json).unwrap(), periode);
        }
        for text in ["", "2026-", "2026-13", "2026-1", "2026-11-01", "novembre"] {
            assert_eq!(text.parse::<Periode>(), Err(PeriodeInvalide), "{text}");
        }
    }

    #[test]
    fn a_school_year_is_written_as_the_number_that_it_was_before_there_were_months() {
        assert_eq!(serde_json::to_value(Periode::Annee(AnneeScolaire(2026))).unwrap(), 2026);
        assert_eq!(serde_json::to_value("2026-11".parse::<Periode>().unwrap()).unwrap(), "2026-11");
    }

    #[test]
    fn a_period_ends_with_its_last_day() {
        let fin = |text: &str| text.parse::<Periode>().unwrap().fin().unwrap().to_string();
        assert_eq!((fin("2026"), fin("2026-12")), ("2027-08-01".to_owned(), "2027-01-01".to_owned()));
        assert_eq!("2027-07".parse::<Periode>().unwrap().annee(), AnneeScolaire(2026));
    }
}
