//! The facts of which an établissement is made, as sources say them.

use super::super::paroles::Fait;
use super::super::{Auditoire, FicheEtablissement, Matiere, NatureDeFait};
use crate::{AnneeScolaire, DivisionId, EnseignementId, GroupeId, PersonneId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A division, as last said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ouverture {
    pub(super) libelle: String,
    pub(super) mef: Option<String>,
}

/// What one teacher teaches, as last said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribution {
    pub(super) auditoire: Auditoire,
    pub(super) matiere: Matiere,
    pub(super) principal: bool,
}

/// A groupe, as its source declares it. It is of one school year: the next one's, under the same code,
/// has other pupils, and is to have nothing of what was shared with these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeclarationDeGroupe {
    /// The school year.
    pub annee: AnneeScolaire,
    /// Its code, which no other groupe of that year has in the source.
    pub code: String,
    /// Its name; where the source has none, the code.
    pub libelle: String,
    /// From which divisions its members come, where the source says.
    pub divisions: BTreeSet<DivisionId>,
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

impl Fait for DeclarationDeGroupe {
    const NATURE: NatureDeFait = NatureDeFait::Groupe;

    fn completer(self, moindre: &Self) -> Self {
        let nomme = self.libelle != self.code;
        Self {
            libelle: if nomme { self.libelle } else { moindre.libelle.clone() },
            divisions: if self.divisions.is_empty() { moindre.divisions.clone() } else { self.divisions },
            ..self
        }
    }
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
        #[serde(flatten)]
        auditoire: Auditoire,
        /// Which matière.
        matiere: Matiere,
        /// By whom.
        enseignant: PersonneId,
        /// Whether principal of the division.
        principal: bool,
    },
    /// Of a groupe.
    Groupe {
        /// Which one.
        groupe: GroupeId,
        /// How it is declared.
        declaration: DeclarationDeGroupe,
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
    /// A groupe.
    Groupe {
        /// Which one.
        groupe: GroupeId,
    },
}
