//! What a portal showed on a past date, to whom, and who answered for it.

use anyhow::Result;
use domain::publications::Audience;
use projections::publications::{Histoire, Publications};
use recits::{Ecole, global};
use serde_json::{Value, json};

/// The hours of one Monday.
const HEURES: [&str; 6] = [
    "2026-11-23T08:00:00Z",
    "2026-11-23T09:00:00Z",
    "2026-11-23T10:00:00Z",
    "2026-11-23T11:00:00Z",
    "2026-11-23T12:00:00Z",
    "2026-11-23T13:00:00Z",
];

/// Half past each of them is when one looks.
fn demie(heure: usize) -> String {
    HEURES[heure].replace(":00:00Z", ":30:00Z")
}

/// A teacher's actualité is published at 8, corrected for the portal alone at 9, reported at
/// 10, known to the moderator at 11, and withdrawn by his decision at 12.
struct Affaire {
    ecole: Ecole,
    publication: Value,
    signalement: Value,
}

impl Affaire {
    async fn instruire() -> Result<Self> {
        let ecole = Ecole::ouvrir().await?;
        let maison = &ecole.maison;
        let at = |heure: usize| -> Result<()> {
            maison.bench.clock.set(HEURES[heure].parse()?);
            Ok(())
        };
        at(0)?;
        let redaction = json!({ "portail": ecole.portail, "titre": "Sortie", "corps": "Jeudi." });
        let redigee =
            maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
        let publication = redigee["publication"]["id"].clone();
        let parution = |version: u32, audience: &str| json!({ "publicationId": publication, "version": version, "audience": audience });
        maison.granted(ecole.principal, "publierPublication", parution(1, "PUBLIC"), "").await?;
        at(1)?;
        let version = json!({ "publicationId": publication, "titre": "Sortie", "corps": "Vendredi." });
        maison.granted(ecole.principal, "modifierPublication", version, "").await?;
        maison.granted(ecole.principal, "publierPublication", parution(2, "PORTAIL"), "").await?;
        at(2)?;
        let notice = json!({ "publicationId": publication, "version": 2, "motif": "AUTRE",
            "explication": "C'est jeudi.", "bonneFoi": true });
        let lecteur = ecole.cpe;
        let recu = maison.granted(lecteur, "signalerContenu", notice, "signalement { id }").await?;
        let signalement = recu["signalement"]["id"].clone();
        at(3)?;
        let seen = json!({ "signalementId": signalement });
        maison.granted(ecole.administrateur, "prendreConnaissance", seen, "").await?;
        at(4)?;
        let decision = json!({ "signalementId": signalement, "decision": "RETRAIT", "motifs": {
            "faits": "Le jour est faux.", "fondement": { "nature": "CONDITIONS", "texte": "Charte, art. 2" },
            "moyensAutomatises": false, "voiesDeRecours": "Recours auprès du chef d'établissement." } });
        maison.granted(ecole.administrateur, "rendreDecision", decision, "").await?;
        at(5)?;
        Ok(Self { ecole, publication, signalement })
    }

