//! The answer of one provider is not taken for another's (RFC 9207, « mix-up »).

use super::*;
use crate::identity::JwksSource;
use crate::identity::keys::Keys;
use jsonwebtoken::jwk::JwkSet;

const UN: &str = "https://un.exemple.fr";
const AUTRE: &str = "https://autre.exemple.fr";

/// A provider that has announced itself, and does not answer any more.
fn provider(issuer: &str) -> Oidc {
    let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    let clock: Clock = Arc::new(move || now);
    let keys = Keys::new(JwksSource::Static(JwkSet { keys: vec![] }), clock.clone()).unwrap();
    let annonce = Annonce::of(issuer, &"http://127.0.0.1:1/".parse().unwrap(), keys);
    let retour = "https://ent.exemple.fr/connexion/educonnect/retour".parse().unwrap();
    let mut oidc = Oidc::new(issuer.parse().unwrap(), "ent".to_owned(), None, vec![], retour, clock).unwrap();
    oidc.annonce.get_mut().last = Some((Arc::new(annonce), now));
    oidc
}

/// Whether a code that came back with this `iss` is brought to the provider, as far as it is there.
async fn is_brought(code_for: &Oidc, iss: Option<&str>) -> bool {
    let aller = Aller { etat: "etat", nonce: "nonce", verifier: "verifier" };
    match code_for.retour("code", iss, aller, std::iter::empty()).await.err() {
        Some(OidcError::Claim("iss of the answer")) => false,
        Some(OidcError::Asked(_) | OidcError::Code(_)) => true,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_code_is_brought_to_the_issuer_that_gave_it_and_to_no_other() {
    let (un, autre) = (provider(UN), provider(AUTRE));
    assert!(is_brought(&un, Some(UN)).await && is_brought(&autre, Some(AUTRE)).await);
    assert!(!is_brought(&un, Some(AUTRE)).await, "the other's answer, at the way back of this one");
    assert!(!is_brought(&autre, Some(UN)).await);
}

#[tokio::test]
async fn an_issuer_is_named_to_the_letter_or_not_at_all() {
    let un = provider(UN);
    for near in ["", "https://un.exemple.fr/", "HTTPS://un.exemple.fr", "http://un.exemple.fr"] {
        assert!(!is_brought(&un, Some(near)).await, "{near:?}");
    }
    assert!(is_brought(&un, None).await, "a provider from before RFC 9207 names none");
}
