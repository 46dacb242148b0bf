use super::*;
use crate::notes::{Pas, PolitiqueDeMoyenne, Sens};
use proptest::prelude::*;

fn politique(ponderation: Ponderation) -> PolitiqueVersionnee {
    let base = PolitiqueVersionnee::default();
    PolitiqueVersionnee { version: 1, politique: PolitiqueDeMoyenne { ponderation, ..base.politique } }
}

fn au() -> DateTime<Utc> {
    "2026-12-01T08:00:00Z".parse().unwrap()
}

fn note(text: &str) -> Resultat {
    Resultat::Note { valeur: text.parse().unwrap() }
}

fn entree(resultat: Resultat, bareme: &str, coefficient: &str, regime: Regime) -> Entree {
    Entree {
        intitule: "Fractions".into(),
        date: None,
        resultat,
        bareme: bareme.parse().unwrap(),
        coefficient: coefficient.parse().unwrap(),
        regime,
        formative: false,
        sous_matiere: None,
    }
}

fn due(text: &str, bareme: &str, coefficient: &str) -> Entree {
    entree(note(text), bareme, coefficient, Regime::Obligatoire)
}

fn of(ponderation: Ponderation, entrees: Vec<Entree>) -> Explication {
    moyenne(&politique(ponderation), au(), entrees)
}

fn figure(entrees: Vec<Entree>) -> Option<String> {
    of(Ponderation::SurVingt, entrees).moyenne.map(|figure| figure.to_string())
}

#[test]
fn marks_are_averaged_by_their_coefficients() {
    assert_eq!(figure(vec![due("12", "20", "1"), due("15", "20", "2")]).as_deref(), Some("14.00"));
    assert_eq!(figure(vec![due("5", "10", "1"), due("12,5", "20", "1")]).as_deref(), Some("11.25"));
}

#[test]
fn a_third_is_a_third_until_the_one_rounding() {
    let explained =
        of(Ponderation::SurVingt, vec![due("1", "3", "1"), due("2", "3", "1"), due("3", "3", "1")]);
    assert_eq!(explained.exacte, "40/3".parse().ok());
    assert_eq!(explained.moyenne, "13.33".parse().ok());
}

#[test]
fn by_scale_forty_points_weigh_twice_as_much_as_twenty() {
    let marks = || vec![due("40", "40", "1"), due("0", "20", "1")];
    assert_eq!(of(Ponderation::SurVingt, marks()).moyenne, "10".parse().ok());
    assert_eq!(of(Ponderation::ParBareme, marks()).moyenne, "13.33".parse().ok());
}

#[test]
fn what_stands_in_place_of_a_mark_counts_for_nothing_unless_the_teacher_counts_it_as_zero() {
    let nothing = "pas de note, ne compte pas (0 points, poids 0)";
    let zero = "comptée zéro (0 points, poids 1)";
    let cases = [
        (Resultat::Absent { compte_zero: false }, "12.00", "absent", nothing),
        (Resultat::Absent { compte_zero: true }, "6.00", "absent", zero),
        (Resultat::Dispense, "12.00", "dispensé", nothing),
        (Resultat::NonNote, "12.00", "non noté", nothing),
        (Resultat::NonRendu { compte_zero: false }, "12.00", "non rendu", nothing),
        (Resultat::NonRendu { compte_zero: true }, "6.00", "non rendu", zero),
    ];
    for (resultat, average, etat, effect) in cases {
        let beside = entree(resultat, "20", "1", Regime::Obligatoire);
        let explained = of(Ponderation::SurVingt, vec![due("12", "20", "1"), beside]);
        assert_eq!(explained.moyenne, average.parse().ok(), "{resultat:?}");
        let told = format!("Fractions : {etat}, coefficient 1 ; {effect}");
        assert_eq!(explained.lignes[1].phrase(), told);
    }
    let optional = entree(Resultat::Absent { compte_zero: true }, "20", "1", Regime::SiElleMonte);
    assert_eq!(figure(vec![due("12", "20", "1"), optional]).as_deref(), Some("12.00"), "it only helps");
}

#[test]
fn formative_work_and_coefficient_zero_do_not_count() {
    let formative = Entree { formative: true, ..due("0", "20", "1") };
    assert_eq!(figure(vec![due("12", "20", "1"), formative]).as_deref(), Some("12.00"));
    assert_eq!(figure(vec![due("12", "20", "1"), due("0", "20", "0")]).as_deref(), Some("12.00"));
    assert_eq!(figure(vec![due("12", "20", "0")]), None);
}

