//! The signature of a witness under another's checkpoint ([C2SP tlog-cosignature], the
//! Ed25519 kind): that at this time it had seen no other history of this log.
//!
//! [C2SP tlog-cosignature]: https://c2sp.org/tlog-cosignature

use super::note::NoteFault;
use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature as Ed25519, Signer as _, SigningKey, VerifyingKey};
use signed_note::{Note, Signature, Verifier, VerifierList, is_key_name_valid, key_id};
use zeroize::Zeroizing;

/// Algorithm byte of a timestamped Ed25519 cosignature in a verifier key.
const COSIGNATURE: u8 = 4;
/// Bytes of the time before the signature.
const TIME: usize = 8;

/// What a witness signs with, under its name.
pub struct WitnessKey {
    name: String,
    key: SigningKey,
}

impl WitnessKey {
    /// The key of this seed; none if the name cannot be one of a key.
    pub fn of(name: &str, seed: &Zeroizing<[u8; 32]>) -> Option<Self> {
        is_key_name_valid(name).then(|| Self { name: name.to_owned(), key: SigningKey::from_bytes(seed) })
    }

    /// The verifier key, as `name+hash+key`.
    pub fn verifier_key(&self) -> String {
        let key = encoded(&self.key.verifying_key());
        format!("{}+{:08x}+{}", self.name, key_id(&self.name, &key), STANDARD.encode(key))
    }

    /// The line that cosigns a checkpoint at this time, in seconds since 1970.
    pub fn cosign(&self, note: &str, at: u64) -> Result<String, NoteFault> {
        let note = Note::from_bytes(note.as_bytes()).map_err(|_| NoteFault::Malformed)?;
        let signature = self.key.sign(&message(at, note.text()));
        let signature = [&at.to_be_bytes()[..], &signature.to_bytes()].concat();
        let id = key_id(&self.name, &encoded(&self.key.verifying_key()));
        let line = Signature::new(self.name.clone(), id, signature);
        let line = line.map_err(|error| NoteFault::Signature(error.to_string()))?;
        String::from_utf8(line.to_bytes()).map_err(|_| NoteFault::Malformed)
    }
}

/// The verifier key of a witness.
#[derive(Debug, Clone, PartialEq)]
pub struct WitnessVerifier {
    name: String,
    key: VerifyingKey,
}

impl WitnessVerifier {
    /// Reads one, `name+hash+key`.
    pub fn read(text: &str) -> Result<Self, NoteFault> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteFault::VerifierKey);
        };
        let bytes = STANDARD.decode(key).map_err(|_| NoteFault::VerifierKey)?;
        let fits = is_key_name_valid(name)
            && bytes.first() == Some(&COSIGNATURE)
            && u32::from_str_radix(hash, 16) == Ok(key_id(name, &bytes));
        let key = bytes.get(1..).and_then(|key| key.try_into().ok());
        let key = key.and_then(|key: &[u8; 32]| VerifyingKey::from_bytes(key).ok());
        key.filter(|_| fits).map(|key| Self { name: name.to_owned(), key }).ok_or(NoteFault::VerifierKey)
    }

    /// The witness's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When the witness cosigned this note, in seconds since 1970.
    pub fn cosigned_at(&self, note: &str) -> Result<u64, NoteFault> {
        let note = Note::from_bytes(note.as_bytes()).map_err(|_| NoteFault::Malformed)?;
        let known = VerifierList::new(vec![Box::new(self.clone())]);
        let (signatures, _) = note.verify(&known).map_err(|error| NoteFault::Signature(error.to_string()))?;
        let time = signatures.first().and_then(|signature| signature.signature().first_chunk::<TIME>());
        time.map(|time| u64::from_be_bytes(*time)).ok_or(NoteFault::Malformed)
    }
}

impl Verifier for WitnessVerifier {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        key_id(&self.name, &encoded(&self.key))
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some((time, signature)) = signature.split_first_chunk::<TIME>() else { return false };
        let Ok(signature) = Ed25519::from_slice(signature) else { return false };
        self.key.verify_strict(&message(u64::from_be_bytes(*time), text), &signature).is_ok()
    }
}

fn encoded(key: &VerifyingKey) -> Vec<u8> {
    std::iter::once(COSIGNATURE).chain(key.to_bytes()).collect()
}

fn message(at: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {at}\n").as_bytes(), text].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlog::note::NoteKey;
    use crate::tlog::{Hash, Origin};

    fn witness(seed: u8) -> WitnessKey {
        WitnessKey::of("temoin.rectorat.fr", &Zeroizing::new([seed; 32])).unwrap()
    }

    fn sealed(root: u8) -> String {
        NoteKey::of(&Zeroizing::new([1; 32])).sign(&Origin::of_all("ent.fr"), 3, Hash([root; 32])).unwrap()
    }

    #[test]
    fn a_cosigned_note_tells_when_and_by_whom() {
        let (witness, note) = (witness(2), sealed(7));
        let cosigned = format!("{note}{}", witness.cosign(&note, 1_795_000_000).unwrap());
        let verifier = WitnessVerifier::read(&witness.verifier_key()).unwrap();
        assert_eq!(verifier.cosigned_at(&cosigned), Ok(1_795_000_000));
        assert!(verifier.cosigned_at(&note).is_err(), "nothing was cosigned");
    }

    #[test]
    fn a_cosignature_is_good_for_one_note_one_time_and_one_key() {
        let (signer, note) = (witness(2), sealed(7));
        let verifier = WitnessVerifier::read(&signer.verifier_key()).unwrap();
        let line = signer.cosign(&note, 1_795_000_000).unwrap();
        assert!(verifier.cosigned_at(&format!("{}{line}", sealed(8))).is_err());
        assert!(verifier.cosigned_at(&format!("{note}{}", witness(3).cosign(&note, 5).unwrap())).is_err());
        let (name, encoded) = line.trim_end().rsplit_once(' ').unwrap();
        for at in [4, 11, 12, 75] {
            let mut bytes = STANDARD.decode(encoded).unwrap();
            bytes[at] ^= 1;
            assert!(verifier.cosigned_at(&format!("{note}{name} {}\n", STANDARD.encode(bytes))).is_err());
        }
    }

    #[test]
    fn what_is_not_the_key_of_a_witness_is_refused() {
        let key = witness(2).verifier_key();
        let of_a_log = NoteKey::of(&Zeroizing::new([2; 32])).verifier_key(&Origin::of_all("ent.fr"));
        for text in ["", "a+b", &of_a_log, &key.replacen("rectorat", "ailleurs", 1), &key[..key.len() - 4]] {
            assert_eq!(WitnessVerifier::read(text), Err(NoteFault::VerifierKey), "{text}");
        }
        assert!(WitnessKey::of("un nom+", &Zeroizing::new([2; 32])).is_none());
    }
}
