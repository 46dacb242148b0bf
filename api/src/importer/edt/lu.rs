//! What both formats say, in one form.

use crate::importer::fichier::Rejet;
use chrono::NaiveDate;
use domain::AnneeScolaire;
use domain::JourDeSemaine;
use domain::annuaire::{Matiere, Uai};
use domain::cahier_de_textes::{Plage, Semaines};
use std::sync::Arc;

/// Most courses of an export.
pub const COURS_MAX: usize = 6_000;

/// A teacher, as the export names him or her.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct EnseignantDuCours {
    /// Key in STS, where it is given.
    pub cle: Option<String>,
    pub nom: String,
    pub prenom: String,
    pub naissance: Option<NaiveDate>,
}

/// A groupe or a part of a class, and the codes of the divisions that it is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct GroupeLu {
    pub code: String,
    pub divisions: Vec<String>,
}

/// A course, as the export has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CoursLu {
    pub fichier: Arc<str>,
    pub ligne: u64,
    pub matiere: Matiere,
    pub jour: JourDeSemaine,
    pub plage: Plage,
    pub enseignants: Vec<(EnseignantDuCours, Semaines)>,
    /// Codes of whole divisions.
    pub divisions: Vec<(String, Semaines)>,
    pub groupes: Vec<(GroupeLu, Semaines)>,
    pub salles: Vec<(String, Semaines)>,
}

/// What an export says.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct EmploiDuTempsLu {
    pub uai: Uai,
    pub annee: AnneeScolaire,
    pub cours: Vec<CoursLu>,
    /// Courses met.
    pub lus: u64,
    pub rejets: Vec<Rejet>,
}
