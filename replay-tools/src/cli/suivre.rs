//! What `suivre` is asked.

use super::value::{motif, portail};
use clap::Args;
use domain::PortailId;
use reqwest::Url;
use std::path::PathBuf;

pub(super) const HELP: &str = "\
Une ligne par acte, dès qu'il est enregistré : sa place, sa date (Paris), ce que c'est, l'office de
son auteur, et le fil, c'est-à-dire l'objet dont c'est la vie. Les contenus restent scellés : ni
base, ni clés. La porte est celle du protocole d'EventStoreDB (ENT_FLUX de ent) ; y entre qui a le
jeton d'un auditeur, lu dans ENT_JETON_AUDITEUR ou dans un fichier, et sa lecture est inscrite au
journal, avec son motif (--motif).

Une connexion perdue est dite sur la sortie d'erreur et reprise où elle en était : aucun acte ne
manque ni n'est écrit deux fois. --reprise retient le dernier acte écrit, une fois qu'il l'est : qui
tue le programme entre les deux le retrouve une seconde fois, lui seul. --json donne les lignes de
exporter --format jsonl. Ctrl-C ou SIGTERM : code 0. Jeton refusé : code 2.

Exemples :
  export ENT_JETON_AUDITEUR=$(cat jeton)
  ent-rejeu suivre --porte http://127.0.0.1:2113 --portail 0750001a
  ent-rejeu suivre --porte https://journal.ent.exemple.fr --portail 0750001a --type publications. --type portails.
  ent-rejeu suivre --porte http://127.0.0.1:2113 --portail 0750001a --motif 'Réclamation de la famille'
  ent-rejeu suivre --porte http://127.0.0.1:2113 --portail 0750001a --depuis 0750001a/2026/42
  ent-rejeu suivre --porte http://127.0.0.1:2113 --portail 0750001a --fil absences.appel-5f0c…
  ent-rejeu suivre --porte http://127.0.0.1:2113 --portail 0750001a --json --reprise suivi.json \\
      --jusqu-a-present >> journal.jsonl";

/// Options of `suivre`.
#[derive(Args)]
pub struct Suivre {
    /// Where the door is.
    #[arg(
        long,
        value_name = "URL",
        help = "Adresse de la porte : https://hôte, ou http://hôte:port sans TLS"
    )]
    pub porte: Url,
    /// Whose record.
    #[arg(long, value_parser = portail, value_name = "PORTAIL", help = "Portail dont le journal est suivi")]
    pub portail: PortailId,
    /// An auditor's token.
    #[arg(long, value_name = "FICHIER", help = "Jeton d'un auditeur, dans un fichier [ENT_JETON_AUDITEUR]")]
    pub jeton: Option<PathBuf>,
    /// Why it is followed.
    #[arg(long, value_parser = motif, value_name = "MOTIF",
          help = "Pourquoi le journal est lu, en 500 caractères au plus : la lecture y est inscrite")]
    pub motif: Option<String>,
    /// One stream only.
    #[arg(
        long,
        value_name = "FIL",
        help = "Seulement ce fil, tel qu'une ligne le nomme : nature-identifiant"
    )]
    pub fil: Option<String>,
    /// Only types that begin so.
    #[arg(
        long = "type",
        value_name = "DÉBUT",
        help = "Seulement les actes dont le type commence ainsi ; plusieurs fois"
    )]
    pub types: Vec<String>,
    /// The act after which to begin.
    #[arg(
        long,
        value_name = "REPÈRE",
        help = "Ce qui suit cette place du journal ou, avec --fil, ce rang dans le fil [à défaut, tout]"
    )]
    pub depuis: Option<String>,
    /// What remembers the last act.
    #[arg(
        long,
        value_name = "FICHIER",
        help = "Fichier qui retient le dernier acte écrit ; il l'emporte sur --depuis"
    )]
    pub reprise: Option<PathBuf>,
    /// Ends at the end.
    #[arg(long, help = "S'arrête une fois tout lu, au lieu d'attendre la suite")]
    pub jusqu_a_present: bool,
    /// One JSON object a line.
    #[arg(long, help = "Un objet JSON par ligne, contenu scellé")]
    pub json: bool,
}
