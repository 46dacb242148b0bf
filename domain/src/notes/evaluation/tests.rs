use super::*;
use crate::testing::given;
use crate::{DivisionId, DomainEvent, GroupeId};
use proptest::prelude::*;

fn eleve(n: &str) -> PersonneId {
    PersonneId::derived(&["eleve", n])
}

fn division() -> DivisionId {
    DivisionId::derived(&["6A"])
}

fn fiche() -> FicheEvaluation {
    FicheEvaluation {
        enseignement: EnseignementId::derived(&["maths"]),
        auditoire: division().into(),
        titre: "Fractions".into(),
        date: "2026-11-20".parse().unwrap(),
        bareme: Valeur::whole(20),
        coefficient: Valeur::whole(1),
        formative: false,
        sous_matiere: None,
        regime: Regime::Obligatoire,
    }
}

fn creer(fiche: FicheEvaluation) -> EvaluationCommand {
    EvaluationCommand::CreerEvaluation { fiche, auteur: eleve("prof") }
}

fn creee() -> EvaluationEvent {
    EvaluationEvent::EvaluationCreee { fiche: fiche(), auteur: eleve("prof") }
}

fn publiee() -> EvaluationEvent {
    EvaluationEvent::EvaluationPubliee { visible_des: None }
}

fn maintenant() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

fn publier() -> EvaluationCommand {
    EvaluationCommand::PublierEvaluation { visible_des: None, maintenant: maintenant() }
}

fn note(text: &str) -> Resultat {
    Resultat::Note { valeur: text.parse().unwrap() }
}

fn ligne(n: &str, resultat: Resultat) -> LigneDeNote {
    LigneDeNote { eleve: eleve(n), auditoire: Some(division().into()), resultat }
}

fn saisir(lignes: Vec<LigneDeNote>) -> EvaluationCommand {
    EvaluationCommand::SaisirNotes { lignes }
}

fn saisie(n: &str, resultat: Resultat) -> EvaluationEvent {
    EvaluationEvent::NoteSaisie { eleve: eleve(n), resultat }
}

fn corriger(ligne: LigneDeNote) -> EvaluationCommand {
    EvaluationCommand::CorrigerNote { ligne, motif: "erreur de report".into() }
}

fn corrigee(n: &str, avant: Option<Resultat>, apres: Resultat) -> EvaluationEvent {
    EvaluationEvent::NoteCorrigee { eleve: eleve(n), avant, apres, motif: "erreur de report".into() }
}

#[test]
fn an_evaluation_is_created_once() {
    given::<Evaluation>([]).when(creer(fiche())).then([creee()]);
    given::<Evaluation>([creee()]).when(creer(fiche())).then([]);
    given::<Evaluation>([creee()])
        .when(creer(FicheEvaluation { titre: "Décimaux".into(), ..fiche() }))
        .then_refused(RefusEvaluation::EvaluationDejaCreee);
}

#[test]
fn an_evaluation_has_a_title() {
    for titre in [" ".to_owned(), "x".repeat(201)] {
        given::<Evaluation>([])
            .when(creer(FicheEvaluation { titre, ..fiche() }))
            .then_refused(RefusEvaluation::TitreInvalide);
    }
}

#[test]
fn a_scale_is_above_zero_and_at_most_a_thousand() {
    for bareme in ["0", "-1", "1000,01"] {
        given::<Evaluation>([])
            .when(creer(FicheEvaluation { bareme: bareme.parse().unwrap(), ..fiche() }))
            .then_refused(RefusEvaluation::BaremeInvalide);
    }
}

#[test]
fn a_coefficient_is_from_zero_to_a_hundred() {
    for coefficient in ["-0,01", "100,01"] {
        given::<Evaluation>([])
            .when(creer(FicheEvaluation { coefficient: coefficient.parse().unwrap(), ..fiche() }))
            .then_refused(RefusEvaluation::CoefficientInvalide);
    }
}

#[test]
fn each_mark_is_a_fact_about_one_pupil() {
    let lines = vec![
        ligne("a", note("12,5")),
        ligne("b", Resultat::Absent { compte_zero: true }),
        ligne("c", Resultat::NonRendu { compte_zero: true }),
    ];
    given::<Evaluation>([creee()]).when(saisir(lines)).then([
        saisie("a", note("12.5")),
        saisie("b", Resultat::Absent { compte_zero: true }),
        saisie("c", Resultat::NonRendu { compte_zero: true }),
    ]);
    assert_eq!(saisie("a", Resultat::Dispense).subject(), Some(eleve("a")));
}

