//! STS: the teachers of one établissement and what they teach, as STS exports them (`sts_emp`,
//! root `STS_EDT`) and as a timetable program gives them back (`emp_sts`, root `EDT_STS`).
//!
//! Teachers with their disciplines, divisions, who teaches what, and groupes with who leads them are
//! taken; courses, rooms and hours belong to the timetable, which is another context's. Grades and indemnities are not read.
//! A teacher's key is the register (`INDIVIDU/@TYPE`) and the number there.
//! Neither file says on which day it was exported: who imports it does.

mod lecture;
mod registre;
mod traduction;

pub use lecture::{EnseignantLu, EnseignementLu, GroupeLu, Sts};
pub(super) use registre::{au_numero, cle_d_enseignant};

use super::Suivi;
use super::etat::Etat;
use super::rapport::Rapport;
use super::retraits::{RETRAITS, Retraits};
use super::versement::ErreurVersement;
use super::{Avancement, Etape};
use chrono::NaiveDate;
use commands::Commands;
use commands::rights::Acteur;
use domain::annuaire::{Academie, Livraison, NatureDeLivraison, Origine};
use std::path::PathBuf;
use tokio::task::spawn_blocking;

const ENSEIGNANTS: &str = "Enseignants";
const ETABLISSEMENT: &str = "Établissement";
/// Headings of the report.
const RUBRIQUES: &[&str] = &[ETABLISSEMENT, ENSEIGNANTS, RETRAITS];

/// An export to import.
#[derive(Debug, Clone)]
pub struct ImportSts {
    /// Folder of its files, or `sts_emp` alone.
    pub chemin: PathBuf,
    /// The day of the export.
    pub du: NaiveDate,
    /// Decide everything and record nothing.
    pub a_blanc: bool,
    /// How many it may suspend.
    pub retraits: Retraits,
}

impl ImportSts {
    /// Imports the export in the name of `acteur`.
    pub async fn run(
        self,
        commands: &Commands,
        acteur: &Acteur,
        suivi: Suivi,
    ) -> Result<Rapport, ErreurVersement> {
        let Self { chemin, du, a_blanc, retraits } = self;
        suivi(Avancement { etape: Etape::Controle, octets: 0, total: 1 });
        let mut lu = spawn_blocking(move || Sts::lire(&chemin)).await?.map_err(ErreurVersement::Refuse)?;
        let portee = lu.uai.to_string();
        let (origine, nature, annee) = (Origine::Sts, NatureDeLivraison::Complete, lu.annee);
        let livraison = Livraison { origine, portee, nature, du, annee };
        let mut rapport = Rapport::nouveau(livraison, RUBRIQUES, a_blanc);
        rapport.compte(ENSEIGNANTS).lus = lu.lus;
        rapport.compte(ETABLISSEMENT).lus = 1;
        let rejets = std::mem::take(&mut lu.rejets).into_iter().map(|rejet| (ENSEIGNANTS, rejet));
        if rapport.rejeter_tous(rejets) {
            return Ok(rapport);
        }
        let etat = Etat::charger(commands.views(), Origine::Sts, &lu.uai).await?;
        // An établissement that is new comes with its académie; one of elsewhere is refused.
        let academie = match etat.academie {
            Some(academie) => academie,
            None => lu.academie.parse::<Academie>().map_err(|e| ErreurVersement::Refuse(e.to_string()))?,
        };
        let versement = traduction::traduire(&etat, academie, lu, &mut rapport);
        suivi(Avancement { etape: Etape::Import, octets: 1, total: 1 });
        versement.verser(commands, acteur, academie, rapport, retraits).await
    }
}
