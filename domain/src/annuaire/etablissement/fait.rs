//! The facts of which an établissement is made, as sources say them.

use super::super::paroles::Fait;
use super::super::{FicheEtablissement, Matiere, NatureDeFait};
use crate::{DivisionId, EnseignementId, PersonneId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A division, as last said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ouverture {
    pub(super) libelle: String,
    pub(super) mef: Option<String>,
}

/// What one teacher teaches, as last said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribution {
    pub(super) division: DivisionId,
    pub(super) matiere: Matiere,
    pub(super) principal: bool,
}

impl Fait for FicheEtablissement {
    const NATURE: NatureDeFait = NatureDeFait::FicheEtablissement;
}

impl Fait for Ouverture {
    const NATURE: NatureDeFait = NatureDeFait::Division;

    fn completer(self, moindre: &Self) -> Self {
        Self { mef: self.mef.or_else(|| moindre.mef.clone()), ..self }
    }
}

impl Fait for Attribution {
    const NATURE: NatureDeFait = NatureDeFait::Enseignement;
}

/// What a source says, where a better one says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DitEtablissement {
    /// Of the établissement.
    Fiche(FicheEtablissement),
    /// Of a division.
    Division {
        /// Which one.
        division: DivisionId,
        /// Its name.
        libelle: String,
        /// Its formation.
        mef: Option<String>,
    },
    /// Of what a teacher teaches.
    Enseignement {
        /// What.
        enseignement: EnseignementId,
        /// To whom.
        division: DivisionId,
        /// Which matière.
        matiere: Matiere,
        /// By whom.
        enseignant: PersonneId,
        /// Whether principal of the division.
        principal: bool,
    },
}

/// What a source no longer speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjetEtablissement {
    /// What a teacher teaches.
    Enseignement {
        /// What.
        enseignement: EnseignementId,
        /// By whom.
        enseignant: PersonneId,
    },
}
