//! What is kept of an entry. Keys (*jointures*) are the académie's own, opaque and stable.

use super::modification::{Modification, Suppression};
use chrono::NaiveDate;

/// One entry of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entree {
    /// An établissement.
    EtabEducNat(EtabEducNat),
    /// A formation (*module élémentaire de formation*).
    MefEducNat(MefEducNat),
    /// A matière.
    MatiereEducNat(MatiereEducNat),
    /// An adult in relation with a pupil.
    PersRelEleve(PersRelEleve),
    /// A member of the staff.
    PersEducNat(PersEducNat),
    /// A pupil.
    Eleve(Eleve),
    /// What has changed of an entry; of a delta only.
    Modification(Box<Modification>),
    /// An entry that is no more; of a delta only.
    Suppression(Suppression),
}

impl Entree {
    /// Its category.
    pub fn categorie(&self) -> Categorie {
        match self {
            Self::EtabEducNat(_) => Categorie::EtabEducNat,
            Self::MefEducNat(_) => Categorie::MefEducNat,
            Self::MatiereEducNat(_) => Categorie::MatiereEducNat,
            Self::PersRelEleve(_) => Categorie::PersRelEleve,
            Self::PersEducNat(_) => Categorie::PersEducNat,
            Self::Eleve(_) => Categorie::Eleve,
            Self::Modification(modification) => modification.categorie,
            Self::Suppression(suppression) => suppression.categorie,
        }
    }

    /// Its key.
    pub fn jointure(&self) -> &str {
        match self {
            Self::EtabEducNat(etablissement) => &etablissement.jointure,
            Self::MefEducNat(mef) => &mef.code,
            Self::MatiereEducNat(matiere) => &matiere.code,
            Self::PersRelEleve(personne) => &personne.jointure,
            Self::PersEducNat(personne) => &personne.jointure,
            Self::Eleve(eleve) => &eleve.jointure,
            Self::Modification(modification) => &modification.jointure,
            Self::Suppression(suppression) => &suppression.jointure,
        }
    }
}

/// Category of a file and of its entries, in the order in which they are read: pupils name
/// divisions, and say of which établissements the adults are who answer for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Categorie {
    EtabEducNat,
    MefEducNat,
    MatiereEducNat,
    PersEducNat,
    Eleve,
    PersRelEleve,
}

impl Categorie {
    /// All of them, in the order in which they are read.
    pub const TOUTES: [Self; 6] = [
        Self::EtabEducNat,
        Self::MefEducNat,
        Self::MatiereEducNat,
        Self::PersEducNat,
        Self::Eleve,
        Self::PersRelEleve,
    ];

    /// Its name in file names and in entries.
    pub fn nom(self) -> &'static str {
        match self {
            Self::EtabEducNat => "EtabEducNat",
            Self::MefEducNat => "MefEducNat",
            Self::MatiereEducNat => "MatiereEducNat",
            Self::PersRelEleve => "PersRelEleve",
            Self::PersEducNat => "PersEducNat",
            Self::Eleve => "Eleve",
        }
    }

    /// The category of that name.
    pub fn nommee(nom: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|categorie| categorie.nom() == nom)
    }
}

/// An établissement, with the divisions and groupes that it declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EtabEducNat {
    /// Key.
    pub jointure: String,
    /// Seven digits and a letter. The letter is not checked: test feeds invent it.
    pub uai: String,
    /// Usual name, without its type and town.
    pub nom: String,
    /// `COLLEGE`, `LYCEE`…
    pub nature: Option<String>,
    /// Name of the académie.
    pub academie: Option<String>,
    /// Town.
    pub commune: Option<String>,
    /// Divisions.
    pub classes: Vec<ClasseDecl>,
    /// Groupes.
    pub groupes: Vec<GroupeDecl>,
}

/// A division as its établissement declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClasseDecl {
    /// Code, unique in the établissement.
    pub code: String,
    /// What people read, where it differs.
    pub libelle: Option<String>,
    /// Formations of its pupils.
    pub mefs: Vec<String>,
}

/// A groupe as its établissement declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupeDecl {
    /// Code, unique in the établissement.
    pub code: String,
    /// What people read, where it differs.
    pub libelle: Option<String>,
    /// Codes of the divisions that its pupils come from.
    pub classes: Vec<String>,
}

/// A formation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MefEducNat {
    /// Code, 11 characters for the national ones.
    pub code: String,
    /// What people read.
    pub libelle: String,
    /// National formation to which a local one is attached.
    pub rattachement: Option<String>,
    /// Statistical code (MEFSTAT11).
    pub statistique: Option<String>,
}

