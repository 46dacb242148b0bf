//! The registers of STS: a number that was kept without one is told it, and is no other's.

use super::*;

fn source_de_sts(cle: &str) -> Source {
    Source { origine: Origine::Sts, portee: portee(Origine::Sts).into(), cle: cle.into() }
}

fn nommer(cle: &str) -> PersonneCommand {
    PersonneCommand::EnregistrerPersonne {
        personne: alix(),
        source: source_de_sts(cle),
        etat_civil: etat_civil(),
        parole: parole(Origine::Sts),
    }
}

fn nommee(cle: &str) -> PersonneEvent {
    PersonneEvent::SourceReconnue { personne: alix(), source: source_de_sts(cle) }
}

/// Who is known under these keys of STS.
fn connue(cles: &[&str]) -> Personne {
    let mut personne = Personne::default();
    personne.apply(enregistree());
    cles.iter().for_each(|cle| personne.apply(nommee(cle)));
    personne
}

#[test]
fn a_number_is_told_its_register_once_and_both_keys_stay() {
    let told = connue(&["12"]).decide(nommer("local/12")).unwrap();
    assert!(told.contains(&nommee("local/12")), "{told:?}");
    for cle in ["12", "local/12"] {
        let again = connue(&["12", "local/12"]).decide(nommer(cle)).unwrap();
        assert!(!again.contains(&nommee(cle)), "{again:?}");
    }
}

#[test]
fn another_number_or_another_register_is_another_key() {
    for (known, cle) in [("12", "local/13"), ("12", "13"), ("local/12", "12"), ("local/12", "autre/12")] {
        assert_eq!(connue(&[known]).decide(nommer(cle)), Err(RefusPersonne::SourceDifferente), "{cle}");
    }
}
