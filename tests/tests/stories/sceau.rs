//! What is recorded is sealed at the portal's own host, for anybody to check.

use super::journal::{consultations, consultations_at};
use anyhow::{Context, Result, bail, ensure};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use chrono::TimeDelta;
use domain::{CompteId, PortailId};
use http_body_util::BodyExt;
use ledger::clock::Clock;
use ledger::envelope::leaf_hash;
use ledger::feed::Journal;
use ledger::tlog::text::Proof;
use ledger::tlog::{Hash, bundle, note};
use ledger::unit::Position;
use recits::{DOMAINE, Ecole, auditeur, exploitant};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the portal's host answers at an address.
async fn get(ecole: &Ecole, who: Option<CompteId>, path: &str) -> Result<(StatusCode, HeaderMap, Vec<u8>)> {
    at(ecole, &format!("{}.{DOMAINE}", ecole.portail), who, path).await
}

async fn at(
    ecole: &Ecole,
    host: &str,
    who: Option<CompteId>,
    path: &str,
) -> Result<(StatusCode, HeaderMap, Vec<u8>)> {
    let mut request = Request::get(path).header(header::HOST, host);
    if let Some(compte) = who {
        let token = ecole.maison.token(compte)?;
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let answer = ecole.maison.send(request.body(Body::empty())?).await?;
    let (head, body) = answer.into_parts();
    Ok((head.status, head.headers, body.collect().await?.to_bytes().to_vec()))
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_checks_the_head_of_a_journal_and_an_auditor_reads_its_leaves() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    assert_eq!(get(&ecole, None, "/journal/2026/checkpoint").await?.0, StatusCode::NOT_FOUND);
    ecole.maison.sealer.pass().await?;
    let (status, headers, checkpoint) = get(&ecole, None, "/journal/2026/checkpoint").await?;
    assert_eq!((status, &headers[header::CACHE_CONTROL]), (StatusCode::OK, &"public, max-age=2".parse()?));
    let (_, _, keys) = get(&ecole, None, "/journal/2026/cles").await?;
    let keys: Value = serde_json::from_slice(&keys)?;
    let key = keys[0]["cle"].as_str().context("no key")?;
    let head = note::open(std::str::from_utf8(&checkpoint)?, [key])?;
    assert_eq!(head.origin(), format!("{DOMAINE}/journal/{}/2026", ecole.portail));
    let partial = format!(".p/{}", head.size());
    let (status, headers, hashes) = get(&ecole, None, &format!("/journal/2026/tile/0/000{partial}")).await?;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    let entries = format!("/journal/2026/tile/entries/000{partial}");
    for other in [None, Some(ecole.principal), Some(exploitant()), Some(ecole.administrateur)] {
        assert_eq!(get(&ecole, other, &entries).await?.0, StatusCode::NOT_FOUND, "{other:?}");
    }
    let (status, headers, leaves) = get(&ecole, Some(auditeur()), &entries).await?;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CACHE_CONTROL], "private, max-age=31536000, immutable");
    let leaves = bundle::decode(&leaves).context("no bundle")?;
    let hashed: Vec<u8> = leaves.into_iter().flat_map(leaf_hash).collect();
    assert_eq!(hashed, hashes);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_nothing_at_any_other_host_year_or_tile() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    ecole.maison.sealer.pass().await?;
    for path in [
        "/journal/2025/checkpoint",
        "/journal/02026/checkpoint",
        "/journal/an/cles",
        "/journal/2026/tile/0/000",
        "/journal/2026/tile/0/000.p/200",
        "/journal/2026/tile/0/001.p/1",
        "/journal/2026/tile/9/000.p/1",
        "/journal/2026/tile/0/../../sceau.json",
        "/journal/2026/tile/entries/x999/x999/x999/999",
    ] {
        assert_eq!(get(&ecole, Some(auditeur()), path).await?.0, StatusCode::NOT_FOUND, "{path}");
    }
    for host in [
        DOMAINE,
        "localhost",
        "0699999z.ent.exemple.fr",
        "x.y.ent.exemple.fr",
        ".ent.exemple.fr",
        "exemple.fr",
    ] {
        let (status, _, _) = at(&ecole, host, None, "/journal/2026/checkpoint").await?;
        assert_eq!(status, StatusCode::NOT_FOUND, "{host}");
    }
    assert_eq!(at(&ecole, DOMAINE, None, "/journal/checkpoint").await?.0, StatusCode::NOT_FOUND);
    ecole.maison.sealer.consign().await?;
    for path in ["/journal/checkpoint", "/journal/cles", "/journal/tile/0/000.p/2"] {
        assert_eq!(at(&ecole, DOMAINE, None, path).await?.0, StatusCode::OK, "{path}");
        assert_eq!(get(&ecole, None, path).await?.0, StatusCode::NOT_FOUND, "{path}");
    }
    let leaves = "/journal/tile/entries/000.p/2";
    assert_eq!(at(&ecole, DOMAINE, Some(ecole.principal), leaves).await?.0, StatusCode::NOT_FOUND);
    assert_eq!(at(&ecole, DOMAINE, Some(auditeur()), leaves).await?.0, StatusCode::OK);
    let with_port = format!("{}.{DOMAINE}:8080", ecole.portail);
    assert_eq!(at(&ecole, &with_port, None, "/journal/2026/checkpoint").await?.0, StatusCode::OK);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_leaves_is_on_the_record_once_an_hour_and_who_is_refused_too() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    ecole.maison.sealer.pass().await?;
    let absent = get(&ecole, Some(auditeur()), "/journal/2026/tile/entries/009").await?;
    assert_eq!(absent.0, StatusCode::NOT_FOUND);
    assert!(consultations(&ecole).await?.is_empty(), "what is not there is read by nobody");
    let leaves = "/journal/2026/tile/entries/000.p/1";
    for _ in 0..2 {
        assert_eq!(get(&ecole, Some(auditeur()), leaves).await?.0, StatusCode::OK);
    }
    let recorded = consultations(&ecole).await?;
    let [(faite, compte, office, content)] = recorded.as_slice() else { bail!("{recorded:?}") };
    assert_eq!((faite.as_str(), *compte), ("journal.consultation.faite", auditeur()));
    assert_eq!(office, "auditeur");
    assert_eq!(
        *content,
        json!({ "motif": "Audit du journal.", "portee": { "nature": "lecture", "annee": 2026,
            "objet": "les feuilles, sans leurs contenus, par leur adresse HTTP" } })
    );
    let clock = &ecole.maison.bench.clock;
    clock.set(clock.now() + TimeDelta::hours(1));
    assert_eq!(get(&ecole, Some(auditeur()), leaves).await?.0, StatusCode::OK);
    assert_eq!(consultations(&ecole).await?.len(), 2, "another hour");
    for who in [Some(ecole.cpe), Some(ecole.cpe), None] {
        assert_eq!(get(&ecole, who, leaves).await?.0, StatusCode::NOT_FOUND);
    }
    let recorded = consultations(&ecole).await?;
    let [_, _, (refusee, compte, office, _)] = recorded.as_slice() else { bail!("{recorded:?}") };
    assert_eq!((refusee.as_str(), *compte), ("journal.consultation.refusee", ecole.cpe));
    assert_eq!(office, "aucun");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_the_meta_journal_is_on_the_record_of_the_region() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    ecole.maison.sealer.pass().await?;
    ecole.maison.sealer.consign().await?;
    let leaves = "/journal/tile/entries/000.p/1";
    assert_eq!(at(&ecole, DOMAINE, Some(auditeur()), leaves).await?.0, StatusCode::OK);
    assert_eq!(at(&ecole, DOMAINE, Some(ecole.cpe), leaves).await?.0, StatusCode::NOT_FOUND);
    let recorded = consultations_at(&ecole, PortailId::region()).await?;
    let [faite, refusee] = recorded.as_slice() else { bail!("{recorded:?}") };
    assert_eq!((faite.0.as_str(), faite.1), ("journal.consultation.faite", auditeur()));
    assert_eq!((refusee.0.as_str(), refusee.1), ("journal.consultation.refusee", ecole.cpe));
    for (_, _, _, content) in [faite, refusee] {
        assert_eq!(content["portee"]["objet"], "les feuilles du méta-journal, par leur adresse HTTP");
    }
    assert!(consultations(&ecole).await?.is_empty());
    ecole.maison.close().await
}

