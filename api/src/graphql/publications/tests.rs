use super::*;
use chrono::TimeDelta;
use domain::PersonneId;

const AUTEUR: Uuid = Uuid::from_u128(1);
const DIRECTEUR: Uuid = Uuid::from_u128(2);

fn noon() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn draft() -> views::Publication {
    views::Publication {
        id: Uuid::from_u128(9),
        portail: "0690001b".to_owned(),
        auteur: AUTEUR,
        version: 1,
        titre: "Kermesse".to_owned(),
        corps: "Samedi.".to_owned(),
        soumise: false,
        paru_version: None,
        paru_titre: None,
        paru_corps: None,
        paru_empreinte: None,
        paru_auteur: None,
        directeur: None,
        audience: None,
        du: None,
        au: None,
        masquee: false,
        retiree: false,
        redigee_le: noon(),
    }
}

/// Online for an hour, and the directeur has written a further version.
fn rectified() -> views::Publication {
    views::Publication {
        auteur: DIRECTEUR,
        version: 2,
        corps: "Dimanche.".to_owned(),
        paru_version: Some(1),
        paru_titre: Some("Kermesse".to_owned()),
        paru_corps: Some("Samedi.".to_owned()),
        paru_auteur: Some(AUTEUR),
        audience: Some("public".to_owned()),
        du: Some(noon()),
        au: Some(noon() + TimeDelta::hours(1)),
        ..draft()
    }
}

/// Reads as who may read only what this person wrote.
fn read_by_author(row: views::Publication, reader: Uuid) -> Option<Publication> {
    let wrote = |resource: &Resource| matches!(resource, Resource::Publication { auteur, .. } if *auteur == PersonneId(reader));
    Publication::read(row, None, noon(), wrote)
}

#[test]
fn the_state_says_what_keeps_a_publication_from_its_readers() {
    let of = |row: &views::Publication, minutes| etat(row, noon() + TimeDelta::minutes(minutes));
    assert_eq!(of(&draft(), 0), EtatDePublication::Brouillon);
    assert_eq!(of(&views::Publication { soumise: true, ..draft() }, 0), EtatDePublication::Soumise);
    assert_eq!(of(&rectified(), -1), EtatDePublication::Programmee);
    assert_eq!(of(&rectified(), 0), EtatDePublication::EnLigne);
    assert_eq!(of(&rectified(), 60), EtatDePublication::Expiree);
    assert_eq!(of(&views::Publication { soumise: true, ..rectified() }, 0), EtatDePublication::EnLigne);
    assert_eq!(of(&views::Publication { masquee: true, ..rectified() }, 0), EtatDePublication::Masquee);
    assert_eq!(of(&views::Publication { retiree: true, ..draft() }, 0), EtatDePublication::Retiree);
}

#[test]
fn a_reader_sees_what_is_online_and_not_what_is_being_written() {
    let online = |resource: &Resource| matches!(resource, Resource::Publication { en_ligne: true, .. });
    let seen = Publication::read(rectified(), None, noon(), online).unwrap();
    assert_eq!((seen.lue.numero, seen.lue.contenu.corps.as_str()), (1, "Samedi."));
    assert!(!seen.redige);
    assert!(Publication::read(draft(), None, noon(), online).is_none());
}

#[test]
fn a_draft_is_its_authors() {
    let seen = read_by_author(draft(), AUTEUR).unwrap();
    assert_eq!(seen.lue.numero, 1);
    assert!(seen.redige);
    assert!(read_by_author(draft(), DIRECTEUR).is_none());
}

#[test]
fn who_wrote_what_is_online_does_not_read_what_another_has_written_since() {
    let seen = read_by_author(rectified(), AUTEUR).unwrap();
    assert_eq!(seen.lue.contenu.corps, "Samedi.");
    assert!(!seen.redige);
}