/// A matière.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatiereEducNat {
    /// Code.
    pub code: String,
    /// What people read.
    pub libelle: String,
}

/// Names and date of birth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EtatCivil {
    /// Name in use.
    pub nom: String,
    /// Name at birth, where given.
    pub nom_de_naissance: Option<String>,
    /// First name.
    pub prenom: String,
    /// `M.` or `Mme`, as given.
    pub civilite: Option<String>,
    /// Always there for a pupil, seldom for a parent.
    pub date_de_naissance: Option<NaiveDate>,
}

/// An adult in relation with a pupil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersRelEleve {
    /// Key.
    pub jointure: String,
    /// Names.
    pub etat_civil: EtatCivil,
    /// Address of electronic mail. Telephones and postal addresses are not read.
    pub courriel: Option<String>,
}

/// A division or groupe of an établissement, named by somebody's entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Appartenance {
    /// Key of the établissement.
    pub etablissement: String,
    /// Code of the division or groupe.
    pub code: String,
}

/// A matière taught to a division or groupe.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attribution {
    /// Key of the établissement.
    pub etablissement: String,
    /// Code of the division or groupe.
    pub code: String,
    /// Code of the matière, where the attribution states it.
    pub matiere: Option<String>,
}

/// A function held in an établissement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fonction {
    /// Key of the établissement.
    pub etablissement: String,
    /// `DIR`, `ENS`, `EDU`, `AED`, `DOC`…
    pub code: String,
    /// What people read.
    pub libelle: Option<String>,
    /// Code of the post's discipline (`D0010`, `L0202`…).
    pub code_poste: Option<String>,
    /// Name of the post's discipline.
    pub libelle_poste: Option<String>,
}

impl Fonction {
    /// What the directory keeps of it: its code, and that of an infirmier, whom only the post tells.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        let poste = self.libelle_poste.as_deref().unwrap_or_default().to_uppercase();
        let infirmier = self.code == "MDS" && poste.starts_with("INFIRMI");
        [self.code.as_str()].into_iter().chain(infirmier.then_some(domain::annuaire::Profil::INFIRMIER))
    }
}

/// A member of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersEducNat {
    /// Key.
    pub jointure: String,
    /// Names.
    pub etat_civil: EtatCivil,
    /// Professional address of electronic mail.
    pub courriel: Option<String>,
    /// Key of the établissement that manages this person.
    pub rattachement: String,
    /// Functions, in each établissement.
    pub fonctions: Vec<Fonction>,
    /// Attributions in divisions.
    pub classes_matieres: Vec<Attribution>,
    /// Groupes, whatever is taught there.
    pub groupes: Vec<Appartenance>,
    /// Attributions in groupes.
    pub groupes_matieres: Vec<Attribution>,
    /// Divisions of which this person is the professeur principal.
    pub professeur_principal_de: Vec<Appartenance>,
    /// Stands before pupils, where the entry says.
    pub devant_eleves: Option<bool>,
}

/// A pupil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eleve {
    /// Key.
    pub jointure: String,
    /// National identifier, where given.
    pub ine: Option<String>,
    /// Number in the établissement, where given.
    pub numero: Option<String>,
    /// Names and date of birth.
    pub etat_civil: EtatCivil,
    /// Key of the établissement.
    pub rattachement: String,
    /// Code of the formation.
    pub mef: Option<String>,
    /// Divisions.
    pub classes: Vec<Appartenance>,
    /// Groupes.
    pub groupes: Vec<Appartenance>,
    /// Adults in relation.
    pub responsables: Vec<LienResponsable>,
}

/// What an adult is to a pupil. Real feeds sometimes name one adult twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LienResponsable {
    /// Key of the adult.
    pub personne: String,
    /// Code of kinship, of the nomenclature of SIECLE.
    pub lien: u8,
    /// Pays the school's expenses.
    pub financier: bool,
    /// Answers for the pupil in law, or takes care of him or her.
    pub responsabilite: Responsabilite,
    /// To be called.
    pub contact: bool,
    /// Receives the school's payments.
    pub paiement: bool,
}

impl LienResponsable {
    /// Father or mother: codes 1 and 2 until 2018, 10 and 20 since.
    pub fn parent(&self) -> bool {
        matches!(self.lien, 1 | 2 | 10 | 20)
    }
}

/// Level of responsibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Responsabilite {
    /// None: a contact, or who pays.
    Aucune,
    /// *Responsable légal*.
    Legale,
    /// *Personne en charge* of the pupil.
    EnCharge,
}
