//! SIECLE, STS and CSV into a real record: what a lesser source adds, and what it leaves.

use super::bench::{Bench, exploitant};
use api::importer::csv::ImportCsv;
use api::importer::siecle::ImportSiecle;
use api::importer::sts::ImportSts;
use api::importer::{Rapport, Retraits};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

/// A directory, and a collège of the demo's feed in it.
pub(super) async fn college() -> (Bench, String) {
    let (bench, _) = Bench::imported().await;
    let sql = "SELECT uai FROM etablissement ORDER BY uai LIMIT 1";
    let uai = sqlx::query_scalar(sql).fetch_one(&bench.pool).await.unwrap();
    (bench, uai)
}

/// A pupil of the collège: last name, first name, date of birth as SIECLE writes it.
async fn connu(bench: &Bench, uai: &str) -> (String, String, String) {
    sqlx::query_as(
        "SELECT p.nom, p.prenom, to_char(p.naissance, 'DD/MM/YYYY')
         FROM personne p JOIN rattachement r ON r.personne = p.id JOIN etablissement e ON e.id = r.etablissement
         WHERE e.uai = $1 AND r.profil = 'eleve' ORDER BY p.id LIMIT 1",
    )
    .bind(uai)
    .fetch_one(&bench.pool)
    .await
    .unwrap()
}

pub(super) fn fichier(bench: &Bench, dossier: &str, nom: &str, texte: &str) -> PathBuf {
    let dossier = bench.folder(dossier);
    fs::write(dossier.join(nom), texte).unwrap();
    dossier
}

pub(super) fn entete(uai: &str, jour: &str) -> String {
    format!("<PARAMETRES><UAJ>{uai}</UAJ><DATE_EXPORT>{jour}</DATE_EXPORT></PARAMETRES>")
}

pub(super) fn eleve(id: &str, (nom, prenom, naissance): (&str, &str, &str)) -> String {
    format!(
        "<ELEVE ELEVE_ID=\"{id}\"><NOM_DE_FAMILLE>{nom}</NOM_DE_FAMILLE><PRENOM>{prenom}</PRENOM>\
         <DATE_NAISS>{naissance}</DATE_NAISS><CODE_MEF>10010012110</CODE_MEF></ELEVE>\n"
    )
}

pub(super) fn place(id: &str, code: &str) -> String {
    format!(
        "<STRUCTURES_ELEVE ELEVE_ID=\"{id}\"><STRUCTURE><CODE_STRUCTURE>{code}</CODE_STRUCTURE>\
         <TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE></STRUCTURES_ELEVE>\n"
    )
}

pub(super) fn eleves(uai: &str, jour: &str, eleves: &str, places: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<BEE_ELEVES VERSION=\"3.0\">{}<DONNEES>\n<ELEVES>{eleves}\
         </ELEVES><STRUCTURES>{places}</STRUCTURES></DONNEES></BEE_ELEVES>\n",
        entete(uai, jour)
    )
}

fn responsables(uai: &str) -> String {
    let personne = |id: &str, prenom: &str| {
        format!(
            "<PERSONNE PERSONNE_ID=\"{id}\"><NOM_DE_FAMILLE>FICTIF</NOM_DE_FAMILLE>\
             <PRENOM>{prenom}</PRENOM></PERSONNE>\n"
        )
    };
    let lien = |eleve: &str, personne: &str, niveau: u8| {
        format!(
            "<RESPONSABLE_ELEVE><ELEVE_ID>{eleve}</ELEVE_ID><PERSONNE_ID>{personne}</PERSONNE_ID>\
             <NIVEAU_RESPONSABILITE>{niveau}</NIVEAU_RESPONSABILITE><CODE_PARENTE>10</CODE_PARENTE>\
             </RESPONSABLE_ELEVE>\n"
        )
    };
    format!(
        "<BEE_RESPONSABLES>{}<DONNEES><PERSONNES>{}{}</PERSONNES><RESPONSABLES>{}{}{}{}</RESPONSABLES>\
         </DONNEES></BEE_RESPONSABLES>",
        entete(uai, "15/09/2026"),
        personne("m", "Mère"),
        personne("p", "Père"),
        lien("neuf", "m", 1),
        lien("neuf", "p", 0),
        lien("fantome", "m", 1),
        lien("neuf", "fantome", 1),
    )
}

