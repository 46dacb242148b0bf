//! A browser that takes messages by the push service of who made it (RFC 8030).

use crate::{AppareilId, PersonneId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest address of a push service, in characters: the longest in use have some five hundred.
const ADRESSE_MAX: usize = 1024;
/// Longest name that one gives to a device, in characters.
const NOM_MAX: usize = 60;
/// A point of P-256, uncompressed, in base64url: 65 bytes that begin with 4.
const CLE: (usize, char) = (87, 'B');
/// Sixteen bytes in base64url.
const SECRET: usize = 22;

/// What a browser gives of itself when it is asked to take messages (Push API, `PushSubscription`),
/// under the name by which its owner knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Appareil {
    /// Where messages for it are posted: a secret of its owner, by which it could be written to.
    pub adresse: String,
    /// Its public key, `p256dh` (RFC 8291, §3.1).
    pub cle: String,
    /// The secret that it shares with who writes to it, `auth` (RFC 8291, §3.2).
    pub secret: String,
    /// What its owner calls it.
    pub nom: String,
}

/// What no browser gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("ce n'est pas ce que donne un navigateur qui accepte d'être prévenu")]
pub struct PasUnAppareil;

impl Appareil {
    /// Reads what a browser gave.
    pub fn new(adresse: &str, cle: &str, secret: &str, nom: &str) -> Result<Self, PasUnAppareil> {
        let base64url = |text: &str| {
            let text = text.trim_end_matches('=');
            text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_').then(|| text.to_owned())
        };
        let (length, first) = CLE;
        let cle = base64url(cle).filter(|cle| cle.len() == length && cle.starts_with(first));
        let secret = base64url(secret).filter(|secret| secret.len() == SECRET);
        let nom = crate::texte::line(nom, NOM_MAX);
        match (est_publique(adresse), cle, secret, nom) {
            (true, Some(cle), Some(secret), Some(nom)) => {
                Ok(Self { adresse: adresse.to_owned(), cle, secret, nom })
            }
            _ => Err(PasUnAppareil),
        }
    }

    /// A browser that gives the same address again is the same one.
    pub fn id(&self, personne: PersonneId) -> AppareilId {
        AppareilId::derived(&[&personne.to_string(), &self.adresse])
    }
}

/// Whether an address is one that a push service can have: HTTPS at its own port, and a host with a
/// name of its own. A number, or a name without a dot, would be a machine near us, which nobody may
/// have us write to.
fn est_publique(adresse: &str) -> bool {
    let short = adresse.len() <= ADRESSE_MAX && adresse.bytes().all(|b| b.is_ascii_graphic());
    let Some((host, path)) = adresse.strip_prefix("https://").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let named = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let labels: Vec<_> = host.split('.').collect();
    let last_is_a_name =
        labels.last().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_alphabetic()));
    short && !path.is_empty() && labels.len() > 1 && labels.into_iter().all(named) && last_is_a_name
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const CLE: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const SECRET: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    /// A browser whose messages are posted under this last part of an address.
    pub fn appareil(rang: &str) -> Appareil {
        let adresse = format!("https://push.exemple.fr/envoi/{rang}");
        Appareil::new(&adresse, CLE, SECRET, "Mon téléphone").unwrap()
    }

    #[test]
    fn what_a_browser_gives_is_kept_without_its_padding() {
        let padded = Appareil::new(
            "https://push.exemple.fr/envoi/a",
            &format!("{CLE}="),
            &format!("{SECRET}=="),
            " Mon téléphone ",
        );
        assert_eq!(padded, Ok(appareil("a")));
    }

    #[test]
    fn nobody_has_us_write_to_a_machine_near_us() {
        for adresse in [
            "http://push.exemple.fr/envoi",
            "https://localhost/envoi",
            "https://127.0.0.1/envoi",
            "https://2130706433/envoi",
            "https://0x7f.1/envoi",
            "https://[::1]/envoi",
            "https://push.exemple.fr:8443/envoi",
            "https://qui@push.exemple.fr/envoi",
            "https://push.exemple.fr",
            "https://push.exemple.fr/",
            "https://push..fr/envoi",
            "https://push.exemple.fr/en voi",
            "https://push.exemple.fr\\@10.0.0.1/envoi",
            "https://push.exemple.fr?@10.0.0.1/envoi",
        ] {
            assert!(!est_publique(adresse), "{adresse}");
        }
        assert!(est_publique("https://fcm.googleapis.com/fcm/send/abc:APA91b-x"));
        assert!(est_publique("https://updates.push.services.mozilla.com/wpush/v2/gAAAA"));
    }

    #[test]
    fn what_no_browser_gives_is_refused() {
        let adresse = "https://push.exemple.fr/envoi/a";
        for (cle, secret, nom) in [
            ("", SECRET, "Mon téléphone"),
            (&CLE[1..], SECRET, "Mon téléphone"),
            (CLE.replace('B', "A").as_str(), SECRET, "Mon téléphone"),
            (CLE, "court", "Mon téléphone"),
            (CLE, SECRET.replace('B', "+").as_str(), "Mon téléphone"),
            (CLE, SECRET, " "),
            (CLE, SECRET, "x".repeat(61).as_str()),
        ] {
            assert_eq!(Appareil::new(adresse, cle, secret, nom), Err(PasUnAppareil), "{cle} {secret} {nom}");
        }
    }

    #[test]
    fn the_same_browser_of_two_persons_is_two_devices() {
        let (one, other) = (PersonneId::derived(&["une"]), PersonneId::derived(&["autre"]));
        assert_eq!(appareil("a").id(one), appareil("a").id(one));
        assert_ne!(appareil("a").id(one), appareil("a").id(other));
        assert_ne!(appareil("a").id(one), appareil("b").id(one));
    }
}
