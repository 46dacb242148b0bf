use super::*;
use crate::testing::given;
use crate::vie_de_l_eleve::NatureSanction;
use crate::{DomainEvent, Retention};
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn qui(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn zoe() -> PersonneId {
    qui("Zoé")
}

fn engagee() -> SanctionEvent {
    SanctionEvent::ProcedureEngagee {
        eleve: zoe(),
        griefs: "A frappé un camarade.".into(),
        cas: None,
        incident: None,
        par: qui("Marie"),
        le: day("2026-11-23"),
    }
}

/// Told on a Thursday: until the end of Monday 30 November.
fn informee() -> SanctionEvent {
    SanctionEvent::EleveInforme {
        eleve: zoe(),
        responsables: vec![qui("père"), qui("mère")],
        fin: day("2026-11-30"),
        conseil_le: None,
        le: day("2026-11-26"),
    }
}

fn defendue() -> SanctionEvent {
    SanctionEvent::DefenseRecueillie {
        eleve: zoe(),
        defense: Defense::Orale { propos: "Elle s'excuse.".into(), assiste: true },
        le: day("2026-11-30"),
    }
}

fn heard() -> Vec<SanctionEvent> {
    vec![engagee(), informee(), defendue()]
}

fn decision(nature: NatureSanction) -> DecisionDeSanction {
    DecisionDeSanction { nature, motifs: "Violence établie.".into(), conseil: None, sursis: None }
}

fn exclusion() -> DecisionDeSanction {
    decision(NatureSanction::ExclusionDeLEtablissement { jours: 3 })
}

fn prononcer(decision: DecisionDeSanction, le: &str) -> SanctionCommand {
    SanctionCommand::PrononcerSanction { decision, le: day(le) }
}

fn informer(jours: u8, responsables: &[&str], le: &str) -> SanctionCommand {
    SanctionCommand::InformerEleve {
        jours,
        mineur: true,
        responsables: responsables.iter().map(|name| qui(name)).collect(),
        conseil_le: None,
        le: day(le),
    }
}

fn after(events: Vec<SanctionEvent>) -> Sanction {
    let mut state = Sanction::default();
    events.into_iter().for_each(|event| state.apply(event));
    state
}

#[test]
fn a_minor_and_his_parents_are_told_of_a_delay_of_two_working_days() {
    given::<Sanction>([engagee()]).when(informer(2, &["père", "mère"], "2026-11-26")).then([informee()]);
    given::<Sanction>([engagee()])
        .when(informer(2, &[], "2026-11-26"))
        .then_refused(RefusSanction::ResponsableAInformer);
    given::<Sanction>([engagee()])
        .when(informer(1, &["père"], "2026-11-26"))
        .then_refused(RefusSanction::DelaiTropCourt);
    given::<Sanction>([engagee(), informee()])
        .when(informer(2, &["père"], "2026-11-27"))
        .then_refused(RefusSanction::DejaInforme);
}

#[test]
fn a_conseil_is_convened_five_days_before_it_sits() {
    let convoquer = |seance: &str| SanctionCommand::InformerEleve {
        jours: 2,
        mineur: false,
        responsables: vec![],
        conseil_le: Some(day(seance)),
        le: day("2026-11-26"),
    };
    given::<Sanction>([engagee()]).when(convoquer("2026-11-30")).then_refused(RefusSanction::ConseilTropTot);
    assert!(after(vec![engagee()]).decide(convoquer("2026-12-01")).is_ok());
}

#[test]
fn nothing_is_pronounced_before_the_delay_has_run_nor_before_the_pupil_is_heard() {
    given::<Sanction>([engagee()])
        .when(prononcer(exclusion(), "2026-12-01"))
        .then_refused(RefusSanction::EleveNonInforme);
    for le in ["2026-11-26", "2026-11-30"] {
        given::<Sanction>(heard())
            .when(prononcer(exclusion(), le))
            .then_refused(RefusSanction::DelaiEnCours { fin: day("2026-11-30") });
    }
    given::<Sanction>([engagee(), informee()])
        .when(prononcer(exclusion(), "2026-12-01"))
        .then_refused(RefusSanction::DefenseARecueillir);
}

#[test]
fn who_says_nothing_is_absent_once_the_delay_has_run_and_may_renounce_before() {
    let recueillir = |defense, le: &str| SanctionCommand::RecueillirDefense { defense, le: day(le) };
    given::<Sanction>([engagee(), informee()])
        .when(recueillir(Defense::Absence, "2026-11-30"))
        .then_refused(RefusSanction::DelaiEnCours { fin: day("2026-11-30") });
    for (defense, le) in [(Defense::Absence, "2026-12-01"), (Defense::Renonciation, "2026-11-27")] {
        given::<Sanction>([engagee(), informee()])
            .when(recueillir(defense.clone(), le))
            .then([SanctionEvent::DefenseRecueillie { eleve: zoe(), defense, le: day(le) }]);
    }
}

#[test]
fn each_sanction_is_a_fact_of_its_own_class_with_its_day_of_effacement() {
    let heures = |heures| NatureSanction::Responsabilisation { heures, engagement_signe: true };
    for (nature, classe, due) in [
        (NatureSanction::Avertissement, Retention::SanctionAvertissement, "2027-08-01"),
        (NatureSanction::Blame, Retention::SanctionBlame, "2028-08-01"),
        (heures(20), Retention::SanctionBlame, "2028-08-01"),
        (NatureSanction::ExclusionDeLaClasse { jours: 8 }, Retention::SanctionExclusion, "2029-08-01"),
        (NatureSanction::ExclusionDeLEtablissement { jours: 8 }, Retention::SanctionExclusion, "2029-08-01"),
        (NatureSanction::ExclusionDAnnexe { jours: 1 }, Retention::SanctionExclusion, "2029-08-01"),
    ] {
        let events = after(heard()).decide(prononcer(decision(nature), "2026-12-01")).unwrap();
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(event.spec().retention, classe);
        let (eleve, decision, le, effacement) = event.prononce().unwrap();
        assert_eq!((eleve, le, effacement), (zoe(), day("2026-12-01"), Some(day(due))));
        assert_eq!(decision.nature.degre().classe(), classe);
    }
}

#[test]
fn a_sanction_is_as_long_as_the_law_lets_it_be_and_responsabilisation_is_signed() {
    let resp = |heures, engagement_signe| NatureSanction::Responsabilisation { heures, engagement_signe };
    for (nature, refus) in [
        (resp(21, true), RefusSanction::DureeHorsBornes),
        (resp(0, true), RefusSanction::DureeHorsBornes),
        (resp(20, false), RefusSanction::EngagementARecueillir),
        (NatureSanction::ExclusionDeLaClasse { jours: 9 }, RefusSanction::DureeHorsBornes),
        (NatureSanction::ExclusionDeLEtablissement { jours: 9 }, RefusSanction::DureeHorsBornes),
        (NatureSanction::ExclusionDAnnexe { jours: 0 }, RefusSanction::DureeHorsBornes),
        (NatureSanction::ExclusionDefinitive, RefusSanction::ConseilDeDisciplineRequis),
    ] {
        given::<Sanction>(heard()).when(prononcer(decision(nature), "2026-12-01")).then_refused(refus);
    }
}

#[test]
fn only_a_conseil_that_sat_and_voted_excludes_for_good() {
    let convoquee = SanctionEvent::EleveInforme {
        eleve: zoe(),
        responsables: vec![qui("mère")],
        fin: day("2026-11-30"),
        conseil_le: Some(day("2026-12-03")),
        le: day("2026-11-26"),
    };
    let procedure = || vec![engagee(), convoquee.clone(), defendue()];
    let vote = |presents, pour, contre| DecisionDeSanction {
        conseil: Some(Conseil { presents, pour, contre, blancs: 0 }),
        ..decision(NatureSanction::ExclusionDefinitive)
    };
    for (conseil, le, refus) in [
        (vote(7, 7, 0), "2026-12-03", RefusSanction::VoteInvalide),
        (vote(15, 8, 0), "2026-12-03", RefusSanction::VoteInvalide),
        (vote(10, 5, 5), "2026-12-03", RefusSanction::VoteInvalide),
        (vote(10, 8, 3), "2026-12-03", RefusSanction::VoteInvalide),
        (vote(10, 7, 3), "2026-12-02", RefusSanction::ConseilTropTot),
    ] {
        given::<Sanction>(procedure()).when(prononcer(conseil, le)).then_refused(refus);
    }
    let events = after(procedure()).decide(prononcer(vote(10, 7, 3), "2026-12-03")).unwrap();
    assert_eq!(events[0].spec().retention, Retention::SanctionExclusionDefinitive);
    assert_eq!(events[0].prononce().unwrap().3, None, "it stays until secondary schooling ends");
}

#[test]
fn a_sursis_is_for_the_graver_sanctions_and_within_its_bounds() {
    let until = |nature, jusque: &str| DecisionDeSanction { sursis: Some(day(jusque)), ..decision(nature) };
    let exclusion = NatureSanction::ExclusionDeLEtablissement { jours: 3 };
    let bounds = RefusSanction::SursisHorsBornes { least: day("2027-07-31"), most: day("2029-07-31") };
    for (decision, refus) in [
        (until(NatureSanction::Avertissement, "2027-07-31"), RefusSanction::SursisImpossible),
        (until(NatureSanction::Blame, "2027-07-31"), RefusSanction::SursisImpossible),
        (until(exclusion.clone(), "2027-07-30"), bounds.clone()),
        (until(exclusion.clone(), "2029-08-01"), bounds),
    ] {
        given::<Sanction>(heard()).when(prononcer(decision, "2026-12-01")).then_refused(refus);
    }
    assert!(after(heard()).decide(prononcer(until(exclusion, "2027-07-31"), "2026-12-01")).is_ok());
}

fn pronounced(sursis: Option<&str>) -> Vec<SanctionEvent> {
    let decision = DecisionDeSanction { sursis: sursis.map(day), ..exclusion() };
    let told = after(heard()).decide(prononcer(decision, "2026-12-01")).unwrap();
    heard().into_iter().chain(told).collect()
}

fn notifiee() -> SanctionEvent {
    SanctionEvent::SanctionNotifiee {
        eleve: zoe(),
        destinataire: qui("mère"),
        voie: VoieDeNotification::LettreRecommandee,
        le: day("2026-12-02"),
    }
}

fn revoquer(faits_le: &str, encourue: Degre, le: &str) -> SanctionCommand {
    SanctionCommand::RevoquerSursis {
        motifs: "A recommencé.".into(),
        faits_le: day(faits_le),
        encourue,
        conseil: None,
        le: day(le),
    }
}

#[test]
fn a_sanction_is_carried_out_once_notified_and_one_with_sursis_once_it_is_revoked() {
    let execute = || SanctionCommand::ExecuterSanction { du: day("2026-12-07") };
    given::<Sanction>(pronounced(None)).when(execute()).then_refused(RefusSanction::PasEncoreNotifiee);
    let known = |sursis| pronounced(sursis).into_iter().chain([notifiee()]);
    given::<Sanction>(known(Some("2027-07-31"))).when(execute()).then_refused(RefusSanction::AvecSursis);
    given::<Sanction>(known(None))
        .when(execute())
        .then([SanctionEvent::SanctionExecutee { eleve: zoe(), du: day("2026-12-07") }]);
}

#[test]
fn a_sursis_is_revoked_for_facts_as_grave_and_within_its_time() {
    let temporaire = Degre::ExclusionTemporaire;
    for (command, refus) in [
        (revoquer("2027-08-01", temporaire, "2027-08-01"), RefusSanction::FaitsHorsSursis),
        (revoquer("2026-11-30", temporaire, "2027-03-01"), RefusSanction::FaitsHorsSursis),
        (revoquer("2027-02-01", Degre::Blame, "2027-03-01"), RefusSanction::FaitsTropLegers),
    ] {
        given::<Sanction>(pronounced(Some("2027-07-31"))).when(command).then_refused(refus);
    }
    given::<Sanction>(pronounced(None))
        .when(revoquer("2027-02-01", temporaire, "2027-03-01"))
        .then_refused(RefusSanction::SansSursis);
    let revoked = after(pronounced(Some("2027-07-31")))
        .decide(revoquer("2027-02-01", temporaire, "2027-03-01"))
        .unwrap();
    let all = pronounced(Some("2027-07-31")).into_iter().chain(revoked).chain([notifiee()]);
    let executed = SanctionCommand::ExecuterSanction { du: day("2027-03-08") };
    assert!(after(all.clone().collect()).decide(executed).is_ok());
    given::<Sanction>(all)
        .when(effacer(CauseEffacement::TermeLegal, false, "2029-07-31"))
        .then_refused(RefusSanction::EffacementTropTot { le: day("2029-08-01") });
}

fn effacer(cause: CauseEffacement, parti: bool, le: &str) -> SanctionCommand {
    SanctionCommand::EffacerSanction { cause, parti, terme: None, le: day(le) }
}

#[test]
fn a_sanction_leaves_the_file_on_its_day_and_a_procedure_is_over_then() {
    let legal = CauseEffacement::TermeLegal;
    let effacee = SanctionEvent::SanctionEffacee { cause: legal, le: day("2029-08-01") };
    given::<Sanction>(pronounced(None)).when(effacer(legal, false, "2029-08-01")).then([effacee.clone()]);
    given::<Sanction>(pronounced(None).into_iter().chain([effacee.clone()]))
        .when(effacer(legal, false, "2029-08-02"))
        .then_refused(RefusSanction::ProcedureTerminee);
    given::<Sanction>([effacee])
        .when(SanctionCommand::EngagerProcedure {
            eleve: zoe(),
            griefs: "Autre chose".into(),
            cas: None,
            incident: None,
            par: qui("Marie"),
            le: day("2029-09-01"),
        })
        .then_refused(RefusSanction::ProcedureDejaEngagee);
}

#[test]
fn who_changes_schools_has_it_taken_out_when_it_is_asked() {
    let early = CauseEffacement::ChangementDEtablissement;
    let demande = SanctionEvent::EffacementDemande { eleve: zoe(), par: qui("mère"), le: day("2027-01-04") };
    let asked = || pronounced(None).into_iter().chain([demande.clone()]);
    given::<Sanction>(pronounced(None))
        .when(effacer(early, true, "2027-01-05"))
        .then_refused(RefusSanction::EffacementNonDemande);
    given::<Sanction>(asked())
        .when(effacer(early, false, "2027-01-05"))
        .then_refused(RefusSanction::EleveNonParti);
    given::<Sanction>(asked())
        .when(effacer(early, true, "2027-01-05"))
        .then([SanctionEvent::SanctionEffacee { cause: early, le: day("2027-01-05") }]);
}

#[test]
fn what_replaces_an_annulled_sanction_keeps_its_day() {
    let annulled = [
        SanctionEvent::RecoursNote { eleve: zoe(), nature: NatureRecours::Recteur, le: day("2027-06-01") },
        SanctionEvent::SanctionAnnulee { eleve: zoe(), motif: "Vice.".into(), le: day("2027-09-06") },
    ];
    let again = after(pronounced(None).into_iter().chain(annulled).collect());
    let events = again.decide(prononcer(exclusion(), "2027-09-20")).unwrap();
    assert_eq!(events[0].prononce().unwrap().3, Some(day("2029-08-01")));
    given::<Sanction>(pronounced(None))
        .when(SanctionCommand::AnnulerSanction { motif: "Vice.".into(), le: day("2027-09-06") })
        .then_refused(RefusSanction::SansRecours);
}

/// The pieces are erased at the end of the school year; the decision stands and can be followed.
#[test]
fn a_decision_without_its_pieces_still_leaves_the_file_on_its_day() {
    let decision = pronounced(Some("2028-07-31")).pop().unwrap();
    let temporaire = Degre::ExclusionTemporaire;
    assert!(after(vec![decision.clone()]).decide(revoquer("2027-11-02", temporaire, "2027-11-15")).is_ok());
    given::<Sanction>([decision])
        .when(effacer(CauseEffacement::TermeLegal, false, "2029-08-01"))
        .then([SanctionEvent::SanctionEffacee { cause: CauseEffacement::TermeLegal, le: day("2029-08-01") }]);
}

proptest! {
    /// Whatever is asked on whatever days, nothing is pronounced within the delay.
    #[test]
    fn no_sanction_is_ever_pronounced_before_the_delay_has_run(
        told in 0..400u64, jours in 2..6u8, pronounced in 0..420u64, defended: bool,
    ) {
        let at = |days| day("2026-09-01") + chrono::Days::new(days);
        let mut state = after(vec![engagee()]);
        let inform = SanctionCommand::InformerEleve {
            jours, mineur: false, responsables: vec![], conseil_le: None, le: at(told),
        };
        let informed = state.decide(inform).unwrap();
        let fin = match &informed[0] {
            SanctionEvent::EleveInforme { fin, .. } => *fin,
            other => panic!("{other:?}"),
        };
        informed.into_iter().for_each(|event| state.apply(event));
        if defended {
            state.apply(defendue());
        }
        let told = state.decide(SanctionCommand::PrononcerSanction {
            decision: decision(NatureSanction::Blame), le: at(pronounced),
        });
        prop_assert_eq!(told.is_ok(), defended && at(pronounced) > fin);
    }
}