    async fn then(&self, le: &str) -> Result<Value> {
        let query = "query($p: String!, $le: DateTime!, $id: ID) { portail(nom: $p) {
            retrospective(le: $le, motif: \"Assignation du 3 mars\") {
                directeurDePublication { directeur { id } } administrateurs { administrateur { id } }
                affichages(publicationId: $id) { publicationId version corps audience auteur { id }
                    directeurDePublication { id } suite { nature le motif } } } } }";
        let variables = json!({ "p": self.ecole.portail, "le": le, "id": self.publication });
        let told = self.ecole.maison.ask(Some(self.ecole.principal), query, variables).await?;
        Ok(told["portail"]["retrospective"].clone())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_is_told_what_the_page_said_to_whom_and_until_when() -> Result<()> {
    let affaire = Affaire::instruire().await?;
    let before = affaire.then("2026-11-23T07:59:00Z").await?;
    assert_eq!(before["affichages"], json!([]));
    let first = affaire.then(&demie(0)).await?["affichages"][0].clone();
    let principal = global("Personne", affaire.ecole.principal.0);
    assert_eq!(
        first,
        json!({ "publicationId": affaire.publication, "version": 1, "corps": "Jeudi.", "audience": "PUBLIC",
            "auteur": { "id": global("Personne", affaire.ecole.enseignante.0) },
            "directeurDePublication": { "id": principal },
            "suite": { "nature": "PUBLIEE", "le": "2026-11-23T09:00:00+00:00", "motif": null } })
    );
    let second = affaire.then(&demie(1)).await?;
    let shown = &second["affichages"][0];
    assert_eq!((&shown["corps"], &shown["audience"]), (&json!("Vendredi."), &json!("PORTAIL")));
    assert_eq!(
        (&shown["suite"]["nature"], &shown["suite"]["le"]),
        (&json!("RETIREE"), &json!("2026-11-23T12:00:00+00:00"))
    );
    assert_eq!(second["directeurDePublication"]["directeur"]["id"], json!(principal));
    assert_eq!(second["administrateurs"].as_array().map(Vec::len), Some(1));
    assert_eq!(affaire.then(&demie(4)).await?["affichages"], json!([]), "withdrawn");
    let earlier = affaire.then("2026-08-15T10:00:00Z").await?;
    assert_eq!((&earlier["directeurDePublication"], &earlier["administrateurs"]), (&Value::Null, &json!([])));
    affaire.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_now_is_the_present() -> Result<()> {
    let affaire = Affaire::instruire().await?;
    let (maison, ecole) = (&affaire.ecole.maison, &affaire.ecole);
    for (corps, audience) in [("Un.", "PUBLIC"), ("Deux.", "PORTAIL")] {
        let redaction = json!({ "portail": ecole.portail, "titre": "Autre", "corps": corps });
        let redigee =
            maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
        let id = redigee["publication"]["id"].clone();
        let parution = json!({ "publicationId": id, "version": 1, "audience": audience });
        maison.granted(ecole.principal, "publierPublication", parution, "").await?;
    }
    maison.bench.runner.catch_up().await?;
    let (views, now) = (&maison.bench.views, maison.commands.now());
    let online = Publications::online(views, &ecole.portail, now, Audience::Portail, None, 100).await?;
    let shown = Histoire::shown(views, &ecole.portail, None, now).await?;
    assert_eq!(online.len(), 2);
    let online: Vec<_> = online.iter().map(|one| (one.id, one.paru_version, one.du)).collect();
    let shown: Vec<_> =
        shown.iter().map(|one| (one.parution.publication, one.parution.version, one.parution.du)).collect();
    assert_eq!(shown, online);
    affaire.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_of_a_portal_is_for_who_reads_its_journal() -> Result<()> {
    let affaire = Affaire::instruire().await?;
    let query = "query($p: String!, $le: DateTime!) { portail(nom: $p) { retrospective(le: $le, motif: \"curiosité\") { le } } }";
    let variables = json!({ "p": affaire.ecole.portail, "le": demie(0) });
    let ecole = &affaire.ecole;
    for other in [Some(ecole.enseignante), Some(ecole.administrateur), Some(ecole.parent), None] {
        let told = ecole.maison.ask(other, query, variables.clone()).await?;
        assert_eq!(told["portail"]["retrospective"], Value::Null);
    }
    let refused: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM ledger.events WHERE event_type = 'journal.consultation.refusee'",
    )
    .fetch_one(&ecole.maison.bench.owner)
    .await?;
    assert_eq!(refused, 3, "each who has a compte");
    affaire.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knew_what_when_is_told_to_who_moderates() -> Result<()> {
    let affaire = Affaire::instruire().await?;
    let query =
        "query($id: ID!) { signalement(id: $id) { chronologie { nature le delaiEnMinutes par { id } } } }";
    let variables = json!({ "id": affaire.signalement });
    let ecole = &affaire.ecole;
    let told = ecole.maison.ask(Some(ecole.principal), query, variables.clone()).await?;
    let steps = told["signalement"]["chronologie"].as_array().cloned().unwrap_or_default();
    let said: Vec<_> =
        steps.iter().map(|step| (step["nature"].clone(), step["delaiEnMinutes"].clone())).collect();
    assert_eq!(
        said,
        [
            (json!("MISE_EN_LIGNE"), Value::Null),
            (json!("SIGNALEMENT"), json!(0)),
            (json!("CONNAISSANCE_DU_MODERATEUR"), json!(60)),
            (json!("DECISION"), json!(120)),
            (json!("RETRAIT"), json!(120)),
        ]
    );
    assert_eq!(steps[0]["par"]["id"], json!(global("Personne", ecole.principal.0)));
    let told = ecole.maison.ask(Some(ecole.cpe), query, variables).await?;
    assert_eq!(told["signalement"]["chronologie"], Value::Null, "who gave notice does not moderate");
    affaire.ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_is_told_as_its_family_saw_it() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, who) = (&ecole.maison, ecole.enseignante);
    let eleve = global("Personne", ecole.eleves[0]);
    let line = |note: &str| json!({ "eleveId": eleve, "resultat": { "etat": "NOTE", "note": note } });
    maison.bench.clock.set(HEURES[0].parse()?);
    let creation = json!({ "enseignementId": global("Enseignement", ecole.enseignement), "titre": "Dictée",
        "date": "2026-11-23", "bareme": "20", "coefficient": "1" });
    let creee = maison.granted(who, "creerEvaluation", creation, "evaluation { id }").await?;
    let id = creee["evaluation"]["id"].clone();
    maison.granted(who, "saisirNotes", json!({ "evaluationId": id, "lignes": [line("8")] }), "").await?;
    maison.bench.clock.set(HEURES[1].parse()?);
    maison.granted(who, "publierEvaluation", json!({ "evaluationId": id }), "").await?;
    for (heure, note) in [(2, "10"), (3, "12")] {
        maison.bench.clock.set(HEURES[heure].parse()?);
        let correction = json!({ "evaluationId": id, "ligne": line(note), "motif": "Erreur" });
        maison.granted(who, "corrigerNote", correction, "").await?;
    }
    let seen_by = async |who, query: &str, le: String| {
        let variables = json!({ "id": id, "e": global("Eleve", ecole.eleves[0]), "le": le });
        maison.ask(Some(who), query, variables).await
    };
    let teacher =
        "query($id: ID!, $le: DateTime!) { evaluation(id: $id) { notes { resultatAu(le: $le) { note } } } }";
    let parent = "query($e: ID!, $le: DateTime!) { eleve(id: $e) { notes(first: 1) { nodes { resultatAu(le: $le) { note } resultat { note } } } } }";
    for (heure, note) in
        [(0, Value::Null), (1, json!("8")), (2, json!("10")), (3, json!("12")), (5, json!("12"))]
    {
        let told = seen_by(who, teacher, demie(heure)).await?;
        let told = &told["evaluation"]["notes"][0]["resultatAu"];
        assert_eq!(if note.is_null() { told } else { &told["note"] }, &note, "at {heure}");
        let told = seen_by(ecole.parent, parent, demie(heure)).await?;
        let line = &told["eleve"]["notes"]["nodes"][0];
        assert_eq!(if note.is_null() { &line["resultatAu"] } else { &line["resultatAu"]["note"] }, &note);
        if heure == 5 {
            assert_eq!(line["resultatAu"], line["resultat"], "as of now is now");
        }
    }
    ecole.maison.close().await
}
