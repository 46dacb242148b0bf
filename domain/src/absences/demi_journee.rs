//! Half-days: how an établissement counts absences.
//!
//! A half-day counts when the pupil was absent in it for longer than the tolerance, whatever the
//! number of absences: what overlaps is counted once, and what falls into a closed slot or on a
//! day without school is not counted. Which days are such the national calendar says first (Sundays,
//! jours fériés, the vacances of the zone); an établissement only adds to them. All hours are those
//! of the clock on the wall (Europe/Paris), so that days on which clocks change have two half-days
//! like any other. The limit of the morning is the établissement's own. Sources: code de
//! l'éducation, art. L131-8 and R131-7 (absences are counted in half-days), L521-1 (calendar).

use crate::JourDeSemaine;
use crate::annuaire::JoursDEcole;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Longest span of one absence, in days.
pub const JOURS_MAX: i64 = 366;
/// Seconds of a day.
const JOUR: u32 = 86_400;

/// A span of absence, by the clock on the wall; the end is exclusive and after the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Creneau {
    /// Start, local time.
    pub debut: NaiveDateTime,
    /// End, local time.
    pub fin: NaiveDateTime,
}

impl Creneau {
    /// Whether it has a length, and no more than a year of it.
    pub fn est_valide(&self) -> bool {
        self.debut < self.fin && (self.fin - self.debut).num_days() <= JOURS_MAX
    }

    /// The parts of it that each day has, in seconds of that day.
    fn par_jour(&self) -> impl Iterator<Item = (NaiveDate, Part)> + '_ {
        let last = self.fin.date();
        self.debut.date().iter_days().take_while(move |day| *day <= last).filter_map(move |day| {
            let from =
                if day == self.debut.date() { self.debut.time().num_seconds_from_midnight() } else { 0 };
            let to = if day == last { self.fin.time().num_seconds_from_midnight() } else { JOUR };
            (from < to).then_some((day, (from, to)))
        })
    }
}

/// A part of a day, in seconds from midnight; the end is exclusive.
type Part = (u32, u32);

/// Half of a school day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Before the limit of the morning.
    Matin,
    /// From it on.
    ApresMidi,
}

/// A half-day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct DemiJournee {
    /// School day.
    pub jour: NaiveDate,
    /// Which half of it.
    pub moment: Moment,
}

/// A slot of each week in which the établissement is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Fermeture {
    /// On which day of the week.
    pub jour: JourDeSemaine,
    /// From when; from the morning on, if nothing is said.
    pub debut: Option<NaiveTime>,
    /// Until when; to the end of the day, if nothing is said.
    pub fin: Option<NaiveTime>,
}

impl Fermeture {
    fn part(&self) -> Part {
        let second = |time: NaiveTime| time.num_seconds_from_midnight();
        (self.debut.map_or(0, second), self.fin.map_or(JOUR, second))
    }
}

/// Days without school, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Vacances {
    /// First day.
    pub du: NaiveDate,
    /// Last day.
    pub au: NaiveDate,
}

impl Vacances {
    fn contient(&self, jour: NaiveDate) -> bool {
        (self.du..=self.au).contains(&jour)
    }
}

/// How an établissement counts half-days, in a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolitiqueDemiJournees {
    /// Its name, given by the établissement.
    pub nom: String,
    /// From 1; 0 is the one of who has set none.
    pub version: u32,
    /// Where the afternoon begins.
    pub limite: NaiveTime,
    /// Minutes of absence in a half-day that don't make it count.
    pub tolerance: u16,
    /// Slots of each week that are closed.
    pub fermetures: Vec<Fermeture>,
    /// Days without school.
    pub vacances: Vec<Vacances>,
    /// Minutes from the start of a séance after which its roll is missed if nobody has opened it. The
    /// delay of who has set none is not written: a policy of before there was one is read and written as
    /// it was, or a view rebuilt from zero would not be the one that it replaces.
    #[serde(default = "delai_d_appel", skip_serializing_if = "est_le_delai_d_usage")]
    pub delai_d_appel: u16,
}

/// The delay of who has set none, in minutes.
fn delai_d_appel() -> u16 {
    15
}

fn est_le_delai_d_usage(delai: &u16) -> bool {
    *delai == delai_d_appel()
}

