//! The public keys of a house, as it publishes them for its meta-journal: with them, and with
//! nothing else of the house, the checkpoints of all its journals are opened.
//!
//! One key signs every journal, under each one's own name; so from the verifier key of the
//! meta-journal follow those of all others. The other way round nothing follows: the verifier
//! key of one journal was not given out for another.

use super::Origin;
use super::note::NoteFault;
use crate::feed::Journal;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use domain::AnneeScolaire;
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use signed_note::{StandardVerifier, new_ed25519_verifier_key};

/// Of the meta-journal's name, what follows the base domain.
const META: &str = "/journal";

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicKeys {
    base: String,
    keys: Vec<VerifyingKey>,
    history: Vec<Published>,
}

/// One of the keys, as `/journal/cles` tells it: when it signed is for people, and not told
/// where keys are given one per line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The verifier key of the meta-journal.
    pub cle: String,
    /// It signs since then.
    pub du: Option<DateTime<Utc>>,
    /// It has not signed since then.
    pub au: Option<DateTime<Utc>>,
}

impl PublicKeys {
    /// Reads what `/journal/cles` answers, or verifier keys one per line.
    pub fn read(text: &str) -> Result<Self, NoteFault> {
        let published: Vec<Published> = serde_json::from_str(text).unwrap_or_else(|_| {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.map(|line| Published { cle: line.to_owned(), du: None, au: None }).collect()
        });
        let mut read: Option<Self> = None;
        for one in published {
            let (base, key) = of_the_meta_journal(&one.cle).ok_or(NoteFault::VerifierKey)?;
            let house = read.get_or_insert_with(|| Self {
                base: base.to_owned(),
                keys: Vec::new(),
                history: Vec::new(),
            });
            if house.base != base {
                return Err(NoteFault::VerifierKey);
            }
            house.keys.push(key);
            house.history.push(one);
        }
        read.ok_or(NoteFault::VerifierKey)
    }

    /// The keys as they were published, from the first one on.
    pub fn history(&self) -> &[Published] {
        &self.history
    }

    /// The domain under which the portals of the house are.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The verifier keys of a journal.
    pub fn of(&self, journal: &Journal) -> Vec<String> {
        self.named(&Origin::of(&self.base, journal))
    }

    /// The verifier keys of the log of this name; none if it is not one of the house.
    pub fn of_log(&self, origin: &str) -> Vec<String> {
        match self.journal(origin) {
            Some(journal) => self.of(&journal),
            None if Origin::of_all(&self.base).as_str() == origin => self.of_all(),
            None => Vec::new(),
        }
    }

    /// The journal of this name, if it is one of the house.
    pub fn journal(&self, origin: &str) -> Option<Journal> {
        let under = origin.strip_prefix(self.base.as_str())?.strip_prefix(META)?.strip_prefix('/')?;
        let (portail, annee) = under.split_once('/')?;
        let journal = Journal { portail: portail.parse().ok()?, annee: AnneeScolaire(annee.parse().ok()?) };
        // One journal has one name.
        (Origin::of(&self.base, &journal).as_str() == origin).then_some(journal)
    }

    /// The verifier keys of the meta-journal, as they were published.
    pub fn of_all(&self) -> Vec<String> {
        self.named(&Origin::of_all(&self.base))
    }

    fn named(&self, origin: &Origin) -> Vec<String> {
        self.keys.iter().map(|key| new_ed25519_verifier_key(origin.as_str(), key)).collect()
    }
}

/// The base domain and the key of a verifier key, `{base}/journal+hash+key`.
fn of_the_meta_journal(verifier_key: &str) -> Option<(&str, VerifyingKey)> {
    // It checks that the hash is that of the name and the key.
    StandardVerifier::new(verifier_key).ok()?;
    let (name, rest) = verifier_key.split_once('+')?;
    let (_, encoded) = rest.split_once('+')?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let key = VerifyingKey::from_bytes(bytes.get(1..)?.try_into().ok()?).ok()?;
    Some((name.strip_suffix(META)?, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlog::Hash;
    use crate::tlog::note::{self, NoteKey};
    use zeroize::Zeroizing;

    fn key(seed: u8) -> NoteKey {
        NoteKey::of(&Zeroizing::new([seed; 32]))
    }

    fn meta(key: &NoteKey) -> String {
        key.verifier_key(&Origin::of_all("ent.fr"))
    }

    fn journal() -> Journal {
        Journal { portail: "0690001d".parse().unwrap(), annee: AnneeScolaire(2026) }
    }

    #[test]
    fn from_the_keys_of_the_meta_journal_follow_those_of_every_journal() {
        let text = format!("{}\n{}\n", meta(&key(1)), meta(&key(2)));
        let house = PublicKeys::read(&text).unwrap();
        let published = serde_json::json!([{ "cle": meta(&key(1)), "du": "2026-09-01T00:00:00Z" }, { "cle": meta(&key(2)) }]);
        let dated = PublicKeys::read(&published.to_string()).unwrap();
        assert_eq!((dated.of_all(), dated.of(&journal())), (house.of_all(), house.of(&journal())));
        assert!(dated.history()[0].du.is_some() && house.history()[0].du.is_none());
        let origin = Origin::of("ent.fr", &journal());
        assert_eq!(house.journal(origin.as_str()), Some(journal()));
        for other in ["ent.fr/journal", "autre.fr/journal/0690001d/2026", "ent.fr/journal/0690001d/02026"] {
            assert_eq!(house.journal(other), None, "{other}");
        }
        for signer in [1, 2] {
            let note = key(signer).sign(&origin, 3, Hash([7; 32])).unwrap();
            let known = house.of(&journal());
            assert!(note::open(&note, known.iter().map(String::as_str)).is_ok());
        }
        let strange = key(3).sign(&origin, 3, Hash([7; 32])).unwrap();
        assert!(note::open(&strange, house.of(&journal()).iter().map(String::as_str)).is_err());
    }

    #[test]
    fn what_is_not_the_keys_of_one_house_is_refused() {
        let other = key(1).verifier_key(&Origin::of_all("autre.fr"));
        let of_a_journal = key(1).verifier_key(&Origin::of("ent.fr", &journal()));
        let renamed = meta(&key(1)).replacen("ent", "tne", 1);
        for text in [
            "",
            "[]",
            "ent.fr/journal",
            "a+b",
            &of_a_journal,
            &renamed,
            &format!("{}\n{other}", meta(&key(1))),
        ] {
            assert_eq!(PublicKeys::read(text), Err(NoteFault::VerifierKey), "{text}");
        }
    }
}
