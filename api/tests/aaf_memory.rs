//! The memory of a reader does not grow with its file. Alone in its process, whose peak it measures.

#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

use api::importer::aaf::Livraison;
use api::importer::aaf::generator::{Academie, Encodage, Plan, generate};
use std::time::Instant;

/// Peak of this process' resident memory, in KiB.
fn pic() -> u64 {
    let etat = std::fs::read_to_string("/proc/self/status").unwrap();
    let ligne = etat.lines().find(|ligne| ligne.starts_with("VmHWM:")).unwrap();
    ligne.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// `AAF_PERSONNES=100000` makes it the size of an académie's feed.
#[test]
fn reading_a_large_feed_takes_no_more_memory_than_a_small_one() {
    let personnes =
        std::env::var("AAF_PERSONNES").ok().and_then(|nombre| nombre.parse().ok()).unwrap_or(5_000);
    let dossier = tempfile::tempdir().unwrap();
    let plan = Plan::de_taille(1, Academie::Grenoble, "2026-09-14".parse().unwrap(), personnes);
    let bilan = generate(dossier.path(), &Plan { encodage: Encodage::Iso8859_15, ..plan }).unwrap();
    let ecart = bilan.personnes().abs_diff(personnes as u64);
    assert!(ecart * 5 < personnes as u64, "{} people for {personnes}", bilan.personnes());
    let livraison = Livraison::open(dossier.path()).unwrap();
    let (avant, debut) = (pic(), Instant::now());
    let lues = livraison.entrees(|_| ()).filter(Result::is_ok).count() as u64;
    let (duree, apres) = (debut.elapsed(), pic());
    assert_eq!(lues, bilan.entrees());
    println!(
        "{lues} entries, {} MB in {duree:.2?}: {:.0} entries/s; VmHWM {avant} then {apres} KiB",
        bilan.octets / 1_000_000,
        lues as f64 / duree.as_secs_f64(),
    );
    assert!(apres - avant < 2 * 1024, "reading took {} KiB", apres - avant);
}
