use super::super::appareil::tests::appareil;
use super::*;
use crate::absences::{MoisCivil, Suite};
use crate::testing::given;
use crate::{EnseignementId, EtablissementId};

fn now() -> DateTime<Utc> {
    "2026-12-01T09:00:00Z".parse().unwrap()
}

fn personne() -> PersonneId {
    PersonneId::derived(&["parent"])
}

fn numero() -> Telephone {
    "06 12 34 56 78".parse().unwrap()
}

fn choisir(theme: Theme, canaux: &[Canal], rythme: Rythme) -> PreferencesCommand {
    let choix = Choix { canaux: canaux.iter().copied().collect(), rythme };
    PreferencesCommand::ChoisirPreferences {
        personne: personne(),
        choix: BTreeMap::from([(theme, choix)]),
        calme: Calme::default(),
        autres: BTreeSet::new(),
    }
}

fn declare() -> PreferencesEvent {
    PreferencesEvent::TelephoneDeclare {
        personne: personne(),
        numero: numero(),
        empreinte: "celle du code".into(),
        jusque: now() + VALIDITE,
    }
}

fn confirme() -> PreferencesEvent {
    PreferencesEvent::TelephoneConfirme { personne: personne(), numero: numero() }
}

fn errone() -> PreferencesEvent {
    PreferencesEvent::CodeErrone { personne: personne() }
}

fn confirmer(empreinte: &str, maintenant: DateTime<Utc>) -> PreferencesCommand {
    PreferencesCommand::ConfirmerTelephone { personne: personne(), empreinte: empreinte.into(), maintenant }
}

#[test]
fn one_chooses_and_choosing_the_same_again_changes_nothing() {
    let choix = Choix { canaux: BTreeSet::new(), rythme: Rythme::Quotidien };
    let choisies = PreferencesEvent::PreferencesChoisies {
        personne: personne(),
        choix: BTreeMap::from([(Theme::Notes, choix)]),
        calme: Calme::default(),
    };
    let silence = || choisir(Theme::Notes, &[], Rythme::Quotidien);
    given::<Preferences>([]).when(silence()).then([choisies.clone()]);
    given::<Preferences>([choisies]).when(silence()).then([]);
}

#[test]
fn absences_are_neither_silenced_nor_put_off() {
    given::<Preferences>([])
        .when(choisir(Theme::Absences, &[], Rythme::Immediat))
        .then_refused(RefusPreferences::CanalObligatoire);
    given::<Preferences>([])
        .when(choisir(Theme::Absences, &[Canal::Courriel], Rythme::Quotidien))
        .then_refused(RefusPreferences::RythmeImpose);
}

#[test]
fn one_is_not_left_alone_all_day() {
    let calme = Calme { de: "09:00:00".parse().unwrap(), a: "08:00:00".parse().unwrap() };
    let (choix, autres) = (BTreeMap::new(), BTreeSet::new());
    given::<Preferences>([])
        .when(PreferencesCommand::ChoisirPreferences { personne: personne(), choix, calme, autres })
        .then_refused(RefusPreferences::CalmeExcessif);
}

#[test]
fn an_sms_is_sent_to_a_telephone_that_its_owner_has_confirmed() {
    let by_sms = || choisir(Theme::Absences, &[Canal::Sms], Rythme::Immediat);
    given::<Preferences>([declare()]).when(by_sms()).then_refused(RefusPreferences::TelephoneInconnu);
    given::<Preferences>([declare()]).when(confirmer("celle du code", now())).then([confirme()]);
    let oublie = PreferencesEvent::TelephoneOublie { personne: personne() };
    given::<Preferences>([declare(), confirme(), oublie])
        .when(by_sms())
        .then_refused(RefusPreferences::TelephoneInconnu);
}

#[test]
fn a_code_is_guessed_five_times_at_most() {
    given::<Preferences>([declare()]).when(confirmer("une autre", now())).then([errone()]);
    let guessed = std::iter::once(declare()).chain((0..ESSAIS).map(|_| errone()));
    given::<Preferences>(guessed)
        .when(confirmer("celle du code", now()))
        .then_refused(RefusPreferences::CodeInvalide);
}

#[test]
fn a_code_is_good_for_a_quarter_of_an_hour_and_once() {
    given::<Preferences>([declare()])
        .when(confirmer("celle du code", now() + VALIDITE))
        .then_refused(RefusPreferences::CodeInvalide);
    given::<Preferences>([declare(), confirme()])
        .when(confirmer("celle du code", now()))
        .then_refused(RefusPreferences::CodeInvalide);
}

#[test]
fn who_has_chosen_nothing_is_told_of_absences_at_once_and_of_marks_in_the_evening() {
    let rythme = |theme| Choix::par_defaut(theme).rythme;
    assert_eq!(rythme(Theme::Absences), Rythme::Immediat);
    for theme in [Theme::Notes, Theme::Travaux, Theme::SuiviDesAbsences] {
        assert_eq!(rythme(theme), Rythme::Quotidien);
    }
    let bulletin = Annonce::Bulletin { eleve: personne() };
    let soir = "2026-12-01T17:00:00Z".parse::<DateTime<Utc>>().unwrap();
    assert_eq!(Choix::par_defaut(Theme::Bulletins).depart(&bulletin, Calme::default(), now()), soir);
}

