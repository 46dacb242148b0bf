//! Of each absence the vie scolaire sees which families know, by which way and since when, and which
//! do not yet.

use anyhow::{Context, Result, ensure};
use api::envois::Distribution;
use domain::notifications::Canal;
use recits::passerelle::Passerelle;
use recits::{DOMAINE, Ecole};
use serde_json::{Value, json};

/// Who was to be told of the one absence of the day.
async fn prevenus(ecole: &Ecole) -> Result<Vec<Value>> {
    let query = "query($uai: String!) { dossiersAbsence(uai: $uai, first: 5, etats: [CONSTATEE]) { nodes {
        prevenus { prevenue prevenueLe personne { nom } envois { canal etat } } } } }";
    let seen = ecole.maison.ask(Some(ecole.cpe), query, json!({ "uai": ecole.uai })).await?;
    let node = &seen["dossiersAbsence"]["nodes"][0];
    Ok(node["prevenus"].as_array().with_context(|| format!("{seen:#}"))?.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vie_scolaire_sees_which_families_know_of_an_absence() -> Result<()> {
    let passerelle = Passerelle::par(Canal::Courriel);
    let expedition = passerelle.expedition(DOMAINE);
    let ecole = Ecole::ouvrir_en_ecrivant(expedition.clone()).await?;
    let maison = &ecole.maison;
    ecole.faire_l_appel(&ecole.heure("2026-11-23", "08:00:00", "08:55:00"), &ecole.eleves[..1]).await?;
    maison.bench.runner.catch_up().await?;
    ecole.constater("2026-11-23").await?;
    maison.bench.runner.catch_up().await?;
    let before = prevenus(&ecole).await?;
    ensure!(!before.is_empty(), "nobody answers for the pupil");
    for one in &before {
        assert_eq!((&one["prevenue"], &one["envois"]), (&json!(false), &json!([])), "{one:#}");
    }
    ecole.distribuer(&Distribution::new(maison.commands.clone(), expedition)).await?;
    let after = prevenus(&ecole).await?;
    assert_eq!(after.len(), before.len());
    for one in &after {
        let by_mail = one["envois"][0]["canal"] == "COURRIEL";
        let way = if by_mail {
            json!([{ "canal": "COURRIEL", "etat": "REMIS" }])
        } else {
            json!([{ "canal": "LETTRE", "etat": "PREPARE" }])
        };
        assert_eq!(one["envois"], way, "{one:#}");
        assert_eq!(one["prevenue"], by_mail, "a letter that waits tells nobody: {one:#}");
        assert_eq!(one["prevenueLe"].is_string(), by_mail);
        ensure!(one["personne"]["nom"].is_string(), "{one:#}");
    }
    // What one parent was told is not for families to read.
    let dossier = "query($uai: String!) { dossiersAbsence(uai: $uai, first: 1) { nodes { id } } }";
    let seen = maison.ask(Some(ecole.cpe), dossier, json!({ "uai": ecole.uai })).await?;
    let said = json!({ "dossierAbsenceId": seen["dossiersAbsence"]["nodes"][0]["id"],
                       "justification": { "motif": "maladie" } });
    let field = "dossier { etat prevenus { prevenue } }";
    let justified = maison.granted(ecole.parent, "justifierAbsence", said, field).await?;
    assert_eq!(justified["dossier"], json!({ "etat": "JUSTIFIEE", "prevenus": null }));
    ecole.maison.close().await
}
