//! CSV: a file that an établissement makes itself, for those whom no feed names.
//!
//! One line per person; for an adult who answers for several pupils, one line per pupil. The
//! first line names the columns, in any order, separated by `;` or `,`; the text is UTF-8.
//!
//! | column | what |
//! |---|---|
//! | `identifiant` | the établissement's own key of the person; always the same |
//! | `profil` | `eleve`, `responsable`, `enseignant`, `direction`, `vie_scolaire`, `administratif` or `autre` |
//! | `nom`, `prenom` | as they are to be read |
//! | `civilite` | `M.` or `Mme`; may be empty |
//! | `naissance` | `jj/mm/aaaa`; for a pupil always |
//! | `courriel` | may be empty |
//! | `division` | code of the pupil's division; may be empty |
//! | `fonctions` | codes of the functions held there, separated by `\|`; may be empty |
//! | `eleve` | for an adult who answers for one: the `identifiant` of the pupil, in the same file |
//! | `lien` | the tie: `pere`, `mere`, `tuteur`… |
//! | `niveau` | `legal` (the first, then the second), `charge` or `contact`; `legale1`, `legale2`, `aucune` |
//! | `destinataire` | `oui` or `non`: whether he or she has the right to be informed |
//!
//! `GET /listes/{uai}/personnes.csv` writes such a file: whom the établissement has not named by a
//! key of its own is under the directory's id, and is found again by it.

mod lecture;
mod traduction;

pub use lecture::{COLONNES, FichierCsv, LigneLue, TAILLE_MAX};

use super::Suivi;
use super::etat::Etat;
use super::rapport::Rapport;
use super::retraits::{RETRAITS, Retraits};
use super::versement::ErreurVersement;
use super::{Avancement, Etape};
use chrono::NaiveDate;
use commands::Commands;
use commands::rights::Acteur;
use domain::annuaire::{Livraison, NatureDeLivraison, Origine, Uai};
use std::path::PathBuf;
use tokio::task::spawn_blocking;

const PERSONNES: &str = "Personnes";
/// Headings of the report.
const RUBRIQUES: &[&str] = &[PERSONNES, RETRAITS];

/// A file to import.
#[derive(Debug, Clone)]
pub struct ImportCsv {
    /// The file.
    pub chemin: PathBuf,
    /// Of whose people it speaks.
    pub uai: Uai,
    /// The day on which it was made.
    pub du: NaiveDate,
    /// Decide everything and record nothing.
    pub a_blanc: bool,
    /// How many it may suspend.
    pub retraits: Retraits,
}

impl ImportCsv {
    /// Imports the file in the name of `acteur`.
    pub async fn run(
        self,
        commands: &Commands,
        acteur: &Acteur,
        suivi: Suivi,
    ) -> Result<Rapport, ErreurVersement> {
        let Self { chemin, uai, du, a_blanc, retraits } = self;
        suivi(Avancement { etape: Etape::Controle, octets: 0, total: 1 });
        let mut lu =
            spawn_blocking(move || FichierCsv::lire(&chemin)).await?.map_err(ErreurVersement::Refuse)?;
        let portee = uai.to_string();
        let (origine, nature) = (Origine::Csv, NatureDeLivraison::Complete);
        let livraison = Livraison { origine, portee, nature, du, annee: None };
        let mut rapport = Rapport::nouveau(livraison, RUBRIQUES, a_blanc);
        rapport.compte(PERSONNES).lus = lu.lues;
        let rejets = std::mem::take(&mut lu.rejets).into_iter().map(|rejet| (PERSONNES, rejet));
        if rapport.rejeter_tous(rejets) {
            return Ok(rapport);
        }
        let etat = Etat::charger(commands.views(), Origine::Csv, &uai).await?;
        let academie = etat.academie.ok_or_else(|| ErreurVersement::EtablissementInconnu(uai.clone()))?;
        let versement = traduction::traduire(&etat, uai, lu, &mut rapport);
        suivi(Avancement { etape: Etape::Import, octets: 1, total: 1 });
        versement.verser(commands, acteur, academie, rapport, retraits).await
    }
}
