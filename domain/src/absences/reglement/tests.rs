use super::*;
use crate::JourDeSemaine;
use crate::absences::{Fermeture, Vacances};
use crate::testing::given;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn politique(version: u32, limite: &str) -> PolitiqueDemiJournees {
    PolitiqueDemiJournees {
        nom: "Journées du collège".into(),
        version,
        limite: limite.parse().unwrap(),
        ..PolitiqueDemiJournees::default()
    }
}

fn fixee(version: u32, limite: &str, depuis: &str) -> ReglementEvent {
    ReglementEvent::PolitiqueFixee { politique: politique(version, limite), depuis: day(depuis) }
}

fn fixer(limite: &str, depuis: &str) -> ReglementCommand {
    ReglementCommand::FixerPolitique { politique: politique(0, limite), depuis: day(depuis) }
}

fn motif(code: &str, libelle: &str) -> MotifDAbsence {
    MotifDAbsence {
        code: code.into(),
        libelle: libelle.into(),
        legitime: false,
        bulletin: true,
        alertes: true,
    }
}

#[test]
fn each_policy_is_a_version_and_the_past_keeps_its_own() {
    given::<Reglement>([]).when(fixer("11:10:00", "2026-09-01")).then([fixee(1, "11:10:00", "2026-09-01")]);
    let both = [fixee(1, "11:10:00", "2026-09-01"), fixee(2, "11:50:00", "2027-01-04")];
    given::<Reglement>(both[..1].to_vec()).when(fixer("11:50:00", "2027-01-04")).then([both[1].clone()]);
    let mut reglement = Reglement::default();
    both.into_iter().for_each(|event| reglement.apply(event));
    let version = |le: &str| reglement.politique(day(le)).version;
    assert_eq!([version("2026-08-31"), version("2026-09-01"), version("2027-01-03")], [0, 1, 1]);
    assert_eq!(version("2027-01-04"), 2);
}

#[test]
fn a_policy_that_was_set_before_there_was_a_delay_has_that_of_everybody_and_is_written_as_it_was() {
    let stored = serde_json::to_value(politique(1, "11:10:00")).unwrap();
    assert_eq!(stored.get("delai_d_appel"), None);
    let read: PolitiqueDemiJournees = serde_json::from_value(stored).unwrap();
    assert_eq!(read, politique(1, "11:10:00"));
    assert_eq!(read.delai_d_appel, 15);
    let own = PolitiqueDemiJournees { delai_d_appel: 30, ..politique(1, "11:10:00") };
    let stored = serde_json::to_value(&own).unwrap();
    assert_eq!(serde_json::from_value::<PolitiqueDemiJournees>(stored).unwrap(), own);
}

#[test]
fn the_same_policy_again_is_no_other_version() {
    given::<Reglement>([fixee(1, "11:10:00", "2026-09-01")]).when(fixer("11:10:00", "2026-10-01")).then([]);
}

#[test]
fn a_policy_does_not_slip_in_before_a_later_one() {
    given::<Reglement>([fixee(1, "11:10:00", "2026-09-01")])
        .when(fixer("11:50:00", "2026-08-31"))
        .then_refused(RefusReglement::PolitiqueAnterieure { depuis: day("2026-09-01") });
}

#[test]
fn a_policy_that_makes_no_sense_is_refused() {
    let refused = |politique, refus| {
        let depuis = day("2026-09-01");
        given::<Reglement>([])
            .when(ReglementCommand::FixerPolitique { politique, depuis })
            .then_refused(refus);
    };
    let good = || politique(0, "11:10:00");
    refused(PolitiqueDemiJournees { nom: " ".into(), ..good() }, RefusReglement::PolitiqueAnonyme);
    refused(PolitiqueDemiJournees { tolerance: 241, ..good() }, RefusReglement::ToleranceExcessive);
    refused(PolitiqueDemiJournees { delai_d_appel: 241, ..good() }, RefusReglement::DelaiDAppelExcessif);
    let noon = "12:00:00".parse().ok();
    let slot = Fermeture { jour: JourDeSemaine::Lundi, debut: noon, fin: noon };
    refused(PolitiqueDemiJournees { fermetures: vec![slot], ..good() }, RefusReglement::FermetureInvalide);
    let backwards = Vacances { du: day("2026-12-20"), au: day("2026-12-19") };
    refused(PolitiqueDemiJournees { vacances: vec![backwards], ..good() }, RefusReglement::VacancesInvalides);
}

#[test]
fn an_etablissement_has_motives_of_its_own() {
    let defined = ReglementEvent::MotifDefini { motif: motif("transport", "Panne du car") };
    given::<Reglement>([])
        .when(ReglementCommand::DefinirMotif { motif: motif("transport", "  Panne du car ") })
        .then([defined.clone()]);
    given::<Reglement>([defined.clone()])
        .when(ReglementCommand::DefinirMotif { motif: motif("transport", "Panne du car") })
        .then([]);
    given::<Reglement>([defined])
        .when(ReglementCommand::RetirerMotif { code: "transport".into() })
        .then([ReglementEvent::MotifRetire { code: "transport".into() }]);
}

#[test]
fn nobody_changes_the_motives_of_the_law() {
    given::<Reglement>([])
        .when(ReglementCommand::DefinirMotif { motif: motif("maladie", "Rhume") })
        .then_refused(RefusReglement::MotifLegal);
    given::<Reglement>([])
        .when(ReglementCommand::RetirerMotif { code: "maladie".into() })
        .then_refused(RefusReglement::MotifLegal);
    assert!(Reglement::default().motif("maladie").is_ok_and(|motif| motif.legitime));
}

#[test]
fn a_motive_has_a_code_and_a_name_and_is_known() {
    let define = |motif| ReglementCommand::DefinirMotif { motif };
    given::<Reglement>([]).when(define(motif("Été", "x"))).then_refused(RefusReglement::CodeDeMotifInvalide);
    given::<Reglement>([]).when(define(motif("car", ""))).then_refused(RefusReglement::MotifSansLibelle);
    given::<Reglement>([])
        .when(ReglementCommand::RetirerMotif { code: "car".into() })
        .then_refused(RefusReglement::MotifInconnu);
    assert_eq!(Reglement::default().motif("car"), Err(RefusReglement::MotifInconnu));
}
