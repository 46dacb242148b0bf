//! The groupes of feeds: declared, filled, emptied.

use super::bench::{Bench, exploitant, plan};
use super::delta::{delta, modified, replaced, value};
use super::petites::{STS, fichier};
use super::repeated::edit;
use api::importer::aaf::generator::{Academie, Plan};
use api::importer::siecle::ImportSiecle;
use api::importer::sts::ImportSts;
use api::importer::{Rapport, Retraits};
use std::sync::Arc;

/// Who is in which groupe that sources declare.
const DEDANS: &str = "repartition q JOIN groupe_declare g ON g.id = q.groupe
    JOIN rattachement r ON r.personne = q.personne AND r.etablissement = q.etablissement";

/// Who teaches what to which groupe that sources declare.
const ENSEIGNES: &str = "enseignement n JOIN enseignant t ON t.enseignement = n.id
    JOIN groupe_declare g ON g.id = n.groupe";

fn codes(rapport: &Rapport) -> Vec<&'static str> {
    let mut codes: Vec<_> = rapport.lignes.iter().map(|ligne| ligne.code).collect();
    codes.sort_unstable();
    codes
}

/// Position of the only journal.
async fn head(bench: &Bench) -> i64 {
    bench.runner.catch_up().await.unwrap();
    let heads = bench.heads().await;
    assert_eq!(heads.len(), 1);
    heads[0].1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complete_feed_fills_groupes_and_the_next_one_ends_what_it_no_longer_declares() {
    let (bench, _) = Bench::imported().await;
    let declares = bench.count("groupe_declare WHERE annee = 2026 AND divisions <> '{}' AND NOT clos").await;
    assert!(declares > 0);
    assert_eq!(bench.count("groupe_declare").await, declares);
    for profil in ["eleve", "enseignant"] {
        assert!(bench.count(&format!("{DEDANS} WHERE r.profil = '{profil}'")).await > 0, "{profil}");
    }
    assert_eq!(bench.count(DEDANS).await, bench.count("repartition").await);
    let enseignes = bench.count(ENSEIGNES).await;
    assert!(enseignes > 0 && bench.count("enseignement WHERE division IS NOT NULL").await > 0);
    // An établissement no longer declares one, whoever still names it.
    let next = bench.feed("next", &Plan { date: "2026-09-15".parse().unwrap(), ..plan(Academie::Lyon) });
    let declaration = value(&next, "_EtabEducNat_", "ENTStructureGroupes");
    edit(&next, "_EtabEducNat_", &format!("<value>{declaration}</value>"), "");
    let rapport = bench.import(&next, false).await;
    bench.runner.catch_up().await.unwrap();
    assert!(!rapport.lignes.is_empty());
    assert!(codes(&rapport).iter().all(|code| *code == "IMPORT_GROUPE_NON_DECLARE"), "{rapport}");
    let attributs = ["ENTEleveGroupes", "ENTAuxEnsGroupesMatieres"];
    let place = |attribut: Option<&str>| attribut.is_some_and(|attribut| attributs.contains(&attribut));
    assert!(rapport.lignes.iter().all(|ligne| ligne.ligne > 3 && place(ligne.attribut)), "{rapport}");
    assert_eq!(bench.count("groupe_declare WHERE clos").await, 1);
    assert_eq!(bench.count(&format!("{DEDANS} WHERE g.clos")).await, 0);
    // What was taught to it ended with it, and nothing else did.
    assert_eq!(bench.count(&format!("{ENSEIGNES} WHERE g.clos")).await, 0);
    assert_eq!(bench.count(ENSEIGNES).await, enseignes - 1);
    assert_eq!(bench.count("personne WHERE suspendue").await, 0);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_says_anew_who_is_in_a_groupe_and_which_there_are() {
    let (bench, feed) = Bench::imported().await;
    let eleve = value(&feed, "_Eleve_", "ENTPersonJointure");
    let etablissement = value(&feed, "_Eleve_", "ENTPersonStructRattach");
    let groupe = value(&feed, "_Eleve_", "ENTEleveGroupes");
    assert!(groupe.starts_with(&format!("{etablissement}$")), "{groupe}");
    let siens = format!("{DEDANS} JOIN source s ON s.personne = q.personne WHERE s.cle = '{eleve}'");
    let dans = |values: &[&str]| {
        let groupes = replaced("ENTEleveGroupes", values);
        [("Eleve", modified("Eleve", &eleve, &groupes))]
    };
    let inconnu = format!("{etablissement}$NULLE-PART");
    let rapport = bench.import(&delta(&bench, "20260915", &dans(&[&groupe, &inconnu])), false).await;
    assert_eq!(codes(&rapport), ["IMPORT_GROUPE_NON_DECLARE"], "{rapport}");
    let before = head(&bench).await;
    assert_eq!(bench.count(&siens).await, 1);
    // The same delta again says nothing new: it is begun, and taken to its end.
    bench.import(&bench.folder("delta-20260915"), false).await;
    assert_eq!(head(&bench).await, before + 2);
    bench.import(&delta(&bench, "20260916", &dans(&[])), false).await;
    bench.runner.catch_up().await.unwrap();
    assert_eq!(bench.count(&siens).await, 0, "he or she has left");
    // An établissement that says its groupes says all of them.
    let declares = replaced("ENTStructureGroupes", &["NEUF$Groupe neuf$NULLE-PART", "NEUF$Autre", "NU"]);
    let declares = [("EtabEducNat", modified("EtabEducNat", &etablissement, &declares))];
    let rapport = bench.import(&delta(&bench, "20260917", &declares), false).await;
    bench.runner.catch_up().await.unwrap();
    let attendus = ["IMPORT_GROUPE_EN_DOUBLE", "IMPORT_GROUPE_HORS_DIVISION", "IMPORT_GROUPE_SANS_LIBELLE"];
    assert_eq!(codes(&rapport), attendus, "{rapport}");
    let ici = format!(
        "groupe_declare g JOIN source_etablissement s ON s.etablissement = g.etablissement
         WHERE s.cle = '{etablissement}' AND NOT g.clos"
    );
    assert_eq!(bench.count(&ici).await, 2);
    assert_eq!(bench.count(&format!("{ici} AND g.code = 'NEUF' AND g.libelle = 'Groupe neuf'")).await, 1);
    assert_eq!(bench.count(&format!("{ici} AND g.code = 'NU' AND g.libelle = 'NU'")).await, 1);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_says_anew_what_is_taught_to_divisions_and_leaves_groupes_alone() {
    let bench = Bench::open().await;
    let feed = bench.feed("complete", &plan(Academie::Lyon));
    bench.import(&feed, false).await;
    bench.runner.catch_up().await.unwrap();
    let sources = "JOIN source s ON s.personne = t.personne";
    let cle: String =
        sqlx::query_scalar(&format!("SELECT s.cle FROM {ENSEIGNES} {sources} ORDER BY 1 LIMIT 1"))
            .fetch_one(&bench.pool)
            .await
            .unwrap();
    let siens = format!("{ENSEIGNES} {sources} WHERE s.cle = '{cle}'");
    let before = bench.count(&siens).await;
    assert!(before > 0);
    let vider = |attribut| [("PersEducNat", modified("PersEducNat", &cle, &replaced(attribut, &[])))];
    bench.import(&delta(&bench, "20260915", &vider("ENTAuxEnsClassesMatieres")), false).await;
    bench.runner.catch_up().await.unwrap();
    assert_eq!(bench.count(&siens).await, before);
    bench.import(&delta(&bench, "20260916", &vider("ENTAuxEnsGroupesMatieres")), false).await;
    bench.runner.catch_up().await.unwrap();
    assert_eq!(bench.count(&siens).await, 0);
    bench.close().await;
}

/// An export of STS in which teacher 1 has a groupe.
fn sts() -> String {
    let groupe = "<GROUPE CODE=\"3AGR1\"><LIBELLE_LONG>Groupe 1</LIBELLE_LONG><DIVISIONS_APPARTENANCE>
        <DIVISION_APPARTENANCE CODE=\"3A\"/><DIVISION_APPARTENANCE CODE=\"9Z\"/></DIVISIONS_APPARTENANCE>
        <SERVICES><SERVICE CODE_MATIERE=\"020700\"><ENSEIGNANTS><ENSEIGNANT ID=\"1\"/></ENSEIGNANTS>
        </SERVICE></SERVICES></GROUPE><GROUPE CODE=\"3AGR1\"><LIBELLE_LONG>Autre</LIBELLE_LONG></GROUPE>";
    // Nobody's entry is refused here.
    let casse = "<INDIVIDU ID=\"2\" TYPE=\"epp\"><NOM_USAGE>FICTIF</NOM_USAGE>\
                 <DATE_NAISSANCE>1975-02-27</DATE_NAISSANCE></INDIVIDU>";
    assert!(STS.contains(casse));
    let texte = STS.replace("@UAI@", "0690001B").replace(casse, "");
    texte.replace("<ENSEIGNANT ID=\"9\"/>", "").replace("<GROUPE CODE=\"3AGR1\"/>", groupe)
}

/// An export of SIECLE of one pupil, who is in these places.
fn siecle(jour: &str, places: &[(&str, &str)]) -> String {
    let places = places.iter().map(|(code, genre)| {
        format!(
            "<STRUCTURE><CODE_STRUCTURE>{code}</CODE_STRUCTURE><TYPE_STRUCTURE>{genre}</TYPE_STRUCTURE>\
             </STRUCTURE>"
        )
    });
    let places: String = places.collect();
    format!(
        "<BEE_ELEVES><PARAMETRES><UAJ>0690001B</UAJ><DATE_EXPORT>{jour}</DATE_EXPORT></PARAMETRES><DONNEES>
         <ELEVES><ELEVE ELEVE_ID=\"1\"><NOM_DE_FAMILLE>FICTIF</NOM_DE_FAMILLE><PRENOM>Alix</PRENOM>
         <DATE_NAISS>01/02/2012</DATE_NAISS></ELEVE></ELEVES>
         <STRUCTURES><STRUCTURES_ELEVE ELEVE_ID=\"1\">{places}</STRUCTURES_ELEVE></STRUCTURES></DONNEES>
         </BEE_ELEVES>"
    )
}

async fn de_sts(bench: &Bench, nom: &str, export: &str) -> Rapport {
    let chemin = fichier(bench, nom, "sts_emp.xml", export);
    let du = "2026-09-15".parse().unwrap();
    let import = ImportSts { chemin, du, a_blanc: false, retraits: Retraits::Mesures };
    bench.patienter().await;
    let acteur = bench.commands.acteur(Some(exploitant())).await.unwrap();
    import.run(&bench.commands, &acteur, Arc::new(|_| ())).await.unwrap()
}

async fn de_siecle(bench: &Bench, nom: &str, jour: &str, places: &[(&str, &str)]) -> Rapport {
    let chemin = fichier(bench, nom, "eleves.xml", &siecle(jour, places));
    let import = ImportSiecle { chemin, a_blanc: false, retraits: Retraits::Mesures };
    bench.patienter().await;
    let acteur = bench.commands.acteur(Some(exploitant())).await.unwrap();
    import.run(&bench.commands, &acteur, Arc::new(|_| ())).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sts_declares_a_groupe_with_its_teacher_and_siecle_puts_pupils_there() {
    let bench = Bench::open().await;
    let rapport = de_sts(&bench, "sts", &sts()).await;
    assert_eq!(codes(&rapport), ["IMPORT_GROUPE_EN_DOUBLE", "IMPORT_GROUPE_HORS_DIVISION"], "{rapport}");
    let places = [("3A", "D"), ("3AGR1", "G"), ("3ALAT", "G")];
    let rapport = de_siecle(&bench, "siecle", "15/09/2026", &places).await;
    assert_eq!(codes(&rapport), [""; 0], "{rapport}");
    let before = head(&bench).await;
    // STS is believed of the name; who is in it is what each says of its own.
    let nomme = "code = '3AGR1' AND libelle = 'Groupe 1' AND cardinality(divisions) = 1";
    assert_eq!(bench.count(&format!("groupe_declare WHERE {nomme}")).await, 1);
    assert_eq!(bench.count("groupe_declare WHERE code = '3ALAT' AND libelle = '3ALAT'").await, 1);
    for (profil, combien) in [("enseignant", 1), ("eleve", 2)] {
        assert_eq!(bench.count(&format!("{DEDANS} WHERE r.profil = '{profil}'")).await, combien, "{profil}");
    }
    let taught = "g.code = '3AGR1' AND n.matiere_libelle = 'Français' AND NOT t.principal";
    assert_eq!(bench.count(&format!("{ENSEIGNES} WHERE {taught}")).await, 1);
    // Both again say nothing new.
    de_sts(&bench, "sts", &sts()).await;
    de_siecle(&bench, "siecle", "15/09/2026", &places).await;
    assert_eq!(head(&bench).await, before + 4);
    // The pupil leaves: one groupe is nobody's any more, the other is still STS's.
    de_siecle(&bench, "apres", "16/09/2026", &places[..1]).await;
    bench.runner.catch_up().await.unwrap();
    assert_eq!(bench.count(&format!("{DEDANS} WHERE r.profil = 'eleve'")).await, 0);
    assert_eq!(bench.count("groupe_declare WHERE clos AND code = '3ALAT'").await, 1);
    assert_eq!(bench.count("groupe_declare WHERE NOT clos AND code = '3AGR1'").await, 1);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_groupe_that_the_directory_cannot_have_takes_nothing_else_with_it() {
    let bench = Bench::open().await;
    let trop = "G".repeat(201);
    let autres = format!(
        "<GROUPES><GROUPE CODE=\"{trop}\"><LIBELLE_LONG>Latin</LIBELLE_LONG>\
         <SERVICES><SERVICE CODE_MATIERE=\"020700\"><ENSEIGNANTS><ENSEIGNANT ID=\"1\"/></ENSEIGNANTS></SERVICE></SERVICES></GROUPE>\
         <GROUPE CODE=\"3AESP\"><LIBELLE_LONG>{trop}</LIBELLE_LONG></GROUPE>"
    );
    let rapport = de_sts(&bench, "sts", &sts().replace("<GROUPES>", &autres)).await;
    let dits = [
        "IMPORT_GROUPE_EN_DOUBLE",
        "IMPORT_GROUPE_HORS_DIVISION",
        "IMPORT_GROUPE_INADMISSIBLE",
        "IMPORT_GROUPE_MAL_NOMME",
    ];
    assert_eq!(codes(&rapport), dits, "{rapport}");
    let ecarte = rapport.lignes.iter().find(|ligne| ligne.code == "IMPORT_GROUPE_INADMISSIBLE").unwrap();
    assert!(&*ecarte.fichier == "sts_emp.xml" && ecarte.ligne > 1, "{ecarte:?}");
    assert!(ecarte.raison.contains(&trop[..40]) && !ecarte.raison.contains(&trop[..41]), "{ecarte:?}");
    let places = [("3A", "D"), ("3AGR1", "G"), (trop.as_str(), "G")];
    let rapport = de_siecle(&bench, "siecle", "15/09/2026", &places).await;
    assert_eq!(codes(&rapport), ["IMPORT_GROUPE_INADMISSIBLE"], "{rapport}");
    bench.runner.catch_up().await.unwrap();
    assert_eq!(bench.count("division WHERE code = '3A' AND libelle = '3EMEA'").await, 1);
    assert_eq!(bench.count("groupe_declare WHERE NOT clos").await, 2);
    assert_eq!(bench.count("groupe_declare WHERE code = '3AESP' AND libelle = '3AESP'").await, 1);
    for profil in ["enseignant", "eleve"] {
        assert_eq!(bench.count(&format!("{DEDANS} WHERE r.profil = '{profil}'")).await, 1, "{profil}");
    }
    bench.close().await;
}
