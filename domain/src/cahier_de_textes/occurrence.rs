//! What takes place on a day: a course in one of its weeks, as changed for that day.
//!
//! Expanding is pure: courses and changes in, occurrences out, in one order whatever theirs was.
//! Who gives it the courses and changes that were known at an instant sees what was known then.

use super::{Cours, Plage, Public, Semaines};
use crate::JourDeSemaine;
use crate::annuaire::JoursDEcole;
use crate::{AnneeScolaire, CoursId, PersonneId};
use chrono::{Days, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why an occurrence does not take place. Words without a person: a reason that tells of
/// somebody's health is nobody's to read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MotifDAnnulation {
    /// The teacher is not there.
    EnseignantAbsent,
    /// The pupils are elsewhere.
    ClasseAbsente,
    /// An examination, or the house is shut.
    Etablissement,
}

/// What is changed of one occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "nature")]
pub enum Modification {
    /// It does not take place.
    Annulee {
        /// Why.
        motif: MotifDAnnulation,
    },
    /// It takes place, in another way than in other weeks.
    Changee {
        /// On another day.
        date: Option<NaiveDate>,
        /// At other hours.
        plage: Option<Plage>,
        /// In other rooms.
        salles: Option<Vec<String>>,
        /// By others.
        enseignants: Option<Vec<PersonneId>>,
    },
}

/// One occurrence: that of a course whose own day is this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Rang {
    /// Of which course.
    pub cours: CoursId,
    /// The day on which it takes place in the usual way.
    pub date: NaiveDate,
}

/// A course on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// Which one.
    pub rang: Rang,
    /// The day.
    pub date: NaiveDate,
    /// The hours.
    pub plage: Plage,
    /// Who teaches.
    pub enseignants: Vec<PersonneId>,
    /// Who should be there.
    pub publics: Vec<Public>,
    /// Where.
    pub salles: Vec<String>,
    /// It does not take place, and why.
    pub annulee: Option<MotifDAnnulation>,
    /// It is not as in other weeks.
    pub modifiee: bool,
}

/// What two occurrences may not share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "nature")]
pub enum Ressource {
    /// A teacher.
    Enseignant {
        /// Who.
        personne: PersonneId,
    },
    /// Pupils.
    Public {
        /// Of what.
        public: Public,
    },
    /// A room.
    Salle {
        /// Which one.
        salle: String,
    },
}

/// Two courses that want the same at one time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflit {
    /// The one.
    pub premier: CoursId,
    /// The other.
    pub second: CoursId,
    /// What.
    pub ressource: Ressource,
    /// In which weeks.
    pub semaines: Semaines,
}

/// The changes of single occurrences.
pub type Modifications = BTreeMap<Rang, Modification>;

/// What takes place from a day to a day, both included, in the order of days, hours and courses.
/// Nothing does on a day without school.
pub fn occurrences<'a>(
    cours: impl IntoIterator<Item = &'a Cours>,
    modifications: &Modifications,
    annee: AnneeScolaire,
    ecole: &JoursDEcole,
    (du, au): (NaiveDate, NaiveDate),
) -> Vec<Occurrence> {
    let mut all: Vec<_> = cours
        .into_iter()
        .flat_map(|cours| dates(cours, annee, ecole).map(move |date| (cours, date)))
        .map(|(cours, date)| {
            let rang = Rang { cours: cours.id, date };
            occurrence(cours, annee, rang, modifications.get(&rang))
        })
        .filter(|one| du <= one.date && one.date <= au)
        .collect();
    all.sort_by_key(|one| (one.date, one.plage, one.rang));
    all
}

/// The days on which a course takes place in the usual way.
pub fn dates(
    cours: &Cours,
    annee: AnneeScolaire,
    ecole: &JoursDEcole,
) -> impl Iterator<Item = NaiveDate> + use<> {
    let (days, ecole) = (Days::new(cours.jour.rang()), ecole.clone());
    let dates = cours.semaines().lundis(annee).filter_map(move |monday| monday.checked_add_days(days));
    dates.filter(move |date| AnneeScolaire::of(*date) == annee && ecole.est_ouvre(*date))
}

