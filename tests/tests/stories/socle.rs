//! What evaluations show of a pupil in the socle commun, from the teacher to the conseil de classe.

use super::trimestre::{MARDI_SOIR, Trimestre};
use anyhow::{Context, Result};
use domain::CompteId;
use recits::{global, personal};
use serde_json::{Value, json};

/// How well pupils, by their ranks, master the French language.
fn lignes(t: &Trimestre, niveaux: &[(usize, u8)]) -> Vec<Value> {
    let ligne = |(rank, niveau): &(usize, u8)| {
        json!({ "eleveId": t.eleve(*rank), "cycle": "CYCLE_3", "domaine": "LANGUE_FRANCAISE",
                "niveau": niveau })
    };
    niveaux.iter().map(ligne).collect()
}

async fn montrer(t: &Trimestre, titre: &str, date: &str, niveaux: &[(usize, u8)]) -> Result<String> {
    let evaluation = t.evaluation(json!({ "titre": titre, "date": date })).await?;
    let input = json!({ "evaluationId": evaluation, "lignes": lignes(t, niveaux) });
    t.prof("positionnerCompetences", input, "").await?;
    Ok(evaluation)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conseil_is_proposed_what_evaluations_have_shown_and_decides() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let maison = &t.ecole.maison;
    montrer(&t, "Dictée", "2026-11-02", &[(0, 3), (1, 1)]).await?;
    montrer(&t, "Récit", "2026-11-09", &[(0, 3)]).await?;
    montrer(&t, "Exposé", "2026-11-16", &[(0, 2)]).await?;
    let query = "query($division: ID!) { conseilDeClasse(divisionId: $division, annee: 2026, rang: 1) {
        eleves { eleve { id } positionnements { niveau }
            propositions { vus positionnement { domaine niveau maitrise } observations { titre date niveau }
                texte } } } }";
    let asked = json!({ "division": global("Division", t.ecole.division) });
    let seen = maison.ask(Some(t.ecole.principal), query, asked).await?;
    let lines = seen["conseilDeClasse"]["eleves"].as_array().context("no pupils")?;
    let id = global("Personne", t.eleves[0]);
    let line = lines.iter().find(|line| line["eleve"]["id"] == *id).context("the pupil is not listed")?;
    assert_eq!(line["positionnements"], json!([]), "what is proposed decides nothing");
    let propose = &line["propositions"][0];
    let place = json!({ "domaine": "LANGUE_FRANCAISE", "niveau": 3, "maitrise": "Maîtrise satisfaisante" });
    assert_eq!((&propose["positionnement"], &propose["vus"]), (&place, &json!(2)));
    let recit = json!({ "titre": "Récit", "date": "2026-11-09", "niveau": 3 });
    assert_eq!(propose["observations"][1], recit);
    let why = propose["texte"].as_array().and_then(|lines| lines.last()).context("no reason")?;
    assert_eq!(why, "Proposé : 3, le plus souvent vu (2 fois sur 3).");
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_reads_an_evaluation_that_bears_competences_alone_and_of_its_own_child() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let maison = &t.ecole.maison;
    montrer(&t, "Brouillon", "2026-11-18", &[(0, 1)]).await?;
    let evaluation = montrer(&t, "Dictée", "2026-11-16", &[(0, 3), (1, 1)]).await?;
    let query = "query($id: ID!) { eleve(id: $id) { notes(first: 5) { nodes { titre } }
        competences(first: 5) { nodes { titre date matiere competences { domaine niveau } } } } }";
    let read = async |who: CompteId, rank: usize| -> Result<Value> {
        let mut seen = maison.ask(Some(who), query, json!({ "id": t.eleve(rank) })).await?;
        Ok(seen["eleve"].take())
    };
    let none = json!({ "notes": { "nodes": [] }, "competences": { "nodes": [] } });
    assert_eq!(read(t.parents[0], 0).await?, none, "nothing before it is published");
    let publier = json!({ "evaluationId": evaluation, "visibleDes": "2026-11-24T07:00:00Z" });
    t.prof("publierEvaluation", publier, "").await?;
    assert_eq!(read(t.parents[0], 0).await?, none, "nor before its hour");
    t.au(MARDI_SOIR)?;
    let seen = read(t.parents[0], 0).await?;
    let shown = &seen["competences"]["nodes"][0];
    let told = json!([{ "domaine": "LANGUE_FRANCAISE", "niveau": 3 }]);
    assert_eq!((&shown["titre"], &shown["competences"]), (&json!("Dictée"), &told), "{seen:#}");
    assert!(shown["matiere"].is_string(), "{seen:#}");
    assert_eq!(seen["competences"]["nodes"].as_array().map(Vec::len), Some(1), "{seen:#}");
    assert_eq!(seen["notes"]["nodes"], json!([]), "it bears no mark");
    let own = read(personal(t.eleves[1]), 1).await?;
    assert_eq!(own["competences"]["nodes"][0]["competences"][0]["niveau"], 1, "{own:#}");
    assert_eq!(read(personal(t.eleves[2]), 2).await?, none, "it shows nothing of this one");
    assert_eq!(read(personal(t.eleves[1]), 0).await?, Value::Null, "and nobody reads another's");
    t.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_reads_what_an_evaluation_shows_and_it_is_changed_with_a_reason() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let maison = &t.ecole.maison;
    let evaluation = montrer(&t, "Dictée", "2026-11-16", &[(0, 3), (1, 1)]).await?;
    let input = json!({ "evaluationId": evaluation, "lignes": lignes(&t, &[(0, 3), (0, 2)]) });
    let refused = maison.refused(t.ecole.enseignante, "positionnerCompetences", input).await?;
    assert_eq!(refused, "COMPETENCE_EN_DOUBLE");
    let non_note = json!([{ "eleveId": t.eleve(0), "resultat": { "etat": "NON_NOTE" } }]);
    t.prof("saisirNotes", json!({ "evaluationId": evaluation, "lignes": non_note }), "").await?;

    let query = "query($id: ID!) { eleve(id: $id) { notes(first: 5) { nodes {
        titre competences { domaine niveau } } } } }";
    let read = async || -> Result<Value> {
        let seen = maison.ask(Some(t.parents[0]), query, json!({ "id": t.eleve(0) })).await?;
        Ok(seen["eleve"]["notes"]["nodes"].clone())
    };
    assert_eq!(read().await?, json!([]), "nothing before it is published");
    t.prof("publierEvaluation", json!({ "evaluationId": evaluation }), "").await?;
    let told = |niveau: u8| json!([{ "titre": "Dictée", "competences": [{ "domaine": "LANGUE_FRANCAISE", "niveau": niveau }] }]);
    assert_eq!(read().await?, told(3), "of its own child alone");

    let autre = json!({ "evaluationId": evaluation, "lignes": lignes(&t, &[(0, 4)]) });
    let refused = maison.refused(t.ecole.enseignante, "positionnerCompetences", autre.clone()).await?;
    assert_eq!(refused, "MOTIF_MANQUANT");
    let mut motivee = autre;
    motivee["motif"] = json!("Copie relue");
    let refused = maison.refused(t.ecole.collegue, "positionnerCompetences", motivee.clone()).await?;
    assert_eq!(refused, "INTERDIT");
    let fields = "evaluation { competences { eleve { id } positionnement { niveau } } }";
    let changed = t.prof("positionnerCompetences", motivee, fields).await?;
    let shown = changed["evaluation"]["competences"].as_array().map(Vec::len);
    assert_eq!(shown, Some(2), "the teacher reads all of them");
    assert_eq!(read().await?, told(4));
    t.ecole.maison.close().await
}
