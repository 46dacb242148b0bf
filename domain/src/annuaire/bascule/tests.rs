use super::*;
use crate::testing::given;

const ANNEE: AnneeScolaire = AnneeScolaire(2027);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn college() -> EtablissementId {
    EtablissementId::derived(&["collège"])
}

fn preparer(le: &str) -> BasculeCommand {
    BasculeCommand::PreparerBascule { etablissement: college(), annee: ANNEE, le: day(le) }
}

fn preparee(le: &str) -> BasculeEvent {
    BasculeEvent::BasculePreparee { etablissement: college(), annee: ANNEE, le: day(le) }
}

fn divisions(codes: &[&str]) -> Vec<DivisionPrevue> {
    let prevue = |code: &&str| DivisionPrevue { code: (*code).into(), libelle: (*code).into(), mef: None };
    codes.iter().map(prevue).collect()
}

fn prevues(codes: &[&str]) -> BasculeEvent {
    BasculeEvent::DivisionsPrevues { divisions: divisions(codes) }
}

fn personne(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn groupes(codes: &[&str]) -> BTreeSet<GroupeId> {
    codes.iter().map(|&code| GroupeId::derived(&[code])).collect()
}

fn garder(codes: &[&str], declares: &[&str]) -> BasculeCommand {
    BasculeCommand::GarderGroupes { groupes: groupes(codes), declares: groupes(declares) }
}

fn affecter(name: &str, division: Option<&str>) -> BasculeCommand {
    BasculeCommand::PrevoirAffectations {
        affectations: vec![(personne(name), division.map(str::to_owned))],
        eleves: [personne("Zoé")].into(),
    }
}

fn affectee(division: Option<&str>) -> BasculeEvent {
    BasculeEvent::AffectationPrevue { eleve: personne("Zoé"), division: division.map(str::to_owned) }
}

fn maths() -> Matiere {
    Matiere { code: "061300".into(), libelle: "Mathématiques".into() }
}

fn enseigner(names: &[&str]) -> BasculeCommand {
    let prevu =
        |name: &&str| EnseignementPrevu { matiere: maths(), enseignant: personne(name), principal: false };
    BasculeCommand::PrevoirEnseignements {
        division: "5A".into(),
        enseignements: names.iter().map(prevu).collect(),
        personnels: [personne("Ada"), personne("Emmy")].into(),
    }
}

fn enseigne(name: &str) -> BasculeEvent {
    let enseignant = personne(name);
    BasculeEvent::EnseignementPrevu { division: "5A".into(), matiere: maths(), enseignant, principal: false }
}

fn basculer(aujourd_hui: &str) -> BasculeCommand {
    BasculeCommand::BasculerAnnee { aujourd_hui: day(aujourd_hui), gardes: BTreeSet::new() }
}

fn basculee() -> BasculeEvent {
    BasculeEvent::AnneeBasculee { annee: ANNEE, le: day("2027-08-30") }
}

fn planned() -> [BasculeEvent; 2] {
    [preparee("2027-08-30"), prevues(&["5A", "5B"])]
}

#[test]
fn a_turn_is_prepared_for_a_day_that_may_be_moved() {
    given::<Bascule>([]).when(preparer("2027-08-30")).then([preparee("2027-08-30")]);
    given::<Bascule>([preparee("2027-08-30")]).when(preparer("2027-08-30")).then([]);
    given::<Bascule>([preparee("2027-08-30")]).when(preparer("2027-08-27")).then([preparee("2027-08-27")]);
}

#[test]
fn a_year_turns_between_july_and_october() {
    for le in ["2027-06-30", "2027-11-01", "2028-08-30"] {
        given::<Bascule>([]).when(preparer(le)).then_refused(RefusBascule::JourHorsAnnee { annee: ANNEE });
    }
}

#[test]
fn a_year_is_to_come_until_it_turns_or_its_day_has_come() {
    let a_venir = |events: &[BasculeEvent], jour: &str| {
        let mut bascule = Bascule::default();
        events.iter().cloned().for_each(|event| bascule.apply(event));
        bascule.est_a_venir(ANNEE, day(jour))
    };
    assert_eq!([a_venir(&[], "2027-07-31"), a_venir(&[], "2027-08-01")], [true, false]);
    let planned = [preparee("2027-08-30")];
    assert_eq!([a_venir(&planned, "2027-08-29"), a_venir(&planned, "2027-08-30")], [true, false]);
    let late = [preparee("2027-07-05")];
    assert!(a_venir(&late, "2027-07-06"), "it was planned, and has not turned");
    assert!(!a_venir(&[preparee("2027-07-05"), basculee()], "2027-07-06"));
}

#[test]
fn nothing_is_planned_before_it_is_prepared() {
    for command in [
        BasculeCommand::PrevoirDivisions { divisions: divisions(&["5A"]) },
        affecter("Zoé", None),
        enseigner(&["Ada"]),
        garder(&[], &[]),
        basculer("2027-08-30"),
    ] {
        given::<Bascule>([]).when(command).then_refused(RefusBascule::BasculeNonPreparee);
    }
}

#[test]
fn divisions_are_said_all_at_once() {
    let prevoir = |codes: &[&str]| BasculeCommand::PrevoirDivisions { divisions: divisions(codes) };
    given::<Bascule>([preparee("2027-08-30")]).when(prevoir(&["5A", "5B"])).then([prevues(&["5A", "5B"])]);
    given::<Bascule>(planned()).when(prevoir(&["5A", "5B"])).then([]);
    given::<Bascule>(planned())
        .when(prevoir(&["5A", "5A"]))
        .then_refused(RefusBascule::DivisionEnDouble { code: "5A".into() });
    given::<Bascule>(planned().into_iter().chain([affectee(Some("5B"))]))
        .when(prevoir(&["5A"]))
        .then_refused(RefusBascule::DivisionOccupee { code: "5B".into() });
}

#[test]
fn a_pupil_is_planned_into_a_planned_division() {
    given::<Bascule>(planned()).when(affecter("Zoé", Some(" 5A "))).then([affectee(Some("5A"))]);
    given::<Bascule>(planned())
        .when(affecter("Zoé", Some("4A")))
        .then_refused(RefusBascule::DivisionNonPrevue { code: "4A".into() });
    let stranger = RefusBascule::EleveExterieur { eleve: personne("Ali") };
    given::<Bascule>(planned()).when(affecter("Ali", Some("5A"))).then_refused(stranger);
}

#[test]
fn a_pupil_may_be_left_out_of_the_plan_again() {
    let before = || planned().into_iter().chain([affectee(Some("5A"))]);
    given::<Bascule>(before()).when(affecter("Zoé", None)).then([affectee(None)]);
    given::<Bascule>(before()).when(affecter("Zoé", Some("5A"))).then([]);
}

#[test]
fn what_is_taught_to_a_division_is_said_all_at_once() {
    let repris = || BasculeEvent::EnseignementsRepris { division: "5A".into() };
    given::<Bascule>(planned()).when(enseigner(&["Ada", "Emmy", "Ada"])).then([
        repris(),
        enseigne("Emmy"),
        enseigne("Ada"),
    ]);
    let before = || planned().into_iter().chain([repris(), enseigne("Ada")]);
    given::<Bascule>(before()).when(enseigner(&["Ada"])).then([]);
    given::<Bascule>(before()).when(enseigner(&["Emmy"])).then([repris(), enseigne("Emmy")]);
    given::<Bascule>(before())
        .when(enseigner(&["Alan"]))
        .then_refused(RefusBascule::EnseignantExterieur { enseignant: personne("Alan") });
}

#[test]
fn the_year_turns_on_its_day_and_not_before() {
    given::<Bascule>(planned())
        .when(basculer("2027-08-29"))
        .then_refused(RefusBascule::BasculePrematuree { le: day("2027-08-30") });
    given::<Bascule>(planned()).when(basculer("2027-08-30")).then([basculee()]);
}

#[test]
fn a_plan_that_changed_meanwhile_is_read_again() {
    let groupes: BTreeSet<_> = [GroupeId::derived(&["LATIN"])].into();
    given::<Bascule>(planned().into_iter().chain([BasculeEvent::GroupesGardes { groupes }]))
        .when(basculer("2027-08-30"))
        .then_refused(RefusBascule::PlanModifie);
}

#[test]
fn asked_again_it_turns_no_second_time() {
    given::<Bascule>(planned().into_iter().chain([basculee()])).when(basculer("2027-09-01")).then([]);
}

#[test]
fn a_groupe_that_only_a_source_declares_does_not_go_on() {
    let gardes = BasculeEvent::GroupesGardes { groupes: groupes(&["LATIN"]) };
    given::<Bascule>(planned()).when(garder(&["LATIN"], &[])).then([gardes]);
    given::<Bascule>(planned())
        .when(garder(&["LATIN", "6ANG"], &["6ANG"]))
        .then_refused(RefusBascule::GroupeDeSource { groupe: GroupeId::derived(&["6ANG"]) });
}

#[test]
fn a_year_that_turned_keeps_its_plan() {
    for command in [
        preparer("2027-08-31"),
        BasculeCommand::PrevoirDivisions { divisions: divisions(&["5A"]) },
        affecter("Zoé", None),
        garder(&[], &[]),
    ] {
        given::<Bascule>(planned().into_iter().chain([basculee()]))
            .when(command)
            .then_refused(RefusBascule::BasculeFaite);
    }
}

#[test]
fn it_ends_once_the_plan_is_carried_out() {
    let achevee = BasculeEvent::BasculeAchevee { annee: ANNEE };
    given::<Bascule>(planned())
        .when(BasculeCommand::AcheverBascule)
        .then_refused(RefusBascule::BasculeNonFaite);
    let turned = || planned().into_iter().chain([basculee()]);
    given::<Bascule>(turned()).when(BasculeCommand::AcheverBascule).then([achevee.clone()]);
    given::<Bascule>(turned().chain([achevee])).when(BasculeCommand::AcheverBascule).then([]);
}
