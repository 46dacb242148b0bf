//! Days of the week.

use async_graphql::Enum;

/// Un jour de la semaine.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::JourDeSemaine")]
pub enum JourDeSemaine {
    Lundi,
    Mardi,
    Mercredi,
    Jeudi,
    Vendredi,
    Samedi,
    Dimanche,
}
