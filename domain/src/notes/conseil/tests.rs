use super::*;
use crate::AnneeScolaire;
use crate::testing::given;

fn eleve(n: &str) -> PersonneId {
    PersonneId::derived(&["eleve", n])
}

fn periode() -> FichePeriode {
    FichePeriode {
        division: DivisionId::derived(&["6A"]),
        annee: AnneeScolaire(2026),
        rang: 1,
        libelle: "1er trimestre".into(),
        debut: "2026-09-01".parse().unwrap(),
        fin: "2026-11-30".parse().unwrap(),
    }
}

fn maths() -> EnseignementId {
    EnseignementId::derived(&["maths"])
}

fn ligne(n: &str, texte: &str) -> LigneDAppreciation {
    LigneDAppreciation { eleve: eleve(n), division: Some(periode().division), texte: texte.into() }
}

fn rediger(lignes: Vec<LigneDAppreciation>) -> AppreciationCommand {
    AppreciationCommand::RedigerAppreciations { enseignement: maths(), periode: periode(), lignes }
}

fn redigee(n: &str, texte: &str) -> AppreciationEvent {
    AppreciationEvent::AppreciationRedigee {
        enseignement: maths(),
        periode: periode().periode(),
        eleve: eleve(n),
        texte: texte.into(),
    }
}

fn synthese(text: &str) -> Examen {
    Examen { synthese: Some(text.into()), ..Examen::default() }
}

fn examiner(n: &str, vue: u32, examen: Examen) -> ConseilCommand {
    let division = Some(periode().division);
    ConseilCommand::ExaminerEleve { periode: periode(), eleve: eleve(n), division, vue, examen }
}

fn examine(n: &str, version: u32, examen: Examen) -> ConseilEvent {
    ConseilEvent::EleveExamine { periode: periode().periode(), eleve: eleve(n), version, examen }
}

#[test]
fn the_last_word_on_a_pupil_counts_and_the_same_word_is_none() {
    given::<Appreciations>([])
        .when(rediger(vec![ligne("a", " Bon travail. ")]))
        .then([redigee("a", "Bon travail.")]);
    given::<Appreciations>([redigee("a", "Bon.")])
        .when(rediger(vec![ligne("a", "Bon."), ligne("b", "Inégal.")]))
        .then([redigee("b", "Inégal.")]);
}

#[test]
fn an_appreciation_is_not_empty_nor_longer_than_the_livret_takes() {
    for texte in [String::new(), "é".repeat(601)] {
        given::<Appreciations>([])
            .when(rediger(vec![ligne("a", &texte)]))
            .then_refused(RefusAppreciation::AppreciationInvalide);
    }
}

#[test]
fn nobody_of_another_division_is_appreciated_and_nobody_twice() {
    let stranger = LigneDAppreciation { division: None, ..ligne("z", "Bon.") };
    given::<Appreciations>([])
        .when(rediger(vec![stranger]))
        .then_refused(RefusAppreciation::EleveHorsDivision { eleve: eleve("z") });
    given::<Appreciations>([])
        .when(rediger(vec![ligne("a", "Bon."), ligne("a", "Moyen.")]))
        .then_refused(RefusAppreciation::EleveEnDouble { eleve: eleve("a") });
}

#[test]
fn who_writes_on_a_pupil_has_seen_what_was_written_before() {
    given::<ConseilDeClasse>([]).when(examiner("a", 0, synthese("Bien."))).then([examine(
        "a",
        1,
        synthese("Bien."),
    )]);
    given::<ConseilDeClasse>([examine("a", 1, synthese("Bien."))])
        .when(examiner("a", 0, synthese("Très bien.")))
        .then_refused(RefusConseil::ExamenModifie { version: 1 });
    given::<ConseilDeClasse>([examine("a", 1, synthese("Bien."))])
        .when(examiner("a", 1, synthese("Très bien.")))
        .then([examine("a", 2, synthese("Très bien."))]);
}

#[test]
fn another_pupil_is_not_in_the_way() {
    given::<ConseilDeClasse>([examine("a", 1, synthese("Bien."))])
        .when(examiner("b", 0, synthese("Fragile.")))
        .then([examine("b", 1, synthese("Fragile."))]);
}

#[test]
fn the_same_words_again_change_nothing_whoever_saw_what() {
    given::<ConseilDeClasse>([examine("a", 1, synthese("Bien."))])
        .when(examiner("a", 0, synthese(" Bien.")))
        .then([]);
}

