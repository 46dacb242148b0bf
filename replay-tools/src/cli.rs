//! The arguments.

use crate::date;
use crate::export::Format;
use chrono::{DateTime, Utc};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use domain::{AnneeScolaire, PortailId};
use ledger::unit::Position;
use reqwest::Url;
use std::net::SocketAddr;
use std::path::PathBuf;
use uuid::Uuid;

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
  ent-rejeu exporter --format jsonl --vers ./export --portail 0750001a
  ent-rejeu verifier --export ./export
  ent-rejeu prouver publication 0192f3a4-… --sceaux cles.json --vers preuve.zip …
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
            Command::Journaux(_) | Command::Raconter(_) | Command::Rejouer(_) | Command::Temoin(_) => false,
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
              help_template = TEMPLATE, after_help = "\
Sont contrôlés : la suite des positions, l'empreinte de chaque enveloppe, l'accord des
colonnes avec elle, l'empreinte du contenu chiffré, l'historique de chaque objet et, avec
le fichier de clés, l'accord de chaque contenu avec l'engagement pris à l'enregistrement. Les
feuilles doivent donner la racine de chaque sceau ; avec --sceaux, chacun doit être signé par
l'une des clés que la plateforme publie, et que l'on aura prises avant, ailleurs que chez elle.

--tuiles vérifie, sans base, ce que chaque portail publie, là ou en tout autre lieu qui en a la
copie : toutes les feuilles que promet le sceau donnent sa racine, toutes les tuiles sont les
leurs. Avec le jeton d'un auditeur (--jeton), les feuilles elles-mêmes sont relues.

--export vérifie de même un export, hors ligne : ni base ni clé. Le sceau qu'il emporte dit, avec
--sceaux, que c'est bien le journal de la plateforme.

Exemples :
  ent-rejeu verifier
  ent-rejeu verifier --portail 0750001a --annee 2026-2027 --json
  curl -o cles.json https://ent.exemple.fr/journal/cles && ent-rejeu verifier --sceaux cles.json
  ent-rejeu verifier --sceaux cles.json --tuiles https://0750001a.ent.exemple.fr/journal/2026
  ent-rejeu verifier --export ./export --sceaux cles.json")]
    Verifier(Verifier),
    /// The tale.
    #[command(about = "Raconte la vie d'un objet : qui a fait quoi, quand, de quel droit",
              help_template = TEMPLATE, after_help = "\
Une phrase par acte, avec sa date et son heure (Paris), son auteur, l'office où il a agi,
les règles qui l'ont permis, sa place au journal et l'empreinte de sa feuille. Les noms sont
ceux de l'annuaire d'aujourd'hui. Ce qui a été effacé est dit effacé. Demande le fichier de
clés.

Exemples :
  ent-rejeu raconter appel 5f0c… --eleve 7d1e…
  ent-rejeu raconter evaluation 88a2… --eleve 7d1e…
  ent-rejeu raconter publication 0192… --json
  ent-rejeu raconter signalement 0193…
  ent-rejeu raconter office 7d1e…")]
    Raconter(Raconter),
    /// The replay.
    #[command(about = "Montre une vue à une date : en vigueur au, connu au",
              help_template = TEMPLATE, after_help = "\
Une date vaut jusqu'à minuit, heure de Paris. --au seul montre ce que l'on voyait ce jour-là.
Avec --connu-au, plus tardif, ce jour-là tel qu'on le connaît depuis : une absence justifiée
après coup y est justifiée. --connu-au seul suit tout ce qui était enregistré. Le rejeu se fait dans des tables temporaires,
et demande le fichier de clés. Un contenu effacé depuis n'est plus montré.

Exemples :
  ent-rejeu rejouer --au 2026-11-20
  ent-rejeu rejouer --au 2026-11-20 --vue notes.note --limite 20
  ent-rejeu rejouer --au 2026-11-20 --connu-au 2026-12-01 --vue absences.appels
  ent-rejeu rejouer --au 2026-11-20T10:30:00+01:00 --vue absences.appels --json")]
    Rejouer(Rejouer),
    /// The export.
    #[command(about = "Exporte les journaux, enveloppes et contenus tels qu'ils sont enregistrés",
              help_template = TEMPLATE, after_help = "\
Un dossier : manifeste.json et un fichier par journal. Avec le fichier de clés, les contenus y
sont en clair, avec ce qui prouve que ce sont eux : qui détient l'export répond de son
effacement. Sans lui, ou avec --sans-contenus, ils y restent scellés. Rien n'est remplacé.

