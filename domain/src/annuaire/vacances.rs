//! The national calendar: the vacances of each zone, by school year. Years whose arrêté this program has are
//! here; others are added by who runs it ([`CalendrierNational::completer`]), without a new program.
//!
//! Sources: code de l'éducation, art. L521-1 (the calendar is national, by zones); arrêté of 7 December
//! 2022 (2025-2026), and the one that fixes 2026-2027.

use super::{Zone, est_ferie};
use crate::{AnneeScolaire, texte};
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Vacances: who has them, the first day without school, and the first day of school after.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vacances {
    /// What they are called.
    pub nom: String,
    /// The zones that have them.
    pub zones: BTreeSet<Zone>,
    /// First day without school.
    pub debut: NaiveDate,
    /// First day of school.
    pub reprise: NaiveDate,
}

/// Why the vacances of a year cannot be those of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VacancesRefusees {
    /// They have no name, or nobody has them, or they end before they begin.
    #[error("the vacances {nom:?} need a name in a line, a zone, and a debut before their reprise")]
    Illisibles {
        /// Which ones.
        nom: String,
    },
    /// They are of another year.
    #[error("the vacances {nom:?} are not between 1 August {annee} and 1 August of the year after")]
    HorsAnnee {
        /// Which ones.
        nom: String,
        /// Of which year they are said to be.
        annee: AnneeScolaire,
    },
    /// Half a calendar would tell days of vacances as days of school.
    #[error("zone {zone:?} has no vacances in {annee}: a year is told for all zones")]
    ZoneOubliee {
        /// Which one.
        zone: Zone,
        /// In which year.
        annee: AnneeScolaire,
    },
}

/// Year, month, day.
type Jour = (i32, u32, u32);

/// What vacances are called, the zones that have them, and from when to when.
type Ligne = (&'static str, &'static [Zone], Jour, Jour);

/// The school years whose arrêté this program has.
const CONNUES: [(AnneeScolaire, &[Ligne]); 2] =
    [(AnneeScolaire(2025), VACANCES_2025), (AnneeScolaire(2026), VACANCES_2026)];

const VACANCES_2025: &[Ligne] = &[
    ("Avant la rentrée", &Zone::TOUTES, (2025, 8, 1), (2025, 9, 1)),
    ("Toussaint", &Zone::TOUTES, (2025, 10, 19), (2025, 11, 3)),
    ("Noël", &Zone::TOUTES, (2025, 12, 21), (2026, 1, 5)),
    ("Hiver", &[Zone::A], (2026, 2, 8), (2026, 2, 23)),
    ("Hiver", &[Zone::B], (2026, 2, 15), (2026, 3, 2)),
    ("Hiver", &[Zone::C], (2026, 2, 22), (2026, 3, 9)),
    ("Printemps", &[Zone::A], (2026, 4, 5), (2026, 4, 20)),
    ("Printemps", &[Zone::B], (2026, 4, 12), (2026, 4, 27)),
    ("Printemps", &[Zone::C], (2026, 4, 19), (2026, 5, 4)),
    ("Pont de l'Ascension", &Zone::TOUTES, (2026, 5, 15), (2026, 5, 17)),
    ("Été", &Zone::TOUTES, (2026, 7, 5), (2026, 8, 1)),
];

const VACANCES_2026: &[Ligne] = &[
    ("Avant la rentrée", &Zone::TOUTES, (2026, 8, 1), (2026, 9, 1)),
    ("Toussaint", &Zone::TOUTES, (2026, 10, 18), (2026, 11, 2)),
    ("Noël", &Zone::TOUTES, (2026, 12, 20), (2027, 1, 4)),
    ("Hiver", &[Zone::C], (2027, 2, 7), (2027, 2, 22)),
    ("Hiver", &[Zone::A], (2027, 2, 14), (2027, 3, 1)),
    ("Hiver", &[Zone::B], (2027, 2, 21), (2027, 3, 8)),
    ("Printemps", &[Zone::C], (2027, 4, 4), (2027, 4, 19)),
    ("Printemps", &[Zone::A], (2027, 4, 11), (2027, 4, 26)),
    ("Printemps", &[Zone::B], (2027, 4, 18), (2027, 5, 3)),
    ("Pont de l'Ascension", &Zone::TOUTES, (2027, 5, 7), (2027, 5, 9)),
    ("Été", &Zone::TOUTES, (2027, 7, 4), (2027, 8, 1)),
];

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendrierNational(BTreeMap<AnneeScolaire, Vec<Vacances>>);

