use super::*;
use crate::testing::given;
use crate::{DivisionId, GroupeId};

fn eleve(n: &str) -> PersonneId {
    PersonneId::derived(&["eleve", n])
}

fn division() -> DivisionId {
    DivisionId::derived(&["6A"])
}

fn seance() -> Seance {
    Seance {
        enseignement: EnseignementId::derived(&["maths"]),
        auditoire: division().into(),
        date: "2026-11-23".parse().unwrap(),
        debut: "08:00:00".parse().unwrap(),
        fin: "08:55:00".parse().unwrap(),
    }
}

fn ouvert() -> AppelEvent {
    AppelEvent::AppelOuvert { seance: seance(), enseignant: eleve("prof") }
}

fn clos() -> AppelEvent {
    AppelEvent::AppelClos { absents: 0, retards: 0 }
}

fn line(n: &str, presence: Presence) -> Pointage {
    Pointage { eleve: eleve(n), auditoire: Some(division().into()), presence }
}

fn pointer(pointages: Vec<Pointage>) -> AppelCommand {
    AppelCommand::PointerEleves { pointages }
}

fn ouvrir(seance: Seance) -> AppelCommand {
    let maintenant = "2026-11-23T07:01:00Z".parse().unwrap();
    AppelCommand::OuvrirAppel { seance, enseignant: eleve("prof"), maintenant }
}

#[test]
fn a_teacher_opens_the_roll_of_the_day() {
    given::<Appel>([]).when(ouvrir(seance())).then([ouvert()]);
}

#[test]
fn a_roll_is_opened_once() {
    given::<Appel>([ouvert()]).when(ouvrir(seance())).then_refused(RefusAppel::AppelDejaOuvert);
}

#[test]
fn tomorrows_roll_cannot_be_called_today() {
    let seance = Seance { date: "2026-11-24".parse().unwrap(), ..seance() };
    given::<Appel>([]).when(ouvrir(seance)).then_refused(RefusAppel::SeanceAVenir);
}

#[test]
fn a_seance_ends_after_it_begins() {
    let seance = Seance { fin: seance().debut, ..seance() };
    given::<Appel>([]).when(ouvrir(seance)).then_refused(RefusAppel::HorairesInvalides);
}

#[test]
fn absent_and_late_pupils_are_one_fact_each() {
    given::<Appel>([ouvert()])
        .when(pointer(vec![
            line("a", Presence::Absent),
            line("b", Presence::EnRetard { minutes: 7 }),
            line("c", Presence::Present),
        ]))
        .then([
            AppelEvent::AbsenceConstatee { eleve: eleve("a") },
            AppelEvent::RetardConstate { eleve: eleve("b"), minutes: 7 },
        ]);
}

#[test]
fn the_last_word_counts_while_the_roll_is_open() {
    given::<Appel>([ouvert(), AppelEvent::AbsenceConstatee { eleve: eleve("a") }])
        .when(pointer(vec![line("a", Presence::Present)]))
        .then([AppelEvent::PresenceRetablie { eleve: eleve("a") }]);
}

#[test]
fn saying_the_same_again_changes_nothing() {
    given::<Appel>([ouvert(), AppelEvent::AbsenceConstatee { eleve: eleve("a") }])
        .when(pointer(vec![line("a", Presence::Absent)]))
        .then([]);
}

#[test]
fn a_pupil_of_another_division_is_refused_and_nothing_is_entered() {
    let stranger = Pointage { auditoire: None, ..line("z", Presence::Absent) };
    given::<Appel>([ouvert()])
        .when(pointer(vec![line("a", Presence::Absent), stranger]))
        .then_refused(RefusAppel::EleveHorsDivision { eleve: eleve("z") });
}

#[test]
fn a_pupil_named_twice_in_one_entry_is_refused() {
    given::<Appel>([ouvert()])
        .when(pointer(vec![line("a", Presence::Absent), line("a", Presence::Present)]))
        .then_refused(RefusAppel::EleveEnDouble { eleve: eleve("a") });
}

#[test]
fn a_pupil_is_late_by_one_minute_to_the_whole_seance() {
    for minutes in [0, 56] {
        given::<Appel>([ouvert()])
            .when(pointer(vec![line("a", Presence::EnRetard { minutes })]))
            .then_refused(RefusAppel::RetardInvalide { minutes });
    }
}

