use super::*;
use crate::testing::given;
use crate::{DivisionId, GroupeId};
use proptest::prelude::*;

fn fiche() -> FicheTravail {
    FicheTravail {
        enseignement: EnseignementId::derived(&["maths"]),
        auditoire: DivisionId::derived(&["6A"]).into(),
        donne_le: "2026-12-01".parse().unwrap(),
        pour_le: "2026-12-04".parse().unwrap(),
        titre: "Exercices 3 à 7".into(),
        consigne: String::new(),
        minutes: 30,
        a_rendre: true,
    }
}

fn auteur() -> PersonneId {
    PersonneId::derived(&["Ada"])
}

fn donner(fiche: FicheTravail) -> TravailCommand {
    TravailCommand::DonnerTravail { fiche, auteur: auteur() }
}

fn donne() -> TravailEvent {
    TravailEvent::TravailDonne { fiche: fiche(), auteur: auteur() }
}

#[test]
fn a_travail_is_given_once_then_changed_and_published() {
    let longer = FicheTravail { minutes: 45, ..fiche() };
    given::<Travail>([]).when(donner(fiche())).then([donne()]);
    given::<Travail>([donne()]).when(donner(fiche())).then([]);
    given::<Travail>([donne()]).when(donner(longer.clone())).then_refused(RefusTravail::TravailDejaDonne);
    given::<Travail>([donne()])
        .when(TravailCommand::ModifierTravail { fiche: longer.clone() })
        .then([TravailEvent::TravailModifie { fiche: longer }]);
    given::<Travail>([donne()]).when(TravailCommand::PublierTravail).then([TravailEvent::TravailPublie {}]);
    given::<Travail>([]).when(TravailCommand::PublierTravail).then_refused(RefusTravail::TravailInconnu);
}

#[test]
fn what_is_taken_back_is_no_longer_changed() {
    let annule = TravailEvent::TravailAnnule {};
    given::<Travail>([donne()]).when(TravailCommand::AnnulerTravail).then([annule.clone()]);
    given::<Travail>([donne(), annule.clone()]).when(TravailCommand::AnnulerTravail).then([]);
    given::<Travail>([donne(), annule])
        .when(TravailCommand::ModifierTravail { fiche: fiche() })
        .then_refused(RefusTravail::TravailAnnule);
}

#[test]
fn files_accompany_a_travail_until_it_is_taken_back() {
    let pieces = |names: &[&str]| names.iter().map(|name| PieceId::derived(&[name])).collect::<Vec<_>>();
    let documenter = |names: &[&str]| TravailCommand::DocumenterTravail { pieces: pieces(names) };
    let documente = |names: &[&str]| TravailEvent::TravailDocumente { pieces: pieces(names) };
    given::<Travail>([]).when(documenter(&["a"])).then_refused(RefusTravail::TravailInconnu);
    given::<Travail>([donne()]).when(documenter(&["a", "a"])).then([documente(&["a"])]);
    given::<Travail>([donne(), documente(&["a"])]).when(documenter(&["a"])).then([]);
    let many = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    given::<Travail>([donne()]).when(documenter(&many)).then_refused(RefusTravail::NombreDePieces);
    given::<Travail>([donne(), TravailEvent::TravailAnnule {}])
        .when(documenter(&["a"]))
        .then_refused(RefusTravail::TravailAnnule);
}

#[test]
fn a_travail_stays_in_its_enseignement() {
    let elsewhere = FicheTravail { enseignement: EnseignementId::derived(&["latin"]), ..fiche() };
    given::<Travail>([donne()])
        .when(TravailCommand::ModifierTravail { fiche: elsewhere })
        .then_refused(RefusTravail::TravailDAilleurs);
}

#[test]
fn a_travail_has_a_day_a_duration_and_a_title() {
    for (wrong, refus) in [
        (FicheTravail { pour_le: fiche().donne_le, ..fiche() }, RefusTravail::EcheanceInvalide),
        (FicheTravail { pour_le: "2028-01-01".parse().unwrap(), ..fiche() }, RefusTravail::EcheanceInvalide),
        (FicheTravail { minutes: 0, ..fiche() }, RefusTravail::DureeInvalide),
        (FicheTravail { minutes: 601, ..fiche() }, RefusTravail::DureeInvalide),
        (
            FicheTravail { titre: " ".into(), ..fiche() },
            RefusTravail::TexteDeTravailInvalide { champ: "titre" },
        ),
    ] {
        given::<Travail>([]).when(donner(wrong)).then_refused(refus);
    }
}

proptest! {
    #[test]
    fn whatever_is_given_fits_a_week_of_school(minutes: u16, days in -400i64..800, titre in "\\PC{0,210}") {
        let pour_le = fiche().donne_le + chrono::TimeDelta::days(days);
        let asked = donner(FicheTravail { minutes, pour_le, titre, ..fiche() });
        if let Ok(events) = Travail::default().decide(asked) {
            let [TravailEvent::TravailDonne { fiche, .. }] = &events[..] else { panic!("{events:?}") };
            prop_assert!(fiche.donne_le < fiche.pour_le && (1..=600).contains(&fiche.minutes));
            prop_assert!(!fiche.titre.is_empty());
        }
    }
}

#[test]
fn a_travail_of_a_groupe_stays_its_own() {
    let latin = FicheTravail { auditoire: GroupeId::derived(&["6LAT"]).into(), ..fiche() };
    let given_to_it = TravailEvent::TravailDonne { fiche: latin.clone(), auteur: auteur() };
    given::<Travail>([]).when(donner(latin)).then([given_to_it.clone()]);
    given::<Travail>([given_to_it])
        .when(TravailCommand::ModifierTravail { fiche: fiche() })
        .then_refused(RefusTravail::TravailDAilleurs);
}
