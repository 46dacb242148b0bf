//! Feeds with faults: each is told with its place, and costs nobody else anything.

use super::bench::{Bench, PAR_DIVISION, plan};
use super::repeated::edit;
use api::importer::ErreurImport;
use api::importer::aaf::generator::{Academie, Encodage, Plan};
use api::importer::rapport::Gravite;
use std::fs;

#[tokio::test(flavor = "multi_thread")]
async fn every_rejection_says_where_it_stands_and_why() {
    let bench = Bench::open().await;
    let feed = bench.feed("feed", &plan(Academie::Lyon));
    edit(&feed, "_EtabEducNat_", "<value>0019000", "<value>0019001");
    edit(
        &feed,
        "_PersRelEleve_",
        "<attr name=\"sn\"><value>",
        &format!("<attr name=\"sn\"><value>{}", "A".repeat(201)),
    );
    let rapport = bench.import(&feed, false).await;
    assert!(!rapport.interrompu);
    let codes = |gravite| {
        let mut codes: Vec<_> =
            rapport.lignes_de(gravite).map(|ligne| (ligne.code, ligne.attribut)).collect();
        codes.dedup();
        codes
    };
    assert_eq!(
        codes(Gravite::Rejet),
        [
            ("IMPORT_ETABLISSEMENT_REJETE", Some("ENTPersonStructRattach")),
            ("IMPORT_UAI_FAUX", Some("ENTStructureUAI")),
            ("IMPORT_ETABLISSEMENT_REJETE", Some("ENTPersonStructRattach")),
            ("NOM_MANQUANT", None),
        ]
    );
    assert!(rapport.lignes.iter().all(|ligne| ligne.ligne > 3 && ligne.identifiant.is_some()));
    assert_eq!(rapport.comptes["EtabEducNat"].rejetes, 1);
    assert_eq!(rapport.comptes["Eleve"].rejetes, 8 * PAR_DIVISION as u64);
    assert_eq!(rapport.comptes["PersRelEleve"].rejetes, 1);
    bench.runner.catch_up().await.unwrap();
    assert_eq!(bench.count("etablissement").await, 2);
    assert_eq!(bench.count("rattachement WHERE profil = 'eleve'").await, 12 * PAR_DIVISION);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_entry_takes_nothing_from_whom_it_names() {
    let (bench, _) = Bench::imported().await;
    let (enseignants, responsables) = (bench.count("enseignant").await, bench.count("responsabilite").await);
    let rattachements = bench.count("rattachement").await;
    let next = bench.feed("next", &Plan { date: "2026-09-15".parse().unwrap(), ..plan(Academie::Lyon) });
    let enseigne = "<attr name=\"ENTAuxEnsClassesMatieres\"><value>";
    edit(&next, "_PersEducNat_", enseigne, &format!("{enseigne}seul</value><value>"));
    let nom = "<attr name=\"sn\"><value>";
    edit(&next, "_PersRelEleve_", nom, &format!("{nom}UN</value><value>"));
    edit(&next, "_Eleve_", nom, &format!("{nom}UN</value><value>"));
    let rapport = bench.import(&next, false).await;
    bench.runner.catch_up().await.unwrap();
    assert_eq!(rapport.comptes["PersEducNat"].rejetes, 1, "{rapport}");
    assert_eq!(rapport.comptes["PersRelEleve"].rejetes, 1, "{rapport}");
    assert_eq!(rapport.comptes["Eleve"].rejetes, 1, "{rapport}");
    assert_eq!(bench.count("enseignant").await, enseignants);
    assert_eq!(bench.count("rattachement").await, rattachements);
    assert_eq!(bench.count("responsabilite").await, responsables);
    assert_eq!(bench.count("personne WHERE suspendue").await, 0);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_or_hostile_file_stores_nothing() {
    let bench = Bench::open().await;
    for (name, from, to, code) in [
        ("cut", "</ficAlimMENESR>", "", "FICHIER_TRONQUE"),
        ("bomb", "<ficAlimMENESR>", "<ficAlimMENESR>&lol;", "FICHIER_ENTITE_REFUSEE"),
        ("xxe", "SYSTEM \"ficAlimMENESR.dtd\"", "SYSTEM \"file:///etc/passwd\"", "FICHIER_DOCTYPE_REFUSE"),
        ("other", "encoding=\"UTF-8\"", "encoding=\"windows-1252\"", "FICHIER_ENCODAGE_REFUSE"),
    ] {
        let feed = bench.feed(name, &plan(Academie::Lyon));
        edit(&feed, "_Eleve_", from, to);
        let rapport = bench.import(&feed, false).await;
        assert!(rapport.interrompu);
        let codes: Vec<_> = rapport.lignes.iter().map(|ligne| ligne.code).collect();
        assert_eq!(codes, [code]);
    }
    assert_eq!(bench.heads().await, []);
    bench.close().await;
}

/// Pupils are written in ISO-8859-15 and declared to be in UTF-8; all other files keep their word.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_in_its_declared_encoding_stores_nothing() {
    let bench = Bench::open().await;
    let feed = bench.feed("feed", &Plan { encodage: Encodage::Iso8859_15, ..plan(Academie::Lyon) });
    let mut files = fs::read_dir(&feed).unwrap().map(|file| file.unwrap().path());
    let eleves = files.find(|path| path.to_string_lossy().contains("_Eleve_")).unwrap();
    let bytes = fs::read(&eleves).unwrap();
    assert!(!bytes.is_ascii(), "a name without accents is the same in both");
    let end = b"?>".as_slice();
    let place = bytes.windows(end.len()).position(|two| two == end).unwrap();
    let declaration = br#"<?xml version="1.0" encoding="UTF-8""#.as_slice();
    fs::write(&eleves, [declaration, &bytes[place..]].concat()).unwrap();
    let rapport = bench.import(&feed, false).await;
    assert!(rapport.interrompu);
    let codes: Vec<_> = rapport.lignes.iter().map(|ligne| ligne.code).collect();
    assert_eq!(codes, ["FICHIER_ENCODAGE_MENSONGER"]);
    assert_eq!(bench.heads().await, []);
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_lacks_a_category_is_refused_whole() {
    let bench = Bench::open().await;
    let feed = bench.feed("feed", &plan(Academie::Lyon));
    for file in fs::read_dir(&feed).unwrap().map(|file| file.unwrap().path()) {
        if file.to_string_lossy().contains("_PersRelEleve_") {
            fs::remove_file(file).unwrap();
        }
    }
    let acteur = bench.commands.acteur(Some(super::bench::exploitant())).await.unwrap();
    let refused = bench.import_as(&acteur, &feed, false).await;
    assert!(
        matches!(&refused, Err(ErreurImport::CategorieAbsente(nom)) if nom == "PersRelEleve"),
        "{refused:?}"
    );
    assert_eq!(bench.heads().await, []);
    bench.close().await;
}
