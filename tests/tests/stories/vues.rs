//! Operators see how the views stand; every compte sees how fresh a portal is.

use anyhow::Result;
use recits::{Ecole, exploitant};
use serde_json::{Value, json};

const VUES: &str = "{ vues { nom version retardEvenements retardSecondes misDeCote
    reconstruction { fait total parSeconde resteSecondes } } }";
const FRAICHEUR: &str = "query($p: String!) { fraicheur(portail: $p) { retardEvenements retardSecondes } }";

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_the_views_and_comptes_see_how_fresh_a_portal_is() -> Result<()> {
    let mut ecole = Ecole::ouvrir().await?;
    ecole.maison.still().await?;
    ecole.maison.bench.runner.catch_up().await?;
    let maison = &ecole.maison;
    let portail = json!({ "p": ecole.portail });
    let vues = maison.ask(Some(exploitant()), VUES, json!({})).await?;
    let all = vues["vues"].as_array().cloned().unwrap_or_default();
    assert_eq!(all.len(), projections::all().len());
    assert_eq!(
        all[0],
        json!({ "nom": "annuaire.annuaire", "version": 1, "retardEvenements": 0, "retardSecondes": 0.0,
                "misDeCote": 0, "reconstruction": null })
    );
    let redaction = json!({ "portail": ecole.portail, "titre": "Sortie", "corps": "Jeudi." });
    maison.granted(ecole.enseignante, "redigerActualite", redaction, "").await?;
    let late = maison.ask(Some(ecole.parent), FRAICHEUR, portail.clone()).await?;
    assert_eq!(late["fraicheur"]["retardEvenements"], 1);
    let elsewhere = maison.ask(Some(ecole.parent), FRAICHEUR, json!({ "p": "ac-lyon" })).await?;
    assert_eq!(elsewhere["fraicheur"]["retardEvenements"], 0);
    for who in [Some(ecole.principal), Some(ecole.administrateur), None] {
        assert_eq!(maison.ask(who, VUES, json!({})).await?["vues"], Value::Null);
    }
    assert_eq!(maison.ask(None, FRAICHEUR, portail).await?["fraicheur"], Value::Null);
    ecole.maison.close().await
}
