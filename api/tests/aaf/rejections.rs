//! A faulty entry is refused with its line, its attribute and a reason; its neighbours are read.

use crate::{fichier, lire, matiere, requete};
use api::importer::aaf::{
    ATTRIBUTS_MAX, AafReader, Categorie, MotifRejet, REQUETE_MAX, Rejet, VALEUR_MAX, VALEURS_MAX,
};

/// Reads the entry on line 4, between two good ones, and gives its refusal.
#[track_caller]
fn rejet(entree: &str) -> Rejet {
    let texte = fichier(&format!("{}\n{entree}\n{}", matiere("1"), matiere("2")));
    let (entrees, mut rejets) = lire(texte.as_bytes());
    assert_eq!(entrees.len(), 2, "its neighbours are read: {rejets:?}");
    assert_eq!(rejets.len(), 1);
    let rejet = rejets.remove(0);
    assert_eq!(rejet.ligne, 4);
    assert!(!rejet.motif.fatal());
    rejet
}

const ELEVE: [(&str, &str); 5] = [
    ("ENTPersonJointure", "8"),
    ("sn", "QUILLERIER"),
    ("givenName", "Anémone"),
    ("ENTPersonDateNaissance", "03/11/2014"),
    ("ENTPersonStructRattach", "501"),
];

/// A pupil with that attribute replaced or added.
fn eleve(attribut: &str, valeur: &str) -> String {
    let mut attributs: Vec<_> = ELEVE.into_iter().filter(|(nom, _)| *nom != attribut).collect();
    attributs.push((attribut, valeur));
    requete("Eleve", "8", &attributs)
}

#[test]
fn a_pupil_with_what_is_required_is_read() {
    let (entrees, rejets) = lire(fichier(&requete("Eleve", "8", &ELEVE)).as_bytes());
    assert_eq!((entrees.len(), rejets), (1, vec![]));
}

#[test]
fn a_missing_attribute_is_named() {
    for (attribut, _) in ELEVE {
        let rejet = rejet(&eleve(attribut, " "));
        assert_eq!(rejet.motif, MotifRejet::AttributManquant, "{attribut}");
        assert_eq!(rejet.attribut, Some(attribut));
        assert_eq!(rejet.identifiant.as_deref(), Some("8"));
    }
}

#[test]
fn a_value_that_breaks_its_format_is_refused_with_its_attribute() {
    for (attribut, valeur, motif) in [
        ("ENTPersonDateNaissance", "31/02/2014", MotifRejet::DateInvalide),
        ("ENTEleveClasses", "6A", MotifRejet::NombreDeChamps { trouves: 1, min: 2 }),
        ("ENTEleveClasses", "501$", MotifRejet::ChampVide { rang: 2 }),
        ("ENTElevePersRelEleve", "9$10$1$1$1", MotifRejet::NombreDeChamps { trouves: 5, min: 6 }),
        ("ENTElevePersRelEleve", "$10$1$1$1$1", MotifRejet::ChampVide { rang: 1 }),
        ("ENTElevePersRelEleve", "9$10$1$3$1$1", MotifRejet::CodeInconnu { rang: 4 }),
        ("ENTElevePersRelEleve", "9$PERE$1$1$1$1", MotifRejet::CodeInconnu { rang: 2 }),
    ] {
        let rejet = rejet(&eleve(attribut, valeur));
        assert_eq!((rejet.attribut, rejet.motif), (Some(attribut), motif), "{valeur}");
    }
}

#[test]
fn an_attribute_of_one_value_has_one() {
    let deux = "</value><value>DIFFERENT";
    let rejet = rejet(&eleve("sn", &format!("QUILLERIER{deux}")));
    assert_eq!((rejet.attribut, rejet.motif), (Some("sn"), MotifRejet::ValeursMultiples));
}

#[test]
fn an_uai_is_seven_digits_and_a_letter() {
    for uai in ["0691234", "0691234p", "06912345", "069123ÉP"] {
        let attributs = [
            ("ENTStructureJointure", "5"),
            ("ENTStructureUAI", uai),
            ("ENTStructureNomCourant", "CLG$LES CHENES$LYON"),
        ];
        let rejet = rejet(&requete("EtabEducNat", "5", &attributs));
        assert_eq!(
            (rejet.attribut, rejet.motif),
            (Some("ENTStructureUAI"), MotifRejet::UaiInvalide),
            "{uai}"
        );
    }
}

#[test]
fn an_entry_says_who_it_is_once() {
    let attributs = [("ENTMatJointure", "7"), ("ENTLibelleMatiere", "LATIN")];
    assert_eq!(rejet(&requete("MatiereEducNat", "", &attributs)).motif, MotifRejet::IdentifiantManquant);
    let deux = rejet(&requete("MatiereEducNat", "8", &attributs));
    assert_eq!(deux.motif, MotifRejet::IdentifiantDifferent { jointure: "7".into() });
    assert_eq!(deux.cles(), ["8", "7"], "it may speak of either");
    assert_eq!(rejet(&requete("Invite", "7", &attributs)).motif, MotifRejet::CategorieInconnue);
    assert_eq!(rejet(&requete("", "7", &attributs)).motif, MotifRejet::CategorieInconnue);
}