Exemples :
  ent-rejeu exporter --format jsonl --vers ./export
  ent-rejeu exporter --format cloudevents --vers ./export --portail 0750001a --annee 2026
  ent-rejeu exporter --format parquet --vers ./extrait --portail 0750001a --de 100 --a 200")]
    Exporter(Exporter),
    /// The evidence.
    #[command(about = "Dresse le dossier de preuve d'une question : rapport, feuilles, contenus, preuves",
              help_template = TEMPLATE, after_help = "\
Un sac BagIt dans un fichier zip : data/rapport.html dit la question, la réponse en français et
ce qu'elle ne prouve pas ; à côté, de chaque acte la feuille exacte, le contenu ou la raison de
son absence, la preuve d'inclusion, et data/verify.sh, qui contrôle tout avec bash, coreutils et
openssl. Demande le fichier de clés. Code 2 si un contenu au moins est absent.

Exemples :
  ent-rejeu prouver publication 0192… --question 'Que disait la page ?' \\
      --demandeur 'Tribunal judiciaire de Lyon' --motif 'assignation du 3 mars' \\
      --sceaux cles.json --vers preuve.zip
  ent-rejeu prouver evaluation 88a2… --eleve 7d1e… --question 'Quelle note, et quand ?' \\
      --demandeur 'la famille' --motif 'recours' --sceaux cles.json --vers note.zip")]
    Prouver(Prouver),
    /// The witness.
    #[command(about = "Témoigne qu'aucun journal n'est réécrit : contresigne ce que scellent d'autres",
              help_template = TEMPLATE, after_help = "\
Un témoin (C2SP tlog-witness) tourne ailleurs que la plateforme, par exemple au rectorat. Il
contresigne un sceau si, et seulement si, il prolonge le dernier qu'il a contresigné du même
journal ; sinon il refuse, et garde les deux sceaux, que la plateforme a signés : GET /fourches.
Mettez-le derrière un serveur mandataire qui tient le TLS et les débits.

--journaux est ce que publie /journal/cles au domaine de chaque plateforme : avec la clé de son
méta-journal vont tous ses journaux. Le dossier garde la clé du témoin et ce qu'il a vu : ne le
restaurez jamais d'une copie ancienne.

Exemples :
  ent-rejeu temoin --nom temoin.ac-lyon.fr --dossier /var/lib/temoin --journaux cles.json
  ent-rejeu temoin --nom temoin.ac-lyon.fr --dossier ./t --journaux cles.json --ecoute 127.0.0.1:7070")]
    Temoin(Temoin),
    /// The comparison.
    #[command(about = "Compare les vues d'aujourd'hui à un rejeu complet",
              help_template = TEMPLATE, after_help = "\
Journal et vues sont lus au même instant. Demande le fichier de clés.

Exemples :
  ent-rejeu comparer
  ent-rejeu comparer --json")]
    Comparer(Comparer),
}

/// Options of `journaux`.
#[derive(Args)]
pub struct Journaux {
    /// One JSON object a line.
    #[arg(long, help = "Un objet JSON par ligne")]
    pub json: bool,
}

/// Options of `verifier`.
#[derive(Args, Clone)]
pub struct Verifier {
    /// Only this portal's journals.
    #[arg(long, value_parser = portail, value_name = "PORTAIL", help = "Seulement les journaux de ce portail")]
    pub portail: Option<PortailId>,
    /// Only this school year's.
    #[arg(long, value_parser = date::annee, value_name = "ANNÉE",
          help = "Seulement cette année scolaire : 2026 ou 2026-2027")]
    pub annee: Option<AnneeScolaire>,
    /// An export instead of the database.
    #[arg(long, value_name = "DOSSIER", help = "Vérifie cet export, hors ligne, et non la base")]
    pub export: Option<PathBuf>,
    /// What opens seals.
    #[arg(
        long,
        value_name = "FICHIER",
        help = "Vérifie aussi la signature des sceaux, avec les clés publiées à /journal/cles du domaine"
    )]
    pub sceaux: Option<PathBuf>,
    /// Tiles instead of the database.
    #[arg(
        long,
        value_name = "URL",
        requires = "sceaux",
        conflicts_with = "export",
        help = "Vérifie les tuiles publiées à cette adresse, et non la base"
    )]
    pub tuiles: Option<Url>,
    /// An auditor's token.
    #[arg(
        long,
        value_name = "FICHIER",
        requires = "tuiles",
        help = "Jeton d'un auditeur, dans un fichier : les feuilles sont relues avec les tuiles"
    )]
    pub jeton: Option<PathBuf>,
    /// Contents need not be opened for the verdict.
    #[arg(long, help = "N'ouvre pas les contenus : empreintes et enveloppes seulement")]
    pub sans_contenus: bool,
    /// A verdict for machines.
    #[arg(long, help = "Verdict en JSON")]
    pub json: bool,
}

/// An object whose life is asked for.
#[derive(Args)]
pub struct Objet {
    /// What is told.
    #[arg(value_name = "NATURE", value_enum, help = "Ce qui est raconté")]
    pub nature: Nature,
    /// Which one.
    #[arg(value_name = "ID", value_parser = objet,
          help = "Son identifiant, tel que « objet » au journal ; d'un office, celui de la personne")]
    pub id: Uuid,
    /// Only what concerns this pupil, and what concerns the object as a whole.
    #[arg(long, value_name = "ID", value_parser = objet,
          help = "Seulement ce qui touche cet élève, ou l'objet entier")]
    pub eleve: Option<Uuid>,
}

