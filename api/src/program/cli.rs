//! The command line. Its texts are in French: those who read them run the ENT.

use crate::importer::ImporterArgs;
use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};
use domain::{AnneeScolaire, PortailId};
use ledger::unit::Position;
use std::path::PathBuf;
use uuid::Uuid;

/// L'environnement numérique de travail : serveur, import, migrations, démonstration.
#[derive(Parser)]
#[command(
    name = "ent",
    version,
    after_help = "Exemples :\n  \
        ent demo                          une académie de démonstration, servie aussitôt\n  \
        ent serve                         le service\n  \
        ent importer aaf ./livraison      l'annuaire fédérateur\n  \
        ent rejouer-projections           reconstruit toutes les vues depuis le journal\n\n\
        Sans DATABASE_URL, un PostgreSQL privé est démarré dans le dossier de données."
)]
pub struct Cli {
    /// Fichier de configuration (défaut : ENT_CONFIG, sinon ent.toml du dossier de données)
    #[arg(long, global = true, value_name = "FICHIER")]
    pub config: Option<PathBuf>,
    /// Dossier de données (défaut : ENT_DATA_DIR, sinon ./.ent)
    #[arg(long, global = true, value_name = "DOSSIER")]
    pub donnees: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Remplit une académie de démonstration, puis la sert avec un jeton par profil
    Demo(DemoArgs),
    /// Sert l'API GraphQL et tient les vues à jour, jusqu'à SIGTERM ou Ctrl-C
    Serve,
    /// Met le schéma de la base de données à jour, sous verrou
    Migrer,
    /// Importe l'annuaire d'une source
    Importer(ImporterArgs),
    /// Relève la boîte où reviennent les courriels que personne n'a pris
    ReleverRebonds(RebondsArgs),
    /// Ouvre les dix-sept portails des partenaires, ou ceux d'entre eux qui ne le sont pas encore
    OuvrirPortailsPartenaires,
    /// Reconstruit des vues depuis le journal, à côté de celles qui servent, puis bascule
    RejouerProjections(RebuildArgs),
    /// Montre les clés qui scellent les journaux, ou en met une nouvelle en service
    ClesDeSceau(SealKeysArgs),
    /// Montre, explique ou suit de nouveau les faits que des vues ont mis de côté
    MisDeCote(AsideArgs),
    /// Ce qui arrive à échéance, et les procès-verbaux de ce qui fut détruit
    Conservation(ConservationArgs),
    /// Écrit les données d'une personne qui les a demandées
    ExporterPersonne(ExporterPersonneArgs),
    /// Le registre des traitements (RGPD, art. 30), en JSON
    RegistreDesTraitements,
    /// Remplace la clé qui chiffre les clés des contenus
    Cles(ClesArgs),
    /// Relit les journaux depuis l'origine, et inscrit à chacun ce qui y a été trouvé
    VerifierJournal(VerifierArgs),
    /// Fait dater les journaux, tels qu'ils sont, par l'horodateur configuré (ENT_HORODATEUR)
    Horodater,
    /// Inscrit au journal d'un portail la consultation qu'un auditeur en fait par la base
    InscrireConsultation(ConsultationArgs),
}

/// Where reports of what came back are.
#[derive(Args)]
#[command(after_help = "Exemples :\n  \
    ent relever-rebonds /var/mail/rebonds              une boîte mbox\n  \
    ent relever-rebonds /home/rebonds/Maildir          un Maildir\n  \
    ent relever-rebonds rapport.eml                    un courriel\n\n\
    Relever la même boîte deux fois n'inscrit rien deux fois : videz-la quand vous voulez.")]
pub struct RebondsArgs {
    /// Fichier mbox ou courriel, ou dossier : Maildir, ou courriels un par un
    #[arg(value_name = "CHEMIN")]
    pub chemin: PathBuf,
}

/// Which journals to verify.
#[derive(Args)]
#[command(after_help = "Exemples :\n  \
    ent verifier-journal                       tous les journaux\n  \
    ent verifier-journal --portail 0750001a    ceux d'un portail\n\n\
    La page /sante-du-journal/PORTAIL montre le dernier constat. Un auditeur qui ne se fie pas à\n\
    ce programme vérifie avec ent-rejeu.")]
