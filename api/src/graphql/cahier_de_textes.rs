//! The cahier de textes in GraphQL: weeks, what is done in class, and what is to be done.

mod abonnement;
mod cahier;
mod emploi_du_temps;
mod mutations;
mod semaine;
mod travail;

pub use abonnement::AbonnementMutation;
pub use cahier::{CahierQuery, Seance};
pub use emploi_du_temps::EmploiDuTempsMutation;
pub use mutations::CahierMutation;
pub use semaine::SemaineQuery;
pub use travail::Travail;

use super::errors::Refus;
use super::ids::key;
use async_graphql::ID;
use domain::{EnseignementId, SeanceId, TravailId};
use projections::cahier_de_textes::{Abonnements, Cahiers, EmploisDuTemps};

/// The view of weeks.
const SEMAINES: (&str, i32) = (EmploisDuTemps::NAME, EmploisDuTemps::VERSION);
/// The view of what is written.
const CAHIERS: (&str, i32) = (Cahiers::NAME, Cahiers::VERSION);
/// The view of subscriptions.
const ABONNEMENTS: (&str, i32) = (Abonnements::NAME, Abonnements::VERSION);

fn enseignement_id(id: &ID) -> Result<EnseignementId, Refus> {
    let key = key("Enseignement", id)
        .ok_or_else(|| Refus::invalid("enseignementId", "Ce n'est pas l'identifiant d'un enseignement."))?;
    Ok(EnseignementId(key))
}

fn seance_id(id: &ID) -> Result<SeanceId, Refus> {
    let key = key("Seance", id)
        .ok_or_else(|| Refus::invalid("seanceId", "Ce n'est pas l'identifiant d'une séance."))?;
    Ok(SeanceId(key))
}

fn travail_id(id: &ID) -> Result<TravailId, Refus> {
    let key = key("Travail", id)
        .ok_or_else(|| Refus::invalid("travailId", "Ce n'est pas l'identifiant d'un travail."))?;
    Ok(TravailId(key))
}
