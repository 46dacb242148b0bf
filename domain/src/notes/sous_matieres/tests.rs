use super::*;
use crate::notes::{PolitiqueDeMoyenne, Regime, Resultat};
use proptest::prelude::*;

const CODE: &str = "FRANC";

/// A policy by which a matière has these parts.
fn politique(parts: &[(&str, u16)]) -> PolitiqueVersionnee {
    let part = |(libelle, coefficient): &(&str, u16)| SousMatiere {
        libelle: (*libelle).into(),
        coefficient: Valeur::whole(*coefficient),
    };
    let sous_matieres = [(CODE.to_owned(), parts.iter().map(part).collect())].into();
    let base = PolitiqueVersionnee::default().politique;
    PolitiqueVersionnee { version: 1, politique: PolitiqueDeMoyenne { sous_matieres, ..base } }
}

fn au() -> DateTime<Utc> {
    "2026-12-01T08:00:00Z".parse().unwrap()
}

fn entree(part: Option<&str>, note: u16) -> Entree {
    Entree {
        intitule: "Contrôle".into(),
        date: None,
        resultat: Resultat::Note { valeur: Valeur::whole(note) },
        bareme: Valeur::whole(20),
        coefficient: Valeur::whole(1),
        regime: Regime::Obligatoire,
        formative: false,
        sous_matiere: part.map(Into::into),
    }
}

fn of(parts: &[(&str, u16)], entrees: Vec<Entree>) -> Explication {
    moyenne_de_matiere(&politique(parts), CODE, au(), entrees)
}

const PARTS: [(&str, u16); 2] = [("Écrit", 2), ("Oral", 1)];

#[test]
fn a_matiere_is_the_mean_of_its_parts_and_not_of_its_marks() {
    let written = [12, 13, 15].map(|note| entree(Some("Écrit"), note));
    let marks: Vec<_> = written.into_iter().chain([entree(Some("oral"), 9)]).collect();
    // 40/3 twice and 9 once: a third stays a third until the one rounding.
    let explained = of(&PARTS, marks.clone());
    assert_eq!(explained.exacte, "107/9".parse().ok());
    assert_eq!(explained.moyenne, "11.89".parse().ok());
    assert_eq!(moyenne_de_matiere(&politique(&PARTS), "MATHS", au(), marks).moyenne, "12.25".parse().ok());
}

#[test]
fn a_part_in_which_nothing_counts_weighs_nothing() {
    let explained = of(&PARTS, vec![entree(Some("Oral"), 9)]);
    assert_eq!(explained.moyenne, "9".parse().ok());
    let absent = Entree { resultat: Resultat::Absent { compte_zero: false }, ..entree(Some("Écrit"), 0) };
    assert_eq!(of(&PARTS, vec![absent, entree(Some("Oral"), 9)]).moyenne, "9".parse().ok());
    assert_eq!(of(&PARTS, vec![]).moyenne, None);
}

#[test]
fn marks_of_no_part_make_one_of_their_own() {
    let marks = vec![entree(None, 20), entree(Some("Écrit"), 10), entree(Some("Projet"), 18)];
    let explained = of(&PARTS, marks);
    let parts = explained.parties.iter();
    let named: Vec<_> = parts.map(|part| (part.libelle.as_str(), part.resultats)).collect();
    assert_eq!(named, [("Écrit", 1), ("Oral", 0), ("Autres évaluations", 2)]);
    assert_eq!(explained.moyenne, "13".parse().ok(), "(2 × 10 + 19) / 3");
}

#[test]
fn a_matiere_of_parts_says_the_average_of_each() {
    let texte = of(&PARTS, vec![entree(Some("Écrit"), 12), entree(Some("Écrit"), 15)]).texte();
    assert_eq!(
        texte[4..],
        [
            "Une matière qui a des sous-matières fait la moyenne de leurs moyennes exactes, selon leurs coefficients.",
            "Contrôle : 12/20, coefficient 1 ; comptée (12 points, poids 1)",
            "Contrôle : 15/20, coefficient 1 ; comptée (15 points, poids 1)",
            "Écrit, coefficient 2 : 27 points divisés par 2 : 27/2.",
            "Oral, coefficient 1 : rien ne compte, elle ne pèse pas.",
            "27 points divisés par 2 : 27/2, arrondi à 13,50 sur 20.",
        ]
    );
}

#[test]
fn an_average_that_was_kept_before_parts_is_read_and_written_as_it_was() {
    let plain = moyenne(&PolitiqueVersionnee::default(), au(), vec![entree(None, 12)]);
    let kept = serde_json::to_value(&plain).unwrap();
    let added =
        [("", "parties"), ("/politique/politique", "sous_matieres"), ("/lignes/0/entree", "sous_matiere")];
    for (at, key) in added {
        assert_eq!(kept.pointer(at).unwrap().get(key), None, "{at}/{key}");
    }
    assert_eq!(serde_json::from_value::<Explication>(kept).unwrap(), plain);
}

fn any_entree() -> impl Strategy<Value = Entree> {
    let part = prop_oneof![Just(None::<&str>), Just(Some("Écrit")), Just(Some("oral")), Just(Some("Projet"))];
    let regime = prop_oneof![
        4 => Just(Regime::Obligatoire),
        1 => Just(Regime::SiElleMonte),
        1 => Just(Regime::PointsAuDessus),
    ];
    (part, 0u16..=20, 0u16..=4, regime).prop_map(|(part, note, coefficient, regime)| Entree {
        coefficient: Valeur::whole(coefficient),
        regime,
        ..entree(part, note)
    })
}

proptest! {
    #[test]
    fn a_matiere_lies_between_its_lowest_and_its_highest_part_in_whatever_order_its_marks_come(
        (marks, shuffled) in prop::collection::vec(any_entree(), 0..12)
            .prop_flat_map(|marks| (Just(marks.clone()), Just(marks).prop_shuffle())),
    ) {
        let explained = of(&PARTS, marks);
        let parts: Vec<_> = explained.parties.iter().filter_map(|part| part.exacte.clone()).collect();
        prop_assert_eq!(explained.exacte.is_some(), !parts.is_empty());
        if let Some(exacte) = &explained.exacte {
            prop_assert!(parts.iter().min() <= Some(exacte) && Some(exacte) <= parts.iter().max());
        }
        prop_assert_eq!(&of(&PARTS, shuffled).exacte, &explained.exacte);
    }

    #[test]
    fn a_matiere_of_one_part_is_averaged_as_one_of_none(marks in prop::collection::vec(any_entree(), 0..12)) {
        let all = marks.into_iter().map(|mark| Entree { sous_matiere: Some("Écrit".into()), ..mark });
        let all: Vec<_> = all.collect();
        let plain = moyenne(&PolitiqueVersionnee::default(), au(), all.clone());
        let parted = of(&[("Écrit", 3)], all);
        prop_assert_eq!(parted.exacte, plain.exacte);
        prop_assert_eq!(parted.lignes, plain.lignes);
    }

    #[test]
    fn an_average_of_parts_is_made_again_from_its_explanation(
        marks in prop::collection::vec(any_entree(), 0..12),
    ) {
        let explained = of(&PARTS, marks);
        let again = explained.lignes.iter().map(|ligne| ligne.entree.clone()).collect();
        prop_assert_eq!(&moyenne_de_matiere(&explained.politique, CODE, explained.au, again), &explained);
        prop_assert_eq!(explained.points.clone().divided(explained.poids.clone()), explained.exacte.clone());
    }
}
