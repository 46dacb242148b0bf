//! The national number of an établissement.
//!
//! UAI (unité administrative immatriculée, arrêté of 19 February 2013 on the
//! *répertoire académique et ministériel sur les établissements*): three digits of
//! department, four of order, and a letter that checks the seven.

use crate::{EtablissementId, PortailId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The check letters: 23 of them, without I, O and Q, which read like figures.
const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPRSTUVWXYZ";

/// The number of an établissement, with its check letter verified.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Uai(String);

impl Uai {
    /// The number as text, in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The établissement that bears this number.
    pub fn etablissement(&self) -> EtablissementId {
        EtablissementId::derived(&[&self.0])
    }

    /// The portal of this établissement: the number in lower case.
    #[allow(clippy::expect_used, reason = "seven digits and a letter are a host label")]
    pub fn portail(&self) -> PortailId {
        self.0.to_ascii_lowercase().parse().expect("seven digits and a letter are a host label")
    }
}

/// A text that is not the number of an établissement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUai {
    /// Not seven digits and a letter.
    #[error("« {0} » n'est pas un numéro UAI : donnez sept chiffres et une lettre, comme 0690001B")]
    Forme(String),
    /// The letter does not check the digits.
    #[error("« {numero}{lue} » n'est pas un numéro UAI : la lettre de {numero} est {attendue}")]
    Lettre {
        /// The seven digits.
        numero: String,
        /// The letter that was given.
        lue: char,
        /// The letter that checks them.
        attendue: char,
    },
}

impl FromStr for Uai {
    type Err = InvalidUai;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().to_ascii_uppercase();
        let malformed = || InvalidUai::Forme(text.chars().take(20).collect());
        let (numero, lue) = text.split_at_checked(7).ok_or_else(malformed)?;
        let mut letters = lue.chars();
        let (Some(lue), None) = (letters.next(), letters.next()) else { return Err(malformed()) };
        if !lue.is_ascii_uppercase() || !numero.bytes().all(|b| b.is_ascii_digit()) {
            return Err(malformed());
        }
        let attendue = check_letter(numero.parse().map_err(|_| malformed())?);
        if lue == attendue {
            Ok(Self(text))
        } else {
            Err(InvalidUai::Lettre { numero: numero.to_owned(), lue, attendue })
        }
    }
}

fn check_letter(numero: usize) -> char {
    char::from(LETTERS[numero % LETTERS.len()])
}

impl TryFrom<String> for Uai {
    type Error = InvalidUai;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Uai> for String {
    fn from(uai: Uai) -> Self {
        uai.0
    }
}

impl fmt::Display for Uai {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
