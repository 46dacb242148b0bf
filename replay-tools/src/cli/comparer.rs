//! What `comparer` is asked.

use clap::Args;

pub(super) const HELP: &str = "\
Journal et vues sont lus au même instant. Demande le fichier de clés.

Exemples :
  ent-rejeu comparer
  ent-rejeu comparer --json";

/// Options of `comparer`.
#[derive(Args)]
pub struct Comparer {
    /// A verdict for machines.
    #[arg(long, help = "Verdict en JSON")]
    pub json: bool,
}
