//! Messages to devices, by the push service of who made the browser (RFC 8030), which reads none of
//! them (RFC 8291).
//!
//! Whoever has a device chooses its push service: one that is slow, gone or ours to mend counts
//! against this message alone and never stops the round.

use super::frontiere::Dehors;
use super::vapid::Vapid;
use super::{Message, Passeur, Refus};
use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::notifications::{Appareil, Canal, Echec};
use reqwest::{Client, ClientBuilder, RequestBuilder, StatusCode, Url, header, redirect};
use std::error::Error;
use std::time::{Duration, SystemTime};
use web_push_native::Auth;
use web_push_native::p256::PublicKey;

/// For a push service to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a push service keeps a message for a device that is off: news of a school day is no news
/// the day after.
const GARDE_S: u64 = 24 * 60 * 60;

/// See the module.
pub struct Appareils {
    client: Client,
    vapid: Vapid,
    essai: Option<Url>,
}

impl Appareils {
    /// To the push services that devices name.
    pub fn par(vapid: Vapid) -> anyhow::Result<Self> {
        let client = client().dns_resolver(Dehors).https_only(true).build()?;
        Ok(Self { client, vapid, essai: None })
    }

    /// To one address, whatever devices name: a trial, in which nobody should be written to.
    pub fn a_l_essai(vapid: Vapid, essai: Url) -> anyhow::Result<Self> {
        Ok(Self { client: client().build()?, vapid, essai: Some(essai) })
    }

    fn request(&self, message: &Message, appareil: &Appareil) -> Result<RequestBuilder, Refus> {
        let impossible = || Refus::Message(Echec::AdresseRefusee);
        let adresse: Url = appareil.adresse.parse().map_err(|_| impossible())?;
        let body = chiffrer(appareil, &message.texte).ok_or_else(impossible)?;
        let autorisation = self.vapid.autorisation(&adresse, maintenant()).map_err(Refus::Passeur)?;
        let to = match self.essai.clone() {
            Some(mut essai) => {
                essai.set_path(adresse.path());
                essai
            }
            None => adresse,
        };
        Ok(self
            .client
            .post(to)
            .header("Authorization", autorisation)
            .header("Content-Encoding", "aes128gcm")
            .header("Content-Type", "application/octet-stream")
            .header("TTL", GARDE_S)
            .header("Urgency", if message.urgent { "high" } else { "normal" })
            // What is sent again takes the place of what still waits (RFC 8030, §5.4).
            .header("Topic", &message.id)
            .body(body))
    }
}

/// What a proxy would look up for us, the frontier would not see.
fn client() -> ClientBuilder {
    Client::builder().timeout(PATIENCE).redirect(redirect::Policy::none()).no_proxy()
}

/// Whether messages can be enciphered for a device: its key is a point of the curve.
pub fn est_lisible(appareil: &Appareil) -> bool {
    cles(appareil).is_some()
}

fn cles(appareil: &Appareil) -> Option<(PublicKey, Auth)> {
    let point = URL_SAFE_NO_PAD.decode(&appareil.cle).ok()?;
    let secret: [u8; 16] = URL_SAFE_NO_PAD.decode(&appareil.secret).ok()?.try_into().ok()?;
    Some((PublicKey::from_sec1_bytes(&point).ok()?, Auth::from(secret)))
}

fn chiffrer(appareil: &Appareil, texte: &str) -> Option<Vec<u8>> {
    let (cle, secret) = cles(appareil)?;
    web_push_native::encrypt(texte.as_bytes().to_vec(), &cle, &secret).ok()
}

#[async_trait]
impl Passeur for Appareils {
    fn canal(&self) -> Canal {
        Canal::Appareil
    }

    fn cle(&self) -> Option<&str> {
        Some(self.vapid.publique())
    }

    async fn remettre(&self, message: &Message) -> Result<(), Refus> {
        let appareil = message.appareil.as_ref().ok_or(Refus::Message(Echec::AdresseRefusee))?;
        match self.request(message, appareil)?.send().await {
            Ok(answer) => {
                let retry = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
                issue(answer.status(), retry, maintenant())
            }
            Err(error) => {
                let error = error.without_url();
                tracing::warn!(error = &error as &dyn Error, "a push service cannot be reached");
                Err(Refus::Message(Echec::RefusPassager))
            }
        }
    }
}

#[allow(clippy::disallowed_methods)] // the edge that dates tokens, and that push services give dates to
fn maintenant() -> DateTime<Utc> {
    Utc::now()
}

