//! Which tokens are good, and what the others are told.

// A test fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "identity/issuer.rs"]
mod issuer;
#[path = "identity/remembered.rs"]
mod remembered;

use api::identity::{
    Clock, ConfigError, IdentityError, Jeton, JwksSource, Verifier, VerifierConfig,
    demo::{self, DemoIssuer},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use commands::rights::Portees;
use domain::CompteId;
use issuer::Issuer;
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, JwkSet},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use uuid::Uuid;

const ISSUER: &str = "https://idp.example";
const AUDIENCE: &str = "ent";
const COMPTE: CompteId = CompteId(Uuid::from_u128(42));
/// 1 September 2026, 08:00 UTC.
const NOW: i64 = 1_788_249_600;

/// A clock that stands still until it is told to go on.
#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(NOW)))
    }

    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn clock(&self) -> Clock {
        let hand = self.0.clone();
        Arc::new(move || at(hand.load(Ordering::SeqCst)))
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// An Ed25519 key made of one byte, and its public half under an id.
fn ed25519(seed: u8, kid: &str) -> (EncodingKey, Jwk) {
    let head =
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    let key = EncodingKey::from_ed_der(&[head.as_slice(), &[seed; 32]].concat());
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::EdDSA).unwrap();
    jwk.common.key_id = Some(kid.to_owned());
    (key, jwk)
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": COMPTE.to_string(), "scope": Portees::scope_entier(),
        "iat": NOW, "nbf": NOW, "exp": NOW + 600,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn header(algorithm: Algorithm, kid: &str) -> Header {
    Header { typ: Some("at+jwt".to_owned()), kid: Some(kid.to_owned()), ..Header::new(algorithm) }
}

fn signed(claims: &Value) -> String {
    jsonwebtoken::encode(&header(Algorithm::EdDSA, "a"), claims, &ed25519(1, "a").0).unwrap()
}

fn config(jwks: JwksSource) -> VerifierConfig {
    VerifierConfig {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        jwks,
        leeway: TimeDelta::seconds(5),
    }
}

fn verifier_of(keys: Vec<Jwk>) -> Verifier {
    Verifier::new(config(JwksSource::Static(JwkSet { keys })), Hand::new().clock()).unwrap()
}

async fn verdict(token: &str) -> Result<Jeton, IdentityError> {
    verifier_of(vec![ed25519(1, "a").1]).verify(token).await
}

#[tokio::test]
async fn a_good_token_tells_the_compte_and_the_expiry() {
    let jeton = Jeton { compte: COMPTE, expire: at(NOW + 600), portees: Portees::default() };
    assert_eq!(verdict(&signed(&claims())).await, Ok(jeton));
    assert_eq!(verdict(&signed(&with("aud", json!(["autre", AUDIENCE])))).await, Ok(jeton));
    let mut without_nbf = claims();
    without_nbf.as_object_mut().unwrap().remove("nbf");
    assert_eq!(verdict(&signed(&without_nbf)).await, Ok(jeton));
}

#[tokio::test]
async fn a_token_is_for_the_parts_of_the_ent_that_its_scope_names() {
    let portees =
        async |scope: Value| verdict(&signed(&with("scope", scope))).await.map(|jeton| jeton.portees);
    assert_eq!(portees(json!("openid absences")).await, Ok(Portees::of_scope("absences")));
    assert_eq!(portees(json!("openid")).await, Ok(Portees::of_scope("")));
    assert_eq!(portees(Value::Null).await, Ok(Portees::of_scope("")), "without a scope, for no part");
    assert_eq!(portees(json!(["absences"])).await, Err(IdentityError::Illisible));
}

#[tokio::test]
async fn time_is_judged_by_the_clock_at_hand_within_the_leeway() {
    let expired = |ago: i64| signed(&with("exp", json!(NOW - ago)));
    assert!(verdict(&expired(4)).await.is_ok());
    assert_eq!(verdict(&expired(5)).await, Err(IdentityError::Expire));
    let to_come = |ahead: i64| signed(&with("nbf", json!(NOW + ahead)));
    assert!(verdict(&to_come(5)).await.is_ok());
    assert_eq!(verdict(&to_come(6)).await, Err(IdentityError::PasEncoreValable));
}

#[tokio::test]
async fn a_token_of_or_for_somebody_else_is_refused() {
    let refused =
        |name: &'static str, value: Value| async move { verdict(&signed(&with(name, value))).await };
    assert_eq!(refused("iss", json!("https://autre.example")).await, Err(IdentityError::AutreEmetteur));
    assert_eq!(refused("iss", json!(demo::ISSUER)).await, Err(IdentityError::AutreEmetteur));
    assert_eq!(refused("iss", Value::Null).await, Err(IdentityError::AutreEmetteur));
    assert_eq!(refused("aud", json!("autre")).await, Err(IdentityError::AutreDestinataire));
    assert_eq!(refused("aud", json!([])).await, Err(IdentityError::AutreDestinataire));
    assert_eq!(refused("aud", Value::Null).await, Err(IdentityError::AutreDestinataire));
}

#[tokio::test]
async fn a_token_must_name_a_compte_and_an_end() {
    for sub in [Value::Null, json!(""), json!("jeanne.dupont"), json!("42")] {
        assert_eq!(verdict(&signed(&with("sub", sub))).await, Err(IdentityError::SansCompte));
    }
    for exp in [Value::Null, json!("demain"), json!(1e300)] {
        assert_eq!(verdict(&signed(&with("exp", exp))).await, Err(IdentityError::Illisible));
    }
}

#[tokio::test]
async fn an_unsigned_token_is_refused() {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    for alg in ["none", "None", "HS256", "HS512", "PS256", "RS512", "ES384", ""] {
        let head = encode(&json!({"alg": alg, "typ": "at+jwt", "kid": "a"}));
        let token = format!("{head}.{}.", encode(&claims()));
        assert_eq!(verdict(&token).await, Err(IdentityError::AlgorithmeRefuse), "{alg}");
    }
}

#[tokio::test]
async fn our_public_key_is_nobodys_secret() {
    let (_, jwk) = ed25519(1, "a");
    let public = serde_json::to_value(&jwk).unwrap()["x"].as_str().unwrap().to_owned();
    for secret in [public.as_bytes(), &URL_SAFE_NO_PAD.decode(&public).unwrap()] {
        let key = EncodingKey::from_secret(secret);
        let token = jsonwebtoken::encode(&header(Algorithm::HS256, "a"), &claims(), &key).unwrap();
        assert_eq!(verdict(&token).await, Err(IdentityError::AlgorithmeRefuse));
    }
}

#[tokio::test]
async fn a_key_verifies_by_its_own_algorithm_only() {
    let head = URL_SAFE_NO_PAD.encode(json!({"alg": "RS256", "typ": "at+jwt", "kid": "a"}).to_string());
    let good = signed(&claims());
    let (_, rest) = good.split_once('.').unwrap();
    assert_eq!(verdict(&format!("{head}.{rest}")).await, Err(IdentityError::AlgorithmeRefuse));
}

#[tokio::test]
async fn a_signature_is_of_one_content_by_one_key() {
    let other = jsonwebtoken::encode(&header(Algorithm::EdDSA, "a"), &claims(), &ed25519(2, "a").0).unwrap();
    assert_eq!(verdict(&other).await, Err(IdentityError::SignatureFausse));
    let good = signed(&claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let longer = signed(&with("exp", json!(NOW + 6000)));
    let (longer, _) = longer.rsplit_once('.').unwrap();
    assert_eq!(verdict(&format!("{longer}.{signature}")).await, Err(IdentityError::SignatureFausse));
    assert_eq!(verdict(&format!("{message}.")).await, Err(IdentityError::SignatureFausse));
    assert_eq!(verdict(&format!("{message}.***")).await, Err(IdentityError::SignatureFausse));
}

#[tokio::test]
async fn garbage_is_unreadable_and_a_long_token_is_not_even_read() {
    for garbage in ["", ".", "..", "...", "a.b.c", "é.é.é", "bonjour", "eyJhbGciOiJFZERTQSJ9.e30.x"] {
        assert_eq!(verdict(garbage).await, Err(IdentityError::Illisible), "{garbage}");
    }
    assert_eq!(verdict(&"a".repeat(8 * 1024 + 1)).await, Err(IdentityError::TropLong));
    assert_eq!(verdict(&"a".repeat(8 * 1024)).await, Err(IdentityError::Illisible));
}

#[tokio::test]
async fn the_header_says_what_the_token_is() {
    let key = ed25519(1, "a").0;
    let of = |header: Header| jsonwebtoken::encode(&header, &claims(), &key).unwrap();
    let base = header(Algorithm::EdDSA, "a");
    for typ in ["JWT", "AT+JWT", "application/at+jwt"] {
        assert!(verdict(&of(Header { typ: Some(typ.to_owned()), ..base.clone() })).await.is_ok(), "{typ}");
    }
    for typ in [None, Some("logout+jwt".to_owned())] {
        assert_eq!(verdict(&of(Header { typ, ..base.clone() })).await, Err(IdentityError::Illisible));
    }
    let critical = Header { crit: Some(vec!["b64".to_owned()]), ..base.clone() };
    assert_eq!(verdict(&of(critical)).await, Err(IdentityError::Illisible));
    let keyless = Header { kid: None, ..base };
    assert_eq!(verdict(&of(keyless)).await, Err(IdentityError::CleInconnue));
}

/// Signed once by OpenSSL through Node; the private keys were thrown away.
#[tokio::test]
async fn rsa_and_p256_signatures_of_another_program_are_verified() {
    let vectors: Value = serde_json::from_str(include_str!("identity/openssl.json")).unwrap();
    let keys: JwkSet = serde_json::from_value(vectors["jwks"].clone()).unwrap();
    let verifier = verifier_of(keys.keys);
    for algorithm in ["RS256", "ES256"] {
        let token = vectors[algorithm].as_str().unwrap();
        assert_eq!(verifier.verify(token).await.unwrap().compte, COMPTE, "{algorithm}");
        let (head, tail) = token.split_at(token.len() - 9);
        let other = if tail.starts_with('A') { 'B' } else { 'A' };
        let forged = format!("{head}{other}{}", &tail[1..]);
        assert_eq!(verifier.verify(&forged).await, Err(IdentityError::SignatureFausse), "{algorithm}");
    }
}

fn verifier_at(issuer: &Issuer, hand: &Hand) -> Verifier {
    Verifier::new(config(JwksSource::Url(issuer.url.parse().unwrap())), hand.clock()).unwrap()
}

fn signed_by(seed: u8, kid: &str) -> String {
    let claims = with("exp", json!(NOW + 100_000));
    jsonwebtoken::encode(&header(Algorithm::EdDSA, kid), &claims, &ed25519(seed, kid).0).unwrap()
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_when_the_issuer_rotates_them() {
    let hand = Hand::new();
    let issuer = Issuer::start(vec![ed25519(1, "a").1]).await;
    let verifier = verifier_at(&issuer, &hand);
    assert_eq!(issuer.asked(), 0);
    for _ in 0..3 {
        assert!(verifier.verify(&signed_by(1, "a")).await.is_ok());
    }
    assert_eq!(issuer.asked(), 1);

    issuer.publish(&json!([ed25519(2, "b").1]));
    hand.advance(30);
    assert!(verifier.verify(&signed_by(2, "b")).await.is_ok());
    assert_eq!(issuer.asked(), 2);
    assert_eq!(verifier.verify(&signed_by(1, "a")).await, Err(IdentityError::CleInconnue));
}

#[tokio::test]
async fn made_up_key_ids_cost_the_issuer_one_fetch_per_half_minute() {
    let hand = Hand::new();
    let issuer = Issuer::start(vec![ed25519(1, "a").1]).await;
    let verifier = verifier_at(&issuer, &hand);
    let attacks = (0..20).map(|n| {
        let (verifier, token) = (&verifier, signed_by(9, &format!("x{n}")));
        async move { verifier.verify(&token).await }
    });
    for verdict in futures::future::join_all(attacks).await {
        assert_eq!(verdict, Err(IdentityError::CleInconnue));
    }
    assert_eq!(issuer.asked(), 1);
    hand.advance(29);
    assert_eq!(verifier.verify(&signed_by(9, "y")).await, Err(IdentityError::CleInconnue));
    assert_eq!(issuer.asked(), 1);
    hand.advance(1);
    assert_eq!(verifier.verify(&signed_by(9, "z")).await, Err(IdentityError::CleInconnue));
    assert_eq!(issuer.asked(), 2);
    assert!(verifier.verify(&signed_by(1, "a")).await.is_ok());
}

#[tokio::test]
async fn a_token_of_another_issuer_costs_no_fetch() {
    let issuer = Issuer::start(vec![]).await;
    let token = signed(&with("iss", json!("https://autre.example")));
    let verdict = verifier_at(&issuer, &Hand::new()).verify(&token).await;
    assert_eq!((verdict, issuer.asked()), (Err(IdentityError::AutreEmetteur), 0));
}

#[tokio::test]
async fn a_withdrawn_key_is_forgotten_within_the_hour() {
    let hand = Hand::new();
    let issuer = Issuer::start(vec![ed25519(1, "a").1]).await;
    let verifier = verifier_at(&issuer, &hand);
    assert!(verifier.verify(&signed_by(1, "a")).await.is_ok());
    issuer.publish(&json!([]));
    hand.advance(3599);
    assert!(verifier.verify(&signed_by(1, "a")).await.is_ok());
    hand.advance(1);
    assert_eq!(verifier.verify(&signed_by(1, "a")).await, Err(IdentityError::CleInconnue));
}

#[tokio::test]
async fn an_issuer_out_of_reach_keeps_nobody_out_whose_key_is_known() {
    let hand = Hand::new();
    let issuer = Issuer::start(vec![ed25519(1, "a").1]).await;
    let verifier = verifier_at(&issuer, &hand);
    issuer.answer("<html>");
    assert_eq!(verifier.verify(&signed_by(1, "a")).await, Err(IdentityError::ClesIndisponibles));
    issuer.publish(&json!([ed25519(1, "a").1]));
    hand.advance(30);
    assert!(verifier.verify(&signed_by(1, "a")).await.is_ok());
    issuer.answer(&" ".repeat(256 * 1024 + 1));
    hand.advance(3600);
    assert!(verifier.verify(&signed_by(1, "a")).await.is_ok());
    assert_eq!(issuer.asked(), 3);
}

#[tokio::test]
async fn keys_that_verify_no_signature_are_passed_over() {
    let issuer = Issuer::start(vec![]).await;
    let mut encryption = serde_json::to_value(ed25519(1, "enc").1).unwrap();
    encryption["use"] = json!("enc");
    let strange = json!({"kty": "LATTICE", "kid": "q", "alg": "ML-DSA-44"});
    let secret = json!({"kty": "oct", "kid": "oct", "k": "AAAA"});
    issuer.publish(&json!([encryption, strange, secret, "bonjour", ed25519(1, "a").1]));
    let verifier = verifier_at(&issuer, &Hand::new());
    assert!(verifier.verify(&signed_by(1, "a")).await.is_ok());
    for kid in ["enc", "q", "oct"] {
        assert_eq!(verifier.verify(&signed_by(1, kid)).await, Err(IdentityError::CleInconnue), "{kid}");
    }
}

#[tokio::test]
async fn keys_are_read_from_a_file_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, json!({"keys": [ed25519(1, "a").1]}).to_string()).unwrap();
    let verifier = Verifier::new(config(JwksSource::File(path)), Hand::new().clock()).unwrap();
    assert!(verifier.verify(&signed_by(1, "a")).await.is_ok());
}

#[test]
fn keys_come_over_https_or_from_this_machine() {
    let source = |url: &str| {
        let source = JwksSource::Url(url.parse().unwrap());
        Verifier::new(config(source), Hand::new().clock()).map(|_| ())
    };
    for url in
        ["https://idp.example/jwks", "http://127.0.0.1/jwks", "http://[::1]/jwks", "http://localhost/jwks"]
    {
        assert!(source(url).is_ok(), "{url}");
    }
    for url in ["http://idp.example/jwks", "http://127.0.0.1.example/jwks", "ftp://127.0.0.1/jwks"] {
        assert!(matches!(source(url), Err(ConfigError::Source(_))), "{url}");
    }
}

#[tokio::test]
async fn the_demo_takes_its_own_tokens_until_they_expire() {
    let hand = Hand::new();
    let issuer = DemoIssuer::new(&mut ChaCha20Rng::seed_from_u64(1)).unwrap();
    let verifier = Verifier::demo(&issuer, hand.clock()).unwrap();
    let token = issuer.issue(COMPTE, at(NOW), at(NOW + 60)).unwrap();
    assert_eq!(
        verifier.verify(&token).await,
        Ok(Jeton { compte: COMPTE, expire: at(NOW + 60), portees: Portees::default() })
    );
    let other = DemoIssuer::new(&mut ChaCha20Rng::seed_from_u64(2)).unwrap();
    let foreign = other.issue(COMPTE, at(NOW), at(NOW + 60)).unwrap();
    assert_eq!(verifier.verify(&foreign).await, Err(IdentityError::CleInconnue));
    hand.advance(60);
    assert_eq!(verifier.verify(&token).await, Err(IdentityError::Expire));
}

#[tokio::test]
async fn only_the_demo_takes_the_demos_tokens() {
    let issuer = DemoIssuer::new(&mut ChaCha20Rng::seed_from_u64(1)).unwrap();
    let keys = JwksSource::Static(issuer.jwks().clone());
    let as_real = VerifierConfig { issuer: demo::ISSUER.to_owned(), ..config(keys.clone()) };
    assert!(matches!(Verifier::new(as_real, Hand::new().clock()), Err(ConfigError::DemoIssuer)));
    let real = Verifier::new(config(keys), Hand::new().clock()).unwrap();
    let token = issuer.issue(COMPTE, at(NOW), at(NOW + 60)).unwrap();
    assert_eq!(real.verify(&token).await, Err(IdentityError::AutreEmetteur));
}
