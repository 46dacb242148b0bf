//! What there is to tell, what was told, to nobody even, and what came back, how each wishes to be told,
//! and by which devices.

mod adresses;
mod annonces;
mod appareils;
mod envois;
mod preferences;
mod prevenus;
mod sans_suite;

pub use adresses::{AdresseEnDefaut, Adresses};
pub use annonces::{APreparer, Annonces, Destinataire, Recherche};
pub use appareils::{AppareilConnu, Appareils};
pub use envois::{Envoi, Envois, Pli, Suivi};
pub use preferences::{Preference, Preferences};
pub use prevenus::Prevenu;
pub use sans_suite::SansSuites;
