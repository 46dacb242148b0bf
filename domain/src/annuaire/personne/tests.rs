use super::*;
use crate::annuaire::{NiveauResponsabilite, Origine};
use crate::testing::given;

fn alix() -> PersonneId {
    PersonneId::derived(&["alix"])
}

fn source() -> Source {
    Source { origine: Origine::Aaf, portee: "Lyon".into(), cle: "1001".into() }
}

fn parole(origine: Origine) -> Parole {
    parole_de(origine, portee(origine))
}

fn parole_de(origine: Origine, portee: &str) -> Parole {
    Parole::de(origine, portee, "2026-11-23".parse().unwrap())
}

/// Whose the sources are here, where nothing else is said.
fn portee(origine: Origine) -> &'static str {
    if origine == Origine::Aaf { "Lyon" } else { "0690001B" }
}

fn aaf() -> Parole {
    parole(Origine::Aaf)
}

fn provenance(origine: Origine) -> Provenance {
    Provenance::de(origine, portee(origine))
}

fn de_l_aaf() -> Provenance {
    provenance(Origine::Aaf)
}

fn de_siecle() -> Provenance {
    provenance(Origine::Siecle)
}

fn etat_civil() -> EtatCivil {
    EtatCivil { nom: "Fictif".into(), prenom: "Alix".into(), ..EtatCivil::default() }
}

fn enregistrer(etat_civil: EtatCivil) -> PersonneCommand {
    PersonneCommand::EnregistrerPersonne { personne: alix(), source: source(), etat_civil, parole: aaf() }
}

fn enregistree() -> PersonneEvent {
    PersonneEvent::PersonneEnregistree {
        personne: alix(),
        source: source(),
        etat_civil: etat_civil(),
        provenance: de_l_aaf(),
    }
}

fn college() -> EtablissementId {
    EtablissementId::derived(&["college"])
}

fn rattacher(profil: Profil, fonctions: &[&str]) -> PersonneCommand {
    let fonctions = fonctions.iter().map(|&code| code.to_owned()).collect();
    PersonneCommand::RattacherPersonne { etablissement: college(), profil, fonctions, parole: aaf() }
}

fn rattachee(profil: Profil, fonctions: &[&str]) -> PersonneEvent {
    let fonctions = fonctions.iter().map(|&code| code.to_owned()).collect();
    PersonneEvent::PersonneRattachee {
        personne: alix(),
        etablissement: college(),
        profil,
        fonctions,
        provenance: de_l_aaf(),
    }
}

fn affecter(code: Option<&str>) -> PersonneCommand {
    let division = code.map(|code| DivisionId::derived(&[code]));
    PersonneCommand::AffecterEleve { etablissement: college(), division, parole: aaf() }
}

fn affecte(code: Option<&str>) -> PersonneEvent {
    let division = code.map(|code| DivisionId::derived(&[code]));
    PersonneEvent::EleveAffecte {
        personne: alix(),
        etablissement: college(),
        division,
        provenance: de_l_aaf(),
    }
}

fn immatriculer(numero: &str) -> PersonneCommand {
    PersonneCommand::ImmatriculerEleve { etablissement: college(), numero: numero.to_owned() }
}

fn immatricule(numero: &str) -> PersonneEvent {
    PersonneEvent::EleveImmatricule { personne: alix(), etablissement: college(), numero: numero.to_owned() }
}

fn parent(name: &str) -> Responsabilite {
    Responsabilite {
        responsable: PersonneId::derived(&[name]),
        lien: "10".into(),
        niveau: NiveauResponsabilite::Legale1,
        destinataire: true,
    }
}

fn etablir(responsables: Vec<Responsabilite>) -> PersonneCommand {
    PersonneCommand::EtablirResponsabilites { responsables, parole: aaf() }
}

fn etablies(responsables: Vec<Responsabilite>) -> PersonneEvent {
    PersonneEvent::ResponsabilitesEtablies { personne: alix(), responsables, provenance: de_l_aaf() }
}

fn sorted(mut responsables: Vec<Responsabilite>) -> Vec<Responsabilite> {
    responsables.sort_by_key(|line| line.responsable);
    responsables
}

#[test]
fn a_person_enters_the_directory_once() {
    given::<Personne>([]).when(enregistrer(etat_civil())).then([enregistree()]);
    given::<Personne>([enregistree()]).when(enregistrer(etat_civil())).then([]);
}

