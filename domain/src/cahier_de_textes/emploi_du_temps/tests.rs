use super::super::{MotifDAnnulation, Participation, Public};
use super::*;
use crate::JourDeSemaine;
use crate::annuaire::{Matiere, Zone};
use crate::testing::given;
use crate::{DivisionId, PersonneId};
use proptest::prelude::*;

const ANNEE: AnneeScolaire = AnneeScolaire(2026);

fn college() -> EtablissementId {
    EtablissementId::derived(&["collège"])
}

fn prof(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn classe(code: &str) -> Public {
    Public::Division { division: DivisionId::derived(&[code]) }
}

fn plage(debut: &str, fin: &str) -> Plage {
    Plage { debut: debut.parse().unwrap(), fin: fin.parse().unwrap() }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn toujours<T>(qui: T) -> Vec<Participation<T>> {
    vec![Participation { qui, semaines: Semaines::TOUTES }]
}

/// A course of Tuesdays from eight to nine.
fn cours(name: &str, qui: &str, code: &str, salle: &str) -> Cours {
    Cours {
        id: CoursId::derived(&[name]),
        matiere: Matiere { code: "MATHS".into(), libelle: "Mathématiques".into() },
        enseignements: vec![],
        jour: JourDeSemaine::Mardi,
        plage: plage("08:00:00", "09:00:00"),
        enseignants: toujours(prof(qui)),
        publics: toujours(classe(code)),
        salles: toujours(salle.to_owned()),
    }
}

fn place(origine: OrigineDuCours, cours: Cours) -> EmploiDuTempsEvent {
    EmploiDuTempsEvent::CoursPlace { etablissement: college(), annee: ANNEE, origine, cours }
}

fn importer(origine: OrigineDuCours, cours: Vec<Cours>) -> EmploiDuTempsCommand {
    EmploiDuTempsCommand::ImporterCours { etablissement: college(), annee: ANNEE, origine, cours }
}

fn placer(cours: Cours) -> EmploiDuTempsCommand {
    EmploiDuTempsCommand::PlacerCours { etablissement: college(), annee: ANNEE, cours }
}

fn rang(name: &str, date: &str) -> Rang {
    Rang { cours: CoursId::derived(&[name]), date: day(date) }
}

fn modifier(rang: Rang, modification: Modification) -> EmploiDuTempsCommand {
    EmploiDuTempsCommand::ModifierOccurrence { rang, modification, ecole: Zone::A.into() }
}

fn deplacer(date: &str) -> Modification {
    Modification::Changee { date: Some(day(date)), plage: None, salles: None, enseignants: None }
}

const ANNULEE: Modification = Modification::Annulee { motif: MotifDAnnulation::EnseignantAbsent };

#[test]
fn an_import_says_everything_and_the_same_again_says_nothing() {
    let (a, b) = (cours("a", "Ada", "6A", "12"), cours("b", "Bob", "6B", "13"));
    given::<EmploiDuTemps>([])
        .when(importer(OrigineDuCours::Edt, vec![a.clone(), b.clone()]))
        .then([place(OrigineDuCours::Edt, a.clone()), place(OrigineDuCours::Edt, b.clone())]);
    let known = || [place(OrigineDuCours::Edt, a.clone()), place(OrigineDuCours::Edt, b.clone())];
    given::<EmploiDuTemps>(known()).when(importer(OrigineDuCours::Edt, vec![b.clone(), a.clone()])).then([]);
    let moved = cours("b", "Bob", "6B", "14");
    given::<EmploiDuTemps>(known())
        .when(importer(OrigineDuCours::Edt, vec![moved.clone()]))
        .then([EmploiDuTempsEvent::CoursRetire { cours: a.id }, place(OrigineDuCours::Edt, moved)]);
}

#[test]
fn an_import_with_conflicts_is_taken_and_they_are_told() {
    let both = vec![cours("a", "Ada", "6A", "12"), cours("b", "Ada", "6B", "12")];
    let told: Vec<_> = conflits(&both).into_iter().map(|one| one.ressource).collect();
    let teacher = Ressource::Enseignant { personne: prof("Ada") };
    assert_eq!(told, [teacher, Ressource::Salle { salle: "12".into() }]);
    given::<EmploiDuTemps>([])
        .when(importer(OrigineDuCours::Edt, both.clone()))
        .then(both.into_iter().map(|one| place(OrigineDuCours::Edt, one)));
}

#[test]
fn a_lesser_source_does_not_overwrite_a_better_one() {
    let a = cours("a", "Ada", "6A", "12");
    given::<EmploiDuTemps>([place(OrigineDuCours::Edt, a.clone())])
        .when(importer(OrigineDuCours::Sts, vec![a.clone()]))
        .then_refused(RefusEmploiDuTemps::EdtPrevaut);
    given::<EmploiDuTemps>([place(OrigineDuCours::Sts, cours("s", "Ada", "6A", "12"))])
        .when(importer(OrigineDuCours::Edt, vec![a.clone()]))
        .then([
            EmploiDuTempsEvent::CoursRetire { cours: CoursId::derived(&["s"]) },
            place(OrigineDuCours::Edt, a),
        ]);
}

#[test]
fn a_hand_makes_no_conflict() {
    let known = || [place(OrigineDuCours::Edt, cours("a", "Ada", "6A", "12"))];
    let autre = CoursId::derived(&["a"]);
    for (cours, quoi) in [
        (cours("b", "Ada", "6B", "13"), "L'enseignant"),
        (cours("b", "Bob", "6A", "13"), "La classe ou le groupe"),
        (cours("b", "Bob", "6B", "12"), "La salle"),
    ] {
        given::<EmploiDuTemps>(known())
            .when(placer(cours))
            .then_refused(RefusEmploiDuTemps::ConflitDeRessource { quoi, autre });
    }
    let apart = Cours { plage: plage("09:00:00", "10:00:00"), ..cours("b", "Ada", "6A", "12") };
    given::<EmploiDuTemps>(known()).when(placer(apart.clone())).then([place(OrigineDuCours::Saisie, apart)]);
}

#[test]
fn what_a_hand_added_an_import_leaves() {
    let mine = cours("m", "Bob", "6B", "13");
    given::<EmploiDuTemps>([place(OrigineDuCours::Saisie, mine)])
        .when(importer(OrigineDuCours::Edt, vec![]))
        .then([]);
}

#[test]
fn an_imported_course_is_changed_where_it_comes_from() {
    let a = cours("a", "Ada", "6A", "12");
    let given_a = || given::<EmploiDuTemps>([place(OrigineDuCours::Edt, cours("a", "Ada", "6A", "12"))]);
    given_a().when(placer(a.clone())).then_refused(RefusEmploiDuTemps::CoursImporte);
    given_a()
        .when(EmploiDuTempsCommand::RetirerCours { cours: a.id })
        .then_refused(RefusEmploiDuTemps::CoursImporte);
}

#[test]
fn an_hour_is_cancelled_and_comes_back() {
    let known = place(OrigineDuCours::Edt, cours("a", "Ada", "6A", "12"));
    let rang = rang("a", "2026-12-01");
    let changed = EmploiDuTempsEvent::OccurrenceModifiee { rang, modification: ANNULEE };
    given::<EmploiDuTemps>([known.clone()]).when(modifier(rang, ANNULEE)).then([changed.clone()]);
    given::<EmploiDuTemps>([known.clone(), changed.clone()]).when(modifier(rang, ANNULEE)).then([]);
    given::<EmploiDuTemps>([known, changed])
        .when(EmploiDuTempsCommand::RetablirOccurrence { rang })
        .then([EmploiDuTempsEvent::OccurrenceRetablie { rang }]);
}

#[test]
fn only_an_occurrence_that_is_there_is_changed() {
    let known = || given::<EmploiDuTemps>([place(OrigineDuCours::Edt, cours("a", "Ada", "6A", "12"))]);
    // A Wednesday; a Tuesday of vacances; another course.
    for date in ["2026-12-02", "2026-10-20"] {
        known()
            .when(modifier(rang("a", date), ANNULEE))
            .then_refused(RefusEmploiDuTemps::OccurrenceInconnue { date: day(date) });
    }
    known().when(modifier(rang("z", "2026-12-01"), ANNULEE)).then_refused(RefusEmploiDuTemps::CoursInconnu);
}

#[test]
fn an_occurrence_moves_to_where_it_is_free_and_there_is_school() {
    let friday = Cours { jour: JourDeSemaine::Vendredi, ..cours("b", "Ada", "6B", "13") };
    let known = || {
        [
            place(OrigineDuCours::Edt, cours("a", "Ada", "6A", "12")),
            place(OrigineDuCours::Edt, friday.clone()),
        ]
    };
    let asked = rang("a", "2026-12-01");
    let (taken, free) = (deplacer("2026-12-04"), deplacer("2026-12-03"));
    given::<EmploiDuTemps>(known()).when(modifier(asked, taken.clone())).then_refused(
        RefusEmploiDuTemps::ConflitDeRessource { quoi: "L'enseignant", autre: CoursId::derived(&["b"]) },
    );
    let gone =
        EmploiDuTempsEvent::OccurrenceModifiee { rang: rang("b", "2026-12-04"), modification: ANNULEE };
    let moved = |modification| EmploiDuTempsEvent::OccurrenceModifiee { rang: asked, modification };
    given::<EmploiDuTemps>(known().into_iter().chain([gone]))
        .when(modifier(asked, taken.clone()))
        .then([moved(taken)]);
    given::<EmploiDuTemps>(known()).when(modifier(asked, free.clone())).then([moved(free)]);
    for date in ["2026-12-27", "2026-11-11", "2027-08-01"] {
        given::<EmploiDuTemps>(known())
            .when(modifier(asked, deplacer(date)))
            .then_refused(RefusEmploiDuTemps::JourSansEcole { date: day(date) });
    }
}

#[test]
fn a_course_has_hours_and_weeks_and_readable_names() {
    let sound = cours("a", "Ada", "6A", "12");
    let backwards = Cours { plage: plage("09:00:00", "08:00:00"), ..sound.clone() };
    let never = Cours { enseignants: vec![], publics: vec![], ..sound.clone() };
    let unnamed = Cours { salles: toujours("  ".to_owned()), ..sound };
    for (cours, refus) in [
        (backwards, RefusEmploiDuTemps::HorairesDeCours),
        (never, RefusEmploiDuTemps::CoursSansSemaine),
        (unnamed, RefusEmploiDuTemps::CoursIllisible { champ: "salles" }),
    ] {
        given::<EmploiDuTemps>([]).when(placer(cours)).then_refused(refus);
    }
}

#[test]
fn wall_clock_hours_do_not_move_with_the_clock() {
    let every = cours("a", "Ada", "6A", "12");
    let year = (day("2026-09-01"), day("2027-07-03"));
    let all = occurrences([&every], &Modifications::new(), ANNEE, &Zone::A.into(), year);
    assert!(all.iter().all(|one| one.plage == every.plage));
    assert_eq!(all.iter().filter(|one| one.date < day("2026-10-25")).count(), 7);
}

prop_compose! {
    fn any_course()(
        name in "[a-f]", who in "[a-c]", classe in "[a-c]", salle in "[1-3]", start in 8u32..11,
        jour in 0usize..7, bits: u64, room_bits: u64,
    ) -> Cours {
        let hour = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        Cours {
            jour: JourDeSemaine::TOUS[jour],
            plage: Plage { debut: hour(start), fin: hour(start + 1) },
            enseignants: vec![Participation { qui: prof(&who), semaines: Semaines::masque(bits) }],
            publics: vec![Participation { qui: super::super::Public::Division {
                division: DivisionId::derived(&[&classe]) }, semaines: Semaines::masque(bits) }],
            salles: vec![Participation { qui: salle, semaines: Semaines::masque(room_bits) }],
            ..cours(&name, &who, &classe, "1")
        }
    }
}

fn ecole() -> impl Strategy<Value = JoursDEcole> {
    prop::sample::select(Zone::TOUTES.to_vec()).prop_map(JoursDEcole::from)
}

proptest! {
    #[test]
    fn expansion_does_not_depend_on_any_order(
        courses in prop::collection::vec(any_course(), 0..6), ecole in ecole(), seed: u64,
    ) {
        let year = (day("2026-08-01"), day("2027-07-31"));
        let unique: BTreeMap<_, _> = courses.into_iter().map(|one| (one.id, one)).collect();
        let forth: Vec<_> = unique.values().collect();
        let mut back = forth.clone();
        let turned = usize::try_from(seed % 7).unwrap() % back.len().max(1);
        back.rotate_left(turned);
        back.reverse();
        let expand = |courses: Vec<&Cours>| occurrences(courses, &Modifications::new(), ANNEE, &ecole, year);
        prop_assert_eq!(expand(forth.clone()), expand(back));
        let told = |courses: Vec<&Cours>| {
            let pairs = conflits(courses).into_iter();
            pairs.map(|one| ([one.premier, one.second].into_iter().collect::<BTreeSet<_>>(), one.semaines)).collect::<BTreeSet<_>>()
        };
        prop_assert_eq!(told(forth.clone()), told(forth.into_iter().rev().collect()));
    }

    #[test]
    fn nothing_takes_place_on_a_day_without_school(one in any_course(), ecole in ecole()) {
        let year = (day("2026-08-01"), day("2027-07-31"));
        for occurrence in occurrences([&one], &Modifications::new(), ANNEE, &ecole, year) {
            prop_assert!(ecole.est_ouvre(occurrence.date), "{}", occurrence.date);
            prop_assert_eq!(JourDeSemaine::de(occurrence.date), one.jour);
            prop_assert!(!one.semaines().commun(Semaines::du(ANNEE, occurrence.date)).est_vide());
        }
    }

    #[test]
    fn a_span_shows_what_the_year_shows_of_it(one in any_course(), from in 0u64..365, days in 0u64..60) {
        let du = day("2026-08-01").checked_add_days(chrono::Days::new(from)).unwrap();
        let au = du.checked_add_days(chrono::Days::new(days)).unwrap();
        let expand = |span| occurrences([&one], &Modifications::new(), ANNEE, &Zone::A.into(), span);
        let whole = expand((day("2026-08-01"), day("2027-07-31")));
        let within: Vec<_> = whole.into_iter().filter(|one| du <= one.date && one.date <= au).collect();
        prop_assert_eq!(expand((du, au)), within);
    }

    #[test]
    fn whatever_is_asked_a_hand_never_makes_a_conflict(asked in prop::collection::vec(any_course(), 1..8)) {
        let mut state = EmploiDuTemps::default();
        for one in asked {
            if let Ok(events) = state.decide(placer(one)) {
                events.into_iter().for_each(|event| state.apply(event));
            }
        }
        prop_assert_eq!(conflits(state.cours()), vec![]);
    }

    #[test]
    fn an_import_taken_twice_says_nothing_new(asked in prop::collection::vec(any_course(), 0..8)) {
        let mut state = EmploiDuTemps::default();
        let command = importer(OrigineDuCours::Edt, asked);
        if let Ok(events) = state.decide(command.clone()) {
            events.into_iter().for_each(|event| state.apply(event));
            prop_assert_eq!(state.decide(command), Ok(vec![]));
        }
    }
}
