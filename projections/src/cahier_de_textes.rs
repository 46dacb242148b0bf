//! The cahier de textes: the emplois du temps, what is written in the cahiers, and the addresses
//! at which agendas are read.

mod abonnements;
mod cahiers;
mod emplois_du_temps;
mod queries;

pub use abonnements::Abonnements;
pub use cahiers::Cahiers;
pub use emplois_du_temps::{EmploisDuTemps, Plan};
pub use queries::{Copie, PieceRendue, SeanceEcrite, TravailDonne, Visa};
