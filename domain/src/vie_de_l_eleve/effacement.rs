//! When a sanction leaves the pupil's file (code de l'éducation, art. R511-13, IV), and until when a
//! sursis can be revoked (art. R511-13-1, I).
//!
//! Both count from the school year of the *prononcé*: what becomes of the sanction later — its
//! sursis revoked, a decision that replaces it after a recourse — moves no date. The law says so of
//! a sanction (« suivant celle du prononcé »); that a replacing decision keeps the first one's year
//! is our reading, the one that is kinder to the pupil.

use super::Degre;
use crate::AnneeScolaire;
use crate::PersonneId;
use crate::conservation::{Periode, Regle, Sujet};
use chrono::{Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a sanction leaves the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CauseEffacement {
    /// Its day has come.
    TermeLegal,
    /// The pupil who changes schools has asked for it (art. R511-13, IV).
    ChangementDEtablissement,
}

/// The day from which a sanction that was pronounced on a day is no longer in the file: that on
/// which its key is due. `terme` is the day on which the pupil's secondary schooling ended, if it
/// did: nothing outlasts it, and an exclusion définitive waits for it.
pub fn effacement(degre: Degre, prononcee_le: NaiveDate, terme: Option<NaiveDate>) -> Option<NaiveDate> {
    let annee = Periode::Annee(AnneeScolaire::of(prononcee_le));
    // A rule that counts from the end of a year is the same for whoever it is about.
    let quiconque = Sujet::Personne(PersonneId(uuid::Uuid::nil()));
    let regle = Regle::en_vigueur(degre.classe(), prononcee_le)?;
    let due = regle.echeance(&quiconque, annee, terme);
    due.into_iter().chain(terme).min()
}

/// The last day on which a sursis may be revoked at the most; the least is the end of the school
/// year. That of an exclusion définitive ends as that of a temporary one would.
pub fn fin_du_sursis(degre: Degre, prononcee_le: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let veille = |jour: NaiveDate| jour.checked_sub_days(Days::new(1));
    let least = veille(Periode::Annee(AnneeScolaire::of(prononcee_le)).fin()?)?;
    let most = effacement(degre.min(Degre::ExclusionTemporaire), prononcee_le, None)?;
    Some((least, veille(most)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_sanction_leaves_the_file_at_the_end_of_its_school_year() {
        for (degre, prononcee, due) in [
            (Degre::Avertissement, "2026-11-25", "2027-08-01"),
            (Degre::Avertissement, "2027-07-31", "2027-08-01"),
            (Degre::Blame, "2026-11-25", "2028-08-01"),
            (Degre::Responsabilisation, "2026-11-25", "2028-08-01"),
            (Degre::ExclusionTemporaire, "2026-11-25", "2029-08-01"),
            (Degre::ExclusionTemporaire, "2026-08-01", "2029-08-01"),
        ] {
            assert_eq!(effacement(degre, day(prononcee), None), Some(day(due)), "{degre:?} {prononcee}");
        }
    }

    #[test]
    fn an_exclusion_definitive_stays_until_secondary_schooling_ends() {
        let prononcee = day("2026-11-25");
        assert_eq!(effacement(Degre::ExclusionDefinitive, prononcee, None), None);
        let terme = Some(day("2031-07-05"));
        assert_eq!(effacement(Degre::ExclusionDefinitive, prononcee, terme), terme);
    }

    #[test]
    fn nothing_outlasts_secondary_schooling() {
        let terme = Some(day("2027-07-05"));
        assert_eq!(effacement(Degre::ExclusionTemporaire, day("2026-11-25"), terme), terme);
    }

    #[test]
    fn a_sursis_runs_at_least_to_the_end_of_the_year_and_at_most_as_long_as_the_file() {
        let bounds = |degre| fin_du_sursis(degre, day("2026-11-25")).unwrap();
        assert_eq!(bounds(Degre::Responsabilisation), (day("2027-07-31"), day("2028-07-31")));
        assert_eq!(bounds(Degre::ExclusionTemporaire), (day("2027-07-31"), day("2029-07-31")));
        assert_eq!(bounds(Degre::ExclusionDefinitive), (day("2027-07-31"), day("2029-07-31")));
    }

    proptest! {
        #[test]
        fn a_graver_sanction_never_leaves_the_file_before_a_lighter_one(decalage in 0..4000u64) {
            let prononcee = day("2026-08-01") + Days::new(decalage);
            let scale = [Degre::Avertissement, Degre::Blame, Degre::Responsabilisation, Degre::ExclusionTemporaire];
            let days: Vec<_> = scale.iter().map(|degre| effacement(*degre, prononcee, None).unwrap()).collect();
            prop_assert!(days.is_sorted() && days[0] > prononcee);
        }
    }
}
