//! The tokens of a provider: who signed in (OIDC Core 1.0, §3.1.3.7), who signed out (OIDC
//! Back-Channel Logout 1.0, §2.6).

use super::decouverte::Annonce;
use super::{LEEWAY, OidcError, Sortie, Vouched};
use crate::identity::token::{Unverified, instant};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// ID tokens say `JWT`, or nothing; never what access tokens do.
const ID: &[&str] = &["jwt", ""];
/// Logout tokens should have a type of their own (§2.4).
const LOGOUT: &[&str] = &["logout+jwt", "application/logout+jwt", "jwt", ""];
/// What a logout token is about.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// A token that was made longer ago than this is not of this sign-in.
const OLD: TimeDelta = TimeDelta::minutes(10);
/// Longest name of a person or of a sign-in (OIDC Core §2).
const NAME_MAX: usize = 255;

/// What every token of a provider says.
#[derive(Deserialize)]
struct Common {
    iss: String,
    aud: Value,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    sub: Option<String>,
    sid: Option<String>,
}

/// Who signed in.
pub(super) struct IdClaims {
    common: Common,
    sub: String,
    said: Map<String, Value>,
}

/// Who signed out.
pub(super) struct LogoutClaims;

impl IdClaims {
    /// The claims of an ID token that holds now, for us and for this sign-in.
    pub async fn verified(
        token: &str,
        annonce: &Annonce,
        client_id: &str,
        nonce: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, OidcError> {
        let said: Map<String, Value> = signed(token, ID, annonce).await?;
        let common = common(&said, annonce, client_id, now)?;
        if said.get("nonce").and_then(Value::as_str) != Some(nonce) {
            return Err(OidcError::Claim("nonce"));
        }
        let sub = common.sub.clone().filter(|sub| is_name(sub)).ok_or(OidcError::Claim("sub"))?;
        Ok(Self { common, sub, said })
    }

    pub fn vouched(self) -> Vouched {
        Vouched { sub: self.sub, sid: self.common.sid.filter(|sid| is_name(sid)), said: self.said }
    }
}

impl LogoutClaims {
    /// What a logout token that holds now says. It is no ID token: one that has a nonce is
    /// refused.
    pub async fn verified(
        token: &str,
        annonce: &Annonce,
        client_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Sortie, OidcError> {
        let said: Map<String, Value> = signed(token, LOGOUT, annonce).await?;
        let Common { exp, sub, sid, .. } = common(&said, annonce, client_id, now)?;
        let about = said.get("events").and_then(|events| events.get(EVENT));
        if !about.is_some_and(Value::is_object) {
            return Err(OidcError::Claim("events"));
        }
        if said.contains_key("nonce") {
            return Err(OidcError::Claim("nonce"));
        }
        let (sub, sid) = (sub.filter(|sub| is_name(sub)), sid.filter(|sid| is_name(sid)));
        if sub.is_none() && sid.is_none() {
            return Err(OidcError::Claim("sub or sid"));
        }
        let jti = said.get("jti").and_then(Value::as_str).filter(|jti| is_name(jti));
        let jti = jti.ok_or(OidcError::Claim("jti"))?.to_owned();
        Ok(Sortie { sid, sub, jti, expire: instant(exp).ok_or(OidcError::Claim("exp"))? + LEEWAY })
    }
}

async fn signed<C: DeserializeOwned>(token: &str, types: &[&str], annonce: &Annonce) -> Result<C, OidcError> {
    let token = Unverified::<C>::read(token, types)?;
    token.vouched_for_by(&*annonce.keys.find(&token.kid).await?)?;
    Ok(token.claims)
}

fn common(
    said: &Map<String, Value>,
    annonce: &Annonce,
    client_id: &str,
    now: DateTime<Utc>,
) -> Result<Common, OidcError> {
    let common: Common = serde_json::from_value(Value::Object(said.clone()))
        .map_err(|_| OidcError::Claim("a mandatory claim"))?;
    if common.iss != annonce.issuer {
        return Err(OidcError::Claim("iss"));
    }
    let (ours, several) = match &common.aud {
        Value::String(one) => (one == client_id, false),
        Value::Array(many) => (many.iter().any(|one| one == client_id), many.len() > 1),
        _ => (false, false),
    };
    if !ours {
        return Err(OidcError::Claim("aud"));
    }
    match &common.azp {
        Some(azp) if azp != client_id => return Err(OidcError::Claim("azp")),
        None if several => return Err(OidcError::Claim("azp")),
        Some(_) | None => {}
    }
    let expire = instant(common.exp).ok_or(OidcError::Claim("exp"))?;
    if now >= expire + LEEWAY {
        return Err(OidcError::Claim("exp"));
    }
    let made = instant(common.iat).ok_or(OidcError::Claim("iat"))?;
    if made > now + LEEWAY || now - made > OLD {
        return Err(OidcError::Claim("iat"));
    }
    Ok(common)
}

fn is_name(text: &str) -> bool {
    (1..=NAME_MAX).contains(&text.len())
}
