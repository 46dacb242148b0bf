//! The names of identity providers, and why they open nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What the configuration calls an identity provider; it is in addresses, and never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct FournisseurId(String);

impl FournisseurId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name that no address could carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("« {0} » n'est pas un nom de fournisseur : lettres minuscules, chiffres et tirets, 40 au plus")]
pub struct FournisseurInvalide(String);

impl FromStr for FournisseurId {
    type Err = FournisseurInvalide;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = (1..=40).contains(&text.len()) && text.chars().all(allowed);
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(FournisseurInvalide(text.chars().take(60).collect()))
        }
    }
}

impl<'de> Deserialize<'de> for FournisseurId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for FournisseurId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a sign-in failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MotifDEchec {
    /// The way back is not that of a sign-in which this browser began: too late, or a second time.
    RetourRefuse,
    /// What the provider answered does not hold: signature, nonce, audience, ticket…
    ReponseRefusee,
    /// The provider gave no key, or one that cannot be read.
    CleIllisible,
    /// The key is nobody's.
    IdentiteInconnue,
    /// The key is several persons'.
    IdentiteAmbigue,
    /// The key was detached from its compte.
    IdentiteDetachee,
    /// The compte is suspended.
    CompteSuspendu,
    /// The compte is locked.
    CompteVerrouille,
}

impl MotifDEchec {
    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RetourRefuse => "retour_refuse",
            Self::ReponseRefusee => "reponse_refusee",
            Self::CleIllisible => "cle_illisible",
            Self::IdentiteInconnue => "identite_inconnue",
            Self::IdentiteAmbigue => "identite_ambigue",
            Self::IdentiteDetachee => "identite_detachee",
            Self::CompteSuspendu => "compte_suspendu",
            Self::CompteVerrouille => "compte_verrouille",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_named_as_addresses_are() {
        for name in ["educonnect", "ac-lyon", "cas2"] {
            assert_eq!(name.parse::<FournisseurId>().unwrap().to_string(), name);
        }
        for name in ["", "Educonnect", "a/b", "é", &"a".repeat(41)] {
            assert!(name.parse::<FournisseurId>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_reason_is_stored_under_its_frozen_name() {
        for motif in [MotifDEchec::RetourRefuse, MotifDEchec::IdentiteAmbigue, MotifDEchec::CompteVerrouille]
        {
            assert_eq!(serde_json::to_value(motif).unwrap(), motif.as_str());
        }
    }
}
