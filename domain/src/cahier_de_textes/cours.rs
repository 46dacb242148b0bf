//! A course of the emploi du temps: what comes back week after week.
//!
//! Hours are those of the clock on the wall (Europe/Paris), so that a change of the clock moves
//! no course. Weeks are a mask: bit *i* is week *i* of the school year, as timetable programs
//! write them, where week 1 is the one that has 1 August in it. Each teacher, class and room has
//! weeks of its own within a course, since they change over the year.

use crate::JourDeSemaine;
use crate::annuaire::Matiere;
use crate::{AnneeScolaire, CoursId, DivisionId, EnseignementId, GroupeId, PersonneId};
use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Weeks of a school year.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Semaines(u64);

/// Last week that a mask may name: a school year has 53 at most.
const DERNIERE: u32 = 53;

impl Semaines {
    /// Every week of the year.
    pub const TOUTES: Self = Self(((1 << (DERNIERE + 1)) - 1) & !1);

    /// Those of a mask; bits that no week of a year has are dropped.
    pub const fn masque(bits: u64) -> Self {
        Self(bits & Self::TOUTES.0)
    }

    /// The mask.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The week in which a day of that school year falls.
    pub fn du(annee: AnneeScolaire, jour: NaiveDate) -> Self {
        numero(annee, jour).map_or(Self(0), |week| Self::masque(1 << week))
    }

    /// Those of a mask whose bit 1 is the week of a day: the way in which another program counts.
    pub fn depuis(annee: AnneeScolaire, premiere: NaiveDate, bits: u64) -> Self {
        let first = lundi(premiere);
        let named = (1..64).filter(|bit| bits >> bit & 1 == 1);
        named.filter_map(|bit| first?.checked_add_days(Days::new(7 * (bit - 1)))).fold(
            Self(0),
            |all, monday| {
                // A week is of the school year in which its Sunday is, as week 1 is.
                all.avec(Self::du(annee, monday))
            },
        )
    }

    /// Both.
    #[must_use]
    pub const fn avec(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn commun(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those of the year that are not in it.
    #[must_use]
    pub const fn autres(self) -> Self {
        Self::masque(!self.0)
    }

    /// None at all.
    pub const fn est_vide(self) -> bool {
        self.0 == 0
    }

    /// Their Mondays.
    pub fn lundis(self, annee: AnneeScolaire) -> impl Iterator<Item = NaiveDate> {
        let first = premier_lundi(annee);
        (1..=u64::from(DERNIERE))
            .filter(move |week| self.0 >> week & 1 == 1)
            .filter_map(move |week| first?.checked_add_days(Days::new(7 * (week - 1))))
    }
}

/// The Monday of week 1.
fn premier_lundi(annee: AnneeScolaire) -> Option<NaiveDate> {
    lundi(NaiveDate::from_ymd_opt(i32::from(annee.0), 8, 1)?)
}

fn lundi(jour: NaiveDate) -> Option<NaiveDate> {
    jour.checked_sub_days(Days::new(u64::from(jour.weekday().num_days_from_monday())))
}

fn numero(annee: AnneeScolaire, jour: NaiveDate) -> Option<u32> {
    let days = (jour - premier_lundi(annee)?).num_days();
    let week = u32::try_from(days.div_euclid(7)).ok()? + 1;
    (week <= DERNIERE).then_some(week)
}

/// Sixteen hexadecimal digits: a number of 64 bits is not one in every JSON.
impl fmt::Display for Semaines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Semaines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Semaines({self})")
    }
}

/// A text that is no mask of weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("ce ne sont pas des semaines : donnez seize chiffres hexadécimaux")]
pub struct SemainesInvalides;

impl FromStr for Semaines {
    type Err = SemainesInvalides;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let bits = digits.then(|| u64::from_str_radix(text, 16).ok()).flatten().ok_or(SemainesInvalides)?;
        if bits & !Self::TOUTES.0 == 0 { Ok(Self(bits)) } else { Err(SemainesInvalides) }
    }
}

impl TryFrom<String> for Semaines {
    type Error = SemainesInvalides;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Semaines> for String {
    fn from(semaines: Semaines) -> Self {
        semaines.to_string()
    }
}

impl JsonSchema for Semaines {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Semaines".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9a-f]{16}$" })
    }
}

/// A span of a day, by the clock on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Plage {
    /// Start.
    pub debut: NaiveTime,
    /// End, after the start.
    pub fin: NaiveTime,
}

impl Plage {
    /// Whether two have an instant in common.
    pub fn croise(self, other: Self) -> bool {
        self.debut < other.fin && other.debut < self.fin
    }
}

/// Someone or something that is there in some weeks of a course.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Participation<T> {
    /// Who or what.
    pub qui: T,
    /// In which weeks.
    pub semaines: Semaines,
}

/// Whom a course is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "nature")]
pub enum Public {
    /// All pupils of a division.
    Division {
        /// Which one.
        division: DivisionId,
    },
    /// Some pupils of divisions: a groupe, or a part of a class.
    Groupe {
        /// The groupe of that code, if the directory has it.
        groupe: GroupeId,
        /// What timetable programs call it.
        code: String,
        /// The divisions of its pupils.
        divisions: Vec<DivisionId>,
    },
}