pub struct VerifierArgs {
    /// Seulement les journaux de ce portail
    #[arg(long, value_name = "PORTAIL")]
    pub portail: Option<PortailId>,
}

/// Who consults what, and why.
#[derive(Args)]
#[command(after_help = "Exemple :\n  \
    ent inscrire-consultation --portail 0750001a --auditeur \"Rectorat, DPD\" \\\n      \
    --objet \"export jsonl du journal 2026\" --motif \"Contrôle annuel\"\n\n\
    La place qu'il répond est à donner à ent-rejeu exporter ou prouver : --consultation PLACE")]
pub struct ConsultationArgs {
    /// Portail dont le journal est consulté
    #[arg(long, value_name = "PORTAIL")]
    pub portail: PortailId,
    /// Année scolaire, par son année de début ; toutes si aucune n'est donnée
    #[arg(long, value_name = "ANNÉE", value_parser = annee)]
    pub annee: Option<AnneeScolaire>,
    /// Qui consulte, et en quelle qualité
    #[arg(long, value_name = "QUI")]
    pub auditeur: String,
    /// Ce qui est consulté
    #[arg(long, value_name = "QUOI")]
    pub objet: String,
    /// Pourquoi
    #[arg(long, value_name = "POURQUOI")]
    pub motif: String,
}

fn annee(text: &str) -> Result<AnneeScolaire, String> {
    text.parse().map(AnneeScolaire).map_err(|_| "une année, par exemple 2026".to_owned())
}

/// What to show.
#[derive(Args)]
#[command(after_help = "Exemples :\n  \
    ent demo                       la même académie à chaque fois\n  \
    ent demo --graine 7            une autre\n  \
    ent demo --sans-servir         la remplit seulement")]
pub struct DemoArgs {
    /// Graine du tirage : la même graine donne toujours les mêmes gens et les mêmes faits
    #[arg(long, default_value_t = 2026)]
    pub graine: u64,
    /// Remplit sans servir
    #[arg(long)]
    pub sans_servir: bool,
}

/// What to rebuild.
#[derive(Args)]
#[command(after_help = "Exemples :\n  \
    ent rejouer-projections                     toutes les vues\n  \
    ent rejouer-projections absences.appels     une seule\n  \
    ent rejouer-projections --recommencer       sans reprendre une reconstruction interrompue\n  \
    ent rejouer-projections --liste             leurs noms, leur retard, ce qui est mis de côté\n\n\
    Lecteurs et rédacteurs continuent pendant la reconstruction. Interrompue, elle reprend où\n\
    elle s'était arrêtée.")]
pub struct RebuildArgs {
    /// Noms des vues ; toutes si aucun n'est donné
    #[arg(value_name = "VUE")]
    pub vues: Vec<String>,
    /// Montre les vues, leur retard et les faits mis de côté, sans rien reconstruire
    #[arg(long)]
    pub liste: bool,
    /// Oublie ce qu'une reconstruction interrompue a déjà lu
    #[arg(long, conflicts_with = "liste")]
    pub recommencer: bool,
}

/// What to do with what was set aside.
#[derive(Args)]
#[command(after_help = "Exemples :\n  \
    ent mis-de-cote                                  tout ce qui est mis de côté\n  \
    ent mis-de-cote --expliquer 0690001b/2026/17     ce qu'est ce fait, et que faire\n  \
    ent mis-de-cote --rejouer                        suit de nouveau tout ce qui l'est\n  \
    ent mis-de-cote --rejouer notes.notes            d'une seule vue\n\n\
    Un fait qu'une vue ne peut suivre retient les suivants du même flux, et rien d'autre.")]
