use super::*;
use crate::JourDeSemaine;
use crate::annuaire::Zone;
use proptest::prelude::*;

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

fn span(from: &str, to: &str) -> Creneau {
    Creneau { debut: at(from), fin: at(to) }
}

fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

fn policy(limite: &str, tolerance: u16) -> PolitiqueDemiJournees {
    let travaux = Vacances { du: "2026-12-10".parse().unwrap(), au: "2026-12-11".parse().unwrap() };
    PolitiqueDemiJournees {
        limite: time(limite),
        tolerance,
        vacances: vec![travaux],
        ..PolitiqueDemiJournees::default()
    }
}

/// What a policy counts in zone A.
fn count(
    policy: &PolitiqueDemiJournees,
    absences: &[Creneau],
    excusees: &[Creneau],
) -> BTreeSet<DemiJournee> {
    policy.demi_journees(&Zone::A.into(), absences, excusees)
}

fn named(counted: BTreeSet<DemiJournee>) -> Vec<String> {
    let half = |moment| if moment == Moment::Matin { "matin" } else { "après-midi" };
    counted.into_iter().map(|one| format!("{} {}", one.jour, half(one.moment))).collect()
}

/// What is said of a case, its absences, and the half-days that they make.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

/// Under a limit of 11:50 and ten minutes of tolerance, in zone A. 2026-11-23 is a Monday.
const CASES: &[Case] = &[
    ("nothing", &[], &[]),
    ("an hour of the morning", &[("2026-11-23 08:00", "2026-11-23 09:00")], &["2026-11-23 matin"]),
    ("up to the limit", &[("2026-11-23 11:00", "2026-11-23 11:50")], &["2026-11-23 matin"]),
    ("from the limit on", &[("2026-11-23 11:50", "2026-11-23 13:00")], &["2026-11-23 après-midi"]),
    (
        "over noon",
        &[("2026-11-23 11:00", "2026-11-23 14:00")],
        &["2026-11-23 matin", "2026-11-23 après-midi"],
    ),
    ("as long as is tolerated", &[("2026-11-23 08:00", "2026-11-23 08:10")], &[]),
    ("a minute more", &[("2026-11-23 08:00", "2026-11-23 08:11")], &["2026-11-23 matin"]),
    (
        "two that are tolerated alone",
        &[("2026-11-23 08:00", "2026-11-23 08:08"), ("2026-11-23 09:00", "2026-11-23 09:08")],
        &["2026-11-23 matin"],
    ),
    (
        "two that overlap are counted once",
        &[("2026-11-23 08:00", "2026-11-23 10:00"), ("2026-11-23 09:00", "2026-11-23 11:00")],
        &["2026-11-23 matin"],
    ),
    (
        "overlapping minutes are no longer for it",
        &[("2026-11-23 08:00", "2026-11-23 08:08"), ("2026-11-23 08:00", "2026-11-23 08:08")],
        &[],
    ),
    ("a Wednesday afternoon", &[("2026-11-25 14:00", "2026-11-25 16:00")], &[]),
    ("a whole Wednesday", &[("2026-11-25 08:00", "2026-11-25 18:00")], &["2026-11-25 matin"]),
    (
        "from Friday to Monday",
        &[("2026-11-20 14:00", "2026-11-23 10:00")],
        &["2026-11-20 après-midi", "2026-11-23 matin"],
    ),
    (
        "over the night on which clocks go back",
        // In a year whose vacances are not known: that night is always of the Toussaint.
        &[("2024-10-25 08:00", "2024-10-28 11:00")],
        &["2024-10-25 matin", "2024-10-25 après-midi", "2024-10-28 matin"],
    ),
    (
        "over the night on which clocks go forward",
        &[("2026-03-27 14:00", "2026-03-30 09:00")],
        &["2026-03-27 après-midi", "2026-03-30 matin"],
    ),
    ("in days that the établissement closes", &[("2026-12-10 08:00", "2026-12-11 18:00")], &[]),
    (
        "into days that the établissement closes",
        &[("2026-12-09 08:00", "2026-12-11 18:00")],
        &["2026-12-09 matin"],
    ),
    ("in the vacances", &[("2026-12-21 08:00", "2026-12-22 18:00")], &[]),
    ("into the vacances", &[("2026-12-18 14:00", "2026-12-22 18:00")], &["2026-12-18 après-midi"]),
    (
        "over the Toussaint",
        &[("2026-10-16 14:00", "2026-11-02 10:00")],
        &["2026-10-16 après-midi", "2026-11-02 matin"],
    ),
    (
        "a week with the 11 November in it",
        &[("2026-11-09 08:00", "2026-11-13 11:00")],
        &[
            "2026-11-09 matin",
            "2026-11-09 après-midi",
            "2026-11-10 matin",
            "2026-11-10 après-midi",
            "2026-11-12 matin",
            "2026-11-12 après-midi",
            "2026-11-13 matin",
        ],
    ),
    (
        "over the Ascension and its pont",
        &[("2027-05-05 08:00", "2027-05-10 10:00")],
        &["2027-05-05 matin", "2027-05-10 matin"],
    ),
    ("Easter Monday", &[("2027-03-29 08:00", "2027-03-29 18:00")], &[]),
    ("to midnight", &[("2026-11-23 14:00", "2026-11-24 00:00")], &["2026-11-23 après-midi"]),
];

