//! The bytes of a file as strict UTF-8, counted: lines, bytes, and a bound on what the XML parser
//! may hold at once. The parser would decode lazily and knows no lines.
//!
//! The declared encoding is a promise and is checked: a byte order mark that contradicts it,
//! malformed UTF-8, or C1 controls in ISO-8859 (what Windows-1252 and most UTF-8 look like there)
//! refuse the file at their line.

use super::rejet::MotifRejet;
use encoding_rs::{Decoder, DecoderResult, Encoding, ISO_8859_15, UTF_8, WINDOWS_1252};
use std::io::{self, BufRead, Read};

/// Most bytes of one tag, comment or run of text.
pub const ELEMENT_MAX: u64 = 1024 * 1024;

const TAMPON: usize = 16 * 1024;
/// An XML declaration beyond this is none.
const PROLOGUE: usize = 1024;
const BOM_UTF_8: &[u8] = b"\xEF\xBB\xBF";

/// An encoding that is read, under the name by which files declare it.
#[derive(Clone, Copy)]
struct Promesse {
    nom: &'static str,
    encodage: &'static Encoding,
    /// Bytes 0x80–0x9F are controls.
    latin: bool,
}

/// `encoding_rs` reads ISO-8859-1 as Windows-1252; they differ only where `latin` refuses.
const ACCEPTES: [Promesse; 3] = [
    Promesse { nom: "UTF-8", encodage: UTF_8, latin: false },
    Promesse { nom: "ISO-8859-15", encodage: ISO_8859_15, latin: true },
    Promesse { nom: "ISO-8859-1", encodage: WINDOWS_1252, latin: true },
];

/// A reader of XML text over a reader of bytes.
pub(in crate::importer) struct Source<R> {
    inner: R,
    brut: Vec<u8>,
    texte: Vec<u8>,
    lu: usize,
    decodeur: Option<(Promesse, Decoder)>,
    octets: u64,
    ligne: u64,
    ligne_decodee: u64,
    element: u64,
    position: u64,
    faute: Option<(u64, MotifRejet)>,
    fini: bool,
}

impl<R: Read> Source<R> {
    pub(in crate::importer) fn new(inner: R) -> Self {
        Self {
            inner,
            brut: Vec::with_capacity(TAMPON),
            texte: Vec::with_capacity(TAMPON),
            lu: 0,
            decodeur: None,
            octets: 0,
            ligne: 1,
            ligne_decodee: 1,
            element: 0,
            position: 0,
            faute: None,
            fini: false,
        }
    }

    /// Bytes taken from the file so far.
    pub(in crate::importer) fn octets(&self) -> u64 {
        self.octets
    }

    /// Line of the next character.
    pub(in crate::importer) fn ligne(&self) -> u64 {
        self.ligne
    }

    /// Bytes of text given so far.
    pub(in crate::importer) fn position(&self) -> u64 {
        self.position
    }

    /// The bound on one element counts from here.
    pub(in crate::importer) fn debuter_element(&mut self) {
        self.element = 0;
    }

    /// Why this source stopped giving text, and on which line.
    pub(in crate::importer) fn faute(&self) -> Option<&(u64, MotifRejet)> {
        self.faute.as_ref()
    }

    /// Reads more bytes and decodes them; a fault is kept until what stands before it is read.
    fn remplir(&mut self) -> Result<(), MotifRejet> {
        let fin = self.lire_brut(TAMPON)?;
        let (promesse, mut decodeur) = match self.decodeur.take() {
            Some(decodeur) => decodeur,
            None => self.sonder()?,
        };
        let sain = self.brut.iter().position(|octet| interdit(*octet, promesse));
        let bornes = sain.unwrap_or(self.brut.len());
        let clair = self.brut.get(..bornes).unwrap_or_default();
        self.texte.resize(TAMPON, 0);
        let (resultat, pris, ecrits) =
            decodeur.decode_to_utf8_without_replacement(clair, &mut self.texte, fin && sain.is_none());
        self.texte.truncate(ecrits);
        self.lu = 0;
        self.ligne_decodee += lignes(&self.texte);
        let faute = match resultat {
            DecoderResult::Malformed(..) => Some(MotifRejet::EncodageMensonger { declare: promesse.nom }),
            DecoderResult::OutputFull => None,
            DecoderResult::InputEmpty => {
                self.fini = fin && sain.is_none();
                sain.and_then(|rang| self.brut.get(rang)).map(|octet| match octet {
                    0x80.. => MotifRejet::EncodageMensonger { declare: promesse.nom },
                    _ => MotifRejet::CaractereInterdit,
                })
            }
        };
        self.brut.drain(..pris);
        self.decodeur = Some((promesse, decodeur));
        faute.map_or(Ok(()), Err)
    }

