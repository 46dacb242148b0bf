//! Finding the files of a feed, and reading them in turn.

use crate::{fichier, fixture, matiere, partager};
use api::importer::aaf::{Categorie, Entree, Livraison, LivraisonRefusee, MotifRejet};
use std::fs;
use std::path::{Path, PathBuf};

const MATIERES: &str = "ENT_Complet_20260914_MatiereEducNat_0000.xml";

/// A folder of those files, each with one matière.
fn dossier(noms: &[&str]) -> tempfile::TempDir {
    let dossier = tempfile::tempdir().unwrap();
    for nom in noms {
        fs::write(dossier.path().join(nom), fichier(&matiere("1"))).unwrap();
    }
    dossier
}

fn refus(dossier: &Path) -> LivraisonRefusee {
    Livraison::open(dossier).unwrap_err()
}

#[test]
fn the_files_of_a_feed_are_found_in_order() {
    let livraison = Livraison::open(&fixture("complete")).unwrap();
    assert_eq!(livraison.date, "2026-09-14".parse().unwrap());
    let categories: Vec<_> = livraison.fichiers.iter().map(|fichier| fichier.categorie).collect();
    assert_eq!(categories, Categorie::TOUTES);
    assert_eq!(livraison.categories_absentes(), []);
}

#[test]
fn numbered_files_of_a_category_are_read_one_after_the_other() {
    let noms: Vec<_> = (0..3).map(|n| format!("ENT_Complet_20260914_MatiereEducNat_{n:04}.xml")).collect();
    let dossier = dossier(&[&noms[2], &noms[0], &noms[1], "ficAlimMENESR.dtd"]);
    let livraison = Livraison::open(dossier.path()).unwrap();
    let lus: Vec<_> = livraison.fichiers.iter().map(|fichier| &fichier.nom).collect();
    assert_eq!(lus, noms.iter().collect::<Vec<_>>());
    assert_eq!(partager(livraison.entrees(|_| ())).0.len(), 3);
    assert_eq!(livraison.categories_absentes().len(), 5);
}

#[test]
fn progress_grows_to_the_whole() {
    let livraison = Livraison::open(&fixture("complete")).unwrap();
    let mut etapes = Vec::new();
    assert_eq!(livraison.entrees(|octets| etapes.push(octets)).count(), 8);
    assert!(etapes.windows(2).all(|deux| deux[0] < deux[1]), "{etapes:?}");
    assert_eq!(etapes.last(), Some(&livraison.octets()));
}

#[test]
fn an_entry_has_a_place_that_the_report_can_name() {
    let livraison = Livraison::open(&fixture("complete")).unwrap();
    let mut entrees = livraison.entrees(|_| ());
    while let Some(Ok(entree)) = entrees.next() {
        let (fichier, ligne) = entrees.lieu().unwrap();
        assert!(fichier.contains(entree.categorie().nom()));
        assert_eq!(ligne == 5, !matches!(entree.jointure(), "9002" | "8002"), "{}", entree.jointure());
    }
}

#[test]
fn a_folder_without_feed_is_refused() {
    assert_eq!(refus(dossier(&["lisez-moi.txt"]).path()), LivraisonRefusee::AucunFichier);
    let absent = fixture("absent");
    assert_eq!(refus(&absent).code(), "AAF_DOSSIER_ILLISIBLE");
}

#[test]
fn files_of_two_dates_are_not_one_feed() {
    let dossier = dossier(&[MATIERES, "ENT_Complet_20260921_MatiereEducNat_0000.xml"]);
    let (premiere, autre) = ("2026-09-14".parse().unwrap(), "2026-09-21".parse().unwrap());
    assert_eq!(refus(dossier.path()), LivraisonRefusee::DatesDifferentes { premiere, autre });
}

