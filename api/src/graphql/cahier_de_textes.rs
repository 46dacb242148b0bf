//! The cahier de textes in GraphQL: weeks, what is done in class, and what is to be done.

mod abonnement;
mod cahier;
mod emploi_du_temps;
mod mutations;
mod pieces;
mod semaine;
mod travail;

pub use abonnement::AbonnementMutation;
pub use cahier::{CahierQuery, Seance};
pub use emploi_du_temps::EmploiDuTempsMutation;
pub use mutations::CahierMutation;
pub use pieces::PiecesMutation;
pub use semaine::SemaineQuery;
pub use travail::Travail;

use projections::cahier_de_textes::{Abonnements, Cahiers, EmploisDuTemps};

/// The view of weeks.
const SEMAINES: (&str, i32) = (EmploisDuTemps::NAME, EmploisDuTemps::VERSION);
/// The view of what is written.
const CAHIERS: (&str, i32) = (Cahiers::NAME, Cahiers::VERSION);
/// The view of subscriptions.
const ABONNEMENTS: (&str, i32) = (Abonnements::NAME, Abonnements::VERSION);
