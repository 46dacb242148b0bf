use super::*;
use crate::testing::given;

fn now() -> DateTime<Utc> {
    "2026-12-01T09:00:00Z".parse().unwrap()
}

fn fiche() -> FicheEnvoi {
    FicheEnvoi {
        destinataire: PersonneId::derived(&["parent"]),
        canal: Canal::Courriel,
        annonce: EvenementId::derived(&["absence"]),
        theme: Theme::Absences,
        pas_avant: now(),
    }
}

fn prepare() -> EnvoiEvent {
    let FicheEnvoi { destinataire, canal, annonce, theme, pas_avant } = fiche();
    EnvoiEvent::EnvoiPrepare { destinataire, canal, annonce, theme, pas_avant }
}

fn differe(essai: u8, minutes: i64) -> EnvoiEvent {
    let pas_avant = now() + TimeDelta::minutes(minutes);
    EnvoiEvent::EnvoiDiffere { essai, echec: Echec::RefusPassager, pas_avant }
}

fn echouer(echec: Echec) -> EnvoiCommand {
    EnvoiCommand::EchouerEnvoi { echec, adresse: None, pas_avant: None, maintenant: now() }
}

fn remettre() -> EnvoiCommand {
    EnvoiCommand::RemettreEnvoi { message: "m@ent.example".into() }
}

#[test]
fn one_thing_is_told_to_one_person_by_one_way_once() {
    given::<Envoi>([]).when(EnvoiCommand::PreparerEnvoi { fiche: fiche() }).then([prepare()]);
    given::<Envoi>([prepare()]).when(EnvoiCommand::PreparerEnvoi { fiche: fiche() }).then([]);
    let later = FicheEnvoi { pas_avant: now() + TimeDelta::days(1), ..fiche() };
    assert_eq!(fiche().id(), later.id());
    assert_ne!(fiche().id(), FicheEnvoi { canal: Canal::Sms, ..fiche() }.id());
}

#[test]
fn what_a_carrier_has_taken_is_over() {
    let remis = EnvoiEvent::EnvoiRemis { message: "m@ent.example".into() };
    given::<Envoi>([prepare()]).when(remettre()).then([remis.clone()]);
    given::<Envoi>([prepare(), remis.clone()]).when(remettre()).then_refused(RefusEnvoi::EnvoiClos);
    given::<Envoi>([prepare(), remis])
        .when(echouer(Echec::RefusPassager))
        .then_refused(RefusEnvoi::EnvoiClos);
}

#[test]
fn a_carrier_is_asked_again_less_and_less_often_and_then_no_more() {
    let mut told = vec![prepare()];
    for (essai, minutes) in (1..).zip(REPRISES) {
        given::<Envoi>(told.clone()).when(echouer(Echec::RefusPassager)).then([differe(essai, minutes)]);
        told.push(differe(essai, minutes));
    }
    given::<Envoi>(told)
        .when(echouer(Echec::RefusPassager))
        .then([EnvoiEvent::EnvoiAbandonne { essai: 8, echec: Echec::RefusPassager }]);
}

#[test]
fn a_carrier_that_asks_to_be_left_alone_is_for_half_a_day_at_most() {
    let asking = |minutes| EnvoiCommand::EchouerEnvoi {
        echec: Echec::RefusPassager,
        adresse: None,
        pas_avant: Some(now() + TimeDelta::minutes(minutes)),
        maintenant: now(),
    };
    given::<Envoi>([prepare()]).when(asking(10)).then([differe(1, 10)]);
    given::<Envoi>([prepare()]).when(asking(0)).then([differe(1, 1)]);
    given::<Envoi>([prepare()]).when(asking(100_000)).then([differe(1, 720)]);
}

#[test]
fn what_is_put_off_is_not_handed_over_before_its_time() {
    let mut envoi = Envoi::default();
    assert!(!envoi.attend(now()), "it is not prepared");
    envoi.apply(prepare());
    assert!(envoi.attend(now()) && !envoi.attend(now() - TimeDelta::seconds(1)));
    envoi.apply(differe(1, 10));
    assert!(!envoi.attend(now() + TimeDelta::minutes(9)));
    assert!(envoi.attend(now() + TimeDelta::minutes(10)));
    envoi.apply(remis());
    assert!(!envoi.attend(now() + TimeDelta::minutes(10)));
}

#[test]
fn what_will_never_be_taken_is_given_up_at_once() {
    for echec in [Echec::AdresseRefusee, Echec::AdresseInexistante, Echec::SansAdresse, Echec::ContenuEfface]
    {
        given::<Envoi>([prepare(), differe(1, 1)])
            .when(echouer(echec))
            .then([EnvoiEvent::EnvoiAbandonne { essai: 2, echec }]);
    }
}

