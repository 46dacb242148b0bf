use super::*;
use crate::testing::given;

fn uai() -> Uai {
    "0690001B".parse().unwrap()
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
    EtablissementEvent::EtablissementEnregistre { uai: uai(), fiche: fiche() }
}

fn enregistrer(fiche: FicheEtablissement) -> EtablissementCommand {
    EtablissementCommand::EnregistrerEtablissement { uai: uai(), fiche }
}

fn ouverte() -> EtablissementEvent {
    EtablissementEvent::DivisionOuverte {
        division: uai().division("6A"),
        code: "6A".into(),
        libelle: "Sixième A".into(),
        mef: None,
    }
}

fn ouvrir(libelle: &str, mef: Option<&str>) -> EtablissementCommand {
    let mef = mef.map(str::to_owned);
    EtablissementCommand::OuvrirDivision { code: "6A".into(), libelle: libelle.into(), mef }
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
    }
}

fn attribue(name: &str, principal: bool) -> EtablissementEvent {
    EtablissementEvent::EnseignementAttribue {
        enseignement: uai().enseignement("6A", "061300"),
        division: uai().division("6A"),
        matiere: maths(),
        enseignant: prof(name),
        principal,
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
        .then([EtablissementEvent::EtablissementActualise { fiche: renamed }]);
}

#[test]
fn a_number_never_changes_hands() {
    let uai = "0690002C".parse().unwrap();
    given::<Etablissement>([enregistre()])
        .when(EtablissementCommand::EnregistrerEtablissement { uai, fiche: fiche() })
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
        },
    ]);
}

#[test]
fn an_unknown_etablissement_has_no_division_and_no_teacher() {
    let enseignement = uai().enseignement("6A", "061300");
    let retirer = EtablissementCommand::RetirerEnseignement { enseignement, enseignant: prof("a") };
    for command in [ouvrir("Sixième A", None), attribuer("a", false), retirer] {
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

#[test]
fn a_teaching_is_withdrawn_once() {
    let enseignement = uai().enseignement("6A", "061300");
    let retirer = || EtablissementCommand::RetirerEnseignement { enseignement, enseignant: prof("a") };
    let retire = EtablissementEvent::EnseignementRetire { enseignement, enseignant: prof("a") };
    let before = [enregistre(), ouverte(), attribue("a", false)];
    given::<Etablissement>(before.clone()).when(retirer()).then([retire.clone()]);
    given::<Etablissement>(before.into_iter().chain([retire])).when(retirer()).then([]);
}

#[test]
fn one_code_in_two_etablissements_names_two_divisions() {
    let other: Uai = "0690002C".parse().unwrap();
    assert_ne!(uai().division("6A"), other.division("6A"));
    assert_ne!(uai().enseignement("6A", "1"), uai().enseignement("6B", "1"));
}
