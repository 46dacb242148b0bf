//! The past, asked as a judge asks it: by the address of a page, by who held which office, by
//! who knew what when.

use anyhow::Result;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::CompteId;
use http_body_util::BodyExt;
use recits::{DOMAINE, Ecole, exploitant, global};
use serde_json::{Value, json};
use uuid::Uuid;

/// Writes an actualité and puts it online: its GraphQL id, and its key.
async fn parue(ecole: &Ecole, titre: &str, corps: &str, audience: &str) -> Result<(Value, Uuid)> {
    let maison = &ecole.maison;
    let redaction = json!({ "portail": ecole.portail, "titre": titre, "corps": corps });
    let redigee =
        maison.granted(ecole.enseignante, "redigerActualite", redaction, "publication { id }").await?;
    let id = redigee["publication"]["id"].clone();
    let parution = json!({ "publicationId": id, "version": 1, "audience": audience });
    maison.granted(ecole.principal, "publierPublication", parution, "").await?;
    maison.bench.runner.catch_up().await?;
    let key = "SELECT id FROM publication WHERE titre = $1";
    Ok((id, sqlx::query_scalar(key).bind(titre).fetch_one(&maison.bench.views).await?))
}

/// What a host shows at a path.
async fn page(ecole: &Ecole, host: &str, path: &str) -> Result<(StatusCode, String)> {
    ecole.maison.bench.runner.catch_up().await?;
    let request = Request::get(path).header(header::HOST, host).body(Body::empty())?;
    let (head, body) = ecole.maison.send(request).await?.into_parts();
    Ok((head.status, String::from_utf8(body.collect().await?.to_bytes().to_vec())?))
}

