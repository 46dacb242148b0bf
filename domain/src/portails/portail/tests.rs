use super::*;
use crate::EtablissementId;
use crate::testing::given;
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn personne(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn ouvrir(nature: NaturePortail) -> PortailCommand {
    let portail = "0690001b".parse().unwrap();
    PortailCommand::OuvrirPortail { portail, nature, nom: "Collège des Tilleuls".into() }
}

fn ouvert(nature: NaturePortail) -> PortailEvent {
    let portail = "0690001b".parse().unwrap();
    PortailEvent::PortailOuvert { portail, nature, nom: "Collège des Tilleuls".into() }
}

fn college() -> NaturePortail {
    NaturePortail::Etablissement { etablissement: EtablissementId::derived(&["college"]) }
}

fn prendre(name: &str, depuis: &str) -> PortailCommand {
    PortailCommand::PrendreDirection {
        directeur: personne(name),
        qualite: "principale".into(),
        depuis: day(depuis),
        delegant: None,
    }
}

fn prise(name: &str, depuis: &str) -> PortailEvent {
    PortailEvent::DirectionPrise {
        directeur: personne(name),
        qualite: "principale".into(),
        depuis: day(depuis),
        delegant: None,
    }
}

fn terminee(name: &str, au: &str) -> PortailEvent {
    PortailEvent::DirectionTerminee { directeur: personne(name), au: day(au) }
}

/// A page that is online from the 23rd of November on, until an end.
fn repondre(name: &str, au: Option<&str>) -> PortailCommand {
    let au = au.map(|au| au.parse().unwrap());
    PortailCommand::Repondre { directeur: personne(name), le: day("2026-11-23"), au }
}

fn id(name: &str) -> DelegationId {
    DelegationId::derived(&[name])
}

/// The delegation `name` to the person of that name, from September on.
fn accorder(name: &str, au: Option<&str>) -> PortailCommand {
    PortailCommand::AccorderDelegation {
        delegation: id(name),
        compte: CompteId::derived(&[name]),
        compte_libre: true,
        administrateur: personne(name),
        rattache: true,
        par: personne("ana"),
        attributions: attributions(),
        du: day("2026-09-01"),
        au: au.map(day),
    }
}

fn accordee(name: &str, au: Option<&str>) -> PortailEvent {
    PortailEvent::DelegationAccordee {
        delegation: id(name),
        compte: CompteId::derived(&[name]),
        administrateur: personne(name),
        par: personne("ana"),
        attributions: attributions(),
        du: day("2026-09-01"),
        au: au.map(day),
    }
}

fn revoquer(name: &str, le: &str) -> PortailCommand {
    PortailCommand::RevoquerDelegation { delegation: id(name), motif: "départ".into(), le: day(le) }
}

fn revoquee(name: &str, le: &str) -> PortailEvent {
    PortailEvent::DelegationRevoquee {
        delegation: id(name),
        administrateur: personne(name),
        motif: "départ".into(),
        le: day(le),
    }
}

fn attributions() -> BTreeSet<Attribution> {
    Attribution::TOUTES.iter().copied().collect()
}

fn directed(more: impl IntoIterator<Item = PortailEvent>) -> Vec<PortailEvent> {
    [ouvert(college()), prise("ana", "2026-09-01")].into_iter().chain(more).collect()
}

fn after(events: impl IntoIterator<Item = PortailEvent>) -> Portail {
    let mut portail = Portail::default();
    events.into_iter().for_each(|event| portail.apply(event));
    portail
}

#[test]
fn a_portal_is_opened_once() {
    given::<Portail>([]).when(ouvrir(college())).then([ouvert(college())]);
    given::<Portail>([ouvert(college())]).when(ouvrir(college())).then([]);
    given::<Portail>([ouvert(college())])
        .when(ouvrir(NaturePortail::Region))
        .then_refused(RefusPortail::PortailDejaOuvert);
}

#[test]
fn the_hosts_of_partners_are_theirs_alone() {
    let ouvrir = |hote: &str, nature| {
        let nom = "Portail".to_owned();
        PortailCommand::OuvrirPortail { portail: hote.parse().unwrap(), nature, nom }
    };
    for (hote, nature) in
        [("www", college()), ("www", NaturePortail::Academie), ("isere", NaturePortail::Region)]
    {
        given::<Portail>([]).when(ouvrir(hote, nature)).then_refused(RefusPortail::HoteReserve);
    }
    for partenaire in &super::super::PARTENAIRES {
        let opened = Portail::default().decide(ouvrir(partenaire.hote, partenaire.nature));
        assert!(opened.is_ok(), "{}", partenaire.hote);
    }
}

#[test]
fn a_private_lycee_keeps_its_last_delegation_too() {
    let prive = NaturePortail::LyceePrive { etablissement: EtablissementId::derived(&["lycee"]) };
    given::<Portail>([ouvert(prive), prise("ana", "2026-09-01"), accordee("adm", None)])
        .when(revoquer("adm", "2026-11-23"))
        .then_refused(RefusPortail::DerniereDelegation);
    // Nor by a day on which it had not begun.
    given::<Portail>([ouvert(prive), prise("ana", "2026-09-01"), accordee("adm", None)])
        .when(revoquer("adm", "2026-01-01"))
        .then_refused(RefusPortail::DerniereDelegation);
}

#[test]
fn nobody_directs_a_portal_that_is_not_open() {
    given::<Portail>([]).when(prendre("ana", "2026-09-01")).then_refused(RefusPortail::PortailInexistant);
}

#[test]
fn the_first_directeur_takes_office() {
    given::<Portail>([ouvert(college())])
        .when(prendre("ana", "2026-09-01"))
        .then([prise("ana", "2026-09-01")]);
}

#[test]
fn a_new_directeur_ends_the_present_term_on_the_same_day() {
    given::<Portail>(directed([]))
        .when(prendre("bob", "2027-01-04"))
        .then([terminee("ana", "2027-01-04"), prise("bob", "2027-01-04")]);
}

#[test]
fn who_directs_already_goes_on() {
    given::<Portail>(directed([])).when(prendre("ana", "2027-01-04")).then([]);
}

#[test]
fn no_term_begins_before_the_present_one() {
    given::<Portail>(directed([]))
        .when(prendre("bob", "2026-08-31"))
        .then_refused(RefusPortail::DirectionRetroactive { depuis: day("2026-09-01") });
}

#[test]
fn the_directeur_of_a_day_is_known_for_every_day() {
    let portail = after(directed([terminee("ana", "2027-01-04"), prise("bob", "2027-01-04")]));
    assert_eq!(portail.directeur_au(day("2026-08-31")), None);
    assert_eq!(portail.directeur_au(day("2027-01-03")), Some(personne("ana")));
    assert_eq!(portail.directeur_au(day("2027-01-04")), Some(personne("bob")));
}

fn quitter(au: &str, pages_en_ligne: bool) -> PortailCommand {
    PortailCommand::QuitterDirection { au: day(au), pages_en_ligne }
}

#[test]
fn no_directeur_leaves_without_a_successor_while_a_page_is_online() {
    given::<Portail>(directed([]))
        .when(quitter("2027-01-04", true))
        .then_refused(RefusPortail::DirectionVacante);
    given::<Portail>(directed([])).when(quitter("2027-01-04", false)).then([terminee("ana", "2027-01-04")]);
    given::<Portail>(directed([terminee("ana", "2027-01-04")])).when(quitter("2027-01-04", false)).then([]);
}

#[test]
fn somebody_answers_for_a_page_as_long_as_it_is_online() {
    let refused = |events: Vec<PortailEvent>, command| {
        given::<Portail>(events).when(command).then_refused(RefusPortail::DirectionFinie);
    };
    given::<Portail>(directed([])).when(repondre("ana", None)).then([]);
    refused(directed([]), repondre("bob", None));
    let leaving = || directed([terminee("ana", "2026-11-30")]);
    // In Paris the 30th begins at 23:00 UTC.
    given::<Portail>(leaving()).when(repondre("ana", Some("2026-11-29T23:00:00Z"))).then([]);
    refused(leaving(), repondre("ana", Some("2026-11-29T23:00:01Z")));
    refused(leaving(), repondre("ana", None));
    let followed = |depuis| directed([terminee("ana", "2026-11-30"), prise("bob", depuis)]);
    given::<Portail>(followed("2026-11-30")).when(repondre("ana", None)).then([]);
    refused(followed("2026-12-01"), repondre("ana", None));
}

#[test]
fn nobody_leaves_what_he_does_not_hold() {
    given::<Portail>([ouvert(college())])
        .when(quitter("2027-01-04", false))
        .then_refused(RefusPortail::PortailSansDirecteur);
    given::<Portail>(directed([terminee("ana", "2027-01-04")]))
        .when(quitter("2027-02-01", false))
        .then_refused(RefusPortail::PortailSansDirecteur);
    given::<Portail>(directed([]))
        .when(quitter("2026-09-01", false))
        .then_refused(RefusPortail::PeriodeInvalide);
}

#[test]
fn after_a_vacancy_another_or_the_same_takes_office() {
    let vacant = directed([terminee("ana", "2027-01-04")]);
    for name in ["ana", "bob"] {
        given::<Portail>(vacant.clone()).when(prendre(name, "2027-02-01")).then([prise(name, "2027-02-01")]);
    }
    given::<Portail>(vacant)
        .when(prendre("bob", "2026-12-01"))
        .then([terminee("ana", "2026-12-01"), prise("bob", "2026-12-01")]);
}

#[test]
fn the_directeur_delegates_to_an_account_apart() {
    given::<Portail>(directed([])).when(accorder("adm", None)).then([accordee("adm", None)]);
    given::<Portail>(directed([accordee("adm", None)])).when(accorder("adm", None)).then([]);
}

#[test]
fn a_delegation_entrusts_something() {
    let PortailCommand::AccorderDelegation {
        delegation,
        compte,
        administrateur,
        compte_libre,
        rattache,
        par,
        du,
        au,
        ..
    } = accorder("adm", None)
    else {
        unreachable!("it delegates");
    };
    let asked = |attributions: &[Attribution]| PortailCommand::AccorderDelegation {
        delegation,
        compte,
        compte_libre,
        administrateur,
        rattache,
        par,
        attributions: attributions.iter().copied().collect(),
        du,
        au,
    };
    given::<Portail>(directed([])).when(asked(&[])).then_refused(RefusPortail::AttributionManquante);
    let granted = after(directed([])).decide(asked(&[Attribution::Moderation])).unwrap();
    let [PortailEvent::DelegationAccordee { attributions, .. }] = granted.as_slice() else {
        panic!("{granted:?}");
    };
    assert!(attributions.iter().eq([&Attribution::Moderation]));
}

#[test]
fn one_id_names_one_delegation() {
    given::<Portail>(directed([accordee("adm", None)]))
        .when(accorder("adm", Some("2027-07-01")))
        .then_refused(RefusPortail::DelegationDejaAccordee);
}

#[test]
fn only_the_directeur_in_office_delegates() {
    given::<Portail>([ouvert(college())])
        .when(accorder("adm", None))
        .then_refused(RefusPortail::PasDirecteur);
    given::<Portail>(directed([terminee("ana", "2026-09-01"), prise("bob", "2026-09-01")]))
        .when(accorder("adm", None))
        .then_refused(RefusPortail::PasDirecteur);
}

#[test]
fn the_personal_account_does_not_administer() {
    let personal = PortailCommand::AccorderDelegation {
        delegation: id("adm"),
        compte: CompteId::personnel(personne("adm")),
        compte_libre: true,
        administrateur: personne("adm"),
        rattache: true,
        par: personne("ana"),
        attributions: attributions(),
        du: day("2026-09-01"),
        au: None,
    };
    given::<Portail>(directed([])).when(personal).then_refused(RefusPortail::CompteNonDistinct);
}

#[test]
fn an_account_that_is_somebodys_own_does_not_administer() {
    let PortailCommand::AccorderDelegation {
        delegation,
        compte,
        administrateur,
        rattache,
        par,
        attributions,
        du,
        au,
        ..
    } = accorder("adm", None)
    else {
        unreachable!("it delegates");
    };
    let (compte_libre, taken) = (false, compte);
    let taken = PortailCommand::AccorderDelegation {
        delegation,
        compte: taken,
        compte_libre,
        administrateur,
        rattache,
        par,
        attributions,
        du,
        au,
    };
    given::<Portail>(directed([])).when(taken).then_refused(RefusPortail::CompteNonDistinct);
}

#[test]
fn the_administrateur_belongs_to_the_etablissement() {
    let PortailCommand::AccorderDelegation {
        delegation,
        compte,
        administrateur,
        compte_libre,
        par,
        attributions,
        du,
        au,
        ..
    } = accorder("adm", None)
    else {
        unreachable!("it delegates");
    };
    let stranger = PortailCommand::AccorderDelegation {
        delegation,
        compte,
        compte_libre,
        administrateur,
        rattache: false,
        par,
        attributions,
        du,
        au,
    };
    given::<Portail>(directed([])).when(stranger).then_refused(RefusPortail::AdministrateurExterieur);
}

#[test]
fn one_account_serves_one_delegation_at_a_time() {
    let second = |du| PortailCommand::AccorderDelegation {
        delegation: id("second"),
        compte: CompteId::derived(&["adm"]),
        compte_libre: true,
        administrateur: personne("other"),
        rattache: true,
        par: personne("ana"),
        attributions: attributions(),
        du: day(du),
        au: None,
    };
    let before = directed([accordee("adm", Some("2027-07-01"))]);
    given::<Portail>(before.clone()).when(second("2027-06-30")).then_refused(RefusPortail::CompteDejaDelegue);
    assert!(after(before).decide(second("2027-07-01")).is_ok());
}

#[test]
fn a_delegation_ends_after_it_begins() {
    given::<Portail>(directed([]))
        .when(accorder("adm", Some("2026-09-01")))
        .then_refused(RefusPortail::PeriodeInvalide);
}

#[test]
fn an_etablissement_never_loses_its_last_delegation() {
    given::<Portail>(directed([accordee("adm", None)]))
        .when(revoquer("adm", "2026-11-23"))
        .then_refused(RefusPortail::DerniereDelegation);
}

#[test]
fn a_delegation_is_revoked_once_another_takes_over() {
    let two = directed([accordee("adm", None), accordee("second", None)]);
    given::<Portail>(two.clone()).when(revoquer("adm", "2026-11-23")).then([revoquee("adm", "2026-11-23")]);
    let one_left = two.into_iter().chain([revoquee("adm", "2026-11-23")]);
    given::<Portail>(one_left)
        .when(revoquer("second", "2026-11-24"))
        .then_refused(RefusPortail::DerniereDelegation);
}

#[test]
fn a_delegation_about_to_end_takes_nothing_over() {
    given::<Portail>(directed([accordee("adm", None), accordee("second", Some("2026-12-01"))]))
        .when(revoquer("adm", "2026-11-23"))
        .then_refused(RefusPortail::DerniereDelegation);
}

#[test]
fn a_partner_portal_may_lose_its_last_delegation() {
    given::<Portail>([ouvert(NaturePortail::Region), prise("ana", "2026-09-01"), accordee("adm", None)])
        .when(revoquer("adm", "2026-11-23"))
        .then([revoquee("adm", "2026-11-23")]);
}

#[test]
fn what_is_already_revoked_stays_revoked() {
    let before = [accordee("adm", None), accordee("second", None), revoquee("adm", "2026-11-23")];
    given::<Portail>(directed(before)).when(revoquer("adm", "2026-11-24")).then([]);
}

#[test]
fn a_revocation_says_why_and_which() {
    let mute = PortailCommand::RevoquerDelegation {
        delegation: id("adm"),
        motif: " ".into(),
        le: day("2026-11-23"),
    };
    given::<Portail>(directed([accordee("adm", None)])).when(mute).then_refused(RefusPortail::MotifManquant);
    given::<Portail>(directed([]))
        .when(revoquer("adm", "2026-11-23"))
        .then_refused(RefusPortail::DelegationInexistante);
}

proptest! {
    /// Whatever is asked, from the first term on every day has one directeur.
    #[test]
    fn there_is_one_directeur_every_day(asked in prop::collection::vec((0u8..4, 0u64..60), 1..20)) {
        let start = day("2026-09-01");
        let mut portail = after([ouvert(college())]);
        for (who, offset) in asked {
            let depuis = (start + chrono::Days::new(offset)).to_string();
            if let Ok(events) = portail.decide(prendre(&who.to_string(), &depuis)) {
                events.into_iter().for_each(|event| portail.apply(event));
            }
        }
        let first = portail.mandats.first().map(|mandat| mandat.periode.du).unwrap();
        for date in first.iter_days().take(90) {
            let holding = portail.mandats.iter().filter(|mandat| mandat.periode.holds(date));
            prop_assert_eq!(holding.count(), 1, "{}", date);
        }
    }

    /// Whatever is revoked, an établissement that had an administrator for good keeps one.
    #[test]
    fn an_etablissement_is_always_administered(asked in prop::collection::vec((0usize..4, 0u64..60), 0..20)) {
        let names = ["a", "b", "c", "d"];
        let start = day("2026-09-01");
        let mut portail = after(directed([
            accordee("a", None), accordee("b", None), accordee("c", Some("2026-10-01")), accordee("d", None),
        ]));
        for (who, offset) in asked {
            let le = (start + chrono::Days::new(offset)).to_string();
            if let Ok(events) = portail.decide(revoquer(names[who], &le)) {
                events.into_iter().for_each(|event| portail.apply(event));
            }
        }
        for date in start.iter_days().take(90) {
            prop_assert!(portail.delegations.values().any(|held| held.periode.holds(date)), "{}", date);
        }
    }
}