#[test]
fn a_synthese_has_at_most_fifteen_hundred_characters() {
    given::<ConseilDeClasse>([]).when(examiner("a", 0, synthese(&"é".repeat(1_500)))).then([examine(
        "a",
        1,
        synthese(&"é".repeat(1_500)),
    )]);
    given::<ConseilDeClasse>([])
        .when(examiner("a", 0, synthese(&"é".repeat(1_501))))
        .then_refused(RefusConseil::SyntheseInvalide);
}

#[test]
fn nobody_types_what_the_vie_scolaire_counts_and_what_was_typed_is_still_read() {
    let typed = Examen {
        assiduite: Some(Assiduite { demi_journees: 2, injustifiees: 1, retards: 0, donnee: false }),
        ..synthese("Bien.")
    };
    given::<ConseilDeClasse>([]).when(examiner("a", 0, typed.clone())).then([examine(
        "a",
        1,
        synthese("Bien."),
    )]);
    let stored = serde_json::to_value(&typed).unwrap();
    assert_eq!(stored["assiduite"]["demi_journees"], 2);
    assert_eq!(stored["assiduite"].get("donnee"), None);
    assert_eq!(serde_json::from_value::<Examen>(stored).unwrap(), typed);
    given::<ConseilDeClasse>([examine("a", 1, typed)])
        .when(examiner("a", 1, synthese("Bien.")))
        .then([examine("a", 2, synthese("Bien."))]);
}

#[test]
fn a_pupil_of_another_division_is_not_examined() {
    let command = ConseilCommand::ExaminerEleve {
        periode: periode(),
        eleve: eleve("z"),
        division: None,
        vue: 0,
        examen: synthese("Bien."),
    };
    given::<ConseilDeClasse>([])
        .when(command)
        .then_refused(RefusConseil::EleveHorsDivision { eleve: eleve("z") });
}

fn compte(demi_journees: u16, injustifiees: u16, retards: u16) -> Assiduite {
    Assiduite { demi_journees, injustifiees, retards, donnee: false }
}

fn donner(lignes: &[(&str, Assiduite)], suivie: bool) -> ConseilCommand {
    let ligne = |(n, assiduite): &(&str, Assiduite)| LigneDAssiduite {
        eleve: eleve(n),
        division: (*n != "ailleurs").then_some(periode().division),
        assiduite: *assiduite,
    };
    ConseilCommand::DonnerAssiduites {
        periode: periode(),
        lignes: lignes.iter().map(ligne).collect(),
        suivie,
    }
}

fn donnee(n: &str, assiduite: Assiduite) -> ConseilEvent {
    let assiduite = Assiduite { donnee: true, ..assiduite };
    ConseilEvent::AssiduiteDonnee { periode: periode().periode(), eleve: eleve(n), assiduite }
}

#[test]
fn what_is_counted_elsewhere_is_given_and_says_so_and_the_same_is_not_given_twice() {
    let lignes = [("a", compte(4, 1, 2)), ("b", compte(0, 0, 0))];
    let donnees = || [donnee("a", compte(4, 1, 2)), donnee("b", compte(0, 0, 0))];
    given::<ConseilDeClasse>([]).when(donner(&lignes, false)).then(donnees());
    given::<ConseilDeClasse>(donnees()).when(donner(&lignes, false)).then([]);
    given::<ConseilDeClasse>(donnees())
        .when(donner(&[("a", compte(5, 1, 2))], false))
        .then([donnee("a", compte(5, 1, 2))]);
    given::<ConseilDeClasse>(donnees()).when(examiner("a", 0, synthese("Bien."))).then([examine(
        "a",
        1,
        synthese("Bien."),
    )]);
}

#[test]
fn nothing_is_given_where_the_house_counts_nor_of_another_division_nor_beyond_reason() {
    given::<ConseilDeClasse>([])
        .when(donner(&[("a", compte(4, 1, 2))], true))
        .then_refused(RefusConseil::AssiduiteSuivie);
    given::<ConseilDeClasse>([])
        .when(donner(&[("a", compte(4, 1, 2)), ("ailleurs", compte(4, 1, 2))], false))
        .then_refused(RefusConseil::EleveHorsDivision { eleve: eleve("ailleurs") });
    given::<ConseilDeClasse>([])
        .when(donner(&[("a", compte(4, 1, 2)), ("a", compte(4, 1, 2))], false))
        .then_refused(RefusConseil::EleveEnDouble { eleve: eleve("a") });
    for wrong in [compte(1_000, 1, 0), compte(1, 2, 0), compte(0, 0, 1_000)] {
        given::<ConseilDeClasse>([])
            .when(donner(&[("a", wrong)], false))
            .then_refused(RefusConseil::AssiduiteInvraisemblable { eleve: eleve("a") });
    }
}
