//! Sentences, as an auditor reads them.

use super::*;
use domain::absences::{
    AppelEvent, DossierAbsenceEvent, Justification, MotifDAbsence, Presence, Recueil, Seance,
    SupportDeJustificatif,
};
use domain::cahier_de_textes::SeanceEvent;
use domain::notes::{Cycle, Domaine, EvaluationEvent, Niveau, Positionnement, Resultat};
use domain::portails::PortailEvent;
use domain::publications::{Audience, Contenu, EspaceEvent, ModeDeModeration, PublicationEvent};
use domain::{DivisionId, EnseignementId, PersonneId, PieceId};

fn zoe() -> PersonneId {
    PersonneId::derived(&["zoe"])
}

fn maths() -> EnseignementId {
    EnseignementId::derived(&["maths"])
}

fn said(event: Event) -> String {
    phrase(&event, &Noms::known([(zoe().0, "Zoé Martin"), (maths().0, "Mathématiques, 6A")]))
}

#[test]
fn an_opened_roll_says_its_seance_and_a_name_that_is_gone_leaves_its_id() {
    let enseignant = PersonneId::derived(&["partie"]);
    let seance = Seance {
        enseignement: maths(),
        auditoire: DivisionId::derived(&["6A"]).into(),
        date: "2026-11-23".parse().unwrap(),
        debut: "09:00:00".parse().unwrap(),
        fin: "10:00:00".parse().unwrap(),
    };
    assert_eq!(
        said(Event::Appel(AppelEvent::AppelOuvert { seance, enseignant })),
        format!(
            "a ouvert l'appel de la séance du 23/11/2026 de 09 h 00 à 10 h 00 (Mathématiques, 6A), tenue \
             par une personne que l'annuaire ne nomme plus ({enseignant})"
        )
    );
}

#[test]
fn files_that_accompany_something_are_all_said_and_so_is_that_there_are_none_left() {
    let documentee = |names: &[&str]| {
        let pieces = names.iter().map(|name| PieceId::derived(&[name])).collect();
        said(Event::Seance(SeanceEvent::SeanceDocumentee { pieces }))
    };
    assert_eq!(documentee(&["cours", "schéma"]), "a fait accompagner la séance de 2 pièces");
    assert_eq!(documentee(&[]), "a retiré les pièces qui accompagnaient la séance");
}

#[test]
fn a_correction_says_what_stood_before_and_why() {
    let corrige = AppelEvent::AppelCorrige {
        eleve: zoe(),
        avant: Presence::Absent,
        apres: Presence::EnRetard { minutes: 10 },
        motif: "arrivée après l'appel".to_owned(),
    };
    assert_eq!(
        said(Event::Appel(corrige)),
        "a corrigé l'appel clos pour l'élève Zoé Martin : « en retard de 10 minutes » au lieu de « absent », \
         au motif « arrivée après l'appel »"
    );
    let corrigee = EvaluationEvent::NoteCorrigee {
        eleve: zoe(),
        avant: Some(Resultat::Note { valeur: "12.5".parse().unwrap() }),
        apres: Resultat::NonRendu { compte_zero: true },
        motif: "erreur".to_owned(),
    };
    assert_eq!(
        said(Event::Evaluation(corrigee)),
        "a corrigé la note publiée de l'élève Zoé Martin : « non rendu, compté zéro » au lieu de « 12,5 », \
         au motif « erreur »"
    );
}

#[test]
fn a_reason_that_was_written_down_for_a_family_says_who_brought_it_and_how() {
    let justified = |recueil| {
        let justification = Justification {
            par: PersonneId::derived(&["mère"]),
            motif: MotifDAbsence::legaux().remove(0),
            texte: None,
            piece: None,
            pieces: vec![],
            recueil,
        };
        let event = DossierAbsenceEvent::AbsenceJustifiee { eleve: zoe(), justification };
        let names = [(zoe().0, "Zoé Martin"), (PersonneId::derived(&["mère"]).0, "Anne Martin")];
        phrase(&Event::DossierAbsence(event), &Noms::known(names))
    };
    let motif = MotifDAbsence::legaux().remove(0).libelle;
    assert_eq!(justified(None), format!("a justifié l'absence de l'élève Zoé Martin, au motif « {motif} »"));
    let recueil = Recueil { support: SupportDeJustificatif::Papier, par: PersonneId::derived(&["CPE"]) };
    assert_eq!(
        justified(Some(recueil)),
        format!(
            "a enregistré le justificatif de l'absence de l'élève Zoé Martin, remis sur papier par \
             Anne Martin, au motif « {motif} »"
        )
    );
}

#[test]
fn a_place_in_the_socle_says_what_stood_before_and_why() {
    let niveau = |number: u8| Niveau::try_from(number).unwrap();
    let (cycle, domaine) = (Cycle::Cycle3, Domaine::MethodesEtOutils);
    let placed = |avant: Option<u8>, motif: Option<&str>| EvaluationEvent::CompetencePositionnee {
        eleve: zoe(),
        positionnement: Positionnement { cycle, domaine, niveau: niveau(3) },
        avant: avant.map(niveau),
        motif: motif.map(Into::into),
    };
    let place = "« Les méthodes et outils pour apprendre », maîtrise satisfaisante";
    assert_eq!(
        said(Event::Evaluation(placed(None, None))),
        format!("a positionné l'élève Zoé Martin par cette évaluation : {place}")
    );
    assert_eq!(
        said(Event::Evaluation(placed(Some(2), Some("copie relue")))),
        format!(
            "a positionné l'élève Zoé Martin par cette évaluation : {place}, au lieu de « maîtrise fragile », \
             au motif « copie relue »"
        )
    );
}

#[test]
fn what_goes_online_says_to_whom_and_who_answers_for_it() {
    let empreinte = Contenu { titre: "Kermesse".into(), corps: "Samedi.".into() }.empreinte();
    let publiee = PublicationEvent::PublicationPubliee {
        version: 2,
        empreinte: empreinte.clone(),
        directeur: zoe(),
        audience: Audience::Public,
        du: "2026-11-23T08:00:00Z".parse().unwrap(),
        au: None,
        mode: ModeDeModeration::APosteriori,
        par: None,
    };
    assert_eq!(
        said(Event::Publication(publiee)),
        format!(
            "a mis en ligne la version 2 (empreinte {empreinte}) pour tous, à partir du 23/11/2026 à \
             09:00:00, dans un espace modéré a posteriori ; Zoé Martin en répond comme directeur de la \
             publication"
        )
    );
}

#[test]
fn a_mode_of_moderation_is_said_with_its_reason_and_its_law() {
    let fixe = EspaceEvent::ModeDeModerationFixe {
        espace: Audience::Portail,
        mode: ModeDeModeration::APosteriori,
        fondement: "loi n° 82-652, art. 93-3".to_owned(),
        motif: "essai d'un trimestre".to_owned(),
        par: zoe(),
        le: "2026-11-23T08:00:00Z".parse().unwrap(),
    };
    assert_eq!(
        said(Event::Espaces(fixe)),
        "a fixé la modération de ce qui paraît pour les membres du portail : a posteriori, à partir du \
         23/11/2026 à 09:00:00, au motif « essai d'un trimestre » (loi n° 82-652, art. 93-3)"
    );
}

#[test]
fn an_office_says_its_first_and_last_day() {
    let terminee = PortailEvent::DirectionTerminee { directeur: zoe(), au: "2027-01-04".parse().unwrap() };
    assert_eq!(
        said(Event::Portail(terminee)),
        "a mis fin à la direction de la publication de Zoé Martin à compter du 04/01/2027"
    );
}
