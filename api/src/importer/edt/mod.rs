//! Emplois du temps: the courses of one établissement, as a timetable program exports them (EDT of
//! Index Éducation, root `ExportEmploiDuTemps`) or as it gives them back to STS (`emp_sts`).
//!
//! Both are read into the same courses ([`CoursLu`]), and one translation makes them courses of the
//! directory: teachers by their key in STS or by identity, divisions by code. People come with
//! their own sources; of an export's pupils and families nothing is read.

mod export;
mod lu;
mod sts;
mod traduction;

pub use lu::{CoursLu, EmploiDuTempsLu, EnseignantDuCours, GroupeLu};

use super::Suivi;
use super::rapport::Rapport;
use super::versement::ErreurVersement;
use super::{Avancement, Etape};
use commands::Commands;
use commands::cahier_de_textes::ImportDeCours;
use commands::rights::Acteur;
use domain::annuaire::{Livraison, NatureDeLivraison, Origine, Uai};
use domain::cahier_de_textes::{Cours, OrigineDuCours, conflits};
use domain::{EtablissementId, PersonneId};
use projections::annuaire::{Annuaire, Groupes, Sources};
use projections::cahier_de_textes::EmploisDuTemps;
use std::path::PathBuf;
use tokio::task::spawn_blocking;
use traduction::Connus;

const COURS: &str = "Cours";
/// Headings of the report.
const RUBRIQUES: &[&str] = &[COURS];

/// An export to import.
#[derive(Debug, Clone)]
pub struct ImportEmploiDuTemps {
    /// The file, or the folder of the files of STS.
    pub chemin: PathBuf,
    /// From which program.
    pub programme: OrigineDuCours,
    /// Decide everything and record nothing.
    pub a_blanc: bool,
}

impl ImportEmploiDuTemps {
    /// Imports the export in the name of `acteur`.
    pub async fn run(
        self,
        commands: &Commands,
        acteur: &Acteur,
        suivi: Suivi,
    ) -> Result<Rapport, ErreurVersement> {
        let Self { chemin, programme, a_blanc } = self;
        suivi(Avancement { etape: Etape::Controle, octets: 0, total: 1 });
        let lire = move || match programme {
            OrigineDuCours::Sts => sts::lire(&chemin),
            OrigineDuCours::Edt | OrigineDuCours::Saisie => export::lire(&chemin),
        };
        let mut lu = spawn_blocking(lire).await?.map_err(ErreurVersement::Refuse)?;
        let mut rapport = self::rapport(&lu.uai, commands, programme, a_blanc);
        rapport.compte(COURS).lus = lu.lus;
        let rejets = std::mem::take(&mut lu.rejets).into_iter().map(|rejet| (COURS, rejet));
        if rapport.rejeter_tous(rejets) {
            return Ok(rapport);
        }
        suivi(Avancement { etape: Etape::Import, octets: 1, total: 1 });
        let (uai, annee) = (lu.uai.clone(), lu.annee);
        let cours = traduire(commands, lu, &mut rapport).await?;
        compter(commands, uai.etablissement(), &cours, annee, &mut rapport).await?;
        let import = ImportDeCours { uai, annee, origine: programme, cours };
        commands.importer_cours(acteur, import, a_blanc).await?;
        rapport.ranger();
        Ok(rapport)
    }
}

/// Reads an export of EDT that is in memory.
pub fn lire_edt(nom: &str, octets: &[u8]) -> Result<EmploiDuTempsLu, String> {
    export::de_texte(nom, octets)
}

/// Reads what is given back to STS, in memory.
pub fn lire_sts(nom: &str, octets: &[u8]) -> Result<EmploiDuTempsLu, String> {
    sts::de_texte(nom, octets)
}

fn rapport(uai: &Uai, commands: &Commands, programme: OrigineDuCours, a_blanc: bool) -> Rapport {
    // Its people have keys of STS, whichever program exports it.
    let livraison = Livraison {
        origine: Origine::Sts,
        portee: uai.to_string(),
        nature: NatureDeLivraison::Complete,
        du: commands.today(),
        annee: None,
    };
    let mut rapport = Rapport::nouveau(livraison, RUBRIQUES, a_blanc);
    rapport.emploi_du_temps = Some(match programme {
        OrigineDuCours::Sts => "STS",
        OrigineDuCours::Edt | OrigineDuCours::Saisie => "EDT",
    });
    rapport
}

async fn traduire(
    commands: &Commands,
    lu: EmploiDuTempsLu,
    rapport: &mut Rapport,
) -> Result<Vec<Cours>, ErreurVersement> {
    let views = commands.views();
    let Some(connu) = Annuaire::par_uai(views, lu.uai.as_str()).await? else {
        return Err(ErreurVersement::EtablissementInconnu(lu.uai));
    };
    let cles = Sources::personnes(views, Origine::Sts, lu.uai.as_str()).await?;
    let divisions = Annuaire::divisions_of(views, &[connu.id]).await?;
    let groupes = Groupes::of(views, &[connu.id]).await?;
    let ids: Vec<_> = divisions.iter().map(|row| row.id).chain(groupes.iter().map(|row| row.id)).collect();
    let annuaire = Connus {
        cles: cles.into_iter().map(|cle| (cle.cle, PersonneId(cle.id))).collect(),
        enseignants: Annuaire::enseignants_de(views, connu.id).await?,
        divisions: divisions.into_iter().map(|row| row.code).collect(),
        enseignements: Annuaire::enseignements_of(views, &ids).await?,
    };
    Ok(traduction::traduire(&annuaire, lu, rapport))
}

/// What becomes of the courses, beside those that are known; and the conflicts among them.
async fn compter(
    commands: &Commands,
    etablissement: EtablissementId,
    cours: &[Cours],
    annee: domain::AnneeScolaire,
    rapport: &mut Rapport,
) -> Result<(), ErreurVersement> {
    let plan = EmploisDuTemps::plan(commands.views(), etablissement, annee, None).await?;
    for one in cours {
        let compte = rapport.compte(COURS);
        match plan.cours.iter().find(|known| known.id == one.id) {
            None => compte.crees += 1,
            Some(known) if known == one => compte.inchanges += 1,
            Some(_) => compte.modifies += 1,
        }
    }
    rapport.conflits = conflits(cours).len() as u64;
    Ok(())
}
