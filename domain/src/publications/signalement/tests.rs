use super::*;
use crate::DomainEvent;
use crate::publications::Contenu;
use crate::testing::given;

fn personne(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn at(hour: u32) -> DateTime<Utc> {
    format!("2026-11-23T{hour:02}:00:00Z").parse().unwrap()
}

fn contenu() -> ContenuSignale {
    ContenuSignale {
        publication: PublicationId::derived(&["p"]),
        version: 2,
        empreinte: Contenu { titre: "a".into(), corps: "b".into() }.empreinte(),
        portail: "0690001b".parse().unwrap(),
        auteur: personne("plume"),
    }
}

fn signaler(explication: &str, bonne_foi: bool) -> SignalementCommand {
    SignalementCommand::SignalerContenu {
        contenu: contenu(),
        version: 2,
        signalant: personne("lea"),
        deja_signale: false,
        motif: MotifSignalement::Harcelement,
        explication: explication.into(),
        bonne_foi,
        maintenant: at(8),
    }
}

fn recu() -> SignalementEvent {
    SignalementEvent::SignalementRecu {
        contenu: contenu(),
        signalant: personne("lea"),
        motif: MotifSignalement::Harcelement,
        explication: "Ce texte se moque d'une élève.".into(),
        le: at(8),
    }
}

fn connaitre(par: &str, office: OfficeModeration) -> SignalementCommand {
    SignalementCommand::PrendreConnaissance { par: personne(par), office, le: at(9) }
}

fn connaissance(par: &str, office: OfficeModeration, hour: u32) -> SignalementEvent {
    SignalementEvent::PremiereConnaissance { par: personne(par), office, le: at(hour) }
}

fn motifs() -> MotifsDeDecision {
    MotifsDeDecision {
        faits: "Le texte nomme une élève et s'en moque.".into(),
        fondement: Fondement::Illegal { texte: "code pénal, art. 222-33-2-3".into() },
        portee: None,
        moyens_automatises: false,
        voies_de_recours: "Recours auprès du chef d'établissement.".into(),
    }
}

fn decider(par: &str, motifs: MotifsDeDecision) -> SignalementCommand {
    SignalementCommand::RendreDecision {
        par: personne(par),
        office: OfficeModeration::Moderateur,
        decision: Decision::Retrait,
        motifs,
        le: at(10),
    }
}

fn decision(par: &str) -> SignalementEvent {
    SignalementEvent::DecisionRendue {
        auteur: personne("plume"),
        par: personne(par),
        office: OfficeModeration::Moderateur,
        decision: Decision::Retrait,
        motifs: motifs(),
        le: at(10),
    }
}

#[test]
fn a_notice_keeps_the_exact_content_as_seen() {
    given::<Signalement>([]).when(signaler("Ce texte se moque d'une élève.", true)).then([recu()]);
}

#[test]
fn a_notice_blames_no_other_version_than_the_one_seen() {
    for seen in [1, 3] {
        let mut command = signaler("Ce texte se moque d'une élève.", true);
        if let SignalementCommand::SignalerContenu { version, .. } = &mut command {
            *version = seen;
        }
        given::<Signalement>([]).when(command).then_refused(RefusSignalement::VersionPerimee);
    }
}

#[test]
fn a_notice_is_given_once_in_good_faith_and_explained() {
    given::<Signalement>([recu()])
        .when(signaler("Encore.", true))
        .then_refused(RefusSignalement::DejaSignale);
    given::<Signalement>([])
        .when(signaler("Ce texte…", false))
        .then_refused(RefusSignalement::BonneFoiRequise);
    for explication in [" ".to_owned(), "x".repeat(2_001)] {
        given::<Signalement>([])
            .when(signaler(&explication, true))
            .then_refused(RefusSignalement::ExplicationInvalide);
    }
}

#[test]
fn each_office_learns_of_a_notice_once() {
    let moderateur = connaissance("mod", OfficeModeration::Moderateur, 9);
    given::<Signalement>([recu()])
        .when(connaitre("mod", OfficeModeration::Moderateur))
        .then([moderateur.clone()]);
    given::<Signalement>([recu(), moderateur.clone()])
        .when(connaitre("autre", OfficeModeration::Moderateur))
        .then([]);
    given::<Signalement>([recu(), moderateur])
        .when(connaitre("ana", OfficeModeration::Directeur))
        .then([connaissance("ana", OfficeModeration::Directeur, 9)]);
}

#[test]
fn who_decides_knows() {
    given::<Signalement>([recu()])
        .when(decider("mod", motifs()))
        .then([connaissance("mod", OfficeModeration::Moderateur, 10), decision("mod")]);
    given::<Signalement>([recu(), connaissance("mod", OfficeModeration::Moderateur, 9)])
        .when(decider("mod", motifs()))
        .then([decision("mod")]);
}

#[test]
fn nobody_moderates_a_complaint_against_himself() {
    given::<Signalement>([recu()])
        .when(decider("plume", motifs()))
        .then_refused(RefusSignalement::JugeEtPartie);
}

#[test]
fn a_decision_says_its_facts_its_ground_and_the_redress() {
    let mute = [
        MotifsDeDecision { faits: " ".into(), ..motifs() },
        MotifsDeDecision { voies_de_recours: String::new(), ..motifs() },
        MotifsDeDecision { fondement: Fondement::Conditions { clause: " ".into() }, ..motifs() },
        MotifsDeDecision { portee: Some("x".repeat(2_001)), ..motifs() },
    ];
    for motifs in mute {
        given::<Signalement>([recu()])
            .when(decider("mod", motifs))
            .then_refused(RefusSignalement::MotifsManquants);
    }
}

#[test]
fn a_notice_is_decided_once() {
    given::<Signalement>([recu(), decision("mod")])
        .when(decider("autre", motifs()))
        .then_refused(RefusSignalement::DecisionDejaRendue);
}

#[test]
fn nobody_learns_of_or_decides_what_was_never_notified() {
    for command in [connaitre("mod", OfficeModeration::Moderateur), decider("mod", motifs())] {
        given::<Signalement>([]).when(command).then_refused(RefusSignalement::SignalementInexistant);
    }
}

#[test]
fn a_notice_is_sealed_for_who_gave_it_and_a_decision_for_the_author() {
    assert_eq!(recu().subject(), Some(personne("lea")));
    assert_eq!(decision("mod").subject(), Some(personne("plume")));
    assert_eq!(connaissance("mod", OfficeModeration::Moderateur, 9).subject(), None);
}

#[test]
fn one_person_gives_notice_of_a_version_once() {
    let mut command = signaler("Propos", true);
    if let SignalementCommand::SignalerContenu { deja_signale, .. } = &mut command {
        *deja_signale = true;
    }
    given::<Signalement>([]).when(command).then_refused(RefusSignalement::DejaSignale);
}
