use super::*;
use crate::testing::given;

fn zoe() -> PersonneId {
    PersonneId::derived(&["Zoé"])
}

fn at(minute: i64) -> DateTime<Utc> {
    "2026-11-23T07:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
}

fn fournisseur() -> FournisseurId {
    "educonnect".parse().unwrap()
}

fn echec(minute: i64) -> CompteEvent {
    let (motif, adresse) = (MotifDEchec::CompteSuspendu, "192.0.2.7".parse().ok());
    CompteEvent::EchecInscrit { fournisseur: fournisseur(), motif, adresse, le: at(minute) }
}

fn inscrire(minute: i64) -> CompteCommand {
    let (motif, adresse) = (MotifDEchec::CompteSuspendu, "192.0.2.7".parse().ok());
    CompteCommand::InscrireEchec {
        personne: zoe(),
        fournisseur: fournisseur(),
        motif,
        adresse,
        le: at(minute),
    }
}

fn verrouille(minute: i64, jusque: Option<i64>) -> CompteEvent {
    let motif = if jusque.is_some() { APRES_ECHECS } else { "compte volé" };
    CompteEvent::CompteVerrouille {
        personne: zoe(),
        motif: motif.to_owned(),
        le: at(minute),
        jusque: jusque.map(at),
    }
}

fn verrouiller(motif: &str) -> CompteCommand {
    CompteCommand::VerrouillerCompte { personne: zoe(), motif: motif.to_owned(), le: at(0) }
}

fn deverrouiller(minute: i64) -> CompteCommand {
    CompteCommand::DeverrouillerCompte { motif: "identité vérifiée".to_owned(), le: at(minute) }
}

fn deverrouille(minute: i64) -> CompteEvent {
    CompteEvent::CompteDeverrouille {
        personne: zoe(), motif: "identité vérifiée".to_owned(), le: at(minute)
    }
}

#[test]
fn a_refused_sign_in_is_recorded() {
    given::<Compte>([]).when(inscrire(0)).then([echec(0)]);
}

#[test]
fn the_fifth_failure_within_a_quarter_of_an_hour_locks_the_compte_for_as_long() {
    given::<Compte>((0..4).map(echec)).when(inscrire(4)).then([echec(4), verrouille(4, Some(19))]);
}

#[test]
fn failures_that_lie_apart_do_not_add_up() {
    given::<Compte>((0..4).map(echec)).when(inscrire(15)).then([echec(15)]);
}

#[test]
fn a_failure_while_locked_is_recorded_and_does_not_make_the_lock_longer() {
    let locked = (0..5).map(echec).chain([verrouille(4, Some(19))]);
    given::<Compte>(locked).when(inscrire(6)).then([echec(6)]);
}

#[test]
fn a_stolen_compte_is_locked_until_somebody_unlocks_it() {
    given::<Compte>([]).when(verrouiller("compte volé")).then([verrouille(0, None)]);
    given::<Compte>([verrouille(0, None)]).when(verrouiller("compte volé")).then([]);
    given::<Compte>([]).when(verrouiller(" ")).then_refused(RefusCompte::MotifManquant);
    given::<Compte>([verrouille(0, None)]).when(deverrouiller(100_000)).then([deverrouille(100_000)]);
}

#[test]
fn a_lock_that_has_run_out_needs_no_unlocking() {
    given::<Compte>([verrouille(0, Some(15))]).when(deverrouiller(14)).then([deverrouille(14)]);
    given::<Compte>([verrouille(0, Some(15))])
        .when(deverrouiller(15))
        .then_refused(RefusCompte::CompteNonVerrouille);
}

#[test]
fn an_unlocked_compte_begins_to_count_anew() {
    let unlocked = (0..5).map(echec).chain([verrouille(4, Some(19)), deverrouille(5)]);
    given::<Compte>(unlocked).when(inscrire(6)).then([echec(6)]);
}
