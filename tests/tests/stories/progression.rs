//! What is written for one class is taken up in another one of the same teacher.

use super::cahier::publier;
use super::changement::AutreDivision;
use super::remplacement::attribuer;
use anyhow::{Context, Result};
use recits::{Ecole, global};
use serde_json::{Value, json};
use uuid::Uuid;

/// What the teacher has written of an enseignement.
async fn cahier(ecole: &Ecole, enseignement: Uuid) -> Result<Value> {
    let query =
        "query($id: ID!) { cahierDeTextes(enseignementId: $id, du: \"2026-11-20\", au: \"2026-12-20\") {
        seances { date titre reprise publieeLe } travaux { id titre donneLe pourLe publieLe } } }";
    let id = json!({ "id": global("Enseignement", enseignement) });
    Ok(ecole.maison.ask(Some(ecole.enseignante), query, id).await?["cahierDeTextes"].take())
}

/// Minutes of work that a division has for the week of the 1 December.
async fn charge(ecole: &Ecole, division: Uuid) -> Result<Value> {
    let query = "query($id: ID!) { chargeDeTravail(divisionId: $id, jour: \"2026-12-01\") { minutes } }";
    let id = json!({ "id": global("Division", division) });
    Ok(ecole.maison.ask(Some(ecole.enseignante), query, id).await?["chargeDeTravail"]["minutes"].take())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seance_and_its_travail_are_taken_up_in_another_class() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, there) = (&ecole.maison, AutreDivision::de(&ecole).await?);
    attribuer(&ecole, there.enseignement, ecole.enseignante).await?;
    let cours = json!({ "uai": ecole.uai, "annee": 2026, "cours": Uuid::from_u128(7), "jour": "MARDI",
        "debut": "14:00:00", "fin": "15:00:00", "salles": ["D01"], "semaines": "TOUTES",
        "enseignementIds": [global("Enseignement", there.enseignement)] });
    maison.granted(ecole.principal, "placerCours", cours, "").await?;
    publier(&ecole).await?;
    let here = cahier(&ecole, ecole.enseignement).await?;

    let reprendre = json!({ "sourceId": global("Enseignement", ecole.enseignement),
        "enseignementId": global("Enseignement", there.enseignement), "depuis": "2026-12-01" });
    for other in [ecole.principal, ecole.parent] {
        assert_eq!(maison.refused(other, "reprendreProgression", reprendre.clone()).await?, "INTERDIT");
    }
    maison.granted(ecole.enseignante, "reprendreProgression", reprendre, "").await?;
    let mut taken = cahier(&ecole, there.enseignement).await?;
    let travail = taken["travaux"][0]["id"].take();
    let drafts = json!({
        "seances": [{ "date": "2026-12-01", "titre": "Fractions", "reprise": true, "publieeLe": null }],
        "travaux": [{ "id": null, "titre": "Exercices 4 à 7", "donneLe": "2026-12-01",
                      "pourLe": "2026-12-04", "publieLe": null }] });
    assert_eq!(taken, drafts, "as many days after its séance as here");
    assert_eq!(cahier(&ecole, ecole.enseignement).await?, here, "what was taken up stays as it was");

    assert_eq!(charge(&ecole, there.division).await?, json!(0));
    let travail = json!({ "travailId": travail.as_str().context("no travail")? });
    maison.granted(ecole.enseignante, "publierTravail", travail, "").await?;
    assert_eq!(charge(&ecole, there.division).await?, json!(30), "it is the other class that has it to do");
    assert_eq!(charge(&ecole, ecole.division).await?, json!(0));
    ecole.maison.close().await
}