fn occurrence(cours: &Cours, annee: AnneeScolaire, rang: Rang, changed: Option<&Modification>) -> Occurrence {
    let week = Semaines::du(annee, rang.date);
    let mut one = Occurrence {
        rang,
        date: rang.date,
        plage: cours.plage,
        enseignants: presents(&cours.enseignants, week),
        publics: presents(&cours.publics, week),
        salles: presents(&cours.salles, week),
        annulee: None,
        modifiee: changed.is_some(),
    };
    match changed {
        None => {}
        Some(Modification::Annulee { motif }) => one.annulee = Some(*motif),
        Some(Modification::Changee { date, plage, salles, enseignants }) => {
            one.date = date.unwrap_or(one.date);
            one.plage = plage.unwrap_or(one.plage);
            one.salles = salles.clone().unwrap_or(one.salles);
            one.enseignants = enseignants.clone().unwrap_or(one.enseignants);
        }
    }
    one
}

fn presents<T: Clone>(participations: &[super::Participation<T>], week: Semaines) -> Vec<T> {
    participations
        .iter()
        .filter(|one| !one.semaines.commun(week).est_vide())
        .map(|one| one.qui.clone())
        .collect()
}

impl Occurrence {
    /// What it and another want at one time, if they do.
    pub fn dispute(&self, other: &Self) -> Option<Ressource> {
        let apart = self.date != other.date || !self.plage.croise(other.plage);
        if apart || self.annulee.is_some() || other.annulee.is_some() || self.rang == other.rang {
            return None;
        }
        let teacher = self.enseignants.iter().find(|one| other.enseignants.contains(one));
        let pupils = || self.publics.iter().find(|one| other.publics.iter().any(|autre| one.croise(autre)));
        let room = || self.salles.iter().find(|one| other.salles.contains(one));
        let teacher = teacher.map(|personne| Ressource::Enseignant { personne: *personne });
        teacher
            .or_else(|| pupils().map(|public| Ressource::Public { public: public.clone() }))
            .or_else(|| room().map(|salle| Ressource::Salle { salle: salle.clone() }))
    }
}

/// Who and what courses want twice at one time, course by course: told, since a timetable that
/// is imported is whatever it is.
pub fn conflits<'a>(cours: impl IntoIterator<Item = &'a Cours>) -> Vec<Conflit> {
    let mut by_day: BTreeMap<JourDeSemaine, Vec<&Cours>> = BTreeMap::new();
    for one in cours {
        by_day.entry(one.jour).or_default().push(one);
    }
    let mut found = Vec::new();
    for mut day in by_day.into_values() {
        day.sort_by_key(|one| (one.plage, one.id));
        for (rank, premier) in day.iter().enumerate() {
            let after = day[rank + 1..].iter().take_while(|other| other.plage.debut < premier.plage.fin);
            after.for_each(|second| entre(premier, second, &mut found));
        }
    }
    found.sort();
    found
}

fn entre(premier: &Cours, second: &Cours, found: &mut Vec<Conflit>) {
    let mut tell = |ressource: Ressource, semaines: Semaines| {
        if !semaines.est_vide() {
            found.push(Conflit { premier: premier.id, second: second.id, ressource, semaines });
        }
    };
    for (one, other) in pairs(&premier.enseignants, &second.enseignants) {
        if one.qui == other.qui {
            tell(Ressource::Enseignant { personne: one.qui }, one.semaines.commun(other.semaines));
        }
    }
    for (one, other) in pairs(&premier.publics, &second.publics) {
        if one.qui.croise(&other.qui) {
            tell(Ressource::Public { public: one.qui.clone() }, one.semaines.commun(other.semaines));
        }
    }
    for (one, other) in pairs(&premier.salles, &second.salles) {
        if one.qui == other.qui {
            tell(Ressource::Salle { salle: one.qui.clone() }, one.semaines.commun(other.semaines));
        }
    }
}

fn pairs<'a, T>(one: &'a [T], other: &'a [T]) -> impl Iterator<Item = (&'a T, &'a T)> {
    one.iter().flat_map(move |a| other.iter().map(move |b| (a, b)))
}
