//! What a bulletin says of a pupil's absences: the half-days of its period, and those of them that
//! are not justified.
//!
//! Nobody types these figures: they follow from what the vie scolaire has on record. An absence is
//! justified by a legitimate motive: the one that was kept or, as long as nobody has judged, the one
//! that the family gave. A motive that is not counted on the bulletin takes an absence off it, but
//! only once the vie scolaire has kept that motive. What is announced makes no half-day by itself,
//! and justifies what is stated later. Each month is counted by the policy that is in force on its
//! last day, as for thresholds. Sources: code de l'éducation, art. L131-8 and D311-7; arrêté du 31
//! décembre 2015 (the livret tells half-days that are justified, and those that are not).

use super::{Creneau, Decision, DemiJournee, MoisCivil, MotifDAbsence, PolitiqueEnVigueur, en_vigueur};
use crate::annuaire::JoursDEcole;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// What an absence is on a bulletin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValeurAuBulletin {
    /// Counted, with a legitimate motive.
    Justifiee,
    /// Counted, without one.
    Injustifiee,
    /// Not counted: its motive is of those that the bulletin does not tell.
    HorsBulletin,
}

impl ValeurAuBulletin {
    /// That of an absence, by what the family said and what the vie scolaire decided.
    pub fn de(dit: Option<&MotifDAbsence>, decision: Option<&Decision>) -> Self {
        let kept = decision.filter(|decision| decision.recevable);
        match kept.and_then(|decision| decision.motif.as_ref()) {
            Some(motif) if !motif.bulletin => Self::HorsBulletin,
            _ if est_justifiee(dit, decision) => Self::Justifiee,
            _ => Self::Injustifiee,
        }
    }
}

/// Whether an absence has a legitimate motive, by what the family said and what the vie scolaire decided:
/// the one that was kept or, as long as nobody has judged, the one that was given.
pub fn est_justifiee(dit: Option<&MotifDAbsence>, decision: Option<&Decision>) -> bool {
    let motif = match decision {
        None => dit,
        Some(decision) if !decision.recevable => None,
        Some(decision) => decision.motif.as_ref(),
    };
    motif.is_some_and(|motif| motif.legitime)
}

/// A span of absence before the bulletin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AbsenceAuBulletin {
    /// From when to when.
    pub creneau: Creneau,
    /// Whether it is stated; if not, it was announced, and excuses what is stated in its span.
    pub constatee: bool,
    /// What it is.
    pub valeur: ValeurAuBulletin,
}

/// The half-days that a bulletin tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DemiJourneesAuBulletin {
    /// All of them.
    pub toutes: BTreeSet<DemiJournee>,
    /// Of these, those without a legitimate motive.
    pub injustifiees: BTreeSet<DemiJournee>,
}

impl DemiJourneesAuBulletin {
    /// Counts those of a period, both ends included, in an établissement which has these days of school;
    /// `ailleurs` is when the pupil was at school elsewhere.
    pub fn compter(
        politiques: &[PolitiqueEnVigueur],
        ecole: &JoursDEcole,
        (du, au): (NaiveDate, NaiveDate),
        absences: &[AbsenceAuBulletin],
        ailleurs: &[Creneau],
    ) -> Self {
        let spans = |kept: &dyn Fn(&AbsenceAuBulletin) -> bool| -> Vec<Creneau> {
            absences.iter().filter(|one| kept(one)).map(|one| one.creneau).collect()
        };
        let told = spans(&|one| one.constatee && one.valeur != ValeurAuBulletin::HorsBulletin);
        let unjustified = spans(&|one| one.constatee && one.valeur == ValeurAuBulletin::Injustifiee);
        let untold = [spans(&|one| one.valeur == ValeurAuBulletin::HorsBulletin), ailleurs.to_vec()].concat();
        let excused = [spans(&|one| one.valeur == ValeurAuBulletin::Justifiee), untold.clone()].concat();
        let mut counted = Self::default();
        for mois in MoisCivil::entre(du, au) {
            let politique = en_vigueur(politiques, mois.fin());
            let of_month = |absent: &[Creneau], excused: &[Creneau]| {
                let mut found = politique.demi_journees(ecole, absent, excused);
                found.retain(|one| mois.contient(one.jour) && (du..=au).contains(&one.jour));
                found
            };
            counted.toutes.extend(of_month(&told, &untold));
            counted.injustifiees.extend(of_month(&unjustified, &excused));
        }
        counted
    }
}

#[cfg(test)]
mod tests;