/// The event whose leaf an answer proves, once that proof is verified.
async fn proven(ecole: &Ecole, told: &Value) -> Result<Value> {
    let maison = &ecole.maison;
    let proof = Proof::parse(told["preuve"].as_str().with_context(|| format!("no proof: {told}"))?)?;
    let position: Position = told["position"].as_str().context("no position")?.parse()?;
    let leaf: String = sqlx::query_scalar(
        "SELECT metadata::text FROM ledger.events WHERE (portail, annee, position) = ($1, $2, $3)",
    )
    .bind(position.portail.as_str())
    .bind(position.annee.0)
    .bind(i64::try_from(proof.index)? + 1)
    .fetch_one(&maison.bench.views)
    .await?;
    let keys =
        maison.sealer.verifier_keys(&Journal { portail: position.portail.clone(), annee: position.annee });
    proof.verify(Hash(leaf_hash(leaf.as_bytes())), keys.iter().map(|key| key.key.as_str()))?;
    Ok(serde_json::from_str(&leaf)?)
}

/// A news item that the principal has published, and who seals.
struct EnLigne {
    ecole: Ecole,
    publication: Value,
    publiee: Value,
    stop: watch::Sender<bool>,
    sealing: JoinHandle<()>,
}

impl EnLigne {
    async fn ouvrir() -> Result<Self> {
        let ecole = Ecole::ouvrir().await?;
        let maison = &ecole.maison;
        let (stop, stopped) = watch::channel(false);
        let sealer = maison.sealer.clone();
        let sealing = tokio::spawn(async move { sealer.run(stopped).await });
        let redaction = json!({ "portail": ecole.portail, "titre": "Sortie", "corps": "Jeudi." });
        let redigee =
            maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
        let publication = redigee["publication"]["id"].clone();
        let diffusion = json!({ "publicationId": publication, "version": 1, "audience": "PUBLIC" });
        let publiee = maison.granted(ecole.principal, "publierPublication", diffusion, "preuve").await?;
        Ok(Self { ecole, publication, publiee, stop, sealing })
    }

