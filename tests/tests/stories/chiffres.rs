//! What families read of a class, and what they cannot compute from it: the mark of another family's
//! child.

use super::sous_matieres::politique;
use super::trimestre::{CONSEIL, MARDI_SOIR, PUBLICATION, Trimestre};
use anyhow::{Context, Result};
use recits::global;
use serde_json::{Value, json};

const MARDI: &str = "2026-11-24T09:00:00Z";
const MERCREDI: &str = "2026-11-25T09:00:00Z";

/// What is asked of the figures of a division.
const CHIFFRES: &str = "effectif minimum maximum mediane moyenne explication { au arretes somme texte }";

/// What a family reads of the class: of the one matière that is marked, and of general averages.
async fn lus(t: &Trimestre, le: Option<&str>) -> Result<[Value; 2]> {
    let query = format!(
        "query($id: ID!, $le: DateTime) {{ eleve(id: $id) {{ moyennes(annee: 2026, rang: 1, le: $le) {{
            division {{ {CHIFFRES} }} matieres {{ moyenne {{ moyenne }} division {{ {CHIFFRES} }} }} }} }} }}"
    );
    let asked = json!({ "id": t.eleve(0), "le": le });
    let mut seen = t.ecole.maison.ask(Some(t.parents[0]), &query, asked).await?["eleve"]["moyennes"].take();
    let matieres = seen["matieres"].as_array().context("no averages")?;
    let marked = matieres.iter().find(|matiere| !matiere["moyenne"]["moyenne"].is_null());
    let matiere = marked.context("nothing is marked")?["division"].clone();
    Ok([matiere, seen["division"].take()])
}

/// What the teacher reads of the same.
async fn du_jour(t: &Trimestre) -> Result<Value> {
    let query = format!(
        "query($id: ID!) {{ division(id: $id) {{ enseignements {{ id
            moyennes(annee: 2026, rang: 1) {{ division {{ {CHIFFRES} }} }} }} }} }}"
    );
    let asked = json!({ "id": global("Division", t.ecole.division) });
    let seen = t.ecole.maison.ask(Some(t.ecole.enseignante), &query, asked).await?;
    let taught = seen["division"]["enseignements"].as_array().context("no enseignements")?;
    let id = global("Enseignement", t.ecole.enseignement);
    let mine = taught.iter().find(|one| one["id"] == *id).context("it is not taught here")?;
    Ok(mine["moyennes"]["division"].clone())
}

async fn corriger(t: &Trimestre, evaluation: &str, eleve: String, note: &str) -> Result<()> {
    let input = json!({ "evaluationId": evaluation, "motif": "Copie retrouvée",
        "ligne": { "eleveId": eleve, "resultat": { "etat": "NOTE", "note": note } } });
    t.prof("corrigerNote", input, "").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_computes_no_correction_and_no_late_mark_from_the_figures_of_the_class() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let premiere = t.evaluation(json!({})).await?;
    t.noter(&premiere, ["12", "9", "15", "8.5", "17", "11"]).await?;
    t.prof("publierEvaluation", json!({ "evaluationId": premiere }), "").await?;
    let first = lus(&t, None).await?;
    for one in &first {
        assert_eq!((&one["effectif"], &one["minimum"]), (&json!(6), &json!("8.50")));
        assert_eq!(one["explication"]["arretes"], true);
    }

    t.au(MARDI)?;
    corriger(&t, &premiere, t.eleve(3), "18").await?;
    let absent = t.ecole.eleves.iter().find(|eleve| !t.eleves.contains(eleve)).context("no other pupil")?;
    corriger(&t, &premiere, global("Eleve", *absent), "4").await?;
    assert_eq!(lus(&t, None).await?, first, "a family reads what it read");
    let live = du_jour(&t).await?;
    assert_eq!((&live["effectif"], &live["minimum"]), (&json!(7), &json!("4.00")));
    assert_eq!(live["explication"]["arretes"], false, "the teacher reads the figures of the day");

    t.au(MERCREDI)?;
    let seconde = t.evaluation(json!({ "titre": "Dictée" })).await?;
    t.noter(&seconde, ["10", "13", "15", "16", "9", "11"]).await?;
    t.prof("publierEvaluation", json!({ "evaluationId": seconde }), "").await?;
    for one in lus(&t, None).await? {
        assert_eq!((&one["effectif"], &one["minimum"]), (&json!(7), &json!("4.00")), "with all others");
    }
    assert_eq!(lus(&t, Some(MARDI_SOIR)).await?, first, "nor does it read otherwise of a past day");
    t.ecole.maison.close().await
}