pub struct AsideArgs {
    /// Nom d'une vue ; toutes si aucun n'est donné
    #[arg(value_name = "VUE")]
    pub vue: Option<String>,
    /// Identifiant d'un flux, tel que la liste le montre
    #[arg(value_name = "FLUX", requires = "rejouer")]
    pub flux: Option<String>,
    /// Explique le fait de cette place du journal (portail/année/numéro), sans ouvrir son contenu
    #[arg(long, value_name = "PLACE", conflicts_with_all = ["rejouer", "vue"])]
    pub expliquer: Option<Position>,
    /// Suit de nouveau, flux par flux et dans l'ordre
    #[arg(long)]
    pub rejouer: bool,
}

/// What is kept and destroyed.
#[derive(Args)]
#[command(after_help = "Exemples :\n  \
    ent conservation echeances                             ce qui peut être détruit aujourd'hui\n  \
    ent conservation echeances --le 2029-08-01             ce qui pourra l'être ce jour-là\n  \
    ent conservation echeances --portail 0690001b --json   d'un portail, une ligne JSON par lot\n  \
    ent conservation proces-verbal 0190… > pv.html         le procès-verbal d'un effacement\n\n\
    Détruire se demande et se confirme par deux personnes, dans l'ENT.")]
pub struct ConservationArgs {
    #[command(subcommand)]
    pub command: ConservationCommand,
}

#[derive(Subcommand)]
pub enum ConservationCommand {
    /// Ce qui arrive à échéance, avec la règle qui le dit
    Echeances(EcheancesArgs),
    /// Dresse le procès-verbal d'une destruction exécutée, en HTML
    ProcesVerbal(ProcesVerbalArgs),
}

/// Of which day.
#[derive(Args)]
pub struct EcheancesArgs {
    /// Jour, passé ou à venir (défaut : aujourd'hui)
    #[arg(long, value_name = "AAAA-MM-JJ")]
    pub le: Option<NaiveDate>,
    /// Un seul portail
    #[arg(long, value_name = "PORTAIL")]
    pub portail: Option<String>,
    /// Une ligne JSON par lot
    #[arg(long)]
    pub json: bool,
}

/// Of which destruction.
#[derive(Args)]
pub struct ProcesVerbalArgs {
    /// Identifiant de la destruction
    #[arg(value_name = "DESTRUCTION")]
    pub destruction: Uuid,
    /// En JSON
    #[arg(long)]
    pub json: bool,
}

/// Whose data, and where to.
#[derive(Args)]
#[command(after_help = "Exemple :\n  \
    ent exporter-personne 0190… --vers donnees.zip\n\n\
    La personne, ou son responsable légal, a demandé ses données dans l'ENT : l'identifiant est\n\
    celui de cette demande. La remise est inscrite au journal, avec l'empreinte du fichier.")]
pub struct ExporterPersonneArgs {
    /// Identifiant de la demande
    #[arg(value_name = "REMISE")]
    pub remise: Uuid,
    /// Fichier zip à écrire ; il ne doit pas exister
    #[arg(long, value_name = "FICHIER")]
    pub vers: PathBuf,
}

/// What to do with keys.
#[derive(Args)]
#[command(after_help = "Exemple :\n  \
    ent cles tourner     rechiffre toutes les clés, puis retire l'ancienne du fichier\n\n\
    Le service continue pendant la rotation. Interrompue, elle reprend où elle s'était arrêtée.\n\
    Après elle, sauvegardez le nouveau fichier de clés et détruisez les copies de l'ancien.")]
pub struct ClesArgs {
    #[command(subcommand)]
    pub command: ClesCommand,
}

#[derive(Subcommand)]
pub enum ClesCommand {
    /// Rechiffre toutes les clés sous une nouvelle, et retire l'ancienne
    Tourner,
}

/// What to do with the keys that sign the heads of journals.
#[derive(Args)]
#[command(after_help = "Exemples :\n  \
    ent cles-de-sceau              les clés, et quand chacune a signé\n  \
    ent cles-de-sceau --tourner    une nouvelle clé signe désormais ; redémarrez ent\n\n\
    Les clés d'avant restent publiées : ce qu'elles ont scellé se vérifie toujours.")]
pub struct SealKeysArgs {
    /// Met une nouvelle clé en service
    #[arg(long)]
    pub tourner: bool,
}