#[test]
fn a_feed_without_one_of_its_numbered_files_is_not_whole() {
    let nom = |numero: u32| format!("ENT_Complet_20260914_MatiereEducNat_{numero:04}.xml");
    let manque = |numeros: &[u32]| {
        let noms: Vec<_> = numeros.iter().map(|numero| nom(*numero)).collect();
        let dossier = dossier(&noms.iter().map(String::as_str).collect::<Vec<_>>());
        Livraison::open(dossier.path()).err()
    };
    assert_eq!(manque(&[0, 2]), Some(LivraisonRefusee::FichierManquant { nom: nom(1) }));
    assert_eq!(manque(&[2, 3]), Some(LivraisonRefusee::FichierManquant { nom: nom(1) }));
    assert_eq!(manque(&[1, 2]), None);
    assert_eq!(manque(&[0, 1]), None);
}

#[test]
fn mixed_feeds_archives_and_strange_names_are_refused() {
    for (nom, code) in [
        ("ENT_Delta_20260914_Eleve_0000.xml", "AAF_NATURES_MELEES"),
        ("ENT_Complet_20260914_Eleve_0000.xml.gz", "AAF_ARCHIVE"),
        ("eleves.xml", "AAF_NOM_INATTENDU"),
    ] {
        assert_eq!(refus(dossier(&[MATIERES, nom]).path()).code(), code);
    }
}

#[test]
fn links_folders_and_devices_are_not_read() {
    let cible = dossier(&[MATIERES]);
    let cree: [fn(&Path, PathBuf); 3] = [
        |cible, nom| std::os::unix::fs::symlink(cible.join(MATIERES), nom).unwrap(),
        |_, nom| fs::create_dir(nom).unwrap(),
        |_, nom| nix::unistd::mkfifo(&nom, nix::sys::stat::Mode::S_IRWXU).unwrap(),
    ];
    for creer in cree {
        let dossier = dossier(&[]);
        creer(cible.path(), dossier.path().join(MATIERES));
        assert_eq!(refus(dossier.path()), LivraisonRefusee::FichierSpecial { nom: MATIERES.into() });
    }
}

#[test]
fn a_file_that_becomes_a_link_or_a_pipe_after_it_was_found_is_not_opened() {
    let cible = dossier(&[MATIERES]);
    let dossier = dossier(&[MATIERES]);
    let livraison = Livraison::open(dossier.path()).unwrap();
    let chemin = dossier.path().join(MATIERES);
    fs::remove_file(&chemin).unwrap();
    std::os::unix::fs::symlink(cible.path().join(MATIERES), &chemin).unwrap();
    let (entrees, rejets) = partager(livraison.entrees(|_| ()));
    assert_eq!((entrees.len(), rejets.len()), (0, 1));
    assert!(matches!(rejets[0].motif, MotifRejet::Lecture { .. }) && rejets[0].motif.fatal());
    fs::remove_file(&chemin).unwrap();
    nix::unistd::mkfifo(&chemin, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_eq!(partager(livraison.entrees(|_| ())).1.len(), 1);
}

#[test]
fn a_broken_file_does_not_hide_the_next() {
    let dossier = dossier(&[MATIERES, "ENT_Complet_20260914_MatiereEducNat_0001.xml"]);
    fs::write(dossier.path().join(MATIERES), "<ficAlimMENESR>").unwrap();
    let livraison = Livraison::open(dossier.path()).unwrap();
    let (entrees, rejets) = partager(livraison.entrees(|_| ()));
    assert_eq!(rejets[0].motif, MotifRejet::FichierTronque);
    assert_eq!(&*rejets[0].fichier, MATIERES);
    assert_eq!((entrees.len(), rejets.len()), (1, 1));
}

/// Public samples that are not part of the project; where they are absent, this says so.
#[test]
fn public_samples_are_read_without_refusal() {
    let exemples = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference/aaf");
    if !exemples.is_dir() {
        eprintln!("skipped: no reference samples beside the project");
        return;
    }
    for (dossier, nombre) in [("", 2), ("delta-2024/before", 3), ("delta-2024/after", 3)] {
        let livraison = Livraison::open(&exemples.join(dossier)).unwrap();
        let (entrees, rejets) = partager(livraison.entrees(|_| ()));
        assert_eq!(rejets, []);
        assert_eq!(entrees.len(), nombre);
        assert!(entrees.iter().all(|entree: &Entree| !entree.jointure().is_empty()));
    }
}
