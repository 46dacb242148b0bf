//! The envelope of an event: everything about it but its content, in the clear and
//! pseudonymous. Its canonical bytes (JCS, RFC 8785) are stored as they are hashed,
//! and are never canonicalised again to verify.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use domain::{AnneeScolaire, CleId, CommandeId, CompteId, EvenementId, PersonneId, PortailId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Largest envelope, in bytes: what the two bytes of a length can tell in an entry bundle
/// ([`crate::tlog::bundle`]).
pub const MAX_BYTES: usize = 64 * 1024 - 1;

/// Version of the envelope's own format.
pub const FORMAT: u32 = 1;

/// A stream: the life of one aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stream {
    /// Which one.
    pub id: String,
    /// Kind, `context.aggregate`.
    pub kind: String,
}

/// Who acts, and in which capacity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The compte that signed in; of an operator at the console, the platform's own.
    pub compte: CompteId,
    /// The office held in this act (`enseignant`, `directeur_de_publication`…).
    pub office: String,
    /// The human behind it, where the directory knows one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub personne: Option<PersonneId>,
}

/// On what authority: the rules that permitted the act, and the hash of the whole
/// set they belong to, so that the decision can be taken again years later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// Ids of the policies that permitted.
    pub policies: Vec<String>,
    /// SHA-256 of the policy set, in hexadecimal.
    pub policy_set: String,
}

/// See the module. Fields stand in the order of their names, here and in what they hold: so
/// [`serde_json`] writes what JCS would have sorted, in a tenth of the time (tests hold the one
/// to the other).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Who.
    pub actor: Actor,
    /// School year of that journal.
    pub annee: AnneeScolaire,
    /// On what authority.
    pub authority: Authority,
    /// The school day on which it takes effect.
    pub business_date: NaiveDate,
    /// The event to which the command reacted, if any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<EvenementId>,
    /// The command that caused it.
    pub command_id: CommandeId,
    /// Commitment to the content in the clear, in hexadecimal; see [`crate::seal`].
    pub commit: String,
    /// SHA-256 of the exact bytes of the stored payload, in hexadecimal.
    pub ct_sha256: String,
    /// Identity of the event (UUID v7).
    pub event_id: EvenementId,
    /// Format of this envelope.
    pub format: u32,
    /// The data key under which the content is sealed.
    pub key_id: CleId,
    /// Portal to whose journal it belongs.
    pub portail: PortailId,
    /// When it was recorded, UTC, microseconds.
    #[serde(with = "instant")]
    pub recorded_at: DateTime<Utc>,
    /// Its place in the stream, from 1.
    #[serde(with = "exact")]
    pub sequence: u64,
    /// Stream to which it belongs.
    pub stream: Stream,
    /// Frozen name of its type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Version of its type.
    pub version: u32,
}

