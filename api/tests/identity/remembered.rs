//! A token that was verified is not verified again, and not believed for that.

use super::{COMPTE, Hand, NOW, config, ed25519, header, issuer::Issuer, signed_by, verifier_at, with};
use api::identity::{IdentityError, JwksSource, Verifier};
use jsonwebtoken::{Algorithm, jwk::JwkSet};
use serde_json::json;

#[tokio::test]
async fn its_dates_are_looked_at_every_time() {
    let hand = Hand::new();
    let jwks = JwksSource::Static(JwkSet { keys: vec![ed25519(1, "a").1] });
    let verifier = Verifier::new(config(jwks), hand.clock()).unwrap();
    let token = jsonwebtoken::encode(
        &header(Algorithm::EdDSA, "a"),
        &with("exp", json!(NOW + 60)),
        &ed25519(1, "a").0,
    )
    .unwrap();
    for _ in 0..3 {
        assert_eq!(verifier.verify(&token).await.map(|jeton| jeton.compte), Ok(COMPTE));
    }
    hand.advance(65);
    assert_eq!(verifier.verify(&token).await, Err(IdentityError::Expire));
    hand.advance(-65 - 6);
    assert_eq!(verifier.verify(&token).await, Err(IdentityError::PasEncoreValable));
    hand.advance(6);
    assert!(verifier.verify(&token).await.is_ok());
}

#[tokio::test]
async fn another_key_under_the_same_id_has_not_vouched_for_it() {
    let hand = Hand::new();
    let issuer = Issuer::start(vec![ed25519(1, "a").1]).await;
    let verifier = verifier_at(&issuer, &hand);
    assert!(verifier.verify(&signed_by(1, "a")).await.is_ok());
    issuer.publish(&json!([ed25519(2, "a").1]));
    hand.advance(3600);
    assert_eq!(verifier.verify(&signed_by(1, "a")).await, Err(IdentityError::SignatureFausse));
    assert!(verifier.verify(&signed_by(2, "a")).await.is_ok());
}
