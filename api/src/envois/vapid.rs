//! Who writes, told to a push service by a signed token (RFC 8292).

use anyhow::{Context, anyhow, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
use web_push_native::p256::pkcs8::EncodePrivateKey;
use zeroize::Zeroizing;

/// How long a token is good: a day at most (RFC 8292, §2), and clocks differ.
const VALIDITE: TimeDelta = TimeDelta::hours(12);

/// The key by which push services and browsers know who writes.
pub struct Vapid {
    cle: EncodingKey,
    publique: String,
    contact: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: String,
    exp: i64,
    sub: &'a str,
}

impl Vapid {
    /// By a private key of P-256, in base64url, and whom a push service may write to about us.
    pub fn par(cle: &SecretString, contact: &str) -> anyhow::Result<Self> {
        let known = ["mailto:", "https://"].iter().any(|scheme| contact.starts_with(scheme));
        ensure!(known, "contact {contact:?} begins neither with mailto: nor with https://");
        // Its reason might quote the key.
        let unreadable = || anyhow!("cle is no private key of P-256 in base64url (32 bytes)");
        let bytes = URL_SAFE_NO_PAD.decode(cle.expose_secret().trim()).map_err(|_| unreadable())?;
        let secret = SecretKey::from_slice(&Zeroizing::new(bytes)).map_err(|_| unreadable())?;
        let publique = URL_SAFE_NO_PAD.encode(secret.public_key().to_encoded_point(false).as_bytes());
        let der = secret.to_pkcs8_der().map_err(|_| unreadable())?;
        Ok(Self { cle: EncodingKey::from_ec_der(der.as_bytes()), publique, contact: contact.to_owned() })
    }

    /// The public half, as browsers are given it.
    pub fn publique(&self) -> &str {
        &self.publique
    }

    /// The header by which the service at an address knows us.
    pub fn autorisation(&self, adresse: &Url, maintenant: DateTime<Utc>) -> anyhow::Result<String> {
        let aud = adresse.origin().ascii_serialization();
        let claims = Claims { aud, exp: (maintenant + VALIDITE).timestamp(), sub: &self.contact };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &self.cle);
        Ok(format!("vapid t={}, k={}", token.context("a token for a push service")?, self.publique))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{DecodingKey, Validation};
    use serde_json::Value;

    /// That of RFC 8291, appendix A.
    const CLE: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
    const PUBLIQUE: &str =
        "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";

    #[test]
    fn a_push_server_knows_us_by_a_token_for_its_origin() {
        let vapid = Vapid::par(&CLE.into(), "mailto:ent@ent.example").unwrap();
        assert_eq!(vapid.publique(), PUBLIQUE);
        let adresse: Url = "https://push.exemple.fr/envoi/secret".parse().unwrap();
        let now = "2026-12-01T09:00:00Z".parse().unwrap();
        let said = vapid.autorisation(&adresse, now).unwrap();
        let token = said.strip_prefix("vapid t=").and_then(|said| said.strip_suffix(PUBLIQUE)).unwrap();
        let token = token.strip_suffix(", k=").unwrap();
        let point = URL_SAFE_NO_PAD.decode(PUBLIQUE).unwrap();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&["https://push.exemple.fr"]);
        validation.validate_exp = false;
        let key = DecodingKey::from_ec_components(&x, &y).unwrap();
        let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims;
        assert_eq!(claims["exp"], (now + VALIDITE).timestamp());
        assert_eq!(claims["sub"], "mailto:ent@ent.example");
    }

    #[test]
    fn what_is_no_key_and_no_contact_is_said() {
        assert!(Vapid::par(&"AAAA".into(), "mailto:ent@ent.example").is_err());
        assert!(Vapid::par(&CLE.into(), "ent@ent.example").is_err());
    }
}