pub(super) async fn siecle(bench: &Bench, chemin: PathBuf) -> Result<Rapport, String> {
    bench.patienter().await;
    let acteur = bench.commands.acteur(Some(exploitant())).await.unwrap();
    let import = ImportSiecle { chemin, a_blanc: false, retraits: Retraits::Mesures };
    let rapport = import.run(&bench.commands, &acteur, Arc::new(|_| ())).await;
    bench.runner.catch_up().await.unwrap();
    rapport.map_err(|erreur| {
        let causes = std::iter::successors(Some(&erreur as &dyn std::error::Error), |cause| cause.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join(" : ")
    })
}

pub(super) fn codes(rapport: &Rapport) -> Vec<&'static str> {
    rapport.lignes.iter().map(|ligne| ligne.code).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn siecle_finds_the_pupils_of_the_aaf_and_adds_those_whom_it_lacks() {
    let (bench, uai) = college().await;
    let (nom, prenom, naissance) = connu(&bench, &uai).await;
    let avant = bench.count("personne").await;
    let lus = eleve("connu", (&nom.to_uppercase(), &prenom, &naissance))
        + &eleve("neuf", ("FICTIF", "Alix", "01/02/2014"))
        + &eleve("neuf", ("FICTIF", "Autre", "03/04/2014"));
    let places = place("connu", "AILLEURS") + &place("neuf", "6 Z") + &place("fantome", "6 Z");
    let dossier = fichier(&bench, "siecle", "eleves.xml", &eleves(&uai, "15/09/2026", &lus, &places));
    fichier(&bench, "siecle", "responsables.xml", &responsables(&uai));
    let rapport = siecle(&bench, dossier).await.unwrap();
    let mut dits = codes(&rapport);
    dits.sort_unstable();
    assert_eq!(
        dits,
        [
            "IMPORT_ELEVE_INCONNU",
            "IMPORT_ELEVE_INCONNU",
            "IMPORT_ENTREE_EN_DOUBLE",
            "IMPORT_RESPONSABLE_INCONNU",
        ],
        "{rapport}"
    );
    assert_eq!(bench.count("personne").await, avant + 3, "one pupil and the two parents are new");
    // What the AAF says of the pupil whom both name stays in force.
    let ailleurs = "rattachement r JOIN division d ON d.id = r.division WHERE d.code = 'AILLEURS'";
    assert_eq!(bench.count(ailleurs).await, 0);
    assert_eq!(
        bench.count("rattachement r JOIN division d ON d.id = r.division WHERE d.code = '6 Z'").await,
        1
    );
    // The separated parents have different rights.
    let droits: Vec<(String, bool)> = sqlx::query_as(
        "SELECT r.niveau, r.destinataire FROM responsabilite r JOIN source s ON s.personne = r.eleve
         WHERE s.cle = 'eleve/neuf' ORDER BY r.niveau",
    )
    .fetch_all(&bench.pool)
    .await
    .unwrap();
    assert_eq!(droits, [("contact".to_owned(), false), ("legale1".to_owned(), true)]);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_siecle_is_suspended_unless_the_aaf_names_him_or_her() {
    let (bench, uai) = college().await;
    let (nom, prenom, naissance) = connu(&bench, &uai).await;
    let tous = eleve("connu", (&nom, &prenom, &naissance)) + &eleve("neuf", ("FICTIF", "Alix", "01/02/2014"));
    let premier = fichier(&bench, "premier", "eleves.xml", &eleves(&uai, "15/09/2026", &tous, ""));
    siecle(&bench, premier).await.unwrap();
    let vide = fichier(&bench, "vide", "eleves.xml", &eleves(&uai, "16/09/2026", "", ""));
    let rapport = siecle(&bench, vide).await.unwrap();
    assert_eq!(rapport.comptes["Retraits"].retires, 2);
    assert_eq!(bench.count("personne WHERE suspendue").await, 1);
    let retour = fichier(&bench, "retour", "eleves.xml", &eleves(&uai, "17/09/2026", &tous, ""));
    siecle(&bench, retour).await.unwrap();
    assert_eq!(bench.count("personne WHERE suspendue").await, 0);
    let hier = fichier(&bench, "hier", "eleves.xml", &eleves(&uai, "16/09/2026", &tous, ""));
    let refus = siecle(&bench, hier).await.unwrap_err();
    assert!(refus.contains("La livraison du 2026-09-16 est plus ancienne"), "{refus}");
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_file_of_the_adults_nobody_is_suspended() {
    let (bench, uai) = college().await;
    let lus = eleve("neuf", ("FICTIF", "Alix", "01/02/2014"));
    let premier = fichier(&bench, "premier", "eleves.xml", &eleves(&uai, "15/09/2026", &lus, ""));
    fichier(&bench, "premier", "responsables.xml", &responsables(&uai));
    siecle(&bench, premier).await.unwrap();
    let seuls = fichier(&bench, "seuls", "eleves.xml", &eleves(&uai, "16/09/2026", &lus, ""));
    let rapport = siecle(&bench, seuls).await.unwrap();
    assert_eq!(rapport.comptes["Retraits"].retires, 0, "{rapport}");
    assert_eq!(bench.count("personne WHERE suspendue").await, 0);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_adults_of_a_pupil_whose_entry_is_refused_stay_where_they_are() {
    let (bench, uai) = college().await;
    let bon = eleve("neuf", ("FICTIF", "Alix", "01/02/2014"));
    let mut rattachements = vec![];
    for (jour, lus) in [("15/09/2026", bon.clone()), ("16/09/2026", bon.replace("01/02/2014", "hier"))] {
        let dossier = jour.replace('/', "-");
        let chemin = fichier(&bench, &dossier, "eleves.xml", &eleves(&uai, jour, &lus, ""));
        let adultes = responsables(&uai).replace("15/09/2026", jour);
        fichier(&bench, &dossier, "responsables.xml", &adultes);
        siecle(&bench, chemin).await.unwrap();
        rattachements.push(bench.count("rattachement").await);
    }
    assert_eq!(rattachements[0], rattachements[1]);
    assert_eq!(bench.count("personne WHERE suspendue").await, 0);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_division_that_the_directory_refuses_is_told_beside_its_pupil() {
    let (bench, uai) = college().await;
    let lus = eleve("neuf", ("FICTIF", "Alix", "01/02/2014"));
    let places = place("neuf", &"Z".repeat(300));
    let dossier = fichier(&bench, "long", "eleves.xml", &eleves(&uai, "15/09/2026", &lus, &places));
    let rapport = siecle(&bench, dossier).await.unwrap();
    assert_eq!(codes(&rapport), ["TEXTE_INVALIDE"], "{rapport}");
    let comptes = rapport.comptes["Élèves"];
    assert_eq!((comptes.crees, comptes.rejetes), (1, 0), "the pupil counts once");
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_or_foreign_export_stores_nothing() {
    let (bench, uai) = college().await;
    let heads = bench.heads().await;
    let bon = eleves(&uai, "15/09/2026", &eleve("1", ("A", "B", "01/02/2014")), "");
    for (nom, texte, code) in [
        ("coupe", bon.replace("</DONNEES></BEE_ELEVES>", ""), "FICHIER_TRONQUE"),
        ("bombe", bon.replace("<PRENOM>", "<PRENOM>&lol;"), "FICHIER_ENTITE_REFUSEE"),
    ] {
        let rapport = siecle(&bench, fichier(&bench, nom, "eleves.xml", &texte)).await.unwrap();
        assert!(rapport.interrompu);
        assert_eq!(codes(&rapport), [code]);
    }
    let xxe = "<!DOCTYPE BEE_ELEVES SYSTEM \"file:///etc/passwd\"><BEE_ELEVES";
    let xxe = fichier(&bench, "xxe", "eleves.xml", &bon.replace("<BEE_ELEVES", xxe));
    let refus = siecle(&bench, xxe).await.unwrap_err();
    assert!(refus.contains("eleves.xml, ligne 2") && refus.contains("DOCTYPE"), "{refus}");
    let ailleurs = eleves("0752387M", "15/09/2026", "", "");
    let refus = siecle(&bench, fichier(&bench, "ailleurs", "eleves.xml", &ailleurs)).await.unwrap_err();
    assert!(refus.contains("0752387M"), "{refus}");
    assert_eq!(bench.heads().await, heads);
    bench.close().await;
}

pub(super) const STS: &str = "<STS_EDT><PARAMETRES><UAJ CODE=\"@UAI@\"><ACADEMIE><LIBELLE>LYON</LIBELLE></ACADEMIE>
<DENOM_COMPL>DES TILLEULS</DENOM_COMPL><CODE_CATEGORIE>CLG</CODE_CATEGORIE><COMMUNE>LYON</COMMUNE></UAJ></PARAMETRES>
<NOMENCLATURES><MATIERES><MATIERE CODE=\"020700\"><LIBELLE_EDITION>Français</LIBELLE_EDITION></MATIERE></MATIERES></NOMENCLATURES>
<DONNEES><INDIVIDUS>
<INDIVIDU ID=\"1\" TYPE=\"epp\"><NOM_USAGE>FICTIF</NOM_USAGE><PRENOM>Jeanne</PRENOM><DATE_NAISSANCE>1975-02-27</DATE_NAISSANCE>
<FONCTION>ENS</FONCTION><DISCIPLINES><DISCIPLINE CODE=\"L0202\"/></DISCIPLINES></INDIVIDU>
<INDIVIDU ID=\"2\" TYPE=\"epp\"><NOM_USAGE>FICTIF</NOM_USAGE><DATE_NAISSANCE>1975-02-27</DATE_NAISSANCE></INDIVIDU>
</INDIVIDUS><STRUCTURE><DIVISIONS><DIVISION CODE=\"3A\"><LIBELLE_LONG>3EMEA</LIBELLE_LONG>
<MEFS_APPARTENANCE><MEF_APPARTENANCE CODE=\"10310019110\"/></MEFS_APPARTENANCE><SERVICES>
<SERVICE CODE_MATIERE=\"020700\"><ENSEIGNANTS><ENSEIGNANT ID=\"1\"/><ENSEIGNANT ID=\"9\"/></ENSEIGNANTS></SERVICE>
</SERVICES></DIVISION></DIVISIONS><GROUPES><GROUPE CODE=\"3AGR1\"/></GROUPES></STRUCTURE></DONNEES></STS_EDT>";

#[tokio::test(flavor = "multi_thread")]
async fn sts_brings_an_etablissement_its_teachers_and_what_they_teach() {
    let bench = Bench::open().await;
    let dossier = fichier(&bench, "sts", "sts_emp.xml", &STS.replace("@UAI@", "0690001B"));
    let acteur = bench.commands.acteur(Some(exploitant())).await.unwrap();
    let import = |chemin| ImportSts {
        chemin,
        du: "2026-09-15".parse().unwrap(),
        a_blanc: false,
        retraits: Retraits::Mesures,
    };
    let rapport = import(dossier).run(&bench.commands, &acteur, Arc::new(|_| ())).await.unwrap();
    bench.runner.catch_up().await.unwrap();
    let mut dits = codes(&rapport);
    dits.sort_unstable();
    assert_eq!(
        dits,
        ["FICHIER_ELEMENT_MANQUANT", "IMPORT_ENSEIGNANT_INCONNU", "IMPORT_GROUPE_SANS_LIBELLE"],
        "{rapport}"
    );
    let etablissement: (String, String) =
        sqlx::query_as("SELECT nom, nature FROM etablissement").fetch_one(&bench.pool).await.unwrap();
    assert_eq!(etablissement, ("DES TILLEULS".to_owned(), "COLLEGE".to_owned()));
    assert_eq!(
        bench.count("division WHERE code = '3A' AND libelle = '3EMEA' AND mef = '10310019110'").await,
        1
    );
    assert_eq!(bench.count("enseignement WHERE matiere_libelle = 'Français'").await, 1);
    assert_eq!(bench.count("enseignant").await, 1);
    assert_eq!(
        bench.count("rattachement WHERE fonctions = '{ENS,L0202}' AND profil = 'enseignant'").await,
        1
    );
    // A teacher whose entry is refused goes on to teach.
    let casse = STS.replace("@UAI@", "0690001B").replace("<PRENOM>Jeanne</PRENOM>", "");
    let dossier = fichier(&bench, "casse", "sts_emp.xml", &casse);
    bench.patienter().await;
    import(dossier).run(&bench.commands, &acteur, Arc::new(|_| ())).await.unwrap();
    bench.runner.catch_up().await.unwrap();
    assert_eq!(bench.count("enseignant").await, 1);
    assert_eq!(bench.count("personne WHERE suspendue").await, 0);
    let ailleurs = STS.replace("@UAI@", "0771991W").replace("<LIBELLE>LYON", "<LIBELLE>CRETEIL");
    let dossier = fichier(&bench, "ailleurs", "sts_emp.xml", &ailleurs);
    let refus = import(dossier).run(&bench.commands, &acteur, Arc::new(|_| ())).await.unwrap_err();
    assert!(refus.to_string().contains("CRETEIL"), "{refus}");
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_adult_of_a_pupil_may_go_and_a_refused_line_takes_none() {
    let (bench, uai) = college().await;
    let acteur = bench.commands.acteur(Some(exploitant())).await.unwrap();
    let avant = bench.count("responsabilite").await;
    let entete = "identifiant;profil;nom;prenom;naissance;eleve;lien;niveau;destinataire\n";
    let eleve = "e;eleve;Fictif;Alix;29/02/2012;;;;\n";
    let adulte = |niveau: &str| format!("r;responsable;Fictif;Dominique;;e;mere;{niveau};oui\n");
    for (jour, adultes, connus) in [
        ("2026-09-15", adulte("legal"), 1),
        ("2026-09-16", adulte("chef"), 1),
        ("2026-09-17", String::new(), 0),
    ] {
        bench.patienter().await;
        let texte = format!("{entete}{eleve}{adultes}");
        let chemin = fichier(&bench, jour, "personnes.csv", &texte).join("personnes.csv");
        let (uai, du) = (uai.parse().unwrap(), jour.parse().unwrap());
        let import = ImportCsv { chemin, uai, du, a_blanc: false, retraits: Retraits::Mesures };
        import.run(&bench.commands, &acteur, Arc::new(|_| ())).await.unwrap();
        bench.runner.catch_up().await.unwrap();
        assert_eq!(bench.count("responsabilite").await, avant + connus, "{jour}");
    }
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_cut_suspends_nobody_unasked() {
    let (bench, uai) = college().await;
    let acteur = bench.commands.acteur(Some(exploitant())).await.unwrap();
    let entete = "identifiant;profil;nom;prenom\n";
    let ligne = |rang: usize| format!("{rang};autre;Fictif;Alix {rang}\n");
    let entier = entete.to_owned() + &(0..30).map(ligne).collect::<String>();
    let coupe = entete.to_owned() + &ligne(0);
    let guillemet = entete.to_owned()
        + "0;autre;Fictif;\"Alix\n"
        + &(1..29).map(ligne).collect::<String>()
        + "29;autre;F;\"A\n";
    for (texte, jour, retraits, suspendues) in [
        (&entier, "2026-09-15", Retraits::Mesures, 0),
        (&coupe, "2026-09-16", Retraits::Mesures, 0),
        (&guillemet, "2026-09-17", Retraits::Confirmes, 0),
        (&coupe, "2026-09-18", Retraits::Confirmes, 29),
    ] {
        bench.patienter().await;
        let chemin = fichier(&bench, jour, "personnes.csv", texte).join("personnes.csv");
        let (uai, du) = (uai.parse().unwrap(), jour.parse().unwrap());
        let import = ImportCsv { chemin, uai, du, a_blanc: false, retraits };
        let rapport = import.run(&bench.commands, &acteur, Arc::new(|_| ())).await.unwrap();
        bench.runner.catch_up().await.unwrap();
        assert_eq!(rapport.retraits_a_confirmer, jour == "2026-09-16", "{rapport}");
        assert_eq!(bench.count("personne WHERE suspendue").await, suspendues, "{rapport}");
    }
    bench.close().await;
}

const CSV: &str =
    "identifiant;profil;nom;prenom;civilite;naissance;courriel;division;eleve;lien;niveau;destinataire
e1;eleve;Fictif;Alix;;29/02/2012;;6Z;;;;
r1;responsable;Fictif;Dominique;Mme;;d@exemple.fr;;e1;mere;legal;oui
r2;responsable;Autre;Claude;M.;;;;e1;pere;contact;non
e1;eleve;Double;Zoé;;01/02/2012;;6Z;;;;
e3;eleve;Sans;Date;;;;;;;;
x;chanteur;Nom;Prénom;;;;;;;;
r3;responsable;Fictif;Camille;;;;;fantome;pere;legal;oui
court;eleve
";

#[tokio::test(flavor = "multi_thread")]
async fn a_csv_file_adds_whom_no_feed_names_and_tells_each_bad_line() {
    let (bench, uai) = college().await;
    let avant = bench.count("personne").await;
    let chemin = fichier(&bench, "csv", "personnes.csv", CSV).join("personnes.csv");
    let acteur = bench.commands.acteur(Some(exploitant())).await.unwrap();
    let (uai, du) = (uai.parse().unwrap(), "2026-09-15".parse().unwrap());
    let import = ImportCsv { chemin, uai, du, a_blanc: false, retraits: Retraits::Mesures };
    let rapport = import.clone().run(&bench.commands, &acteur, Arc::new(|_| ())).await.unwrap();
    bench.runner.catch_up().await.unwrap();
    let lignes: Vec<_> = rapport.lignes.iter().map(|ligne| (ligne.ligne, ligne.code)).collect();
    assert_eq!(
        lignes,
        [
            // The last line does not say of whom it is.
            (1, "IMPORT_SUSPENSION_DIFFEREE"),
            (1, "IMPORT_RESPONSABLES_TUS"),
            (5, "IMPORT_ENTREE_EN_DOUBLE"),
            (6, "FICHIER_ELEMENT_MANQUANT"),
            (7, "FICHIER_ELEMENT_INVALIDE"),
            (8, "IMPORT_ELEVE_INCONNU"),
            (9, "CSV_NOMBRE_DE_COLONNES"),
        ],
        "{rapport}"
    );
    assert_eq!(bench.count("personne").await, avant + 4);
    bench.patienter().await;
    fs::write(&import.chemin, CSV.replace("court;eleve\n", "")).unwrap();
    import.clone().run(&bench.commands, &acteur, Arc::new(|_| ())).await.unwrap();
    bench.runner.catch_up().await.unwrap();
    assert_eq!(bench.count("personne").await, avant + 4);
    assert_eq!(
        bench.count("responsabilite WHERE niveau = 'contact' AND NOT destinataire AND lien = 'pere'").await,
        1
    );
    assert_eq!(bench.count("personne WHERE suspendue").await, 0);
    let chemin = bench.folder("csv").join("latin.csv");
    fs::write(&chemin, b"identifiant;profil;nom;prenom\n1;autre;Fictif;Zo\xE9\n").unwrap();
    let latin = ImportCsv { chemin, ..import };
    let rapport = latin.run(&bench.commands, &acteur, Arc::new(|_| ())).await.unwrap();
    assert!(rapport.interrompu);
    assert_eq!((rapport.lignes[0].ligne, codes(&rapport)), (2, vec!["FICHIER_ENCODAGE_MENSONGER"]));
    bench.close().await;
}