/// Options of `raconter`.
#[derive(Args)]
pub struct Raconter {
    /// Of what.
    #[command(flatten)]
    pub objet: Objet,
    /// One JSON object a line.
    #[arg(long, help = "Un objet JSON par ligne")]
    pub json: bool,
}

/// What has a life that can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Nature {
    /// A roll, and so a pupil's absence.
    #[value(help = "un appel, et donc l'absence d'un élève")]
    Appel,
    /// An evaluation, and so a pupil's mark.
    #[value(help = "une évaluation, et donc la note d'un élève")]
    Evaluation,
    /// A publication.
    #[value(help = "une publication")]
    Publication,
    /// A notice against one.
    #[value(help = "un signalement")]
    Signalement,
    /// A reading of the journal.
    #[value(help = "une consultation du journal")]
    Consultation,
    /// The offices of a person, on every portal.
    #[value(help = "les offices d'une personne, sur tous les portails")]
    Office,
}

impl Nature {
    /// Its name, as it is given on the command line.
    pub fn nom(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// Options of `prouver`.
#[derive(Args)]
pub struct Prouver {
    /// About what.
    #[command(flatten)]
    pub objet: Objet,
    /// What is asked, as the report repeats it.
    #[arg(long, value_name = "TEXTE", help = "La question, telle que le rapport la reprend")]
    pub question: String,
    /// Who asks.
    #[arg(long, value_name = "TEXTE", help = "Qui demande")]
    pub demandeur: String,
    /// Why.
    #[arg(long, value_name = "TEXTE", help = "Pourquoi")]
    pub motif: String,
    /// Where to.
    #[arg(long, value_name = "FICHIER", help = "Fichier zip du dossier de preuve, qui ne doit pas exister")]
    pub vers: PathBuf,
    /// What opens seals.
    #[arg(
        long,
        value_name = "FICHIER",
        help = "Clés publiées à /journal/cles du domaine, jointes au dossier"
    )]
    pub sceaux: PathBuf,
    /// Whose cosignatures are looked for.
    #[arg(
        long,
        value_name = "FICHIER",
        help = "Politique des témoins (C2SP tlog-policy), jointe au dossier"
    )]
    pub temoins: Option<PathBuf>,
    /// Where tiles are.
    #[arg(long, value_name = "DOSSIER", help = "Dossier des tuiles [à défaut, celui du serveur privé]")]
    pub tuiles: Option<PathBuf>,
    /// Where the consultation stands on the record.
    #[arg(long, value_name = "PLACE", value_parser = place,
          help = "Place où cette demande est inscrite au journal : portail/année/numéro")]
    pub consultation: Option<Position>,
    /// An account for machines.
    #[arg(long, help = "Compte rendu en JSON")]
    pub json: bool,
}

/// Options of `temoin`.
#[derive(Args)]
pub struct Temoin {
    /// Its name, which its key bears.
    #[arg(long, value_name = "NOM", help = "Nom du témoin, que porte sa clé : un nom de domaine")]
    pub nom: String,
    /// Where its key and its memory are.
    #[arg(
        long,
        value_name = "DOSSIER",
        help = "Dossier de sa clé et de ce qu'il a vu, fait s'il n'existe pas"
    )]
    pub dossier: PathBuf,
    /// Whose logs it knows.
    #[arg(long, value_name = "FICHIER", help = "Clés publiques des journaux dont il témoigne")]
    pub journaux: PathBuf,
    /// Where it listens.
    #[arg(long, value_name = "ADRESSE", default_value = "127.0.0.1:7070", help = "Adresse d'écoute")]
    pub ecoute: SocketAddr,
}

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
    /// Where the consultation stands on the record.
    #[arg(long, value_name = "PLACE", value_parser = place,
          help = "Place où cette consultation est inscrite au journal : portail/année/numéro")]
    pub consultation: Option<Position>,
    /// Contents stay sealed.
    #[arg(long, help = "Laisse les contenus scellés, même avec le fichier de clés")]
    pub sans_contenus: bool,
    /// The manifest for machines.
    #[arg(long, help = "Compte rendu en JSON")]
    pub json: bool,
}

/// Options of `comparer`.
#[derive(Args)]
pub struct Comparer {
    /// A verdict for machines.
    #[arg(long, help = "Verdict en JSON")]
    pub json: bool,
}

fn portail(text: &str) -> Result<PortailId, String> {
    text.parse().map_err(|_| "attendu : l'identifiant d'un portail, tel que 0750001a".to_owned())
}

fn place(text: &str) -> Result<Position, String> {
    text.parse().map_err(|_| "attendu : une place du journal, telle que 0750001a/2026/42".to_owned())
}

fn objet(text: &str) -> Result<Uuid, String> {
    text.parse().map_err(|_| "attendu : l'identifiant de l'objet, un UUID".to_owned())
}