#[test]
fn another_name_is_a_rectification() {
    let etat_civil = EtatCivil { nom: "Imaginaire".into(), ..etat_civil() };
    given::<Personne>([enregistree()])
        .when(enregistrer(etat_civil.clone()))
        .then([PersonneEvent::EtatCivilRectifie { personne: alix(), etat_civil, provenance: de_l_aaf() }]);
}

#[test]
fn blanks_around_a_name_change_nothing() {
    let spaced = EtatCivil { nom: " Fictif ".into(), courriel: Some(" ".into()), ..etat_civil() };
    given::<Personne>([enregistree()]).when(enregistrer(spaced)).then([]);
}

#[test]
fn a_person_has_a_name_and_perhaps_no_first_name() {
    given::<Personne>([])
        .when(enregistrer(EtatCivil { nom: " ".into(), ..etat_civil() }))
        .then_refused(RefusPersonne::NomManquant);
    let mononym = EtatCivil { prenom: String::new(), ..etat_civil() };
    given::<Personne>([]).when(enregistrer(mononym.clone())).then([PersonneEvent::PersonneEnregistree {
        personne: alix(),
        source: source(),
        etat_civil: mononym,
        provenance: de_l_aaf(),
    }]);
}

#[test]
fn a_text_too_long_is_refused_with_its_field() {
    given::<Personne>([])
        .when(enregistrer(EtatCivil { prenom: "x".repeat(201), ..etat_civil() }))
        .then_refused(RefusPersonne::TexteInvalide { champ: "prenom" });
}

#[test]
fn an_id_never_changes_hands() {
    let source = Source { cle: "2002".into(), ..source() };
    given::<Personne>([enregistree()])
        .when(PersonneCommand::EnregistrerPersonne {
            personne: alix(),
            source,
            etat_civil: etat_civil(),
            parole: aaf(),
        })
        .then_refused(RefusPersonne::SourceDifferente);
}

#[test]
fn the_order_of_functions_does_not_matter() {
    given::<Personne>([enregistree()])
        .when(rattacher(Profil::Direction, &["DIR", "AEH", "DIR"]))
        .then([rattachee(Profil::Direction, &["AEH", "DIR"])]);
    given::<Personne>([enregistree(), rattachee(Profil::Direction, &["AEH", "DIR"])])
        .when(rattacher(Profil::Direction, &["DIR", "AEH"]))
        .then([]);
}

#[test]
fn a_new_profil_replaces_the_one_before() {
    given::<Personne>([enregistree(), rattachee(Profil::Enseignant, &["ENS"])])
        .when(rattacher(Profil::Direction, &["DIR"]))
        .then([rattachee(Profil::Direction, &["DIR"])]);
}

#[test]
fn a_pupil_is_put_in_a_division_and_out_of_it() {
    let eleve = [enregistree(), rattachee(Profil::Eleve, &[])];
    given::<Personne>(eleve.clone()).when(affecter(Some("6A"))).then([affecte(Some("6A"))]);
    given::<Personne>(eleve.clone()).when(affecter(None)).then([]);
    let placed = || eleve.clone().into_iter().chain([affecte(Some("6A"))]);
    given::<Personne>(placed()).when(affecter(Some("6A"))).then([]);
    given::<Personne>(placed()).when(affecter(Some("6B"))).then([affecte(Some("6B"))]);
    given::<Personne>(placed()).when(affecter(None)).then([affecte(None)]);
}

#[test]
fn only_a_pupil_of_the_etablissement_is_put_in_a_division() {
    given::<Personne>([enregistree(), rattachee(Profil::Enseignant, &["ENS"])])
        .when(affecter(Some("6A")))
        .then_refused(RefusPersonne::EleveNonRattache);
}

#[test]
fn responsibilities_are_established_whole_and_in_any_order() {
    let both = sorted(vec![parent("p"), parent("m")]);
    let etablies = etablies(both.clone());
    let reversed: Vec<_> = both.iter().rev().cloned().collect();
    given::<Personne>([enregistree()]).when(etablir(reversed.clone())).then([etablies.clone()]);
    given::<Personne>([enregistree(), etablies]).when(etablir(reversed)).then([]);
}

