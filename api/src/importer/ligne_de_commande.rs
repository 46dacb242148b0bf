//! `ent importer`: the import at the console, with its progress and its report.

use super::csv::ImportCsv;
use super::edt::ImportEmploiDuTemps;
use super::retraits::Retraits;
use super::siecle::ImportSiecle;
use super::sts::ImportSts;
use super::{Avancement, Etape, Import, Rapport, Suivi};
use anyhow::Context;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use commands::Commands;
use commands::rights::Acteur;
use domain::annuaire::Uai;
use domain::cahier_de_textes::OrigineDuCours;
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
    /// Importe les élèves d'un établissement et leurs responsables, exportés de SIECLE
    Siecle(SiecleArgs),
    /// Importe les enseignants d'un établissement et leurs enseignements, exportés de STS
    Sts(StsArgs),
    /// Importe l'emploi du temps d'un établissement, exporté d'EDT (Index Éducation)
    Edt(EdtArgs),
    /// Importe l'emploi du temps d'un établissement, tel qu'il est remonté à STS
    CoursSts(EdtArgs),
    /// Importe un fichier CSV des personnes qu'aucune source ne nomme
    Csv(CsvArgs),
}

/// What every import is told.
#[derive(Debug, Args)]
pub struct CommunArgs {
    /// Contrôle la livraison et dit ce qui serait rejeté, sans rien enregistrer
    #[arg(long)]
    pub a_blanc: bool,
    /// Suspend qui n'est plus nommé même si c'est plus d'un cinquième des personnes que la source nommait
    #[arg(long)]
    pub confirmer_les_retraits: bool,
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

/// Arguments of `ent importer siecle`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exemple :
  ent importer siecle /srv/siecle/0690001B

Le dossier contient les exports XML décompressés : élèves, et s'ils sont livrés responsables et
nomenclatures. L'établissement est déjà dans l'annuaire.

Un export qui prépare l'année scolaire suivante s'importe quand elle a commencé dans l'établissement : après
la bascule si elle est préparée, sinon à partir du 1er août.")]
pub struct SiecleArgs {
    /// Dossier des exports, ou fichier des élèves
    #[arg(value_name = "CHEMIN")]
    pub chemin: PathBuf,
    /// What every import is told
    #[command(flatten)]
    pub commun: CommunArgs,
}

/// Arguments of `ent importer sts`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exemple :
  ent importer sts /srv/sts/0690001B --du 2026-09-14

Le dossier contient sts_emp (STS_EDT) et, s'il est livré, emp_sts (EDT_STS). Les cours, les salles et
les horaires n'en sont pas repris : ce sont ceux de l'emploi du temps.

Un export qui prépare l'année scolaire suivante s'importe quand elle a commencé dans l'établissement : après
la bascule si elle est préparée, sinon à partir du 1er août.")]
pub struct StsArgs {
    /// Dossier des exports, ou fichier sts_emp
    #[arg(value_name = "CHEMIN")]
    pub chemin: PathBuf,
    /// Jour de l'export, que le fichier ne dit pas
    #[arg(long, value_name = "AAAA-MM-JJ")]
    pub du: NaiveDate,
    /// What every import is told
    #[command(flatten)]
    pub commun: CommunArgs,
}

/// Arguments of `ent importer edt` and `ent importer cours-sts`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exemples :
  ent importer edt /srv/edt/0690001B.xml
  ent importer cours-sts /srv/sts/0690001B --a-blanc

L'établissement, ses divisions et ses enseignants sont déjà dans l'annuaire. L'export dit tout l'emploi
du temps de l'année : un cours qui n'y est plus est retiré. L'export d'EDT l'emporte sur STS.")]
pub struct EdtArgs {
    /// Fichier de l'export ; pour STS, dossier d'emp_sts et de sts_emp
    #[arg(value_name = "CHEMIN")]
    pub chemin: PathBuf,
    /// What every import is told
    #[command(flatten)]
    pub commun: CommunArgs,
}

/// Arguments of `ent importer csv`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exemple :
  ent importer csv personnes.csv --uai 0690001B --du 2026-09-14

Première ligne : identifiant;profil;nom;prenom, et au besoin civilite;naissance;courriel;division;
eleve;lien;niveau;destinataire. Une ligne par personne ; pour un responsable, une par élève :
  e1;eleve;Fictif;Alix;;29/02/2012;;6A;;;;
  r1;responsable;Fictif;Dominique;Mme;;d@exemple.fr;;e1;mere;legal;oui

La liste /listes/{uai}/personnes.csv de l'ENT est un tel fichier, avec une colonne fonctions.

Le fichier dit tout ce que l'établissement ajoute : qui n'y est plus est retiré.")]
pub struct CsvArgs {
    /// Le fichier, en UTF-8
    #[arg(value_name = "FICHIER")]
    pub fichier: PathBuf,
    /// Numéro de l'établissement
    #[arg(long, value_name = "UAI")]
    pub uai: Uai,
    /// Jour où le fichier a été fait
    #[arg(long, value_name = "AAAA-MM-JJ")]
    pub du: NaiveDate,
    /// What every import is told
    #[command(flatten)]
    pub commun: CommunArgs,
}

impl CommunArgs {
    fn retraits(&self) -> Retraits {
        if self.confirmer_les_retraits { Retraits::Confirmes } else { Retraits::Mesures }
    }
}

impl EdtArgs {
    fn import(&self, programme: OrigineDuCours) -> ImportEmploiDuTemps {
        ImportEmploiDuTemps { chemin: self.chemin.clone(), programme, a_blanc: self.commun.a_blanc }
    }
}

impl SourceArgs {
    fn commun(&self) -> &CommunArgs {
        match self {
            Self::Aaf(args) => &args.commun,
            Self::Siecle(args) => &args.commun,
            Self::Sts(args) => &args.commun,
            Self::Edt(args) | Self::CoursSts(args) => &args.commun,
            Self::Csv(args) => &args.commun,
        }
    }

    async fn run(&self, commands: &Commands, acteur: &Acteur, suivi: Suivi) -> anyhow::Result<Rapport> {
        let (a_blanc, retraits) = (self.commun().a_blanc, self.commun().retraits());
        Ok(match self {
            Self::Aaf(args) => {
                let import = Import { dossier: args.dossier.clone(), a_blanc };
                import.run_avec(retraits, commands, acteur, suivi).await?
            }
            Self::Siecle(args) => {
                let import = ImportSiecle { chemin: args.chemin.clone(), a_blanc, retraits };
                import.run(commands, acteur, suivi).await?
            }
            Self::Sts(args) => {
                let import = ImportSts { chemin: args.chemin.clone(), du: args.du, a_blanc, retraits };
                import.run(commands, acteur, suivi).await?
            }
            Self::Edt(args) => args.import(OrigineDuCours::Edt).run(commands, acteur, suivi).await?,
            Self::CoursSts(args) => args.import(OrigineDuCours::Sts).run(commands, acteur, suivi).await?,
            Self::Csv(args) => {
                let (chemin, uai, du) = (args.fichier.clone(), args.uai.clone(), args.du);
                ImportCsv { chemin, uai, du, a_blanc, retraits }.run(commands, acteur, suivi).await?
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
    anyhow::ensure!(
        !rapport.retraits_a_confirmer,
        "la livraison ne nomme plus trop de personnes : personne n'a été suspendu, confirmez-le"
    );
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
