//! The AAF (*annuaire académique fédérateur*) feed: `ficAlimMENESR` files of one académie.
//!
//! Format: annexe 4bis of the SDET (schéma directeur des espaces numériques de travail). A
//! feed is a folder of XML files, one category of entries per file. A complete one has every
//! entry; a delta says what was added, modified and deleted since the one before.
//!
//! - [`AafReader`] reads one file in bounded memory, whatever its size or intent;
//! - [`Livraison`] finds the files of a feed and reads them in the order of dependency;
//! - [`Entree`] is what is kept of an entry, [`Rejet`] why one is not;
//! - [`generator`] writes feeds of invented people, for the demo and the benches.
//!
//! Data minimisation (RGPD, art. 5.1.c): addresses, telephone numbers, grants, transport, diets
//! and professions of parents are in the feed and are not read: [`attribut`] is the whole list of
//! what is.

pub mod attribut;
mod champs;
mod entree;
mod feed;
pub mod generator;
mod modification;
mod reader;
mod requete;
mod typage;

pub use super::fichier::{ELEMENT_MAX, MotifRejet, Rejet};
pub use entree::{
    Appartenance, Attribution, Categorie, ClasseDecl, Eleve, Entree, EtabEducNat, EtatCivil, Fonction,
    GroupeDecl, LienResponsable, MatiereEducNat, MefEducNat, PersEducNat, PersRelEleve, Responsabilite,
};
pub use feed::{Entrees, Fichier, Livraison, LivraisonRefusee};
pub use modification::{EtatCivilModifie, Modification, Suppression};
pub use reader::AafReader;
pub use requete::{ATTRIBUTS_MAX, PROFONDEUR_MAX, REQUETE_MAX, VALEUR_MAX, VALEURS_MAX};
