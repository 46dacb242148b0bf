use super::*;
use crate::testing::given;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn personne(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn scolarite() -> Scolarite {
    Scolarite { eleve: personne("élève"), etablissement: EtablissementId::derived(&["collège"]) }
}

fn decompte(mois: &str, demi_journees: u16) -> Decompte {
    Decompte { mois: MoisCivil::of(day(mois)), demi_journees, politique: "Collège".into(), version: 2 }
}

fn constater(mois: &str, demi_journees: u16) -> AssiduiteCommand {
    let decompte = decompte(mois, demi_journees);
    AssiduiteCommand::ConstaterSeuils { scolarite: scolarite(), decompte, le: day("2026-11-30") }
}

fn atteint(suite: Suite, demi_journees: u16) -> AssiduiteEvent {
    let (regle, seuil) = if suite == Suite::Signalement { (2, 4) } else { (1, 10) };
    AssiduiteEvent::SeuilAtteint {
        eleve: personne("élève"),
        etablissement: scolarite().etablissement,
        suite,
        regle,
        seuil,
        decompte: decompte("2026-11-01", demi_journees),
        le: day("2026-11-30"),
    }
}

fn ouvrir(du_personnel: bool, objectif: &str) -> AssiduiteCommand {
    let referent = personne("CPE");
    AssiduiteCommand::OuvrirSuivi { referent, du_personnel, objectif: objectif.into(), le: day("2026-12-01") }
}

fn ouvert() -> AssiduiteEvent {
    AssiduiteEvent::SuiviOuvert {
        eleve: personne("élève"),
        referent: personne("CPE"),
        objectif: "Un entretien par semaine".into(),
        le: day("2026-12-01"),
    }
}

#[test]
fn three_half_days_reach_nothing_and_four_a_signalement() {
    given::<Assiduite>([]).when(constater("2026-11-09", 3)).then([]);
    given::<Assiduite>([]).when(constater("2026-11-09", 4)).then([atteint(Suite::Signalement, 4)]);
}

#[test]
fn ten_half_days_at_once_reach_both() {
    given::<Assiduite>([])
        .when(constater("2026-11-09", 10))
        .then([atteint(Suite::Signalement, 10), atteint(Suite::SuiviRenforce, 10)]);
}

#[test]
fn a_threshold_is_stated_once_for_a_month() {
    let first = || [atteint(Suite::Signalement, 4)];
    given::<Assiduite>(first()).when(constater("2026-11-30", 9)).then([]);
    given::<Assiduite>(first()).when(constater("2026-11-30", 11)).then([atteint(Suite::SuiviRenforce, 11)]);
}

#[test]
fn another_month_reaches_its_own() {
    let AssiduiteCommand::ConstaterSeuils { scolarite, decompte, le } = constater("2026-12-01", 4) else {
        unreachable!()
    };
    let state = given::<Assiduite>([atteint(Suite::Signalement, 4)]);
    state.when(AssiduiteCommand::ConstaterSeuils { scolarite, decompte: decompte.clone(), le }).then([
        AssiduiteEvent::SeuilAtteint {
            eleve: scolarite.eleve,
            etablissement: scolarite.etablissement,
            suite: Suite::Signalement,
            regle: 2,
            seuil: 4,
            decompte,
            le,
        },
    ]);
}

#[test]
fn a_month_is_judged_by_the_rule_that_was_in_force() {
    let mut told = Assiduite::default().decide(constater("2014-10-01", 12)).unwrap();
    let Some(AssiduiteEvent::SeuilAtteint { suite, regle, .. }) = told.pop() else { panic!("{told:?}") };
    assert_eq!((suite, regle, told.len()), (Suite::Signalement, 1, 0), "nobody followed pupils up then");
}

#[test]
fn a_referent_follows_a_pupil_who_reached_a_threshold() {
    let reached = || [atteint(Suite::Signalement, 4)];
    let asked = "Un entretien par semaine";
    given::<Assiduite>(reached()).when(ouvrir(true, asked)).then([ouvert()]);
    given::<Assiduite>([]).when(ouvrir(true, asked)).then_refused(RefusAssiduite::SeuilNonAtteint);
    given::<Assiduite>(reached()).when(ouvrir(false, asked)).then_refused(RefusAssiduite::ReferentEtranger);
    given::<Assiduite>(reached()).when(ouvrir(true, " ")).then_refused(RefusAssiduite::ObjectifManquant);
    let open = [atteint(Suite::Signalement, 4), ouvert()];
    given::<Assiduite>(open).when(ouvrir(true, asked)).then_refused(RefusAssiduite::SuiviDejaOuvert);
}

#[test]
fn a_follow_up_ends_with_what_came_of_it() {
    let clore = |bilan: &str| AssiduiteCommand::CloreSuivi { bilan: bilan.into(), le: day("2027-01-15") };
    let open = || [atteint(Suite::Signalement, 4), ouvert()];
    let closed = AssiduiteEvent::SuiviClos {
        eleve: personne("élève"),
        bilan: "Retour en classe".into(),
        le: day("2027-01-15"),
    };
    given::<Assiduite>(open()).when(clore("Retour en classe")).then([closed.clone()]);
    given::<Assiduite>(open()).when(clore("")).then_refused(RefusAssiduite::BilanManquant);
    let ended = [atteint(Suite::Signalement, 4), ouvert(), closed];
    given::<Assiduite>(ended).when(clore("Encore")).then_refused(RefusAssiduite::SuiviNonOuvert);
}
