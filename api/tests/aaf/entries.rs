//! What the fixture feed says, attribute by attribute.

use crate::{fixture, partager};
use api::importer::aaf::{
    Appartenance, Attribution, Categorie, ClasseDecl, Entree, Fonction, GroupeDecl, LienResponsable,
    Livraison, Responsabilite,
};

fn lues() -> Vec<Entree> {
    let livraison = Livraison::open(&fixture("complete")).unwrap();
    let (entrees, rejets) = partager(livraison.entrees(|_| ()));
    assert_eq!(rejets, []);
    entrees
}

fn appartenance(code: &str) -> Appartenance {
    Appartenance { etablissement: "501".into(), code: code.into() }
}

fn attribution(code: &str, matiere: Option<&str>) -> Attribution {
    Attribution { etablissement: "501".into(), code: code.into(), matiere: matiere.map(Into::into) }
}

#[test]
fn a_feed_is_read_in_the_order_of_dependency() {
    let categories: Vec<_> = lues().iter().map(Entree::categorie).collect();
    let deux = |categorie| [categorie, categorie];
    let mut attendues = vec![Categorie::EtabEducNat, Categorie::MefEducNat, Categorie::MatiereEducNat];
    attendues.push(Categorie::PersEducNat);
    attendues.extend(deux(Categorie::Eleve));
    attendues.extend(deux(Categorie::PersRelEleve));
    assert_eq!(categories, attendues);
}

#[test]
fn an_etablissement_declares_its_divisions_and_groupes() {
    let etablissement = lues().into_iter().find_map(|entree| match entree {
        Entree::EtabEducNat(etablissement) => Some(etablissement),
        _ => None,
    });
    let etablissement = etablissement.unwrap();
    assert_eq!((etablissement.jointure.as_str(), etablissement.uai.as_str()), ("501", "0691234P"));
    assert_eq!(etablissement.nom, "LES TROIS CHÊNES");
    assert_eq!(etablissement.commune.as_deref(), Some("ŒUILLY-SUR-SAÔNE"));
    assert_eq!(etablissement.nature.as_deref(), Some("COLLEGE"));
    assert_eq!(etablissement.academie.as_deref(), Some("LYON"));
    let classe = |code: &str, libelle: Option<&str>, mef: &str| ClasseDecl {
        code: code.into(),
        libelle: libelle.map(Into::into),
        mefs: vec![mef.into()],
    };
    assert_eq!(
        etablissement.classes,
        [classe("6A", Some("6EME A"), "10010012110"), classe("5B", None, "10110001110")]
    );
    let groupe = GroupeDecl {
        code: "5ESP1".into(),
        libelle: Some("ESPAGNOL 5EME".into()),
        classes: vec!["5B".into()],
    };
    assert_eq!(etablissement.groupes, [groupe]);
}

#[test]
fn nomenclatures_have_a_code_and_a_name() {
    for entree in lues() {
        match entree {
            Entree::MefEducNat(mef) => {
                assert_eq!((mef.code.as_str(), mef.libelle.as_str()), ("10010012110", "6EME"));
                assert_eq!(mef.rattachement.as_deref(), Some("10010012110"));
                assert_eq!(mef.statistique.as_deref(), Some("21111010001"));
            }
            Entree::MatiereEducNat(matiere) => {
                assert_eq!((matiere.code.as_str(), matiere.libelle.as_str()), ("061300", "MATHÉMATIQUES"));
            }
            _ => {}
        }
    }
}

#[test]
fn an_adult_has_names_and_an_address_of_mail_and_nothing_more() {
    let adultes: Vec<_> = lues()
        .into_iter()
        .filter_map(|entree| match entree {
            Entree::PersRelEleve(adulte) => Some(adulte),
            _ => None,
        })
        .collect();
    assert_eq!(adultes[0].etat_civil.nom, "MALAQUIN");
    assert_eq!(adultes[0].etat_civil.nom_de_naissance.as_deref(), Some("VERNEZOBRE"));
    assert_eq!(adultes[0].courriel.as_deref(), Some("y.malaquin@familles.example"));
    assert_eq!(adultes[1].etat_civil.nom, "D'ARGOUVE");
    assert_eq!(adultes[1].etat_civil.prenom, "Théobald & Cie");
    let affiche = format!("{adultes:?}");
    assert!(!affiche.contains("+33") && !affiche.contains("Moulin"), "{affiche}");
}

#[test]
fn a_teacher_has_functions_and_attributions() {
    let personnel = lues().into_iter().find_map(|entree| match entree {
        Entree::PersEducNat(personnel) => Some(personnel),
        _ => None,
    });
    let personnel = personnel.unwrap();
    let fonction = |code: &str, suite: [Option<&str>; 3]| {
        let [libelle, code_poste, libelle_poste] = suite.map(|champ| champ.map(str::to_owned));
        Fonction { etablissement: "501".into(), code: code.into(), libelle, code_poste, libelle_poste }
    };
    assert_eq!(
        personnel.fonctions,
        [
            fonction("ENS", [Some("ENSEIGNEMENT DEVANT ELEVES"), Some("L1300"), Some("MATHEMATIQUES")]),
            fonction("DIR", [None, None, None]),
        ]
    );
    assert_eq!(personnel.classes_matieres, [attribution("6A", Some("061300")), attribution("5B", None)]);
    assert_eq!(personnel.groupes_matieres, [attribution("5ESP1", Some("061300"))]);
    assert_eq!(personnel.professeur_principal_de, [appartenance("6A")]);
    assert_eq!(personnel.devant_eleves, Some(true));
    assert_eq!(personnel.rattachement, "501");
}

#[test]
fn a_pupil_has_a_division_and_adults_in_relation() {
    let eleves: Vec<_> = lues()
        .into_iter()
        .filter_map(|entree| match entree {
            Entree::Eleve(eleve) => Some(eleve),
            _ => None,
        })
        .collect();
    assert_eq!(eleves[0].ine.as_deref(), Some("120000001AB"));
    assert_eq!(eleves[0].numero.as_deref(), Some("77"));
    assert_eq!(eleves[0].etat_civil.date_de_naissance, "2014-11-03".parse().ok());
    assert_eq!(eleves[0].classes, [appartenance("6A")]);
    assert_eq!(eleves[0].groupes, []);
    let lien = |personne: &str, lien, financier, responsabilite| LienResponsable {
        personne: personne.into(),
        lien,
        financier,
        responsabilite,
        contact: true,
        paiement: false,
    };
    let mere = lien("9001", 20, true, Responsabilite::Legale);
    let proche = lien("9002", 39, false, Responsabilite::EnCharge);
    assert!(mere.parent() && !proche.parent());
    assert_eq!(eleves[0].responsables, [mere, proche]);
    assert_eq!(
        (eleves[1].etat_civil.nom.as_str(), eleves[1].etat_civil.prenom.as_str()),
        ("D'ARGOUVE", "Éloïse")
    );
    assert_eq!(eleves[1].groupes, [appartenance("5ESP1")]);
}
