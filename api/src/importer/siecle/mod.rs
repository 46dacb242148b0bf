//! SIECLE: the pupils of one établissement and their families, as *Base élèves établissement*
//! exports them: `BEE_ELEVES`, `BEE_RESPONSABLES`, `BEE_NOMENCLATURES`, in ISO-8859-15.
//!
//! Data minimisation (RGPD, art. 5.1.c): addresses, telephone numbers, grants, professions,
//! nationality, regime and last year's schooling are in the files and are not read.

mod lecture;
mod traduction;

pub use lecture::{EleveLu, LienLu, PersonneLue, PlaceLue, RefusDeResponsables, Siecle};

use super::Suivi;
use super::etat::Etat;
use super::rapport::Rapport;
use super::retraits::{RETRAITS, Retraits};
use super::versement::ErreurVersement;
use super::{Avancement, Etape};
use commands::Commands;
use commands::rights::Acteur;
use domain::annuaire::{Livraison, NatureDeLivraison, Origine};
use std::path::PathBuf;
use tokio::task::spawn_blocking;

/// Headings of the report.
const RUBRIQUES: &[&str] = &["Élèves", "Responsables", RETRAITS];

/// An export to import.
#[derive(Debug, Clone)]
pub struct ImportSiecle {
    /// Folder of its files, or the file of the pupils.
    pub chemin: PathBuf,
    /// Decide everything and record nothing.
    pub a_blanc: bool,
    /// How many it may suspend.
    pub retraits: Retraits,
}

impl ImportSiecle {
    /// Imports the export in the name of `acteur`.
    pub async fn run(
        self,
        commands: &Commands,
        acteur: &Acteur,
        suivi: Suivi,
    ) -> Result<Rapport, ErreurVersement> {
        let Self { chemin, a_blanc, retraits } = self;
        suivi(Avancement { etape: Etape::Controle, octets: 0, total: 1 });
        let mut lu = spawn_blocking(move || Siecle::lire(&chemin)).await?.map_err(ErreurVersement::Refuse)?;
        let livraison = Livraison {
            origine: Origine::Siecle,
            portee: lu.uai.to_string(),
            nature: NatureDeLivraison::Complete,
            du: lu.du,
            annee: lu.annee,
        };
        let mut rapport = Rapport::nouveau(livraison, RUBRIQUES, a_blanc);
        rapport.compte(RUBRIQUES[0]).lus = lu.lus.0;
        rapport.compte(RUBRIQUES[1]).lus = lu.lus.1;
        if rapport.rejeter_tous(std::mem::take(&mut lu.rejets)) {
            return Ok(rapport);
        }
        let etat = Etat::charger(commands.views(), Origine::Siecle, &lu.uai).await?;
        let academie = etat.academie.ok_or_else(|| ErreurVersement::EtablissementInconnu(lu.uai.clone()))?;
        let versement = traduction::traduire(&etat, lu, &mut rapport);
        suivi(Avancement { etape: Etape::Import, octets: 1, total: 1 });
        versement.verser(commands, acteur, academie, rapport, retraits).await
    }
}
