use super::*;
use crate::testing::given;

fn day() -> NaiveDate {
    "2026-11-23".parse().unwrap()
}

fn qui(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn fiche(nature: NatureIncident, gravite: Gravite) -> FicheIncident {
    FicheIncident {
        nature,
        lieu: LieuIncident::Cour,
        gravite,
        le: day(),
        heure: None,
        a_avertir: [Instance::Responsables].into(),
    }
}

fn bagarre() -> FicheIncident {
    fiche(NatureIncident::ViolencePhysique, Gravite::Moyenne)
}

fn protagoniste(name: &str, role: RoleIncident, personnel: bool) -> Protagoniste {
    Protagoniste { personne: qui(name), role, personnel, recit: None }
}

fn implique(name: &str, role: RoleIncident, personnel: bool) -> IncidentEvent {
    IncidentEvent::ProtagonisteImplique { personne: qui(name), role, personnel, recit: None }
}

fn signale() -> Vec<IncidentEvent> {
    vec![
        IncidentEvent::IncidentSignale { fiche: bagarre(), par: qui("Ada") },
        implique("Zoé", RoleIncident::Auteur, false),
        implique("Alan", RoleIncident::Victime, true),
    ]
}

fn signaler(protagonistes: Vec<Protagoniste>, aujourdhui: NaiveDate) -> IncidentCommand {
    IncidentCommand::SignalerIncident { fiche: bagarre(), protagonistes, par: qui("Ada"), aujourdhui }
}

#[test]
fn an_incident_is_reported_with_each_person_in_it_as_a_fact_of_his_own() {
    let protagonistes = vec![
        protagoniste("Zoé", RoleIncident::Auteur, false),
        protagoniste("Alan", RoleIncident::Victime, true),
    ];
    given::<Incident>([]).when(signaler(protagonistes, day())).then(signale());
}

#[test]
fn it_names_someone_and_nobody_twice_and_has_happened() {
    let zoe = || protagoniste("Zoé", RoleIncident::Auteur, false);
    given::<Incident>([]).when(signaler(vec![], day())).then_refused(RefusIncident::SansProtagoniste);
    given::<Incident>([])
        .when(signaler(vec![zoe(), zoe()], day()))
        .then_refused(RefusIncident::SansProtagoniste);
    let eve = day().pred_opt().unwrap();
    given::<Incident>([]).when(signaler(vec![zoe()], eve)).then_refused(RefusIncident::IncidentAVenir);
}

#[test]
fn only_who_is_in_it_is_followed() {
    let suivre = |name: &str| IncidentCommand::SuivreProtagoniste {
        personne: qui(name),
        texte: "Reçue avec sa mère.".into(),
        par: qui("CPE"),
    };
    given::<Incident>(signale()).when(suivre("Zoé")).then([IncidentEvent::ProtagonisteSuivi {
        personne: qui("Zoé"),
        texte: "Reçue avec sa mère.".into(),
        par: qui("CPE"),
    }]);
    given::<Incident>(signale()).when(suivre("Inès")).then_refused(RefusIncident::PasProtagoniste);
}

#[test]
fn an_instance_is_warned_once() {
    let avertir = || IncidentCommand::AvertirInstance { instance: Instance::Academie, le: day() };
    let avertie = IncidentEvent::InstanceAvertie { instance: Instance::Academie, le: day() };
    given::<Incident>(signale()).when(avertir()).then([avertie.clone()]);
    given::<Incident>(signale().into_iter().chain([avertie])).when(avertir()).then([]);
}

#[test]
fn what_obliges_to_a_procedure_is_not_closed_by_less() {
    let clore = |suite| IncidentCommand::CloreIncident { suite };
    given::<Incident>(signale())
        .when(clore(SuiteIncident::Punition))
        .then_refused(RefusIncident::SuiteInsuffisante);
    given::<Incident>(signale())
        .when(clore(SuiteIncident::ProcedureDisciplinaire))
        .then([IncidentEvent::IncidentClos { suite: SuiteIncident::ProcedureDisciplinaire }]);
}

#[test]
fn the_cases_that_oblige_are_those_of_the_law() {
    use CasObligatoire as Cas;
    use NatureIncident as N;
    for (nature, gravite, victimes, cas) in [
        (N::ViolenceVerbale, Gravite::Legere, vec![true], Some(Cas::ViolenceVerbaleContrePersonnel)),
        (N::ViolencePhysique, Gravite::Legere, vec![true, false], Some(Cas::ViolencePhysiqueContrePersonnel)),
        (N::ViolencePhysique, Gravite::Grave, vec![false], Some(Cas::ActeGrave)),
        (N::Harcelement, Gravite::Grave, vec![false], Some(Cas::ActeGrave)),
        (N::ViolencePhysique, Gravite::Moyenne, vec![false], None),
        (N::AtteinteAuxBiens, Gravite::Grave, vec![], None),
        (N::ViolenceVerbale, Gravite::Moyenne, vec![], None),
    ] {
        assert_eq!(CasObligatoire::de(nature, gravite, victimes.clone()), cas, "{nature:?} {victimes:?}");
    }
}

#[test]
fn a_closed_incident_is_left_alone() {
    let clos = IncidentEvent::IncidentClos { suite: SuiteIncident::ProcedureDisciplinaire };
    given::<Incident>(signale().into_iter().chain([clos]))
        .when(IncidentCommand::AvertirInstance { instance: Instance::Secours, le: day() })
        .then_refused(RefusIncident::IncidentClos);
    given::<Incident>([])
        .when(IncidentCommand::CloreIncident { suite: SuiteIncident::SansSuite })
        .then_refused(RefusIncident::IncidentInexistant);
}
