//! Files: deposited, joined to what they accompany, read by who reads that, taken out with a
//! person's data, and unreadable once they are erased.

use super::cahier::publier;
use crate::rejeu::tamper;
use anyhow::{Context, Result, ensure};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use domain::CompteId;
use domain::pieces::Deposant;
use futures::stream;
use http_body_util::BodyExt;
use recits::{Ecole, PIECE_MAX, exploitant, global, personal};
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tower::ServiceExt;
use uuid::Uuid;
use zip::ZipArchive;

/// A PDF that is longer than what is sealed at once.
fn pdf() -> Vec<u8> {
    let mut octets = b"%PDF-1.7 3/4 et 5/6".to_vec();
    octets.resize(1_500_000, b' ');
    octets
}

/// The request that sends a file, named as browsers name it.
fn envoi(
    ecole: &Ecole,
    who: Option<CompteId>,
    path: &str,
    (nom, octets): (&str, Body),
) -> Result<Request<Body>> {
    let name = format!("attachment; filename*=UTF-8''{nom}");
    let mut request = Request::post(path).header(header::CONTENT_DISPOSITION, name);
    if let Some(who) = who {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", ecole.maison.token(who)?));
    }
    Ok(request.body(octets)?)
}

/// Sends a file; what is answered.
async fn envoyer(
    ecole: &Ecole,
    who: Option<CompteId>,
    path: &str,
    (nom, octets): (&str, Vec<u8>),
) -> Result<(StatusCode, Value)> {
    let response = ecole.maison.send(envoi(ecole, who, path, (nom, Body::from(octets)))?).await?;
    let status = response.status();
    let told = response.into_body().collect().await?.to_bytes();
    Ok((status, serde_json::from_slice(&told).unwrap_or_default()))
}

/// Deposits a file that must be taken; its id.
async fn deposer(ecole: &Ecole, who: CompteId, path: &str, nom: &str) -> Result<Value> {
    let (status, mut told) = envoyer(ecole, Some(who), path, (nom, pdf())).await?;
    ensure!(status == StatusCode::CREATED, "{status}: {told:#}");
    Ok(told["id"].take())
}

/// What somebody is shown at an address.
async fn lire(ecole: &Ecole, who: Option<CompteId>, path: &str) -> Result<(StatusCode, HeaderMap, Vec<u8>)> {
    let mut request = Request::get(path);
    if let Some(who) = who {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", ecole.maison.token(who)?));
    }
    let response = ecole.maison.send(request.body(Body::empty())?).await?;
    let (status, headers) = (response.status(), response.headers().clone());
    Ok((status, headers, response.into_body().collect().await?.to_bytes().to_vec()))
}

/// Who is shown a file at an address, and who is told that there is nothing.
async fn montree(
    ecole: &Ecole,
    adresse: &str,
    shown: &[CompteId],
    hidden: &[Option<CompteId>],
) -> Result<()> {
    for who in shown {
        let (status, _, octets) = lire(ecole, Some(*who), adresse).await?;
        ensure!(status == StatusCode::OK && octets == pdf(), "{who}: {status}");
    }
    for who in hidden {
        let (status, ..) = lire(ecole, *who, adresse).await?;
        ensure!(status == StatusCode::NOT_FOUND, "{who:?}: {status}");
    }
    Ok(())
}

/// Who is shown what a file accompanies is shown the file, and nobody else.
async fn montree_avec(ecole: &Ecole, adresse: &str, objet: &Value, shown: &[CompteId]) -> Result<()> {
    let eleve = personal(ecole.eleves[0]);
    let school = [ecole.enseignante, ecole.collegue, ecole.cpe, ecole.principal];
    for who in [eleve, ecole.parent, ecole.autre_parent, exploitant()].into_iter().chain(school) {
        let (status, ..) = lire(ecole, Some(who), adresse).await?;
        let node = "query($id: ID!) { node(id: $id) { id } }";
        let read = ecole.maison.ask(Some(who), node, json!({ "id": objet })).await?;
        let (file, read) = (status == StatusCode::OK, read["node"]["id"] == *objet);
        assert_eq!((file, read), (shown.contains(&who), shown.contains(&who)), "{who}: {status}");
    }
    Ok(())
}

