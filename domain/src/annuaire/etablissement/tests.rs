mod groupes;

use super::*;
use crate::annuaire::Origine;
use crate::testing::given;

fn uai() -> Uai {
    "0690001B".parse().unwrap()
}

fn parole(origine: Origine) -> Parole {
    Parole::de(origine, portee(origine), "2026-11-23".parse().unwrap())
}

fn portee(origine: Origine) -> &'static str {
    if origine == Origine::Aaf { "Lyon" } else { "0690001B" }
}

fn aaf() -> Parole {
    parole(Origine::Aaf)
}

fn provenance() -> Provenance {
    Provenance::de(Origine::Aaf, "Lyon")
}

fn fiche() -> FicheEtablissement {
    FicheEtablissement {
        nom: "Collège des Tilleuls".into(),
        nature: "COLLEGE".into(),
        academie: "LYON".into(),
        commune: "Lyon".into(),
    }
}

fn enregistre() -> EtablissementEvent {
    EtablissementEvent::EtablissementEnregistre { uai: uai(), fiche: fiche(), provenance: provenance() }
}

fn enregistrer(fiche: FicheEtablissement) -> EtablissementCommand {
    EtablissementCommand::EnregistrerEtablissement { uai: uai(), fiche, parole: aaf() }
}

fn ouverte() -> EtablissementEvent {
    EtablissementEvent::DivisionOuverte {
        division: uai().division("6A"),
        code: "6A".into(),
        libelle: "Sixième A".into(),
        mef: None,
        provenance: provenance(),
    }
}

fn ouvrir(libelle: &str, mef: Option<&str>) -> EtablissementCommand {
    let mef = mef.map(str::to_owned);
    EtablissementCommand::OuvrirDivision { code: "6A".into(), libelle: libelle.into(), mef, parole: aaf() }
}

fn maths() -> Matiere {
    Matiere { code: "061300".into(), libelle: "Mathématiques".into() }
}

