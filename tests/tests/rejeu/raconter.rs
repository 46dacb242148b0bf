//! The life of an object, told.

use super::ran_with_keys;
use anyhow::Result;
use recits::{Ecole, global};
use replay_tools::verdict::Verdict;
use serde_json::{Value, json};
use uuid::Uuid;

/// The lines of a tale as JSON.
async fn told(ecole: &Ecole, arguments: &[&str]) -> Result<Vec<Value>> {
    let arguments: Vec<_> = ["raconter"].iter().chain(arguments).chain(&["--json"]).copied().collect();
    let (verdict, told) = ran_with_keys(&ecole.maison.bench, &arguments).await;
    assert_eq!(verdict, Verdict::Valide, "{told}");
    Ok(told.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

fn types(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|line| line["type"].as_str()).collect()
}

/// Two pupils are entered in a roll: the id of its stream.
async fn appel(ecole: &Ecole) -> Result<String> {
    let maison = &ecole.maison;
    let seance = json!({ "enseignementId": global("Enseignement", ecole.enseignement),
        "date": "2026-11-23", "debut": "08:00:00", "fin": "09:00:00" });
    let ouvert = maison.granted(ecole.enseignante, "ouvrirAppel", seance, "appel { id }").await?;
    let id = ouvert["appel"]["id"].clone();
    let line = |eleve: Uuid| json!({ "eleveId": global("Personne", eleve), "etat": "ABSENT" });
    let lignes = json!([line(ecole.eleves[0]), line(ecole.autre_eleve)]);
    let pointage = json!({ "appelId": id, "pointages": lignes });
    maison.granted(ecole.enseignante, "pointerEleves", pointage, "").await?;
    maison.granted(ecole.enseignante, "cloreAppel", json!({ "appelId": id }), "").await?;
    let found = "SELECT aggregate_id FROM ledger.events WHERE aggregate_type = 'absences.appel' LIMIT 1";
    Ok(sqlx::query_scalar(found).fetch_one(&maison.bench.owner).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absence_is_told_with_its_author_its_right_and_its_proof() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let appel = appel(&ecole).await?;
    let eleve = ecole.eleves[0].to_string();
    let lines = told(&ecole, &["appel", &appel, "--eleve", &eleve]).await?;
    let expected = ["absences.appel.ouvert", "absences.appel.absence_constatee", "absences.appel.clos"];
    assert_eq!(types(&lines), expected);
    assert_eq!(types(&told(&ecole, &["appel", &appel]).await?).len(), 4, "the other pupil too");
    let absence = &lines[1];
    let nom: String = sqlx::query_scalar("SELECT prenom || ' ' || nom FROM personne WHERE id = $1")
        .bind(ecole.eleves[0])
        .fetch_one(&ecole.maison.bench.views)
        .await?;
    let phrase = absence["phrase"].as_str().unwrap_or_default();
    assert!(phrase.starts_with("a constaté l'absence de l'élève") && phrase.ends_with(&nom), "{phrase}");
    assert_eq!(absence["personne"], json!(ecole.enseignante.0));
    assert_eq!(absence["office"], "enseignant");
    assert_eq!(absence["politiques"].as_array().map(Vec::len), Some(1));
    let (position, leaf): (i64, String) = sqlx::query_as(
        "SELECT position, encode(leaf_hash, 'hex') FROM ledger.events
         WHERE event_type = 'absences.appel.absence_constatee' ORDER BY position LIMIT 1",
    )
    .fetch_one(&ecole.maison.bench.owner)
    .await?;
    assert_eq!(absence["place"], format!("{}/2026/{position}", ecole.portail));
    assert_eq!(absence["empreinte"], json!(leaf));
    let (_, text) = ran_with_keys(&ecole.maison.bench, &["raconter", "appel", &appel]).await;
    assert!(text.contains("(enseignant) a ouvert l'appel de la séance du 23/11/2026 de 08 h 00"), "{text}");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_online_is_told_with_the_mode_that_it_was_under() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let publier = async |titre: &str| -> Result<String> {
        let redaction = json!({ "portail": ecole.portail, "titre": titre, "corps": "Jeudi." });
        let redigee =
            maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
        let id = &redigee["publication"]["id"];
        let parution = json!({ "publicationId": id, "version": 1, "audience": "PORTAIL" });
        maison.granted(ecole.principal, "publierPublication", parution, "").await?;
        let key = "SELECT id::text FROM publication WHERE titre = $1";
        Ok(sqlx::query_scalar(key).bind(titre).fetch_one(&maison.bench.views).await?)
    };
    let avant = publier("Sortie").await?;
    let mode = json!({ "portail": ecole.portail, "espace": "PORTAIL", "mode": "A_POSTERIORI",
        "motif": "Essai d'un trimestre" });
    maison.granted(ecole.principal, "fixerModeDeModeration", mode, "").await?;
    let apres = publier("Kermesse").await?;
    for (publication, mode) in [(avant, "modéré a priori"), (apres, "modéré a posteriori")] {
        let lines = told(&ecole, &["publication", &publication]).await?;
        let phrase = lines.last().and_then(|line| line["phrase"].as_str()).unwrap_or_default();
        assert!(phrase.contains("a mis en ligne") && phrase.contains(mode), "{phrase}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_told_from_when_what_it_is_against_went_online_and_under_which_mode() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let mode =
        |mode: &str| json!({ "portail": ecole.portail, "espace": "PORTAIL", "mode": mode, "motif": "Essai" });
    maison.granted(ecole.principal, "fixerModeDeModeration", mode("A_POSTERIORI"), "").await?;
    let redaction = json!({ "portail": ecole.portail, "titre": "Sortie", "corps": "Jeudi." });
    let redigee =
        maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
    let id = &redigee["publication"]["id"];
    let parution = |version: i32| json!({ "publicationId": id, "version": version, "audience": "PORTAIL" });
    maison.granted(ecole.enseignante, "publierPublication", parution(1), "").await?;
    let notice = json!({ "publicationId": id, "version": 1, "motif": "AUTRE",
        "explication": "C'est vendredi.", "bonneFoi": true });
    maison.granted(ecole.collegue, "signalerContenu", notice, "").await?;
    // What is said of the space later, and what is put online later, change nothing of it.
    maison.granted(ecole.principal, "fixerModeDeModeration", mode("A_PRIORI"), "").await?;
    let version = json!({ "publicationId": id, "titre": "Sortie", "corps": "Vendredi." });
    maison.granted(ecole.principal, "modifierPublication", version, "").await?;
    maison.granted(ecole.principal, "publierPublication", parution(2), "").await?;

    let found = "SELECT aggregate_id FROM ledger.events WHERE aggregate_type = 'publications.signalement'";
    let signalement: String = sqlx::query_scalar(found).fetch_one(&maison.bench.owner).await?;
    let expected = ["publications.publication.publiee", "publications.signalement.recu"];
    let lines = told(&ecole, &["signalement", &signalement]).await?;
    assert_eq!(types(&lines), expected);
    let phrase = lines[0]["phrase"].as_str().unwrap_or_default();
    assert!(phrase.contains("la version 1") && phrase.contains("modéré a posteriori"), "{phrase}");

    sqlx::query("UPDATE ledger.keys SET wrapped = NULL WHERE retention = 'publication'")
        .execute(&maison.bench.owner)
        .await?;
    let lines = told(&ecole, &["signalement", &signalement]).await?;
    assert_eq!((&lines[0]["type"], &lines[0]["contenu"]), (&json!(expected[0]), &json!("efface")));
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_an_absence_tells_by_which_way_its_family_was_contacted() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    appel(&ecole).await?;
    ecole.maison.bench.runner.catch_up().await?;
    ecole.constater("2026-11-23").await?;
    let found = "SELECT aggregate_id FROM ledger.events WHERE aggregate_type = 'absences.dossier' LIMIT 1";
    let dossier: String = sqlx::query_scalar(found).fetch_one(&ecole.maison.bench.owner).await?;
    let contact = json!({ "dossierAbsenceId": global("DossierAbsence", dossier.parse()?),
                          "moyen": "TELEPHONE" });
    ecole.maison.granted(ecole.cpe, "contacterFamille", contact, "").await?;
    let lines = told(&ecole, &["absence", &dossier]).await?;
    assert_eq!(types(&lines), ["absences.dossier.constatee", "absences.dossier.famille_contactee"]);
    let phrase = lines[1]["phrase"].as_str().unwrap_or_default();
    assert!(phrase.starts_with("a contacté la famille") && phrase.ends_with("par téléphone"), "{phrase}");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_is_said_to_be_erased() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let appel = appel(&ecole).await?;
    let eleve = ecole.eleves[0].to_string();
    sqlx::query("UPDATE ledger.keys SET wrapped = NULL WHERE subject = $1 AND retention = 'scolarite'")
        .bind(format!("personne:{eleve}"))
        .execute(&ecole.maison.bench.owner)
        .await?;
    let lines = told(&ecole, &["appel", &appel, "--eleve", &eleve]).await?;
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1]["contenu"], "efface");
    assert_eq!(lines[1]["phrase"], "a accompli un acte dont le contenu a été effacé : absence constatée");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_offices_of_a_person_are_told_across_portals() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let lines = told(&ecole, &["office", &ecole.principal.0.to_string()]).await?;
    assert_eq!(types(&lines), ["portails.portail.direction_prise", "portails.portail.delegation_accordee"]);
    let lines = told(&ecole, &["office", &ecole.cpe.0.to_string()]).await?;
    assert_eq!(types(&lines), ["portails.portail.delegation_accordee"]);
    let (verdict, told) =
        ran_with_keys(&ecole.maison.bench, &["raconter", "office", &Uuid::nil().to_string()]).await;
    assert_eq!(verdict, Verdict::Indetermine);
    assert!(told.contains("ne connaît pas cet objet"), "{told}");
    ecole.maison.close().await
}
