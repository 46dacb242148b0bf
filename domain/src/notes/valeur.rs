//! Exact values: marks, scales and coefficients.
//!
//! A value is a decimal with two places at most, as teachers write it, and never
//! passes through binary floating point: 0.1 is one tenth.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An exact decimal of two places at most, written and read as text. Equal values
/// written differently (12,5 and 12.50) are equal; each keeps its places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Valeur(Decimal);

impl Valeur {
    /// Nothing, which is a value too.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// A whole number.
    pub fn whole(number: u16) -> Self {
        Self(Decimal::from(number))
    }

    /// So many hundredths, with both places: averages are written so.
    pub(super) fn centiemes(number: i64) -> Self {
        Self(Decimal::new(number, 2))
    }

    /// For exact arithmetic.
    pub const fn decimal(self) -> Decimal {
        self.0
    }
}

/// A text that is not a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValeur {
    /// Not a decimal number.
    #[error("« {0} » n'est pas un nombre : écrivez par exemple 12,5")]
    Forme(String),
    /// More places than marks have.
    #[error("« {0} » a plus de deux décimales : arrondissez au centième")]
    Decimales(String),
    /// More than any mark.
    #[error("« {0} » est trop grand : six chiffres au plus avant la virgule")]
    Grandeur(String),
}

/// Most places after the point.
const PLACES: usize = 2;
/// Most digits before it.
const DIGITS: usize = 6;

impl FromStr for Valeur {
    type Err = InvalidValeur;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let shown = || text.chars().take(20).collect::<String>();
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, places) = match unsigned.split_once([',', '.']) {
            Some((whole, places)) if !places.is_empty() => (whole, places),
            Some(_) => return Err(InvalidValeur::Forme(shown())),
            None => (unsigned, ""),
        };
        if whole.is_empty() || !whole.bytes().chain(places.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(InvalidValeur::Forme(shown()));
        }
        if places.len() > PLACES {
            return Err(InvalidValeur::Decimales(shown()));
        }
        if whole.len() > DIGITS {
            return Err(InvalidValeur::Grandeur(shown()));
        }
        let magnitude: i64 = format!("{whole}{places}").parse().map_err(|_| InvalidValeur::Forme(shown()))?;
        let mantissa = if unsigned.len() < text.len() { -magnitude } else { magnitude };
        let scale = if places.len() == 2 { 2 } else { u32::from(!places.is_empty()) };
        Ok(Self(Decimal::new(mantissa, scale)))
    }
}

impl TryFrom<String> for Valeur {
    type Error = InvalidValeur;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Valeur> for String {
    fn from(valeur: Valeur) -> Self {
        valeur.to_string()
    }
}

impl fmt::Display for Valeur {
    /// With a point, as programs read it; `{:#}` as French writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { f.write_str(&virgule(&self.0.to_string())) } else { self.0.fmt(f) }
    }
}

/// A decimal as French writes it: with a comma.
pub fn virgule(decimal: &str) -> String {
    decimal.replace('.', ",")
}

/// What stands for a pupil in an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Resultat {
    /// A mark.
    Note {
        /// Its value.
        valeur: Valeur,
    },
    /// Was not there.
    Absent {
        /// Whether it counts as zero. An event that says nothing of it is of when none did.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        compte_zero: bool,
    },
    /// Did not have to do it.
    Dispense,
    /// Did it, without a mark.
    NonNote,
    /// Handed nothing in.
    NonRendu {
        /// Whether it counts as zero.
        compte_zero: bool,
    },
}

impl Resultat {
    /// Whether it counts as zero, where it is the teacher who says so.
    pub const fn compte_zero(self) -> Option<bool> {
        match self {
            Self::Absent { compte_zero } | Self::NonRendu { compte_zero } => Some(compte_zero),
            Self::Note { .. } | Self::Dispense | Self::NonNote => None,
        }
    }

