//! Several sources of one person: who is believed, and who speaks next.

use super::*;
use proptest::prelude::*;
use std::sync::Arc;

fn siecle() -> Parole {
    parole(Origine::Siecle)
}

fn de_siecle_source() -> Source {
    Source { origine: Origine::Siecle, portee: "0690001B".into(), cle: "77".into() }
}

fn saisie(motif: Option<&str>) -> Provenance {
    Provenance { motif: motif.map(str::to_owned), ..provenance(Origine::Saisie) }
}

fn reconnue() -> PersonneEvent {
    PersonneEvent::SourceReconnue { personne: alix(), source: de_siecle_source() }
}

fn entendue(dit: Dit) -> PersonneEvent {
    PersonneEvent::ParoleEntendue { personne: alix(), dit, provenance: de_siecle() }
}

fn retiree(objet: Objet) -> PersonneEvent {
    PersonneEvent::ParoleRetiree { personne: alix(), objet, provenance: de_l_aaf() }
}

fn ici() -> Perimetre {
    Arc::new(BTreeSet::from([college()]))
}

fn lycee() -> EtablissementId {
    EtablissementId::derived(&["lycée"])
}

fn au_lycee() -> PersonneEvent {
    PersonneEvent::PersonneRattachee {
        personne: alix(),
        etablissement: lycee(),
        profil: Profil::Eleve,
        fonctions: vec![],
        provenance: de_l_aaf(),
    }
}

fn retirer(perimetre: Perimetre) -> PersonneCommand {
    PersonneCommand::RetirerSource { perimetre, parole: aaf() }
}

#[test]
fn a_lesser_source_changes_no_name_and_adds_an_address_that_was_missing() {
    let dit = EtatCivil { nom: "Autre".into(), courriel: Some("a@exemple.fr".into()), ..etat_civil() };
    let complete = EtatCivil { courriel: dit.courriel.clone(), ..etat_civil() };
    given::<Personne>([enregistree()])
        .when(PersonneCommand::EnregistrerPersonne {
            personne: alix(),
            source: de_siecle_source(),
            etat_civil: dit.clone(),
            parole: siecle(),
        })
        .then([
            reconnue(),
            PersonneEvent::EtatCivilRectifie {
                personne: alix(),
                etat_civil: complete,
                provenance: de_siecle(),
            },
            entendue(Dit::EtatCivil(dit)),
        ]);
}

#[test]
fn what_a_lesser_source_says_otherwise_is_heard_once_and_changes_nothing() {
    let dit = || PersonneCommand::AffecterEleve {
        etablissement: college(),
        division: Some(DivisionId::derived(&["6B"])),
        parole: siecle(),
    };
    let entendue =
        entendue(Dit::Affectation { etablissement: college(), division: Some(DivisionId::derived(&["6B"])) });
    let before = [enregistree(), rattachee(Profil::Eleve, &[]), affecte(Some("6A"))];
    given::<Personne>(before.clone()).when(dit()).then([entendue.clone()]);
    given::<Personne>(before.into_iter().chain([entendue])).when(dit()).then([]);
}

#[test]
fn when_the_better_source_no_longer_names_a_pupil_the_next_one_speaks() {
    let rattachement =
        Dit::Rattachement { etablissement: college(), profil: Profil::Eleve, fonctions: vec![] };
    let division = Some(DivisionId::derived(&["6B"]));
    let affectation = Dit::Affectation { etablissement: college(), division };
    given::<Personne>([
        enregistree(),
        rattachee(Profil::Eleve, &[]),
        affecte(Some("6A")),
        reconnue(),
        entendue(Dit::EtatCivil(etat_civil())),
        entendue(rattachement),
        entendue(affectation),
    ])
    .when(retirer(ici()))
    .then([
        retiree(Objet::Rattachement { etablissement: college() }),
        retiree(Objet::Affectation { etablissement: college() }),
        PersonneEvent::EleveAffecte {
            personne: alix(),
            etablissement: college(),
            division,
            provenance: de_siecle(),
        },
        retiree(Objet::EtatCivil),
    ]);
}

