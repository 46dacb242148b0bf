use super::*;
use crate::testing::given;
use proptest::prelude::*;

const ANNEE: AnneeScolaire = AnneeScolaire(2026);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn fixer(debut: &str, fin: &str) -> CalendrierCommand {
    CalendrierCommand::FixerAnnee { annee: ANNEE, debut: day(debut), fin: day(fin) }
}

fn fixee() -> CalendrierEvent {
    CalendrierEvent::AnneeFixee { annee: ANNEE, debut: day("2026-09-01"), fin: day("2027-07-03") }
}

fn sixieme() -> DivisionId {
    DivisionId::derived(&["6A"])
}

fn periodes(days: &[(&str, &str)]) -> Vec<Periode> {
    let periode = |(debut, fin): &(&str, &str)| Periode {
        libelle: format!("du {debut}"),
        debut: day(debut),
        fin: day(fin),
    };
    days.iter().map(periode).collect()
}

fn decouper(decoupage: Decoupage, periodes: Vec<Periode>) -> CalendrierCommand {
    CalendrierCommand::FixerPeriodes { annee: ANNEE, division: sixieme(), connue: true, decoupage, periodes }
}

const TRIMESTRES: [(&str, &str); 3] =
    [("2026-09-01", "2026-12-04"), ("2026-12-05", "2027-03-12"), ("2027-03-13", "2027-07-03")];

#[test]
fn a_year_is_given_its_days_once() {
    given::<Calendrier>([]).when(fixer("2026-09-01", "2027-07-03")).then([fixee()]);
    given::<Calendrier>([fixee()]).when(fixer("2026-09-01", "2027-07-03")).then([]);
}

#[test]
fn its_days_are_in_the_school_year_and_in_order() {
    for (debut, fin) in [
        ("2026-07-31", "2027-07-03"),
        ("2026-09-01", "2027-08-01"),
        ("2027-07-03", "2026-09-01"),
        ("2026-09-01", "2026-09-01"),
    ] {
        given::<Calendrier>([])
            .when(fixer(debut, fin))
            .then_refused(RefusCalendrier::AnneeHorsBornes { annee: ANNEE });
    }
}

#[test]
fn a_period_is_confirmed_while_it_has_the_days_that_are_known_of_it() {
    let fixees = |periodes| CalendrierEvent::PeriodesFixees {
        annee: ANNEE,
        division: sixieme(),
        decoupage: Decoupage::Trimestres,
        periodes,
    };
    let confirmer = |rang, (debut, fin): (&str, &str)| CalendrierCommand::Confirmer {
        annee: ANNEE,
        division: sixieme(),
        rang,
        jours: (day(debut), day(fin)),
    };
    let cut = || [fixee(), fixees(periodes(&TRIMESTRES))];
    given::<Calendrier>(cut()).when(confirmer(2, TRIMESTRES[1])).then([]);
    for (rang, jours) in [(0, TRIMESTRES[0]), (1, TRIMESTRES[1]), (4, TRIMESTRES[2])] {
        given::<Calendrier>(cut())
            .when(confirmer(rang, jours))
            .then_refused(RefusCalendrier::PeriodeRedecoupee);
    }
    given::<Calendrier>([fixee()])
        .when(confirmer(2, TRIMESTRES[1]))
        .then_refused(RefusCalendrier::PeriodeRedecoupee);
}

#[test]
fn a_division_cuts_the_year_into_three_or_two() {
    let trimestres = periodes(&TRIMESTRES);
    let fixees = CalendrierEvent::PeriodesFixees {
        annee: ANNEE,
        division: sixieme(),
        decoupage: Decoupage::Trimestres,
        periodes: trimestres.clone(),
    };
    let cut = || decouper(Decoupage::Trimestres, trimestres.clone());
    given::<Calendrier>([fixee()]).when(cut()).then([fixees.clone()]);
    given::<Calendrier>([fixee(), fixees]).when(cut()).then([]);
    given::<Calendrier>([fixee()])
        .when(decouper(Decoupage::Semestres, trimestres.clone()))
        .then_refused(RefusCalendrier::NombreDePeriodes { attendu: 2 });
}

#[test]
fn a_year_without_days_is_not_cut() {
    given::<Calendrier>([])
        .when(decouper(Decoupage::Trimestres, periodes(&TRIMESTRES)))
        .then_refused(RefusCalendrier::AnneeNonFixee { annee: ANNEE });
}

#[test]
fn an_unknown_division_has_no_periods() {
    let periodes = periodes(&TRIMESTRES);
    let command = CalendrierCommand::FixerPeriodes {
        annee: ANNEE,
        division: sixieme(),
        connue: false,
        decoupage: Decoupage::Trimestres,
        periodes,
    };
    given::<Calendrier>([fixee()]).when(command).then_refused(RefusCalendrier::DivisionInconnue);
}