fn remis() -> EnvoiEvent {
    EnvoiEvent::EnvoiRemis { message: "m@ent.example".into() }
}

fn revenir(statut: &str) -> EnvoiCommand {
    let adresse = Some("parent@exemple.fr".into());
    EnvoiCommand::ConstaterNonRemise { statut: statut.into(), adresse }
}

fn non_remis(echec: Echec, statut: &str) -> EnvoiEvent {
    EnvoiEvent::EnvoiNonRemis { echec, statut: statut.into() }
}

fn en_defaut() -> EnvoiEvent {
    let adresse = "parent@exemple.fr".into();
    EnvoiEvent::AdresseEnDefaut { destinataire: fiche().destinataire, adresse }
}

#[test]
fn what_comes_back_is_known_once_and_tells_an_address_that_does_not_exist() {
    let gone = non_remis(Echec::AdresseInexistante, "5.1.1");
    given::<Envoi>([prepare(), remis()]).when(revenir("5.1.1")).then([gone.clone(), en_defaut()]);
    given::<Envoi>([prepare(), remis(), gone, en_defaut()]).when(revenir("5.1.1")).then([]);
    for (statut, echec) in [("5.7.1", Echec::AdresseRefusee), ("4.4.7", Echec::RefusPassager)] {
        given::<Envoi>([prepare(), remis()]).when(revenir(statut)).then([non_remis(echec, statut)]);
    }
}

#[test]
fn what_did_not_leave_does_not_come_back() {
    given::<Envoi>([prepare()]).when(revenir("5.1.1")).then_refused(RefusEnvoi::EnvoiNonParti);
    given::<Envoi>([]).when(revenir("5.1.1")).then_refused(RefusEnvoi::EnvoiInexistant);
}

#[test]
fn an_address_that_the_relay_knows_not_to_exist_is_told_at_once() {
    let command = |echec| EnvoiCommand::EchouerEnvoi {
        echec,
        adresse: Some("parent@exemple.fr".into()),
        pas_avant: None,
        maintenant: now(),
    };
    let abandonne = |echec| EnvoiEvent::EnvoiAbandonne { essai: 1, echec };
    given::<Envoi>([prepare()])
        .when(command(Echec::AdresseInexistante))
        .then([abandonne(Echec::AdresseInexistante), en_defaut()]);
    given::<Envoi>([prepare()]).when(command(Echec::AdresseRefusee)).then([abandonne(Echec::AdresseRefusee)]);
}

#[test]
fn an_address_that_was_given_up_is_restored_once() {
    let adresse = "parent@exemple.fr".into();
    let retablie = EnvoiEvent::AdresseRetablie { destinataire: fiche().destinataire, adresse };
    let back = [prepare(), remis(), non_remis(Echec::AdresseInexistante, "5.1.1"), en_defaut()];
    given::<Envoi>(back.clone()).when(EnvoiCommand::RetablirAdresse).then([retablie.clone()]);
    given::<Envoi>(back.into_iter().chain([retablie]))
        .when(EnvoiCommand::RetablirAdresse)
        .then_refused(RefusEnvoi::AdresseEnUsage);
    given::<Envoi>([prepare(), remis()])
        .when(EnvoiCommand::RetablirAdresse)
        .then_refused(RefusEnvoi::AdresseEnUsage);
    given::<Envoi>([]).when(EnvoiCommand::RetablirAdresse).then_refused(RefusEnvoi::EnvoiInexistant);
}

#[test]
fn an_announcement_that_nobody_is_told_of_is_closed_once_and_never_leaves() {
    let annonce = fiche().annonce;
    let renoncer = |motif| EnvoiCommand::Renoncer { annonce, motif };
    let closed = EnvoiEvent::EnvoiSansSuite { annonce, motif: SansSuite::SansMoyen };
    given::<Envoi>([]).when(renoncer(SansSuite::SansMoyen)).then([closed.clone()]);
    given::<Envoi>([closed.clone()]).when(renoncer(SansSuite::SansDestinataire)).then([]);
    given::<Envoi>([prepare()]).when(renoncer(SansSuite::SansMoyen)).then([]);
    given::<Envoi>([closed]).when(remettre()).then_refused(RefusEnvoi::EnvoiInexistant);
    assert_ne!(SansSuite::id(annonce), fiche().id());
}

#[test]
fn what_was_never_prepared_cannot_leave() {
    given::<Envoi>([]).when(remettre()).then_refused(RefusEnvoi::EnvoiInexistant);
}
