use super::*;
use crate::absences::{Fermeture, Vacances};
use crate::annuaire::Matiere;
use crate::annuaire::Zone;
use crate::cahier_de_textes::{
    Modification, Modifications, MotifDAnnulation, Participation, Plage, Public, Rang, Semaines, occurrences,
};
use crate::{AnneeScolaire, CoursId, DivisionId, GroupeId, JourDeSemaine};

const ANNEE: AnneeScolaire = AnneeScolaire(2026);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn time(text: &str) -> NaiveTime {
    text.parse().unwrap()
}

fn division() -> DivisionId {
    DivisionId::derived(&["6A"])
}

fn enseignement(name: &str) -> EnseignementId {
    EnseignementId::derived(&[name])
}

/// The weeks called A: that of Monday 2 November 2026, and every other one from then on.
fn semaines_a() -> Semaines {
    ["2026-11-02", "2026-11-16", "2026-11-30", "2026-12-14"]
        .into_iter()
        .fold(Semaines::default(), |all, monday| all.avec(Semaines::du(ANNEE, day(monday))))
}

/// A course of Tuesdays of this hour.
fn cours(name: &str, debut: &str, fin: &str, semaines: Semaines) -> Cours {
    Cours {
        id: CoursId::derived(&[name]),
        matiere: Matiere { code: "MATHS".into(), libelle: "Mathématiques".into() },
        enseignements: vec![enseignement(name)],
        jour: JourDeSemaine::Mardi,
        plage: Plage { debut: time(debut), fin: time(fin) },
        enseignants: vec![Participation { qui: PersonneId::derived(&["Ada"]), semaines }],
        publics: vec![Participation { qui: Public::Division { division: division() }, semaines }],
        salles: vec![],
    }
}

/// A plan, and how its rolls are kept.
struct Plan {
    cours: Vec<Cours>,
    modifications: Modifications,
    politique: PolitiqueDemiJournees,
    ouvertes: Vec<Seance>,
    ailleurs: Vec<(Auditoire, Creneau)>,
    /// To whom each of its courses is given.
    auditoire: Auditoire,
}

impl Plan {
    /// Maths every Tuesday at eight, and latin in weeks A at two.
    fn new() -> Self {
        Self {
            cours: vec![
                cours("maths", "08:00:00", "09:00:00", Semaines::TOUTES),
                cours("latin", "14:00:00", "15:00:00", semaines_a()),
            ],
            modifications: Modifications::new(),
            politique: PolitiqueDemiJournees::default(),
            ouvertes: vec![],
            ailleurs: vec![],
            auditoire: division().into(),
        }
    }

    fn modifier(mut self, name: &str, date: &str, modification: Modification) -> Self {
        self.modifications.insert(Rang { cours: CoursId::derived(&[name]), date: day(date) }, modification);
        self
    }

    /// When the séances of a day begin whose rolls are missed at an hour of a day.
    fn manquent(&self, date: &str, maintenant: &str) -> Vec<String> {
        let ecole = Zone::A.into();
        let known = Attente {
            politique: &self.politique,
            ecole: &ecole,
            ouvertes: &self.ouvertes,
            ailleurs: &self.ailleurs,
            maintenant: maintenant.parse().unwrap(),
        };
        let held = occurrences(&self.cours, &self.modifications, ANNEE, &ecole, (day(date), day(date)));
        let of = |one: &Occurrence| self.cours.iter().find(|cours| cours.id == one.rang.cours).unwrap();
        let taught = self.cours.iter().flat_map(|cours| &cours.enseignements);
        let auditoires = taught.map(|enseignement| (*enseignement, self.auditoire)).collect();
        let missed = known.non_ouverts(held.iter().map(|one| (of(one), one)), &auditoires);
        missed.into_iter().map(|one| one.seance.debut.format("%H:%M").to_string()).collect()
    }

    /// The same, in the evening of that day.
    fn le_soir(&self, date: &str) -> Vec<String> {
        self.manquent(date, &format!("{date}T19:00:00"))
    }
}

#[test]
fn a_roll_is_missed_once_the_delay_of_the_policy_is_over() {
    let mut plan = Plan::new();
    let at = |plan: &Plan, hour: &str| plan.manquent("2026-11-03", &format!("2026-11-03T{hour}:00"));
    assert!(at(&plan, "08:14").is_empty());
    assert_eq!(at(&plan, "08:15"), ["08:00"]);
    plan.politique.delai_d_appel = 30;
    assert!(at(&plan, "08:29").is_empty());
    assert_eq!(at(&plan, "08:30"), ["08:00"]);
}

#[test]
fn weeks_a_and_b_have_their_own_rolls() {
    let plan = Plan::new();
    assert_eq!(plan.le_soir("2026-11-03"), ["08:00", "14:00"]);
    assert_eq!(plan.le_soir("2026-11-10"), ["08:00"]);
    assert_eq!(plan.le_soir("2026-11-17"), ["08:00", "14:00"]);
    assert!(plan.le_soir("2026-11-04").is_empty(), "nothing is taught on Wednesdays");
}