/// The class is counted for each reading of an average: nobody has it counted a hundred times at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_asks_for_averages_a_few_times_and_not_a_hundred() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let asked = async |times: usize| {
        let moyenne = |n: usize| format!("m{n}: moyennes(annee: 2026, rang: 1) {{ generale {{ moyenne }} }}");
        let fields = (0..times).map(moyenne).collect::<Vec<_>>().join(" ");
        let query = format!("query($id: ID!) {{ eleve(id: $id) {{ {fields} }} }}");
        t.ecole.maison.ask(Some(t.parents[0]), &query, json!({ "id": t.eleve(0) })).await
    };
    asked(3).await?;
    assert!(asked(100).await.is_err());
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evaluation_that_weighs_nothing_brings_no_correction_with_it() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let parts = politique(&t, &[("Écrit", "1"), ("Oral", "0")]).await?;
    t.chef("fixerPolitiqueDeMoyenne", parts, "").await?;
    let notes = ["12", "9", "15", "8.5", "17", "11"];
    let publier = async |titre: &str, part: &str| -> Result<String> {
        let evaluation = t.evaluation(json!({ "titre": titre, "sousMatiere": part })).await?;
        t.noter(&evaluation, notes).await?;
        t.prof("publierEvaluation", json!({ "evaluationId": evaluation }), "").await?;
        Ok(evaluation)
    };
    let dictee = publier("Dictée", "Écrit").await?;
    let first = lus(&t, None).await?;
    assert_eq!(first[0]["effectif"], 6);
    t.au(MARDI)?;
    corriger(&t, &dictee, t.eleve(3), "18").await?;
    t.au(MERCREDI)?;
    publier("Exposé", "Oral").await?;
    assert_eq!(lus(&t, None).await?, first);
    publier("Récit", "Écrit").await?;
    assert_ne!(lus(&t, None).await?, first, "it comes with the marks of all");
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulletin_tells_no_correction_by_what_it_says_of_the_class() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let premiere = t.evaluer().await?;
    t.au(MARDI_SOIR)?;
    let [read, _] = lus(&t, None).await?;
    t.au(MERCREDI)?;
    corriger(&t, &premiere, t.eleve(3), "19").await?;
    t.au(CONSEIL)?;
    t.tenir_conseil().await?;
    assert_ne!(du_jour(&t).await?["moyenne"], read["moyenne"], "the conseil has the mark before it");
    t.publier().await?;
    t.au(PUBLICATION)?;
    let maison = &t.ecole.maison;
    let query = "query($id: ID!) { eleve(id: $id) { bulletins { id } } }";
    let mut seen = maison.ask(Some(t.parents[0]), query, json!({ "id": t.eleve(0) })).await?;
    let bulletin = json!({ "bulletinId": seen["eleve"]["bulletins"][0]["id"].take() });
    let fields = format!(
        "bulletin {{ contenu {{ enseignements {{ moyenne {{
            moyenne {{ moyenne }} division {{ {CHIFFRES} }} }} }} }} }}"
    );
    let told = maison.granted(t.parents[0], "lireBulletin", bulletin, &fields).await?;
    let lines = told["bulletin"]["contenu"]["enseignements"].as_array().context("it says nothing")?;
    let marked = lines.iter().map(|line| &line["moyenne"]).find(|it| !it["moyenne"]["moyenne"].is_null());
    assert_eq!(marked.context("nothing is marked")?["division"], read);
    t.ecole.maison.close().await
}
