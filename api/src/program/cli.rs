//! The command line. Its texts are in French: those who read them run the ENT.

use crate::importer::ImporterArgs;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

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
    /// Vide des vues et les reconstruit depuis le journal
    RejouerProjections(RebuildArgs),
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
    ent rejouer-projections --liste             leurs noms, et ce qui est mis de côté")]
pub struct RebuildArgs {
    /// Noms des vues ; toutes si aucun n'est donné
    #[arg(value_name = "VUE")]
    pub vues: Vec<String>,
    /// Montre les vues, leur retard et les faits mis de côté, sans rien reconstruire
    #[arg(long)]
    pub liste: bool,
}
