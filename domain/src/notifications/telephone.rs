//! A number to which an SMS can be sent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A French mobile number in the form of E.164, `+336…` or `+337…` (ARCEP, plan national de
/// numérotation, décision n° 2018-0881, art. 2.3.3): no other takes an SMS for a school's price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Telephone(String);

/// What is no such number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("ce n'est pas un numéro de mobile français")]
pub struct PasUnMobile;

impl FromStr for Telephone {
    type Err = PasUnMobile;

    /// Takes what people type: blanks, dots and dashes between digits, `06…`, `00336…`, `+33 6…`.
    fn from_str(text: &str) -> Result<Self, PasUnMobile> {
        let typed: String = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '\u{a0}')).collect();
        let national = ["+33", "0033", "0"].iter().find_map(|prefix| typed.strip_prefix(prefix));
        let national = national.ok_or(PasUnMobile)?;
        let mobile = national.starts_with(['6', '7']);
        match mobile && national.len() == 9 && national.bytes().all(|b| b.is_ascii_digit()) {
            true => Ok(Self(format!("+33{national}"))),
            false => Err(PasUnMobile),
        }
    }
}

impl TryFrom<String> for Telephone {
    type Error = PasUnMobile;

    fn try_from(text: String) -> Result<Self, PasUnMobile> {
        text.parse()
    }
}

impl From<Telephone> for String {
    fn from(telephone: Telephone) -> Self {
        telephone.0
    }
}

impl fmt::Display for Telephone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_one_number() {
        for typed in ["06 12 34 56 78", "06.12.34.56.78", "+33 6 12 34 56 78", "0033612345678"] {
            assert_eq!(typed.parse::<Telephone>().unwrap().to_string(), "+33612345678", "{typed}");
        }
    }

    #[test]
    fn what_takes_no_sms_is_refused() {
        for typed in
            ["", "04 78 00 00 00", "06 12 34 56", "061234567a", "+1 612 345 6789", "06 12 34 56 78 9"]
        {
            assert!(typed.parse::<Telephone>().is_err(), "{typed}");
        }
    }
}
