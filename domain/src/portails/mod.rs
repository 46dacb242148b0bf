//! Portails: the houses, and who answers for them.

mod adhesion;
mod attribution;
mod catalogue;
mod couleur;
mod habilitation;
mod intervention;
mod mise_en_garde;
mod nature;
mod partenaire;
mod perimetre;
mod periode;
mod portail;
mod service_ent;
mod theme;

use periode::Periode;

pub use adhesion::*;
pub use attribution::Attribution;
pub use catalogue::*;
pub use couleur::*;
pub use habilitation::*;
pub use intervention::*;
pub use mise_en_garde::*;
pub use nature::NaturePortail;
pub use partenaire::*;
pub use perimetre::*;
pub use portail::*;
pub use service_ent::*;
pub use theme::*;