#[test]
fn half_days_are_counted_as_the_table_says() {
    for (case, spans, expected) in CASES {
        let spans: Vec<_> = spans.iter().map(|(from, to)| span(from, to)).collect();
        assert_eq!(named(count(&policy("11:50", 10), &spans, &[])), *expected, "{case}");
    }
}

#[test]
fn the_limit_of_the_morning_is_the_etablissements_own() {
    let late = [span("2026-11-23 11:20", "2026-11-23 11:50")];
    assert_eq!(named(count(&policy("11:10", 0), &late, &[])), ["2026-11-23 après-midi"]);
    assert_eq!(named(count(&policy("11:50", 0), &late, &[])), ["2026-11-23 matin"]);
}

#[test]
fn a_closed_slot_of_the_week_is_not_counted() {
    let mut policy = policy("11:50", 0);
    let monday = Fermeture { jour: JourDeSemaine::Lundi, debut: None, fin: Some(time("10:00")) };
    policy.fermetures.push(monday);
    let early = span("2026-11-23 08:00", "2026-11-23 10:00");
    assert_eq!(named(count(&policy, &[early], &[])), Vec::<String>::new());
    let longer = span("2026-11-23 08:00", "2026-11-23 10:05");
    assert_eq!(named(count(&policy, &[longer], &[])), ["2026-11-23 matin"]);
}

#[test]
fn an_etablissement_that_closes_no_day_of_the_week_is_closed_on_sundays_and_jours_feries() {
    let open = PolitiqueDemiJournees { fermetures: vec![], vacances: vec![], ..policy("11:50", 0) };
    let counted = |from: &str, to: &str| named(count(&open, &[span(from, to)], &[]));
    // Saturdays: an ordinary one, and the 1 May.
    assert_eq!(counted("2027-05-15 08:00", "2027-05-15 11:00"), ["2027-05-15 matin"]);
    assert_eq!(counted("2027-05-01 08:00", "2027-05-01 11:00"), Vec::<String>::new());
    assert_eq!(counted("2027-05-16 08:00", "2027-05-16 18:00"), Vec::<String>::new());
}

#[test]
fn the_vacances_are_those_of_the_zone() {
    let monday = [span("2027-02-15 08:00", "2027-02-15 11:00")];
    let counted = |zone: Zone| named(policy("11:50", 0).demi_journees(&zone.into(), &monday, &[]));
    assert_eq!(counted(Zone::A), Vec::<String>::new());
    assert_eq!(counted(Zone::B), ["2027-02-15 matin"]);
}

#[test]
fn what_is_excused_is_not_counted_and_the_rest_is() {
    let day = [span("2026-11-23 08:00", "2026-11-23 17:00")];
    let excused = [span("2026-11-23 07:00", "2026-11-23 11:50")];
    assert_eq!(named(count(&policy("11:50", 0), &day, &excused)), ["2026-11-23 après-midi"]);
    assert_eq!(named(count(&policy("11:50", 0), &day, &day)), Vec::<String>::new());
}

