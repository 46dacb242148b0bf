//! What `exporter` is asked.

use super::Inscription;
use super::value::{motif, portail, tuiles};
use crate::date;
use crate::export::Format;
use clap::Args;
use domain::{AnneeScolaire, PortailId};
use ledger::objects::ObjectPlace;
use std::path::PathBuf;

pub(super) const HELP: &str = "\
Un dossier : manifeste.json et un fichier par journal. Avec le fichier de clés, les contenus y
sont en clair, avec ce qui prouve que ce sont eux : qui détient l'export répond de son
effacement. Sans lui, ou avec --sans-contenus, ils y restent scellés. Rien n'est remplacé.

Exporter est un acte du journal. L'exploitant l'inscrit à celui de chaque portail exporté (ent
inscrire-consultation), et --consultation en donne la place : c'est bien celle d'une consultation de
ce portail et, pour qui a le fichier de clés, d'un export de cette année. Sans elle l'export est
refusé, avec la commande à faire lancer, à moins de dire pourquoi il s'en passe
(--sans-consultation) : le manifeste porte l'un ou l'autre. Hors de la base la place ne se contrôle
plus : verifier --export la répète, et le dit.

Les données de santé (les passages à l'infirmerie, les soins, ce qu'un appel note à part des
absences, dont qui est allé à l'infirmerie, les raisons des absences, les dispenses, et les noms
des pièces jointes, qui peuvent les dire) y restent scellées, et chacune le dit. --avec-sante les
met aussi en clair : avec le motif, que porte le manifeste, et la place de la consultation que
l'exploitant a inscrite. Leurs feuilles restent entières, sans quoi rien ne se vérifierait :
elles disent qu'il y eut un passage, quand, et sous une clé dont les autres contenus en clair disent
à qui elle est. Avec --sans-contenus, rien n'y nomme l'élève.

Avec les tuiles (--tuiles, ou celles du dossier de données), le manifeste emporte aussi le sceau
du méta-journal contresigné par les témoins, la preuve qu'il tient chaque journal, et les jetons
qui le datent.

Exemples :
  ent-rejeu exporter --format jsonl --vers ./export --portail 0750001a --consultation 0750001a/2026/42
  ent-rejeu exporter --format cloudevents --vers ./export --portail 0750001a --annee 2026 \\
      --consultation 0750001a/2026/42
  ent-rejeu exporter --format parquet --vers ./extrait --portail 0750001a --de 100 --a 200 \\
      --sans-consultation 'la plateforme est arrêtée'";

/// Options of `exporter`.
#[derive(Args)]
pub struct Exporter {
    /// In what form.
    #[arg(long, value_name = "FORMAT", value_enum, help = "Forme des fichiers")]
    pub format: Format,
    /// Where to.
    #[arg(long, value_name = "DOSSIER", help = "Dossier de l'export, créé au besoin")]
    pub vers: PathBuf,
    /// Only this portal's journals.
    #[arg(long, value_parser = portail, value_name = "PORTAIL", help = "Seulement les journaux de ce portail")]
    pub portail: Option<PortailId>,
    /// Only this school year's.
    #[arg(long, value_parser = date::annee, value_name = "ANNÉE",
          help = "Seulement cette année scolaire : 2026 ou 2026-2027")]
    pub annee: Option<AnneeScolaire>,
    /// From which event.
    #[arg(long, value_name = "N", help = "À partir de l'événement n° N de chaque journal")]
    pub de: Option<i64>,
    /// Up to which event.
    #[arg(long, value_name = "N", help = "Jusqu'à l'événement n° N de chaque journal, compris")]
    pub a: Option<i64>,
    /// Where the tiles are.
    #[arg(
        long,
        value_name = "LIEU",
        value_parser = tuiles,
        help = "Dossier ou s3://… des tuiles : l'export emporte de quoi montrer qui l'a vu et de quand il date"
    )]
    pub tuiles: Option<ObjectPlace>,
    /// Where it stands on the record.
    #[command(flatten)]
    pub inscription: Inscription,
    /// Contents stay sealed.
    #[arg(long, help = "Laisse les contenus scellés, même avec le fichier de clés")]
    pub sans_contenus: bool,
    /// Health data are put in the clear too.
    #[arg(
        long,
        requires_all = ["motif", "consultations"],
        conflicts_with_all = ["sans_contenus", "sans_consultation"],
        help = "Met aussi en clair les données de santé ; veut --motif et --consultation"
    )]
    pub avec_sante: bool,
    /// Why they are.
    #[arg(long, value_name = "MOTIF", value_parser = motif, requires = "avec_sante",
          help = "Pourquoi les données de santé sont emportées en clair")]
    pub motif: Option<String>,
    /// The manifest for machines.
    #[arg(long, help = "Compte rendu en JSON")]
    pub json: bool,
}
