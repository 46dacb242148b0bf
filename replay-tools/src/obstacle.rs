//! What keeps the program from concluding. Told in French; never tells a secret.

use crate::export::ExportFault;
use crate::prouver::PdfFault;
use crate::suivre::SuivreFault;
use crate::temoin::TemoinFault;
use crate::verdict::Verdict;
use crate::verifier::miroir::MiroirFault;
use ledger::feed::FeedError;
use ledger::kek::KekFault;
use ledger::sealer::proofs::ProofsFault;
use ledger::sealer::store::TileFault;
use ledger::timestamp::roots::RootsFault;
use ledger::tlog::policy::PolicyFault;
use ledger::tlog::proof::ProofFault;
use projections::ProjectionError;
use projections::runner::RunnerError;
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum Obstacle {
    /// No database was named.
    #[error(
        "aucune base n'est désignée : donnez --base, ENT_AUDITEUR_URL ou DATABASE_URL, ou un dossier de \
         données (--donnees) qui contienne {0}"
    )]
    NoBase(PathBuf),
    /// The URL is none. The cause stays unsaid: it could quote the password.
    #[error("l'adresse de la base n'est pas une URL postgres://")]
    BadUrl,
    /// A file cannot be read.
    #[error("le fichier {path} ne peut être lu")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database cannot be reached.
    #[error("la base ne peut être jointe")]
    Unreachable(#[source] sqlx::Error),
    /// The database did not answer.
    #[error("la base n'a pas répondu comme attendu")]
    Database(#[from] sqlx::Error),
    /// The record cannot be read.
    #[error("le journal ne peut être lu")]
    Feed(#[from] FeedError),
    /// The report is on no paper.
    #[error("le rapport n'a pas de PDF")]
    Pdf(#[from] PdfFault),
    /// An act is not as the views know it.
    #[error("un acte n'a pas la forme attendue")]
    Unfit(#[from] ProjectionError),
    /// The key file is none.
    #[error("le fichier {path} n'est pas un fichier de clés")]
    NotAKek {
        /// Which.
        path: PathBuf,
    },
    /// An act that no checkpoint covers yet.
    #[error("l'acte {0} n'est pas encore scellé : recommencez dans un instant")]
    NotSealed(String),
    /// There are no tiles there.
    #[error("{0} n'est pas un dossier de tuiles : donnez celui de la plateforme, ou sa copie (--tuiles)")]
    NoTiles(PathBuf),
    /// The tiles do not prove what they should.
    #[error("les tuiles ne donnent pas la preuve")]
    Proofs(#[from] ProofsFault),
    /// The policy of witnesses is none.
    #[error("{path} n'est pas une politique de témoins (C2SP tlog-policy)")]
    Policy {
        /// Which.
        path: PathBuf,
        /// Why.
        source: PolicyFault,
    },
    /// The file of roots holds none.
    #[error("{path} ne contient pas de certificats de racines (PEM)")]
    Roots {
        /// Which.
        path: PathBuf,
        /// Why.
        source: RootsFault,
    },
    /// There is no witness.
    #[error(transparent)]
    Temoin(#[from] TemoinFault),
    /// The record is not followed.
    #[error(transparent)]
    Suivre(#[from] SuivreFault),
    /// Tiles prove nothing of whom they are without keys.
    #[error("il faut les clés que publie /journal/cles : donnez-les (--sceaux)")]
    NoPublishedKeys,
    /// A checkpoint of another log.
    #[error("ce qui est publié là n'est pas un journal de la plateforme dont les clés sont données")]
    NotOfThisHouse,
    /// A copy of a journal says nothing of where the meta-journal is.
    #[error("cette adresse n'est pas celle du portail : dites où est le méta-journal, qui est daté (--meta)")]
    NoMetaAddress,
    /// The files of a sealed journal cannot be read.
    #[error("le journal scellé ne peut être lu")]
    Mirror(#[from] MiroirFault),
    /// The file of published keys is none.
    #[error("le fichier {path} n'est pas celui des clés que publie /journal/cles")]
    NotPublishedKeys {
        /// Which.
        path: PathBuf,
    },
    /// The key file opens nothing here.
    #[error("le fichier de clés n'est pas celui de cette base : il n'ouvre aucune de ses clés")]
    OtherKek,
    /// What was asked needs contents.
    #[error("il faut ouvrir les contenus : donnez le fichier de clés (--cle ou ENT_KEK_FILE)")]
    NoKek,
    /// The role may not make temporary tables.
    #[error(
        "ce rôle ne peut créer de tables temporaires, où se fait le rejeu : accordez-lui le droit TEMPORARY \
         sur la base"
    )]
    NoTemporary,
    /// An export cannot be written or read.
    #[error("l'export n'a pu être mené à bien")]
    Export(#[from] ExportFault),
    /// The record could not be followed by the views.
    #[error("le rejeu s'est arrêté")]
    Replay(#[from] RunnerError),
    /// No such view or table.
    #[error("vue inconnue : {asked} ; les vues sont : {known}")]
    UnknownView {
        /// What was asked.
        asked: String,
        /// What there is.
        known: String,
    },
    /// No journal is of this portal and year.
    #[error("aucun journal ne correspond")]
    NoJournal,
    /// The record has no consultation at that place.
    #[error("aucune consultation n'est inscrite à la place {0}")]
    NoConsultation(String),
    /// It has one there, of another kind, or of which the content is erased.
    #[error(
        "la consultation inscrite à la place {0} n'est pas celle d'une sortie du journal, ou son contenu est \
         effacé"
    )]
    NotAnExport(String),
    /// That journals are carried away stands nowhere.
    #[error(
        "cette sortie n'est pas inscrite au journal de {journaux} : l'exploitant l'y inscrit, et la place \
         qu'il obtient se donne à --consultation.\n{commandes}\nÀ défaut, dites pourquoi elle s'en passe : \
         --sans-consultation MOTIF"
    )]
    NotOnRecord {
        /// Which.
        journaux: String,
        /// What puts it there.
        commandes: String,
    },
    /// A replay as of no date.
    #[error("il faut une date : donnez --au ou --connu-au")]
    NoDate,
    /// The record knows no such object.
    #[error("le journal ne connaît pas cet objet")]
    NoObject,
    /// Nor did it know it at the instant of the question.
    #[error("le {0}, le journal ne connaissait pas encore cet objet")]
    NotKnownThen(String),
    /// The answer cannot be written.
    #[error("la réponse ne peut être écrite")]
    Output(#[from] io::Error),
}

impl From<TileFault> for Obstacle {
    fn from(fault: TileFault) -> Self {
        Self::Proofs(ProofsFault::Tiles(ProofFault::Tile(fault)))
    }
}

impl From<KekFault> for Obstacle {
    fn from(fault: KekFault) -> Self {
        match fault {
            KekFault::Io { path, source } => Self::File { path, source },
            KekFault::Invalid { path, .. } => Self::NotAKek { path },
        }
    }
}

impl Obstacle {
    /// Says it: as a JSON verdict where one is expected, else to people.
    pub fn tell(&self, json: bool, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<()> {
        if matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe) {
            return Ok(()); // `| head`: whoever read has read enough
        }
        if json {
            let verdict =
                serde_json::json!({ "verdict": Verdict::Indetermine.word(), "motif": self.reasons() });
            writeln!(out, "{verdict}")?;
        }
        writeln!(err, "ent-rejeu : {}", self.reasons())
    }

    /// The obstacle and its causes, in one line.
    pub fn reasons(&self) -> String {
        let mut text = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !text.ends_with(&cause_text) {
                text.push_str(" : ");
                text.push_str(&cause_text);
            }
            source = cause.source();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_obstacle_is_told_with_its_causes() {
        let source = io::Error::new(io::ErrorKind::NotFound, "absent");
        let obstacle = Obstacle::File { path: "cle.json".into(), source };
        assert_eq!(obstacle.reasons(), "le fichier cle.json ne peut être lu : absent");
    }

    #[test]
    fn a_machine_gets_a_verdict_even_when_there_is_none() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        Obstacle::NoJournal.tell(true, &mut out, &mut err).unwrap();
        let told: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(told["verdict"], "indetermine");
        assert!(String::from_utf8(err).unwrap().contains("aucun journal"));
    }
}
