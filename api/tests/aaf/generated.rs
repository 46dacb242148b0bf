//! Generated feeds: the same seed gives the same bytes, and the reader refuses nothing of them.

use api::importer::aaf::generator::{Academie, Bilan, Encodage, Plan, generate};
use api::importer::aaf::{Categorie, Eleve, Entree, Livraison, Responsabilite};
use std::collections::{BTreeMap, BTreeSet};

fn plan() -> Plan {
    Plan::demo(7, Academie::Lyon, "2026-09-14".parse().unwrap())
}

/// Generates and reads back.
fn aller_retour(plan: &Plan) -> (Bilan, Vec<Entree>) {
    let dossier = tempfile::tempdir().unwrap();
    let bilan = generate(dossier.path(), plan).unwrap();
    let livraison = Livraison::open(dossier.path()).unwrap();
    assert_eq!(livraison.octets(), bilan.octets);
    assert_eq!(livraison.categories_absentes(), []);
    let (entrees, rejets) = crate::partager(livraison.entrees(|_| ()));
    assert_eq!(rejets, []);
    (bilan, entrees)
}

fn eleves(entrees: &[Entree]) -> Vec<&Eleve> {
    let mut eleves = Vec::new();
    for entree in entrees {
        if let Entree::Eleve(eleve) = entree {
            eleves.push(eleve);
        }
    }
    eleves
}

#[test]
fn what_is_generated_is_read_in_both_encodings_alike() {
    let (bilan, entrees) = aller_retour(&plan());
    let nombre = |categorie| entrees.iter().filter(|entree| entree.categorie() == categorie).count() as u64;
    assert_eq!(nombre(Categorie::EtabEducNat), bilan.etablissements);
    assert_eq!(nombre(Categorie::MefEducNat), bilan.mefs);
    assert_eq!(nombre(Categorie::MatiereEducNat), bilan.matieres);
    assert_eq!(nombre(Categorie::PersRelEleve), bilan.responsables);
    assert_eq!(nombre(Categorie::PersEducNat), bilan.personnels);
    assert_eq!(nombre(Categorie::Eleve), bilan.eleves);
    assert_eq!((bilan.etablissements, bilan.eleves), (3, 20 * 26));
    let (_, latines) = aller_retour(&Plan { encodage: Encodage::Iso8859_15, ..plan() });
    assert_eq!(latines, entrees);
}

#[test]
fn a_seed_always_gives_the_same_feed_and_another_gives_another() {
    assert_eq!(aller_retour(&plan()), aller_retour(&plan()));
    assert_ne!(aller_retour(&plan()).1, aller_retour(&Plan { seed: 8, ..plan() }).1);
}

#[test]
fn a_feed_is_never_written_over_another() {
    let dossier = tempfile::tempdir().unwrap();
    generate(dossier.path(), &plan()).unwrap();
    assert!(generate(dossier.path(), &plan()).is_err());
}

#[test]
fn keys_are_unique_and_all_that_is_named_exists() {
    let (_, entrees) = aller_retour(&plan());
    let cles: BTreeSet<_> = entrees.iter().map(|entree| (entree.categorie(), entree.jointure())).collect();
    assert_eq!(cles.len(), entrees.len());
    let mut dedans = BTreeSet::new();
    for entree in &entrees {
        match entree {
            Entree::EtabEducNat(etablissement) => {
                let classes = etablissement.classes.iter().map(|classe| &classe.code);
                let groupes = etablissement.groupes.iter().map(|groupe| &groupe.code);
                dedans.extend(classes.chain(groupes).map(|code| (&etablissement.jointure, code)));
            }
            Entree::PersEducNat(personnel) => {
                for attribution in personnel.classes_matieres.iter().chain(&personnel.groupes_matieres) {
                    assert!(dedans.contains(&(&attribution.etablissement, &attribution.code)));
                    let matiere = attribution.matiere.as_deref().unwrap();
                    assert!(cles.contains(&(Categorie::MatiereEducNat, matiere)));
                }
            }
            Entree::Eleve(eleve) => {
                assert!(cles.contains(&(Categorie::EtabEducNat, eleve.rattachement.as_str())));
                assert!(cles.contains(&(Categorie::MefEducNat, eleve.mef.as_deref().unwrap())));
                for lieu in eleve.classes.iter().chain(&eleve.groupes) {
                    assert!(dedans.contains(&(&lieu.etablissement, &lieu.code)));
                }
                for lien in &eleve.responsables {
                    assert!(cles.contains(&(Categorie::PersRelEleve, lien.personne.as_str())));
                }
            }
            Entree::MefEducNat(_) | Entree::MatiereEducNat(_) | Entree::PersRelEleve(_) => {}
            Entree::Modification(_) | Entree::Suppression(_) => panic!("no delta: {entree:?}"),
        }
    }
}

#[test]
fn families_have_siblings_and_parents_apart_and_every_child_an_adult_who_answers() {
    let (_, entrees) = aller_retour(&plan());
    let eleves = eleves(&entrees);
    let mut enfants: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for eleve in &eleves {
        assert!(eleve.responsables.iter().any(|lien| lien.responsabilite == Responsabilite::Legale));
        for lien in &eleve.responsables {
            enfants.entry(&lien.personne).or_default().insert(&eleve.classes[0].code);
        }
    }
    assert!(enfants.values().any(|divisions| divisions.len() >= 3), "three children in three divisions");
    let liens = |nombre: usize| eleves.iter().filter(|eleve| eleve.responsables.len() == nombre).count();
    assert!(liens(1) > 0 && liens(2) > liens(1) && liens(3) > 0);
    assert!(eleves.iter().flat_map(|eleve| &eleve.responsables).any(|lien| !lien.parent()));
}

#[test]
fn every_division_has_one_professeur_principal_who_teaches_there_and_some_matieres_have_two_teachers() {
    let (_, entrees) = aller_retour(&plan());
    let mut principaux = BTreeMap::new();
    let mut attributions: BTreeMap<_, usize> = BTreeMap::new();
    let mut fonctions = BTreeSet::new();
    for entree in &entrees {
        let Entree::PersEducNat(personnel) = entree else { continue };
        fonctions.extend(personnel.fonctions.iter().map(|fonction| fonction.code.as_str()));
        for attribution in &personnel.classes_matieres {
            *attributions.entry(attribution.clone()).or_default() += 1;
        }
        for division in &personnel.professeur_principal_de {
            let enseigne = |attribution: &&_| {
                let attribution: &api::importer::aaf::Attribution = attribution;
                (&attribution.etablissement, &attribution.code) == (&division.etablissement, &division.code)
            };
            assert!(personnel.classes_matieres.iter().any(|attribution| enseigne(&attribution)));
            assert!(principaux.insert(division.clone(), &personnel.jointure).is_none());
        }
    }
    assert_eq!(principaux.len(), 20);
    assert!(attributions.values().any(|enseignants| *enseignants == 2));
    assert!(attributions.values().all(|enseignants| *enseignants <= 2));
    assert_eq!(fonctions, BTreeSet::from(["AED", "DIR", "DOC", "EDU", "ENS", "MDS"]));
}
