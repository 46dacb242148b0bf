use super::*;
use crate::testing::given;

fn personne(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

fn habilite(name: &str) -> Habilite {
    Habilite {
        habilitation: HabilitationId::derived(&[name]),
        compte: CompteId::derived(&[name]),
        personne: personne(name),
    }
}

fn at(time: &str) -> DateTime<Utc> {
    format!("2026-11-23T{time}:00Z").parse().unwrap()
}

fn fiche(perimetre: Perimetre) -> FicheIntervention {
    FicheIntervention {
        portail: "0690001b".parse().unwrap(),
        habilite: habilite("Noé"),
        perimetres: [perimetre].into(),
        motif: "absences en double".to_owned(),
        ticket: "INC-1234".to_owned(),
        minutes: 60,
    }
}

fn demander(fiche: FicheIntervention) -> InterventionCommand {
    InterventionCommand::DemanderIntervention {
        fiche,
        couverte: true,
        directeur: Some(personne("ana")),
        maintenant: at("08:00"),
    }
}

fn contresigner(name: &str) -> InterventionCommand {
    InterventionCommand::ContresignerIntervention {
        par: habilite(name),
        meme_personne: false,
        couverte: true,
        directeur: Some(personne("ana")),
        maintenant: at("08:00"),
    }
}

fn lire(perimetre: Perimetre, time: &str) -> InterventionCommand {
    InterventionCommand::ConsignerLecture {
        compte: CompteId::derived(&["Noé"]),
        perimetre,
        objet: "Eleve 1".to_owned(),
        maintenant: at(time),
    }
}

fn clore() -> InterventionCommand {
    InterventionCommand::CloreIntervention {
        par: personne("Noé"),
        compte_rendu: "Doublons retirés.".to_owned(),
        directeur: Some(personne("ana")),
        maintenant: at("08:30"),
    }
}

fn expirer(time: &str) -> InterventionCommand {
    InterventionCommand::ConstaterExpiration { directeur: Some(personne("ana")), maintenant: at(time) }
}

fn demandee(perimetre: Perimetre) -> InterventionEvent {
    InterventionEvent::InterventionDemandee { fiche: fiche(perimetre) }
}

fn ouverte() -> InterventionEvent {
    InterventionEvent::InterventionOuverte { le: at("08:00"), limite: at("09:00") }
}

fn avise(avis: Avis, time: &str) -> InterventionEvent {
    InterventionEvent::DirecteurAvise { directeur: personne("ana"), avis, le: at(time) }
}

fn lue(perimetre: Perimetre, time: &str) -> InterventionEvent {
    InterventionEvent::LectureConsignee { perimetre, objet: "Eleve 1".to_owned(), le: at(time) }
}

fn open(perimetre: Perimetre) -> Vec<InterventionEvent> {
    vec![demandee(perimetre), ouverte(), avise(Avis::Ouverture, "08:00")]
}

#[test]
fn what_is_not_grave_opens_at_once_and_the_directeur_is_told() {
    given::<Intervention>([]).when(demander(fiche(Perimetre::Annuaire))).then(open(Perimetre::Annuaire));
    given::<Intervention>(open(Perimetre::Annuaire)).when(demander(fiche(Perimetre::Annuaire))).then([]);
}

#[test]
fn the_gravest_waits_for_a_second_person() {
    for grave in [Perimetre::Absences, Perimetre::Notes, Perimetre::CahierDeTextes] {
        given::<Intervention>([]).when(demander(fiche(grave))).then([demandee(grave)]);
        given::<Intervention>([demandee(grave)])
            .when(lire(grave, "08:10"))
            .then_refused(RefusIntervention::InterventionNonOuverte);
        given::<Intervention>([demandee(grave)])
            .when(contresigner("Noé"))
            .then_refused(RefusIntervention::SecondePersonneRequise);
        let signed = InterventionEvent::InterventionContresignee { par: habilite("Zoé") };
        given::<Intervention>([demandee(grave)]).when(contresigner("Zoé")).then([
            signed,
            ouverte(),
            avise(Avis::Ouverture, "08:00"),
        ]);
    }
}

#[test]
fn one_human_being_with_two_fiches_is_no_second_person() {
    let InterventionCommand::ContresignerIntervention { par, couverte, directeur, maintenant, .. } =
        contresigner("Zoé")
    else {
        unreachable!()
    };
    given::<Intervention>([demandee(Perimetre::Notes)])
        .when(InterventionCommand::ContresignerIntervention {
            par,
            meme_personne: true,
            couverte,
            directeur,
            maintenant,
        })
        .then_refused(RefusIntervention::SecondePersonneRequise);
}

#[test]
fn one_human_being_with_two_comptes_is_no_second_person() {
    let two = Habilite { compte: CompteId::derived(&["autre"]), ..habilite("Noé") };
    let command = InterventionCommand::ContresignerIntervention {
        par: two,
        meme_personne: false,
        couverte: true,
        directeur: Some(personne("ana")),
        maintenant: at("08:00"),
    };
    given::<Intervention>([demandee(Perimetre::Notes)])
        .when(command)
        .then_refused(RefusIntervention::SecondePersonneRequise);
}

#[test]
fn what_is_open_or_over_is_not_signed_again() {
    given::<Intervention>(open(Perimetre::Annuaire))
        .when(contresigner("Zoé"))
        .then_refused(RefusIntervention::InterventionDejaOuverte);
    given::<Intervention>([])
        .when(contresigner("Zoé"))
        .then_refused(RefusIntervention::InterventionInexistante);
}

#[test]
fn nobody_intervenes_without_an_habilitation_that_covers_it() {
    let uncovered = InterventionCommand::DemanderIntervention {
        fiche: fiche(Perimetre::Annuaire),
        couverte: false,
        directeur: Some(personne("ana")),
        maintenant: at("08:00"),
    };
    given::<Intervention>([]).when(uncovered).then_refused(RefusIntervention::NonHabilite);
    let uncovered = InterventionCommand::ContresignerIntervention {
        par: habilite("Zoé"),
        meme_personne: false,
        couverte: false,
        directeur: Some(personne("ana")),
        maintenant: at("08:00"),
    };
    given::<Intervention>([demandee(Perimetre::Notes)])
        .when(uncovered)
        .then_refused(RefusIntervention::NonHabilite);
}

#[test]
fn where_nobody_can_be_told_nothing_opens() {
    let untold = InterventionCommand::DemanderIntervention {
        fiche: fiche(Perimetre::Annuaire),
        couverte: true,
        directeur: None,
        maintenant: at("08:00"),
    };
    given::<Intervention>([]).when(untold).then_refused(RefusIntervention::PortailSansDirecteur);
}

#[test]
fn it_says_why_for_which_ticket_in_what_and_for_how_long() {
    let asked = fiche(Perimetre::Annuaire);
    let grave = fiche(Perimetre::Notes);
    for (wrong, refus) in [
        (FicheIntervention { motif: " ".to_owned(), ..asked.clone() }, RefusIntervention::MotifManquant),
        (FicheIntervention { ticket: "a\nb".to_owned(), ..asked.clone() }, RefusIntervention::TicketInvalide),
        (FicheIntervention { perimetres: [].into(), ..asked.clone() }, RefusIntervention::PerimetreVide),
        (FicheIntervention { minutes: 4, ..asked.clone() }, RefusIntervention::DureeInvalide),
        (FicheIntervention { minutes: 481, ..asked }, RefusIntervention::DureeInvalide),
        (FicheIntervention { minutes: 121, ..grave }, RefusIntervention::DureeInvalide),
    ] {
        given::<Intervention>([]).when(demander(wrong)).then_refused(refus);
    }
}

#[test]
fn each_reading_is_a_fact_as_long_as_it_is_open_and_within_what_it_covers() {
    given::<Intervention>(open(Perimetre::Annuaire))
        .when(lire(Perimetre::Annuaire, "08:59"))
        .then([lue(Perimetre::Annuaire, "08:59")]);
    given::<Intervention>(open(Perimetre::Annuaire))
        .when(lire(Perimetre::Notes, "08:59"))
        .then_refused(RefusIntervention::PerimetreNonCouvert);
    given::<Intervention>(open(Perimetre::Annuaire))
        .when(lire(Perimetre::Annuaire, "09:00"))
        .then_refused(RefusIntervention::InterventionNonOuverte);
    let other = InterventionCommand::ConsignerLecture {
        compte: CompteId::derived(&["Zoé"]),
        perimetre: Perimetre::Annuaire,
        objet: "Eleve 1".to_owned(),
        maintenant: at("08:10"),
    };
    given::<Intervention>(open(Perimetre::Annuaire))
        .when(other)
        .then_refused(RefusIntervention::InterventionNonOuverte);
}

#[test]
fn it_is_closed_with_a_report_and_the_directeur_is_told() {
    let close = InterventionEvent::InterventionClose {
        par: personne("Noé"),
        compte_rendu: "Doublons retirés.".to_owned(),
        le: at("08:30"),
    };
    given::<Intervention>(open(Perimetre::Annuaire))
        .when(clore())
        .then([close.clone(), avise(Avis::Cloture, "08:30")]);
    let closed: Vec<_> = open(Perimetre::Annuaire).into_iter().chain([close]).collect();
    given::<Intervention>(closed.clone())
        .when(lire(Perimetre::Annuaire, "08:40"))
        .then_refused(RefusIntervention::InterventionNonOuverte);
    given::<Intervention>(closed).when(clore()).then_refused(RefusIntervention::InterventionNonOuverte);
}

#[test]
fn its_end_is_stated_once_its_time_is_over() {
    given::<Intervention>(open(Perimetre::Annuaire)).when(expirer("08:59")).then([]);
    let expiree = InterventionEvent::InterventionExpiree { limite: at("09:00") };
    given::<Intervention>(open(Perimetre::Annuaire))
        .when(expirer("09:05"))
        .then([expiree.clone(), avise(Avis::Expiration, "09:05")]);
    let over: Vec<_> = open(Perimetre::Annuaire).into_iter().chain([expiree]).collect();
    given::<Intervention>(over).when(expirer("09:10")).then([]);
}
