//! `ent importer`: the import at the console, with its progress and its report.

use super::{Avancement, Etape, Import, Rapport, Suivi};
use anyhow::Context;
use clap::{Args, Subcommand};
use commands::Commands;
use commands::rights::Acteur;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Arguments of `ent importer`.
#[derive(Debug, Args)]
pub struct ImporterArgs {
    /// Source à importer
    #[command(subcommand)]
    pub source: SourceArgs,
}

/// The sources.
#[derive(Debug, Subcommand)]
pub enum SourceArgs {
    /// Importe une livraison, complète ou différentielle, de l'annuaire académique fédérateur (AAF)
    Aaf(AafArgs),
}

/// What every import is told.
#[derive(Debug, Args)]
pub struct CommunArgs {
    /// Contrôle la livraison et dit ce qui serait rejeté, sans rien enregistrer
    #[arg(long)]
    pub a_blanc: bool,
    /// Écrit aussi le rapport dans ce fichier : .csv, .json, ou texte
    #[arg(long, value_name = "FICHIER")]
    pub rapport: Option<PathBuf>,
}

/// Arguments of `ent importer aaf`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exemples :
  ent importer aaf /srv/aaf/20260914
  ent importer aaf /srv/aaf/20260914 --a-blanc --rapport rapport.csv

Un import interrompu se relance tel quel : ce qui est déjà enregistré ne l'est pas deux fois.")]
pub struct AafArgs {
    /// Dossier des fichiers XML « …_Complet_AAAAMMJJ_Categorie_NNNN.xml » (ou « …_Delta_… »), décompressés
    #[arg(value_name = "DOSSIER")]
    pub dossier: PathBuf,
    /// What every import is told
    #[command(flatten)]
    pub commun: CommunArgs,
}

impl SourceArgs {
    fn commun(&self) -> &CommunArgs {
        match self {
            Self::Aaf(args) => &args.commun,
        }
    }

    async fn run(&self, commands: &Commands, acteur: &Acteur, suivi: Suivi) -> anyhow::Result<Rapport> {
        let a_blanc = self.commun().a_blanc;
        Ok(match self {
            Self::Aaf(args) => {
                let import = Import { dossier: args.dossier.clone(), a_blanc };
                import.run(commands, acteur, suivi).await?
            }
        })
    }
}

/// Imports a delivery in the name of who sits at the console, and prints the report. Fails if the
/// delivery is damaged, so that a script sees it.
pub async fn importer(commands: &Commands, source: &SourceArgs) -> anyhow::Result<()> {
    let (suivi, barre) = barre()?;
    let rapport = source.run(commands, &Acteur::console(), suivi).await;
    barre.finish_and_clear();
    let rapport = rapport?;
    println!("{rapport}");
    if let Some(fichier) = &source.commun().rapport {
        ecrire(&rapport, fichier).with_context(|| format!("écriture du rapport {}", fichier.display()))?;
    }
    anyhow::ensure!(!rapport.interrompu, "la livraison est endommagée : rien n'a été enregistré");
    Ok(())
}

/// A bar that shows how far the reading is; silent where standard error is no terminal.
fn barre() -> anyhow::Result<(Suivi, ProgressBar)> {
    let style = "{prefix:9} {bar:40} {bytes}/{total_bytes} {elapsed}, reste {eta}";
    let barre = ProgressBar::new(0).with_style(ProgressStyle::with_template(style)?);
    let montree = barre.clone();
    let suivi = move |Avancement { etape, octets, total }| {
        montree.set_prefix(match etape {
            Etape::Controle => "Contrôle",
            Etape::Import => "Import",
        });
        montree.set_length(total);
        montree.set_position(octets);
    };
    Ok((Arc::new(suivi), barre))
}

fn ecrire(rapport: &Rapport, fichier: &Path) -> anyhow::Result<()> {
    let texte = match fichier.extension().and_then(|fin| fin.to_str()) {
        Some("json") => serde_json::to_string_pretty(rapport)?,
        Some("csv") => rapport.en_csv(),
        _ => rapport.to_string(),
    };
    std::fs::write(fichier, texte)?;
    Ok(())
}