impl Default for CalendrierNational {
    /// That of the years whose arrêté this program has.
    fn default() -> Self {
        let connues = CONNUES.into_iter();
        Self(connues.map(|(annee, lignes)| (annee, lignes.iter().filter_map(vacances).collect())).collect())
    }
}

fn vacances(&(nom, zones, debut, reprise): &Ligne) -> Option<Vacances> {
    let jour = |(year, month, day): Jour| NaiveDate::from_ymd_opt(year, month, day);
    let zones = zones.iter().copied().collect();
    Some(Vacances { nom: nom.to_owned(), zones, debut: jour(debut)?, reprise: jour(reprise)? })
}

impl CalendrierNational {
    /// Longest name, in characters.
    const NOM_MAX: usize = 200;
    /// The month from which the year to come is to be known too.
    const AVANT_LA_SUIVANTE: u32 = 5;

    /// The same with another year, in place of what was known of it.
    pub fn completer(
        mut self,
        annee: AnneeScolaire,
        vacances: Vec<Vacances>,
    ) -> Result<Self, VacancesRefusees> {
        for Vacances { nom, zones, debut, reprise } in &vacances {
            if texte::line(nom, Self::NOM_MAX).is_none() || zones.is_empty() || debut >= reprise {
                return Err(VacancesRefusees::Illisibles { nom: nom.clone() });
            }
            let dernier = reprise.pred_opt().unwrap_or(*reprise);
            if [*debut, dernier].into_iter().any(|jour| AnneeScolaire::of(jour) != annee) {
                return Err(VacancesRefusees::HorsAnnee { nom: nom.clone(), annee });
            }
        }
        let dites: BTreeSet<_> = vacances.iter().flat_map(|une| une.zones.iter().copied()).collect();
        if let Some(zone) = Zone::TOUTES.into_iter().find(|zone| !dites.contains(zone)) {
            return Err(VacancesRefusees::ZoneOubliee { zone, annee });
        }
        self.0.insert(annee, vacances);
        Ok(self)
    }

    /// The school years that are not known on a day and should be: the one that it is, and soon the next.
    /// In a year that is not known every day but a holiday is told as one of school.
    pub fn inconnues(&self, le: NaiveDate) -> Vec<AnneeScolaire> {
        let annee = AnneeScolaire::of(le);
        let bientot = (Self::AVANT_LA_SUIVANTE..8).contains(&le.month());
        let suivante = bientot.then_some(AnneeScolaire(annee.0.saturating_add(1)));
        [annee].into_iter().chain(suivante).filter(|annee| !self.0.contains_key(annee)).collect()
    }

    fn vacances(&self, zone: Zone, annee: AnneeScolaire) -> impl Iterator<Item = &Vacances> {
        let toutes = self.0.get(&annee).into_iter().flatten();
        toutes.filter(move |une| une.zones.contains(&zone))
    }
}

/// The days of school of a zone. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoursDEcole {
    zone: Zone,
    national: Arc<CalendrierNational>,
}

impl JoursDEcole {
    /// Those of a zone, by that calendar.
    pub fn de(zone: Zone, national: Arc<CalendrierNational>) -> Self {
        Self { zone, national }
    }

    /// Whether there is school on a day, as far as the calendar says. Of a year that it does not know it
    /// says only holidays: the weeks of each course say when it takes place.
    pub fn est_ouvre(&self, le: NaiveDate) -> bool {
        let mut vacances = self.national.vacances(self.zone, AnneeScolaire::of(le));
        !vacances.any(|une| une.debut <= le && le < une.reprise) && !est_ferie(le)
    }
}

