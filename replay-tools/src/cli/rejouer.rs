//! What `rejouer` is asked: which view, and as of when.

use super::value::portail;
use crate::date;
use chrono::{DateTime, Utc};
use clap::Args;
use domain::PortailId;

pub(super) const HELP: &str = "\
Une date vaut jusqu'à minuit, heure de Paris. --au seul montre ce que l'on voyait ce jour-là.
Avec --connu-au, plus tardif, ce jour-là tel qu'on le connaît depuis : une absence justifiée
après coup y est justifiée. --connu-au seul suit tout ce qui était enregistré. Le rejeu se fait dans des tables temporaires,
et demande le fichier de clés. Un contenu effacé depuis n'est plus montré.

Exemples :
  ent-rejeu rejouer --au 2026-11-20
  ent-rejeu rejouer --au 2026-11-20 --vue notes.note --limite 20
  ent-rejeu rejouer --au 2026-11-20 --connu-au 2026-12-01 --vue absences.appels
  ent-rejeu rejouer --au 2026-11-20T10:30:00+01:00 --vue absences.appels --json";

/// Options of `rejouer`.
#[derive(Args)]
pub struct Rejouer {
    /// In force when, inclusive.
    #[arg(long, value_parser = date::instant, value_name = "DATE", required_unless_present = "connu_au",
          help = "En vigueur au : journée AAAA-MM-JJ, comprise, ou instant RFC 3339")]
    pub au: Option<DateTime<Utc>>,
    /// Known when, inclusive.
    #[arg(long, value_parser = date::instant, value_name = "DATE",
          help = "Connu au : ce qui n'était pas enregistré alors n'est pas suivi [à défaut, --au]")]
    pub connu_au: Option<DateTime<Utc>>,
    /// Which view or table.
    #[arg(long, value_name = "VUE", help = "Vue (absences.appels) ou table (absences.appel) à montrer")]
    pub vue: Option<String>,
    /// Only this portal's journals are followed.
    #[arg(long, value_parser = portail, value_name = "PORTAIL", help = "Ne suit que les journaux de ce portail")]
    pub portail: Option<PortailId>,
    /// Rows shown of each table.
    #[arg(long, value_name = "N", help = "Lignes montrées par table [à défaut 50 ; toutes avec --json]")]
    pub limite: Option<u32>,
    /// One JSON object a line.
    #[arg(long, help = "Un objet JSON par ligne")]
    pub json: bool,
}
