//! GraphQL over HTTP: what its specification says MUST and SHOULD.

use super::house::{COMPTE, house, house_with, posted};
use api::http::Limits;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

const NEWER: &str = "application/graphql-response+json";

fn encoded(document: &str) -> String {
    document.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn an_answer_is_of_the_type_that_was_asked_for() {
    let house = house();
    let query = json!({"query": "{ bonjour }"});
    for (accept, content_type) in [
        (NEWER, "application/graphql-response+json; charset=utf-8"),
        ("application/json", "application/json; charset=utf-8"),
        ("*/*", "application/json; charset=utf-8"),
    ] {
        let answer = house.send(posted(accept, &query)).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, content_type));
        assert_eq!(answer.json(), json!({"data": {"bonjour": "Bonjour"}}));
    }
    let refused = house.send(posted("text/html", &query)).await.refused();
    assert_eq!(refused, (406, "FORMAT_NON_ACCEPTE".to_owned()));
}

#[tokio::test]
async fn only_json_in_utf8_is_read() {
    let house = house();
    let send = |content_type: Option<&'static str>| {
        let request = Request::post("/graphql").body(Body::from(r#"{"query": "{ bonjour }"}"#)).unwrap();
        let (mut parts, body) = request.into_parts();
        if let Some(content_type) = content_type {
            parts.headers.insert("content-type", content_type.parse().unwrap());
        }
        house.send(Request::from_parts(parts, body))
    };
    for good in ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""]
    {
        assert_eq!(send(Some(good)).await.status, StatusCode::OK, "{good}");
    }
    // Those that a form sends from any site among them.
    for bad in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/graphql",
    ] {
        assert_eq!(send(Some(bad)).await.refused(), (415, "TYPE_DE_CONTENU_REFUSE".to_owned()), "{bad}");
    }
    assert_eq!(send(None).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_malformed_request_is_refused_whatever_is_accepted() {
    let house = house();
    let query = "{ bonjour }";
    for body in [
        json!({}),
        json!({"qeury": query}),
        json!([{"query": query}]),
        json!([query]),
        json!({"query": ["array"]}),
        json!({"query": 0}),
        json!({"query": query, "operationName": {"obj": "ect"}}),
        json!({"query": query, "operationName": false}),
        json!({"query": query, "variables": "string"}),
        json!({"query": query, "variables": ["array"]}),
        json!({"query": query, "extensions": 0}),
        json!({"query": query, "extensions": ["array"]}),
    ] {
        for accept in [NEWER, "application/json"] {
            let refused = house.send(posted(accept, &body)).await.refused();
            assert_eq!(refused, (400, "REQUETE_MALFORMEE".to_owned()), "{body}");
        }
    }
    for body in ["", "{ \"not a JSON", "\u{feff}{}"] {
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .body(Body::from(body))
            .unwrap();
        assert_eq!(house.send(request).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[tokio::test]
async fn null_is_as_good_as_absent() {
    let house = house();
    for name in ["variables", "operationName", "extensions"] {
        let answer = house.post(&json!({"query": "{ bonjour }", name: null})).await;
        assert_eq!((answer.status, answer.json()["errors"].clone()), (StatusCode::OK, Value::Null), "{name}");
    }
}

#[tokio::test]
async fn a_refused_document_is_400_with_no_data_for_the_newer_type_and_200_for_the_older() {
    let house = house();
    for (document, code) in [
        ("{", "DOCUMENT_ILLISIBLE"),
        ("{ inconnu }", "REQUETE_INVALIDE"),
        ("query ($id: UUID!) { echo(id: $id) }", "VARIABLE_MANQUANTE"),
        ("query A { bonjour } query B { bonjour }", "REQUETE_INVALIDE"),
    ] {
        let body = json!({"query": document});
        let newer = house.send(posted(NEWER, &body)).await;
        assert_eq!(newer.refused(), (400, code.to_owned()), "{document}: {}", newer.text);
        assert_eq!(newer.json().get("data"), None, "{document}");
        let older = house.send(posted("application/json", &body)).await;
        assert_eq!(older.refused(), (200, code.to_owned()), "{document}");
    }
    assert_eq!(house.query("{").await.json()["errors"][0]["locations"][0]["line"], 1);
}

#[tokio::test]
async fn a_query_may_come_by_get() {
    let house = house();
    let document = encoded("query Q($id: UUID!) { echo(id: $id) }");
    let variables = encoded(r#"{"id": "00000000-0000-0000-0000-000000000001"}"#);
    let answer = house.get(&format!("/graphql?query={document}&variables={variables}&operationName=Q")).await;
    assert_eq!(answer.json(), json!({"data": {"echo": "00000000-0000-0000-0000-000000000001"}}));
    for bad in [String::new(), "?query=%FF&query=a".to_owned(), format!("?query={document}&variables=%5B%5D")]
    {
        assert_eq!(house.get(&format!("/graphql{bad}")).await.refused().0, 400, "{bad}");
    }
}

#[tokio::test]
async fn nothing_is_written_by_get() {
    let house = house();
    for (document, name) in [
        ("mutation { ecrire }", ""),
        ("query A { bonjour } mutation B { ecrire }", "B"),
        ("query A { bonjour } mutation B { ecrire }", ""),
        ("mutation B { ecrire }", "Autre"),
        ("subscription { compte(jusquA: 1) }", ""),
    ] {
        let answer = house.get(&format!("/graphql?query={}&operationName={name}", encoded(document))).await;
        assert_eq!(answer.refused(), (405, "METHODE_NON_PERMISE".to_owned()), "{document} {name}");
        assert_eq!(answer.header("allow"), "POST");
    }
    assert_eq!(house.traces.written.load(Ordering::SeqCst), 0);
    let document = encoded("query A { bonjour } mutation B { ecrire }");
    assert_eq!(house.get(&format!("/graphql?query={document}&operationName=A")).await.status, StatusCode::OK);
    assert_eq!(house.query("mutation { ecrire }").await.json(), json!({"data": {"ecrire": 1}}));
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let house = house_with(Limits { body_bytes: 100, ..Limits::default() });
    let long = json!({"query": "{ bonjour }", "extensions": {"x": "a".repeat(100)}});
    assert_eq!(house.post(&long).await.refused(), (413, "REQUETE_TROP_LONGUE".to_owned()));
    assert_eq!(house.query("{ bonjour }").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_guard_stands_before_the_engine() {
    let house = house();
    let chain: String =
        (0..60).map(|n| format!("fragment f{n} on Lectures {{ ...f{m} ...f{m} }} ", m = n + 1)).collect();
    let bomb = format!("{{ ...f0 }} {chain} fragment f60 on Lectures {{ bonjour }}");
    assert_eq!(house.query(&bomb).await.refused(), (400, "DOCUMENT_TROP_DE_CHAMPS".to_owned()));
    let variables: serde_json::Map<_, _> = (0..65).map(|n| (format!("v{n}"), json!(n))).collect();
    let many = house.post(&json!({"query": "{ bonjour }", "variables": variables})).await;
    assert_eq!(many.refused(), (400, "DOCUMENT_TROP_DE_VARIABLES".to_owned()));
}

#[tokio::test]
async fn the_usual_introspection_passes_the_guard_for_a_compte_and_for_nobody_else() {
    let house = house();
    let body = json!({"query": include_str!("introspection.graphql")});
    let mut request = posted(NEWER, &body);
    request.headers_mut().insert("authorization", house.bearer().parse().unwrap());
    let answer = house.send(request).await;
    assert_eq!(answer.json()["data"]["__schema"]["queryType"]["name"], "Lectures");
    assert_eq!(house.post(&body).await.json()["data"]["__schema"], Value::Null);
}

#[tokio::test]
async fn a_refusal_keeps_its_code_and_gets_the_trace() {
    let answer = house().query("{ bonjour refus }").await;
    assert_eq!(answer.status, StatusCode::OK);
    let error = answer.json()["errors"][0].clone();
    assert_eq!(error["message"], "Cet appel est clos.");
    assert_eq!(error["extensions"]["code"], "APPEL_CLOS");
    assert_eq!(error["extensions"]["trace"], answer.header("x-request-id"));
    assert_eq!(answer.json()["data"], json!({"bonjour": "Bonjour", "refus": null}));
}

#[tokio::test]
async fn a_fault_is_told_by_its_reference_only() {
    let answer = house().query("{ bonjour panne }").await;
    let error = answer.json()["errors"][0].clone();
    assert_eq!(answer.refused(), (200, "ERREUR_INTERNE".to_owned()));
    let reference = format!("réf. {}", answer.header("x-request-id"));
    assert!(error["message"].as_str().unwrap().contains(&reference));
    assert_eq!(answer.json()["data"], json!({"bonjour": "Bonjour", "panne": null}));
    for secret in ["secret", "connection"] {
        assert!(!answer.text.contains(secret), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_wrong_value_is_the_clients_and_is_no_fault() {
    let body = json!({"query": "query ($id: UUID!) { echo(id: $id) }", "variables": {"id": "pas un uuid"}});
    let answer = house().post(&body).await;
    assert_eq!(answer.refused(), (400, "VALEUR_INVALIDE".to_owned()));
    assert!(answer.text.contains("UUID"), "{}", answer.text);
}

#[tokio::test]
async fn a_wrong_value_leaves_no_hole_where_nothing_may_be_missing() {
    let answer = house().query("{ bonjour echo(id: \"pas un uuid\") }").await;
    assert_eq!(answer.refused(), (400, "VALEUR_INVALIDE".to_owned()));
    assert!(answer.json().get("data").is_none(), "{}", answer.text);
}

#[tokio::test]
async fn a_panic_is_one_requests_fault() {
    let house = house();
    let answer = house.query("{ chute }").await;
    assert_eq!(answer.refused(), (500, "ERREUR_INTERNE".to_owned()));
    assert!(!answer.text.contains("floor"), "{}", answer.text);
    assert_eq!(house.query("{ bonjour }").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_thousand_errors_are_told_by_the_first_ones() {
    let document = format!("{{ {} }}", (0..900).map(|n| format!("x{n} ")).collect::<String>());
    assert_eq!(house().query(&document).await.json()["errors"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn resolvers_know_who_asks() {
    let house = house();
    assert_eq!(house.query("{ qui }").await.json(), json!({"data": {"qui": null}}));
    let mut request = posted(NEWER, &json!({"query": "{ qui trace }"}));
    request.headers_mut().insert("authorization", house.bearer().parse().unwrap());
    request.headers_mut().insert("x-request-id", "essai-1".parse().unwrap());
    let answer = house.send(request).await;
    assert_eq!(answer.json(), json!({"data": {"qui": COMPTE.to_string(), "trace": "essai-1"}}));
}
