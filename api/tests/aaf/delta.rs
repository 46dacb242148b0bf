//! Deltas: what was modified is what is named, and nothing else is.

use crate::{fichier, fixture, partager};
use api::importer::aaf::{
    AafReader, Categorie, Entree, EtatCivilModifie, Livraison, MotifRejet, Suppression,
};
use domain::annuaire::NatureDeLivraison;

fn lire(entrees: &str) -> (Vec<Entree>, Vec<MotifRejet>) {
    let texte = fichier(entrees);
    let lecteur = AafReader::new("essai.xml", texte.as_bytes()).de_nature(NatureDeLivraison::Delta);
    let (entrees, rejets) = partager(lecteur);
    (entrees, rejets.into_iter().map(|rejet| rejet.motif).collect())
}

#[test]
fn a_delta_says_what_changed_and_who_is_no_more() {
    let livraison = Livraison::open(&fixture("delta")).unwrap();
    assert_eq!(livraison.nature, NatureDeLivraison::Delta);
    let (entrees, rejets) = partager(livraison.entrees(|_| ()));
    assert_eq!(rejets, []);
    let [Entree::Modification(modifiee), Entree::Suppression(supprimee)] = entrees.as_slice() else {
        panic!("{entrees:?}");
    };
    assert_eq!((modifiee.categorie, modifiee.jointure.as_str()), (Categorie::Eleve, "9001"));
    let prenom = EtatCivilModifie { prenom: Some("Zoé".into()), ..EtatCivilModifie::default() };
    assert_eq!(modifiee.etat_civil, prenom, "what is not named stays");
    assert_eq!(modifiee.classes.as_ref().map(|classes| classes[0].code.as_str()), Some("6B"));
    assert_eq!(modifiee.responsables.as_deref(), Some([].as_slice()), "an emptied list is empty");
    assert_eq!((&modifiee.rattachement, &modifiee.fonctions), (&None, &None));
    let attendue = Suppression { categorie: Categorie::Eleve, jointure: "9002".into() };
    assert_eq!(*supprimee, attendue);
}

fn modification(modifications: &str) -> String {
    format!(
        "<modifyRequest><operationalAttributes><attr name=\"categoriePersonne\"><value>Eleve</value></attr>\
         </operationalAttributes><identifier><id>8</id></identifier><modifications>{modifications}\
         </modifications></modifyRequest>"
    )
}

#[test]
fn a_modification_replaces_and_does_nothing_else() {
    let ajout = modification("<modification name=\"sn\" operation=\"add\"><value>X</value></modification>");
    assert_eq!(lire(&ajout), (vec![], vec![MotifRejet::ModificationRefusee]));
    let sans = modification("<modification name=\"sn\"><value>X</value></modification>");
    assert_eq!(lire(&sans), (vec![], vec![MotifRejet::ModificationRefusee]));
    let attributs = modification("").replace("modifications>", "attributes>");
    assert_eq!(lire(&attributs), (vec![], vec![MotifRejet::FormeInattendue]));
}

#[test]
fn what_must_be_there_is_not_emptied() {
    for nom in ["sn", "givenName", "ENTPersonDateNaissance"] {
        let vide = format!("<modification name=\"{nom}\" operation=\"replace\"><value/></modification>");
        assert_eq!(lire(&modification(&vide)), (vec![], vec![MotifRejet::AttributManquant]), "{nom}");
    }
}
