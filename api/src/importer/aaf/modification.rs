//! What a delta says of an entry that an earlier feed delivered.

use super::entree::{
    Appartenance, Attribution, Categorie, ClasseDecl, Fonction, GroupeDecl, LienResponsable,
};
use chrono::NaiveDate;

/// What has changed of an entry. What is `None` was not named, and stays as it was; a list that
/// is named takes the place of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modification {
    /// Its category.
    pub categorie: Categorie,
    /// Its key.
    pub jointure: String,
    /// Of a person.
    pub etat_civil: EtatCivilModifie,
    /// Key of the établissement that manages a person.
    pub rattachement: Option<String>,
    /// Divisions of a pupil.
    pub classes: Option<Vec<Appartenance>>,
    /// Groupes of a pupil, or of a teacher, with and without what is taught there.
    pub groupes: Option<Vec<Appartenance>>,
    /// Adults in relation with a pupil.
    pub responsables: Option<Vec<LienResponsable>>,
    /// Functions of a member of the staff.
    pub fonctions: Option<Vec<Fonction>>,
    /// Attributions of a teacher in divisions.
    pub classes_matieres: Option<Vec<Attribution>>,
    /// Attributions of a teacher in groupes.
    pub groupes_matieres: Option<Vec<Attribution>>,
    /// Divisions of which a teacher is the professeur principal.
    pub professeur_principal_de: Option<Vec<Appartenance>>,
    /// Of an établissement: its usual name.
    pub nom_courant: Option<String>,
    /// Its town.
    pub commune: Option<String>,
    /// Divisions that it declares.
    pub divisions: Option<Vec<ClasseDecl>>,
    /// Groupes that it declares.
    pub groupes_declares: Option<Vec<GroupeDecl>>,
    /// Name of a formation or a matière.
    pub libelle: Option<String>,
}

/// What has changed of names and date of birth; `Some(None)` is a value that was emptied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EtatCivilModifie {
    /// Name in use.
    pub nom: Option<String>,
    /// First name.
    pub prenom: Option<String>,
    /// `M.` or `Mme`.
    pub civilite: Option<Option<String>>,
    /// Date of birth.
    pub date_de_naissance: Option<Option<NaiveDate>>,
    /// Address of electronic mail.
    pub courriel: Option<Option<String>>,
}

/// An entry that is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Its category.
    pub categorie: Categorie,
    /// Its key.
    pub jointure: String,
}
