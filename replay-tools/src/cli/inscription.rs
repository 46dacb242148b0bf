//! Where it stands on the record that the record is carried away, or why it does not.

use super::value::{motif, place};
use clap::Args;
use ledger::unit::Position;

/// What `exporter` and `prouver` are told of it.
#[derive(Args)]
pub struct Inscription {
    /// Where consultations stand on the record.
    #[arg(
        long = "consultation",
        value_name = "PLACE",
        value_parser = place,
        help = "Place où cette sortie est inscrite au journal, portail/année/numéro ; une pour chaque portail"
    )]
    pub consultations: Vec<Position>,
    /// Why it stands nowhere.
    #[arg(
        long,
        value_name = "MOTIF",
        value_parser = motif,
        conflicts_with = "consultations",
        help = "Sortir sans l'avoir fait inscrire, et pourquoi : ce qui est emporté le dit"
    )]
    pub sans_consultation: Option<String>,
}
