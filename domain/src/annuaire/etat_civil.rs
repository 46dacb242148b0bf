//! What a person is called, and what he or she is at school.

use chrono::{Months, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the sources say of a person's identity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EtatCivil {
    /// Family name, or the only name of who has one name.
    pub nom: String,
    /// First name; empty for who has one name.
    pub prenom: String,
    /// `M.` or `Mme`, as the source writes it.
    pub civilite: Option<String>,
    /// Date of birth.
    pub naissance: Option<NaiveDate>,
    /// Address for mail.
    pub courriel: Option<String>,
}

/// Years at which a person is of age (code civil, art. 414).
const MAJORITE: u32 = 18;

impl EtatCivil {
    /// Whether the person is of age on a day; nobody is of whom no date of birth is known.
    pub fn est_majeur(&self, jour: NaiveDate) -> bool {
        let majorite = self.naissance.and_then(|jour| jour.checked_add_months(Months::new(12 * MAJORITE)));
        majorite.is_some_and(|majorite| majorite <= jour)
    }
}

/// What a person is in an établissement; rights start from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Profil {
    /// A pupil.
    Eleve,
    /// An adult who answers for a pupil.
    Responsable,
    /// A teacher.
    Enseignant,
    /// The head of the établissement and who assists him or her.
    Direction,
    /// Vie scolaire: CPE, AED.
    VieScolaire,
    /// Any other staff of the établissement.
    Administratif,
    /// Who comes from outside.
    Autre,
}

impl Profil {
    /// Every profil.
    pub const ALL: &'static [Self] = &[
        Self::Eleve,
        Self::Responsable,
        Self::Enseignant,
        Self::Direction,
        Self::VieScolaire,
        Self::Administratif,
        Self::Autre,
    ];

    /// The frozen name, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eleve => "eleve",
            Self::Responsable => "responsable",
            Self::Enseignant => "enseignant",
            Self::Direction => "direction",
            Self::VieScolaire => "vie_scolaire",
            Self::Administratif => "administratif",
            Self::Autre => "autre",
        }
    }

    /// The profil of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|profil| profil.as_str() == name)
    }

    /// The function of an infirmier, as the directory keeps it. The AAF codes it with all of the
    /// *personnels médico-sociaux* (`MDS`), and only the post tells who is bound by the secrecy of
    /// care (code de la santé publique, art. R4312-5).
    pub const INFIRMIER: &'static str = "INFIRMIER";

    /// The profil of a staff function: second part of `ENTPersonFonctions`
    /// (`etab$code$libellé$…`), as annexe 4 of the SDET codes it.
    pub fn of_fonction(code: &str) -> Self {
        match code {
            "DIR" => Self::Direction,
            "ENS" => Self::Enseignant,
            "EDU" | "AED" | "SUR" => Self::VieScolaire,
            _ => Self::Administratif,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_of_age_on_the_eighteenth_birthday() {
        let ne = |jour: &str| EtatCivil { naissance: jour.parse().ok(), ..EtatCivil::default() };
        let majeur = |ne: &EtatCivil, jour: &str| ne.est_majeur(jour.parse().unwrap());
        assert!(!majeur(&ne("2008-11-24"), "2026-11-23"));
        assert!(majeur(&ne("2008-11-23"), "2026-11-23"));
        assert!(majeur(&ne("2008-02-29"), "2026-02-28"));
        assert!(!majeur(&ne(""), "2026-11-23"), "nobody is of whom nothing is known");
    }

    #[test]
    fn a_profil_follows_from_the_function() {
        assert_eq!(Profil::of_fonction("DIR"), Profil::Direction);
        assert_eq!(Profil::of_fonction("ENS"), Profil::Enseignant);
        for code in ["EDU", "AED", "SUR"] {
            assert_eq!(Profil::of_fonction(code), Profil::VieScolaire, "{code}");
        }
        assert_eq!(Profil::of_fonction("AEH"), Profil::Administratif);
    }

    #[test]
    fn a_profil_is_stored_under_its_frozen_name() {
        for profil in Profil::ALL {
            assert_eq!(serde_json::to_value(profil).unwrap(), profil.as_str());
            assert_eq!(Profil::named(profil.as_str()), Some(*profil));
        }
    }
}
