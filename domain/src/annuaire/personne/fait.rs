//! The facts of which a person's record is made, as sources say them.

use super::super::paroles::Fait;
use super::super::{EtatCivil, NatureDeFait, Profil, Responsabilite};
use crate::{AnneeScolaire, DivisionId, EtablissementId, GroupeId};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a person is in an établissement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rattachement {
    pub(super) profil: Profil,
    pub(super) fonctions: Vec<String>,
}

/// In which division of an établissement, or in none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Affectation(pub(super) Option<DivisionId>);

/// In which of the groupes that sources declare, in an établissement.
#[derive(Debug, Clone, Default)]
pub(super) struct Repartition {
    /// Of which school year they are; what was said before that was kept does not tell.
    pub(super) annee: Option<AnneeScolaire>,
    pub(super) groupes: BTreeSet<GroupeId>,
}

/// The same groupes are of the same year, told or not; to be in none is so in any.
impl PartialEq for Repartition {
    fn eq(&self, autre: &Self) -> bool {
        self.groupes == autre.groupes
    }
}

/// Who answers for a pupil. A lesser source adds nobody: a better one that names some says that
/// there are no others, and a judge may have had one taken off the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Responsabilites(pub(super) Vec<Responsabilite>);

impl Fait for EtatCivil {
    const NATURE: NatureDeFait = NatureDeFait::EtatCivil;

    fn completer(self, moindre: &Self) -> Self {
        Self {
            civilite: self.civilite.or_else(|| moindre.civilite.clone()),
            naissance: self.naissance.or(moindre.naissance),
            courriel: self.courriel.or_else(|| moindre.courriel.clone()),
            ..self
        }
    }
}

impl Fait for Rattachement {
    const NATURE: NatureDeFait = NatureDeFait::Rattachement;
}

impl Fait for Affectation {
    const NATURE: NatureDeFait = NatureDeFait::Affectation;

    /// To know of no division is not to say that there is none.
    fn completer(self, moindre: &Self) -> Self {
        Self(self.0.or(moindre.0))
    }
}

impl Fait for Repartition {
    const NATURE: NatureDeFait = NatureDeFait::Repartition;

    /// A list is whole, so that nobody adds to one; but feeds without groupes leave it empty, and to
    /// know of none is not to say that there is none.
    fn completer(self, moindre: &Self) -> Self {
        if self.groupes.is_empty() { moindre.clone() } else { self }
    }
}

impl Fait for Responsabilites {
    const NATURE: NatureDeFait = NatureDeFait::Responsabilites;
}

/// What a source says, where a better one says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dit {
    /// Of the identity.
    EtatCivil(EtatCivil),
    /// Of what the person is somewhere.
    Rattachement {
        /// Where.
        etablissement: EtablissementId,
        /// As what.
        profil: Profil,
        /// Codes of the functions held there.
        fonctions: Vec<String>,
    },
    /// Of the pupil's division.
    Affectation {
        /// Where.
        etablissement: EtablissementId,
        /// In which division.
        division: Option<DivisionId>,
    },
    /// Of the groupes in which the person is.
    Groupes {
        /// Where.
        etablissement: EtablissementId,
        /// Of which school year they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        annee: Option<AnneeScolaire>,
        /// Which ones.
        groupes: BTreeSet<GroupeId>,
    },
    /// Of who answers for the pupil.
    Responsabilites {
        /// The adults.
        responsables: Vec<Responsabilite>,
    },
}

/// What a source no longer speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Objet {
    /// The identity.
    EtatCivil,
    /// What the person is somewhere.
    Rattachement {
        /// Where.
        etablissement: EtablissementId,
    },
    /// The pupil's division.
    Affectation {
        /// Where.
        etablissement: EtablissementId,
    },
    /// The groupes in which the person is.
    Groupes {
        /// Where.
        etablissement: EtablissementId,
    },
    /// Who answers for the pupil.
    Responsabilites,
}

/// What changes of an identity: what is `None` stays, and what is `Some(None)` goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Rectification {
    /// Family name.
    pub nom: Option<String>,
    /// First name.
    pub prenom: Option<String>,
    /// Civility.
    pub civilite: Option<Option<String>>,
    /// Date of birth.
    pub naissance: Option<Option<NaiveDate>>,
    /// Address for mail.
    pub courriel: Option<Option<String>>,
}

impl Rectification {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn sur(self, connu: EtatCivil) -> EtatCivil {
        EtatCivil {
            nom: self.nom.unwrap_or(connu.nom),
            prenom: self.prenom.unwrap_or(connu.prenom),
            civilite: self.civilite.unwrap_or(connu.civilite),
            naissance: self.naissance.unwrap_or(connu.naissance),
            courriel: self.courriel.unwrap_or(connu.courriel),
        }
    }
}