/// The first pupil hands a file in; its address.
async fn rendre(ecole: &Ecole) -> Result<String> {
    let (maison, eleve) = (&ecole.maison, personal(ecole.eleves[0]));
    let (_, travail) = publier(ecole).await?;
    let piece = deposer(ecole, eleve, "/pieces", "%C3%89t%C3%A9.pdf").await?;
    let rendre = json!({ "travailId": travail, "pieces": [piece] });
    let autre = personal(ecole.autre_eleve);
    assert_eq!(maison.refused(autre, "deposerCopie", rendre.clone()).await?, "PIECE_INCONNUE");
    for stranger in [ecole.parent, ecole.enseignante] {
        assert_eq!(maison.refused(stranger, "deposerCopie", rendre.clone()).await?, "INTERDIT");
    }
    let none = json!({ "travailId": travail, "pieces": [] });
    assert_eq!(maison.refused(eleve, "deposerCopie", none).await?, "NOMBRE_DE_PIECES");
    let fields = "travail { copies { fait fichier pieces { nom media taille adresse } } }";
    let handed = maison.granted(eleve, "deposerCopie", rendre, fields).await?;
    let copie = &handed["travail"]["copies"][0];
    let shown = json!({ "fait": true, "fichier": null, "pieces": copie["pieces"] });
    assert_eq!(copie, &shown);
    let piece = &copie["pieces"][0];
    assert_eq!(
        (&piece["nom"], &piece["media"], &piece["taille"]),
        (&json!("Été.pdf"), &json!("application/pdf"), &json!(1_500_000))
    );
    Ok(piece["adresse"].as_str().context("no address")?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pupil_hands_a_file_in_and_who_reads_the_copie_reads_it() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let eleve = personal(ecole.eleves[0]);
    let adresse = rendre(&ecole).await?;
    montree(
        &ecole,
        &adresse,
        &[eleve, ecole.parent, ecole.enseignante],
        &[None, Some(ecole.autre_parent), Some(ecole.collegue), Some(personal(ecole.autre_eleve))],
    )
    .await?;
    let (_, headers, _) = lire(&ecole, Some(ecole.enseignante), &adresse).await?;
    assert_eq!(headers[header::CONTENT_TYPE], "application/pdf");
    assert_eq!(headers[header::CONTENT_DISPOSITION], "attachment; filename=\"piece.pdf\"");
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert!(headers[header::CONTENT_SECURITY_POLICY].to_str()?.contains("sandbox"));

    // Her parent takes it out with her data.
    ecole.maison.bench.runner.catch_up().await?;
    let remise = Uuid::from_u128(5);
    let asked = json!({ "remise": remise, "personneId": global("Personne", ecole.eleves[0]) });
    ecole.maison.granted(ecole.parent, "demanderDonnees", asked, "").await?;
    let request = Request::post(format!("/donnees/{remise}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", ecole.maison.token(ecole.parent)?));
    let response = ecole.maison.send(request.body(Body::empty())?).await?;
    ensure!(response.status() == StatusCode::OK, "{}", response.status());
    let bytes = response.into_body().collect().await?.to_bytes();
    let name = format!("{}.pdf", adresse.trim_start_matches('/'));
    let mut octets = Vec::new();
    ZipArchive::new(Cursor::new(bytes))?.by_name(&name)?.read_to_end(&mut octets)?;
    assert!(octets == pdf());
    ecole.maison.bench.runner.catch_up().await?;
    crate::projections::replay::check(&ecole.maison.bench).await?;

    // What is not the file of which the record has the hash is broken off before its end.
    let other = "UPDATE pieces.piece SET fiche = jsonb_set(fiche, '{empreinte}', to_jsonb(repeat('0', 64)))";
    sqlx::query(other).execute(&ecole.maison.bench.owner).await?;
    assert!(lire(&ecole, Some(eleve), &adresse).await.is_err());
    ecole.maison.close().await
}

/// The files that the archive of the cahier names: those of séances, then those of travaux.
async fn archivees(ecole: &Ecole) -> Result<Vec<Value>> {
    let path = format!("/cahiers/{}/2026.json", ecole.enseignement);
    let (status, _, archive) = lire(ecole, Some(ecole.principal), &path).await?;
    ensure!(status == StatusCode::OK, "{status}");
    let archive: Value = serde_json::from_slice(&archive)?;
    let all = ["seances", "travaux"].into_iter().filter_map(|kind| archive[kind].as_array());
    Ok(all.flatten().filter_map(|one| one["pieces"].as_array()).flatten().cloned().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_joins_files_to_a_seance_and_to_a_travail() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, enseignante, eleve) = (&ecole.maison, ecole.enseignante, personal(ecole.eleves[0]));
    let (_, travail) = publier(&ecole).await?;
    let enseignement = global("Enseignement", ecole.enseignement);
    let draft = json!({ "seance": Uuid::from_u128(3), "enseignementId": enseignement,
        "date": "2026-11-25", "debut": "08:00:00", "fin": "09:00:00",
        "contenu": { "titre": "Quotients", "avant": "Corriger" } });
    let draft = maison.granted(enseignante, "redigerSeance", draft, "seance { id }").await?;
    let seance = &draft["seance"]["id"];
    let cours = deposer(&ecole, enseignante, "/pieces", "cours.pdf").await?;
    let joindre = |pieces: &[&Value]| json!({ "seanceId": seance, "pieces": pieces });
    for other in [ecole.collegue, ecole.principal, ecole.parent] {
        assert_eq!(maison.refused(other, "documenterSeance", joindre(&[&cours])).await?, "INTERDIT");
    }
    let fields = "seance { pieces { nom adresse } }";
    let joined = maison.granted(enseignante, "documenterSeance", joindre(&[&cours]), fields).await?;
    let piece = &joined["seance"]["pieces"][0];
    assert_eq!(piece["nom"], json!("cours.pdf"), "{joined:#}");
    let adresse = piece["adresse"].as_str().context("no address")?;
    let families = [eleve, ecole.parent, ecole.autre_parent];
    montree(&ecole, adresse, &[enseignante], &families.map(Some)).await?;
    montree_avec(&ecole, adresse, seance, &[enseignante, ecole.principal]).await?;
    maison.granted(enseignante, "publierSeance", json!({ "seanceId": seance }), "").await?;
    montree(&ecole, adresse, &families, &[None, Some(ecole.collegue), Some(exploitant())]).await?;
    let mut readers = families.to_vec();
    readers.extend([enseignante, ecole.cpe, ecole.principal]);
    montree_avec(&ecole, adresse, seance, &readers).await?;

    let also = json!({ "travailId": travail, "pieces": [cours] });
    assert_eq!(maison.refused(enseignante, "documenterTravail", also).await?, "PIECE_DEJA_JOINTE");
    let sujet = deposer(&ecole, enseignante, "/pieces", "sujet.pdf").await?;
    let joindre_au_travail = json!({ "travailId": travail, "pieces": [sujet] });
    let fields = "travail { pieces { adresse empreinte } }";
    let joined = maison.granted(enseignante, "documenterTravail", joindre_au_travail, fields).await?;
    let sujet = joined["travail"]["pieces"][0]["adresse"].as_str().context("no address")?;
    montree(&ecole, sujet, &families, &[None, Some(exploitant())]).await?;
    readers.push(ecole.collegue);
    montree_avec(&ecole, sujet, &json!(travail), &readers).await?;

    // The archive of the year names both, and they are read where it says.
    let listed = archivees(&ecole).await?;
    let names: Vec<_> = listed.iter().map(|piece| piece["nom"].clone()).collect();
    assert_eq!(names, [json!("cours.pdf"), json!("sujet.pdf")]);
    let empreinte = &joined["travail"]["pieces"][0]["empreinte"];
    for piece in &listed {
        assert_eq!((&piece["octets"], &piece["sha256"]), (&json!(1_500_000), empreinte));
        let adresse = piece["adresse"].as_str().context("no address")?;
        montree(&ecole, adresse, &[ecole.principal], &[None]).await?;
    }

    // What no longer accompanies it is shown to nobody.
    maison.granted(enseignante, "documenterSeance", joindre(&[]), "").await?;
    assert_eq!(archivees(&ecole).await?.len(), 1);
    montree(&ecole, adresse, &[], &[Some(enseignante), Some(eleve)]).await?;
    maison.bench.runner.catch_up().await?;
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_deposits_a_justificatif_for_its_child() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, eleve) = (&ecole.maison, global("Eleve", ecole.eleves[0]));
    let annoncer = |pieces: &[&Value]| {
        json!({ "dossier": Uuid::from_u128(7), "uai": ecole.uai, "eleveId": eleve,
                "creneau": { "date": "2026-11-27", "debut": "08:00:00", "fin": "18:00:00" },
                "justification": { "motif": "reunion_famille", "pieces": pieces } })
    };
    let own = deposer(&ecole, ecole.parent, "/pieces", "faire-part.pdf").await?;
    let refused = maison.refused(ecole.parent, "annoncerAbsence", annoncer(&[&own])).await?;
    assert_eq!(refused, "PIECE_INCONNUE", "it is the parent's, and not the child's");
    let path = format!("/pieces?eleveId={eleve}");
    let of_the_child = deposer(&ecole, ecole.parent, &path, "faire-part.pdf").await?;
    let fields = "dossier { id pieces { nom adresse } }";
    let told = maison.granted(ecole.parent, "annoncerAbsence", annoncer(&[&of_the_child]), fields).await?;
    let piece = &told["dossier"]["pieces"][0];
    assert_eq!(piece["nom"], json!("faire-part.pdf"), "{told:#}");
    let adresse = piece["adresse"].as_str().context("no address")?;
    let hidden = [None, Some(ecole.autre_parent), Some(exploitant())];
    montree(&ecole, adresse, &[ecole.parent, ecole.cpe], &hidden).await?;

    let again = json!({ "dossierAbsenceId": told["dossier"]["id"],
                        "justification": { "motif": "reunion_famille", "texte": "Mariage" } });
    let fields = "dossier { pieces { nom } }";
    let again = maison.granted(ecole.parent, "justifierAbsence", again, fields).await?;
    assert_eq!(again["dossier"]["pieces"], json!([]), "what is said anew is said with its files");
    montree(&ecole, adresse, &[], &[Some(ecole.cpe)]).await?;
    maison.bench.runner.catch_up().await?;
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

/// The CPE enters an absence of the first pupil, and settles it as not excused; its id.
async fn refuser(ecole: &Ecole) -> Result<Value> {
    let absence = json!({ "dossier": Uuid::from_u128(8), "uai": ecole.uai,
        "eleveId": global("Eleve", ecole.eleves[0]),
        "creneau": { "date": "2026-11-20", "debut": "08:00:00", "fin": "12:00:00" } });
    let mut told = ecole.maison.granted(ecole.cpe, "saisirAbsence", absence, "dossier { id }").await?;
    let dossier = told["dossier"]["id"].take();
    let settled = json!({ "dossierAbsenceId": dossier, "recevable": false, "raison": "Aucun mot" });
    ecole.maison.granted(ecole.cpe, "reglerAbsence", settled, "").await?;
    Ok(dossier)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vie_scolaire_records_the_paper_that_a_family_brings() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, eleve) = (&ecole.maison, global("Eleve", ecole.eleves[0]));
    let dossier = refuser(&ecole).await?;
    let path = format!("/pieces?eleveId={eleve}");
    for stranger in [ecole.enseignante, ecole.autre_parent, exploitant()] {
        let (status, _) = envoyer(&ecole, Some(stranger), &path, ("a.pdf", pdf())).await?;
        assert_eq!(status, StatusCode::NOT_FOUND, "{stranger}");
    }
    let piece = deposer(&ecole, ecole.cpe, &path, "certificat.pdf").await?;
    let enregistrer = |remis_par: Uuid| {
        json!({ "dossierAbsenceId": dossier, "remisParId": global("Personne", remis_par), "support": "PAPIER",
                "justification": { "motif": "maladie", "pieces": [piece] } })
    };
    for tiers in [ecole.autre_parent.0, ecole.eleves[0], ecole.enseignante.0] {
        let refused = maison.refused(ecole.cpe, "enregistrerJustificatif", enregistrer(tiers)).await?;
        assert_eq!(refused, "JUSTIFICATIF_D_UN_TIERS", "{tiers}");
    }
    for stranger in [ecole.parent, ecole.enseignante] {
        let asked = enregistrer(ecole.parent.0);
        assert_eq!(maison.refused(stranger, "enregistrerJustificatif", asked).await?, "INTERDIT");
    }
    let fields = "dossier { etat decision { recevable } pieces { adresse }
                  justification { par { id } motif { code } recueil { support par { id } } } }";
    let told =
        maison.granted(ecole.cpe, "enregistrerJustificatif", enregistrer(ecole.parent.0), fields).await?;
    let told = &told["dossier"];
    let adresse = told["pieces"][0]["adresse"].as_str().context("no address")?;
    let said = json!({
        "par": { "id": global("Personne", ecole.parent.0) },
        "motif": { "code": "maladie" },
        "recueil": { "support": "PAPIER", "par": { "id": global("Personne", ecole.cpe.0) } },
    });
    assert_eq!(told["justification"], said, "{told:#}");
    // It came after the absence was settled, which is to be settled again.
    assert_eq!((&told["etat"], &told["decision"]), (&json!("JUSTIFIEE"), &Value::Null));
    let hidden = [None, Some(ecole.autre_parent), Some(ecole.enseignante), Some(exploitant())];
    montree(&ecole, adresse, &[ecole.cpe, ecole.principal, ecole.parent], &hidden).await?;
    maison.bench.runner.catch_up().await?;
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_unreadable_once_what_it_accompanies_is_erased() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, adresse) = (&ecole.maison, rendre(&ecole).await?);
    maison.bench.runner.catch_up().await?;
    let destruction = Uuid::from_u128(3);
    let asked = json!({ "portail": ecole.portail, "destruction": destruction,
        "fondement": "DEMANDE_DE_LA_PERSONNE", "motif": "Changement d'établissement",
        "choix": [{ "classe": "SCOLARITE", "annee": 2026,
                    "personnes": [global("Personne", ecole.eleves[0])] }] });
    maison.granted(ecole.administrateur, "demanderDestruction", asked, "").await?;
    montree(&ecole, &adresse, &[ecole.enseignante], &[]).await?;
    let piece: Uuid = adresse.trim_start_matches("/pieces/").parse()?;
    let confirm = json!({ "destructionId": global("Destruction", destruction) });
    maison.granted(ecole.principal, "confirmerDestruction", confirm, "").await?;
    // Whatever the views still say, its bytes are gone.
    assert!(maison.bench.blobs()?.read(piece).await?.is_none());
    maison.bench.runner.catch_up().await?;
    montree(&ecole, &adresse, &[], &[Some(ecole.enseignante), Some(ecole.parent)]).await?;
    let read = "query($portail: String!, $id: ID!) { conservation(portail: $portail) {
        destruction(id: $id) { procesVerbal { conforme html } } } }";
    let variables = json!({ "portail": ecole.portail, "id": global("Destruction", destruction) });
    let mut read = maison.ask(Some(ecole.principal), read, variables).await?;
    let pv = read["conservation"]["destruction"]["procesVerbal"].take();
    assert_eq!(pv["conforme"], true, "{pv:#}");
    assert!(pv["html"].as_str().unwrap_or_default().contains("Pièces jointes scellées"), "{pv:#}");
    assert_eq!((maison.commands.balayer_pieces().await?, maison.commands.balayer_pieces().await?), (1, 0));
    crate::projections::replay::check(&maison.bench).await?;
    ecole.maison.close().await
}

