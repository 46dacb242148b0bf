//! Conservation: how long each kind of content is kept, what may not be destroyed, and what
//! was destroyed (RGPD, art. 5.1.e and 17; code du patrimoine, art. L212-2).

mod auteur;
mod destruction;
mod gel;
mod lot;
mod periode;
mod regle;

pub use auteur::Auteur;
pub use destruction::*;
pub use gel::*;
pub use lot::{Lot, LotExamine, Sujet, SujetInvalide};
pub use periode::{Mois, Periode, PeriodeInvalide};
pub use regle::{Depart, REGLES, Regle};
