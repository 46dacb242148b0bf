//! Notes: evaluations and the marks that pupils get, their averages, the conseil de classe, the
//! socle commun, the bulletins and the livrets that are made of them.

mod arret;
mod bulletin;
mod chiffres;
mod competences;
mod conseil;
mod evaluation;
mod fraction;
mod livret;
mod moyennes;
mod periode;
mod politique;
mod propositions;
mod releve;
mod sous_matieres;
mod tableau;
mod valeur;

pub use arret::*;
pub use bulletin::*;
pub use chiffres::*;
pub use competences::*;
pub use conseil::*;
pub use evaluation::*;
pub use fraction::*;
pub use livret::*;
pub use moyennes::*;
pub use periode::*;
pub use politique::*;
pub use propositions::*;
pub use releve::*;
pub use sous_matieres::*;
pub use tableau::*;
pub use valeur::*;
