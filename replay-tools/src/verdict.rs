//! What the program concludes, for people, for machines and for the shell.

use std::fmt;
use std::process::ExitCode;

/// A conclusion. The worst of several is that of the whole, and a proven fault is worse
/// than a doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Everything that was asked was checked and is right.
    Valide,
    /// It could not be checked, or not wholly.
    Indetermine,
    /// Something is proven wrong.
    Invalide,
}

impl Verdict {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Valide => 0,
            Self::Invalide => 1,
            Self::Indetermine => 2,
        }
    }

    /// The word of the JSON verdicts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Valide => "valide",
            Self::Indetermine => "indetermine",
            Self::Invalide => "invalide",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Valide => "VALIDE",
            Self::Indetermine => "INDÉTERMINÉ",
            Self::Invalide => "INVALIDE",
        })
    }
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        Self::from(verdict.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_tells_the_three_conclusions_apart() {
        assert_eq!([Verdict::Valide, Verdict::Invalide, Verdict::Indetermine].map(Verdict::code), [0, 1, 2]);
    }

    #[test]
    fn a_fault_found_outweighs_a_doubt() {
        assert_eq!(Verdict::Indetermine.max(Verdict::Invalide), Verdict::Invalide);
        assert_eq!(Verdict::Valide.max(Verdict::Indetermine), Verdict::Indetermine);
    }
}
