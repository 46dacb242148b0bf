//! Rolls that nobody has opened: the timetable has a séance, it has begun, and no roll is there.
//!
//! A séance is given a while before its roll is missed: the policy of the établissement says how
//! long. None is missed of a séance that does not take place, that nobody gives, whose division is at
//! school elsewhere, or at hours at which the établissement is closed. Source: code de l'éducation,
//! art. R131-5 (the roll is called at each séance).

use super::{Creneau, PolitiqueDemiJournees, Seance};
use crate::annuaire::JoursDEcole;
use crate::cahier_de_textes::{Cours, Occurrence};
use crate::{DivisionId, EnseignementId, PersonneId};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use std::collections::{BTreeMap, BTreeSet};

/// A séance of which nobody has opened the roll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppelNonOuvert {
    /// Which one, as the timetable has it.
    pub seance: Seance,
    /// Who gives it.
    pub enseignants: BTreeSet<PersonneId>,
}

/// What decides whether a roll is missed.
#[derive(Debug, Clone, Copy)]
pub struct Attente<'a> {
    /// How the établissement keeps its rolls.
    pub politique: &'a PolitiqueDemiJournees,
    /// Its days of school.
    pub ecole: &'a JoursDEcole,
    /// The séances whose rolls are open or closed.
    pub ouvertes: &'a [Seance],
    /// When whole divisions are at school elsewhere.
    pub ailleurs: &'a [(DivisionId, Creneau)],
    /// Now, by the clock on the wall.
    pub maintenant: NaiveDateTime,
}

impl Attente<'_> {
    /// The rolls that are missed of what takes place, each once, in the order of days and hours;
    /// `divisions` is whom each enseignement is given to.
    pub fn non_ouverts<'a>(
        &self,
        lieu: impl IntoIterator<Item = (&'a Cours, &'a Occurrence)>,
        divisions: &BTreeMap<EnseignementId, DivisionId>,
    ) -> Vec<AppelNonOuvert> {
        let mut missed: BTreeMap<(NaiveDate, NaiveTime, EnseignementId), AppelNonOuvert> = BTreeMap::new();
        for (cours, occurrence) in lieu {
            for seance in seances(cours, occurrence, divisions).filter(|seance| self.est_attendue(seance)) {
                let place = (seance.date, seance.debut, seance.enseignement);
                let none = || AppelNonOuvert { seance, enseignants: BTreeSet::new() };
                missed.entry(place).or_insert_with(none).enseignants.extend(&occurrence.enseignants);
            }
        }
        missed.into_values().collect()
    }

    fn est_attendue(&self, seance: &Seance) -> bool {
        let creneau =
            Creneau { debut: seance.date.and_time(seance.debut), fin: seance.date.and_time(seance.fin) };
        let delai = TimeDelta::minutes(i64::from(self.politique.delai_d_appel));
        let is_away = |(division, away): &(DivisionId, Creneau)| {
            *division == seance.division && away.debut <= creneau.debut && creneau.fin <= away.fin
        };
        creneau.debut + delai <= self.maintenant
            && !self.politique.est_ferme(self.ecole, &creneau)
            && !self.ailleurs.iter().any(is_away)
            && !self.ouvertes.iter().any(|ouverte| ouverte.croise(seance))
    }
}

/// The séances that an occurrence is, of each of its enseignements whose division is expected.
fn seances<'a>(
    cours: &'a Cours,
    occurrence: &'a Occurrence,
    divisions: &'a BTreeMap<EnseignementId, DivisionId>,
) -> impl Iterator<Item = Seance> + 'a {
    let held = occurrence.annulee.is_none() && !occurrence.enseignants.is_empty();
    let expected =
        move |division: &DivisionId| occurrence.publics.iter().any(|one| one.divisions().contains(division));
    let given = cours.enseignements.iter().filter(move |_| held);
    given.filter_map(move |enseignement| {
        let division = divisions.get(enseignement).filter(|division| expected(division))?;
        let (date, plage) = (occurrence.date, occurrence.plage);
        let (enseignement, division) = (*enseignement, *division);
        Some(Seance { enseignement, division, date, debut: plage.debut, fin: plage.fin })
    })
}

#[cfg(test)]
mod tests;
