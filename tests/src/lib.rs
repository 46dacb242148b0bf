//! What the tests of the whole house stand on: a real PostgreSQL, with a migrated
//! database of its own for each test, and the record and the views over it.

// Optimised, the compiler looks through all that GraphQL may ask to know how large an answer under way is.
#![recursion_limit = "256"]

pub mod absent;
pub mod accueil;
mod acts;
mod bench;
pub mod bulletin;
pub mod cas;
pub mod courrier;
mod ecole;
pub mod edt;
pub mod faults;
pub mod fournisseur;
mod gestes;
pub mod horodateur;
mod maison;
pub mod mesures;
pub mod navigateur;
pub mod passerelle;
mod serveur;
pub mod sonnette;
pub mod subscriptions;

pub use acts::{PORTAIL, avec, context, portail};
pub use bench::{Bench, DOMAINE, record};
pub use ecole::{Ecole, enseignement_de, global, personal};
pub use gestes::Heure;
pub use maison::{Maison, PIECE_MAX, auditeur, exploitant};
pub use serveur::Base;
