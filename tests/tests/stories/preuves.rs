//! An act with legal effect is answered with the proof of itself, whatever else it brought about.

use anyhow::{Context, Result};
use domain::CompteId;
use ledger::envelope::leaf_hash;
use ledger::feed::Journal;
use ledger::tlog::Hash;
use ledger::tlog::text::Proof;
use ledger::unit::Position;
use recits::{Ecole, Maison, exploitant, global};
use serde_json::{Value, json};
use uuid::Uuid;

/// The type of the event that an answer proves, once the proof holds.
pub(super) async fn proven(maison: &Maison, answer: &Value) -> Result<String> {
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
            "clientMutationId": Uuid::from_u128(command),
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

/// What a notice brings about from its receipt on, who holds which office, what a procedure owes the
/// pupil, and what may not be destroyed.
#[tokio::test(flavor = "multi_thread")]
async fn what_starts_a_delay_or_a_liability_is_answered_with_its_proof() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let sealer = maison.sealer.clone();
    let sealing = tokio::spawn(async move { sealer.run(stopped).await });
    let prove = async |who: CompteId, mutation: &str, input: Value| -> Result<String> {
        proven(maison, &maison.granted(who, mutation, input, "preuve").await?).await
    };

    let redaction = json!({ "portail": ecole.portail, "titre": "Sortie", "corps": "Jeudi." });
    let redigee =
        maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
    let publication = redigee["publication"]["id"].clone();
    let parution = json!({ "publicationId": publication, "version": 1, "audience": "PUBLIC" });
    maison.granted(ecole.principal, "publierPublication", parution, "").await?;
    let notice = json!({ "publicationId": publication, "version": 1, "motif": "AUTRE",
        "explication": "Faux.", "bonneFoi": true });
    let recu = maison.granted(ecole.parent, "signalerContenu", notice, "preuve signalement { id }").await?;
    assert_eq!(proven(maison, &recu).await?, "publications.signalement.recu");
    let connaissance = json!({ "signalementId": recu["signalement"]["id"] });
    let known = prove(ecole.administrateur, "prendreConnaissance", connaissance).await?;
    assert_eq!(known, "publications.signalement.premiere_connaissance");
    let retrait = json!({ "publicationId": publication, "motif": "La sortie est passée." });
    maison.granted(ecole.principal, "retirerPublication", retrait, "").await?;

    let seconde = json!({ "portail": ecole.portail, "delegation": Uuid::from_u128(2),
        "compte": CompteId::derived(&["second"]).0,
        "administrateurId": global("Personne", ecole.enseignante.0), "du": "2026-11-23" });
    let revocation = json!({ "portail": ecole.portail, "delegation": Uuid::from_u128(1),
        "motif": "Mutation", "le": "2026-11-23" });
    let direction = json!({ "portail": ecole.portail, "directeurId": global("Personne", ecole.collegue.0),
        "qualite": "principal par intérim", "depuis": "2026-11-24" });
    let depart = json!({ "portail": ecole.portail, "au": "2026-11-30" });
    let procedure = json!({ "eleveId": global("Eleve", ecole.eleves[0]), "griefs": "Un coup." });
    let engagee = maison.granted(ecole.principal, "engagerProcedure", procedure, "sanction { id }").await?;
    let information = json!({ "sanctionId": engagee["sanction"]["id"], "jours": 2 });
    let gel = json!({ "portail": ecole.portail, "gel": Uuid::from_u128(9), "motif": "Réquisition",
        "personneId": global("Personne", ecole.eleves[0]) });
    let levee = json!({ "portail": ecole.portail, "gel": Uuid::from_u128(9), "motif": "Affaire classée" });
    let mode =
        json!({ "portail": ecole.portail, "espace": "PORTAIL", "mode": "A_POSTERIORI", "motif": "Essai" });
    for (who, mutation, input, kind) in [
        (ecole.principal, "fixerModeDeModeration", mode, "publications.espace.mode_fixe"),
        (ecole.principal, "informerEleve", information, "vie_de_l_eleve.sanction.eleve_informe"),
        (exploitant(), "poserGel", gel, "conservation.gel.pose"),
        (ecole.principal, "leverGel", levee, "conservation.gel.leve"),
        (ecole.principal, "accorderDelegation", seconde, "portails.portail.delegation_accordee"),
        (ecole.principal, "revoquerDelegation", revocation, "portails.portail.delegation_revoquee"),
        (exploitant(), "prendreDirection", direction, "portails.portail.direction_prise"),
        (exploitant(), "quitterDirection", depart, "portails.portail.direction_terminee"),
    ] {
        assert_eq!(prove(who, mutation, input).await?, kind);
    }
    stop.send_replace(true);
    sealing.await?;
    ecole.maison.close().await
}
