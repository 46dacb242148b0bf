use super::*;
use crate::importer::rapport::Rapport;
use domain::AnneeScolaire;
use domain::annuaire::{Livraison, NatureDeLivraison, Origine};

const ENTETE: &str =
    "<PARAMETRES><UAJ>0690001B</UAJ><DATE_EXPORT>15/09/2026</DATE_EXPORT></PARAMETRES><DONNEES>";

/// An export of the pupils `a` and `b`, with these adults and these lines.
fn export(personnes: &str, liens: &str) -> (Versement, Rapport) {
    let eleve = |id: &str| {
        format!(
            "<ELEVE ELEVE_ID=\"{id}\"><NOM_DE_FAMILLE>FICTIF</NOM_DE_FAMILLE><PRENOM>{id}</PRENOM>\
             <DATE_NAISS>01/02/2014</DATE_NAISS></ELEVE>"
        )
    };
    let eleves =
        format!("<BEE_ELEVES>{ENTETE}<ELEVES>{}{}</ELEVES></DONNEES></BEE_ELEVES>", eleve("a"), eleve("b"));
    let responsables = format!(
        "<BEE_RESPONSABLES>{ENTETE}<PERSONNES>{personnes}</PERSONNES><RESPONSABLES>{liens}</RESPONSABLES>\
         </DONNEES></BEE_RESPONSABLES>"
    );
    let textes = [("eleves.xml", eleves.as_bytes()), ("responsables.xml", responsables.as_bytes())];
    let lu = Siecle::de_textes(&textes).unwrap();
    let livraison = Livraison {
        origine: Origine::Siecle,
        portee: lu.uai.to_string(),
        nature: NatureDeLivraison::Complete,
        du: lu.du,
        annee: lu.annee,
    };
    let mut rapport = Rapport::nouveau(livraison, &[], false);
    let versement = traduire(&Etat::default(), lu, &mut rapport);
    (versement, rapport)
}

fn personne(id: &str, nom: &str) -> String {
    format!(
        "<PERSONNE PERSONNE_ID=\"{id}\"><NOM_DE_FAMILLE>{nom}</NOM_DE_FAMILLE><PRENOM>P</PRENOM></PERSONNE>"
    )
}

fn lien(eleve: &str, personne: &str, niveau: &str) -> String {
    format!(
        "<RESPONSABLE_ELEVE><ELEVE_ID>{eleve}</ELEVE_ID><PERSONNE_ID>{personne}</PERSONNE_ID>\
         <NIVEAU_RESPONSABILITE>{niveau}</NIVEAU_RESPONSABILITE></RESPONSABLE_ELEVE>"
    )
}

/// How many adults are said to answer for each pupil; nothing, where nothing is said.
fn dits((versement, _): &(Versement, Rapport)) -> Vec<Option<usize>> {
    let fiches = versement.personnes.iter().flat_map(|(_, traduction, _)| &traduction.fiches);
    let eleves = fiches.filter_map(|fiche| match fiche {
        Fiche::Personne(decrite) => decrite.eleve.as_ref(),
        _ => None,
    });
    eleves.map(|eleve| eleve.responsables.as_ref().map(Vec::len)).collect()
}

#[test]
fn nothing_is_said_of_who_answers_for_a_pupil_where_an_adult_is_refused() {
    let mere = personne("m", "FICTIF");
    let liens = lien("a", "m", "1") + &lien("a", "p", "1") + &lien("b", "m", "1");
    let refuse = export(&(mere.clone() + &personne("p", "")), &liens);
    assert_eq!(dits(&refuse), [None, Some(1)]);
    let codes: Vec<_> = refuse.1.lignes.iter().map(|ligne| ligne.code).collect();
    assert_eq!(codes, ["IMPORT_RESPONSABLE_REFUSE"]);
    // Whom the export does not name at all does not answer.
    assert_eq!(dits(&export(&mere, &liens)), [Some(1), Some(1)]);
}

#[test]
fn nothing_is_said_of_who_answers_for_a_pupil_where_a_line_is_refused() {
    let adultes = personne("m", "FICTIF") + &personne("p", "FICTIF");
    let liens = lien("a", "m", "1") + &lien("a", "p", "9") + &lien("b", "m", "1");
    assert_eq!(dits(&export(&adultes, &liens)), [None, Some(1)]);
    // A line that does not say of which pupil it is may be of any.
    let liens = lien("a", "m", "1") + &lien("", "p", "1") + &lien("b", "m", "1");
    assert_eq!(dits(&export(&adultes, &liens)), [None, None]);
}