impl Default for PolitiqueDemiJournees {
    /// That of an établissement which has set none: noon, no tolerance, closed on Wednesday
    /// afternoons and at week-ends.
    fn default() -> Self {
        let noon = NaiveTime::MIN + chrono::TimeDelta::hours(12);
        let closed = |jour, debut| Fermeture { jour, debut, fin: None };
        Self {
            nom: "par défaut".to_owned(),
            version: 0,
            limite: noon,
            tolerance: 0,
            fermetures: vec![
                closed(JourDeSemaine::Mercredi, Some(noon)),
                closed(JourDeSemaine::Samedi, None),
                closed(JourDeSemaine::Dimanche, None),
            ],
            vacances: vec![],
            delai_d_appel: delai_d_appel(),
        }
    }
}

impl PolitiqueDemiJournees {
    /// The half-days that `absences` make in an établissement which has these days of school, but for what
    /// is in `excusees`.
    pub fn demi_journees(
        &self,
        ecole: &JoursDEcole,
        absences: &[Creneau],
        excusees: &[Creneau],
    ) -> BTreeSet<DemiJournee> {
        let (absent, excused) = (by_day(absences), by_day(excusees));
        let mut counted = BTreeSet::new();
        for (jour, parts) in absent {
            if self.est_sans_ecole(ecole, jour) {
                continue;
            }
            let excused = excused.get(&jour).into_iter().flatten().copied();
            let not_counted = union(self.fermees(jour).chain(excused).collect());
            let left = minus(&union(parts), &not_counted);
            let limit = self.limite.num_seconds_from_midnight();
            for (moment, half) in [(Moment::Matin, (0, limit)), (Moment::ApresMidi, (limit, JOUR))] {
                if length_within(&left, half) > u32::from(self.tolerance) * 60 {
                    counted.insert(DemiJournee { jour, moment });
                }
            }
        }
        counted
    }

    /// The half-days of these days, both included, at which pupils are expected: those at which somebody
    /// could be absent.
    pub fn ouvertes(&self, ecole: &JoursDEcole, (du, au): (NaiveDate, NaiveDate)) -> BTreeSet<DemiJournee> {
        let end = au.succ_opt().unwrap_or(au).and_time(NaiveTime::MIN);
        self.demi_journees(ecole, &[Creneau { debut: du.and_time(NaiveTime::MIN), fin: end }], &[])
    }

    /// Whether nobody is expected at any instant of a span.
    pub fn est_ferme(&self, ecole: &JoursDEcole, creneau: &Creneau) -> bool {
        creneau.par_jour().all(|(jour, part)| {
            let closed = union(self.fermees(jour).collect());
            self.est_sans_ecole(ecole, jour) || minus(&[part], &closed).is_empty()
        })
    }

    /// The parts of a day in which the établissement is closed every week.
    fn fermees(&self, jour: NaiveDate) -> impl Iterator<Item = Part> {
        let of_day = JourDeSemaine::de(jour);
        self.fermetures.iter().filter(move |slot| slot.jour == of_day).map(Fermeture::part)
    }

    /// Whether nobody is expected on a day, whatever the hour.
    fn est_sans_ecole(&self, ecole: &JoursDEcole, jour: NaiveDate) -> bool {
        let dimanche = JourDeSemaine::de(jour) == JourDeSemaine::Dimanche;
        dimanche || !ecole.est_ouvre(jour) || self.vacances.iter().any(|days| days.contient(jour))
    }
}

fn by_day(creneaux: &[Creneau]) -> BTreeMap<NaiveDate, Vec<Part>> {
    let mut days: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (day, part) in creneaux.iter().flat_map(Creneau::par_jour) {
        days.entry(day).or_default().push(part);
    }
    days
}

/// The same seconds in parts that neither touch nor overlap, in order.
fn union(mut parts: Vec<Part>) -> Vec<Part> {
    parts.retain(|(from, to)| from < to);
    parts.sort_unstable();
    let mut whole: Vec<Part> = Vec::new();
    for (from, to) in parts {
        match whole.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => whole.push((from, to)),
        }
    }
    whole
}

/// What is in `parts` and not in `taken`; both are unions.
fn minus(parts: &[Part], taken: &[Part]) -> Vec<Part> {
    let mut left = Vec::new();
    for &(mut from, to) in parts {
        for &(start, end) in taken {
            if start >= to || end <= from {
                continue;
            }
            if from < start {
                left.push((from, start));
            }
            from = end;
        }
        if from < to {
            left.push((from, to));
        }
    }
    left
}

fn length_within(parts: &[Part], (start, end): Part) -> u32 {
    parts.iter().map(|(from, to)| (*to).min(end).saturating_sub((*from).max(start))).sum()
}

#[cfg(test)]
mod tests;