#[test]
fn two_periods_never_share_a_day() {
    let semestres = periodes(&[("2026-09-01", "2027-01-31"), ("2027-01-31", "2027-07-03")]);
    given::<Calendrier>([fixee()])
        .when(decouper(Decoupage::Semestres, semestres))
        .then_refused(RefusCalendrier::PeriodesChevauchees { jour: day("2027-01-31") });
}

#[test]
fn every_day_of_the_year_is_in_a_period() {
    for (days, jour) in [
        ([("2026-09-02", "2027-01-31"), ("2027-02-01", "2027-07-03")], "2026-09-01"),
        ([("2026-09-01", "2027-01-31"), ("2027-02-02", "2027-07-03")], "2027-02-01"),
        ([("2026-09-01", "2027-01-31"), ("2027-02-01", "2027-07-01")], "2027-07-02"),
    ] {
        given::<Calendrier>([fixee()])
            .when(decouper(Decoupage::Semestres, periodes(&days)))
            .then_refused(RefusCalendrier::JourSansPeriode { jour: day(jour) });
    }
}

fn trimestres(days: &[(&str, &str)]) -> CalendrierEvent {
    CalendrierEvent::PeriodesFixees {
        annee: ANNEE,
        division: sixieme(),
        decoupage: Decoupage::Trimestres,
        periodes: periodes(days),
    }
}

#[test]
fn a_year_of_which_only_the_days_are_said_is_cut_again() {
    let moved =
        CalendrierEvent::AnneeFixee { annee: ANNEE, debut: day("2026-09-02"), fin: day("2027-07-03") };
    given::<Calendrier>([fixee(), trimestres(&TRIMESTRES), moved])
        .when(decouper(Decoupage::Trimestres, periodes(&TRIMESTRES)))
        .then_refused(RefusCalendrier::PeriodesChevauchees { jour: day("2026-09-01") });
}

#[test]
fn periods_follow_the_ends_of_their_year_and_only_those_at_the_ends_change() {
    let cut = || [fixee(), trimestres(&TRIMESTRES)];
    let moved =
        CalendrierEvent::AnneeFixee { annee: ANNEE, debut: day("2026-08-31"), fin: day("2027-07-06") };
    let [premier, deuxieme, troisieme] = TRIMESTRES;
    let mut suivis = periodes(&TRIMESTRES);
    (suivis[0].debut, suivis[2].fin) = (day("2026-08-31"), day("2027-07-06"));
    let suivies = CalendrierEvent::PeriodesFixees {
        annee: ANNEE,
        division: sixieme(),
        decoupage: Decoupage::Trimestres,
        periodes: suivis,
    };
    given::<Calendrier>(cut()).when(fixer("2026-08-31", "2027-07-06")).then([moved, suivies]);

    let mut calendrier = Calendrier::default();
    cut().into_iter().for_each(|event| calendrier.apply(event));
    let touches = |debut: &str, fin: &str| {
        let touches = calendrier.redecoupages(ANNEE, day(debut), day(fin)).into_iter();
        touches.map(|un| (un.rang, un.jours)).collect::<Vec<_>>()
    };
    let jours = |(debut, fin): (&str, &str)| Some((day(debut), day(fin)));
    assert!(touches(premier.0, troisieme.1).is_empty());
    assert_eq!(touches(premier.0, "2027-07-06"), [(3, jours((troisieme.0, "2027-07-06")))]);
    assert_eq!(touches("2026-08-31", troisieme.1), [(1, jours(("2026-08-31", premier.1)))]);
    // The third one would be left out: all are lost, and each is asked.
    assert_eq!(touches(premier.0, deuxieme.1), [(1, None), (2, None), (3, None)]);
    assert!(touches(troisieme.1, premier.0).is_empty(), "the year itself refuses");
}

#[test]
fn a_division_of_which_a_period_would_be_left_out_loses_them_all() {
    let short =
        CalendrierEvent::AnneeFixee { annee: ANNEE, debut: day("2026-09-01"), fin: day("2027-03-12") };
    given::<Calendrier>([fixee(), trimestres(&TRIMESTRES)])
        .when(fixer("2026-09-01", "2027-03-12"))
        .then([short]);
}

proptest! {
    #[test]
    fn whatever_is_accepted_holds_each_day_once(cuts in prop::collection::vec(-3i64..310, 4)) {
        let at = |number: i64| day("2026-09-01") + chrono::TimeDelta::days(number);
        let given = [(at(cuts[0]), at(cuts[1])), (at(cuts[2]), at(cuts[3]))];
        let periodes = given.map(|(debut, fin)| Periode { libelle: "P".into(), debut, fin }).to_vec();
        let mut calendrier = Calendrier::default();
        calendrier.apply(fixee());
        if calendrier.decide(decouper(Decoupage::Semestres, periodes.clone())).is_ok() {
            for jour in day("2026-09-01").iter_days().take_while(|jour| *jour <= day("2027-07-03")) {
                prop_assert_eq!(periodes.iter().filter(|it| it.debut <= jour && jour <= it.fin).count(), 1);
            }
        }
    }
}
