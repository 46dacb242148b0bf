use super::*;
use crate::notes::{Pas, PolitiqueDeMoyenne, Sens};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

fn au() -> DateTime<Utc> {
    "2026-12-01T08:00:00Z".parse().unwrap()
}

fn valeurs(texts: &[&str]) -> Vec<Valeur> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn of(marks: &[Valeur]) -> Option<Repartition> {
    repartition(&PolitiqueVersionnee::default(), au(), marks.iter().copied().map(Some))
}

#[test]
fn few_averages_are_not_summed_up() {
    let marks = valeurs(&["8", "9,5", "12", "14", "19"]);
    assert_eq!(of(&marks[..4]), None);
    let spread = of(&marks).unwrap();
    assert_eq!((spread.effectif, spread.minimum, spread.maximum), (5, marks[0], marks[4]));
    assert_eq!((spread.mediane, spread.moyenne), (marks[2], "12.5".parse().unwrap()));
    let six: Vec<_> = marks.into_iter().chain(valeurs(&["13"])).collect();
    assert_eq!(of(&six).unwrap().mediane, "12.5".parse().unwrap());
}

#[test]
fn averages_that_are_the_same_but_for_one_are_not_summed_up() {
    assert_eq!(of(&valeurs(&["12", "12", "12", "12", "12", "12"])), None);
    assert_eq!(of(&valeurs(&["8", "12", "12", "12", "12", "12"])), None, "who has 8 would know all others");
    assert_eq!(of(&valeurs(&["12", "12", "12", "12", "12", "17"])), None);
    assert!(of(&valeurs(&["8", "8", "12", "12", "12", "12"])).is_some());
}

#[test]
fn the_figures_of_a_division_say_every_rule_and_rounding() {
    let marks = ["8", "9,5", "12", "13", "14", "19,25"].map(|text| text.parse::<Valeur>().ok());
    let spread = repartition(&PolitiqueVersionnee::default(), au(), marks.into_iter().chain([None])).unwrap();
    assert_eq!(
        spread.texte(),
        [
            "« Politique par défaut », version 0.",
            "La moyenne est arrondie au centième le plus proche.",
            "Notes du 01/12/2026 à 09 h 00 : 6 moyennes comptent, 1 élève n'en a pas.",
            "La plus basse est 8, la plus haute 19,25.",
            "Médiane : 12 et 13 sont au milieu, leur moyenne est 25/2, arrondi à 12,50 sur 20.",
            "Moyenne : 303/4 points divisés par 6 : 101/8, arrondi à 12,63 sur 20.",
        ]
    );
    let calcul = spread.calcul.unwrap();
    assert_eq!((calcul.sans_moyenne, calcul.milieu.len()), (1, 2));
}

#[test]
fn figures_from_before_their_explanation_was_kept_are_read_and_written_as_they_were() {
    let kept = json!({ "effectif": 5, "minimum": "8", "maximum": "19", "mediane": "12", "moyenne": "12.50" });
    let read: Repartition = serde_json::from_value(kept.clone()).unwrap();
    assert_eq!(read.texte(), Vec::<String>::new());
    assert_eq!(serde_json::to_value(&read).unwrap(), kept, "the hash of an old bulletin stays");
}

fn any_politique() -> impl Strategy<Value = PolitiqueVersionnee> {
    let pas = prop_oneof![Just(Pas::Centieme), Just(Pas::Dixieme), Just(Pas::DemiPoint)];
    let sens = prop_oneof![Just(Sens::Proche), Just(Sens::Superieur)];
    (pas, sens).prop_map(|(pas, sens)| {
        let politique = PolitiqueDeMoyenne { pas, sens, ..PolitiqueVersionnee::default().politique };
        PolitiqueVersionnee { version: 1, politique }
    })
}

/// Every list of `count` of these values.
fn every_list(values: &[Valeur], count: usize) -> Vec<Vec<Valeur>> {
    let mut lists = vec![vec![]];
    for _ in 0..count {
        let longer = |list: &[Valeur], value: &Valeur| [list, &[*value]].concat();
        lists = lists.iter().flat_map(|list| values.iter().map(move |value| longer(list, value))).collect();
    }
    lists
}

proptest! {
    #[test]
    fn a_spread_is_in_order(
        politique in any_politique(),
        hundredths in prop::collection::vec(0i64..=2000, 5..40),
    ) {
        let figures = hundredths.into_iter()
            .map(|it| politique.politique.arrondir(&Fraction::from(Valeur::centiemes(it))));
        if let Some(spread) = repartition(&politique, au(), figures) {
            prop_assert!(spread.minimum <= spread.mediane && spread.mediane <= spread.maximum);
            prop_assert!(spread.minimum <= spread.moyenne && spread.moyenne <= spread.maximum);
        }
    }
}

proptest! {
    // Each case tries every class that a family could have before it.
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What a family knows: the figures with their explanation, and its own child's average. Every
    /// class that agrees with these is tried; no other pupil has the same average in all of them.
    #[test]
    fn who_knows_ones_own_average_deduces_no_other_from_the_figures(
        ranks in prop::collection::vec(0usize..3, 5..=6),
        own in any::<prop::sample::Index>(),
    ) {
        let values = valeurs(&["5", "10", "17"]);
        let class: Vec<_> = ranks.iter().map(|rank| values[*rank]).collect();
        let own = own.index(class.len());
        if let Some(told) = of(&class) {
            let possible: Vec<_> = every_list(&values, class.len()).into_iter()
                .filter(|other| other[own] == class[own] && of(other).as_ref() == Some(&told)).collect();
            for pupil in (0..class.len()).filter(|pupil| *pupil != own) {
                let averages: BTreeSet<_> = possible.iter().map(|other| other[pupil]).collect();
                prop_assert!(averages.len() > 1, "pupil {} of {:?} is known to {}", pupil, class, own);
            }
        }
    }
}
