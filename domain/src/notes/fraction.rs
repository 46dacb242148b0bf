//! Exact fractions, in which averages are computed.
//!
//! A third is a third until the one rounding that the policy names: no order of the
//! marks, and no number of them, changes a figure.

use super::Valeur;
use num_rational::BigRational;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::{Add, Mul, Sub};
use std::{fmt, str::FromStr};

/// An exact fraction without bound, written `n/d` in lowest terms, or `n` where it is whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Fraction(#[schemars(with = "String")] BigRational);

impl Fraction {
    /// A whole number.
    pub fn whole(number: i64) -> Self {
        Self(BigRational::from_integer(number.into()))
    }

    /// Nothing.
    pub fn zero() -> Self {
        Self::whole(0)
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        *self == Self::zero()
    }

    /// What is left of a division; nothing where there is nothing to divide by.
    pub fn divided(self, by: Self) -> Option<Self> {
        (!by.is_zero()).then(|| Self(self.0 / by.0))
    }

    /// The whole number below or at it.
    pub(super) fn floor(&self) -> Option<i64> {
        i64::try_from(self.0.floor().to_integer()).ok()
    }

    /// The whole number above or at it.
    pub(super) fn ceil(&self) -> Option<i64> {
        i64::try_from(self.0.ceil().to_integer()).ok()
    }
}

impl From<Valeur> for Fraction {
    fn from(valeur: Valeur) -> Self {
        let decimal = valeur.decimal();
        let unit = 10_i64.pow(decimal.scale());
        Self(BigRational::new(decimal.mantissa().into(), unit.into()))
    }
}

impl Add for Fraction {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Fraction {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul for Fraction {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

impl Sum for Fraction {
    fn sum<I: Iterator<Item = Self>>(them: I) -> Self {
        them.fold(Self::zero(), Add::add)
    }
}

/// A text that is no fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("une fraction s'écrit « n/d », ou « n » si elle est entière")]
pub struct InvalidFraction;

impl FromStr for Fraction {
    type Err = InvalidFraction;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| InvalidFraction)
    }
}

impl TryFrom<String> for Fraction {
    type Error = InvalidFraction;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Fraction> for String {
    fn from(fraction: Fraction) -> Self {
        fraction.to_string()
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_read_as_it_is_written_and_in_lowest_terms() {
        assert_eq!("43/3".parse::<Fraction>().unwrap().to_string(), "43/3");
        assert_eq!("50/4".parse::<Fraction>().unwrap().to_string(), "25/2");
        assert_eq!("8/4".parse::<Fraction>().unwrap().to_string(), "2");
    }

    #[test]
    fn what_is_no_fraction_is_refused() {
        for text in ["", "1/0", "un tiers", "1.5", "1/2/3"] {
            assert_eq!(text.parse::<Fraction>(), Err(InvalidFraction), "{text}");
        }
    }

    #[test]
    fn nothing_is_divided_by_nothing() {
        assert_eq!(Fraction::whole(1).divided(Fraction::zero()), None);
        assert_eq!(Fraction::whole(1).divided(Fraction::whole(2)), "1/2".parse().ok());
    }

    #[test]
    fn a_mark_is_the_fraction_that_it_says() {
        assert_eq!(Fraction::from("12,50".parse::<Valeur>().unwrap()), "25/2".parse().unwrap());
    }
}