/// What the document of a destruction says now: whether all is as it should be, what of the files, and
/// the places of what is not.
async fn constats(ecole: &Ecole, destruction: Uuid) -> Result<(bool, Value, Vec<Value>)> {
    let read = "query($portail: String!, $id: ID!) { conservation(portail: $portail) {
        destruction(id: $id) { procesVerbal { conforme donnees } } } }";
    let variables = json!({ "portail": ecole.portail, "id": global("Destruction", destruction) });
    let mut read = ecole.maison.ask(Some(ecole.principal), read, variables).await?;
    let mut pv = read["conservation"]["destruction"]["procesVerbal"].take();
    let constats = pv["donnees"]["constats"].as_array().into_iter().flatten();
    let wrong = constats.filter(|constat| constat["attendu"] != constat["constate"]);
    let lieux = wrong.map(|constat| constat["lieux"].clone()).collect();
    Ok((pv["conforme"] == true, pv["donnees"]["pieces"].take(), lieux))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_an_erased_file_is_asked_of_its_store() -> Result<()> {
    let mut ecole = Ecole::ouvrir().await?;
    let adresse = rendre(&ecole).await?;
    let piece: Uuid = adresse.trim_start_matches("/pieces/").parse()?;
    let maison = &ecole.maison;
    maison.bench.runner.catch_up().await?;
    let name = piece.simple().to_string();
    let file = maison.bench.pieces().join(&name[..2]).join(&name);
    let octets = std::fs::read(&file)?;
    let copied = "CREATE TABLE public.cles AS SELECT * FROM ledger.keys";
    sqlx::raw_sql(copied).execute(&maison.bench.owner).await?;
    let destruction = Uuid::from_u128(3);
    let asked = json!({ "portail": ecole.portail, "destruction": destruction,
        "fondement": "DEMANDE_DE_LA_PERSONNE", "motif": "Changement d'établissement",
        "choix": [{ "classe": "SCOLARITE", "annee": 2026,
                    "personnes": [global("Personne", ecole.eleves[0])] }] });
    maison.granted(ecole.administrateur, "demanderDestruction", asked, "").await?;
    let confirm = json!({ "destructionId": global("Destruction", destruction) });
    maison.granted(ecole.principal, "confirmerDestruction", confirm, "").await?;
    maison.bench.runner.catch_up().await?;
    // Views at work would follow what is done below.
    ecole.maison.still().await?;
    let maison = &ecole.maison;
    let told =
        |octets: &str, a_balayer: bool| json!([{ "piece": piece, "octets": octets, "a_balayer": a_balayer }]);
    assert_eq!(constats(&ecole, destruction).await?, (true, told("scelles", true), vec![]));
    assert_eq!(maison.commands.balayer_pieces().await?, 1);
    assert_eq!(constats(&ecole, destruction).await?, (true, told("absents", false), vec![]));
    // The folder comes back from a copy: no key opens it, and no sweep would take it away.
    std::fs::create_dir_all(maison.bench.pieces().join(&name[..2]))?;
    std::fs::write(&file, octets)?;
    let left = vec![json!([piece])];
    assert_eq!(constats(&ecole, destruction).await?, (false, told("scelles", false), left));
    // So does the table of keys.
    let put_back = "UPDATE ledger.keys k SET wrapped = c.wrapped FROM public.cles c
                    WHERE c.id = k.id AND k.wrapped IS NULL";
    tamper(&maison.bench, put_back).await?;
    let (conforme, pieces, lieux) = constats(&ecole, destruction).await?;
    assert_eq!((conforme, pieces), (false, told("ouverts", false)));
    assert_eq!(lieux.iter().filter(|lieux| **lieux == json!([piece])).count(), 2, "{lieux:?}");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_pupil_fewer_files_wait_than_of_a_teacher_and_what_is_joined_waits_no_more() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, eleve) = (&ecole.maison, personal(ecole.eleves[0]));
    let (_, travail) = publier(&ecole).await?;
    let brouillon = || ("a.txt", b"Voici".to_vec());
    let most = Deposant::EleveOuFamille.plafond().fichiers;
    let mut pieces = Vec::new();
    for _ in 0..most {
        let (status, mut told) = envoyer(&ecole, Some(eleve), "/pieces", brouillon()).await?;
        ensure!(status == StatusCode::CREATED, "{status}");
        pieces.push(told["id"].take());
    }
    assert_eq!(envoyer(&ecole, Some(eleve), "/pieces", brouillon()).await?.0, StatusCode::CONFLICT);
    let rendre = json!({ "travailId": travail, "pieces": pieces[..10] });
    maison.granted(eleve, "deposerCopie", rendre, "").await?;
    assert_eq!(envoyer(&ecole, Some(eleve), "/pieces", brouillon()).await?.0, StatusCode::CREATED);
    for _ in 0..=most {
        let (status, _) = envoyer(&ecole, Some(ecole.enseignante), "/pieces", brouillon()).await?;
        assert_eq!(status, StatusCode::CREATED);
    }
    ecole.maison.close().await
}