#[test]
fn no_roll_is_missed_on_a_day_or_at_an_hour_without_school() {
    let mut plan = Plan::new();
    assert!(plan.le_soir("2026-10-20").is_empty(), "the Toussaint");
    plan.politique.vacances = vec![Vacances { du: day("2026-11-03"), au: day("2026-11-03") }];
    assert!(plan.le_soir("2026-11-03").is_empty(), "the établissement's own day");
    let slot = Fermeture { jour: JourDeSemaine::Mardi, debut: Some(time("13:00:00")), fin: None };
    plan.politique.fermetures.push(slot);
    assert_eq!(plan.le_soir("2026-11-17"), ["08:00"]);
}

#[test]
fn exceptions_of_the_timetable_are_those_of_its_rolls() {
    let annulee = Modification::Annulee { motif: MotifDAnnulation::EnseignantAbsent };
    let cancelled = Plan::new().modifier("maths", "2026-11-03", annulee);
    assert_eq!(cancelled.le_soir("2026-11-03"), ["14:00"]);
    let changee = |date: Option<&str>, enseignants| Modification::Changee {
        date: date.map(day),
        plage: Some(Plage { debut: time("10:00:00"), fin: time("11:00:00") }),
        salles: None,
        enseignants,
    };
    let moved = Plan::new().modifier("maths", "2026-11-03", changee(Some("2026-11-05"), None));
    assert_eq!(moved.le_soir("2026-11-03"), ["14:00"]);
    assert_eq!(moved.le_soir("2026-11-05"), ["10:00"]);
    let alone = Plan::new().modifier("maths", "2026-11-03", changee(None, Some(vec![])));
    assert_eq!(alone.le_soir("2026-11-03"), ["14:00"], "nobody gives it");
}

/// When somebody is at school elsewhere on the first of these Tuesdays.
fn away(auditoire: Auditoire, debut: &str, fin: &str) -> (Auditoire, Creneau) {
    let [debut, fin] = [debut, fin].map(|hour| day("2026-11-03").and_time(time(hour)));
    (auditoire, Creneau { debut, fin })
}

#[test]
fn no_roll_is_missed_of_a_division_that_is_away_for_all_of_the_seance() {
    let away = |division: DivisionId, debut: &str, fin: &str| vec![away(division.into(), debut, fin)];
    let mut plan = Plan::new();
    plan.ailleurs = away(division(), "13:00:00", "18:00:00");
    assert_eq!(plan.le_soir("2026-11-03"), ["08:00"]);
    plan.ailleurs = away(division(), "14:30:00", "18:00:00");
    assert_eq!(plan.le_soir("2026-11-03"), ["08:00", "14:00"], "its roll is called before it leaves");
    plan.ailleurs = away(DivisionId::derived(&["6B"]), "13:00:00", "18:00:00");
    assert_eq!(plan.le_soir("2026-11-03"), ["08:00", "14:00"], "another division is away");
}

#[test]
fn a_roll_that_was_opened_at_about_that_hour_is_not_missed() {
    let mut plan = Plan::new();
    let opened = |name: &str, debut: &str, fin: &str| Seance {
        enseignement: enseignement(name),
        auditoire: division().into(),
        date: day("2026-11-03"),
        debut: time(debut),
        fin: time(fin),
    };
    plan.ouvertes = vec![opened("maths", "08:05:00", "08:55:00")];
    assert_eq!(plan.le_soir("2026-11-03"), ["14:00"]);
    plan.ouvertes = vec![opened("latin", "08:05:00", "08:55:00")];
    assert_eq!(plan.le_soir("2026-11-03"), ["08:00", "14:00"], "it is that of another enseignement");
}

#[test]
fn the_roll_of_a_groupe_is_missed_unless_all_of_it_is_away() {
    let (groupe, other) = (GroupeId::derived(&["6LAT"]), DivisionId::derived(&["6B"]));
    let mut plan = Plan { auditoire: groupe.into(), ..Plan::new() };
    assert!(plan.le_soir("2026-11-03").is_empty(), "these courses are for all of the division");
    for cours in &mut plan.cours {
        let divisions = vec![division(), other];
        let qui = Public::Groupe { groupe, code: "6LAT".into(), divisions };
        cours.publics = vec![Participation { qui, semaines: Semaines::TOUTES }];
    }
    assert_eq!(plan.le_soir("2026-11-03"), ["08:00", "14:00"]);
    let afternoon = |auditoire: Auditoire| away(auditoire, "13:00:00", "18:00:00");
    plan.ailleurs = vec![afternoon(groupe.into())];
    assert_eq!(plan.le_soir("2026-11-03"), ["08:00"]);
    plan.ailleurs = vec![afternoon(division().into())];
    assert_eq!(plan.le_soir("2026-11-03"), ["08:00", "14:00"], "the pupils of the other division are there");
    plan.ailleurs.push(afternoon(other.into()));
    assert_eq!(plan.le_soir("2026-11-03"), ["08:00"]);
}
