//! Hostile and clumsy requests: a clear typed error each, and nothing stored.

use anyhow::Result;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use http_body_util::BodyExt;
use ledger::clock::Clock;
use recits::Ecole;
use serde_json::{Value, json};

const MOI: &str = r#"{"query":"{ moi { compte } }"}"#;

async fn post(ecole: &Ecole, token: Option<String>, body: impl Into<Body>) -> Result<(StatusCode, Value)> {
    let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let response = ecole.maison.send(request.body(body.into())?).await?;
    let status = response.status();
    let bytes = response.into_body().collect().await?.to_bytes();
    Ok((status, serde_json::from_slice(&bytes)?))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_token_is_refused_with_its_reason() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let now = maison.bench.clock.now();
    let expired = maison.issuer.issue(ecole.parent, now - TimeDelta::hours(2), now - TimeDelta::hours(1))?;
    let another = api::identity::demo::DemoIssuer::new(&mut rand::rng())?;
    let foreign = another.issue(ecole.parent, now, now + TimeDelta::hours(1))?;
    for token in [expired, foreign, "garbage".to_owned()] {
        let (status, answer) = post(&ecole, Some(token), MOI).await?;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(
            answer["errors"][0]["extensions"]["code"].as_str().is_some_and(|c| c.starts_with("JETON_")),
            "{answer}"
        );
    }
    let (status, answer) = post(&ecole, None, MOI).await?;
    assert_eq!((status, &answer["data"]["moi"]), (StatusCode::OK, &Value::Null));
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_body_is_refused_before_it_is_read() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    // A gigabyte, made as it is asked for: reading it all would be seen in the count.
    let made = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = made.clone();
    let chunks = futures::stream::iter((0..16_384).map(move |_| {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok::<_, std::io::Error>(vec![b' '; 65_536])
    }));
    let (status, answer) = post(&ecole, None, Body::from_stream(chunks)).await?;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{answer}");
    assert!(made.load(std::sync::atomic::Ordering::Relaxed) < 64);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mutation_by_get_is_not_executed() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let before = ecole.maison.bench.journals().await?;
    let token = ecole.maison.token(ecole.principal)?;
    let query = "mutation%7BredigerActualite(input%3A%7Bportail%3A%22x%22%2Ctitre%3A%22x%22%2Ccorps%3A%22x%22%7D)%7Bposition%7D%7D";
    let request = Request::get(format!("/graphql?query={query}"))
        .header(header::ACCEPT, "application/graphql-response+json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())?;
    assert_eq!(ecole.maison.send(request).await?.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(ecole.maison.bench.journals().await?, before);
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_or_wrong_uai_opens_nothing() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let maison = &ecole.maison;
    let known = maison.ask(
        Some(ecole.principal),
        "query($u: String!) { etablissement(uai: $u) { nom } }",
        json!({ "u": ecole.uai }),
    );
    assert!(known.await?["etablissement"].is_object());
    for uai in ["0000000A", "0690001A", "x", ""] {
        let asked = maison.ask(
            Some(ecole.principal),
            "query($u: String!) { etablissement(uai: $u) { nom } }",
            json!({ "u": uai }),
        );
        assert_eq!(asked.await?["etablissement"], Value::Null, "{uai}");
    }
    let opening = json!({ "nature": "ETABLISSEMENT", "uai": "0690001A", "nom": "Collège" });
    let payload = maison.tell(recits::exploitant(), "ouvrirPortail", opening, "").await?;
    assert_eq!(payload["userErrors"][0]["field"], json!(["input", "uai"]));
    ecole.maison.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_no_database_holds_names_nothing() -> Result<()> {
    let ecole = Ecole::ouvrir().await?;
    let token = ecole.maison.token(ecole.principal)?;
    let portail = ecole.portail.as_str();
    for query in [
        "{ portail(nom: \"a\\u0000b\") { nom } }".to_owned(),
        "{ fraicheur(portail: \"a\\u0000b\") { retardEvenements } }".to_owned(),
        format!(
            "{{ portail(nom: \"{portail}\") {{ journal(first: 1, motif: \"contrôle\", filtre: {{ \
             type: \"a\\u0000\", objet: \"\\u0000\" }}) {{ nodes {{ type }} }} }} }}"
        ),
    ] {
        let body = json!({ "query": query }).to_string();
        let (status, answer) = post(&ecole, Some(token.clone()), body).await?;
        assert_eq!((status, &answer["errors"]), (StatusCode::OK, &Value::Null), "{query}: {answer}");
    }
    ecole.maison.close().await
}