    async fn fermer(self) -> Result<()> {
        self.stop.send_replace(true);
        self.sealing.await?;
        self.ecole.maison.close().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_and_its_withdrawal_wait_for_their_seals_and_prove_themselves() -> Result<()> {
    let en_ligne = EnLigne::ouvrir().await?;
    let ecole = &en_ligne.ecole;
    let input = json!({ "publicationId": en_ligne.publication, "motif": "La sortie est annulée." });
    let retiree = ecole.maison.granted(ecole.principal, "retirerPublication", input, "preuve").await?;
    for (told, kind) in [
        (&en_ligne.publiee, "publications.publication.publiee"),
        (&retiree, "publications.publication.retiree"),
    ] {
        let leaf = proven(ecole, told).await?;
        assert_eq!(leaf["type"], kind, "{leaf}");
    }
    en_ligne.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_waits_for_its_seal_and_proves_itself_and_not_what_follows_from_it() -> Result<()> {
    let en_ligne = EnLigne::ouvrir().await?;
    let ecole = &en_ligne.ecole;
    let maison = &ecole.maison;
    let signalement = json!({ "publicationId": en_ligne.publication, "version": 1, "motif": "AUTRE",
        "explication": "Le jour est faux.", "bonneFoi": true });
    let recu = maison.granted(ecole.parent, "signalerContenu", signalement, "signalement { id }").await?;
    let decision = json!({ "signalementId": recu["signalement"]["id"], "decision": "RETRAIT", "motifs": {
        "faits": "La sortie est vendredi.",
        "fondement": { "nature": "CONDITIONS", "texte": "Charte de publication, art. 2" },
        "moyensAutomatises": false,
        "voiesDeRecours": "Recours auprès du directeur de la publication sous deux mois.",
    } });
    let rendue = maison.granted(ecole.administrateur, "rendreDecision", decision, "preuve").await?;
    let leaf = proven(ecole, &rendue).await?;
    assert_eq!(leaf["type"], "publications.signalement.decision_rendue", "{leaf}");
    en_ligne.fermer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_is_answered_with_its_proof_or_told_to_come_back() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let redaction = json!({ "portail": ecole.portail, "titre": "Sortie", "corps": "Jeudi." });
    let redigee =
        maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
    let input = json!({ "input": { "publicationId": redigee["publication"]["id"], "version": 1,
        "audience": "PUBLIC", "clientMutationId": "6f6f9c1e-0000-4000-8000-000000000001" } });
    let publier = "mutation($input: PublierPublicationInput!) {
        publierPublication(input: $input) { position preuve userErrors { code } } }";
    // Nobody seals: the act is recorded all the same.
    let answer = maison.answer(Some(ecole.principal), publier, input.clone()).await?;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "PAS_ENCORE_SCELLE");
    assert_eq!(answer["data"]["publierPublication"]["preuve"], Value::Null);
    assert_eq!(answer["data"]["publierPublication"]["userErrors"], json!([]));
    let (stop, stopped) = watch::channel(false);
    let sealer = maison.sealer.clone();
    let sealing = tokio::spawn(async move { sealer.run(stopped).await });
    let again = maison.ask(Some(ecole.principal), publier, input).await?;
    let told = &again["publierPublication"];
    assert_eq!(told["position"], answer["data"]["publierPublication"]["position"]);
    let leaf = proven(&ecole, told).await?;
    ensure!(leaf["type"] == "publications.publication.publiee", "{leaf}");
    // That is the act's last event.
    let position: Position = told["position"].as_str().context("no position")?.parse()?;
    let proof = Proof::parse(told["preuve"].as_str().context("no proof")?)?;
    assert_eq!(proof.index + 1, position.position.unsigned_abs());
    stop.send_replace(true);
    sealing.await?;
    ecole.maison.close().await
}
