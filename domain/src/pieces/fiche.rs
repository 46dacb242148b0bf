//! What is known of a file: its name, and what its bytes say of themselves.

use crate::texte;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest name of a file, in characters.
const NOM_MAX: usize = 120;

/// What kinds of files are taken: known by their first bytes, whatever their name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum FormatDePiece {
    Pdf,
    Png,
    Jpeg,
    Odt,
    Docx,
    Texte,
}

impl FormatDePiece {
    /// Its name for browsers.
    pub const fn media(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Texte => "text/plain; charset=utf-8",
        }
    }

    /// How names of such files end, without the point.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Odt => "odt",
            Self::Docx => "docx",
            Self::Texte => "txt",
        }
    }

    /// That of a file by its first bytes, if it is one of these.
    pub fn de(nom: &str, tete: &[u8]) -> Option<Self> {
        let ends = |with: &str| nom.to_lowercase().ends_with(with);
        match tete {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'P', b'K', 3, 4, ..] if ends(".odt") => Some(Self::Odt),
            [b'P', b'K', 3, 4, ..] if ends(".docx") => Some(Self::Docx),
            _ if ends(".txt") && begins_as_text(tete) => Some(Self::Texte),
            _ => None,
        }
    }
}

/// A character may be cut where the first bytes end.
fn begins_as_text(tete: &[u8]) -> bool {
    std::str::from_utf8(tete).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FicheDePiece {
    /// Its name, without any path.
    pub nom: String,
    /// What it is.
    pub format: FormatDePiece,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub empreinte: String,
    /// How many bytes it has.
    pub taille: u32,
}

/// A name of a file as it is kept, if it may be: one line, and no path.
pub fn nom_de_piece(nom: &str) -> Option<String> {
    texte::line(nom, NOM_MAX).filter(|nom| !nom.contains(['/', '\\', '"']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_first_bytes() {
        for (nom, tete, format) in [
            ("a.txt", &b"%PDF-1.7"[..], Some(FormatDePiece::Pdf)),
            ("a.docx", b"PK\x03\x04", Some(FormatDePiece::Docx)),
            ("a.ODT", b"PK\x03\x04", Some(FormatDePiece::Odt)),
            ("a.zip", b"PK\x03\x04", None),
            ("a.pdf", b"MZ", None),
            ("a.txt", b"caf\xc3", Some(FormatDePiece::Texte)),
            ("a.txt", b"caf\xff\xfe", None),
        ] {
            assert_eq!(FormatDePiece::de(nom, tete), format, "{nom}");
        }
    }

    #[test]
    fn a_name_is_one_line_without_a_path() {
        assert_eq!(nom_de_piece("  Dossier 3.pdf "), Some("Dossier 3.pdf".to_owned()));
        for nom in ["", "../a.pdf", "a\\b.pdf", "a\nb.pdf", "a\".pdf", &"a".repeat(121)] {
            assert_eq!(nom_de_piece(nom), None, "{nom}");
        }
    }
}
