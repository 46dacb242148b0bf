//! Life at school: an incident becomes a sanction, and leaves the file on its day; a word reaches
//! both parents; only the infirmier knows why a pupil came to him; a tuteur has an account for one stage,
//! until it is taken away.

use super::preuves::proven;
use anyhow::Result;
use domain::CompteId;
use recits::{Ecole, avec, exploitant, global, personal};
use serde_json::{Value, json};
use uuid::Uuid;

const SANCTIONS: &str =
    "query($id: ID!) { vieDeLEleve(eleveId: $id) { sanctions(first: 20) { nodes { id griefs prononceeLe
    effacement sursisRevoqueLe notifications { destinataire { id } }
    decision { nature duree motifs sursis } } } } }";
const CARNET: &str =
    "query($id: ID!) { vieDeLEleve(eleveId: $id) { carnet(first: 20) { nodes { id texte nature
    destinataires { personne { id } signeLe } } } } }";
const PASSAGES: &str =
    "query($id: ID!) { vieDeLEleve(eleveId: $id) { passages(first: 20) { nodes { id depart orientation
    soins { motif soin } } } } }";

/// What the first pupil's file shows.
async fn vie(ecole: &Ecole, who: CompteId, query: &str) -> Result<Value> {
    let id = json!({ "id": global("Eleve", ecole.eleves[0]) });
    Ok(ecole.maison.ask(Some(who), query, id).await?["vieDeLEleve"].take())
}

async fn sanctions(ecole: &Ecole, who: CompteId) -> Result<Vec<Value>> {
    let found = vie(ecole, who, SANCTIONS).await?;
    Ok(found["sanctions"]["nodes"].as_array().cloned().unwrap_or_default())
}

