//! A document that stands behind a reason and that the family keeps: who has it shows it, and the
//! digest tells whether it is the one that was named. One that is deposited is a
//! [`crate::pieces::Piece`].

use crate::texte;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Largest document, in bytes.
pub const PIECE_MAX: u32 = 10 * 1024 * 1024;
/// Longest name, in characters.
const NOM_MAX: usize = 200;

/// What kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum NatureDePiece {
    Pdf,
    Jpeg,
    Png,
}

impl NatureDePiece {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
        }
    }
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Piece {
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub empreinte: String,
    /// Its name.
    pub nom: String,
    /// Of what kind.
    pub nature: NatureDePiece,
    /// Its length in bytes, from 1 to [`PIECE_MAX`].
    pub octets: u32,
}

impl Piece {
    /// The same with a clean name, if it may be named at all.
    pub(super) fn verifiee(self) -> Option<Self> {
        let hexadecimal = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let digest = self.empreinte.len() == 64 && self.empreinte.bytes().all(hexadecimal);
        let fits = (1..=PIECE_MAX).contains(&self.octets);
        let nom = texte::line(&self.nom, NOM_MAX)?;
        (digest && fits).then_some(Self { nom, ..self })
    }
}