async fn retrospective(ecole: &Ecole, who: CompteId, le: &str, fields: &str) -> Result<Value> {
    let query = format!(
        "query($p: String!, $le: DateTime!) {{ portail(nom: $p) {{
            retrospective(le: $le, motif: \"Assignation\") {{ {fields} }} }} }}"
    );
    let variables = json!({ "p": ecole.portail, "le": le });
    Ok(ecole.maison.ask(Some(who), &query, variables).await?["portail"]["retrospective"].take())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_page_has_an_address_for_ever_and_shows_what_everybody_may_read() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let host = format!("{}.{DOMAINE}", ecole.portail);
    let (_, key) = parue(&ecole, "Sortie <Paris>", "Jeudi & vendredi.", "PUBLIC").await?;
    let path = format!("/actualites/{key}");
    let (status, shown) = page(&ecole, &host, &path).await?;
    assert_eq!(status, StatusCode::OK, "{shown}");
    let nom: String = sqlx::query_scalar("SELECT prenom || ' ' || nom FROM personne WHERE id = $1")
        .bind(ecole.principal.0)
        .fetch_one(&ecole.maison.bench.views)
        .await?;
    for expected in [
        "<html lang=\"fr\">",
        "<h1>Sortie &#60;Paris&#62;</h1>",
        "Jeudi &#38; vendredi.",
        "Mentions légales",
        &format!("{nom}, principal du collège"),
        "version 1.",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let (_, kept) = parue(&ecole, "Réunion", "Lundi.", "PORTAIL").await?;
    for (host, path) in [
        (host.as_str(), format!("/actualites/{kept}")),
        (host.as_str(), format!("/actualites/{}", Uuid::nil())),
        (DOMAINE, path.clone()),
        (&format!("0000000z.{DOMAINE}"), path.clone()),
    ] {
        assert_eq!(page(&ecole, host, &path).await?.0, StatusCode::NOT_FOUND, "{host}{path}");
    }
    assert_eq!(page(&ecole, &host, "/actualites/une").await?.0, StatusCode::NOT_FOUND);
    let retrait = json!({ "publicationId": global("Publication", key), "motif": "C'est passé." });
    ecole.maison.granted(ecole.principal, "retirerPublication", retrait, "").await?;
    let (status, shown) = page(&ecole, &host, &path).await?;
    assert!(status == StatusCode::NOT_FOUND && !shown.contains("Jeudi"), "{shown}");
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_address_showed_on_a_date_and_to_whom_is_told_by_the_address() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let clock = &ecole.maison.bench.clock;
    clock.set("2026-11-23T08:00:00Z".parse()?);
    let (id, key) = parue(&ecole, "Sortie", "Jeudi.", "PUBLIC").await?;
    parue(&ecole, "Réunion", "Lundi.", "PUBLIC").await?;
    clock.set("2026-11-23T09:00:00Z".parse()?);
    let version = json!({ "publicationId": id, "titre": "Sortie", "corps": "Vendredi." });
    ecole.maison.granted(ecole.principal, "modifierPublication", version, "").await?;
    let parution = json!({ "publicationId": id, "version": 2, "audience": "PORTAIL" });
    ecole.maison.granted(ecole.principal, "publierPublication", parution, "").await?;
    clock.set("2026-11-23T10:00:00Z".parse()?);
    let shown = async |adresse: String, le: &str| -> Result<Value> {
        let fields = format!("affichages(adresse: \"{adresse}\") {{ corps audience publicationId }}");
        Ok(retrospective(&ecole, ecole.principal, le, &fields).await?["affichages"].take())
    };
    let url = format!("https://{}.{DOMAINE}/actualites/{key}", ecole.portail);
    let first = shown(url.clone(), "2026-11-23T08:30:00Z").await?;
    assert_eq!(first, json!([{ "corps": "Jeudi.", "audience": "PUBLIC", "publicationId": id }]));
    let second = shown(format!("/actualites/{key}"), "2026-11-23T09:30:00Z").await?;
    assert_eq!(second, json!([{ "corps": "Vendredi.", "audience": "PORTAIL", "publicationId": id }]));
    assert_eq!(shown(url, "2026-11-23T07:30:00Z").await?, json!([]), "there was nothing");
    let elsewhere = format!("https://0699999z.{DOMAINE}/actualites/{key}");
    assert_eq!(shown(elsewhere, "2026-11-23T08:30:00Z").await?, json!([]));
    ecole.maison.close().await
}

/// The principal, then on the 24th her successor, who on the 26th lets one delegate go and takes
/// another.
#[tokio::test(flavor = "multi_thread")]
async fn who_answered_and_who_moderated_is_told_of_each_date_of_a_succession() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let successeur = ecole.collegue;
    let direction = json!({ "portail": ecole.portail, "directeurId": global("Personne", successeur.0),
        "qualite": "principal par intérim", "depuis": "2026-11-24" });
    maison.granted(exploitant(), "prendreDirection", direction, "").await?;
    maison.bench.clock.set("2026-11-25T08:00:00Z".parse()?);
    let revocation = json!({ "portail": ecole.portail, "delegation": Uuid::from_u128(1),
        "motif": "Mutation", "le": "2026-11-26" });
    let seconde = json!({ "portail": ecole.portail, "delegation": Uuid::from_u128(2),
        "compte": CompteId::derived(&["second"]).0,
        "administrateurId": global("Personne", ecole.enseignante.0), "du": "2026-11-26" });
    maison.granted(successeur, "accorderDelegation", seconde, "").await?;
    maison.granted(successeur, "revoquerDelegation", revocation, "").await?;
    maison.bench.clock.set("2026-11-30T08:00:00Z".parse()?);
    let fields =
        "directeurDePublication { directeur { id } qualite } administrateurs { administrateur { id } }";
    let who = |personne: CompteId| global("Personne", personne.0);
    for (le, directeur, qualite, administrateurs) in [
        ("2026-10-15T10:00:00Z", ecole.principal, "principal du collège", vec![ecole.cpe]),
        ("2026-11-25T10:00:00Z", successeur, "principal par intérim", vec![ecole.cpe]),
        ("2026-11-27T10:00:00Z", successeur, "principal par intérim", vec![ecole.enseignante]),
    ] {
        let told = retrospective(&ecole, successeur, le, fields).await?;
        let director = &told["directeurDePublication"];
        assert_eq!(
            (&director["directeur"]["id"], &director["qualite"]),
            (&json!(who(directeur)), &json!(qualite)),
            "{le}"
        );
        let expected: Vec<_> =
            administrateurs.into_iter().map(|one| json!({ "administrateur": { "id": who(one) } })).collect();
        assert_eq!(told["administrateurs"], json!(expected), "{le}");
    }
    let before = retrospective(&ecole, successeur, "2026-08-15T10:00:00Z", fields).await?;
    assert_eq!(before, json!({ "directeurDePublication": null, "administrateurs": [] }));
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timeline_tells_the_mode_of_moderation_and_when_the_directeur_knew() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let at = |heure: &str| -> Result<()> {
        maison.bench.clock.set(format!("2026-11-23T{heure}:00Z").parse()?);
        Ok(())
    };
    at("08:00")?;
    let (id, _) = parue(&ecole, "Sortie", "Jeudi.", "PUBLIC").await?;
    at("09:00")?;
    let notice = json!({ "publicationId": id, "version": 1, "motif": "AUTRE",
        "explication": "C'est vendredi.", "bonneFoi": true });
    let recu = maison.granted(ecole.parent, "signalerContenu", notice, "signalement { id }").await?;
    let seen = json!({ "signalementId": recu["signalement"]["id"] });
    at("09:20")?;
    maison.granted(ecole.administrateur, "prendreConnaissance", seen.clone(), "").await?;
    at("10:30")?;
    maison.granted(ecole.principal, "prendreConnaissance", seen, "").await?;
    let query = "query($id: ID!) { signalement(id: $id) {
        chronologie { nature modeDeModeration delaiEnMinutes } } }";
    let variables = json!({ "id": recu["signalement"]["id"] });
    let told = maison.ask(Some(ecole.principal), query, variables).await?;
    let step = |nature: &str, mode: Value, delai: Value| {
        json!({ "nature": nature, "modeDeModeration": mode,
        "delaiEnMinutes": delai })
    };
    assert_eq!(
        told["signalement"]["chronologie"],
        json!([
            step("MISE_EN_LIGNE", json!("A_PRIORI"), Value::Null),
            step("SIGNALEMENT", Value::Null, json!(0)),
            step("CONNAISSANCE_DU_MODERATEUR", Value::Null, json!(20)),
            step("CONNAISSANCE_DU_DIRECTEUR", Value::Null, json!(90)),
        ])
    );
    ecole.maison.close().await
}
