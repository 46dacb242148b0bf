//! The first school day, end to end.

use anyhow::Result;
use ledger::feed::Journal;
use recits::{Ecole, global};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_monday_at_a_college() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    la_professeure_fait_l_appel(&ecole).await?;
    elle_note_une_evaluation(&ecole).await?;
    le_chef_publie_une_actualite(&ecole).await?;
    le_chef_lit_le_journal(&ecole).await?;
    un_auditeur_le_relit(&ecole).await?;
    ecole.maison.close().await
}

async fn la_professeure_fait_l_appel(ecole: &Ecole) -> Result<()> {
    let maison = &ecole.maison;
    let seance = json!({
        "enseignementId": global("Enseignement", ecole.enseignement),
        "date": "2026-11-23", "debut": "08:00:00", "fin": "08:55:00",
    });
    let ouvert = maison.granted(ecole.enseignante, "ouvrirAppel", seance, "appel { id clos }").await?;
    let appel = ouvert["appel"]["id"].clone();
    let pointages = json!({ "appelId": appel, "pointages": [
        { "eleveId": global("Eleve", ecole.eleves[0]), "etat": "ABSENT" },
        { "eleveId": global("Eleve", ecole.eleves[1]), "etat": "EN_RETARD", "minutes": 7 },
    ] });
    maison.granted(ecole.enseignante, "pointerEleves", pointages, "").await?;
    let clos = json!({ "appelId": appel });
    let clos =
        maison.granted(ecole.enseignante, "cloreAppel", clos, "appel { clos absents retards }").await?;
    assert_eq!(clos["appel"], json!({ "clos": true, "absents": 1, "retards": 1 }));
    // The pupil was there after all: the CPE corrects, and says why.
    let correction = json!({ "appelId": appel, "motif": "Arrivé en retard, vu à la loge",
        "pointage": { "eleveId": global("Eleve", ecole.eleves[0]), "etat": "EN_RETARD", "minutes": 20 } });
    let corrige = maison
        .granted(
            ecole.cpe,
            "corrigerAppel",
            correction,
            "appel { absents retards lignes { etat minutes motif } }",
        )
        .await?;
    assert_eq!(corrige["appel"]["absents"], 0);
    assert_eq!(corrige["appel"]["retards"], 2);
    Ok(())
}

async fn elle_note_une_evaluation(ecole: &Ecole) -> Result<()> {
    let maison = &ecole.maison;
    let creation = json!({
        "enseignementId": global("Enseignement", ecole.enseignement),
        "titre": "Fractions", "date": "2026-11-23", "bareme": "20", "coefficient": "1",
    });
    let creee = maison.granted(ecole.enseignante, "creerEvaluation", creation, "evaluation { id }").await?;
    let evaluation = creee["evaluation"]["id"].clone();
    let note = |eleve: usize, note: &str| json!({ "eleveId": global("Eleve", ecole.eleves[eleve]), "resultat": { "etat": "NOTE", "note": note } });
    let lignes = json!({ "evaluationId": evaluation, "lignes": [
        note(0, "12.5"), note(1, "7,25"),
        { "eleveId": global("Eleve", ecole.eleves[2]), "resultat": { "etat": "ABSENT" } },
    ] });
    maison.granted(ecole.enseignante, "saisirNotes", lignes, "").await?;
    let query = "query($id: ID!, $apres: Position) { eleve(id: $id) {
        notes(first: 10, apres: $apres) { edges { node { titre bareme resultat { etat note } corrections { motif } } } } } }";
    let eleve = global("Eleve", ecole.eleves[0]);
    let before = maison.ask(Some(ecole.parent), query, json!({ "id": eleve })).await?;
    assert_eq!(
        before["eleve"]["notes"]["edges"],
        json!([]),
        "an unpublished mark is not the family's to see"
    );
    let published = json!({ "evaluationId": evaluation });
    maison.granted(ecole.enseignante, "publierEvaluation", published, "").await?;
    let correction =
        json!({ "evaluationId": evaluation, "ligne": note(0, "13.5"), "motif": "Erreur d'addition" });
    let corrected = maison.granted(ecole.enseignante, "corrigerNote", correction, "").await?;
    let variables = json!({ "id": eleve, "apres": corrected["position"] });
    let after = maison.ask(Some(ecole.parent), query, variables).await?;
    assert_eq!(
        after["eleve"]["notes"]["edges"][0]["node"],
        json!({ "titre": "Fractions", "bareme": "20", "resultat": { "etat": "NOTE", "note": "13.5" },
                "corrections": [{ "motif": "Erreur d'addition" }] })
    );
    Ok(())
}

