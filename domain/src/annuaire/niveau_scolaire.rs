//! Levels: which year of which way pupils are in, by the ministry's code of what they study (MEF).
//!
//! The first three digits of a MEF are its *dispositif de formation*. Source: the ministry's Base
//! centrale des nomenclatures, `N_MEF` and `N_DISPOSITIF_FORMATION`.

use std::fmt;

/// Digits of a MEF that say the level.
const CHIFFRES: usize = 3;

/// Levels that have a name of their own.
const CONNUS: [(&str, &str); 9] = [
    ("100", "6e"),
    ("101", "5e"),
    ("102", "4e"),
    ("103", "3e"),
    ("200", "2de générale et technologique"),
    ("201", "1re générale"),
    ("202", "Terminale générale"),
    ("211", "1re technologique"),
    ("212", "Terminale technologique"),
];

/// A level.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NiveauScolaire(String);

impl NiveauScolaire {
    /// That of a MEF; none of what is none.
    pub fn du_mef(mef: &str) -> Option<Self> {
        let code = mef.get(..CHIFFRES)?;
        code.bytes().all(|b| b.is_ascii_digit()).then(|| Self(code.to_owned()))
    }

    /// The code of its dispositif de formation.
    pub fn code(&self) -> &str {
        &self.0
    }
}

/// In words, or by its code where it has no name here.
impl fmt::Display for NiveauScolaire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match CONNUS.iter().find(|(code, _)| *code == self.0) {
            Some((_, libelle)) => f.write_str(libelle),
            None => write!(f, "Formation {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mef_says_its_level() {
        let said = |mef: &str| NiveauScolaire::du_mef(mef).map(|niveau| niveau.to_string());
        assert_eq!(said("10010012110").as_deref(), Some("6e"));
        assert_eq!(said("20211010110").as_deref(), Some("Terminale générale"));
        assert_eq!(said("24720008310").as_deref(), Some("Formation 247"));
        for nothing in ["", "10", "6EME", "é00"] {
            assert_eq!(said(nothing), None, "{nothing}");
        }
        assert!(NiveauScolaire::du_mef("10010012110") < NiveauScolaire::du_mef("10310019110"));
    }
}