#[test]
fn a_person_whom_no_source_names_any_more_is_suspended_and_comes_back() {
    let suspendue = PersonneEvent::PersonneSuspendue { personne: alix() };
    let before = [enregistree(), rattachee(Profil::Eleve, &[])];
    given::<Personne>(before.clone()).when(retirer(ici())).then([suspendue.clone()]);
    let apres = || before.clone().into_iter().chain([suspendue.clone()]);
    given::<Personne>(apres()).when(retirer(ici())).then([]);
    given::<Personne>(apres())
        .when(enregistrer(etat_civil()))
        .then([PersonneEvent::PersonneReprise { personne: alix() }]);
}

#[test]
fn who_comes_back_by_another_source_is_what_that_one_says() {
    let suspendue = PersonneEvent::PersonneSuspendue { personne: alix() };
    given::<Personne>([enregistree(), rattachee(Profil::Eleve, &[]), suspendue])
        .when(PersonneCommand::EnregistrerPersonne {
            personne: alix(),
            source: de_siecle_source(),
            etat_civil: etat_civil(),
            parole: siecle(),
        })
        .then([
            PersonneEvent::PersonneReprise { personne: alix() },
            PersonneEvent::PersonneDetachee {
                personne: alix(),
                etablissement: college(),
                provenance: de_l_aaf(),
            },
            retiree(Objet::EtatCivil),
            reconnue(),
            entendue(Dit::EtatCivil(etat_civil())),
        ]);
}

/// The AAF had another name: it says no more, and the source that names the person counts.
#[test]
fn who_comes_back_by_another_source_bears_the_name_that_it_says() {
    let suspendue = PersonneEvent::PersonneSuspendue { personne: alix() };
    let dit = EtatCivil { nom: "Autre".into(), ..etat_civil() };
    let detachee = PersonneEvent::PersonneDetachee {
        personne: alix(),
        etablissement: college(),
        provenance: de_l_aaf(),
    };
    given::<Personne>([enregistree(), rattachee(Profil::Eleve, &[]), suspendue])
        .when(PersonneCommand::EnregistrerPersonne {
            personne: alix(),
            source: de_siecle_source(),
            etat_civil: dit.clone(),
            parole: siecle(),
        })
        .then([
            PersonneEvent::PersonneReprise { personne: alix() },
            detachee,
            retiree(Objet::EtatCivil),
            reconnue(),
            PersonneEvent::EtatCivilRectifie { personne: alix(), etat_civil: dit, provenance: de_siecle() },
        ]);
}

#[test]
fn a_feed_that_speaks_of_one_etablissement_takes_nobody_from_another() {
    given::<Personne>([enregistree(), rattachee(Profil::Eleve, &[]), au_lycee()]).when(retirer(ici())).then(
        [PersonneEvent::PersonneDetachee {
            personne: alix(),
            etablissement: college(),
            provenance: de_l_aaf(),
        }],
    );
    given::<Personne>([enregistree(), au_lycee()]).when(retirer(ici())).then([]);
}

#[test]
fn who_has_moved_is_no_longer_where_the_source_does_not_say() {
    let limiter = |origine| PersonneCommand::LimiterRattachements {
        perimetre: Arc::new(BTreeSet::from([college(), lycee()])),
        sauf: BTreeSet::from([lycee()]),
        parole: parole(origine),
    };
    let before = [enregistree(), rattachee(Profil::Eleve, &[]), au_lycee()];
    given::<Personne>(before.clone()).when(limiter(Origine::Aaf)).then([PersonneEvent::PersonneDetachee {
        personne: alix(),
        etablissement: college(),
        provenance: de_l_aaf(),
    }]);
    given::<Personne>(before).when(limiter(Origine::Siecle)).then([]);
}

