//! What readers of XML share: what a reference may be, and what a parser's error means.

use super::{MotifRejet, Source};
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::escape::{EscapeError, unescape};
use quick_xml::events::{BytesRef, Event};
use std::borrow::Cow;
use std::io::Read;

/// The file is not XML, for this reason.
pub(in crate::importer) fn mal_forme(defaut: &'static str) -> MotifRejet {
    MotifRejet::XmlMalForme { defaut }
}

/// What the parser's error means, and on which line. Its own text may quote the file.
pub(in crate::importer) fn expliquer<R: Read>(
    source: &Source<R>,
    erreur: &Error,
    ligne: u64,
) -> (u64, MotifRejet) {
    if let Some(faute) = source.faute() {
        return faute.clone();
    }
    let motif = match erreur {
        Error::Syntax(SyntaxError::InvalidBangMarkup) => mal_forme("balise « <! » inconnue"),
        Error::Syntax(_) => MotifRejet::FichierTronque,
        Error::IllFormed(_) => mal_forme("balises ou références mal fermées"),
        _ => mal_forme("construction inconnue"),
    };
    (ligne, motif)
}

/// Lines between the end of the tag before and the first word of a text.
pub(in crate::importer) fn lignes_blanches(evenement: &Event<'_>) -> u64 {
    let Event::Text(texte) = evenement else { return 0 };
    texte.chars().take_while(|c| c.is_whitespace()).filter(|c| *c == '\n').count() as u64
}

/// The five predefined entities and the characters given by number; every other is refused.
pub(in crate::importer) fn resoudre(reference: &BytesRef<'_>) -> Result<char, MotifRejet> {
    let caractere = match reference.as_ref() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "apos" => '\'',
        "quot" => '"',
        numero if numero.starts_with('#') => {
            let caractere = reference.resolve_char_ref().ok().flatten();
            caractere.ok_or(MotifRejet::CaractereInterdit)?
        }
        _ => return Err(MotifRejet::EntiteRefusee),
    };
    if interdit(caractere) { Err(MotifRejet::CaractereInterdit) } else { Ok(caractere) }
}

/// What an attribute says, with the same references resolved and the same refused.
pub(in crate::importer) fn valeur(ecrite: &str) -> Result<Cow<'_, str>, MotifRejet> {
    let dite = unescape(ecrite).map_err(|erreur| match erreur {
        EscapeError::UnrecognizedEntity(..) => MotifRejet::EntiteRefusee,
        EscapeError::InvalidCharRef(_) => MotifRejet::CaractereInterdit,
        EscapeError::UnterminatedEntity(_) | EscapeError::TooManyNestedEntities => {
            mal_forme("balises ou références mal fermées")
        }
    })?;
    if dite.contains(interdit) { Err(MotifRejet::CaractereInterdit) } else { Ok(dite) }
}

/// No reference may stand for it.
fn interdit(caractere: char) -> bool {
    caractere < ' ' && !matches!(caractere, '\t' | '\n' | '\r')
}

/// XML 1.0 §2.2: no text has these.
pub(in crate::importer) fn verifier(texte: &str) -> Result<(), MotifRejet> {
    if !texte.is_ascii() && texte.contains(['\u{FFFE}', '\u{FFFF}']) {
        return Err(MotifRejet::CaractereInterdit);
    }
    Ok(())
}
