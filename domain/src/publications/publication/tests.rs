use super::*;
use crate::DomainEvent;
use crate::testing::given;
use serde_json::json;

fn personne(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn portail() -> PortailId {
    "0690001b".parse().unwrap()
}

fn contenu(corps: &str) -> Contenu {
    Contenu { titre: "Portes ouvertes".into(), corps: corps.into() }
}

fn rediger(corps: &str) -> PublicationCommand {
    PublicationCommand::RedigerActualite {
        portail: portail(),
        auteur: personne("plume"),
        contenu: contenu(corps),
    }
}

fn redigee() -> PublicationEvent {
    PublicationEvent::ActualiteRedigee {
        portail: portail(),
        auteur: personne("plume"),
        version: 1,
        contenu: contenu("Samedi."),
    }
}

fn modifier(corps: &str) -> PublicationCommand {
    PublicationCommand::ModifierPublication { auteur: personne("relecteur"), contenu: contenu(corps) }
}

fn modifiee(version: u32, corps: &str) -> PublicationEvent {
    PublicationEvent::PublicationModifiee { auteur: personne("relecteur"), version, contenu: contenu(corps) }
}

fn soumise(version: u32) -> PublicationEvent {
    PublicationEvent::PublicationSoumise { version }
}

fn parution(version: u32) -> Parution {
    Parution {
        version,
        directeur: Some(personne("ana")),
        audience: Audience::Public,
        mode: ModeDeModeration::APriori,
        par: personne("ana"),
        premiere: false,
        du: at("2026-11-23T08:00:00Z"),
        au: None,
        maintenant: at("2026-11-23T08:00:00Z"),
    }
}

fn publier(version: u32) -> PublicationCommand {
    PublicationCommand::PublierPublication(parution(version))
}

fn publiee(version: u32, corps: &str) -> PublicationEvent {
    PublicationEvent::PublicationPubliee {
        version,
        empreinte: contenu(corps).empreinte(),
        directeur: personne("ana"),
        audience: Audience::Public,
        du: at("2026-11-23T08:00:00Z"),
        au: None,
        mode: ModeDeModeration::APriori,
        par: Some(personne("ana")),
    }
}

fn retirer(motif: &str) -> PublicationCommand {
    PublicationCommand::RetirerPublication { par: personne("ana"), motif: motif.into() }
}

fn retiree() -> PublicationEvent {
    PublicationEvent::PublicationRetiree { par: personne("ana"), motif: "erreur".into() }
}

fn masquer(motif: &str) -> PublicationCommand {
    PublicationCommand::MasquerPublication { par: personne("mod"), motif: motif.into() }
}

fn masquee() -> PublicationEvent {
    PublicationEvent::PublicationMasquee { par: personne("mod"), motif: "signalement".into() }
}

fn lever() -> PublicationCommand {
    PublicationCommand::LeverMasquage { par: personne("mod"), motif: "infondé".into() }
}

fn demasquee() -> PublicationEvent {
    PublicationEvent::PublicationDemasquee { par: personne("mod"), motif: "infondé".into() }
}

fn after(events: impl IntoIterator<Item = PublicationEvent>) -> Publication {
    let mut publication = Publication::default();
    events.into_iter().for_each(|event| publication.apply(event));
    publication
}

#[test]
fn an_actualite_is_written_once() {
    given::<Publication>([]).when(rediger("Samedi.")).then([redigee()]);
    given::<Publication>([redigee()])
        .when(rediger("Samedi."))
        .then_refused(RefusPublication::PublicationDejaRedigee);
}

#[test]
fn a_content_that_cannot_be_kept_is_refused_with_its_field() {
    given::<Publication>([]).when(rediger(" ")).then_refused(RefusPublication::CorpsInvalide);
    let untitled = Contenu { titre: "a\nb".into(), ..contenu("c") };
    given::<Publication>([redigee()])
        .when(PublicationCommand::ModifierPublication { auteur: personne("plume"), contenu: untitled })
        .then_refused(RefusPublication::TitreInvalide);
}

#[test]
fn each_change_is_a_new_version() {
    given::<Publication>([redigee()]).when(modifier("Dimanche.")).then([modifiee(2, "Dimanche.")]);
    given::<Publication>([redigee(), modifiee(2, "Dimanche.")]).when(modifier("Dimanche.")).then([]);
}

#[test]
fn a_draft_is_submitted_once_per_version() {
    let soumettre = || PublicationCommand::SoumettrePublication;
    given::<Publication>([redigee()]).when(soumettre()).then([soumise(1)]);
    given::<Publication>([redigee(), soumise(1)]).when(soumettre()).then([]);
    given::<Publication>([redigee(), soumise(1), modifiee(2, "Dimanche.")])
        .when(soumettre())
        .then([soumise(2)]);
}

#[test]
fn a_publication_names_its_directeur_and_its_exact_content() {
    given::<Publication>([redigee(), soumise(1)]).when(publier(1)).then([publiee(1, "Samedi.")]);
}

#[test]
fn nothing_is_published_without_a_directeur() {
    for mode in [ModeDeModeration::APriori, ModeDeModeration::APosteriori] {
        let orphan = Parution { directeur: None, mode, ..parution(1) };
        given::<Publication>([redigee()])
            .when(PublicationCommand::PublierPublication(orphan))
            .then_refused(RefusPublication::PortailSansDirecteur);
    }
}

#[test]
fn nothing_was_online_before_it_was_published() {
    let backdated = Parution { du: at("2026-01-01T00:00:00Z"), ..parution(1) };
    let backdated = PublicationCommand::PublierPublication(backdated);
    given::<Publication>([redigee()]).when(backdated).then([publiee(1, "Samedi.")]);
}

#[test]
fn a_publication_ends_after_it_begins() {
    let (du, au) = (at("2026-01-01T00:00:00Z"), Some(at("2026-02-01T00:00:00Z")));
    let ended = PublicationCommand::PublierPublication(Parution { du, au, ..parution(1) });
    given::<Publication>([redigee()]).when(ended).then_refused(RefusPublication::PeriodeInvalide);
}

#[test]
fn what_goes_online_names_the_mode_it_was_under_and_who_did_it() {
    let (mode, par) = (ModeDeModeration::APosteriori, personne("plume"));
    let parution = Parution { mode, par, audience: Audience::Portail, ..parution(1) };
    let expected = PublicationEvent::PublicationPubliee {
        version: 1,
        empreinte: contenu("Samedi.").empreinte(),
        directeur: personne("ana"),
        audience: Audience::Portail,
        du: at("2026-11-23T08:00:00Z"),
        au: None,
        mode,
        par: Some(par),
    };
    given::<Publication>([redigee()]).when(PublicationCommand::PublierPublication(parution)).then([expected]);
}

#[test]
fn who_may_put_online_a_first_time_replaces_nothing_that_the_directeur_has_put_there_since() {
    let mode = ModeDeModeration::APosteriori;
    let by_its_author = |version| {
        let parution = Parution { mode, par: personne("plume"), premiere: true, ..parution(version) };
        PublicationCommand::PublierPublication(parution)
    };
    let told = [redigee(), publiee(1, "Samedi."), modifiee(2, "Dimanche.")];
    given::<Publication>(told.clone()).when(by_its_author(2)).then_refused(RefusPublication::VersionPerimee);
    given::<Publication>(told).when(publier(2)).then([publiee(2, "Dimanche.")]);
}

/// As they were stored before the mode was a setting.
#[test]
fn what_went_online_first_was_read_by_the_directeur_before() {
    let PublicationEvent::PublicationPubliee { empreinte, directeur, .. } = publiee(1, "Samedi.") else {
        panic!("it is another one")
    };
    let name = "publications.publication.publiee";
    let stored = json!({ "type": name, "data": {
        "version": 1, "empreinte": empreinte, "directeur": directeur, "audience": "public",
        "du": "2026-11-23T08:00:00Z", "au": null } });
    let PublicationEvent::PublicationPubliee { mode, par, version, .. } =
        PublicationEvent::decode(name, 1, stored).unwrap()
    else {
        panic!("it is read as another one")
    };
    assert_eq!((version, mode, par), (1, ModeDeModeration::APriori, None));
}

#[test]
fn a_version_is_published_once() {
    let online = || [redigee(), publiee(1, "Samedi.")];
    given::<Publication>(online()).when(publier(1)).then_refused(RefusPublication::PublicationDejaPubliee);
    given::<Publication>(online())
        .when(PublicationCommand::SoumettrePublication)
        .then_refused(RefusPublication::PublicationDejaPubliee);
}

#[test]
fn the_directeur_answers_for_the_version_that_he_read() {
    let rewritten = || [redigee(), soumise(1), modifiee(2, "Dimanche.")];
    for version in [0, 1, 3] {
        given::<Publication>(rewritten())
            .when(publier(version))
            .then_refused(RefusPublication::VersionPerimee);
    }
    given::<Publication>(rewritten()).when(publier(2)).then([publiee(2, "Dimanche.")]);
}

#[test]
fn writing_changes_nothing_online_until_it_is_published() {
    let before = [redigee(), publiee(1, "Samedi."), modifiee(2, "Dimanche.")];
    let online = after(before.clone());
    assert_eq!(online.diffusion().map(|diffusion| diffusion.version), Some(1));
    assert_eq!(online.diffusion().map(|diffusion| diffusion.auteur), Some(personne("plume")));
    given::<Publication>(before.clone()).when(publier(2)).then([publiee(2, "Dimanche.")]);
    let online = after(before.into_iter().chain([publiee(2, "Dimanche.")]));
    assert_eq!(online.diffusion().map(|diffusion| diffusion.auteur), Some(personne("relecteur")));
}

#[test]
fn what_is_withdrawn_is_withdrawn_for_good() {
    given::<Publication>([redigee(), publiee(1, "Samedi.")]).when(retirer("erreur")).then([retiree()]);
    let withdrawn = || [redigee(), publiee(1, "Samedi."), retiree()];
    assert_eq!(after(withdrawn()).diffusion(), None);
    let commands = [modifier("x"), publier(1), retirer("erreur"), masquer("signalement"), lever()];
    for command in commands {
        given::<Publication>(withdrawn()).when(command).then_refused(RefusPublication::PublicationRetiree);
    }
}

#[test]
fn a_publication_is_hidden_and_shown_again() {
    let online = [redigee(), publiee(1, "Samedi.")];
    given::<Publication>(online.clone()).when(masquer("signalement")).then([masquee()]);
    given::<Publication>(online.clone()).when(lever()).then([]);
    let hidden = || online.clone().into_iter().chain([masquee()]);
    given::<Publication>(hidden()).when(masquer("signalement")).then([]);
    given::<Publication>(hidden()).when(lever()).then([demasquee()]);
}

#[test]
fn a_draft_is_not_hidden() {
    given::<Publication>([redigee()])
        .when(masquer("signalement"))
        .then_refused(RefusPublication::PublicationNonPubliee);
}

#[test]
fn taking_something_away_needs_a_reason() {
    for command in [retirer(" "), masquer(&"x".repeat(501))] {
        given::<Publication>([redigee(), publiee(1, "Samedi.")])
            .when(command)
            .then_refused(RefusPublication::MotifManquant);
    }
}

fn appliquer(decision: Decision) -> PublicationCommand {
    let signalement = SignalementId::derived(&["s"]);
    PublicationCommand::AppliquerDecision { par: personne("mod"), decision, signalement }
}

#[test]
fn a_decision_does_what_it_says_and_names_its_notice() {
    let online = || [redigee(), publiee(1, "Samedi.")];
    let signalement = SignalementId::derived(&["s"]);
    let motif = format!("Décision rendue sur le signalement {signalement}.");
    let par = personne("mod");
    given::<Publication>(online())
        .when(appliquer(Decision::Retrait))
        .then([PublicationEvent::PublicationRetiree { par, motif: motif.clone() }]);
    given::<Publication>(online())
        .when(appliquer(Decision::Masquage))
        .then([PublicationEvent::PublicationMasquee { par, motif }]);
    given::<Publication>(online()).when(appliquer(Decision::Maintien)).then([]);
}

#[test]
fn a_decision_takes_nothing_from_what_is_withdrawn_already() {
    for decision in [Decision::Maintien, Decision::Retrait, Decision::Masquage] {
        given::<Publication>([redigee(), publiee(1, "Samedi."), retiree()])
            .when(appliquer(decision))
            .then([]);
    }
}

#[test]
fn what_one_notice_hid_another_does_not_show() {
    given::<Publication>([redigee(), publiee(1, "Samedi."), masquee()])
        .when(appliquer(Decision::Maintien))
        .then([]);
}

#[test]
fn nothing_happens_to_what_was_never_written() {
    let commands = [modifier("x"), publier(1), retirer("erreur"), masquer("signalement"), lever()];
    for command in commands {
        given::<Publication>([]).when(command).then_refused(RefusPublication::PublicationInexistante);
    }
}