#[test]
fn a_delta_changes_what_it_names_and_nothing_else() {
    let rectification = Rectification { prenom: Some("Alex".into()), ..Rectification::default() };
    given::<Personne>([enregistree()])
        .when(PersonneCommand::RectifierEtatCivil { rectification: rectification.clone(), parole: aaf() })
        .then([PersonneEvent::EtatCivilRectifie {
            personne: alix(),
            etat_civil: EtatCivil { prenom: "Alex".into(), ..etat_civil() },
            provenance: de_l_aaf(),
        }]);
    given::<Personne>([])
        .when(PersonneCommand::RectifierEtatCivil { rectification, parole: aaf() })
        .then_refused(RefusPersonne::PersonneInconnue);
}

/// Both parents are named, the one with the right to be informed and the one without.
#[test]
fn separated_parents_keep_their_different_rights_against_a_lesser_source() {
    let sans_droit =
        Responsabilite { niveau: NiveauResponsabilite::Contact, destinataire: false, ..parent("p") };
    let tous = sorted(vec![parent("m"), sans_droit]);
    let dit = sorted(vec![parent("m"), parent("p")]);
    given::<Personne>([enregistree(), etablies(tous)])
        .when(PersonneCommand::EtablirResponsabilites { responsables: dit.clone(), parole: siecle() })
        .then([entendue(Dit::Responsabilites { responsables: dit })]);
}

#[test]
fn a_hand_says_why_and_does_not_overwrite_a_feed() {
    let main = |motif: Option<&str>| Parole { provenance: saisie(motif), ..parole(Origine::Saisie) };
    let affecter = |division: &str, motif| PersonneCommand::AffecterEleve {
        etablissement: college(),
        division: Some(DivisionId::derived(&[division])),
        parole: main(motif),
    };
    let eleve = [enregistree(), rattachee(Profil::Eleve, &[])];
    given::<Personne>(eleve.clone())
        .when(affecter("6A", Some(" ")))
        .then_refused(RefusPersonne::MotifManquant);
    given::<Personne>(eleve.clone()).when(affecter("6A", Some("Arrivée en cours d'année"))).then([
        PersonneEvent::EleveAffecte {
            personne: alix(),
            etablissement: college(),
            division: Some(DivisionId::derived(&["6A"])),
            provenance: saisie(Some("Arrivée en cours d'année")),
        },
    ]);
    given::<Personne>(eleve.into_iter().chain([affecte(Some("6A"))]))
        .when(affecter("6B", Some("Préférence")))
        .then_refused(RefusPersonne::SourcePrevaut);
}

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

#[test]
fn nobody_enters_the_direction_by_hand() {
    let parole = Parole { provenance: saisie(Some("Remplacement")), ..parole(Origine::Saisie) };
    given::<Personne>([enregistree()])
        .when(PersonneCommand::RattacherPersonne {
            etablissement: college(),
            profil: Profil::Direction,
            fonctions: vec![],
            parole,
        })
        .then_refused(RefusPersonne::ProfilReserve);
}

#[test]
fn a_pupil_objects_from_the_day_on_which_he_is_of_age() {
    let ne = EtatCivil { naissance: "2008-11-23".parse().ok(), ..etat_civil() };
    let eleve = PersonneEvent::PersonneEnregistree {
        personne: alix(),
        source: source(),
        etat_civil: ne,
        provenance: de_l_aaf(),
    };
    let opposer = |le: &str| PersonneCommand::OpposerInformation { le: le.parse().unwrap() };
    let opposee = PersonneEvent::InformationOpposee { personne: alix() };
    given::<Personne>([eleve.clone()]).when(opposer("2026-11-22")).then_refused(RefusPersonne::EleveMineur);
    given::<Personne>([enregistree()]).when(opposer("2026-11-23")).then_refused(RefusPersonne::EleveMineur);
    given::<Personne>([eleve.clone()]).when(opposer("2026-11-23")).then([opposee.clone()]);
    given::<Personne>([eleve.clone(), opposee.clone()]).when(opposer("2026-11-24")).then([]);
    given::<Personne>([eleve.clone(), opposee])
        .when(PersonneCommand::LeverOpposition)
        .then([PersonneEvent::OppositionLevee { personne: alix() }]);
    given::<Personne>([eleve]).when(PersonneCommand::LeverOpposition).then([]);
}