    /// What it is, in one word or two.
    pub const fn etat(self) -> &'static str {
        match self {
            Self::Note { .. } => "noté",
            Self::Absent { .. } => "absent",
            Self::Dispense => "dispensé",
            Self::NonNote => "non noté",
            Self::NonRendu { .. } => "non rendu",
        }
    }

    /// What it is in French, and what it does to the average where that is the teacher's word.
    pub fn texte(self) -> String {
        match (self, self.compte_zero()) {
            (Self::Note { valeur }, _) => format!("{valeur:#}"),
            (_, Some(true)) => format!("{}, compté zéro", self.etat()),
            (_, Some(false)) => format!("{}, sans effet sur la moyenne", self.etat()),
            (_, None) => self.etat().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn valeur(text: &str) -> Valeur {
        text.parse().unwrap()
    }

    #[test]
    fn a_mark_is_written_with_a_comma_or_a_point() {
        assert_eq!(valeur("12,5"), valeur("12.5"));
        assert_eq!(valeur(" 12,5 ").to_string(), "12.5");
    }

    #[test]
    fn equal_values_are_equal_however_written() {
        assert_eq!(valeur("12.5"), valeur("12.50"));
        assert_eq!(valeur("-0"), Valeur::ZERO);
        assert_eq!(valeur("12.50").to_string(), "12.50");
    }

    #[test]
    fn a_value_is_written_with_a_point_for_programs_and_with_a_comma_in_french() {
        for (program, french) in [("14.25", "14,25"), ("-0.5", "-0,5"), ("20", "20")] {
            let valeur = valeur(program);
            assert_eq!((valeur.to_string(), format!("{valeur:#}")), (program.to_owned(), french.to_owned()));
            assert_eq!(Resultat::Note { valeur }.texte(), french);
        }
    }

    #[test]
    fn a_text_that_is_no_number_says_so() {
        for text in ["", "-", "douze", "12,", ",5", "1 2", "+3", "1e3", "12,5,5", "--1"] {
            assert!(matches!(text.parse::<Valeur>(), Err(InvalidValeur::Forme(_))), "{text}");
        }
    }

    #[test]
    fn a_mark_has_two_places_at_most() {
        assert_eq!("12,345".parse::<Valeur>(), Err(InvalidValeur::Decimales("12,345".into())));
    }

    #[test]
    fn no_mark_has_seven_digits() {
        assert_eq!("1234567".parse::<Valeur>(), Err(InvalidValeur::Grandeur("1234567".into())));
    }

    #[test]
    fn a_float_is_never_read() {
        assert!(serde_json::from_str::<Valeur>("12.5").is_err());
        assert_eq!(serde_json::to_string(&valeur("12.5")).unwrap(), "\"12.5\"");
    }

    #[test]
    fn an_absence_counts_as_zero_only_where_the_teacher_says_so() {
        let cases = [
            (Resultat::Note { valeur: valeur("12.5") }, None, "12,5"),
            (Resultat::Absent { compte_zero: false }, Some(false), "absent, sans effet sur la moyenne"),
            (Resultat::Absent { compte_zero: true }, Some(true), "absent, compté zéro"),
            (Resultat::Dispense, None, "dispensé"),
            (Resultat::NonNote, None, "non noté"),
            (Resultat::NonRendu { compte_zero: false }, Some(false), "non rendu, sans effet sur la moyenne"),
            (Resultat::NonRendu { compte_zero: true }, Some(true), "non rendu, compté zéro"),
        ];
        for (resultat, compte_zero, texte) in cases {
            assert_eq!((resultat.compte_zero(), resultat.texte().as_str()), (compte_zero, texte));
        }
    }

    #[test]
    fn an_absence_of_before_it_could_count_is_read_and_written_as_it_was() {
        let kept = r#"{"type":"absent"}"#;
        let read: Resultat = serde_json::from_str(kept).unwrap();
        assert_eq!(read, Resultat::Absent { compte_zero: false });
        assert_eq!(serde_json::to_string(&read).unwrap(), kept, "and the hash of a bulletin stays");
        let counts = Resultat::Absent { compte_zero: true };
        let kept = serde_json::to_string(&counts).unwrap();
        assert_eq!(serde_json::from_str::<Resultat>(&kept).unwrap(), counts);
    }

    proptest! {
        #[test]
        fn a_value_keeps_its_text_exactly(text in "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,2})?") {
            let read = valeur(&text);
            prop_assert_eq!(valeur(&read.to_string()).to_string(), read.to_string());
            if read != Valeur::ZERO {
                prop_assert_eq!(read.to_string(), text);
            }
        }

        #[test]
        fn json_keeps_a_value_exactly(mantissa in -999_999i64..=999_999, scale in 0u32..=2) {
            let read = Valeur(Decimal::new(mantissa, scale));
            let json = serde_json::to_string(&read).unwrap();
            prop_assert_eq!(serde_json::from_str::<Valeur>(&json).unwrap().to_string(), read.to_string());
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,30}") {
            let _ = text.parse::<Valeur>();
        }
    }
}
