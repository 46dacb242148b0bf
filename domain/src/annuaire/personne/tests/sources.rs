//! Several sources of one person: who is believed, and who speaks next.

mod par_la_main;
mod portees;
mod repartition;

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
