//! An act with legal effect is answered with the proof of itself, whatever else it brought about.

use anyhow::{Context, Result};
use ledger::envelope::leaf_hash;
use ledger::feed::Journal;
use ledger::tlog::Hash;
use ledger::tlog::text::Proof;
use ledger::unit::Position;
use recits::{Ecole, Maison};
use serde_json::{Value, json};

/// The type of the event that an answer proves, once the proof holds.
async fn proven(maison: &Maison, answer: &Value) -> Result<String> {
    let last: Position = answer["position"].as_str().context("no position")?.parse()?;
    let proof = Proof::parse(answer["preuve"].as_str().context("no proof")?)?;
    let leaf: String = sqlx::query_scalar(
        "SELECT metadata::text FROM ledger.events WHERE (portail, annee, position) = ($1, $2, $3)",
    )
    .bind(last.portail.as_str())
    .bind(last.annee.0)
    .bind(i64::try_from(proof.index)? + 1)
    .fetch_one(&maison.bench.views)
    .await?;
    let keys = maison.sealer.verifier_keys(&Journal { portail: last.portail, annee: last.annee });
    proof.verify(Hash(leaf_hash(leaf.as_bytes())), keys.iter().map(|key| key.key.as_str()))?;
    let told: Value = serde_json::from_str(&leaf)?;
    Ok(told["type"].as_str().context("no type")?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_act_is_answered_with_the_proof_of_itself_and_not_of_its_effects() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let sealer = maison.sealer.clone();
    let sealing = tokio::spawn(async move { sealer.run(stopped).await });
    for (command, decision) in [(1_u128, "RETRAIT"), (2, "MASQUAGE"), (3, "MAINTIEN")] {
        let redaction = json!({ "portail": ecole.portail, "titre": "Sortie", "corps": "Jeudi." });
        let publication = maison
            .granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }")
            .await?["publication"]["id"]
            .take();
        let parution = json!({ "publicationId": publication, "version": 1, "audience": "PUBLIC" });
        let publiee = maison.granted(ecole.principal, "publierPublication", parution, "preuve").await?;
        assert_eq!(proven(maison, &publiee).await?, "publications.publication.publiee");
        let signalement = json!({ "publicationId": publication, "version": 1, "motif": "AUTRE",
            "explication": "Faux.", "bonneFoi": true });
        let signalement =
            maison.granted(ecole.parent, "signalerContenu", signalement, "signalement { id }").await?;
        let input = json!({
            "clientMutationId": uuid::Uuid::from_u128(command),
            "signalementId": signalement["signalement"]["id"],
            "decision": decision,
            "motifs": { "faits": "Le jour est faux.",
                "fondement": { "nature": "CONDITIONS", "texte": "Charte, article 2" },
                "moyensAutomatises": false, "voiesDeRecours": "Le directeur de la publication." },
        });
        let decided = maison.granted(ecole.administrateur, "rendreDecision", input.clone(), "preuve").await?;
        assert_eq!(proven(maison, &decided).await?, "publications.signalement.decision_rendue", "{decision}");
        let again = maison.granted(ecole.administrateur, "rendreDecision", input, "preuve").await?;
        assert_eq!(again["position"], decided["position"]);
        assert_eq!(proven(maison, &again).await?, "publications.signalement.decision_rendue", "{decision}");
        if decision == "MAINTIEN" {
            let retrait = json!({ "publicationId": publication, "motif": "La sortie est passée." });
            let retiree = maison.granted(ecole.principal, "retirerPublication", retrait, "preuve").await?;
            assert_eq!(proven(maison, &retiree).await?, "publications.publication.retiree");
        }
    }
    stop.send_replace(true);
    sealing.await?;
    ecole.maison.close().await
}
