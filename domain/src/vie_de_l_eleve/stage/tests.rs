use super::*;
use crate::testing::given;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn qui(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn fiche(du: &str, au: &str) -> FicheStage {
    FicheStage {
        entreprise: "Boulangerie du Coin".into(),
        tuteur: "M. Levain".into(),
        du: day(du),
        au: day(au),
        activites: "Observation".into(),
    }
}

fn prepare(mineur: bool) -> StageEvent {
    let fiche = fiche("2026-12-07", "2026-12-11");
    StageEvent::StagePrepare { eleve: qui("Zoé"), fiche, referent: qui("Ada"), mineur, par: qui("Ada") }
}

fn signer(partie: PartieStage) -> StageCommand {
    let (par, le) = (qui("signataire"), day("2026-11-24"));
    StageCommand::SignerConvention { partie, permises: [partie].into(), par, le }
}

fn signee(partie: PartieStage) -> StageEvent {
    let (par, le) = (qui("signataire"), day("2026-11-24"));
    StageEvent::ConventionSignee { eleve: qui("Zoé"), partie, par, le }
}

#[test]
fn a_convention_is_concluded_by_its_last_signature_a_minors_with_a_parents() {
    use PartieStage::{Eleve, Entreprise, Etablissement, Responsable};
    let conclue = StageEvent::ConventionConclue { eleve: qui("Zoé"), le: day("2026-11-24") };
    let three = || [Etablissement, Entreprise].map(signee);
    given::<Stage>([prepare(false)].into_iter().chain(three()))
        .when(signer(Eleve))
        .then([signee(Eleve), conclue.clone()]);
    given::<Stage>([prepare(true)].into_iter().chain(three())).when(signer(Eleve)).then([signee(Eleve)]);
    given::<Stage>([prepare(true)].into_iter().chain(three()).chain([signee(Eleve)]))
        .when(signer(Responsable))
        .then([signee(Responsable), conclue]);
}

#[test]
fn nobody_signs_for_another_party() {
    let (par, le) = (qui("Zoé"), day("2026-11-24"));
    let command = StageCommand::SignerConvention {
        partie: PartieStage::Etablissement,
        permises: [PartieStage::Eleve].into(),
        par,
        le,
    };
    given::<Stage>([prepare(true)]).when(command).then_refused(RefusStage::PartieRefusee);
}

#[test]
fn a_visit_is_made_during_a_stage_that_everybody_has_signed() {
    let visiter = |le: &str| StageCommand::RendreCompteDeVisite {
        le: day(le),
        compte_rendu: "Tout va bien.".into(),
        par: qui("Ada"),
    };
    given::<Stage>([prepare(false)])
        .when(visiter("2026-12-09"))
        .then_refused(RefusStage::ConventionNonConclue);
    use PartieStage::{Eleve, Entreprise, Etablissement};
    let signed = || [prepare(false)].into_iter().chain([Etablissement, Entreprise, Eleve].map(signee));
    given::<Stage>(signed()).when(visiter("2026-12-14")).then_refused(RefusStage::HorsStage);
    given::<Stage>(signed()).when(visiter("2026-12-09")).then([StageEvent::VisiteFaite {
        eleve: qui("Zoé"),
        le: day("2026-12-09"),
        compte_rendu: "Tout va bien.".into(),
        par: qui("Ada"),
    }]);
}

#[test]
fn a_tuteur_is_named_once_until_the_last_day_and_another_takes_the_place() {
    let designer = |name: &str, le: &str| StageCommand::DesignerTuteur {
        tuteur: qui(name),
        par: qui("chef"),
        le: day(le),
    };
    let designe = |name: &str| StageEvent::TuteurDesigne {
        eleve: qui("Zoé"),
        tuteur: qui(name),
        par: qui("chef"),
        le: day("2026-12-11"),
    };
    let known = || [prepare(true), designe("Levain")];
    given::<Stage>([prepare(true)]).when(designer("Levain", "2026-12-11")).then([designe("Levain")]);
    given::<Stage>(known()).when(designer("Levain", "2026-12-11")).then([]);
    given::<Stage>(known()).when(designer("Miche", "2026-12-11")).then([designe("Miche")]);
    given::<Stage>([prepare(true)])
        .when(designer("Levain", "2026-12-12"))
        .then_refused(RefusStage::StageTermine);
    given::<Stage>([]).when(designer("Levain", "2026-12-11")).then_refused(RefusStage::StageInexistant);
}

#[test]
fn a_stage_is_taken_away_from_its_tuteur_for_a_reason_and_may_be_opened_again() {
    let le = day("2026-12-08");
    let retirer = |motif: &str| StageCommand::RetirerTuteur { motif: motif.into(), par: qui("chef"), le };
    let designe = || StageEvent::TuteurDesigne {
        eleve: qui("Zoé"),
        tuteur: qui("Levain"),
        par: qui("chef"),
        le: day("2026-12-07"),
    };
    let retire = || StageEvent::TuteurRetire {
        eleve: qui("Zoé"),
        tuteur: qui("Levain"),
        motif: "Il a quitté l'entreprise.".into(),
        par: qui("chef"),
        le,
    };
    let known = || [prepare(true), designe()];
    given::<Stage>(known()).when(retirer(" Il a quitté l'entreprise. ")).then([retire()]);
    given::<Stage>(known()).when(retirer(" ")).then_refused(RefusStage::MotifManquant);
    given::<Stage>([prepare(true), designe(), retire()]).when(retirer("Encore")).then([]);
    given::<Stage>([]).when(retirer("Parti")).then_refused(RefusStage::StageInexistant);
    let again = StageCommand::DesignerTuteur { tuteur: qui("Levain"), par: qui("chef"), le };
    let opened =
        StageEvent::TuteurDesigne { eleve: qui("Zoé"), tuteur: qui("Levain"), par: qui("chef"), le };
    given::<Stage>([prepare(true), designe(), retire()]).when(again).then([opened]);
}

#[test]
fn a_stage_ends_after_it_begins_and_names_its_company() {
    let preparer = |fiche| StageCommand::PreparerStage {
        eleve: qui("Zoé"),
        fiche,
        referent: qui("Ada"),
        mineur: true,
        par: qui("Ada"),
    };
    given::<Stage>([])
        .when(preparer(fiche("2026-12-11", "2026-12-07")))
        .then_refused(RefusStage::DatesInversees);
    let nameless = FicheStage { entreprise: " ".into(), ..fiche("2026-12-07", "2026-12-11") };
    given::<Stage>([]).when(preparer(nameless)).then_refused(RefusStage::FicheInvalide);
}
