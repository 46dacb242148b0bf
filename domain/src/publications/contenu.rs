//! What a publication says, and the hash by which it is recognised.

use crate::texte;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// Longest title, in characters.
const TITRE_MAX: usize = 200;
/// Longest body, in characters.
const CORPS_MAX: usize = 20_000;

/// The words of one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contenu {
    /// One line.
    pub titre: String,
    /// Plain text; lines and tabs are kept.
    pub corps: String,
}

impl Contenu {
    /// The content as it would be kept.
    pub(super) fn checked(&self) -> Result<Self, ContenuInvalide> {
        Ok(Self {
            titre: texte::line(&self.titre, TITRE_MAX).ok_or(ContenuInvalide::Titre)?,
            corps: texte::paragraphs(&self.corps, CORPS_MAX).ok_or(ContenuInvalide::Corps)?,
        })
    }

    /// SHA-256 of the UTF-8 of the title, a line feed and the body. A title has no
    /// line feed, so no two contents are canonically one.
    pub fn empreinte(&self) -> Empreinte {
        let digest = Sha256::new().chain_update(&self.titre).chain_update("\n").chain_update(&self.corps);
        Empreinte(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The field that cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContenuInvalide {
    Titre,
    Corps,
}

/// The hash of a content: 64 hexadecimal figures in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Empreinte(String);

impl Empreinte {
    /// The hash of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The hash as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is not a SHA-256 in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("une empreinte s'écrit en 64 chiffres hexadécimaux minuscules")]
pub struct InvalidEmpreinte;

impl FromStr for Empreinte {
    type Err = InvalidEmpreinte;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hexadecimal = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() == 64 && hexadecimal { Ok(Self(text.to_owned())) } else { Err(InvalidEmpreinte) }
    }
}

impl TryFrom<String> for Empreinte {
    type Error = InvalidEmpreinte;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Empreinte> for String {
    fn from(empreinte: Empreinte) -> Self {
        empreinte.0
    }
}

impl fmt::Display for Empreinte {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contenu(titre: &str, corps: &str) -> Contenu {
        Contenu { titre: titre.into(), corps: corps.into() }
    }

    #[test]
    fn anybody_can_recompute_the_hash() {
        // printf 'Portes ouvertes\nSamedi à 9 h.' | sha256sum
        assert_eq!(
            contenu("Portes ouvertes", "Samedi à 9 h.").empreinte().as_str(),
            "c4ec249ae696cbe8465b580908c9218605d9f5312c58db9fa6071b638c3c46fb"
        );
    }

    #[test]
    fn what_moves_from_title_to_body_changes_the_hash() {
        assert_ne!(contenu("ab", "c").empreinte(), contenu("a", "bc").empreinte());
    }

    #[test]
    fn the_same_words_typed_in_another_browser_are_the_same_content() {
        let typed = contenu(" Sortie ", "Rendez-vous\r\nà 8 h\r\n").checked();
        assert_eq!(typed, Ok(contenu("Sortie", "Rendez-vous\nà 8 h")));
    }

    #[test]
    fn a_title_is_one_line_and_a_body_has_no_hidden_characters() {
        assert_eq!(contenu("a\nb", "c").checked(), Err(ContenuInvalide::Titre));
        assert_eq!(contenu("é".repeat(201).as_str(), "c").checked(), Err(ContenuInvalide::Titre));
        assert_eq!(contenu("a", "b\u{1b}[2J").checked(), Err(ContenuInvalide::Corps));
        assert_eq!(contenu("a", &"é".repeat(20_001)).checked(), Err(ContenuInvalide::Corps));
        assert!(contenu("a", &"é".repeat(20_000)).checked().is_ok());
    }

    #[test]
    fn a_hash_is_checked_when_read() {
        let hash = contenu("a", "b").empreinte();
        assert_eq!(hash.as_str().parse(), Ok(hash.clone()));
        for text in ["", "abc", &hash.as_str().to_uppercase(), &"g".repeat(64)] {
            assert_eq!(text.parse::<Empreinte>(), Err(InvalidEmpreinte));
        }
    }
}