    /// Fills the raw buffer up to `taille` bytes; says whether the file ends there.
    fn lire_brut(&mut self, taille: usize) -> Result<bool, MotifRejet> {
        while self.brut.len() < taille {
            let manque = (taille - self.brut.len()) as u64;
            match self.inner.by_ref().take(manque).read_to_end(&mut self.brut) {
                Ok(0) => return Ok(true),
                Ok(lus) => self.octets += lus as u64,
                Err(erreur) if erreur.kind() == io::ErrorKind::Interrupted => {}
                Err(erreur) => return Err(MotifRejet::Lecture { erreur: erreur.kind() }),
            }
        }
        Ok(false)
    }

    /// What the file says of its encoding, by mark and by declaration.
    fn sonder(&mut self) -> Result<(Promesse, Decoder), MotifRejet> {
        let marque = self.brut.starts_with(BOM_UTF_8);
        if marque {
            self.brut.drain(..BOM_UTF_8.len());
        }
        let prologue = self.brut.get(..PROLOGUE.min(self.brut.len())).unwrap_or_default();
        if utf_16(prologue) {
            return Err(MotifRejet::EncodageRefuse { declare: "UTF-16".to_owned() });
        }
        let declare = encodage_declare(prologue).unwrap_or_else(|| "UTF-8".to_owned());
        let promesse = ACCEPTES.into_iter().find(|accepte| accepte.nom.eq_ignore_ascii_case(&declare));
        let promesse = promesse.ok_or(MotifRejet::EncodageRefuse { declare })?;
        if marque && promesse.latin {
            return Err(MotifRejet::EncodageMensonger { declare: promesse.nom });
        }
        Ok((promesse, promesse.encodage.new_decoder_without_bom_handling()))
    }
}

impl<R: Read> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.element > ELEMENT_MAX && self.faute.is_none() {
            self.faute = Some((self.ligne, MotifRejet::ElementTropGrand { max: ELEMENT_MAX }));
            self.lu = self.texte.len();
        }
        while self.lu >= self.texte.len() {
            if self.faute.is_some() {
                return Err(io::Error::other("the source is refused"));
            }
            if self.fini {
                return Ok(&[]);
            }
            if let Err(motif) = self.remplir() {
                self.faute = Some((self.ligne_decodee, motif));
            }
        }
        Ok(self.texte.get(self.lu..).unwrap_or_default())
    }

    fn consume(&mut self, nombre: usize) {
        let fin = (self.lu + nombre).min(self.texte.len());
        self.ligne += self.texte.get(self.lu..fin).map_or(0, lignes);
        self.element += nombre as u64;
        self.position += nombre as u64;
        self.lu = fin;
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, tampon: &mut [u8]) -> io::Result<usize> {
        let lus = self.fill_buf()?.read(tampon)?;
        self.consume(lus);
        Ok(lus)
    }
}

fn lignes(octets: &[u8]) -> u64 {
    octets.iter().filter(|octet| **octet == b'\n').count() as u64
}

/// XML 1.0 §2.2: no control but tab, line feed and carriage return.
fn interdit(octet: u8, promesse: Promesse) -> bool {
    match octet {
        b'\t' | b'\n' | b'\r' => false,
        0..0x20 => true,
        0x80..0xA0 => promesse.latin,
        _ => false,
    }
}

fn utf_16(prologue: &[u8]) -> bool {
    matches!(prologue, [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, b'<', ..] | [b'<', 0, ..] | [0, 0, ..])
}

/// The `encoding` of `<?xml …?>`, if the text starts with one. XML 1.0 §2.8.
fn encodage_declare(prologue: &[u8]) -> Option<String> {
    let texte: String = prologue.iter().map(|octet| char::from(*octet)).collect();
    let declaration = texte.strip_prefix("<?xml")?.split_once("?>")?.0;
    let valeur = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let guillemet = valeur.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (nom, _) = valeur.get(1..)?.split_once(guillemet)?;
    Some(nom.chars().filter(|c| c.is_ascii_graphic()).take(40).collect())
}