async fn le_chef_publie_une_actualite(ecole: &Ecole) -> Result<()> {
    let maison = &ecole.maison;
    let redaction =
        json!({ "portail": ecole.portail, "titre": "Portes ouvertes", "corps": "Samedi, de 9 h à 12 h." });
    let redigee =
        maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
    let publication = redigee["publication"]["id"].clone();
    let soumise = json!({ "publicationId": publication });
    maison.granted(ecole.enseignante, "soumettrePublication", soumise, "").await?;
    let diffusion = json!({ "publicationId": publication, "version": 1, "audience": "PUBLIC" });
    // Writing is not publishing: the teacher may not, the head may.
    assert_eq!(maison.refused(ecole.enseignante, "publierPublication", diffusion.clone()).await?, "INTERDIT");
    // She answers for what she read, and for no other version.
    let unread = json!({ "publicationId": publication, "version": 2, "audience": "PUBLIC" });
    assert_eq!(maison.refused(ecole.principal, "publierPublication", unread).await?, "VERSION_PERIMEE");
    let publiee = maison.granted(ecole.principal, "publierPublication", diffusion, "").await?;
    let query = "query($portail: String!, $apres: Position) { portail(nom: $portail) {
        directeurDePublication { qualite }
        actualites(first: 5, apres: $apres) { edges { node { titre corps } } } } }";
    let variables = json!({ "portail": ecole.portail, "apres": publiee["position"] });
    let seen = maison.ask(None, query, variables).await?;
    assert_eq!(seen["portail"]["actualites"]["edges"][0]["node"]["titre"], "Portes ouvertes");
    assert_eq!(seen["portail"]["directeurDePublication"]["qualite"], "principal du collège");
    la_moderation(ecole, publication.as_str().unwrap_or_default()).await
}

async fn la_moderation(ecole: &Ecole, publication: &str) -> Result<()> {
    let maison = &ecole.maison;
    let mut signalement = json!({ "publicationId": publication, "version": 2, "motif": "AUTRE",
        "explication": "L'horaire annoncé est faux.", "bonneFoi": true });
    let unseen = maison.refused(ecole.parent, "signalerContenu", signalement.clone()).await?;
    assert_eq!(unseen, "VERSION_PERIMEE", "a notice names the content as seen");
    signalement["version"] = json!(1);
    let recu = maison.granted(ecole.parent, "signalerContenu", signalement, "signalement { id }").await?;
    let signalement = recu["signalement"]["id"].clone();
    let connaissance = json!({ "signalementId": signalement });
    maison.granted(ecole.administrateur, "prendreConnaissance", connaissance, "").await?;
    let decision = json!({ "signalementId": signalement, "decision": "RETRAIT", "motifs": {
        "faits": "L'horaire publié n'est pas celui des portes ouvertes.",
        "fondement": { "nature": "CONDITIONS", "texte": "Charte de publication, art. 2" },
        "moyensAutomatises": false,
        "voiesDeRecours": "Recours auprès du directeur de la publication sous deux mois.",
    } });
    let rendue = maison.granted(ecole.administrateur, "rendreDecision", decision, "").await?;
    let query = "query($portail: String!, $apres: Position) { portail(nom: $portail) {
        actualites(first: 5, apres: $apres) { edges { node { titre } } } } }";
    let variables = json!({ "portail": ecole.portail, "apres": rendue["position"] });
    let seen = maison.ask(None, query, variables).await?;
    assert_eq!(seen["portail"]["actualites"]["edges"], json!([]), "a withdrawn item is not online");
    Ok(())
}

async fn le_chef_lit_le_journal(ecole: &Ecole) -> Result<()> {
    let maison = &ecole.maison;
    let query = "query($portail: String!, $after: String) { portail(nom: $portail) {
        journal(first: 7, after: $after, motif: \"contrôle de la semaine\") { pageInfo { hasNextPage endCursor }
            edges { node { position type office politiques personne { nom } } } } } }";
    let mut positions = Vec::new();
    let mut types = Vec::new();
    let mut after = serde_json::Value::Null;
    loop {
        let variables = json!({ "portail": ecole.portail, "after": after });
        let page = maison.ask(Some(ecole.principal), query, variables).await?;
        let journal = &page["portail"]["journal"];
        for edge in journal["edges"].as_array().into_iter().flatten() {
            let node = &edge["node"];
            positions.push(node["position"].as_i64().unwrap_or_default());
            types.push(node["type"].as_str().unwrap_or_default().to_owned());
            assert!(!node["politiques"].as_array().is_none_or(Vec::is_empty), "on no authority: {node}");
        }
        if journal["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = journal["pageInfo"]["endCursor"].clone();
    }
    let expected: Vec<i64> = (1..=i64::try_from(positions.len())?).rev().collect();
    assert_eq!(positions, expected, "every line once, newest first");
    for wanted in [
        "portails.portail.ouvert",
        "portails.portail.direction_prise",
        "portails.portail.delegation_accordee",
        "absences.appel.ouvert",
        "absences.appel.clos",
        "absences.appel.corrige",
        "notes.evaluation.publiee",
        "notes.evaluation.note_corrigee",
        "publications.publication.publiee",
        "publications.publication.retiree",
        "publications.signalement.recu",
        "publications.signalement.decision_rendue",
    ] {
        assert!(types.iter().any(|one| one == wanted), "{wanted} is not in the journal");
    }
    Ok(())
}

async fn un_auditeur_le_relit(ecole: &Ecole) -> Result<()> {
    let bench = &ecole.maison.bench;
    for (journal, head) in bench.journals().await? {
        let verdict = bench.verify(&journal).await?;
        assert_eq!(verdict.fault, None, "{journal:?}");
        assert_eq!(i64::try_from(verdict.leaves)?, head);
        assert_eq!(verdict.contents, verdict.leaves);
    }
    let own = Journal { portail: ecole.portail.parse()?, annee: domain::AnneeScolaire(2026) };
    assert!(bench.journals().await?.iter().any(|(journal, _)| *journal == own));
    Ok(())
}