fn exclusion(id: &Value) -> Value {
    json!({ "sanctionId": id, "nature": "EXCLUSION_DE_L_ETABLISSEMENT", "duree": 3,
            "motifs": "Violence établie.", "sursis": "2027-07-31" })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_followed_and_what_obliges_to_a_procedure_is_told() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let fields = "id engagementObligatoire protagonistes { role recit }";
    let incident = ecole.signaler_un_coup(ecole.eleves[0], "2026-11-23", fields).await?;
    assert_eq!(incident["engagementObligatoire"], "VIOLENCE_PHYSIQUE_CONTRE_PERSONNEL");
    let read = "query($id: ID!) { incident(id: $id) { nature } }";
    for (who, seen) in [
        (ecole.enseignante, true),
        (ecole.cpe, true),
        (ecole.principal, true),
        (ecole.collegue, false),
        (ecole.parent, false),
        (exploitant(), false),
    ] {
        let found = maison.ask(Some(who), read, json!({ "id": incident["id"] })).await?;
        assert_eq!(found["incident"].is_object(), seen, "{who}");
    }
    let list = "query($id: ID!) { incidents(etablissementId: $id, first: 20) { nodes { id } } }";
    let place = json!({ "id": ecole.etablissement()? });
    for (who, seen) in [(ecole.enseignante, 1), (ecole.collegue, 0), (ecole.cpe, 1)] {
        let found = maison.ask(Some(who), list, place.clone()).await?;
        assert_eq!(
            found["incidents"]["nodes"].as_array().map(Vec::len),
            Some(seen),
            "each his own, the CPE all"
        );
    }
    let warned = json!({ "incidentId": incident["id"], "instance": "ACADEMIE" });
    assert_eq!(maison.refused(ecole.enseignante, "avertirInstance", warned.clone()).await?, "INTERDIT");
    maison.granted(ecole.cpe, "avertirInstance", warned, "incident { averties { instance } }").await?;
    let clore = |suite: &str| json!({ "incidentId": incident["id"], "suite": suite });
    let less = maison.refused(ecole.cpe, "cloreIncident", clore("PUNITION")).await?;
    assert_eq!(less, "SUITE_INSUFFISANTE");
    maison.granted(ecole.cpe, "cloreIncident", clore("PROCEDURE_DISCIPLINAIRE"), "").await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sanction_with_sursis_is_pronounced_notified_and_leaves_the_file_after_three_school_years()
-> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, chef) = (&ecole.maison, ecole.principal);
    let (id, fin_du_delai) = ecole.engager_une_procedure(ecole.eleves[0]).await?;
    assert_eq!(fin_du_delai, "2026-11-25", "a Monday, and two working days");
    let early = maison.refused(chef, "prononcerSanction", exclusion(&id)).await?;
    assert_eq!(early, "DELAI_EN_COURS");
    maison.bench.clock.set("2026-11-26T08:00:00Z".parse()?);
    for stranger in [ecole.enseignante, ecole.cpe, ecole.parent, exploitant()] {
        assert_eq!(maison.refused(stranger, "prononcerSanction", exclusion(&id)).await?, "INTERDIT");
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let sealer = maison.sealer.clone();
    let sealing = tokio::spawn(async move { sealer.run(stopped).await });
    let pronounced = maison.granted(chef, "prononcerSanction", exclusion(&id), "preuve").await?;
    assert_eq!(proven(maison, &pronounced).await?, "vie_de_l_eleve.sanction.exclusion_temporaire_prononcee");
    let notifier = json!({ "sanctionId": id, "voie": "LETTRE_RECOMMANDEE" });
    let notified = maison.granted(chef, "notifierSanction", notifier, "preuve").await?;
    assert_eq!(proven(maison, &notified).await?, "vie_de_l_eleve.sanction.notifiee");
    stop.send_replace(true);
    sealing.await?;
    let seen = sanctions(&ecole, ecole.parent).await?;
    assert_eq!(seen[0]["effacement"], "2029-08-01");
    let notified = seen[0]["notifications"].to_string();
    assert!(notified.contains(&global("Personne", ecole.parent.0)), "{notified}");
    assert!(notified.contains(&global("Personne", ecole.eleves[0])), "{notified}");
    let executer = json!({ "sanctionId": id, "du": "2026-12-07" });
    assert_eq!(maison.refused(chef, "executerSanction", executer.clone()).await?, "AVEC_SURSIS");

    maison.bench.clock.set("2027-03-15T08:00:00Z".parse()?);
    let revoquer = json!({ "sanctionId": id, "motifs": "A recommencé.", "faitsLe": "2027-03-08",
                           "encourue": "EXCLUSION_TEMPORAIRE" });
    maison.granted(chef, "revoquerSursis", revoquer, "").await?;
    maison.granted(chef, "executerSanction", json!({ "sanctionId": id, "du": "2027-03-16" }), "").await?;
    let effacer = json!({ "sanctionId": id, "cause": "TERME_LEGAL" });
    for (instant, there) in [("2028-08-01T08:00:00Z", true), ("2029-07-31T08:00:00Z", true)] {
        maison.bench.clock.set(instant.parse()?);
        assert_eq!(sanctions(&ecole, ecole.parent).await?.len() == 1, there, "{instant}");
        assert_eq!(maison.refused(chef, "effacerSanction", effacer.clone()).await?, "EFFACEMENT_TROP_TOT");
    }
    maison.bench.clock.set("2029-08-01T08:00:00Z".parse()?);
    for who in [ecole.parent, personal(ecole.eleves[0]), chef, ecole.cpe] {
        assert!(sanctions(&ecole, who).await?.is_empty(), "gone from the file though not destroyed yet");
    }
    maison.granted(chef, "effacerSanction", effacer, "").await?;
    destroyed(&ecole).await?;
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sanction").fetch_one(&maison.bench.views).await?;
    assert_eq!(left, 0, "the views have forgotten it");
    for (journal, _) in maison.bench.journals().await? {
        assert_eq!(maison.bench.verify(&journal).await?.fault, None);
    }
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

/// The administrateur asks that the keys of the procedure and of the decision be destroyed, and the
/// chef confirms.
async fn destroyed(ecole: &Ecole) -> Result<()> {
    let maison = &ecole.maison;
    let input = json!({ "portail": ecole.portail, "destruction": Uuid::from_u128(4), "fondement": "ECHEANCE",
        "motif": "Effacement des sanctions",
        "choix": [{ "classe": "SANCTION_EXCLUSION", "annee": 2026 },
                  { "classe": "SANCTION_AVERTISSEMENT", "annee": 2026 }] });
    maison.granted(ecole.administrateur, "demanderDestruction", input, "").await?;
    let confirm = json!({ "destructionId": global("Destruction", Uuid::from_u128(4)) });
    maison.granted(ecole.principal, "confirmerDestruction", confirm, "").await?;
    Ok(maison.bench.runner.catch_up().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_separated_parents_acknowledge_a_word_each_for_himself() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let parents: Vec<Uuid> = sqlx::query_scalar(
        "SELECT responsable FROM responsabilite WHERE eleve = $1 AND destinataire ORDER BY 1",
    )
    .bind(ecole.eleves[0])
    .fetch_all(&maison.bench.views)
    .await?;
    let mot = json!({ "eleveId": global("Eleve", ecole.eleves[0]), "nature": "ENCOURAGEMENT",
                      "texte": "De beaux progrès." });
    let mot = maison.granted(ecole.enseignante, "ecrireMot", mot, "mot { id }").await?;
    let signer = json!({ "motId": mot["mot"]["id"] });
    assert_eq!(maison.refused(ecole.autre_parent, "signerMot", signer.clone()).await?, "INTERDIT");
    for (rang, parent) in parents.iter().enumerate() {
        let seen = vie(&ecole, personal(*parent), CARNET).await?;
        let signed = seen["carnet"]["nodes"][0]["destinataires"].to_string().matches("2026-").count();
        assert_eq!(signed, rang, "each for himself: {seen:#}");
        maison.granted(personal(*parent), "signerMot", signer.clone(), "").await?;
    }
    let seen = vie(&ecole, ecole.cpe, CARNET).await?;
    let destinataires = seen["carnet"]["nodes"][0]["destinataires"].as_array().cloned().unwrap_or_default();
    assert_eq!(destinataires.len(), parents.len());
    assert!(destinataires.iter().all(|one| one["signeLe"] == "2026-11-23"), "{seen:#}");
    let ecrit = json!({ "eleveId": global("Eleve", ecole.eleves[0]), "texte": "Il sera en retard demain." });
    maison.granted(ecole.parent, "ecrireALEcole", ecrit.clone(), "").await?;
    assert_eq!(maison.refused(ecole.autre_parent, "ecrireALEcole", ecrit).await?, "INTERDIT");
    let seen = vie(&ecole, ecole.cpe, CARNET).await?;
    assert!(seen.to_string().contains("DE_LA_FAMILLE"), "{seen:#}");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_infirmier_reads_why_a_pupil_came() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, infirmier) = (&ecole.maison, ecole.infirmier().await?);
    let eleve = json!({ "eleveId": global("Eleve", ecole.eleves[0]) });
    for stranger in [ecole.principal, ecole.cpe, ecole.enseignante, ecole.administrateur] {
        assert_eq!(maison.refused(stranger, "ouvrirPassage", eleve.clone()).await?, "INTERDIT");
    }
    let passage = maison.granted(infirmier, "ouvrirPassage", eleve, "passage { id }").await?;
    let id = passage["passage"]["id"].clone();
    let soin = json!({ "passageId": id, "motif": "Migraine", "soin": "Repos" });
    maison.granted(infirmier, "consignerSoin", soin, "").await?;
    let clore = json!({ "passageId": id, "orientation": "RETOUR_EN_CLASSE" });
    maison.granted(infirmier, "clorePassage", clore, "").await?;
    let seen = vie(&ecole, infirmier, PASSAGES).await?;
    assert_eq!(seen["passages"]["nodes"][0]["soins"][0]["motif"], "Migraine");
    for who in [ecole.principal, ecole.cpe, ecole.parent, personal(ecole.eleves[0])] {
        let seen = vie(&ecole, who, PASSAGES).await?;
        assert_eq!(seen["passages"]["nodes"][0]["orientation"], "RETOUR_EN_CLASSE", "{who}");
        assert_eq!(seen["passages"]["nodes"][0]["soins"], Value::Null, "{who}");
        assert!(!seen.to_string().contains("Migraine"), "{who}");
    }
    for who in [ecole.enseignante, ecole.autre_parent, exploitant()] {
        assert_eq!(vie(&ecole, who, PASSAGES).await?["passages"], Value::Null, "{who}");
    }
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_punition_is_read_by_the_family_and_no_sanction_is_made_of_it() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let input = json!({ "eleveId": global("Eleve", ecole.eleves[0]), "nature": "RETENUE", "le": "2026-11-25",
                        "minutes": 60, "travail": "Exercice 4", "motif": "Travail non fait" });
    assert_eq!(maison.refused(ecole.parent, "donnerPunition", input.clone()).await?, "INTERDIT");
    let given = maison.granted(ecole.enseignante, "donnerPunition", input, "punition { id faite }").await?;
    let node = "query($id: ID!) { node(id: $id) { __typename id } }";
    for (who, seen) in [
        (ecole.enseignante, true),
        (ecole.parent, true),
        (personal(ecole.eleves[0]), true),
        (ecole.autre_parent, false),
        (exploitant(), false),
    ] {
        let found = maison.ask(Some(who), node, json!({ "id": given["punition"]["id"] })).await?;
        assert_eq!(found["node"]["__typename"] == "Punition", seen, "{who}");
    }
    let faite = json!({ "punitionId": given["punition"]["id"], "faite": true });
    assert_eq!(maison.refused(ecole.collegue, "conclurePunition", faite.clone()).await?, "INTERDIT");
    maison.granted(ecole.cpe, "conclurePunition", faite, "").await?;
    let query = "query($id: ID!) { vieDeLEleve(eleveId: $id) { punitions(first: 5) { nodes { faite motif } }
            sanctions(first: 5) { nodes { id } } } }";
    let seen = vie(&ecole, ecole.parent, query).await?;
    assert_eq!(seen["punitions"]["nodes"], json!([{ "faite": true, "motif": "Travail non fait" }]));
    assert_eq!(seen["sanctions"]["nodes"], json!([]));
    let other = json!({ "eleveId": global("Eleve", ecole.eleves[0]), "nature": "EXCLUSION_DE_COURS",
                        "le": "2026-11-23", "travail": "Exercice 5", "motif": "Chahut" });
    maison.granted(ecole.enseignante, "donnerPunition", other, "").await?;
    let page = "query($id: ID!, $after: String) { vieDeLEleve(eleveId: $id) {
        punitions(first: 1, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } }";
    let mut after = Value::Null;
    let mut read = Vec::new();
    for more in [true, false] {
        let asked = json!({ "id": global("Eleve", ecole.eleves[0]), "after": after });
        let seen = maison.ask(Some(ecole.parent), page, asked).await?;
        let seen = &seen["vieDeLEleve"]["punitions"];
        assert_eq!(seen["pageInfo"]["hasNextPage"], json!(more), "{seen:#}");
        after = seen["pageInfo"]["endCursor"].clone();
        read.push(seen["nodes"][0]["id"].clone());
    }
    assert!(read[0] != read[1] && read.contains(&given["punition"]["id"]), "one after the other: {read:?}");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_is_signed_by_each_party_and_visited() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let stage = json!({ "eleveId": global("Eleve", ecole.eleves[0]), "entreprise": "Boulangerie du Coin",
        "tuteur": "M. Levain", "du": "2026-11-23", "au": "2026-11-27", "activites": "Observation",
        "referentId": global("Personne", ecole.enseignante.0) });
    let prepared = maison.granted(ecole.enseignante, "preparerStage", stage, "stage { id }").await?;
    let id = prepared["stage"]["id"].clone();
    let visite = json!({ "stageId": id, "le": "2026-11-25", "compteRendu": "Tout va bien." });
    let early = maison.refused(ecole.enseignante, "rendreCompteDeVisite", visite.clone()).await?;
    assert_eq!(early, "CONVENTION_NON_CONCLUE");
    let signer = |partie: &str| json!({ "stageId": id, "partie": partie });
    let other = maison.refused(ecole.parent, "signerConvention", signer("ETABLISSEMENT")).await?;
    assert_eq!(other, "PARTIE_REFUSEE");
    for (who, partie) in [
        (ecole.principal, "ETABLISSEMENT"),
        (ecole.principal, "ENTREPRISE"),
        (personal(ecole.eleves[0]), "ELEVE"),
        (ecole.parent, "RESPONSABLE"),
    ] {
        maison.granted(who, "signerConvention", signer(partie), "").await?;
    }
    assert_eq!(maison.refused(ecole.collegue, "rendreCompteDeVisite", visite.clone()).await?, "INTERDIT");
    let done = "stage { concluLe visites { compteRendu } }";
    let visited = maison.granted(ecole.enseignante, "rendreCompteDeVisite", visite, done).await?;
    assert_eq!(visited["stage"]["visites"][0]["compteRendu"], "Tout va bien.");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tuteur_reads_the_stage_of_his_pupil_and_signs_for_his_company_and_nothing_else() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let stage = |eleve: usize| {
        json!({ "eleveId": global("Eleve", ecole.eleves[eleve]), "entreprise": "Boulangerie du Coin",
            "tuteur": "M. Levain", "du": "2026-11-23", "au": "2026-11-27", "activites": "Observation",
            "referentId": global("Personne", ecole.enseignante.0) })
    };
    let prepared = maison.granted(ecole.enseignante, "preparerStage", stage(0), "stage { id }").await?;
    let other = maison.granted(ecole.enseignante, "preparerStage", stage(1), "stage { id }").await?;
    let (id, other) = (&prepared["stage"]["id"], &other["stage"]["id"]);
    let input = json!({ "stageId": id, "identifiant": Uuid::from_u128(7), "nom": "Levain", "prenom": "Paul",
                        "courriel": "paul@exemple.fr" });
    assert_eq!(maison.refused(ecole.enseignante, "designerTuteur", input.clone()).await?, "INTERDIT");
    let nobody = avec(input.clone(), json!({ "nom": " " }));
    assert_eq!(maison.refused(ecole.principal, "designerTuteur", nobody).await?, "NOM_MANQUANT");
    maison.bench.runner.catch_up().await?;
    let named: i64 =
        sqlx::query_scalar("SELECT count(*) FROM stage_tuteur").fetch_one(&maison.bench.views).await?;
    assert_eq!(named, 0, "the stage names nobody whom the directory refuses");
    maison.granted(ecole.principal, "designerTuteur", input.clone(), "").await?;
    maison.bench.runner.catch_up().await?;
    let tuteur = "SELECT tuteur FROM stage_tuteur";
    let tuteur: Uuid = sqlx::query_scalar(tuteur).fetch_one(&maison.bench.views).await?;
    let compte = personal(tuteur);

    let query = "query { moi { stagesAccueillis { id entreprise eleve { nom } visites { compteRendu } } } }";
    let seen = maison.ask(Some(compte), query, json!({})).await?;
    let mine = &seen["moi"]["stagesAccueillis"];
    assert_eq!((mine.as_array().map(Vec::len), &mine[0]["id"]), (Some(1), id), "{seen:#}");
    assert!(mine[0]["eleve"]["nom"].is_string(), "{seen:#}");
    assert!(vie(&ecole, compte, CARNET).await?.is_null(), "the pupil's life is not his to read");
    let node = "query($id: ID!) { node(id: $id) { __typename } }";
    let reads = async |stage: &Value| -> Result<bool> {
        Ok(maison.ask(Some(compte), node, json!({ "id": stage })).await?["node"]["__typename"] == "Stage")
    };
    assert!(reads(id).await? && !reads(other).await?);

    let signer = |stage: &Value, partie: &str| json!({ "stageId": stage, "partie": partie });
    for (stage, partie) in [(id, "ETABLISSEMENT"), (id, "ELEVE"), (other, "ENTREPRISE")] {
        assert_eq!(maison.refused(compte, "signerConvention", signer(stage, partie)).await?, "INTERDIT");
    }
    maison.granted(compte, "signerConvention", signer(id, "ENTREPRISE"), "").await?;
    for (who, partie) in [
        (ecole.principal, "ETABLISSEMENT"),
        (personal(ecole.eleves[0]), "ELEVE"),
        (ecole.parent, "RESPONSABLE"),
    ] {
        maison.granted(who, "signerConvention", signer(id, partie), "").await?;
    }
    let visite = json!({ "stageId": id, "le": "2026-11-25", "compteRendu": "Tout va bien." });
    assert_eq!(maison.refused(compte, "rendreCompteDeVisite", visite.clone()).await?, "INTERDIT");
    maison.granted(ecole.enseignante, "rendreCompteDeVisite", visite, "stage { concluLe }").await?;
    let seen = maison.ask(Some(compte), query, json!({})).await?;
    let visites = &seen["moi"]["stagesAccueillis"][0]["visites"];
    assert_eq!(*visites, json!([]), "what the référent says is the school's");

    maison.bench.clock.set("2026-11-28T08:00:00Z".parse()?);
    assert!(!reads(id).await?, "the stage is over");
    assert_eq!(maison.ask(Some(compte), query, json!({})).await?["moi"]["stagesAccueillis"], json!([]));
    assert_eq!(maison.refused(ecole.principal, "designerTuteur", input).await?, "STAGE_TERMINE");
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_school_sees_to_whose_account_a_stage_is_open_and_takes_it_away() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let stage = json!({ "eleveId": global("Eleve", ecole.eleves[0]), "entreprise": "Boulangerie du Coin",
        "tuteur": "M. Levain", "du": "2026-11-23", "au": "2026-11-27", "activites": "Observation",
        "referentId": global("Personne", ecole.enseignante.0) });
    let account = "stage { id compteDuTuteur { compte depuis } }";
    let prepared = maison.granted(ecole.enseignante, "preparerStage", stage, account).await?;
    let id = &prepared["stage"]["id"];
    assert!(prepared["stage"]["compteDuTuteur"].is_null());
    let designer =
        json!({ "stageId": id, "identifiant": Uuid::from_u128(7), "nom": "Levain", "prenom": "Paul" });
    let opened = maison.granted(ecole.principal, "designerTuteur", designer.clone(), account).await?;
    assert_eq!(opened["stage"]["compteDuTuteur"]["depuis"], "2026-11-23");
    maison.bench.runner.catch_up().await?;
    let read = "query($id: ID!) { node(id: $id) { ... on Stage {
        compteDuTuteur { compte personne { nom } } } } }";
    let seen = async |who: CompteId| -> Result<Value> {
        Ok(maison.ask(Some(who), read, json!({ "id": id })).await?["node"]["compteDuTuteur"].take())
    };
    let told = seen(ecole.enseignante).await?;
    assert_eq!((&told, &told["personne"]["nom"]), (&seen(ecole.principal).await?, &json!("Levain")));
    let compte = CompteId(told["compte"].as_str().unwrap_or_default().parse()?);
    for who in [compte, ecole.parent, ecole.collegue] {
        assert!(seen(who).await?.is_null(), "{who}");
    }
    let accueillis = async || -> Result<Value> {
        let query = "query { moi { stagesAccueillis { id } } }";
        Ok(maison.ask(Some(compte), query, json!({})).await?["moi"]["stagesAccueillis"].take())
    };
    assert_eq!(accueillis().await?, json!([{ "id": id }]));

    let retirer = json!({ "stageId": id, "motif": "Il a quitté l'entreprise." });
    assert_eq!(maison.refused(ecole.enseignante, "retirerTuteur", retirer.clone()).await?, "INTERDIT");
    let silent = avec(retirer.clone(), json!({ "motif": " " }));
    assert_eq!(maison.refused(ecole.principal, "retirerTuteur", silent).await?, "MOTIF_MANQUANT");
    let taken = maison.granted(ecole.principal, "retirerTuteur", retirer, account).await?;
    assert!(taken["stage"]["compteDuTuteur"].is_null(), "{taken:#}");
    assert_eq!(accueillis().await?, json!([]));
    let signer = json!({ "stageId": id, "partie": "ENTREPRISE" });
    assert_eq!(maison.refused(compte, "signerConvention", signer).await?, "INTERDIT");

    let again = maison.granted(ecole.principal, "designerTuteur", designer, account).await?;
    assert_eq!(again["stage"]["compteDuTuteur"]["compte"], told["compte"]);
    maison.bench.runner.catch_up().await?;
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}