#[test]
fn only_points_above_half_are_added() {
    let with = |bonus: &str| {
        figure(vec![due("12", "20", "2"), entree(note(bonus), "20", "1", Regime::PointsAuDessus)]).unwrap()
    };
    assert_eq!(with("16"), "15.00");
    assert_eq!(with("10"), "12.00");
    assert_eq!(with("2"), "12.00");
}

#[test]
fn an_optional_mark_counts_only_where_it_raises_the_average() {
    let with = |bonus: &str| {
        figure(vec![due("12", "20", "1"), entree(note(bonus), "20", "1", Regime::SiElleMonte)]).unwrap()
    };
    assert_eq!(with("16"), "14.00");
    assert_eq!(with("11"), "12.00");
}

#[test]
fn of_several_optional_marks_those_are_counted_that_make_the_highest_average() {
    let optional = |text: &str| entree(note(text), "20", "1", Regime::SiElleMonte);
    // 13 raises 12, but no longer what 18 has made of it.
    let marks = vec![optional("13"), due("12", "20", "1"), optional("18")];
    assert_eq!(figure(marks).as_deref(), Some("15.00"));
}

#[test]
fn nothing_averages_above_twenty_and_optional_marks_alone_make_no_average() {
    let bonus = || entree(note("20"), "20", "5", Regime::PointsAuDessus);
    let explained = of(Ponderation::SurVingt, vec![due("19", "20", "1"), bonus()]);
    assert_eq!(explained.moyenne, "20".parse().ok());
    assert!(explained.texte().last().unwrap().contains("ramené à 20"));
    assert_eq!(figure(vec![bonus(), entree(note("20"), "20", "1", Regime::SiElleMonte)]), None);
}

#[test]
fn an_explanation_says_every_rule_input_weight_and_rounding() {
    let marks =
        vec![due("12", "20", "1"), due("16", "20", "2"), Entree { formative: true, ..due("3", "20", "1") }];
    let texte = of(Ponderation::SurVingt, marks).texte();
    assert_eq!(
        texte,
        [
            "« Politique par défaut », version 1.",
            "Chaque note est ramenée sur 20 et pèse son coefficient.",
            "La moyenne est arrondie au centième le plus proche.",
            "La moyenne générale donne le même poids à chaque enseignement.",
            "Fractions : 12/20, coefficient 1 ; comptée (12 points, poids 1)",
            "Fractions : 16/20, coefficient 2 ; comptée (32 points, poids 2)",
            "Fractions : 3/20, coefficient 1 ; formative, ne compte pas (0 points, poids 0)",
            "44 points divisés par 3 : 44/3, arrondi à 14,67 sur 20.",
        ]
    );
}

/// Up to `scale`, in quarters of a point.
fn any_mark() -> impl Strategy<Value = (Resultat, u16)> {
    (1u16..=40, 0u16..=100).prop_flat_map(|(scale, percent)| {
        let valeur = Valeur::centiemes(i64::from(scale) * i64::from(percent));
        prop_oneof![
            6 => Just(Resultat::Note { valeur }),
            1 => any::<bool>().prop_map(|compte_zero| Resultat::Absent { compte_zero }),
            1 => Just(Resultat::NonRendu { compte_zero: true }),
        ]
        .prop_map(move |resultat| (resultat, scale))
    })
}

fn any_entree(regime: impl Strategy<Value = Regime>) -> impl Strategy<Value = Entree> {
    (any_mark(), 0u16..=4, regime, prop::bool::weighted(0.1)).prop_map(
        |((resultat, scale), coefficient, regime, formative)| Entree {
            bareme: Valeur::whole(scale),
            coefficient: Valeur::whole(coefficient),
            formative,
            ..entree(resultat, "20", "1", regime)
        },
    )
}

fn any_regime() -> impl Strategy<Value = Regime> {
    prop_oneof![Just(Regime::Obligatoire), Just(Regime::PointsAuDessus), Just(Regime::SiElleMonte)]
}

fn any_politique() -> impl Strategy<Value = PolitiqueVersionnee> {
    let ponderation = prop_oneof![Just(Ponderation::SurVingt), Just(Ponderation::ParBareme)];
    let pas = prop_oneof![Just(Pas::Centieme), Just(Pas::Dixieme), Just(Pas::DemiPoint)];
    let sens = prop_oneof![Just(Sens::Proche), Just(Sens::Superieur)];
    (ponderation, pas, sens).prop_map(|(ponderation, pas, sens)| {
        let politique =
            PolitiqueDeMoyenne { ponderation, pas, sens, ..PolitiqueVersionnee::default().politique };
        PolitiqueVersionnee { version: 1, politique }
    })
}