impl Public {
    /// The divisions of those pupils.
    pub fn divisions(&self) -> &[DivisionId] {
        match self {
            Self::Division { division } => std::slice::from_ref(division),
            Self::Groupe { divisions, .. } => divisions,
        }
    }

    /// Whether a pupil may be of both: the parts of one division are apart.
    pub fn croise(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Groupe { groupe, .. }, Self::Groupe { groupe: autre, .. }) => groupe == autre,
            (Self::Division { division }, autre) | (autre, Self::Division { division }) => {
                autre.divisions().contains(division)
            }
        }
    }
}

/// A course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cours {
    /// Which one: the same from one import to the next.
    pub id: CoursId,
    /// What is taught.
    pub matiere: Matiere,
    /// The enseignements of the directory that it is of.
    pub enseignements: Vec<EnseignementId>,
    /// Day of the week.
    pub jour: JourDeSemaine,
    /// Hours.
    pub plage: Plage,
    /// Who teaches.
    pub enseignants: Vec<Participation<PersonneId>>,
    /// Who should be there.
    pub publics: Vec<Participation<Public>>,
    /// Where.
    pub salles: Vec<Participation<String>>,
}

impl Cours {
    /// The weeks in which it takes place: those in which anybody is there.
    pub fn semaines(&self) -> Semaines {
        let people = self.enseignants.iter().map(|one| one.semaines);
        let pupils = self.publics.iter().map(|one| one.semaines);
        people.chain(pupils).fold(Semaines::default(), Semaines::avec)
    }

    /// In the order that has no meaning put in one order, so that two that say the same are equal.
    #[must_use]
    pub fn range(mut self) -> Self {
        self.enseignements.sort_unstable();
        self.enseignements.dedup();
        self.enseignants = fondues(self.enseignants);
        self.publics = fondues(self.publics);
        self.salles = fondues(self.salles);
        self
    }
}

/// One presence for each, in the weeks of all that name it.
fn fondues<T: Ord + Clone>(participations: Vec<Participation<T>>) -> Vec<Participation<T>> {
    let mut by_whom = std::collections::BTreeMap::<T, Semaines>::new();
    for Participation { qui, semaines } in participations {
        let known = by_whom.entry(qui).or_default();
        *known = known.avec(semaines);
    }
    by_whom.into_iter().map(|(qui, semaines)| Participation { qui, semaines }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANNEE: AnneeScolaire = AnneeScolaire(2026);

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn week_one_has_the_first_of_august_in_it() {
        assert_eq!(Semaines::du(ANNEE, day("2026-08-01")).bits(), 0b10);
        assert_eq!(Semaines::du(ANNEE, day("2026-08-03")).bits(), 0b100);
        assert!(Semaines::du(ANNEE, day("2026-07-20")).est_vide());
        assert!(!Semaines::du(ANNEE, day("2027-07-31")).est_vide());
    }

    #[test]
    fn another_program_counts_from_its_own_first_week() {
        // Bit 1 is the week of that Monday, whatever ours calls it; bit 0 is none.
        let two = Semaines::depuis(ANNEE, day("2026-08-31"), 0b111);
        let mondays: Vec<_> = two.lundis(ANNEE).collect();
        assert_eq!(mondays, [day("2026-08-31"), day("2026-09-07")]);
    }

    #[test]
    fn parts_of_a_division_are_apart_and_the_whole_is_not() {
        let division = DivisionId::derived(&["6A"]);
        let part = |code: &str| Public::Groupe {
            groupe: GroupeId::derived(&[code]),
            code: code.to_owned(),
            divisions: vec![division],
        };
        assert!(!part("1").croise(&part("2")) && part("1").croise(&part("1")));
        assert!(part("1").croise(&Public::Division { division }));
        assert!(Public::Division { division }.croise(&part("2")));
    }

    proptest! {
        #[test]
        fn weeks_survive_their_text(bits: u64) {
            let semaines = Semaines::masque(bits);
            prop_assert_eq!(semaines.to_string().parse::<Semaines>(), Ok(semaines));
            prop_assert_eq!(semaines.avec(semaines.autres()), Semaines::TOUTES);
            prop_assert!(semaines.commun(semaines.autres()).est_vide());
        }

        #[test]
        fn each_monday_of_some_weeks_is_in_these_weeks(bits: u64, annee in 2000i16..2100) {
            let (semaines, annee) = (Semaines::masque(bits), AnneeScolaire(annee));
            let again = semaines.lundis(annee).fold(Semaines::default(), |all, monday| {
                all.avec(Semaines::du(annee, monday))
            });
            prop_assert_eq!(again, semaines);
        }

        #[test]
        fn what_is_no_mask_is_refused(text in "\\PC{0,20}") {
            if let Ok(semaines) = text.parse::<Semaines>() {
                prop_assert_eq!(semaines.to_string(), text.to_lowercase());
            }
        }
    }
}