#[test]
fn a_roll_with_nobody_absent_is_a_fact_too() {
    given::<Appel>([ouvert()]).when(AppelCommand::CloreAppel).then([clos()]);
}

#[test]
fn a_closed_roll_counts_its_absent_and_late() {
    given::<Appel>([
        ouvert(),
        AppelEvent::AbsenceConstatee { eleve: eleve("a") },
        AppelEvent::RetardConstate { eleve: eleve("b"), minutes: 3 },
    ])
    .when(AppelCommand::CloreAppel)
    .then([AppelEvent::AppelClos { absents: 1, retards: 1 }]);
}

#[test]
fn a_closed_roll_is_closed() {
    given::<Appel>([ouvert(), clos()])
        .when(pointer(vec![line("a", Presence::Absent)]))
        .then_refused(RefusAppel::AppelDejaClos);
    given::<Appel>([ouvert(), clos()]).when(AppelCommand::CloreAppel).then_refused(RefusAppel::AppelDejaClos);
}

#[test]
fn a_roll_never_opened_is_not_closed() {
    given::<Appel>([]).when(AppelCommand::CloreAppel).then_refused(RefusAppel::AppelInexistant);
}

#[test]
fn a_correction_keeps_what_stood_before_and_why() {
    let pointage = line("a", Presence::EnRetard { minutes: 10 });
    given::<Appel>([ouvert(), AppelEvent::AbsenceConstatee { eleve: eleve("a") }, clos()])
        .when(AppelCommand::CorrigerAppel { pointage, motif: " arrivé à 8 h 10 ".into() })
        .then([AppelEvent::AppelCorrige {
            eleve: eleve("a"),
            avant: Presence::Absent,
            apres: Presence::EnRetard { minutes: 10 },
            motif: "arrivé à 8 h 10".into(),
        }]);
}

#[test]
fn a_correction_without_a_reason_is_refused() {
    for motif in ["  ".to_owned(), "x".repeat(501)] {
        given::<Appel>([ouvert(), clos()])
            .when(AppelCommand::CorrigerAppel { pointage: line("a", Presence::Absent), motif })
            .then_refused(RefusAppel::MotifManquant);
    }
}

#[test]
fn an_open_roll_is_changed_and_not_corrected() {
    given::<Appel>([ouvert()])
        .when(AppelCommand::CorrigerAppel { pointage: line("a", Presence::Absent), motif: "erreur".into() })
        .then_refused(RefusAppel::AppelEncoreOuvert);
}

#[test]
fn two_teachers_of_one_seance_share_one_roll() {
    assert_eq!(seance().appel(), Seance { fin: "09:00:00".parse().unwrap(), ..seance() }.appel());
    assert_ne!(seance().appel(), Seance { debut: "09:00:00".parse().unwrap(), ..seance() }.appel());
}

#[test]
fn the_roll_of_a_groupe_has_its_pupils_whatever_their_division() {
    let groupe = GroupeId::derived(&["6LAT"]);
    let seance = Seance { auditoire: groupe.into(), ..seance() };
    let ouvert = || AppelEvent::AppelOuvert { seance, enseignant: eleve("prof") };
    given::<Appel>([]).when(ouvrir(seance)).then([ouvert()]);
    let in_it = |n: &str| Pointage { auditoire: Some(groupe.into()), ..line(n, Presence::Absent) };
    given::<Appel>([ouvert()]).when(pointer(vec![in_it("a"), in_it("b")])).then([
        AppelEvent::AbsenceConstatee { eleve: eleve("a") },
        AppelEvent::AbsenceConstatee { eleve: eleve("b") },
    ]);
    for auditoire in [None, Some(division().into())] {
        let stranger = Pointage { auditoire, ..line("z", Presence::Absent) };
        given::<Appel>([ouvert()])
            .when(pointer(vec![in_it("a"), stranger]))
            .then_refused(RefusAppel::EleveHorsGroupe { eleve: eleve("z") });
    }
}

#[test]
fn what_was_recorded_of_a_seance_of_a_division_says_the_same() {
    use crate::DomainEvent;
    let Seance { enseignement, date, debut, fin, .. } = seance();
    let stored = serde_json::json!({ "type": "absences.appel.ouvert", "data": {
        "seance": {
            "enseignement": enseignement, "division": division(), "date": date, "debut": debut, "fin": fin,
        },
        "enseignant": eleve("prof"),
    } });
    assert_eq!(serde_json::to_value(ouvert()).unwrap(), stored);
    assert_eq!(AppelEvent::decode("absences.appel.ouvert", 1, stored), Ok(ouvert()));
}

