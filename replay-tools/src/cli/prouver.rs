//! What `prouver` is asked: about what, for whom and why, and what goes into the bundle.

use super::Inscription;
use super::raconter::Objet;
use super::value::tuiles;
use crate::date;
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use ledger::objects::ObjectPlace;
use std::ffi::OsString;
use std::path::PathBuf;

pub(super) const HELP: &str = "\
Un sac BagIt dans un fichier zip : data/rapport.html dit la question, la réponse en français et
ce qu'elle ne prouve pas ; à côté, de chaque acte la feuille exacte, le contenu ou la raison de
son absence, la preuve d'inclusion, et data/verify.sh, qui contrôle tout avec bash, coreutils et
openssl. S'y ajoutent les clôtures de ces journées, la page telle que la voyaient ses lecteurs, qui
a consulté le journal depuis, les schémas des contenus et le bordereau SEDA d'un versement.
Demande le fichier de clés. Code 2 si un contenu au moins est absent.

Dresser un dossier est un acte du journal, que l'exploitant y inscrit (ent inscrire-consultation) et
dont --consultation donne la place. Sans elle le dossier est refusé, avec la commande à faire lancer,
à moins de dire pourquoi il s'en passe (--sans-consultation) : le rapport porte l'un ou l'autre.

Avec --au, la réponse est celle que donnait le journal à cette date : les actes enregistrés depuis
n'y sont pas, et le rapport le dit. Qui a consulté le journal est dit jusqu'à maintenant.

D'un appel et d'une évaluation y sont aussi les envois par lesquels les familles en furent prévenues.

Exemples :
  ent-rejeu prouver publication 0192… --question 'Que disait la page ?' \\
      --demandeur 'Tribunal judiciaire de Lyon' --motif 'assignation du 3 mars' \\
      --sceaux cles.json --vers preuve.zip --consultation 0750001a/2026/42
  ent-rejeu prouver evaluation 88a2… --eleve 7d1e… --question 'Quelle note, et quand ?' \\
      --demandeur 'la famille' --motif 'recours' --sceaux cles.json --vers note.zip \\
      --consultation 0750001a/2026/43
  ent-rejeu prouver signalement 0193… --au 2026-11-23T12:00:00+01:00 --question 'Que savait-on à midi ?' \\
      --demandeur 'le procureur' --motif 'réquisition' --sceaux cles.json --vers midi.zip \\
      --sans-consultation 'enquête couverte par le secret'";

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
    /// As known when.
    #[arg(long, value_parser = date::instant, value_name = "DATE",
          help = "Seulement ce qui était enregistré à cette date : une journée, à sa fin, ou un instant RFC 3339")]
    pub au: Option<DateTime<Utc>>,
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
    #[arg(long, value_name = "LIEU", value_parser = tuiles,
          help = "Dossier des tuiles, ou s3://seau/préfixe avec les variables AWS_… [à défaut, celui du serveur privé]")]
    pub tuiles: Option<ObjectPlace>,
    /// What makes a PDF of the report.
    #[arg(
        long,
        value_name = "PROGRAMME",
        help = "Joint le rapport en PDF, fait par ce programme : weasyprint (essayé avec la version 70)"
    )]
    pub pdf: Option<OsString>,
    /// Under which version of SEDA the slip is written.
    #[arg(long, value_name = "VERSION", value_enum, default_value_t, help = "Version du SEDA du bordereau")]
    pub seda: Seda,
    /// Who takes the bundle in.
    #[arg(
        long,
        value_name = "ID",
        default_value = "non désigné",
        help = "Service d'archives qui reçoit le dossier, tel que le nomme le bordereau"
    )]
    pub archives: String,
    /// Who hands it over.
    #[arg(
        long,
        value_name = "ID",
        default_value = "non désigné",
        help = "Service qui verse le dossier, tel que le nomme le bordereau"
    )]
    pub versant: String,
    /// Where it stands on the record.
    #[command(flatten)]
    pub inscription: Inscription,
    /// An account for machines.
    #[arg(long, help = "Compte rendu en JSON")]
    pub json: bool,
}

/// A version of the archives' exchange standard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Seda {
    /// Of 2018.
    #[value(name = "2.1")]
    V2_1,
    /// Of 2022.
    #[default]
    #[value(name = "2.2")]
    V2_2,
}
