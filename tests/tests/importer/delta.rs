//! Deltas, and who is no longer named.

use super::bench::{Bench, ELEVES, exploitant, plan};
use super::repeated::edit;
use api::importer::aaf::generator::{Academie, Plan};
use api::importer::csv::ImportCsv;
use api::importer::guichet::OuvertureRefusee;
use api::importer::{ErreurImport, Retraits};
use commands::UseCaseError;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The only file of a category.
fn file_of(feed: &Path, categorie: &str) -> PathBuf {
    let mut files = fs::read_dir(feed).unwrap().map(|file| file.unwrap().path());
    files.find(|path| path.to_string_lossy().contains(categorie)).unwrap()
}

/// Takes the entry of this key out of a feed.
fn remove(feed: &Path, categorie: &str, key: &str) {
    let file = file_of(feed, categorie);
    let text = fs::read_to_string(&file).unwrap();
    let (before, after) = text.split_once(&format!("<id>{key}</id>")).unwrap();
    let (before, _) = before.rsplit_once("<addRequest>").unwrap();
    let (_, after) = after.split_once("</addRequest>").unwrap();
    fs::write(file, format!("{before}{after}")).unwrap();
}

/// The value of an attribute in the first entry of a category that has one.
pub(super) fn value(feed: &Path, categorie: &str, attribut: &str) -> String {
    let text = fs::read_to_string(file_of(feed, categorie)).unwrap();
    let from = format!("<attr name=\"{attribut}\"><value>");
    text.split(&from).nth(1).unwrap().split("</value>").next().unwrap().to_owned()
}

fn entry(operation: &str, categorie: &str, id: &str, body: &str) -> String {
    format!(
        "<{operation}><operationalAttributes><attr name=\"categoriePersonne\"><value>{categorie}</value>\
         </attr></operationalAttributes><identifier><id>{id}</id></identifier>{body}</{operation}>\n"
    )
}

pub(super) fn replaced(attribut: &str, values: &[&str]) -> String {
    let values: String = values.iter().map(|value| format!("<value>{value}</value>")).collect();
    let values = if values.is_empty() { "<value/>".to_owned() } else { values };
    format!("<modification name=\"{attribut}\" operation=\"replace\">{values}</modification>")
}

pub(super) fn modified(categorie: &str, id: &str, modifications: &str) -> String {
    entry("modifyRequest", categorie, id, &format!("<modifications>{modifications}</modifications>"))
}

/// A delta of that day, one file per category.
pub(super) fn delta(bench: &Bench, day: &str, files: &[(&str, String)]) -> PathBuf {
    let folder = bench.folder(&format!("delta-{day}"));
    for (categorie, entries) in files {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ficAlimMENESR>\n{entries}</ficAlimMENESR>\n"
        );
        fs::write(folder.join(format!("ENT_Delta_{day}_{categorie}_0000.xml")), text).unwrap();
    }
    folder
}