fn prof(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn attribuer(name: &str, principal: bool) -> EtablissementCommand {
    let enseignant = prof(name);
    EtablissementCommand::AttribuerEnseignement {
        division: "6A".into(),
        matiere: maths(),
        enseignant,
        principal,
        parole: aaf(),
    }
}

fn attribue(name: &str, principal: bool) -> EtablissementEvent {
    EtablissementEvent::EnseignementAttribue {
        enseignement: uai().enseignement("6A", "061300"),
        auditoire: uai().division("6A").into(),
        matiere: maths(),
        enseignant: prof(name),
        principal,
        provenance: provenance(),
    }
}

#[test]
fn an_etablissement_enters_the_directory_once() {
    given::<Etablissement>([]).when(enregistrer(fiche())).then([enregistre()]);
    given::<Etablissement>([enregistre()]).when(enregistrer(fiche())).then([]);
}

#[test]
fn a_new_name_is_a_fact() {
    let renamed = FicheEtablissement { nom: "Collège Marie-Curie".into(), ..fiche() };
    given::<Etablissement>([enregistre()])
        .when(enregistrer(renamed.clone()))
        .then([EtablissementEvent::EtablissementActualise { fiche: renamed, provenance: provenance() }]);
}

#[test]
fn a_number_never_changes_hands() {
    let uai = "0690002C".parse().unwrap();
    given::<Etablissement>([enregistre()])
        .when(EtablissementCommand::EnregistrerEtablissement { uai, fiche: fiche(), parole: aaf() })
        .then_refused(RefusEtablissement::UaiDifferent { uai: self::uai() });
}

#[test]
fn a_name_is_one_line_of_one_to_two_hundred_characters() {
    for nom in [" ".to_owned(), "é".repeat(201), "a\u{7}b".to_owned()] {
        given::<Etablissement>([])
            .when(enregistrer(FicheEtablissement { nom, ..fiche() }))
            .then_refused(RefusEtablissement::TexteInvalide { champ: "nom" });
    }
}

#[test]
fn a_division_is_opened_once() {
    given::<Etablissement>([enregistre()]).when(ouvrir("Sixième A", None)).then([ouverte()]);
    given::<Etablissement>([enregistre(), ouverte()]).when(ouvrir(" Sixième A ", None)).then([]);
}

#[test]
fn a_division_whose_formation_changes_stays_the_same_division() {
    given::<Etablissement>([enregistre(), ouverte()]).when(ouvrir("Sixième A", Some("10010012110"))).then([
        EtablissementEvent::DivisionActualisee {
            division: uai().division("6A"),
            libelle: "Sixième A".into(),
            mef: Some("10010012110".into()),
            provenance: provenance(),
        },
    ]);
}

#[test]
fn an_unknown_etablissement_has_no_division_and_no_teacher() {
    for command in [ouvrir("Sixième A", None), attribuer("a", false), limiter(&[], Origine::Aaf)] {
        given::<Etablissement>([]).when(command).then_refused(RefusEtablissement::EtablissementInconnu);
    }
}

#[test]
fn nobody_teaches_an_unknown_division() {
    given::<Etablissement>([enregistre()])
        .when(attribuer("a", false))
        .then_refused(RefusEtablissement::DivisionInconnue);
}

#[test]
fn two_teachers_may_share_one_enseignement() {
    given::<Etablissement>([enregistre(), ouverte(), attribue("a", false)])
        .when(attribuer("b", false))
        .then([attribue("b", false)]);
}

#[test]
fn the_same_attribution_again_changes_nothing() {
    given::<Etablissement>([enregistre(), ouverte(), attribue("a", false)])
        .when(attribuer("a", false))
        .then([]);
}

#[test]
fn becoming_professeur_principal_is_a_fact() {
    given::<Etablissement>([enregistre(), ouverte(), attribue("a", false)])
        .when(attribuer("a", true))
        .then([attribue("a", true)]);
}

/// A source says that only these teachers teach maths to the 6A.
fn limiter(names: &[&str], origine: Origine) -> EtablissementCommand {
    let enseignement = uai().enseignement("6A", "061300");
    let sauf = names.iter().map(|name| (enseignement, prof(name))).collect();
    EtablissementCommand::LimiterEnseignements { enseignant: None, sauf, parole: parole(origine) }
}

fn retire(name: &str) -> EtablissementEvent {
    let enseignement = uai().enseignement("6A", "061300");
    EtablissementEvent::EnseignementRetire { enseignement, enseignant: prof(name) }
}

#[test]
fn a_teaching_that_is_said_no_more_is_withdrawn_once() {
    let before = [enregistre(), ouverte(), attribue("a", false), attribue("b", false)];
    given::<Etablissement>(before.clone()).when(limiter(&["a"], Origine::Aaf)).then([retire("b")]);
    let after = before.into_iter().chain([retire("b")]);
    given::<Etablissement>(after).when(limiter(&["a"], Origine::Aaf)).then([]);
}

#[test]
fn a_source_withdraws_nothing_that_another_says() {
    given::<Etablissement>([enregistre(), ouverte(), attribue("a", false)])
        .when(limiter(&[], Origine::Sts))
        .then([]);
}

#[test]
fn a_lesser_source_is_heard_and_speaks_once_the_better_one_says_no_more() {
    let (enseignement, auditoire) = (uai().enseignement("6A", "061300"), uai().division("6A").into());
    let sts = || Provenance::de(Origine::Sts, "0690001B");
    let EtablissementCommand::AttribuerEnseignement { division, matiere, enseignant, .. } =
        attribuer("a", true)
    else {
        unreachable!()
    };
    let dit = DitEtablissement::Enseignement {
        enseignement,
        auditoire,
        matiere: maths(),
        enseignant,
        principal: true,
    };
    let entendue = EtablissementEvent::ParoleEntendue { dit, provenance: sts() };
    given::<Etablissement>([enregistre(), ouverte(), attribue("a", false)])
        .when(EtablissementCommand::AttribuerEnseignement {
            division,
            matiere,
            enseignant,
            principal: true,
            parole: parole(Origine::Sts),
        })
        .then([entendue.clone()]);
    let EtablissementEvent::EnseignementAttribue { matiere, .. } = attribue("a", true) else {
        unreachable!()
    };
    given::<Etablissement>([enregistre(), ouverte(), attribue("a", false), entendue])
        .when(limiter(&[], Origine::Aaf))
        .then([
            EtablissementEvent::ParoleRetiree {
                objet: ObjetEtablissement::Enseignement { enseignement, enseignant },
                provenance: provenance(),
            },
            EtablissementEvent::EnseignementAttribue {
                enseignement,
                auditoire,
                matiere,
                enseignant,
                principal: true,
                provenance: sts(),
            },
        ]);
}

#[test]
fn a_key_of_a_source_never_changes_hands() {
    let source = |cle: &str| Source { origine: Origine::Aaf, portee: "Lyon".into(), cle: cle.into() };
    let reconnu = EtablissementEvent::EtablissementReconnu { source: source("1") };
    let reconnaitre = |cle| EtablissementCommand::ReconnaitreSource { source: source(cle) };
    given::<Etablissement>([enregistre()]).when(reconnaitre("1")).then([reconnu.clone()]);
    given::<Etablissement>([enregistre(), reconnu.clone()]).when(reconnaitre("1")).then([]);
    given::<Etablissement>([enregistre(), reconnu])
        .when(reconnaitre("2"))
        .then_refused(RefusEtablissement::CleDifferente);
}

#[test]
fn one_code_in_two_etablissements_names_two_divisions() {
    let other: Uai = "0690002C".parse().unwrap();
    assert_ne!(uai().division("6A"), other.division("6A"));
    assert_ne!(uai().enseignement("6A", "1"), uai().enseignement("6B", "1"));
}

#[test]
fn the_turn_of_the_year_ends_what_was_taught_to_its_divisions_but_what_goes_on() {
    let turn = |divisions: &[&str], sauf: &[&str]| EtablissementCommand::TournerEnseignements {
        divisions: divisions.iter().map(|code| uai().division(code)).collect(),
        sauf: sauf.iter().map(|name| (uai().enseignement("6A", "061300"), prof(name))).collect(),
    };
    let taught =
        || given::<Etablissement>([enregistre(), ouverte(), attribue("Ada", true), attribue("Grace", false)]);
    taught().when(turn(&["6A"], &["Ada"])).then([retire("Grace")]);
    taught().when(turn(&["5B"], &[])).then([]);
}

#[test]
fn what_was_recorded_before_portees_is_of_nobody_known() {
    use crate::DomainEvent;
    let stored = serde_json::json!({
        "type": "annuaire.etablissement.actualise",
        "data": { "fiche": fiche(), "provenance": { "origine": "sts" } },
    });
    assert_eq!(
        EtablissementEvent::decode("annuaire.etablissement.actualise", 2, stored),
        Ok(EtablissementEvent::EtablissementActualise {
            fiche: fiche(),
            provenance: Provenance { origine: Origine::Sts, portee: None, motif: None },
        })
    );
}

#[test]
fn what_was_recorded_of_a_division_when_there_was_nothing_else_says_the_same() {
    use crate::DomainEvent;
    let division = uai().division("6A");
    let stored = serde_json::json!({
        "type": "annuaire.etablissement.enseignement_attribue",
        "data": {
            "enseignement": uai().enseignement("6A", "061300"), "division": division, "matiere": maths(),
            "enseignant": prof("a"), "principal": true, "provenance": provenance(),
        },
    });
    assert_eq!(serde_json::to_value(attribue("a", true)).unwrap(), stored);
    let read = EtablissementEvent::decode("annuaire.etablissement.enseignement_attribue", 3, stored);
    assert_eq!(read, Ok(attribue("a", true)));
}

#[test]
fn a_teacher_who_leaves_takes_along_what_only_a_hand_said() {
    let quitter = |name: &str| EtablissementCommand::QuitterEnseignements {
        enseignant: prof(name),
        le: "2026-11-23".parse().unwrap(),
    };
    let EtablissementEvent::EnseignementAttribue { enseignement, auditoire, matiere, enseignant, .. } =
        attribue("Ada", false)
    else {
        unreachable!()
    };
    let par_la_main = EtablissementEvent::EnseignementAttribue {
        enseignement,
        auditoire,
        matiere: matiere.clone(),
        enseignant,
        principal: false,
        provenance: Provenance {
            motif: Some("bascule vers l'année 2027".into()),
            ..Provenance::de(Origine::Saisie, "0690001B")
        },
    };
    let before = || [enregistre(), ouverte(), par_la_main.clone(), attribue("Grace", false)];
    given::<Etablissement>(before()).when(quitter("Ada")).then([retire("Ada")]);
    given::<Etablissement>(before()).when(quitter("Grace")).then([]);
    let apres = before().into_iter().chain([retire("Ada")]);
    given::<Etablissement>(apres).when(quitter("Ada")).then([]);
}