/// An export of the pupils `a` and `b`, with these lines of where they are.
fn places(lignes: &str) -> Versement {
    let eleve = |id: &str| {
        format!(
            "<ELEVE ELEVE_ID=\"{id}\"><NOM_DE_FAMILLE>FICTIF</NOM_DE_FAMILLE><PRENOM>{id}</PRENOM>\
             <DATE_NAISS>01/02/2014</DATE_NAISS></ELEVE>"
        )
    };
    let eleves = format!(
        "<BEE_ELEVES>{ENTETE}<ELEVES>{}{}</ELEVES><STRUCTURES>{lignes}</STRUCTURES></DONNEES></BEE_ELEVES>",
        eleve("a"),
        eleve("b")
    );
    let mut lu = Siecle::de_textes(&[("eleves.xml", eleves.as_bytes())]).unwrap();
    let livraison = Livraison {
        origine: Origine::Siecle,
        portee: lu.uai.to_string(),
        nature: NatureDeLivraison::Complete,
        du: lu.du,
        annee: lu.annee,
    };
    let mut rapport = Rapport::nouveau(livraison, &[], false);
    rapport.rejeter_tous(std::mem::take(&mut lu.rejets));
    traduire(&Etat::default(), lu, &mut rapport)
}

#[test]
fn a_refused_line_takes_nobody_out_of_a_groupe() {
    let de_a = "<STRUCTURES_ELEVE ELEVE_ID=\"a\"><STRUCTURE><CODE_STRUCTURE>6LAT</CODE_STRUCTURE>\
                <TYPE_STRUCTURE>G</TYPE_STRUCTURE></STRUCTURE></STRUCTURES_ELEVE>";
    let sans_cle = "<STRUCTURES_ELEVE><STRUCTURE/></STRUCTURES_ELEVE>";
    for (lignes, attendus, entiers) in
        [(de_a.to_owned(), [Some(1), Some(0)], true), (de_a.to_owned() + sans_cle, [Some(1), None], false)]
    {
        let versement = places(&lignes);
        let fiches = versement.personnes.iter().flat_map(|(_, traduction, _)| &traduction.fiches);
        let dits = fiches.filter_map(|fiche| match fiche {
            Fiche::Personne(decrite) => Some(decrite.groupes.first().map(|dits| dits.codes.len())),
            _ => None,
        });
        assert_eq!(dits.collect::<Vec<_>>(), attendus, "{lignes}");
        let [(Fiche::Etablissement(decrit), _)] = versement.etablissement.as_slice() else {
            panic!("{:?}", versement.etablissement)
        };
        let groupes = decrit.groupes.as_ref().unwrap();
        assert_eq!((groupes.groupes.len(), groupes.entiers), (1, entiers), "{lignes}");
    }
}

#[test]
fn an_export_is_of_the_school_year_that_it_names_and_its_files_are_of_one() {
    let fichier = |racine: &str, annee: &str| {
        format!(
            "<{racine}><PARAMETRES><UAJ>0690001B</UAJ>{annee}<DATE_EXPORT>06/07/2027</DATE_EXPORT>\
             </PARAMETRES><DONNEES></DONNEES></{racine}>"
        )
    };
    let lire = |eleves: &str, responsables: &str| {
        let (eleves, responsables) =
            (fichier("BEE_ELEVES", eleves), fichier("BEE_RESPONSABLES", responsables));
        let textes = [("eleves.xml", eleves.as_bytes()), ("responsables.xml", responsables.as_bytes())];
        Siecle::de_textes(&textes).map(|lu| lu.annee)
    };
    let de = |annee: &str| format!("<ANNEE_SCOLAIRE>{annee}</ANNEE_SCOLAIRE>");
    assert_eq!(lire("", ""), Ok(None), "it is of its day's");
    assert_eq!(lire(&de("2027"), ""), Ok(Some(AnneeScolaire(2027))), "the one that SIECLE prepares");
    let refus = lire(&de("2027"), &de("2026")).unwrap_err();
    assert!(refus.contains("2027 et 2026"), "{refus}");
    assert!(lire(&de("27"), &de("27")).is_err());
}