/// What a mark is worth out of 20, where it counts.
fn sur_vingt(entree: &Entree) -> Option<Fraction> {
    let counts = !entree.formative && entree.coefficient > Valeur::ZERO;
    let valeur = match entree.resultat {
        Resultat::Note { valeur } => valeur,
        other if other.compte_zero() == Some(true) => Valeur::ZERO,
        _ => return None,
    };
    (Fraction::from(valeur) * Fraction::whole(20)).divided(entree.bareme.into()).filter(|_| counts)
}

proptest! {
    #[test]
    fn the_order_of_marks_changes_nothing(
        politique in any_politique(),
        (marks, shuffled) in prop::collection::vec(any_entree(any_regime()), 0..12)
            .prop_flat_map(|marks| (Just(marks.clone()), Just(marks).prop_shuffle())),
    ) {
        let (one, other) = (moyenne(&politique, au(), marks), moyenne(&politique, au(), shuffled));
        prop_assert_eq!(&one.exacte, &other.exacte);
        prop_assert_eq!(one.moyenne, other.moyenne);
    }

    #[test]
    fn an_average_of_what_must_be_done_lies_between_its_lowest_and_its_highest_mark(
        politique in any_politique(),
        marks in prop::collection::vec(any_entree(Just(Regime::Obligatoire)), 0..12),
    ) {
        let worth: Vec<_> = marks.iter().filter_map(sur_vingt).collect();
        let exacte = moyenne(&politique, au(), marks).exacte;
        prop_assert_eq!(exacte.is_some(), !worth.is_empty());
        if let Some(exacte) = exacte {
            prop_assert!(worth.iter().min() <= Some(&exacte) && Some(&exacte) <= worth.iter().max());
        }
    }

    #[test]
    fn an_optional_mark_never_lowers(
        politique in any_politique(),
        marks in prop::collection::vec(any_entree(any_regime()), 0..10),
        bonus in any_entree(prop_oneof![Just(Regime::PointsAuDessus), Just(Regime::SiElleMonte)]),
    ) {
        let without = moyenne(&politique, au(), marks.clone());
        let with = moyenne(&politique, au(), marks.into_iter().chain([bonus]).collect());
        prop_assert!(with.exacte >= without.exacte && with.moyenne >= without.moyenne);
    }

    #[test]
    fn a_better_mark_never_lowers(
        politique in any_politique(),
        marks in prop::collection::vec(any_entree(any_regime()), 1..10),
        which in any::<prop::sample::Index>(),
        percent in 0u16..=100,
    ) {
        let index = which.index(marks.len());
        let mut better = marks.clone();
        let scale = better[index].bareme.decimal();
        if let Resultat::Note { valeur } = &mut better[index].resultat {
            let raised = Valeur::centiemes(i64::from(percent) * i64::try_from(scale.mantissa()).unwrap());
            *valeur = raised.max(*valeur);
        }
        let (before, after) = (moyenne(&politique, au(), marks), moyenne(&politique, au(), better));
        prop_assert!(after.moyenne >= before.moyenne);
    }

    #[test]
    fn an_explanation_gives_its_figure_again_and_is_kept_exactly(
        politique in any_politique(),
        marks in prop::collection::vec(any_entree(any_regime()), 0..12),
    ) {
        let explained = moyenne(&politique, au(), marks);
        let points: Fraction = explained.lignes.iter().map(|ligne| ligne.points.clone()).sum();
        let poids: Fraction = explained.lignes.iter().map(|ligne| ligne.poids.clone()).sum();
        prop_assert_eq!(points.divided(poids).map(|it| it.min(Fraction::whole(20))), explained.exacte.clone());
        prop_assert!(explained.moyenne.is_none_or(|it| it <= Valeur::whole(20)));
        let again = explained.lignes.iter().map(|ligne| ligne.entree.clone()).collect();
        prop_assert_eq!(&moyenne(&explained.politique, explained.au, again), &explained);
        let kept = serde_json::to_string(&explained).unwrap();
        prop_assert_eq!(serde_json::from_str::<Explication>(&kept).unwrap(), explained);
    }
}