#[test]
fn the_same_mark_again_changes_nothing_and_another_replaces_it() {
    given::<Evaluation>([creee(), saisie("a", note("12,5"))])
        .when(saisir(vec![ligne("a", note("12.50"))]))
        .then([]);
    given::<Evaluation>([creee(), saisie("a", note("12,5"))])
        .when(saisir(vec![ligne("a", note("13"))]))
        .then([saisie("a", note("13"))]);
}

#[test]
fn a_mark_above_the_scale_is_refused_and_nothing_is_entered() {
    given::<Evaluation>([creee()])
        .when(saisir(vec![ligne("a", note("12")), ligne("b", note("20,01"))]))
        .then_refused(RefusEvaluation::NoteHorsBareme {
            note: "20.01".parse().unwrap(),
            bareme: Valeur::whole(20),
        });
    let refus =
        RefusEvaluation::NoteHorsBareme { note: "20.01".parse().unwrap(), bareme: "12.5".parse().unwrap() };
    assert_eq!(refus.to_string(), "La note 20,01 dépasse le barème : donnez au plus 12,5.");
}

#[test]
fn a_mark_below_zero_is_refused() {
    given::<Evaluation>([creee()])
        .when(saisir(vec![ligne("a", note("-1"))]))
        .then_refused(RefusEvaluation::NoteNegative { note: "-1".parse().unwrap() });
}

#[test]
fn an_evaluation_of_a_groupe_marks_its_pupils_and_no_others() {
    let groupe = GroupeId::derived(&["6LAT"]);
    let fiche = FicheEvaluation { auditoire: groupe.into(), ..fiche() };
    let creee = EvaluationEvent::EvaluationCreee { fiche: fiche.clone(), auteur: eleve("prof") };
    given::<Evaluation>([]).when(creer(fiche)).then([creee.clone()]);
    let of_it = LigneDeNote { auditoire: Some(groupe.into()), ..ligne("a", note("12")) };
    given::<Evaluation>([creee.clone()]).when(saisir(vec![of_it])).then([saisie("a", note("12"))]);
    given::<Evaluation>([creee])
        .when(saisir(vec![of_it, ligne("z", note("10"))]))
        .then_refused(RefusEvaluation::EleveHorsGroupe { eleve: eleve("z") });
}

#[test]
fn a_pupil_of_another_division_gets_no_mark() {
    let stranger = LigneDeNote { auditoire: None, ..ligne("z", note("10")) };
    given::<Evaluation>([creee()])
        .when(saisir(vec![stranger]))
        .then_refused(RefusEvaluation::EleveHorsDivision { eleve: eleve("z") });
    given::<Evaluation>([creee(), publiee()])
        .when(corriger(stranger))
        .then_refused(RefusEvaluation::EleveHorsDivision { eleve: eleve("z") });
}

#[test]
fn a_pupil_named_twice_in_one_entry_is_refused() {
    given::<Evaluation>([creee()])
        .when(saisir(vec![ligne("a", note("10")), ligne("a", note("11"))]))
        .then_refused(RefusEvaluation::EleveEnDouble { eleve: eleve("a") });
}

#[test]
fn published_marks_are_corrected_and_no_longer_entered() {
    given::<Evaluation>([creee(), publiee()])
        .when(saisir(vec![ligne("a", note("10"))]))
        .then_refused(RefusEvaluation::EvaluationPubliee);
}

#[test]
fn unpublished_marks_are_entered_and_not_corrected() {
    given::<Evaluation>([creee()])
        .when(corriger(ligne("a", note("10"))))
        .then_refused(RefusEvaluation::EvaluationNonPubliee);
}

#[test]
fn a_correction_keeps_the_mark_before_and_why() {
    given::<Evaluation>([creee(), saisie("a", note("10")), publiee()])
        .when(corriger(ligne("a", note("12"))))
        .then([corrigee("a", Some(note("10")), note("12"))]);
    given::<Evaluation>([creee(), publiee()])
        .when(corriger(ligne("a", Resultat::Dispense)))
        .then([corrigee("a", None, Resultat::Dispense)]);
}

#[test]
fn a_correction_that_corrects_nothing_is_none() {
    given::<Evaluation>([creee(), saisie("a", note("10")), publiee()])
        .when(corriger(ligne("a", note("10,0"))))
        .then([]);
}

#[test]
fn a_pupil_who_has_left_keeps_the_right_to_a_correction() {
    let left = LigneDeNote { auditoire: None, ..ligne("a", note("12")) };
    given::<Evaluation>([creee(), saisie("a", note("10")), publiee()]).when(corriger(left)).then([corrigee(
        "a",
        Some(note("10")),
        note("12"),
    )]);
}

#[test]
fn a_correction_without_a_reason_is_refused() {
    for motif in [" ".to_owned(), "x".repeat(501)] {
        given::<Evaluation>([creee(), publiee()])
            .when(EvaluationCommand::CorrigerNote { ligne: ligne("a", note("10")), motif })
            .then_refused(RefusEvaluation::MotifManquant);
    }
}