impl Envelope {
    /// The canonical bytes (RFC 8785), which are the leaf.
    pub fn to_canonical(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// A leaf whose instant is still to be written into it: all but that is known where the
/// content is sealed, by many at once; the writer, who is one, has an instant left to write.
#[derive(Debug, Clone)]
pub(crate) struct Undated {
    envelope: Envelope,
    text: String,
    /// Where the instant stands in the text.
    instant: usize,
}

impl Undated {
    /// Of an envelope, with any instant of the school year in which it will probably be recorded.
    pub fn of(envelope: Envelope) -> Result<Self, serde_json::Error> {
        let text = envelope.to_canonical()?;
        // In a string its quotes would be escaped, and no other object has this key.
        let instant = text.find(INSTANT).map_or(0, |key| key.saturating_add(INSTANT.len()));
        Ok(Self { envelope, text, instant })
    }

    /// The leaf, recorded at this instant.
    pub fn dated(&self, at: DateTime<Utc>) -> Result<String, serde_json::Error> {
        let written = instant::text(&at);
        let end = self.instant.saturating_add(written.len());
        let (before, after) = (self.text.get(..self.instant), self.text.get(end..));
        match (before, after) {
            (Some(before), Some(after)) if AnneeScolaire::at(at) == self.envelope.annee => {
                Ok([before, &written, after].concat())
            }
            _ => {
                let (annee, envelope) = (AnneeScolaire::at(at), self.envelope.clone());
                Envelope { recorded_at: at, annee, ..envelope }.to_canonical()
            }
        }
    }
}

/// What stands before the instant.
const INSTANT: &str = "\"recorded_at\":\"";

/// RFC 6962 §2.1: the hash of a leaf is SHA-256(0x00 ‖ leaf).
pub fn leaf_hash(leaf: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

/// RFC 3339 in UTC with exactly six decimals: one instant has one text, read and written.
mod instant {
    use super::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn text(instant: &DateTime<Utc>) -> String {
        instant.to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    pub fn serialize<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(instant))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let read = String::deserialize(deserializer)?;
        let instant = read.parse().map_err(D::Error::custom)?;
        if text(&instant) == read { Ok(instant) } else { Err(D::Error::custom("not UTC in microseconds")) }
    }
}

/// Whole numbers that a double holds (RFC 8785 §3.2.2.3, RFC 7493 §2.2): JCS would round
/// what is above without a word.
mod exact {
    use serde::{Deserialize, Deserializer, Serializer, de, ser};

    const MOST: u64 = (1 << 53) - 1;
    const BEYOND: &str = "a number beyond 2^53 - 1";

    pub fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        match *number {
            ..=MOST => serializer.serialize_u64(*number),
            _ => Err(ser::Error::custom(BEYOND)),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        match u64::deserialize(deserializer)? {
            number @ ..=MOST => Ok(number),
            _ => Err(de::Error::custom(BEYOND)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn envelope() -> Envelope {
        Envelope {
            format: FORMAT,
            event_id: EvenementId::derived(&["1"]),
            event_type: "absences.appel.clos".into(),
            version: 1,
            portail: "0690001d".parse().unwrap(),
            annee: AnneeScolaire(2026),
            stream: Stream { kind: "absences.appel".into(), id: "a".into() },
            sequence: 1,
            recorded_at: "2026-11-23T07:00:00.5Z".parse().unwrap(),
            business_date: "2026-11-23".parse().unwrap(),
            actor: Actor { compte: CompteId::derived(&["c"]), personne: None, office: "enseignant".into() },
            authority: Authority { policies: vec!["p".into()], policy_set: "00".into() },
            command_id: CommandeId::derived(&["k"]),
            cause: None,
            key_id: CleId::derived(&["k"]),
            ct_sha256: "00".into(),
            commit: "00".into(),
        }
    }

    #[test]
    fn the_leaf_is_canonical_and_reads_back() {
        let leaf = envelope().to_canonical().unwrap();
        assert!(leaf.starts_with(r#"{"actor":{"compte":"#), "{leaf}");
        assert!(leaf.contains(r#""recorded_at":"2026-11-23T07:00:00.500000Z""#), "{leaf}");
        assert_eq!(serde_json::from_str::<Envelope>(&leaf).unwrap(), envelope());
    }

    proptest! {
        /// With every field there, and whatever its text.
        #[test]
        fn what_is_written_is_what_a_canonicalizer_writes(
            kind in any::<String>(), id in any::<String>(), office in any::<String>(),
            policies in proptest::collection::vec(any::<String>(), 0..3), commit in any::<String>(),
            sequence in 0..1_u64 << 53, version: u32, annee in 0..9999_i16,
        ) {
            let all = Envelope {
                actor: Actor { office, personne: Some(PersonneId::derived(&["p"])), ..envelope().actor },
                annee: AnneeScolaire(annee),
                authority: Authority { policies, policy_set: kind.clone() },
                cause: Some(EvenementId::derived(&["c"])),
                ct_sha256: commit.clone(),
                commit,
                event_type: kind.clone(),
                sequence,
                stream: Stream { id, kind },
                version,
                ..envelope()
            };
            let written = all.to_canonical().unwrap();
            prop_assert_eq!(&written, &serde_json_canonicalizer::to_string(&all).unwrap());
            let alone = Envelope { cause: None, actor: Actor { personne: None, ..all.actor.clone() }, ..all };
            prop_assert_eq!(alone.to_canonical().unwrap(), serde_json_canonicalizer::to_string(&alone).unwrap());
        }
    }

    #[test]
    fn a_number_that_jcs_would_round_is_neither_written_nor_read() {
        let most = Envelope { sequence: (1 << 53) - 1, ..envelope() };
        let leaf = most.to_canonical().unwrap();
        assert_eq!(serde_json::from_str::<Envelope>(&leaf).unwrap(), most);
        assert!(Envelope { sequence: (1 << 53) + 1, ..envelope() }.to_canonical().is_err());
        let beyond = leaf.replace("9007199254740991", "9007199254740993");
        assert!(serde_json::from_str::<Envelope>(&beyond).is_err());
    }

    #[test]
    fn an_instant_has_one_text() {
        let leaf = envelope().to_canonical().unwrap();
        for other in
            ["2026-11-23T07:00:00.500000001Z", "2026-11-23T08:00:00.500000+01:00", "2026-11-23T07:00:00.5Z"]
        {
            let text = leaf.replace("2026-11-23T07:00:00.500000Z", other);
            assert!(serde_json::from_str::<Envelope>(&text).is_err(), "{other}");
        }
    }

    #[test]
    fn a_leaf_that_is_dated_later_is_the_canonical_one_of_that_instant() {
        let undated = Undated::of(envelope()).unwrap();
        // The second is of the next school year.
        for at in ["2026-12-01T10:20:30.4Z", "2027-08-01T00:00:00Z", "2026-11-23T07:00:00.5Z"] {
            let at = at.parse().unwrap();
            let whole = Envelope { recorded_at: at, annee: AnneeScolaire::at(at), ..envelope() };
            assert_eq!(undated.dated(at).unwrap(), whole.to_canonical().unwrap());
        }
        let quoted = Stream { kind: "a".into(), id: "\"recorded_at\":\"".into() };
        let quoted = Envelope { stream: quoted, ..envelope() };
        let at = "2026-12-01T10:20:30.4Z".parse().unwrap();
        let whole = Envelope { recorded_at: at, ..quoted.clone() }.to_canonical().unwrap();
        assert_eq!(Undated::of(quoted).unwrap().dated(at).unwrap(), whole);
    }

    #[test]
    fn the_leaf_hash_is_that_of_rfc_6962() {
        // The hash of the empty leaf, from the test vectors of RFC 6962's reference code.
        let hash: String = leaf_hash(b"").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    }
}
