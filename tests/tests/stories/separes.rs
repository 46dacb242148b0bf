//! Two separated parents, of whom one may not be informed: he learns nothing of the pupil, by any way.

use super::trimestre::{CONSEIL, PUBLICATION, Trimestre};
use anyhow::{Context, Result};
use domain::CompteId;
use recits::global;
use serde_json::{Value, json};

const DOSSIER: &str = "query($eleve: ID!, $personne: ID!) {
    eleve(id: $eleve) { absences(first: 5) { nodes { debut } } notes(first: 5) { nodes { titre } }
        moyennes(annee: 2026, rang: 1) { generale { moyenne } } bulletins { id } }
    noeud: node(id: $eleve) { id } personne: node(id: $personne) { id }
    vieDeLEleve(eleveId: $eleve) { carnet(first: 5) { nodes { id texte } } } }";

/// What somebody is shown who asks for all of the first pupil's file.
async fn dossier(t: &Trimestre, qui: CompteId) -> Result<Value> {
    let asked = json!({ "eleve": t.eleve(0), "personne": global("Personne", t.eleves[0]) });
    t.ecole.maison.ask(Some(qui), DOSSIER, asked).await
}

/// Whether the first pupil is one for whom somebody answers.
async fn est_son_enfant(t: &Trimestre, qui: CompteId) -> Result<bool> {
    let moi = t.ecole.maison.ask(Some(qui), "{ moi { enfants { id } } }", json!({})).await?;
    let enfants = moi["moi"]["enfants"].as_array().context(format!("{moi:#}"))?;
    Ok(enfants.contains(&json!({ "id": t.eleve(0) })))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_without_the_right_to_be_informed_is_shown_nothing_and_the_other_everything() -> Result<()> {
    let t = Trimestre::ouvrir().await?;
    let (maison, pere) = (&t.ecole.maison, t.ecole.autre_parent);
    let mere = t.parents.into_iter().find(|parent| *parent != pere).context("no other parent")?;
    t.ecole.rendre_responsables(t.eleves[0], &[(mere, true), (pere, false)]).await?;
    t.ecole.faire_l_appel(&t.ecole.heure("2026-11-23", "08:00:00", "08:55:00"), &t.eleves[..1]).await?;
    let mot = json!({ "eleveId": t.eleve(0), "nature": "ENCOURAGEMENT", "texte": "De beaux progrès." });
    let mot = t.prof("ecrireMot", mot, "mot { id }").await?["mot"]["id"].clone();
    t.evaluer().await?;
    t.au(CONSEIL)?;
    t.tenir_conseil().await?;
    t.publier().await?;
    t.au(PUBLICATION)?;

    assert!(est_son_enfant(&t, mere).await?);
    let shown = dossier(&t, mere).await?;
    let eleve = &shown["eleve"];
    assert_eq!(eleve["absences"]["nodes"].as_array().map(Vec::len), Some(1), "{shown:#}");
    assert_eq!(eleve["notes"]["nodes"].as_array().map(Vec::len), Some(2), "{shown:#}");
    assert_eq!(eleve["moyennes"]["generale"]["moyenne"], "14.70", "{shown:#}");
    assert_eq!(shown["noeud"]["id"], t.eleve(0));
    assert_eq!(shown["vieDeLEleve"]["carnet"]["nodes"], json!([{ "id": mot, "texte": "De beaux progrès." }]));
    let bulletin = eleve["bulletins"][0]["id"].clone();
    assert!(bulletin.is_string(), "{shown:#}");

    assert!(!est_son_enfant(&t, pere).await?);
    let shown = dossier(&t, pere).await?;
    for path in ["eleve", "noeud", "personne", "vieDeLEleve"] {
        assert_eq!(shown[path], Value::Null, "{path}: {shown:#}");
    }
    let query = "query($id: ID!) { bulletin(id: $id) { id } }";
    let found = maison.ask(Some(pere), query, json!({ "id": bulletin })).await?;
    assert_eq!(found["bulletin"], Value::Null);
    let ecrit = json!({ "eleveId": t.eleve(0), "texte": "Il sera en retard demain." });
    for (mutation, input) in [
        ("lireBulletin", json!({ "bulletinId": bulletin })),
        ("signerMot", json!({ "motId": mot })),
        ("ecrireALEcole", ecrit),
    ] {
        assert_eq!(maison.refused(pere, mutation, input.clone()).await?, "INTERDIT", "{mutation}");
        maison.granted(mere, mutation, input, "").await?;
    }
    t.ecole.maison.close().await
}