#[test]
fn an_evaluation_is_published_once() {
    given::<Evaluation>([creee()]).when(publier()).then([publiee()]);
    given::<Evaluation>([creee(), publiee()])
        .when(publier())
        .then_refused(RefusEvaluation::EvaluationDejaPubliee);
}

#[test]
fn an_evaluation_may_be_published_for_an_instant_that_is_to_come() {
    let command = |visible_des: &str| EvaluationCommand::PublierEvaluation {
        visible_des: visible_des.parse().ok(),
        maintenant: maintenant(),
    };
    given::<Evaluation>([creee()])
        .when(command("2026-11-24T17:00:00Z"))
        .then([EvaluationEvent::EvaluationPubliee { visible_des: "2026-11-24T17:00:00Z".parse().ok() }]);
    given::<Evaluation>([creee()])
        .when(command("2026-11-23T07:59:59Z"))
        .then_refused(RefusEvaluation::PublicationPassee);
}

#[test]
fn a_part_of_a_matiere_is_one_line() {
    let of = |text: &str| creer(FicheEvaluation { sous_matiere: Some(text.into()), ..fiche() });
    let fiche = FicheEvaluation { sous_matiere: Some("Oral".into()), ..fiche() };
    given::<Evaluation>([])
        .when(of(" Oral "))
        .then([EvaluationEvent::EvaluationCreee { fiche, auteur: eleve("prof") }]);
    given::<Evaluation>([]).when(of("a\nb")).then_refused(RefusEvaluation::SousMatiereInvalide);
}

#[test]
fn an_evaluation_of_the_first_version_is_still_read() {
    let stored = json!({
        "type": "notes.evaluation.creee",
        "data": {
            "fiche": {
                "enseignement": EnseignementId::derived(&["maths"]), "division": division(),
                "titre": "Fractions", "date": "2026-11-20", "bareme": "20", "coefficient": "1",
                "formative": false,
            },
            "auteur": eleve("prof"),
        },
    });
    assert_eq!(EvaluationEvent::decode("notes.evaluation.creee", 1, stored).unwrap(), creee());
    let stored = json!({ "type": "notes.evaluation.publiee", "data": {} });
    assert_eq!(EvaluationEvent::decode("notes.evaluation.publiee", 1, stored).unwrap(), publiee());
}

#[test]
fn nothing_is_marked_before_the_evaluation_exists() {
    let commands = [saisir(vec![]), corriger(ligne("a", note("1"))), publier()];
    for command in commands {
        given::<Evaluation>([]).when(command).then_refused(RefusEvaluation::EvaluationInexistante);
    }
}

#[test]
fn a_mark_of_the_first_version_is_still_read() {
    let stored = |note: Value| {
        let payload = json!({
            "type": "notes.evaluation.note_saisie",
            "data": { "eleve": eleve("a"), "note": note },
        });
        EvaluationEvent::decode("notes.evaluation.note_saisie", 1, payload)
    };
    assert_eq!(stored(json!("12.5")).unwrap(), saisie("a", note("12.5")));
    assert_eq!(stored(Value::Null).unwrap(), saisie("a", Resultat::Absent { compte_zero: false }));
    assert!(stored(json!(12.5)).is_err());
}

#[test]
fn an_event_of_today_is_read_as_it_was_written() {
    for event in [creee(), saisie("a", note("12.50")), corrigee("a", None, Resultat::NonNote), publiee()] {
        let stored = serde_json::to_value(&event).unwrap();
        let spec = event.spec();
        assert_eq!(EvaluationEvent::decode(spec.name, spec.version, stored).unwrap(), event);
    }
}

fn competence(n: &str, niveau: u8) -> LigneDeCompetence {
    let (cycle, domaine) = (Cycle::Cycle3, Domaine::LangueFrancaise);
    let positionnement = Positionnement { cycle, domaine, niveau: niveau.try_into().unwrap() };
    LigneDeCompetence { eleve: eleve(n), auditoire: Some(division().into()), positionnement }
}

fn positionner(lignes: Vec<LigneDeCompetence>, motif: Option<&str>) -> EvaluationCommand {
    EvaluationCommand::PositionnerCompetences { lignes, motif: motif.map(Into::into) }
}

fn positionnee(n: &str, niveau: u8, avant: Option<u8>, motif: Option<&str>) -> EvaluationEvent {
    let LigneDeCompetence { eleve, positionnement, .. } = competence(n, niveau);
    let avant = avant.map(|niveau| niveau.try_into().unwrap());
    EvaluationEvent::CompetencePositionnee { eleve, positionnement, avant, motif: motif.map(Into::into) }
}

