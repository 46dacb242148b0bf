//! The arguments: of the program here, of each command in its own file.

mod comparer;
mod exporter;
mod inscription;
mod prouver;
mod raconter;
mod rejouer;
mod suivre;
mod temoin;
mod value;
mod verifier;

use clap::{ArgAction, Args, Parser, Subcommand};
pub use comparer::Comparer;
pub use exporter::Exporter;
pub use inscription::Inscription;
pub use prouver::{Prouver, Seda};
pub use raconter::{Nature, Objet, Raconter};
pub use rejouer::Rejouer;
use std::path::PathBuf;
pub use suivre::Suivre;
pub use temoin::Temoin;
pub use verifier::Verifier;

const TEMPLATE: &str = "{about}\n\nUsage : {usage}\n\n{all-args}{after-help}\n";

const ABOUT: &str = "\
Contrôle le journal d'un ENT sans rien y écrire : l'inventorier, le vérifier, raconter la
vie d'un objet, rejouer ce que l'on voyait à une date, l'exporter, dresser le dossier de
preuve d'une question, comparer les vues d'aujourd'hui à un rejeu complet.";

const EXAMPLES: &str = "\
Exemples :
  ent-rejeu journaux
  ent-rejeu verifier --portail 0750001a --annee 2026 --cle kek.json
  ent-rejeu verifier --json --sans-contenus
  ent-rejeu raconter publication 0192f3a4-…
  ent-rejeu rejouer --au 2026-11-20
  ent-rejeu rejouer --au 2026-11-20 --vue absences.appels --portail 0750001a
  ent-rejeu exporter --format jsonl --vers ./export --portail 0750001a --consultation 0750001a/2026/42
  ent-rejeu verifier --export ./export
  ent-rejeu prouver publication 0192f3a4-… --sceaux cles.json --vers preuve.zip --consultation PLACE …
  ent-rejeu suivre --porte http://127.0.0.1:2113 --portail 0750001a
  ent-rejeu comparer

Code de sortie : 0 valide, 1 invalide, 2 indéterminé (contrôle impossible ou incomplet).

La base est celle de --base, à défaut de ENT_AUDITEUR_URL, à défaut de DATABASE_URL, à
défaut celle du serveur privé du dossier de données. Préférez une variable
d'environnement à --base : la ligne de commande se lit dans la liste des processus.";

/// The program's arguments.
#[derive(Parser)]
#[command(
    name = "ent-rejeu",
    bin_name = "ent-rejeu",
    version,
    about = ABOUT,
    after_help = EXAMPLES,
    help_template = TEMPLATE,
    subcommand_value_name = "COMMANDE",
    subcommand_help_heading = "Commandes",
    next_help_heading = "Options",
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true
)]
pub struct Cli {
    /// How the record is reached.
    #[command(flatten)]
    pub access: Access,
    /// What is asked.
    #[command(subcommand)]
    pub command: Command,
    #[arg(short = 'h', long = "help", visible_alias = "aide", global = true, action = ArgAction::Help,
          help = "Affiche cette aide")]
    help: Option<bool>,
    #[arg(short = 'V', long = "version", action = ArgAction::Version, help = "Affiche la version")]
    version: Option<bool>,
}

impl Cli {
    /// Whether a machine waits for a verdict.
    pub fn wants_verdict_as_json(&self) -> bool {
        match &self.command {
            Command::Verifier(options) => options.json,
            Command::Exporter(options) => options.json,
            Command::Prouver(options) => options.json,
            Command::Comparer(options) => options.json,
            Command::Journaux(_)
            | Command::Raconter(_)
            | Command::Rejouer(_)
            | Command::Suivre(_)
            | Command::Temoin(_) => false,
        }
    }
}

/// How the record is reached. Not `Debug`: the URL holds a password.
#[derive(Args)]
#[command(next_help_heading = "Accès au journal")]
pub struct Access {
    /// The database; a secret.
    #[arg(
        long,
        value_name = "URL",
        global = true,
        env = "ENT_AUDITEUR_URL",
        hide_env = true,
        hide_env_values = true,
        help = "Base à contrôler, avec le rôle de l'auditeur [ENT_AUDITEUR_URL]"
    )]
    pub base: Option<String>,
    /// The key file.
    #[arg(
        long,
        value_name = "FICHIER",
        global = true,
        env = "ENT_KEK_FILE",
        hide_env = true,
        help = "Fichier de clés, sans lequel les contenus restent fermés [ENT_KEK_FILE]"
    )]
    pub cle: Option<PathBuf>,
    /// The data directory.
    #[arg(
        long,
        value_name = "DOSSIER",
        global = true,
        env = "ENT_DATA_DIR",
        hide_env = true,
        default_value = "./.ent",
        hide_default_value = true,
        help = "Dossier de données du serveur privé [ENT_DATA_DIR, à défaut ./.ent]"
    )]
    pub donnees: PathBuf,
}

/// What is asked.
#[derive(Subcommand)]
pub enum Command {
    /// The inventory.
    #[command(about = "Liste les journaux : portail, année scolaire, événements, premier et dernier",
              help_template = TEMPLATE)]
    Journaux(Journaux),
    /// The verification.
    #[command(about = "Relit les journaux depuis l'origine et nomme la première faute de chacun",
              help_template = TEMPLATE, after_help = verifier::HELP)]
    Verifier(Verifier),
    /// The tale.
    #[command(about = "Raconte la vie d'un objet : qui a fait quoi, quand, de quel droit",
              help_template = TEMPLATE, after_help = raconter::HELP)]
    Raconter(Raconter),
    /// The replay.
    #[command(about = "Montre une vue à une date : en vigueur au, connu au",
              help_template = TEMPLATE, after_help = rejouer::HELP)]
    Rejouer(Rejouer),
    /// The export.
    #[command(about = "Exporte les journaux, enveloppes et contenus tels qu'ils sont enregistrés",
              help_template = TEMPLATE, after_help = exporter::HELP)]
    Exporter(Exporter),
    /// The evidence.
    #[command(about = "Dresse le dossier de preuve d'une question : rapport, feuilles, contenus, preuves",
              help_template = TEMPLATE, after_help = prouver::HELP)]
    Prouver(Prouver),
    /// The following.
    #[command(about = "Suit en direct le journal d'un portail, ou un seul fil",
              help_template = TEMPLATE, after_help = suivre::HELP)]
    Suivre(Suivre),
    /// The witness.
    #[command(about = "Témoigne qu'aucun journal n'est réécrit : contresigne ce que scellent d'autres",
              help_template = TEMPLATE, after_help = temoin::HELP)]
    Temoin(Temoin),
    /// The comparison.
    #[command(about = "Compare les vues d'aujourd'hui à un rejeu complet",
              help_template = TEMPLATE, after_help = comparer::HELP)]
    Comparer(Comparer),
}

/// Options of `journaux`.
#[derive(Args)]
pub struct Journaux {
    /// One JSON object a line.
    #[arg(long, help = "Un objet JSON par ligne")]
    pub json: bool,
}
