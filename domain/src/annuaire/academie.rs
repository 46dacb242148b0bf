//! The académies of the Région. Each has its portal, whose journal holds the directory of
//! the people and établissements of that académie.

use crate::PersonneId;
use std::{fmt, str::FromStr};

/// An académie of Auvergne-Rhône-Alpes (code de l'éducation, art. R222-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Academie {
    Clermont,
    Grenoble,
    Lyon,
}

impl Academie {
    /// All of them.
    pub const TOUTES: [Self; 3] = [Self::Clermont, Self::Grenoble, Self::Lyon];

    /// Its name.
    pub const fn nom(self) -> &'static str {
        match self {
            Self::Clermont => "Clermont-Ferrand",
            Self::Grenoble => "Grenoble",
            Self::Lyon => "Lyon",
        }
    }

    /// The label of its portal.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Clermont => "ac-clermont",
            Self::Grenoble => "ac-grenoble",
            Self::Lyon => "ac-lyon",
        }
    }

    /// The person whom its directory calls by this key (`ENTPersonJointure`, which is unique
    /// within an académie only).
    pub fn personne(self, jointure: &str) -> PersonneId {
        PersonneId::derived(&[self.label(), "aaf", jointure])
    }
}

/// A name that is none of the Région's académies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("« {0} » n'est pas une académie de la Région : Clermont-Ferrand, Grenoble ou Lyon")]
pub struct AcademieInconnue(String);

impl FromStr for Academie {
    type Err = AcademieInconnue;

    /// Reads the name as sources write it: in any case, with or without the hyphen.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_uppercase().replace('-', " ").as_str() {
            "CLERMONT FERRAND" | "CLERMONT" => Ok(Self::Clermont),
            "GRENOBLE" => Ok(Self::Grenoble),
            "LYON" => Ok(Self::Lyon),
            _ => Err(AcademieInconnue(text.chars().take(40).collect())),
        }
    }
}

impl fmt::Display for Academie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.nom())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PortailId;

    #[test]
    fn an_academie_is_known_by_its_name_however_it_is_written() {
        for (text, academie) in [
            ("CLERMONT-FERRAND", Academie::Clermont),
            ("Clermont Ferrand", Academie::Clermont),
            (" lyon ", Academie::Lyon),
            ("Grenoble", Academie::Grenoble),
        ] {
            assert_eq!(text.parse(), Ok(academie), "{text}");
        }
    }

    #[test]
    fn every_academie_is_found_again_by_its_own_name() {
        for academie in Academie::TOUTES {
            assert_eq!(academie.to_string().parse(), Ok(academie));
        }
    }

    #[test]
    fn an_academie_of_another_region_is_refused() {
        for text in ["", "PARIS", "LYON 2", "AIX-MARSEILLE"] {
            assert!(text.parse::<Academie>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_portal_of_an_academie_is_a_host_label() {
        for academie in Academie::TOUTES {
            assert_eq!(academie.label().parse::<PortailId>(), Ok(PortailId::from(academie)));
        }
    }
}
