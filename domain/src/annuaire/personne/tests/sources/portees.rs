//! Whose a source is: what was recorded before that was kept, and two houses with one kind of source.

use super::*;

#[test]
fn what_was_recorded_before_provenances_comes_from_the_aaf() {
    use crate::DomainEvent;
    let stored = serde_json::json!({
        "type": "annuaire.personne.enregistree",
        "data": {
            "personne": alix(),
            "source": { "academie": "Lyon", "cle": "1001" },
            "etat_civil": etat_civil(),
        },
    });
    let mut entered = enregistree();
    if let PersonneEvent::PersonneEnregistree { provenance, .. } = &mut entered {
        provenance.portee = None;
    }
    assert_eq!(PersonneEvent::decode("annuaire.personne.enregistree", 1, stored), Ok(entered));
    let stored = serde_json::json!({
        "type": "annuaire.personne.responsabilites_etablies",
        "data": { "personne": alix(), "responsables": [] },
    });
    let read = PersonneEvent::decode("annuaire.personne.responsabilites_etablies", 1, stored);
    let sans_portee = Provenance { portee: None, ..de_l_aaf() };
    assert_eq!(
        read,
        Ok(PersonneEvent::ResponsabilitesEtablies {
            personne: alix(),
            responsables: vec![],
            provenance: sans_portee,
        })
    );
}

/// Tells a person something; gives how many events that makes.
fn parler(personne: &mut Personne, command: PersonneCommand) -> usize {
    let events = personne.decide(command).unwrap();
    events.iter().cloned().for_each(|event| personne.apply(event));
    events.len()
}

/// As version 2 was stored, of a mother whom two établissements' SIECLE named one after the other.
#[test]
fn what_was_recorded_before_portees_is_taken_over_by_the_first_who_speaks_again() {
    use crate::DomainEvent;
    let stored = serde_json::json!({
        "type": "annuaire.personne.etat_civil_rectifie",
        "data": {
            "personne": alix(),
            "etat_civil": etat_civil(),
            "provenance": { "origine": "siecle" },
        },
    });
    let read = PersonneEvent::decode("annuaire.personne.etat_civil_rectifie", 2, stored).unwrap();
    let inconnue = Provenance { portee: None, ..de_siecle() };
    assert_eq!(
        read,
        PersonneEvent::EtatCivilRectifie { personne: alix(), etat_civil: etat_civil(), provenance: inconnue }
    );
    let dire = |portee: &str, nom: &str| PersonneCommand::EnregistrerPersonne {
        personne: alix(),
        source: Source { origine: Origine::Siecle, portee: portee.into(), cle: "77".into() },
        etat_civil: EtatCivil { nom: nom.into(), ..etat_civil() },
        parole: parole_de(Origine::Siecle, portee),
    };
    // The AAF never named her: her fiche began with a SIECLE.
    let mut mere = Personne::default();
    parler(&mut mere, dire("0690001B", "Fictif"));
    mere.apply(read);
    assert_eq!(parler(&mut mere, dire("0690001B", "Fictif")), 0, "the same again is no news");
    assert_eq!(parler(&mut mere, dire("0690002C", "Autre")), 2, "a key and a name");
    assert_eq!(mere.etat_civil.en_vigueur().map(|un| un.nom.as_str()), Some("Autre"));
    assert_eq!(mere.etat_civil.emetteurs().count(), 2);
}

/// A mother of children in two schools: each SIECLE has its own word of her.
#[test]
fn two_houses_that_name_one_parent_do_not_overwrite_each_other() {
    let (college, lycee) = ("0690001B", "0690002C");
    let dire = |portee: &str, courriel: &str| PersonneCommand::EnregistrerPersonne {
        personne: alix(),
        source: Source { origine: Origine::Siecle, portee: portee.into(), cle: "77".into() },
        etat_civil: EtatCivil { courriel: Some(courriel.into()), ..etat_civil() },
        parole: parole_de(Origine::Siecle, portee),
    };
    let la = |portee: &str| EtablissementId::derived(&[portee]);
    let rattacher = |portee: &str| PersonneCommand::RattacherPersonne {
        etablissement: la(portee),
        profil: Profil::Responsable,
        fonctions: vec![],
        parole: parole_de(Origine::Siecle, portee),
    };
    let mut mere = Personne::default();
    let mut suivre = |commands: Vec<PersonneCommand>| {
        for command in commands {
            parler(&mut mere, command);
        }
        mere.etat_civil.en_vigueur().and_then(|un| un.courriel.clone())
    };
    let au_college = || vec![dire(college, "a@exemple.fr"), rattacher(college)];
    let au_lycee = || vec![dire(lycee, "b@exemple.fr"), rattacher(lycee)];
    suivre(au_college());
    assert_eq!(suivre(au_lycee()).as_deref(), Some("b@exemple.fr"), "the most recent word");
    assert_eq!(suivre(au_college()).as_deref(), Some("b@exemple.fr"), "said before: no news");
    let partie = PersonneCommand::RetirerSource {
        perimetre: Arc::new(BTreeSet::from([la(lycee)])),
        parole: parole_de(Origine::Siecle, lycee),
    };
    assert_eq!(suivre(vec![partie]).as_deref(), Some("a@exemple.fr"), "the other one speaks");
    assert!(mere.fiche.is_some_and(|fiche| !fiche.suspendue));
    assert_eq!(mere.rattachements.into_keys().collect::<Vec<_>>(), [la(college)]);
}
