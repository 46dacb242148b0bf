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
    pub fn portail(&self) -> PortailId {
        PortailId::from(self)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_read_in_either_case() {
        assert_eq!(" 0690001b ".parse::<Uai>().unwrap().as_str(), "0690001B");
    }

    #[test]
    fn a_wrong_letter_names_the_right_one() {
        assert_eq!(
            "0690001D".parse::<Uai>(),
            Err(InvalidUai::Lettre { numero: "0690001".into(), lue: 'D', attendue: 'B' })
        );
        assert!("0690001D".parse::<Uai>().unwrap_err().to_string().contains("est B"));
    }

    #[test]
    fn what_is_not_seven_digits_and_a_letter_is_malformed() {
        for text in ["", "0690001", "069000B", "06900011", "0690001BB", "O690001B", "069000é"] {
            assert!(matches!(text.parse::<Uai>(), Err(InvalidUai::Forme(_))), "{text}");
        }
    }

    #[test]
    fn a_number_names_its_etablissement_and_its_portal() {
        let uai: Uai = "0690001B".parse().unwrap();
        assert_eq!(uai.portail().as_str(), "0690001b");
        assert!(uai.portail().as_str().parse::<PortailId>().is_ok());
        assert_eq!(uai.etablissement(), EtablissementId::derived(&["0690001B"]));
    }

    #[test]
    fn a_stored_number_is_checked_when_read() {
        assert!(serde_json::from_str::<Uai>("\"0690001B\"").is_ok());
        assert!(serde_json::from_str::<Uai>("\"0690001D\"").is_err());
    }

    proptest! {
        #[test]
        fn every_number_has_exactly_one_letter(numero in 0usize..10_000_000) {
            let valid = ('A'..='Z').filter(|letter| format!("{numero:07}{letter}").parse::<Uai>().is_ok());
            prop_assert_eq!(valid.count(), 1);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,12}") {
            let _ = text.parse::<Uai>();
        }
    }
}