fn noter(incident: Incident, motif: Option<&str>) -> AppelCommand {
    let (eleve, auditoire) = (eleve("a"), Some(division().into()));
    AppelCommand::NoterIncident { eleve, auditoire, incident, motif: motif.map(str::to_owned) }
}

fn depart(heure: &str) -> Incident {
    Incident::DepartAnticipe { heure: heure.parse().unwrap() }
}

fn note(incident: Incident) -> AppelEvent {
    AppelEvent::IncidentNote { eleve: eleve("a"), incident, motif: None }
}

#[test]
fn a_departure_the_infirmerie_and_a_forgotten_carnet_are_noted_once() {
    let infirmerie = Incident::Infirmerie { heure: "08:20:00".parse().unwrap() };
    for incident in [depart("08:30:00"), infirmerie, Incident::OubliDeCarnet] {
        given::<Appel>([ouvert()]).when(noter(incident, None)).then([note(incident)]);
        given::<Appel>([ouvert(), note(incident)]).when(noter(incident, None)).then([]);
    }
    given::<Appel>([ouvert(), note(depart("08:30:00"))])
        .when(noter(depart("08:40:00"), None))
        .then([note(depart("08:40:00"))]);
}

#[test]
fn what_befalls_a_pupil_befalls_within_the_seance() {
    for heure in ["07:59:00", "08:55:00"] {
        given::<Appel>([ouvert()]).when(noter(depart(heure), None)).then_refused(RefusAppel::HeureHorsSeance);
    }
    let stranger = AppelCommand::NoterIncident {
        eleve: eleve("z"),
        auditoire: None,
        incident: Incident::OubliDeCarnet,
        motif: None,
    };
    given::<Appel>([ouvert()])
        .when(stranger)
        .then_refused(RefusAppel::EleveHorsDivision { eleve: eleve("z") });
}

#[test]
fn a_closed_roll_asks_why_a_note_comes_or_goes() {
    let closed = || [ouvert(), note(Incident::OubliDeCarnet), clos()];
    given::<Appel>(closed()).when(noter(depart("08:30:00"), None)).then_refused(RefusAppel::MotifManquant);
    let motif = Some("vu à la grille".to_owned());
    given::<Appel>(closed())
        .when(noter(depart("08:30:00"), Some("vu à la grille")))
        .then([AppelEvent::IncidentNote { eleve: eleve("a"), incident: depart("08:30:00"), motif }]);
    let retirer = |nature, motif: Option<&str>| AppelCommand::RetirerIncident {
        eleve: eleve("a"),
        nature,
        motif: motif.map(str::to_owned),
    };
    let nature = NatureDIncident::OubliDeCarnet;
    given::<Appel>(closed()).when(retirer(nature, None)).then_refused(RefusAppel::MotifManquant);
    let motif = Some("retrouvé".to_owned());
    given::<Appel>(closed()).when(retirer(nature, Some("retrouvé"))).then([AppelEvent::IncidentRetire {
        eleve: eleve("a"),
        nature,
        motif,
    }]);
    given::<Appel>(closed())
        .when(retirer(NatureDIncident::Infirmerie, None))
        .then_refused(RefusAppel::IncidentNonNote);
}

#[test]
fn a_forgotten_roll_is_reminded_once_a_day_after_the_seance() {
    let rappeler = |now: &str| AppelCommand::RappelerAppel { maintenant: now.parse().unwrap() };
    let rappele = AppelEvent::AppelRappele { le: "2026-11-23".parse().unwrap() };
    given::<Appel>([ouvert()]).when(rappeler("2026-11-23T07:54:00Z")).then_refused(RefusAppel::SeanceEnCours);
    given::<Appel>([ouvert()]).when(rappeler("2026-11-23T07:55:00Z")).then([rappele.clone()]);
    given::<Appel>([ouvert(), rappele]).when(rappeler("2026-11-23T16:00:00Z")).then([]);
    given::<Appel>([ouvert(), clos()])
        .when(rappeler("2026-11-23T16:00:00Z"))
        .then_refused(RefusAppel::AppelDejaClos);
}