#[test]
fn who_no_longer_answers_for_a_pupil_is_no_longer_named() {
    let before = etablies(vec![parent("p")]);
    given::<Personne>([enregistree(), before]).when(etablir(vec![])).then([etablies(vec![])]);
}

#[test]
fn losing_the_right_to_be_informed_is_a_fact() {
    let uninformed = Responsabilite { destinataire: false, ..parent("p") };
    let before = etablies(vec![parent("p")]);
    given::<Personne>([enregistree(), before])
        .when(etablir(vec![uninformed.clone()]))
        .then([etablies(vec![uninformed])]);
}

#[test]
fn nobody_answers_for_himself_nor_twice() {
    given::<Personne>([enregistree()])
        .when(etablir(vec![parent("p"), parent("alix")]))
        .then_refused(RefusPersonne::ResponsableDeSoiMeme);
    given::<Personne>([enregistree()])
        .when(etablir(vec![parent("p"), parent("m"), parent("p")]))
        .then_refused(RefusPersonne::ResponsableEnDouble { responsable: parent("p").responsable });
}

#[test]
fn a_person_is_suspended_once_and_comes_back_by_being_registered() {
    let suspendue = PersonneEvent::PersonneSuspendue { personne: alix() };
    let reprise = PersonneEvent::PersonneReprise { personne: alix() };
    let suspendre = || PersonneCommand::SuspendrePersonne;
    given::<Personne>([enregistree()]).when(suspendre()).then([suspendue.clone()]);
    given::<Personne>([enregistree(), suspendue.clone()]).when(suspendre()).then([]);
    given::<Personne>([enregistree(), suspendue.clone()])
        .when(enregistrer(etat_civil()))
        .then([reprise.clone()]);
    given::<Personne>([enregistree(), suspendue, reprise]).when(enregistrer(etat_civil())).then([]);
}

#[test]
fn nothing_is_said_of_an_unknown_person() {
    let commands =
        [rattacher(Profil::Eleve, &[]), affecter(None), etablir(vec![]), PersonneCommand::SuspendrePersonne];
    for command in commands {
        given::<Personne>([]).when(command).then_refused(RefusPersonne::PersonneInconnue);
    }
}

#[test]
fn every_event_is_sealed_under_the_key_of_the_person() {
    use crate::DomainEvent;
    for event in [enregistree(), rattachee(Profil::Eleve, &[]), affecte(None)] {
        assert_eq!(event.subject(), Some(alix()));
    }
}

#[test]
fn a_level_is_stored_under_its_frozen_name() {
    use NiveauResponsabilite::{Aucune, Charge, Contact, Legale1, Legale2};
    for niveau in [Legale1, Legale2, Charge, Contact, Aucune] {
        assert_eq!(serde_json::to_value(niveau).unwrap(), niveau.as_str());
    }
}

#[test]
fn a_pupil_has_one_number_in_an_etablissement_and_the_last_word_counts() {
    let enrolled = || vec![enregistree(), rattachee(Profil::Eleve, &[])];
    given::<Personne>(enrolled()).when(immatriculer("4512")).then([immatricule("4512")]);
    let known = || enrolled().into_iter().chain([immatricule("4512")]);
    given::<Personne>(known()).when(immatriculer("4512")).then([]);
    given::<Personne>(known()).when(immatriculer("4513")).then([immatricule("4513")]);
    given::<Personne>([enregistree(), rattachee(Profil::Enseignant, &[])])
        .when(immatriculer("4512"))
        .then_refused(RefusPersonne::EleveNonRattache);
}

#[test]
fn who_is_attached_as_staff_and_not_suspended_works_there() {
    let of = |events: Vec<PersonneEvent>| {
        let mut personne = Personne::default();
        events.into_iter().for_each(|event| personne.apply(event));
        personne.exerce_dans(college())
    };
    let enseignant = || vec![enregistree(), rattachee(Profil::Enseignant, &["ENS"])];
    let suspendue = PersonneEvent::PersonneSuspendue { personne: alix() };
    assert!(of(enseignant()));
    assert!(!of(enseignant().into_iter().chain([suspendue]).collect()));
    assert!(!of(vec![enregistree(), rattachee(Profil::Responsable, &[])]));
    assert!(!of(vec![enregistree()]));
}

mod registre;
mod sources;