#[test]
fn an_entry_is_of_the_category_that_its_file_is_named_for() {
    let texte = fichier(&matiere("7"));
    let mut lecteur = AafReader::new("essai.xml", texte.as_bytes()).attendre(Categorie::Eleve);
    let rejet = lecteur.next().unwrap().unwrap_err();
    assert_eq!(rejet.motif, MotifRejet::CategorieInattendue { attendue: "Eleve" });
}

#[test]
fn a_complete_feed_modifies_and_deletes_nothing() {
    let modification = "<modifyRequest><operationalAttributes><attr name=\"categoriePersonne\"><value>Eleve</value>\
        </attr></operationalAttributes><identifier><id>8</id></identifier><modifications>\
        <modification name=\"sn\" operation=\"replace\"><value>X</value></modification></modifications></modifyRequest>";
    let suppression = "<deleteRequest><operationalAttributes><attr name=\"categoriePersonne\"><value>Eleve</value>\
        </attr></operationalAttributes><identifier><id>8</id></identifier></deleteRequest>";
    for (entree, operation) in [(modification, "modifyRequest"), (suppression, "deleteRequest")] {
        let rejet = rejet(entree);
        assert_eq!(rejet.motif, MotifRejet::DeltaRefuse { operation });
        assert_eq!(rejet.identifiant.as_deref(), Some("8"));
    }
}

#[test]
fn an_entry_of_another_shape_is_refused() {
    let complete = matiere("7");
    for (avant, apres) in [
        ("<attributes>", "<attributes><value>x</value>"),
        ("<attributes>", "<attributes>du texte"),
        ("<attributes>", "<attributes><attr><value>x</value></attr>"),
        ("<value>LATIN", "<value><b>LATIN</b>"),
        ("<identifier>", "<inconnu/><identifier>"),
        ("addRequest>", "putRequest>"),
    ] {
        assert_eq!(rejet(&complete.replace(avant, apres)).motif, MotifRejet::FormeInattendue, "{apres}");
    }
}

#[test]
fn an_entry_beyond_a_limit_is_refused_and_the_next_is_read() {
    let avec = |ajout: String| matiere("7").replace("<attributes>", &format!("<attributes>{ajout}"));
    let attribut = |valeurs: String| format!("<attr name=\"ENTMatJointure\">{valeurs}</attr>");
    let longue = attribut(format!("<value>{}</value>", "x".repeat(VALEUR_MAX + 1)));
    let nombreuses = attribut("<value>7</value>".repeat(VALEURS_MAX));
    let attributs = attribut("<value>7</value>".into()).repeat(ATTRIBUTS_MAX);
    let enorme = format!(
        "<attr name=\"inconnu\">{}</attr>",
        format!("<value>{}</value>", "x".repeat(4000)).repeat(300)
    );
    for (ajout, motif) in [
        (longue, MotifRejet::ValeurTropLongue { max: VALEUR_MAX }),
        (nombreuses, MotifRejet::TropDeValeurs { max: VALEURS_MAX }),
        (attributs, MotifRejet::TropDAttributs { max: ATTRIBUTS_MAX }),
        (enorme, MotifRejet::RequeteTropGrande { max: REQUETE_MAX }),
    ] {
        assert_eq!(rejet(&avec(ajout)).motif, motif);
    }
}

#[test]
fn an_entry_at_a_limit_is_read() {
    let attribut = |valeurs: String| format!("<attr name=\"mail\">{valeurs}</attr>");
    let attributs = attribut("<value/>".into()).repeat(ATTRIBUTS_MAX - 2);
    let longue = attribut(format!("<value>{}</value>", "x".repeat(VALEUR_MAX)));
    let nombreuses = attribut("<value/>".repeat(VALEURS_MAX - 2));
    for ajout in [attributs, longue, nombreuses] {
        let entree = matiere("7").replace("<attributes>", &format!("<attributes>{ajout}"));
        let (entrees, rejets) = lire(fichier(&entree).as_bytes());
        assert_eq!((entrees.len(), rejets), (1, vec![]));
    }
}

#[test]
fn a_report_line_says_where_and_why_in_french() {
    let rejet = rejet(&eleve("ENTPersonDateNaissance", "2014"));
    assert_eq!(
        rejet.to_string(),
        "essai.xml, ligne 4 : la date n'existe pas ou n'est pas écrite jj/mm/aaaa [ENTPersonDateNaissance, entrée 8]"
    );
    assert_eq!(rejet.motif.code(), "AAF_DATE_INVALIDE");
}