/// Those of a zone, in the years whose arrêté this program has.
impl From<Zone> for JoursDEcole {
    fn from(zone: Zone) -> Self {
        Self::de(zone, Arc::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn toussaint(zones: &[Zone], debut: &str, reprise: &str) -> Vacances {
        let zones = zones.iter().copied().collect();
        Vacances { nom: "Toussaint".into(), zones, debut: day(debut), reprise: day(reprise) }
    }

    #[test]
    fn zones_have_their_winter_one_after_the_other_and_in_turn_from_year_to_year() {
        let national = CalendrierNational::default();
        for (annee, ordre) in [(2025, [Zone::A, Zone::B, Zone::C]), (2026, [Zone::C, Zone::A, Zone::B])] {
            let hiver = |zone| {
                let mut toutes = national.vacances(zone, AnneeScolaire(annee));
                toutes.find(|une| une.nom == "Hiver").unwrap().debut
            };
            assert!(ordre.map(hiver).is_sorted(), "{annee}");
            for zone in Zone::TOUTES {
                let toutes: Vec<_> = national.vacances(zone, AnneeScolaire(annee)).collect();
                assert!(toutes.windows(2).all(|deux| deux[0].reprise <= deux[1].debut), "{annee} {zone:?}");
            }
        }
    }

    #[test]
    fn what_this_program_has_could_be_told_to_it() {
        for (annee, vacances) in CalendrierNational::default().0 {
            let vide = CalendrierNational(BTreeMap::new());
            assert!(vide.completer(annee, vacances).is_ok(), "{annee}");
        }
    }

    #[test]
    fn school_ends_on_the_saturday_and_begins_on_the_monday() {
        let zone_a = JoursDEcole::from(Zone::A);
        for (samedi, dimanche) in [("2025-10-18", "2025-10-19"), ("2026-10-17", "2026-10-18")] {
            assert!(zone_a.est_ouvre(day(samedi)) && !zone_a.est_ouvre(day(dimanche)), "{samedi}");
        }
        assert!(!zone_a.est_ouvre(day("2026-11-01")) && zone_a.est_ouvre(day("2026-11-02")));
        assert!(!zone_a.est_ouvre(day("2025-11-02")) && zone_a.est_ouvre(day("2025-11-03")));
    }

    #[test]
    fn a_year_that_is_not_known_is_named_before_it_begins_and_no_more_once_it_is_told() {
        let national = CalendrierNational::default();
        assert!(national.inconnues(day("2027-04-30")).is_empty());
        assert_eq!(national.inconnues(day("2027-05-01")), [AnneeScolaire(2027)]);
        assert_eq!(national.inconnues(day("2027-10-25")), [AnneeScolaire(2027)]);
        let lundi = day("2027-10-25");
        let jours = |national: &CalendrierNational| JoursDEcole::de(Zone::A, Arc::new(national.clone()));
        assert!(jours(&national).est_ouvre(lundi), "nobody has said that it is of vacances");
        let dites = vec![toussaint(&Zone::TOUTES, "2027-10-24", "2027-11-08")];
        let national = national.completer(AnneeScolaire(2027), dites).unwrap();
        assert!(national.inconnues(lundi).is_empty());
        assert!(!jours(&national).est_ouvre(lundi) && jours(&national).est_ouvre(day("2027-11-08")));
    }

    #[test]
    fn a_year_is_told_for_all_zones_and_within_its_days() {
        let completer = |vacances| {
            let told = CalendrierNational::default().completer(AnneeScolaire(2027), vec![vacances]);
            told.unwrap_err()
        };
        let nom = || "Toussaint".to_owned();
        let annee = AnneeScolaire(2027);
        assert_eq!(
            completer(toussaint(&[Zone::A, Zone::C], "2027-10-24", "2027-11-08")),
            VacancesRefusees::ZoneOubliee { zone: Zone::B, annee }
        );
        assert_eq!(
            completer(toussaint(&Zone::TOUTES, "2026-10-24", "2026-11-08")),
            VacancesRefusees::HorsAnnee { nom: nom(), annee }
        );
        for illisible in
            [toussaint(&Zone::TOUTES, "2027-11-08", "2027-10-24"), toussaint(&[], "2027-10-24", "2027-11-08")]
        {
            assert_eq!(completer(illisible), VacancesRefusees::Illisibles { nom: nom() });
        }
    }
}
