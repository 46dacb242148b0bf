//! Trusted documents: GraphQL over HTTP, appendix A.

use super::house::{COMPTE, House, house_of};
use api::http::{Limits, Others, Trusted, guard::Bounds};
use axum::{body::Body, http::Request};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

const DOCUMENT: &str = "query Q($id: UUID!) { echo(id: $id) }";
const MUTATION: &str = "mutation { ecrire }";
const UUID: &str = "00000000-0000-0000-0000-000000000001";

/// A house that knows two documents, and takes other words of these comptes only.
fn strict(of: &[domain::CompteId]) -> House {
    let mut trusted = Trusted::new(Others::Of(BTreeSet::from_iter(of.iter().copied())));
    for document in [DOCUMENT, MUTATION] {
        trusted.admit(document, &Bounds::default()).unwrap();
    }
    house_of(Limits::default(), trusted)
}

fn address(document: &str) -> String {
    let id = Trusted::id(document).replace(':', "%3A");
    format!("/graphql?documentId={id}&variables=%7B%22id%22%3A%22{UUID}%22%7D")
}

#[tokio::test]
async fn a_document_is_asked_for_by_the_hash_of_its_text() {
    let house = strict(&[]);
    let body = json!({"documentId": Trusted::id(DOCUMENT), "variables": {"id": UUID}});
    assert_eq!(house.post(&body).await.json(), json!({"data": {"echo": UUID}}));
    assert_eq!(house.get(&address(DOCUMENT)).await.json(), json!({"data": {"echo": UUID}}));
    let unknown = house.post(&json!({"documentId": "sha256:00"})).await;
    assert_eq!(unknown.refused(), (400, "DOCUMENT_INCONNU".to_owned()));
}

#[tokio::test]
async fn a_request_means_one_document() {
    let house = strict(&[]);
    for body in [json!({}), json!({"query": DOCUMENT, "documentId": Trusted::id(DOCUMENT)})] {
        assert_eq!(house.post(&body).await.refused(), (400, "REQUETE_MALFORMEE".to_owned()), "{body}");
    }
}

#[tokio::test]
async fn where_only_trusted_documents_are_taken_other_words_are_those_of_the_named_comptes() {
    let house = strict(&[]);
    assert_eq!(house.query("{ bonjour }").await.refused(), (400, "DOCUMENT_NON_APPROUVE".to_owned()));
    let written_out = json!({"query": DOCUMENT, "variables": {"id": UUID}});
    assert_eq!(house.post(&written_out).await.json(), json!({"data": {"echo": UUID}}));
    for (house, code) in [(strict(&[COMPTE]), ""), (strict(&[]), "DOCUMENT_NON_APPROUVE")] {
        let mut request = super::house::posted("application/json", &json!({"query": "{ bonjour }"}));
        request.headers_mut().insert("authorization", house.bearer().parse().unwrap());
        assert_eq!(house.send(request).await.code(), code);
    }
}

#[tokio::test]
async fn an_answer_to_a_named_query_may_be_kept_by_its_client_and_asked_about() {
    let house = strict(&[]);
    let answer = house.get(&address(DOCUMENT)).await;
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(answer.header("vary"), "authorization, accept");
    let tag = answer.header("etag").to_owned();
    let again = |tag: &str| {
        house.send(Request::get(address(DOCUMENT)).header("if-none-match", tag).body(Body::empty()).unwrap())
    };
    let same = again(&tag).await;
    assert_eq!((same.status.as_u16(), same.text.as_str()), (304, ""));
    assert_eq!(again("\"autre\"").await.status.as_u16(), 200);
    // What was asked in its own words, or failed, is not kept.
    let failed = house.get(&address(DOCUMENT).replace(UUID, "x")).await;
    assert_eq!((failed.header("cache-control"), failed.header("etag")), ("no-store", ""));
}

#[tokio::test]
async fn a_named_mutation_is_not_executed_by_get() {
    let house = strict(&[]);
    let refused = house.get(&address(MUTATION)).await.refused();
    assert_eq!(refused, (405, "METHODE_NON_PERMISE".to_owned()));
    assert_eq!(house.traces.written.load(Ordering::SeqCst), 0);
}
