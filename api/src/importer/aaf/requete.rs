//! One entry under construction, within its limits.
//!
//! The first fault is kept and nothing more is stored, so that an entry of any size costs no more
//! than the limits say; reading goes on to its end tag and to the next entry.

use super::attribut;
use crate::importer::fichier::{Defaut, MotifRejet};
use domain::annuaire::NatureDeLivraison;

/// Most attributes of an entry, known or not.
pub const ATTRIBUTS_MAX: usize = 200;
/// Most values of an entry: a groupe of a large lycée names hundreds, none names thousands.
pub const VALEURS_MAX: usize = 5_000;
/// Most bytes of a value.
pub const VALEUR_MAX: usize = 4 * 1024;
/// Most bytes of an entry, tags included.
pub const REQUETE_MAX: u64 = 1024 * 1024;
/// Most nested tags; the format has five.
pub const PROFONDEUR_MAX: usize = 8;

/// Where the reader stands in an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Operationnels,
    AttributOperationnel,
    Categorie,
    Identifiants,
    Identifiant,
    Attributs,
    Modifications,
    Attribut(Option<&'static str>),
    Valeur(Option<&'static str>),
    Ignoree,
}

/// What the feed does with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Ajout,
    Modification,
    Suppression,
}

/// An entry, as text.
#[derive(Debug)]
pub(super) struct Requete {
    pub(super) ligne: u64,
    pub(super) operation: Operation,
    pub(super) identifiant: String,
    pub(super) categorie: String,
    pub(super) attributs: Vec<(&'static str, String)>,
    /// The attributes that are named, with or without a value.
    pub(super) nommes: Vec<&'static str>,
    pub(super) defaut: Option<Defaut>,
    places: Vec<Place>,
    texte: String,
    nombre_d_attributs: usize,
    nombre_de_valeurs: usize,
}

impl Requete {
    /// The entry opened by `operation` on that line of a feed of that nature.
    pub(super) fn nouvelle(operation: &str, ligne: u64, nature: NatureDeLivraison) -> Self {
        let delta = nature == NatureDeLivraison::Delta;
        let refuse = |operation| (!delta).then_some(MotifRejet::DeltaRefuse { operation });
        let (operation, motif) = match operation {
            "addRequest" => (Operation::Ajout, None),
            "modifyRequest" => (Operation::Modification, refuse("modifyRequest")),
            "deleteRequest" => (Operation::Suppression, refuse("deleteRequest")),
            _ => (Operation::Ajout, Some(MotifRejet::FormeInattendue)),
        };
        Self {
            ligne,
            operation,
            identifiant: String::new(),
            categorie: String::new(),
            attributs: Vec::new(),
            nommes: Vec::new(),
            defaut: motif.map(Defaut::from),
            places: Vec::with_capacity(PROFONDEUR_MAX),
            texte: String::new(),
            nombre_d_attributs: 0,
            nombre_de_valeurs: 0,
        }
    }

    /// A tag opens; `nom` is the attribute `name` of an `attr` or a `modification`, `operation`
    /// that of a `modification`.
    pub(super) fn ouvrir(&mut self, balise: &str, nom: Option<&str>, operation: Option<&str>) {
        let place = match (self.places.last(), balise) {
            (None, "operationalAttributes") => Place::Operationnels,
            (None, "identifier") => Place::Identifiants,
            (None, "attributes") if self.operation == Operation::Ajout => Place::Attributs,
            (None, "modifications") if self.operation == Operation::Modification => Place::Modifications,
            (None, "modifications") if self.defaut.is_some() => Place::Ignoree,
            (Some(Place::Operationnels), "attr") => Place::AttributOperationnel,
            (Some(Place::AttributOperationnel), "value") => Place::Categorie,
            (Some(Place::Identifiants), "id") => Place::Identifiant,
            (Some(Place::Attributs), "attr") => self.compter_attribut(nom),
            (Some(Place::Modifications), "modification") => {
                if operation != Some("replace") {
                    self.refuser(MotifRejet::ModificationRefusee.into());
                }
                self.compter_attribut(nom)
            }
            (Some(Place::Attribut(attribut)), "value") => {
                let attribut = *attribut;
                self.compter_valeur(attribut)
            }
            (Some(Place::Ignoree), _) => Place::Ignoree,
            _ => {
                self.refuser(MotifRejet::FormeInattendue.into());
                Place::Ignoree
            }
        };
        self.texte.clear();
        self.places.push(place);
    }

    /// Text, references resolved.
    pub(super) fn ajouter(&mut self, texte: &str) {
        let attribut = match self.places.last() {
            Some(Place::Valeur(attribut)) => *attribut,
            Some(Place::Categorie | Place::Identifiant) => None,
            Some(Place::Ignoree) => return,
            _ if texte.trim().is_empty() => return,
            _ => return self.refuser(MotifRejet::FormeInattendue.into()),
        };
        if self.texte.len() + texte.len() <= VALEUR_MAX {
            self.texte.push_str(texte);
        } else {
            let motif = MotifRejet::ValeurTropLongue { max: VALEUR_MAX };
            self.refuser(Defaut { attribut, motif });
        }
    }

    /// A tag closes.
    pub(super) fn fermer(&mut self) {
        let valeur = self.texte.trim();
        match self.places.pop() {
            Some(Place::Categorie) => valeur.clone_into(&mut self.categorie),
            Some(Place::Identifiant) => valeur.clone_into(&mut self.identifiant),
            Some(Place::Valeur(Some(attribut))) if !valeur.is_empty() && self.defaut.is_none() => {
                self.attributs.push((attribut, valeur.to_owned()));
            }
            _ => {}
        }
        self.texte.clear();
    }

    /// The entry has that many bytes so far.
    pub(super) fn mesurer(&mut self, octets: u64) {
        if octets > REQUETE_MAX {
            self.refuser(MotifRejet::RequeteTropGrande { max: REQUETE_MAX }.into());
        }
    }

    fn compter_attribut(&mut self, nom: Option<&str>) -> Place {
        self.nombre_d_attributs += 1;
        if self.nombre_d_attributs > ATTRIBUTS_MAX {
            self.refuser(MotifRejet::TropDAttributs { max: ATTRIBUTS_MAX }.into());
        }
        match nom {
            Some(nom) => {
                let connu = attribut::connu(nom);
                self.nommes.extend(connu.filter(|_| self.defaut.is_none()));
                Place::Attribut(connu)
            }
            None => {
                self.refuser(MotifRejet::FormeInattendue.into());
                Place::Ignoree
            }
        }
    }

    fn compter_valeur(&mut self, attribut: Option<&'static str>) -> Place {
        self.nombre_de_valeurs += 1;
        if self.nombre_de_valeurs > VALEURS_MAX {
            let motif = MotifRejet::TropDeValeurs { max: VALEURS_MAX };
            self.refuser(Defaut { attribut, motif });
        }
        Place::Valeur(attribut)
    }

    fn refuser(&mut self, defaut: Defaut) {
        self.defaut.get_or_insert(defaut);
        self.attributs = Vec::new();
        self.nommes = Vec::new();
    }
}
