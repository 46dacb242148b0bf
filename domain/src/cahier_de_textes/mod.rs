//! The cahier de textes: when and where what is taught, what is done there, and what is to be
//! done for it.

mod abonnement;
mod cahier;
mod cours;
mod emploi_du_temps;
mod occurrence;
mod progression;
mod seance;
mod travail;

pub use abonnement::*;
pub use cahier::*;
pub use cours::*;
pub use emploi_du_temps::*;
pub use occurrence::*;
pub use progression::*;
pub use seance::*;
pub use travail::*;
