use super::*;
use crate::conservation::Sujet;
use crate::testing::given;
use crate::{AnneeScolaire, CompteId, PersonneId};

fn le() -> NaiveDate {
    "2028-08-01".parse().unwrap()
}

fn auteur(name: &str) -> Auteur {
    Auteur { compte: CompteId::derived(&[name]), personne: Some(PersonneId::derived(&[name])) }
}

fn lot(echeance: Option<&str>) -> Lot {
    Lot {
        cle: CleId::derived(&["clé"]),
        sujet: Sujet::Personne(PersonneId::derived(&["Zoé"])),
        classe: Retention::Scolarite,
        periode: AnneeScolaire(2026).into(),
        regle: 1,
        echeance: echeance.map(|day| day.parse().unwrap()),
        evenements: 12,
    }
}

fn libre(lot: Lot) -> LotExamine {
    LotExamine { lot, gele: false, partage: false }
}

fn demander(lots: Vec<LotExamine>, fondement: Fondement) -> DestructionCommand {
    let (motif, par) = ("Fin de conservation".to_owned(), auteur("administratrice"));
    DestructionCommand::DemanderDestruction { lots, fondement, motif, par, le: le() }
}

fn demandee() -> DestructionEvent {
    DestructionEvent::DestructionDemandee {
        lots: vec![lot(Some("2028-08-01"))],
        fondement: Fondement::Echeance,
        motif: "Fin de conservation".into(),
        par: auteur("administratrice"),
        le: le(),
    }
}

fn confirmer(name: &str) -> DestructionCommand {
    let existantes = BTreeSet::from([lot(None).cle]);
    DestructionCommand::ConfirmerDestruction { existantes, gelees: [].into(), par: auteur(name), le: le() }
}

fn executee() -> DestructionEvent {
    DestructionEvent::DestructionExecutee { cles: vec![lot(None).cle], par: auteur("principale"), le: le() }
}

#[test]
fn one_person_asks_and_another_destroys() {
    let due = vec![libre(lot(Some("2028-08-01")))];
    given::<Destruction>([]).when(demander(due, Fondement::Echeance)).then([demandee()]);
    given::<Destruction>([demandee()]).when(confirmer("principale")).then([executee()]);
    let same = confirmer("administratrice");
    given::<Destruction>([demandee()]).when(same).then_refused(RefusDestruction::MemePersonne);
}

#[test]
fn nothing_goes_before_its_time() {
    for early in [Some("2028-08-02"), None] {
        let asked = demander(vec![libre(lot(early))], Fondement::Echeance);
        given::<Destruction>([]).when(asked).then_refused(RefusDestruction::PasEncoreEchu { lots: 1 });
    }
}

#[test]
fn at_the_request_of_the_person_it_goes_earlier_unless_others_need_it() {
    let early = lot(Some("2030-08-01"));
    let asked = demander(vec![libre(early.clone())], Fondement::DemandeDeLaPersonne);
    assert!(Destruction::default().decide(asked).is_ok());
    let shared = LotExamine { lot: early, gele: false, partage: true };
    let asked = demander(vec![shared], Fondement::DemandeDeLaPersonne);
    given::<Destruction>([]).when(asked).then_refused(RefusDestruction::LotPartage { lots: 1 });
}

#[test]
fn nothing_under_a_hold_goes_neither_when_asked_nor_when_confirmed() {
    let held = LotExamine { lot: lot(Some("2027-08-01")), gele: true, partage: false };
    let asked = demander(vec![held], Fondement::Echeance);
    given::<Destruction>([]).when(asked).then_refused(RefusDestruction::SousGel { lots: 1 });
    let cles = BTreeSet::from([lot(None).cle]);
    let (par, le) = (auteur("principale"), le());
    let confirmed =
        DestructionCommand::ConfirmerDestruction { existantes: cles.clone(), gelees: cles, par, le };
    given::<Destruction>([demandee()]).when(confirmed).then_refused(RefusDestruction::SousGel { lots: 1 });
}

#[test]
fn the_proof_of_destructions_is_never_destroyed() {
    let proof = Lot { classe: Retention::Conservation, ..lot(Some("2027-08-01")) };
    for fondement in [Fondement::Echeance, Fondement::DemandeDeLaPersonne] {
        let asked = demander(vec![libre(proof.clone())], fondement);
        given::<Destruction>([]).when(asked).then_refused(RefusDestruction::PreuvePermanente);
    }
}

#[test]
fn a_destruction_ends_once() {
    let given_up = DestructionEvent::DestructionAbandonnee {
        motif: "Erreur".into(),
        par: auteur("principale"),
        le: le(),
    };
    for end in [executee(), given_up] {
        given::<Destruction>([demandee(), end.clone()])
            .when(confirmer("principale"))
            .then_refused(RefusDestruction::DestructionTerminee);
    }
    given::<Destruction>([])
        .when(confirmer("principale"))
        .then_refused(RefusDestruction::DestructionInexistante);
}

#[test]
fn what_is_gone_already_is_not_destroyed_again() {
    let (par, le) = (auteur("principale"), le());
    let none = DestructionCommand::ConfirmerDestruction { existantes: [].into(), gelees: [].into(), par, le };
    given::<Destruction>([demandee()]).when(none).then_refused(RefusDestruction::RienADetruire);
    given::<Destruction>([])
        .when(demander(vec![], Fondement::Echeance))
        .then_refused(RefusDestruction::RienADetruire);
}