fn de_la_main() -> Provenance {
    saisie(Some("bascule vers l'année 2027"))
}

fn reaffecter(code: Option<&str>) -> PersonneCommand {
    PersonneCommand::ReaffecterEleve {
        etablissement: college(),
        division: code.map(|code| DivisionId::derived(&[code])),
        parole: Parole { provenance: de_la_main(), ..aaf() },
    }
}

/// The hand's word on the division ends.
fn relayee() -> PersonneEvent {
    PersonneEvent::ParoleRetiree {
        personne: alix(),
        objet: Objet::Affectation { etablissement: college() },
        provenance: provenance(Origine::Saisie),
    }
}

fn reaffecte(code: Option<&str>) -> PersonneEvent {
    PersonneEvent::EleveReaffecte {
        personne: alix(),
        etablissement: college(),
        division: code.map(|code| DivisionId::derived(&[code])),
        provenance: de_la_main(),
    }
}

#[test]
fn a_division_that_is_decided_counts_whatever_sources_said_before() {
    let en_sixieme = || [enregistree(), rattachee(Profil::Eleve, &[]), affecte(Some("6A"))];
    given::<Personne>(en_sixieme()).when(reaffecter(Some("5B"))).then([reaffecte(Some("5B"))]);
    given::<Personne>(en_sixieme()).when(reaffecter(None)).then([reaffecte(None)]);
    given::<Personne>(en_sixieme()).when(reaffecter(Some("6A"))).then([]);
    given::<Personne>([enregistree()])
        .when(reaffecter(Some("5B")))
        .then_refused(RefusPersonne::EleveNonRattache);
}

#[test]
fn a_source_that_says_last_years_division_again_says_nothing_new() {
    let en_cinquieme = || {
        given::<Personne>([
            enregistree(),
            rattachee(Profil::Eleve, &[]),
            affecte(Some("6A")),
            reaffecte(Some("5B")),
        ])
    };
    en_cinquieme().when(affecter(Some("6A"))).then([]);
    // The feed has caught up: what was decided by hand is no longer held against it.
    en_cinquieme().when(affecter(Some("5C"))).then([affecte(Some("5C")), relayee()]);
    // What it said once is news again after it has said something else.
    let heard = [affecte(Some("6A")), reaffecte(Some("5B")), affecte(Some("5C")), relayee()];
    given::<Personne>([enregistree(), rattachee(Profil::Eleve, &[])].into_iter().chain(heard))
        .when(affecter(Some("6A")))
        .then([affecte(Some("6A"))]);
}

fn dire(origine: Origine, division: Option<&str>) -> PersonneCommand {
    PersonneCommand::AffecterEleve {
        etablissement: college(),
        division: division.map(|code| DivisionId::derived(&[code])),
        parole: parole(origine),
    }
}

#[test]
fn a_source_that_knows_no_division_takes_none_from_another() {
    let par_siecle = PersonneEvent::EleveAffecte {
        personne: alix(),
        etablissement: college(),
        division: Some(DivisionId::derived(&["6A"])),
        provenance: de_siecle(),
    };
    let eleve = || [enregistree(), rattachee(Profil::Eleve, &[])];
    given::<Personne>(eleve().into_iter().chain([par_siecle])).when(dire(Origine::Aaf, None)).then([]);
    // The AAF takes its own back, and the next one speaks.
    let entendue =
        entendue(Dit::Affectation { etablissement: college(), division: Some(DivisionId::derived(&["6B"])) });
    given::<Personne>(eleve().into_iter().chain([affecte(Some("6A")), entendue]))
        .when(dire(Origine::Aaf, None))
        .then([
            affecte(Some("6B")),
            PersonneEvent::ParoleEntendue {
                personne: alix(),
                dit: Dit::Affectation { etablissement: college(), division: None },
                provenance: de_l_aaf(),
            },
        ]);
}

