//! What the absences of many pupils come to in a month: counts, and the exact rates that follow.
//!
//! A half-day is due of each pupil of a division on each half-day on which the établissement
//! expects pupils. The *taux d'absence* is the part of those at which the pupil was not there; the
//! *taux d'absentéisme* is, as in the ministry's surveys, the part of the pupils whose absences
//! without a legitimate motive reach the first threshold of the month (code de l'éducation, art.
//! L131-8 and R131-7).

use crate::notes::Fraction;
use std::iter::Sum;
use std::ops::Add;

/// Counts of a month, of some pupils.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChiffresDuMois {
    /// How many pupils, each counted once.
    pub eleves: u32,
    /// Half-days at which they were expected.
    pub dues: u32,
    /// Of these, those at which they were absent.
    pub constatees: u32,
    /// Of the latter, those without a legitimate motive, be it one that nobody has judged yet.
    pub injustifiees: u32,
    /// Those that count for thresholds: an établissement may have motives that alert nobody.
    pub sans_motif: u32,
    /// Pupils who reach the threshold of a signalement.
    pub signalements: u32,
    /// Pupils who reach that of a reinforced follow-up.
    pub suivis: u32,
}

impl ChiffresDuMois {
    /// Half-days of absence with a legitimate motive, be it one that nobody has judged yet.
    pub fn justifiees(&self) -> u32 {
        self.constatees.saturating_sub(self.injustifiees)
    }

    /// The part of the half-days due at which pupils were absent.
    pub fn taux_d_absence(&self) -> Option<Fraction> {
        part(self.constatees, self.dues)
    }

    /// The same, of absences that count for thresholds.
    pub fn taux_sans_motif(&self) -> Option<Fraction> {
        part(self.sans_motif, self.dues)
    }

    /// The part of the pupils who reach the threshold of a signalement.
    pub fn taux_d_absenteisme(&self) -> Option<Fraction> {
        part(self.signalements, self.eleves)
    }
}

/// None where there is nothing to be a part of.
fn part(number: u32, of: u32) -> Option<Fraction> {
    Fraction::whole(number.into()).divided(Fraction::whole(of.into()))
}

impl Add for ChiffresDuMois {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            eleves: self.eleves + other.eleves,
            dues: self.dues + other.dues,
            constatees: self.constatees + other.constatees,
            injustifiees: self.injustifiees + other.injustifiees,
            sans_motif: self.sans_motif + other.sans_motif,
            signalements: self.signalements + other.signalements,
            suivis: self.suivis + other.suivis,
        }
    }
}

impl Sum for ChiffresDuMois {
    fn sum<I: Iterator<Item = Self>>(them: I) -> Self {
        them.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn division(eleves: u32, dues: u32, constatees: u32, sans_motif: u32) -> ChiffresDuMois {
        let signalements = u32::from(sans_motif >= 4);
        let injustifiees = sans_motif;
        ChiffresDuMois { eleves, dues, constatees, injustifiees, sans_motif, signalements, suivis: 0 }
    }

    fn shown(taux: Option<Fraction>) -> String {
        taux.map_or_else(|| "aucun".to_owned(), |taux| taux.to_string())
    }

    #[test]
    fn rates_are_exact_and_there_is_none_of_nothing() {
        let one = division(24, 888, 12, 4);
        let none_alerts = ChiffresDuMois { sans_motif: 0, ..one };
        assert_eq!(none_alerts.justifiees(), 8, "what alerts nobody is not justified by that");
        assert_eq!((one.justifiees(), shown(one.taux_d_absence())), (8, "1/74".to_owned()));
        assert_eq!(shown(one.taux_sans_motif()), "1/222");
        assert_eq!(shown(one.taux_d_absenteisme()), "1/24");
        let nobody = ChiffresDuMois::default();
        for taux in [nobody.taux_d_absence(), nobody.taux_sans_motif(), nobody.taux_d_absenteisme()] {
            assert_eq!(shown(taux), "aucun");
        }
    }

    #[test]
    fn the_rate_of_several_divisions_is_that_of_all_of_their_pupils() {
        let all: ChiffresDuMois = [division(10, 370, 37, 0), division(30, 1110, 0, 0)].into_iter().sum();
        assert_eq!(all, division(40, 1480, 37, 0));
        assert_eq!(shown(all.taux_d_absence()), "1/40", "and not the mean of a tenth and of nothing");
    }
}
