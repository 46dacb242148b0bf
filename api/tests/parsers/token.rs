//! Bearer tokens: of all texts near a good one, none but itself is good.

use super::target;
use api::identity::{IdentityError, Verifier, demo::DemoIssuer};
use chrono::{DateTime, TimeDelta, Utc};
use domain::CompteId;
use futures::executor::block_on;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use std::sync::Arc;

#[test]
fn a_token_with_a_changed_byte_never_verifies() {
    let now: DateTime<Utc> = "2026-11-23T07:00:00Z".parse().unwrap();
    let compte = CompteId::derived(&["porteur"]);
    let issuer = DemoIssuer::new(&mut ChaCha20Rng::seed_from_u64(1)).unwrap();
    let verifier = Verifier::demo(&issuer, Arc::new(move || now)).unwrap();
    let good = issuer.issue(compte, now, now + TimeDelta::minutes(10)).unwrap();
    assert_eq!(block_on(verifier.verify(&good)).unwrap().compte, compte);
    let expired = issuer.issue(compte, now - TimeDelta::minutes(20), now - TimeDelta::minutes(10)).unwrap();
    assert_eq!(block_on(verifier.verify(&expired)), Err(IdentityError::Expire));

    target!("token", |input| {
        for token in [String::from_utf8_lossy(input).into_owned(), edited(&good, input)] {
            let verified = block_on(verifier.verify(&token));
            assert_eq!(verified.is_ok(), token == good, "{token}");
            if let Err(refusal) = verified {
                assert!(refusal.code().starts_with("JETON_"), "{refusal:?}");
            }
        }
    });
}

/// The token with some of its letters changed, each by a place and a letter of base64url.
fn edited(token: &str, input: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=";
    let mut bytes = token.as_bytes().to_vec();
    for change in input.chunks_exact(3).take(4) {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % bytes.len();
        bytes[at] = LETTERS[usize::from(change[2]) % LETTERS.len()];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
