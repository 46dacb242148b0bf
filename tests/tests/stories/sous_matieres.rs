//! A matière of two parts: what is written counts twice what is said.

use super::trimestre::Trimestre;
use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The policy of the établissement, by which the matière of the story has these parts.
pub(super) async fn politique(t: &Trimestre, parts: &[(&str, &str)]) -> Result<Value> {
    let code: String = sqlx::query_scalar("SELECT matiere_code FROM enseignement WHERE id = $1")
        .bind(t.ecole.enseignement)
        .fetch_one(&t.ecole.maison.bench.views)
        .await?;
    let part = |(libelle, coefficient): &(&str, &str)| json!({ "matiereCode": code, "libelle": libelle, "coefficient": coefficient });
    let parts: Vec<_> = parts.iter().map(part).collect();
    Ok(json!({ "uai": t.ecole.uai, "nom": "Écrit et oral", "ponderation": "SUR_VINGT", "pas": "CENTIEME",
        "sens": "PROCHE", "du": "2026-09-01", "sousMatieres": parts }))
}

async fn publier(t: &Trimestre, part: &str, notes: [&str; 6]) -> Result<()> {
    let evaluation = t.evaluation(json!({ "titre": format!("En {part}"), "sousMatiere": part })).await?;
    t.noter(&evaluation, notes).await?;
    t.prof("publierEvaluation", json!({ "evaluationId": evaluation }), "").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_reads_the_average_of_each_part_and_the_matiere_that_they_make() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let maison = &t.ecole.maison;
    let twice = politique(&t, &[("Écrit", "2"), ("écrit", "1")]).await?;
    let refused = maison.refused(t.ecole.principal, "fixerPolitiqueDeMoyenne", twice).await?;
    assert_eq!(refused, "SOUS_MATIERE_EN_DOUBLE");
    let fixer = politique(&t, &[("Écrit", "2"), ("Oral", "1")]).await?;
    t.chef("fixerPolitiqueDeMoyenne", fixer, "").await?;
    publier(&t, "écrit", ["12", "9", "15", "8", "17", "11"]).await?;
    publier(&t, "écrit", ["13", "9", "15", "8", "17", "11"]).await?;
    publier(&t, "écrit", ["15", "9", "15", "8", "17", "11"]).await?;
    publier(&t, "oral", ["9", "12", "15", "8", "17", "11"]).await?;

    let query = "query($id: ID!) { eleve(id: $id) { moyennes(annee: 2026, rang: 1) { generale { moyenne }
        matieres { moyenne { moyenne exacte texte lignes { sousMatiere }
            parties { libelle coefficient resultats points poids exacte }
            politique { sousMatieres { libelle coefficient } } } } } } }";
    let seen = maison.ask(Some(t.parents[0]), query, json!({ "id": t.eleve(0) })).await?;
    let moyennes = &seen["eleve"]["moyennes"];
    let matieres = moyennes["matieres"].as_array().context("no averages")?;
    let mut averages = matieres.iter().map(|matiere| &matiere["moyenne"]);
    let told = averages.find(|it| !it["moyenne"].is_null()).context("nothing is marked")?;
    assert_eq!((&told["moyenne"], &told["exacte"]), (&json!("11.89"), &json!("107/9")));
    assert_eq!(moyennes["generale"]["moyenne"], "11.89");
    let ecrit = json!({ "libelle": "Écrit", "coefficient": "2", "resultats": 3, "points": "40",
        "poids": "3", "exacte": "40/3" });
    let oral = json!({ "libelle": "Oral", "coefficient": "1", "resultats": 1, "points": "9",
        "poids": "1", "exacte": "9" });
    assert_eq!(told["parties"], json!([ecrit, oral]));
    assert_eq!(told["lignes"][3]["sousMatiere"], "oral");
    assert_eq!(told["politique"]["sousMatieres"][0]["libelle"], "Écrit");
    let texte = told["texte"].to_string();
    assert!(texte.contains("Écrit, coefficient 2 : 40 points divisés par 3 : 40/3."), "{texte}");
    assert!(texte.contains("107/3 points divisés par 3 : 107/9, arrondi à 11,89 sur 20."), "{texte}");
    t.ecole.maison.close().await
}