#[test]
fn the_staff_is_told_at_once_of_a_roll_and_of_the_thresholds_of_a_day_together_also_where_it_has_chosen() {
    let appel = Annonce::AppelNonClos {
        enseignant: personne(),
        enseignement: EnseignementId::derived(&["maths"]),
        date: "2026-12-01".parse().unwrap(),
        debut: "08:00:00".parse().unwrap(),
    };
    let seuil = Annonce::Seuil {
        eleve: PersonneId::derived(&["élève"]),
        etablissement: EtablissementId::derived(&["collège"]),
        suite: Suite::Signalement,
        mois: MoisCivil::of("2026-11-30".parse().unwrap()),
    };
    let choix = Choix { canaux: BTreeSet::from([Canal::Courriel]), rythme: Rythme::Quotidien };
    let depart =
        |annonce: &Annonce, instant: &str| choix.depart(annonce, Calme::default(), instant.parse().unwrap());
    let (avant, apres) = ("2026-11-30T18:00:00Z", "2026-11-30T18:40:00Z");
    assert_eq!(depart(&appel, avant), avant.parse::<DateTime<Utc>>().unwrap());
    assert_eq!(depart(&seuil, avant), "2026-12-01T17:00:00Z".parse::<DateTime<Utc>>().unwrap());
    assert_eq!(depart(&seuil, avant), depart(&seuil, apres), "one message for all of them");
}

fn appareil_declare(rang: &str) -> PreferencesEvent {
    PreferencesEvent::AppareilDeclare { personne: personne(), appareil: appareil(rang) }
}

fn declarer_appareil(rang: &str) -> PreferencesCommand {
    PreferencesCommand::DeclarerAppareil { personne: personne(), appareil: appareil(rang) }
}

fn perdre(rang: &str) -> PreferencesCommand {
    PreferencesCommand::PerdreAppareil { personne: personne(), appareil: appareil(rang).id(personne()) }
}

fn perdu(rang: &str) -> PreferencesEvent {
    PreferencesEvent::AppareilPerdu { personne: personne(), appareil: appareil(rang).id(personne()) }
}

#[test]
fn a_device_is_given_once_and_one_has_ten_at_most() {
    given::<Preferences>([]).when(declarer_appareil("a")).then([appareil_declare("a")]);
    given::<Preferences>([appareil_declare("a")]).when(declarer_appareil("a")).then([]);
    let ten: Vec<_> = (0..APPAREILS_MAX).map(|rang| appareil_declare(&rang.to_string())).collect();
    given::<Preferences>(ten.clone())
        .when(declarer_appareil("onze"))
        .then_refused(RefusPreferences::TropDAppareils);
    // A browser that has changed its keys is the one that it was.
    let changed = Appareil { nom: "Mon ordinateur".into(), ..appareil("0") };
    let command = PreferencesCommand::DeclarerAppareil { personne: personne(), appareil: changed.clone() };
    given::<Preferences>(ten)
        .when(command)
        .then([PreferencesEvent::AppareilDeclare { personne: personne(), appareil: changed }]);
}

#[test]
fn a_device_is_lost_once() {
    given::<Preferences>([appareil_declare("a")]).when(perdre("a")).then([perdu("a")]);
    given::<Preferences>([appareil_declare("a"), perdu("a")]).when(perdre("a")).then([]);
    given::<Preferences>([]).when(perdre("a")).then([]);
}

#[test]
fn who_has_no_device_is_not_told_by_one() {
    let by_device = || choisir(Theme::Absences, &[Canal::Appareil], Rythme::Immediat);
    given::<Preferences>([]).when(by_device()).then_refused(RefusPreferences::AppareilInconnu);
    let oublie =
        PreferencesEvent::AppareilOublie { personne: personne(), appareil: appareil("a").id(personne()) };
    given::<Preferences>([appareil_declare("a"), oublie])
        .when(by_device())
        .then_refused(RefusPreferences::AppareilInconnu);
    let choisies = PreferencesEvent::PreferencesChoisies {
        personne: personne(),
        choix: BTreeMap::from([(
            Theme::Absences,
            Choix { canaux: BTreeSet::from([Canal::Appareil]), rythme: Rythme::Immediat },
        )]),
        calme: Calme::default(),
    };
    given::<Preferences>([appareil_declare("a")]).when(by_device()).then([choisies]);
}

#[test]
fn what_was_given_under_another_fiche_opens_a_way_too() {
    for (canal, refus) in [
        (Canal::Sms, RefusPreferences::TelephoneInconnu),
        (Canal::Appareil, RefusPreferences::AppareilInconnu),
    ] {
        let choix = Choix { canaux: BTreeSet::from([canal]), rythme: Rythme::Immediat };
        let choix = BTreeMap::from([(Theme::Absences, choix)]);
        let by_it = |autres| PreferencesCommand::ChoisirPreferences {
            personne: personne(),
            choix: choix.clone(),
            calme: Calme::default(),
            autres,
        };
        given::<Preferences>([]).when(by_it(BTreeSet::new())).then_refused(refus);
        let choisies = PreferencesEvent::PreferencesChoisies {
            personne: personne(),
            choix: choix.clone(),
            calme: Calme::default(),
        };
        given::<Preferences>([]).when(by_it(BTreeSet::from([canal]))).then([choisies]);
    }
}
