use super::*;
use crate::testing::given;

fn personne(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn scolarite() -> Scolarite {
    Scolarite { eleve: personne("élève"), etablissement: EtablissementId::derived(&["collège"]) }
}

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

fn creneau(debut: &str, fin: &str) -> Creneau {
    Creneau { debut: at(debut), fin: at(fin) }
}

fn matin() -> Creneau {
    creneau("2026-11-23 08:00", "2026-11-23 11:50")
}

fn constatee(creneaux: Vec<Creneau>) -> DossierAbsenceEvent {
    let Scolarite { eleve, etablissement } = scolarite();
    DossierAbsenceEvent::AbsenceConstatee { eleve, etablissement, creneaux, origine: OrigineDAbsence::Appels }
}

fn constater(creneaux: Vec<Creneau>) -> DossierAbsenceCommand {
    let origine = OrigineDAbsence::Appels;
    DossierAbsenceCommand::ConstaterAbsence { scolarite: scolarite(), creneaux, origine }
}

fn maladie() -> MotifDAbsence {
    MotifDAbsence::legaux().remove(0)
}

fn justification() -> Justification {
    let piece = Piece {
        empreinte: "ab".repeat(32),
        nom: "certificat.pdf".into(),
        nature: NatureDePiece::Pdf,
        octets: 1024,
    };
    Justification {
        par: personne("mère"),
        motif: maladie(),
        texte: Some("Fièvre".into()),
        piece: Some(piece),
        pieces: vec![],
        recueil: None,
    }
}

fn justifier(justification: Justification) -> DossierAbsenceCommand {
    DossierAbsenceCommand::JustifierAbsence { justification }
}

fn justifiee() -> DossierAbsenceEvent {
    DossierAbsenceEvent::AbsenceJustifiee { eleve: personne("élève"), justification: justification() }
}

fn decision(recevable: bool, motif: Option<MotifDAbsence>, raison: Option<&str>) -> Decision {
    Decision { recevable, motif, raison: raison.map(str::to_owned), par: personne("CPE") }
}

fn regler(decision: Decision) -> DossierAbsenceCommand {
    DossierAbsenceCommand::ReglerAbsence { decision, le: "2026-11-24".parse().unwrap() }
}

fn reglee(decision: Decision) -> DossierAbsenceEvent {
    let le = "2026-11-24".parse().unwrap();
    DossierAbsenceEvent::AbsenceReglee { eleve: personne("élève"), decision, le }
}

fn annoncer(creneau: Creneau) -> DossierAbsenceCommand {
    DossierAbsenceCommand::AnnoncerAbsence {
        scolarite: scolarite(),
        creneau,
        justification: justification(),
        maintenant: at("2026-11-20 18:00"),
    }
}

#[test]
fn rolls_state_an_absence_once() {
    given::<DossierAbsence>([]).when(constater(vec![matin(), matin()])).then([constatee(vec![matin()])]);
    given::<DossierAbsence>([constatee(vec![matin()])]).when(constater(vec![matin()])).then([]);
    given::<DossierAbsence>([]).when(constater(vec![])).then([]);
}

#[test]
fn a_corrected_roll_withdraws_what_it_showed() {
    given::<DossierAbsence>([constatee(vec![matin()])]).when(constater(vec![])).then([constatee(vec![])]);
    let withdrawn = || [constatee(vec![matin()]), constatee(vec![])];
    given::<DossierAbsence>(withdrawn())
        .when(justifier(justification()))
        .then_refused(RefusDossierAbsence::AbsenceRetiree);
}

#[test]
fn what_has_changed_is_to_be_settled_again() {
    let longer = creneau("2026-11-23 08:00", "2026-11-23 17:00");
    let settled = decision(true, Some(maladie()), None);
    let events = [constatee(vec![matin()]), reglee(settled.clone()), constatee(vec![longer])];
    given::<DossierAbsence>(events).when(regler(settled.clone())).then([reglee(settled)]);
}

#[test]
fn a_span_goes_forwards_and_a_file_is_of_one_pupil() {
    let backwards = creneau("2026-11-23 11:50", "2026-11-23 08:00");
    given::<DossierAbsence>([])
        .when(constater(vec![backwards]))
        .then_refused(RefusDossierAbsence::CreneauInvalide);
    let other = Scolarite { eleve: personne("autre"), ..scolarite() };
    let origine = OrigineDAbsence::Saisie;
    given::<DossierAbsence>([constatee(vec![matin()])])
        .when(DossierAbsenceCommand::ConstaterAbsence { scolarite: other, creneaux: vec![matin()], origine })
        .then_refused(RefusDossierAbsence::DossierAbsenceDejaOuvert);
}

#[test]
fn a_family_announces_what_is_to_come_and_not_what_has_begun() {
    let Scolarite { eleve, etablissement } = scolarite();
    let announced = DossierAbsenceEvent::AbsenceAnnoncee {
        eleve,
        etablissement,
        creneau: matin(),
        justification: justification(),
    };
    given::<DossierAbsence>([]).when(annoncer(matin())).then([announced.clone()]);
    given::<DossierAbsence>([announced])
        .when(annoncer(matin()))
        .then_refused(RefusDossierAbsence::DossierAbsenceDejaOuvert);
    given::<DossierAbsence>([])
        .when(annoncer(creneau("2026-11-20 18:00", "2026-11-21 18:00")))
        .then_refused(RefusDossierAbsence::AbsencePassee);
}

#[test]
fn a_contact_with_the_family_is_on_the_file() {
    let le = "2026-11-23T09:00:00Z".parse().unwrap();
    let (moyen, par) = (MoyenDeContact::Telephone, personne("CPE"));
    let contact = |resume: &str| DossierAbsenceCommand::ContacterFamille {
        moyen,
        resume: Some(resume.into()),
        par,
        le,
    };
    let resume = Some("Message laissé".to_owned());
    given::<DossierAbsence>([constatee(vec![matin()])])
        .when(contact(" Message laissé"))
        .then([DossierAbsenceEvent::FamilleContactee { eleve: personne("élève"), moyen, resume, par, le }]);
    given::<DossierAbsence>([])
        .when(contact("x"))
        .then_refused(RefusDossierAbsence::DossierAbsenceInexistant);
}

#[test]
fn a_family_says_why_until_it_is_settled() {
    given::<DossierAbsence>([constatee(vec![matin()])]).when(justifier(justification())).then([justifiee()]);
    given::<DossierAbsence>([constatee(vec![matin()]), reglee(decision(true, Some(maladie()), None))])
        .when(justifier(justification()))
        .then_refused(RefusDossierAbsence::AbsenceDejaReglee);
}

#[test]
fn the_vie_scolaire_writes_down_what_a_family_brings_on_paper_even_once_it_is_settled() {
    let recueil = Recueil { support: SupportDeJustificatif::Papier, par: personne("CPE") };
    let said = || Justification { recueil: Some(recueil), ..justification() };
    let recueillir =
        |en_repond| DossierAbsenceCommand::RecueillirJustificatif { justification: said(), en_repond };
    let recueilli =
        DossierAbsenceEvent::AbsenceJustifiee { eleve: personne("élève"), justification: said() };
    let refused = decision(false, Some(maladie()), Some("Aucun mot"));
    let settled = || [constatee(vec![matin()]), reglee(refused.clone())];
    given::<DossierAbsence>(settled()).when(recueillir(true)).then([recueilli.clone()]);
    given::<DossierAbsence>(settled())
        .when(recueillir(false))
        .then_refused(RefusDossierAbsence::JustificatifDUnTiers);
    given::<DossierAbsence>([])
        .when(recueillir(true))
        .then_refused(RefusDossierAbsence::DossierAbsenceInexistant);
    given::<DossierAbsence>(settled().into_iter().chain([recueilli]))
        .when(regler(refused.clone()))
        .then([reglee(refused.clone())]);
}

#[test]
fn a_document_is_named_by_its_digest_and_has_a_size() {
    let with = |change: fn(&mut Piece)| {
        let mut justification = justification();
        justification.piece.as_mut().into_iter().for_each(change);
        justifier(justification)
    };
    let wrong: [fn(&mut Piece); 5] = [
        |piece| piece.empreinte = "AB".repeat(32),
        |piece| piece.empreinte.truncate(63),
        |piece| piece.nom = " ".into(),
        |piece| piece.octets = 0,
        |piece| piece.octets = PIECE_MAX + 1,
    ];
    for change in wrong {
        given::<DossierAbsence>([constatee(vec![matin()])])
            .when(with(change))
            .then_refused(RefusDossierAbsence::PieceInvalide);
    }
}

#[test]
fn files_are_behind_a_reason_and_a_reason_of_before_them_reads_as_it_was() {
    let pieces = |count: u8| (0..count).map(|n| PieceId::derived(&[&n.to_string()])).collect();
    let with = |count| Justification { pieces: pieces(count), ..justification() };
    let eleve = personne("élève");
    given::<DossierAbsence>([constatee(vec![matin()])])
        .when(justifier(with(10)))
        .then([DossierAbsenceEvent::AbsenceJustifiee { eleve, justification: with(10) }]);
    given::<DossierAbsence>([constatee(vec![matin()])])
        .when(justifier(with(11)))
        .then_refused(RefusDossierAbsence::NombreDePieces);
    let stored = serde_json::to_value(justification()).unwrap();
    assert_eq!((stored.get("pieces"), stored.get("recueil")), (None, None));
    assert_eq!(serde_json::from_value::<Justification>(stored).unwrap(), justification());
}

#[test]
fn the_vie_scolaire_settles_under_the_familys_motive_or_another() {
    let kept = decision(true, Some(maladie()), None);
    given::<DossierAbsence>([constatee(vec![matin()]), justifiee()])
        .when(regler(decision(true, None, None)))
        .then([reglee(kept.clone())]);
    given::<DossierAbsence>([constatee(vec![matin()]), justifiee(), reglee(kept.clone())])
        .when(regler(kept))
        .then([]);
}

#[test]
fn a_reason_that_is_not_accepted_is_answered() {
    let justified = || [constatee(vec![matin()]), justifiee()];
    for raison in [None, Some("  ")] {
        given::<DossierAbsence>(justified())
            .when(regler(decision(false, None, raison)))
            .then_refused(RefusDossierAbsence::RaisonManquante);
    }
    given::<DossierAbsence>(justified())
        .when(regler(decision(false, None, Some("Motif inexact"))))
        .then([reglee(decision(false, Some(maladie()), Some("Motif inexact")))]);
    given::<DossierAbsence>([constatee(vec![matin()])])
        .when(regler(decision(true, None, None)))
        .then_refused(RefusDossierAbsence::MotifNonRetenu);
}
