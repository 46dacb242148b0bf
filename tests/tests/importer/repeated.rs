//! The same feed again, and feeds that follow one another.

use super::bench::{Bench, ELEVES, exploitant, plan};
use api::importer::ErreurImport;
use api::importer::aaf::generator::{Academie, Plan};
use api::importer::guichet::OuvertureRefusee;
use api::importer::rapport::Comptes;
use commands::UseCaseError;
use commands::rights::Acteur;
use std::fs;
use std::path::Path;

/// Replaces a text in the only file of a category.
pub fn edit(dossier: &Path, categorie: &str, from: &str, to: &str) {
    let files = fs::read_dir(dossier).unwrap().map(|file| file.unwrap().path());
    let file = files.into_iter().find(|path| path.to_string_lossy().contains(categorie)).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(&file, text.replacen(from, to, 1)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_enters_the_directory_once() {
    let bench = Bench::open().await;
    let feed = bench.feed("feed", &plan(Academie::Lyon));

    let essai = bench.import(&feed, true).await;
    assert_eq!(bench.heads().await, []);

    let premier = bench.import(&feed, false).await;
    assert_eq!(premier.lignes, []);
    assert_eq!(essai.comptes, premier.comptes, "a dry run says what the import will do");
    let eleves = premier.comptes["Eleve"];
    assert_eq!(eleves, Comptes { lus: ELEVES as u64, crees: ELEVES as u64, ..Comptes::default() });
    let heads = bench.heads().await;
    assert_eq!(heads.iter().map(|(portail, _)| portail.as_str()).collect::<Vec<_>>(), ["ac-lyon"]);

    let second = bench.import(&feed, false).await;
    assert_eq!(
        second.comptes["Eleve"],
        Comptes { lus: ELEVES as u64, inchanges: ELEVES as u64, ..Comptes::default() }
    );
    assert_eq!(second.comptes["EtabEducNat"], Comptes { lus: 3, inchanges: 3, ..Comptes::default() });
    // The second delivery is a fact of its own: begun, and taken to its end.
    assert_eq!(bench.heads().await, vec![(heads[0].0.clone(), heads[0].1 + 2)]);

    bench.runner.catch_up().await.unwrap();
    assert_eq!(bench.count("etablissement").await, 3);
    assert_eq!(bench.count("division").await, 20);
    assert_eq!(bench.count("rattachement WHERE profil = 'eleve' AND division IS NOT NULL").await, ELEVES);
    assert_eq!(
        bench
            .count(
                "responsabilite r WHERE r.destinataire AND NOT EXISTS
            (SELECT FROM rattachement a WHERE a.personne = r.responsable AND a.profil = 'responsable')"
            )
            .await,
        0,
        "whoever may be informed belongs to the établissement"
    );
    assert_eq!(
        bench
            .count(
                "enseignement n WHERE NOT EXISTS
            (SELECT FROM enseignant t WHERE t.enseignement = n.id)"
            )
            .await,
        0
    );
    assert_eq!(bench.count("projections.set_aside").await, 0);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_later_feed_says_anew_is_recorded_and_an_older_one_is_refused() {
    let bench = Bench::open().await;
    let old = bench.feed("old", &plan(Academie::Grenoble));
    bench.import(&old, false).await;
    let new = bench.feed("new", &Plan { date: "2026-09-21".parse().unwrap(), ..plan(Academie::Grenoble) });
    edit(&new, "_Eleve_", "<attr name=\"sn\"><value>", "<attr name=\"sn\"><value>DE ");
    let rapport = bench.import(&new, false).await;
    assert_eq!(
        rapport.comptes["Eleve"],
        Comptes { lus: ELEVES as u64, modifies: 1, inchanges: ELEVES as u64 - 1, ..Comptes::default() }
    );
    let heads = bench.heads().await;
    let acteur = bench.commands.acteur(Some(exploitant())).await.unwrap();
    let refused = bench.import_as(&acteur, &old, false).await;
    let Err(ErreurImport::Ouverture(OuvertureRefusee::CasDUsage(UseCaseError::Refused(refused)))) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(refused.code, "LIVRAISON_PERIMEE");
    assert!(refused.message.contains("2026-09-14") && refused.message.contains("2026-09-21"));
    assert_eq!(bench.heads().await, heads, "nothing is overwritten");
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_imports_but_an_operator() {
    let bench = Bench::open().await;
    let feed = bench.feed("feed", &plan(Academie::Lyon));
    let refused = bench.import_as(&Acteur::anonyme(), &feed, false).await;
    let Err(ErreurImport::Ouverture(OuvertureRefusee::CasDUsage(UseCaseError::Interdit))) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(bench.heads().await, []);
    bench.close().await;
}