/// A file of which nothing comes, and which says when it is waited for.
fn muet(waited_for: UnboundedSender<()>) -> Body {
    Body::from_stream(stream::once(async move {
        let _ = waited_for.send(());
        std::future::pending::<std::io::Result<Vec<u8>>>().await
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_compte_deposits_four_files_at_a_time() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let eleve = personal(ecole.eleves[0]);
    let (waited_for, mut waiting) = unbounded_channel();
    let mut coming = JoinSet::new();
    for _ in 0..4 {
        let request = envoi(&ecole, Some(eleve), "/pieces", ("a.txt", muet(waited_for.clone())))?;
        coming.spawn(ecole.maison.router.clone().oneshot(request));
        waiting.recv().await.context("it is not waited for")?;
    }
    let one_more = envoi(&ecole, Some(eleve), "/pieces", ("a.txt", Body::from("Voici")))?;
    let refused = ecole.maison.send(one_more).await?;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key(header::RETRY_AFTER));
    let file = || ("a.txt", b"Voici".to_vec());
    assert_eq!(envoyer(&ecole, Some(ecole.parent), "/pieces", file()).await?.0, StatusCode::CREATED);
    coming.shutdown().await;
    assert_eq!(envoyer(&ecole, Some(eleve), "/pieces", file()).await?.0, StatusCode::CREATED);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_of_ours_is_not_kept_and_what_nobody_joins_is_swept() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let (maison, eleve) = (&ecole.maison, personal(ecole.eleves[0]));
    let (_, travail) = publier(&ecole).await?;
    let long = vec![b'a'; usize::try_from(PIECE_MAX)? + 1];
    for (who, nom, octets, status) in [
        (Some(eleve), "a.exe", b"MZ".to_vec(), StatusCode::CONFLICT),
        (Some(eleve), "a.txt", vec![], StatusCode::CONFLICT),
        (Some(eleve), "..%2Fa.txt", b"Voici".to_vec(), StatusCode::CONFLICT),
        (Some(eleve), "a.txt", long, StatusCode::PAYLOAD_TOO_LARGE),
        (None, "a.txt", b"Voici".to_vec(), StatusCode::NOT_FOUND),
    ] {
        assert_eq!(envoyer(&ecole, who, "/pieces", (nom, octets)).await?.0, status, "{nom}");
    }
    let of_a_child = format!("/pieces?eleveId={}", global("Eleve", ecole.eleves[0]));
    for (who, status) in [(ecole.autre_parent, StatusCode::NOT_FOUND), (ecole.parent, StatusCode::CREATED)] {
        let file = ("a.txt", b"Voici".to_vec());
        assert_eq!(envoyer(&ecole, Some(who), &of_a_child, file).await?.0, status, "{who}");
    }
    let listed = sqlx::query_scalar("SELECT count(*) FROM ledger.blobs");
    let kept: i64 = listed.fetch_one(&maison.bench.owner).await?;
    assert_eq!(kept, 1, "what is refused is not kept");

    let piece = deposer(&ecole, eleve, "/pieces", "a.pdf").await?;
    maison.bench.clock.set("2026-11-24T08:00:00Z".parse()?);
    let rendre = json!({ "travailId": travail, "pieces": [piece] });
    assert_eq!(maison.refused(eleve, "deposerCopie", rendre.clone()).await?, "PIECE_PERIMEE");
    assert_eq!(maison.commands.balayer_pieces().await?, 0);
    maison.bench.clock.set("2026-11-25T08:00:00Z".parse()?);
    assert_eq!(maison.commands.balayer_pieces().await?, 2);
    assert_eq!(maison.refused(eleve, "deposerCopie", rendre).await?, "PIECE_INCONNUE");
    ecole.maison.close().await
}