#[test]
fn a_source_that_names_no_adult_strikes_off_only_its_own() {
    let par_siecle = PersonneEvent::ResponsabilitesEtablies {
        personne: alix(),
        responsables: vec![parent("p")],
        provenance: de_siecle(),
    };
    given::<Personne>([enregistree(), par_siecle]).when(etablir(vec![])).then([]);
    let entendue = entendue(Dit::Responsabilites { responsables: vec![parent("p")] });
    given::<Personne>([enregistree(), etablies(vec![parent("p")]), entendue])
        .when(etablir(vec![]))
        .then([etablies(vec![])]);
}

#[test]
fn who_was_entered_by_hand_leaves_with_the_feed_that_took_over() {
    let par_la_main = PersonneEvent::PersonneRattachee {
        personne: alix(),
        etablissement: college(),
        profil: Profil::Eleve,
        fonctions: vec![],
        provenance: de_la_main(),
    };
    let relayee = PersonneEvent::ParoleRetiree {
        personne: alix(),
        objet: Objet::Rattachement { etablissement: college() },
        provenance: provenance(Origine::Saisie),
    };
    let entendue =
        entendue_de(Dit::Rattachement { etablissement: college(), profil: Profil::Eleve, fonctions: vec![] });
    let avant = [enregistree(), par_la_main];
    given::<Personne>(avant.clone())
        .when(rattacher(Profil::Eleve, &[]))
        .then([entendue.clone(), relayee.clone()]);
    given::<Personne>(avant.clone().into_iter().chain([entendue.clone(), relayee.clone()]))
        .when(rattacher(Profil::Eleve, &[]))
        .then([]);
    given::<Personne>(avant.into_iter().chain([entendue, relayee]))
        .when(retirer(ici()))
        .then([PersonneEvent::PersonneSuspendue { personne: alix() }]);
}

fn entendue_de(dit: Dit) -> PersonneEvent {
    PersonneEvent::ParoleEntendue { personne: alix(), dit, provenance: de_l_aaf() }
}

proptest! {
    /// What is in force follows from what each source says, night after night, and not from the
    /// order in which they come.
    #[test]
    fn the_order_of_deliveries_says_nothing(dites in prop::collection::btree_map(
        prop::sample::select(vec![Origine::Aaf, Origine::Siecle, Origine::Sts, Origine::Csv]),
        (prop::option::of(0u8..2), prop::collection::btree_set(0u8..2, 0..2)),
        1..5,
    )) {
        let nuits = |sources: Vec<Origine>| {
            let mut personne = Personne::default();
            [enregistree(), rattachee(Profil::Eleve, &[])].into_iter().for_each(|event| personne.apply(event));
            for origine in sources.iter().chain(&sources) {
                let (division, adultes) = &dites[origine];
                let responsables = adultes.iter().map(|adulte| parent(&adulte.to_string())).collect();
                let responsables =
                    PersonneCommand::EtablirResponsabilites { responsables, parole: parole(*origine) };
                let division = division.map(|code| code.to_string());
                for command in [dire(*origine, division.as_deref()), responsables] {
                    for event in personne.decide(command).unwrap() {
                        personne.apply(event);
                    }
                }
            }
            let division = personne.affectations.get(&college()).and_then(Paroles::en_vigueur);
            let adultes = personne.responsabilites.en_vigueur().map(|Responsabilites(adultes)| adultes.clone());
            (division.and_then(|Affectation(division)| *division), adultes.unwrap_or_default())
        };
        prop_assert_eq!(nuits(dites.keys().copied().collect()), nuits(dites.keys().rev().copied().collect()));
    }
}