/// What a push service's answer says of a device (RFC 8030, §5, 7.3 and 8.4; RFC 8292, §4.2); `retry` is
/// how long it wants to be left alone, or until when.
fn issue(status: StatusCode, retry: Option<&str>, maintenant: DateTime<Utc>) -> Result<(), Refus> {
    let asked = retry.and_then(|retry| repit(retry.trim(), maintenant));
    let later = || asked.map_or(Refus::Message(Echec::RefusPassager), Refus::PlusTard);
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(Refus::Message(Echec::AdresseInexistante)),
        StatusCode::TOO_MANY_REQUESTS => Err(later()),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            tracing::warn!(%status, "a push service does not take our key");
            Err(Refus::Message(Echec::RefusPassager))
        }
        status if status.is_client_error() => Err(Refus::Message(Echec::AdresseRefusee)),
        _ => Err(later()),
    }
}

/// For how long whoever answers so asks to be left alone (RFC 9110, §10.2.3): so many seconds, or until a
/// date; one that is over asks for nothing more.
fn repit(retry: &str, maintenant: DateTime<Utc>) -> Option<Duration> {
    match retry.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let date = httpdate::parse_http_date(retry).ok()?;
            Some(date.duration_since(SystemTime::from(maintenant)).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use web_push_native::p256::SecretKey;

    /// RFC 8291, appendix A.
    const PRIVEE: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
    const PUBLIQUE: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const SECRET: &str = "BTBZMqHH6r4Tts7J_aSIgg";
    const CHIFFRE: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    const CLAIR: &str = "When I grow up, I want to be a watermelon";

    fn now() -> DateTime<Utc> {
        "2026-10-21T07:20:00Z".parse().unwrap()
    }

    fn appareil(cle: &str) -> Appareil {
        Appareil::new("https://push.exemple.fr/envoi/a", cle, SECRET, "Mon téléphone").unwrap()
    }

    fn dechiffrer(chiffre: Vec<u8>) -> String {
        let privee = SecretKey::from_slice(&URL_SAFE_NO_PAD.decode(PRIVEE).unwrap()).unwrap();
        let (_, secret) = cles(&appareil(PUBLIQUE)).unwrap();
        String::from_utf8(web_push_native::decrypt(chiffre, &privee, &secret).unwrap()).unwrap()
    }

    #[test]
    fn what_the_rfc_enciphers_is_read_by_the_keys_of_a_device() {
        assert_eq!(dechiffrer(URL_SAFE_NO_PAD.decode(CHIFFRE).unwrap()), CLAIR);
    }

    #[test]
    fn only_the_device_reads_a_message_and_no_two_are_alike() {
        let (one, other) = (chiffrer(&appareil(PUBLIQUE), CLAIR), chiffrer(&appareil(PUBLIQUE), CLAIR));
        assert_ne!(one, other);
        assert_eq!(dechiffrer(one.unwrap()), CLAIR);
    }

    #[test]
    fn a_key_that_is_no_point_of_the_curve_is_found() {
        assert!(est_lisible(&appareil(PUBLIQUE)));
        assert!(!est_lisible(&appareil(&format!("B{}", "A".repeat(86)))));
    }

    #[test]
    fn a_device_is_lost_only_where_it_says_so() {
        let lost = |code: u16| {
            let answer = issue(StatusCode::from_u16(code).unwrap(), None, now());
            matches!(answer, Err(Refus::Message(Echec::AdresseInexistante)))
        };
        assert!(lost(404) && lost(410));
        assert!(![201, 202, 400, 401, 403, 413, 429, 500, 503].into_iter().any(lost));
        assert!(matches!(issue(StatusCode::CREATED, None, now()), Ok(())));
    }

    #[test]
    fn who_has_too_much_to_do_is_left_alone_as_long_as_it_asks() {
        for status in [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE] {
            for vague in [None, Some("demain"), Some("Wed, 21 Oct 2026"), Some("-1"), Some("")] {
                assert!(
                    matches!(issue(status, vague, now()), Err(Refus::Message(Echec::RefusPassager))),
                    "{vague:?}"
                );
            }
            // Seconds, and a date in each of the forms that HTTP knows (RFC 9110, §5.6.7).
            for (retry, seconds) in [
                ("120", 120),
                (" 120 ", 120),
                ("Wed, 21 Oct 2026 07:28:00 GMT", 480),
                ("Wednesday, 21-Oct-26 07:28:00 GMT", 480),
                ("Wed Oct 21 07:28:00 2026", 480),
                ("Wed, 21 Oct 2026 07:00:00 GMT", 0),
            ] {
                let asked = issue(status, Some(retry), now());
                let expected = Duration::from_secs(seconds);
                assert!(matches!(asked, Err(Refus::PlusTard(time)) if time == expected), "{retry}");
            }
        }
    }
}
