//! Signed notes: the head of a tree, and an Ed25519 signature that names its key.
//!
//! One key signs for every journal of the house, under each journal's own name: a
//! verifier key (`name+hash+key`) is good for one log only, and the hash tells keys of
//! one name apart, so that those before a rotation stay verifiable.

use super::{Checkpoint, Hash, Origin};
use ed25519_dalek::{Signer as _, SigningKey};
use signed_note::{Note, Signer, StandardVerifier, Verifier, VerifierList, key_id, new_ed25519_verifier_key};
use zeroize::Zeroizing;

/// Algorithm byte of Ed25519 in a verifier key.
const ED25519: u8 = 1;

/// Why a note is not taken. Says nothing of its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// It is not a signed note, or its text is no checkpoint.
    #[error("it is no signed checkpoint")]
    Malformed,
    /// A verifier key is not one.
    #[error("a verifier key cannot be read")]
    VerifierKey,
    /// No known key signed it, or one did not sign this text.
    #[error("it is not signed by a known key: {0}")]
    Signature(String),
    /// It is the checkpoint of another log than its key's.
    #[error("it is the checkpoint of {0}")]
    Origin(String),
}

/// A key that signs checkpoints.
#[derive(Clone)]
pub struct NoteKey(SigningKey);

impl NoteKey {
    /// The key of this seed.
    pub fn of(seed: &Zeroizing<[u8; 32]>) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The verifier key of a log, as `name+hash+key`.
    pub fn verifier_key(&self, origin: &Origin) -> String {
        new_ed25519_verifier_key(origin.as_str(), &self.0.verifying_key())
    }

    /// Signs the head of a tree.
    pub fn sign(&self, origin: &Origin, size: u64, root: Hash) -> Result<String, NoteFault> {
        let checkpoint =
            Checkpoint::new(origin.as_str(), size, root, "").map_err(|_| NoteFault::Malformed)?;
        let mut note = Note::new(&checkpoint.to_bytes(), &[]).map_err(|_| NoteFault::Malformed)?;
        note.add_sigs(&[&Named(origin, &self.0)]).map_err(|error| NoteFault::Signature(error.to_string()))?;
        String::from_utf8(note.to_bytes()).map_err(|_| NoteFault::Malformed)
    }
}

/// A key under the name of a log.
struct Named<'a>(&'a Origin, &'a SigningKey);

impl Signer for Named<'_> {
    fn name(&self) -> &str {
        self.0.as_str()
    }

    fn key_id(&self) -> u32 {
        let key: Vec<u8> = std::iter::once(ED25519).chain(self.1.verifying_key().to_bytes()).collect();
        key_id(self.name(), &key)
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, ed25519_dalek::SignatureError> {
        self.1.try_sign(text).map(|signature| signature.to_vec())
    }
}

/// Whether this is the verifier key of a log.
pub fn is_verifier_key(text: &str) -> bool {
    StandardVerifier::new(text).is_ok()
}

/// The checkpoint of a note, whoever signed it.
pub fn read(note: &str) -> Result<Checkpoint, NoteFault> {
    let note = Note::from_bytes(note.as_bytes()).map_err(|_| NoteFault::Malformed)?;
    Checkpoint::from_bytes(note.text()).map_err(|_| NoteFault::Malformed)
}

/// The checkpoint of a note that one of these verifier keys signed, of the log whose
/// name the key bears.
pub fn open<'a>(
    note: &str,
    verifier_keys: impl IntoIterator<Item = &'a str>,
) -> Result<Checkpoint, NoteFault> {
    let note = Note::from_bytes(note.as_bytes()).map_err(|_| NoteFault::Malformed)?;
    let verifiers = verifier_keys.into_iter().map(|key| {
        let verifier = StandardVerifier::new(key).map_err(|_| NoteFault::VerifierKey)?;
        Ok(Box::new(verifier) as Box<dyn Verifier>)
    });
    let verifiers = VerifierList::new(verifiers.collect::<Result<_, NoteFault>>()?);
    let (signatures, _) = note.verify(&verifiers).map_err(|error| NoteFault::Signature(error.to_string()))?;
    let checkpoint = Checkpoint::from_bytes(note.text()).map_err(|_| NoteFault::Malformed)?;
    if signatures.iter().any(|signature| signature.name() == checkpoint.origin()) {
        Ok(checkpoint)
    } else {
        Err(NoteFault::Origin(checkpoint.origin().to_owned()))
    }
}
