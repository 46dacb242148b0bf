//! Rolls that nobody has opened: the timetable has a séance, it has begun, and no roll is there.
//!
//! A séance is given a while before its roll is missed: the policy of the établissement says how
//! long. None is missed of a séance that does not take place, that nobody gives, whose pupils are all at
//! school elsewhere, or at hours at which the établissement is closed. Source: code de l'éducation,
//! art. R131-5 (the roll is called at each séance).

use super::{Creneau, PolitiqueDemiJournees, Seance};
use crate::annuaire::{Auditoire, JoursDEcole};
use crate::cahier_de_textes::{Cours, Occurrence, Public};
use crate::{EnseignementId, PersonneId};
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
    /// When whole divisions and groupes are at school elsewhere.
    pub ailleurs: &'a [(Auditoire, Creneau)],
    /// Now, by the clock on the wall.
    pub maintenant: NaiveDateTime,
}

impl Attente<'_> {
    /// The rolls that are missed of what takes place, each once, in the order of days and hours;
    /// `auditoires` is whom each enseignement is given to.
    pub fn non_ouverts<'a>(
        &self,
        lieu: impl IntoIterator<Item = (&'a Cours, &'a Occurrence)>,
        auditoires: &BTreeMap<EnseignementId, Auditoire>,
    ) -> Vec<AppelNonOuvert> {
        let mut missed: BTreeMap<(NaiveDate, NaiveTime, EnseignementId), AppelNonOuvert> = BTreeMap::new();
        for (cours, occurrence) in lieu {
            for (seance, public) in seances(cours, occurrence, auditoires) {
                if !self.est_attendue(&seance, public) {
                    continue;
                }
                let place = (seance.date, seance.debut, seance.enseignement);
                let none = || AppelNonOuvert { seance, enseignants: BTreeSet::new() };
                missed.entry(place).or_insert_with(none).enseignants.extend(&occurrence.enseignants);
            }
        }
        missed.into_values().collect()
    }

    fn est_attendue(&self, seance: &Seance, public: &Public) -> bool {
        let creneau =
            Creneau { debut: seance.date.and_time(seance.debut), fin: seance.date.and_time(seance.fin) };
        let delai = TimeDelta::minutes(i64::from(self.politique.delai_d_appel));
        let is_away = |auditoire: Auditoire| {
            let whole = |away: &Creneau| away.debut <= creneau.debut && creneau.fin <= away.fin;
            self.ailleurs.iter().any(|(who, away)| *who == auditoire && whole(away))
        };
        let divisions = public.divisions();
        // Nobody is left of a groupe whose divisions are all away.
        let scattered = seance.auditoire.groupe().is_some()
            && !divisions.is_empty()
            && divisions.iter().all(|division| is_away((*division).into()));
        creneau.debut + delai <= self.maintenant
            && !self.politique.est_ferme(self.ecole, &creneau)
            && !is_away(seance.auditoire)
            && !scattered
            && !self.ouvertes.iter().any(|ouverte| ouverte.croise(seance))
    }
}

/// The séances that an occurrence is, of each of its enseignements whose division or groupe is expected,
/// and as whom.
fn seances<'a>(
    cours: &'a Cours,
    occurrence: &'a Occurrence,
    auditoires: &'a BTreeMap<EnseignementId, Auditoire>,
) -> impl Iterator<Item = (Seance, &'a Public)> {
    let held = occurrence.annulee.is_none() && !occurrence.enseignants.is_empty();
    let given = cours.enseignements.iter().filter(move |_| held);
    given.filter_map(move |enseignement| {
        let auditoire = *auditoires.get(enseignement)?;
        let public = occurrence.publics.iter().find(|public| is_of(public, auditoire))?;
        let (enseignement, date, plage) = (*enseignement, occurrence.date, occurrence.plage);
        Some((Seance { enseignement, auditoire, date, debut: plage.debut, fin: plage.fin }, public))
    })
}

/// Whether pupils to whom something is taught are whom a course is for: of a division, some at least.
fn is_of(public: &Public, auditoire: Auditoire) -> bool {
    match auditoire {
        Auditoire::Division(division) => public.divisions().contains(&division),
        Auditoire::Groupe(wanted) => matches!(public, Public::Groupe { groupe, .. } if *groupe == wanted),
    }
}

#[cfg(test)]
mod tests;
