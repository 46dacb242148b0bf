//! The registers of STS: a number names somebody in its register.

use super::bench::{Bench, exploitant};
use super::petites::{STS, fichier};
use api::importer::Retraits;
use api::importer::sts::ImportSts;
use std::sync::Arc;

/// The keys under which STS names somebody.
async fn cles_de_sts(bench: &Bench) -> Vec<String> {
    sqlx::query_scalar("SELECT cle FROM source WHERE origine = 'sts' ORDER BY cle")
        .fetch_all(&bench.pool)
        .await
        .unwrap()
}

async fn importer_sts(bench: &Bench, nom: &str, texte: &str) {
    let acteur = bench.commands.acteur(Some(exploitant())).await.unwrap();
    let chemin = fichier(bench, nom, "sts_emp.xml", texte);
    let du = "2026-09-15".parse().unwrap();
    let import = ImportSts { chemin, du, a_blanc: false, retraits: Retraits::Mesures };
    import.run(&bench.commands, &acteur, Arc::new(|_| ())).await.unwrap();
    bench.runner.catch_up().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_of_sts_have_numbers_of_their_own() {
    let bench = Bench::open().await;
    let local = "<INDIVIDU ID=\"1\" TYPE=\"local\"><NOM_USAGE>FICTIVE</NOM_USAGE><PRENOM>Noa</PRENOM>
<DATE_NAISSANCE>1980-03-02</DATE_NAISSANCE><FONCTION>ENS</FONCTION></INDIVIDU></INDIVIDUS>";
    let deux = STS.replace("@UAI@", "0690001B").replace("</INDIVIDUS>", local);
    let deux = deux.replace("<ENSEIGNANT ID=\"9\"/>", "<ENSEIGNANT ID=\"1\" TYPE=\"local\"/>");
    importer_sts(&bench, "deux", &deux).await;
    assert_eq!(cles_de_sts(&bench).await, ["1", "local/1"]);
    assert_eq!((bench.count("personne").await, bench.count("enseignant").await), (2, 2));
    bench.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_kept_without_a_register_is_told_it_and_stays_one_person() {
    let bench = Bench::open().await;
    let avant = STS.replace("@UAI@", "0690001B");
    importer_sts(&bench, "avant", &avant).await;
    assert_eq!(cles_de_sts(&bench).await, ["1"]);
    bench.patienter().await;
    // The line of what is taught tells no register: only one has that number.
    let apres = avant.replace("<INDIVIDU ID=\"1\" TYPE=\"epp\">", "<INDIVIDU ID=\"1\" TYPE=\"local\">");
    importer_sts(&bench, "apres", &apres).await;
    assert_eq!(cles_de_sts(&bench).await, ["1", "local/1"]);
    assert_eq!((bench.count("personne").await, bench.count("enseignant").await), (1, 1));
    assert_eq!(bench.count("personne WHERE suspendue").await, 0);
    bench.close().await;
}