async fn refused(bench: &Bench, feed: &Path) -> &'static str {
    let acteur = bench.commands.acteur(Some(exploitant())).await.unwrap();
    match bench.import_as(&acteur, feed, false).await {
        Err(ErreurImport::DeltaSansComplete) => "DELTA_SANS_COMPLETE",
        Err(ErreurImport::Ouverture(OuvertureRefusee::CasDUsage(UseCaseError::Refused(refused)))) => {
            refused.code
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_adds_modifies_and_deletes_what_it_names_and_nothing_else() {
    let (bench, feed) = Bench::imported().await;
    let eleve = value(&feed, "_Eleve_", "ENTPersonJointure");
    let adulte = value(&feed, "_PersRelEleve_", "ENTPersonJointure");
    let prof = value(&feed, "_PersEducNat_", "ENTPersonJointure");
    let etablissement = value(&feed, "_Eleve_", "ENTPersonStructRattach");
    let division = value(&feed, "_Eleve_", "ENTEleveClasses");
    let responsables = format!("{adulte}$10$0$0$1$0");
    let ajoute = "<attributes><attr name=\"ENTPersonJointure\"><value>neuf</value></attr>\
        <attr name=\"sn\"><value>NEUF</value></attr><attr name=\"givenName\"><value>Zoé</value></attr>\
        <attr name=\"ENTPersonDateNaissance\"><value>01/02/2014</value></attr>";
    let ajoute = format!(
        "{ajoute}<attr name=\"ENTPersonStructRattach\"><value>{etablissement}</value></attr>\
         <attr name=\"ENTEleveClasses\"><value>{division}</value></attr>\
         <attr name=\"ENTElevePersRelEleve\"><value>{adulte}$10$1$1$1$0</value></attr></attributes>"
    );
    let changes = [
        (
            "Eleve",
            modified(
                "Eleve",
                &eleve,
                &(replaced("givenName", &["Zébulon"]) + &replaced("ENTElevePersRelEleve", &[&responsables])),
            ) + &entry("addRequest", "Eleve", "neuf", &ajoute)
                + &modified("Eleve", "personne", &replaced("sn", &["X"])),
        ),
        ("PersRelEleve", modified("PersRelEleve", &adulte, &replaced("mail", &["nouveau@exemple.fr"]))),
        ("PersEducNat", entry("deleteRequest", "PersEducNat", &prof, "")),
    ];
    let rapport = bench.import(&delta(&bench, "20260915", &changes), false).await;
    bench.runner.catch_up().await.unwrap();
    let codes: Vec<_> = rapport.lignes.iter().map(|ligne| (ligne.code, ligne.ligne)).collect();
    assert_eq!(codes, [("IMPORT_PERSONNE_INCONNUE", 5)], "{rapport}");
    assert_eq!(rapport.comptes["Eleve"].crees, 1);
    assert_eq!(bench.count("rattachement WHERE profil = 'eleve'").await, ELEVES + 1);
    assert_eq!(bench.count("personne WHERE prenom = 'Zébulon' AND nom <> 'X'").await, 1);
    let known = format!("source s JOIN personne p ON p.id = s.personne WHERE s.cle = '{adulte}'");
    assert_eq!(bench.count(&format!("{known} AND p.courriel = 'nouveau@exemple.fr'")).await, 1);
    let deleted = format!("source s JOIN personne p ON p.id = s.personne WHERE s.cle = '{prof}'");
    assert_eq!(bench.count(&format!("{deleted} AND p.suspendue")).await, 1);
    assert_eq!(bench.count("personne WHERE suspendue").await, 1);
    // The parent who now is only to be called has lost the right to be informed, and no other.
    let tie = format!(
        "responsabilite r JOIN source e ON e.personne = r.eleve JOIN source a ON a.personne = r.responsable
         WHERE e.cle = '{eleve}' AND a.cle = '{adulte}' AND NOT r.destinataire AND r.niveau = 'contact'"
    );
    assert_eq!(bench.count(&tie).await, 1);
    // The same delta again says nothing new.
    let heads = bench.heads().await;
    bench.import(&bench.folder("delta-20260915"), false).await;
    assert_eq!(bench.heads().await, vec![(heads[0].0.clone(), heads[0].1 + 2)]);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_finds_whom_a_file_named_before() {
    let (bench, feed) = Bench::imported().await;
    bench.patienter().await;
    let cle = value(&feed, "_Eleve_", "ENTPersonStructRattach");
    let uai: String = sqlx::query_scalar(
        "SELECT e.uai FROM etablissement e JOIN source_etablissement s ON s.etablissement = e.id WHERE s.cle = $1",
    )
    .bind(&cle)
    .fetch_one(&bench.pool)
    .await
    .unwrap();
    let chemin = bench.folder("csv").join("personnes.csv");
    fs::write(&chemin, "identifiant;profil;nom;prenom;naissance\n1;eleve;Neuf;Zoe;01/02/2014\n").unwrap();
    let (uai, du) = (uai.parse().unwrap(), "2026-09-14".parse().unwrap());
    let acteur = bench.commands.acteur(Some(exploitant())).await.unwrap();
    let import = ImportCsv { chemin, uai, du, a_blanc: false, retraits: Retraits::Mesures };
    import.run(&bench.commands, &acteur, Arc::new(|_| ())).await.unwrap();
    bench.patienter().await;
    let avant = bench.count("personne").await;
    let ajoute = format!(
        "<attributes><attr name=\"ENTPersonJointure\"><value>neuf</value></attr>\
         <attr name=\"sn\"><value>NEUF</value></attr><attr name=\"givenName\"><value>Zoé</value></attr>\
         <attr name=\"ENTPersonDateNaissance\"><value>01/02/2014</value></attr>\
         <attr name=\"ENTPersonStructRattach\"><value>{cle}</value></attr></attributes>"
    );
    let changes = [("Eleve", entry("addRequest", "Eleve", "neuf", &ajoute))];
    bench.import(&delta(&bench, "20260915", &changes), false).await;
    bench.runner.catch_up().await.unwrap();
    assert_eq!(bench.count("personne").await, avant);
    assert_eq!(bench.count("source WHERE cle = 'neuf' AND origine = 'aaf'").await, 1);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_is_refused_before_its_complete_feed_and_after_a_later_one() {
    let bench = Bench::open().await;
    let changes = |id: &str| [("Eleve", modified("Eleve", id, &replaced("sn", &["X"])))];
    assert_eq!(refused(&bench, &delta(&bench, "20260915", &changes("1"))).await, "DELTA_SANS_COMPLETE");
    let feed = bench.feed("complete", &Plan { date: "2026-09-21".parse().unwrap(), ..plan(Academie::Lyon) });
    bench.import(&feed, false).await;
    let eleve = value(&feed, "_Eleve_", "ENTPersonJointure");
    assert_eq!(refused(&bench, &delta(&bench, "20260920", &changes(&eleve))).await, "LIVRAISON_PERIMEE");
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_complete_feed_no_longer_names_is_suspended_and_comes_back() {
    let (bench, _) = Bench::imported().await;
    let next = |date: &str| Plan { date: date.parse().unwrap(), ..plan(Academie::Lyon) };
    let without = bench.feed("without", &next("2026-09-15"));
    let key = value(&without, "_Eleve_", "ENTPersonJointure");
    // An entry with two keys is refused, and may speak of either.
    let (from, to) = (format!("<id>{key}</id>"), "<id>nul</id>".to_owned());
    edit(&without, "_Eleve_", &from, &to);
    let rapport = bench.import(&without, false).await;
    assert_eq!(rapport.comptes["Eleve"].rejetes, 1);
    bench.runner.catch_up().await.unwrap();
    assert_eq!(bench.count("personne WHERE suspendue").await, 0);
    let without = bench.feed("removed", &next("2026-09-16"));
    remove(&without, "_Eleve_", &key);
    bench.import(&without, false).await;
    bench.runner.catch_up().await.unwrap();
    assert_eq!(bench.count("personne WHERE suspendue").await, 1);
    let back = bench.feed("back", &next("2026-09-17"));
    let rapport = bench.import(&back, false).await;
    assert_eq!(rapport.comptes["Eleve"].modifies, 1);
    bench.runner.catch_up().await.unwrap();
    assert_eq!(bench.count("personne WHERE suspendue").await, 0);
    assert_eq!(bench.count("rattachement WHERE profil = 'eleve'").await, ELEVES);
    bench.close().await;
}