#[test]
fn a_pupil_is_placed_in_the_socle_by_what_he_did_and_the_same_word_is_none() {
    given::<Evaluation>([creee(), positionnee("a", 2, None, None)])
        .when(positionner(vec![competence("a", 2), competence("b", 4)], None))
        .then([positionnee("b", 4, None, None)]);
    given::<Evaluation>([creee(), positionnee("a", 2, None, None)])
        .when(positionner(vec![competence("a", 3)], None))
        .then([positionnee("a", 3, Some(2), None)]);
    assert_eq!(positionnee("a", 3, None, None).subject(), Some(eleve("a")));
}

#[test]
fn once_families_see_it_a_place_is_changed_with_a_reason() {
    let seen = || [creee(), positionnee("a", 2, None, None), publiee()];
    for motif in [None, Some(" ")] {
        given::<Evaluation>(seen())
            .when(positionner(vec![competence("a", 3)], motif))
            .then_refused(RefusEvaluation::MotifManquant);
    }
    given::<Evaluation>(seen())
        .when(positionner(vec![competence("a", 3)], Some("Copie relue")))
        .then([positionnee("a", 3, Some(2), Some("Copie relue"))]);
}

#[test]
fn a_pupil_is_placed_once_in_a_domaine_and_is_of_the_division_unless_he_was_placed_before() {
    given::<Evaluation>([creee()])
        .when(positionner(vec![competence("a", 3), competence("a", 2)], None))
        .then_refused(RefusEvaluation::CompetenceEnDouble { eleve: eleve("a") });
    let stranger = LigneDeCompetence { auditoire: None, ..competence("a", 3) };
    given::<Evaluation>([creee()])
        .when(positionner(vec![stranger], None))
        .then_refused(RefusEvaluation::EleveHorsDivision { eleve: eleve("a") });
    given::<Evaluation>([creee(), positionnee("a", 2, None, None)])
        .when(positionner(vec![stranger], None))
        .then([positionnee("a", 3, Some(2), None)]);
    given::<Evaluation>([])
        .when(positionner(vec![competence("a", 3)], None))
        .then_refused(RefusEvaluation::EvaluationInexistante);
}

fn any_resultat() -> impl Strategy<Value = Resultat> {
    prop_oneof![
        "-?[0-9]{1,2}(,[0-9]{1,2})?".prop_map(|text| note(&text)),
        any::<bool>().prop_map(|compte_zero| Resultat::Absent { compte_zero }),
        Just(Resultat::Dispense),
        Just(Resultat::NonNote),
        any::<bool>().prop_map(|compte_zero| Resultat::NonRendu { compte_zero }),
    ]
}

fn any_command() -> impl Strategy<Value = EvaluationCommand> {
    let lines = || ("[ab]", any_resultat()).prop_map(|(n, resultat)| ligne(&n, resultat));
    prop_oneof![
        4 => prop::collection::vec(lines(), 0..3).prop_map(saisir),
        8 => lines().prop_map(corriger),
        1 => Just(publier()),
    ]
}

/// All that happens when `commands` are asked of an evaluation, one after the other.
fn history(commands: Vec<EvaluationCommand>) -> Vec<EvaluationEvent> {
    let mut evaluation = Evaluation::default();
    let mut happened = Vec::new();
    for command in std::iter::once(creer(fiche())).chain(commands) {
        for event in evaluation.decide(command).unwrap_or_default() {
            evaluation.apply(event.clone());
            happened.push(event);
        }
    }
    happened
}

proptest! {
    #[test]
    fn corrections_form_a_chain(commands in prop::collection::vec(any_command(), 0..40)) {
        let mut last = BTreeMap::new();
        for event in history(commands) {
            match event {
                EvaluationEvent::NoteSaisie { eleve, resultat } => { last.insert(eleve, resultat); }
                EvaluationEvent::NoteCorrigee { eleve, avant, apres, .. } => {
                    prop_assert_eq!(last.insert(eleve, apres), avant);
                    prop_assert_ne!(avant, Some(apres));
                }
                EvaluationEvent::EvaluationCreee { .. }
                | EvaluationEvent::CompetencePositionnee { .. }
                | EvaluationEvent::EvaluationPubliee { .. } => {}
            }
        }
    }

    #[test]
    fn no_mark_outside_the_scale_is_ever_recorded(commands in prop::collection::vec(any_command(), 0..40)) {
        for event in history(commands) {
            if let EvaluationEvent::NoteSaisie { resultat: Resultat::Note { valeur }, .. }
            | EvaluationEvent::NoteCorrigee { apres: Resultat::Note { valeur }, .. } = event
            {
                prop_assert!(Valeur::ZERO <= valeur && valeur <= fiche().bareme, "{}", valeur);
            }
        }
    }
}