#[test]
fn a_span_without_a_length_or_of_years_is_none() {
    assert!(!span("2026-11-23 08:00", "2026-11-23 08:00").est_valide());
    assert!(!span("2026-11-23 08:00", "2028-11-23 08:00").est_valide());
    assert!(span("2026-11-23 08:00", "2026-11-24 08:00").est_valide());
    assert!(count(&policy("11:50", 0), &[span("2026-11-24 08:00", "2026-11-23 08:00")], &[]).is_empty());
}

prop_compose! {
    fn any_span()(from in 0i64..60_000, minutes in 1i64..4_000) -> Creneau {
        let debut = at("2026-10-20 00:00") + chrono::TimeDelta::minutes(from);
        Creneau { debut, fin: debut + chrono::TimeDelta::minutes(minutes) }
    }
}

fn any_spans() -> impl Strategy<Value = Vec<Creneau>> {
    proptest::collection::vec(any_span(), 0..12)
}

fn any_policy() -> impl Strategy<Value = PolitiqueDemiJournees> {
    (0u32..86_400, 0u16..90).prop_map(|(second, tolerance)| {
        let limite = NaiveTime::from_num_seconds_from_midnight_opt(second, 0).unwrap();
        PolitiqueDemiJournees { limite, ..policy("12:00", tolerance) }
    })
}

proptest! {
    #[test]
    fn the_order_of_absences_does_not_matter(policy in any_policy(), spans in any_spans()) {
        let backwards: Vec<_> = spans.iter().rev().copied().collect();
        prop_assert_eq!(count(&policy, &spans, &[]), count(&policy, &backwards, &[]));
    }

    #[test]
    fn the_same_absence_twice_is_one(policy in any_policy(), spans in any_spans()) {
        let twice: Vec<_> = spans.iter().chain(&spans).copied().collect();
        prop_assert_eq!(count(&policy, &spans, &[]), count(&policy, &twice, &[]));
    }

    #[test]
    fn more_absence_is_never_fewer_half_days(policy in any_policy(), spans in any_spans(), more in any_span()) {
        let longer: Vec<_> = spans.iter().copied().chain([more]).collect();
        prop_assert!(count(&policy, &longer, &[]).is_superset(&count(&policy, &spans, &[])));
    }

    #[test]
    fn an_excuse_never_adds_a_half_day(policy in any_policy(), spans in any_spans(), excuses in any_spans()) {
        prop_assert!(count(&policy, &spans, &excuses).is_subset(&count(&policy, &spans, &[])));
        prop_assert!(count(&policy, &spans, &spans).is_empty());
    }

    #[test]
    fn an_absence_cut_in_two_makes_the_same_half_days(
        policy in any_policy(), one in any_span(), cut in 0.0f64..1.0,
    ) {
        let minutes = (one.fin - one.debut).num_minutes() as f64 * cut;
        let middle = one.debut + chrono::TimeDelta::minutes(minutes as i64);
        let parts = [Creneau { fin: middle, ..one }, Creneau { debut: middle, ..one }];
        prop_assert_eq!(count(&policy, &[one], &[]), count(&policy, &parts, &[]));
    }
}

#[test]
fn pupils_are_expected_at_the_half_days_that_are_open() {
    let days = |du: &str, au: &str| (du.parse().unwrap(), au.parse().unwrap());
    let open = |du, au| policy("12:00", 0).ouvertes(&Zone::A.into(), days(du, au)).len();
    assert_eq!(open("2026-11-02", "2026-11-08"), 9, "a week, closed on Wednesday afternoon");
    assert_eq!(open("2026-11-09", "2026-11-15"), 8, "the 11 November is a Wednesday");
    assert_eq!(open("2026-10-19", "2026-11-01"), 0, "the Toussaint");
    assert_eq!(open("2026-12-09", "2026-12-11"), 1, "the établissement's own days");
    assert_eq!(open("2026-11-03", "2026-11-02"), 0);
}
