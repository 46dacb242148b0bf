//! A school in a house: two collèges imported from files in the ministry's own format,
//! their portals open, their offices held.

use crate::bench::{Bench, LUNDI};
use crate::maison::{Maison, exploitant};
use anyhow::{Context, Result, ensure};
use api::envois::Expedition;
use api::importer::Import;
use api::importer::aaf::generator::{Academie, Encodage, EtablissementPrevu, Nature, Plan, generate};
use domain::{CompteId, PersonneId};
use serde_json::json;
use sqlx::PgPool;
use std::sync::Arc;
use uuid::Uuid;

/// See the module. Names are those of one division of the first collège, but where they
/// say otherwise.
pub struct Ecole {
    /// The house.
    pub maison: Maison,
    /// UAI of the collège.
    pub uai: String,
    /// Label of its portal.
    pub portail: String,
    /// The chef, and so directeur de publication.
    pub principal: CompteId,
    /// The CPE.
    pub cpe: CompteId,
    /// Teaches `enseignement`.
    pub enseignante: CompteId,
    /// Teaches in the same collège, but not `enseignement`.
    pub collegue: CompteId,
    /// Administrateur ENT, by his separate compte.
    pub administrateur: CompteId,
    /// The division.
    pub division: Uuid,
    /// A matière given to it.
    pub enseignement: Uuid,
    /// Its pupils, in the order of the class list.
    pub eleves: Vec<Uuid>,
    /// Answers for the first pupil, with the right to be informed.
    pub parent: CompteId,
    /// Answers for none of the first pupil's family.
    pub autre_parent: CompteId,
    /// A pupil of another family in the same division.
    pub autre_eleve: Uuid,
}

impl Ecole {
    /// A school on a Monday morning.
    pub async fn ouvrir() -> Result<Self> {
        Self::reconnaitre(Maison::open_over(Self::copier().await?).await?).await
    }

    /// The same, which writes to people by these carriers.
    pub async fn ouvrir_en_ecrivant(expedition: Expedition) -> Result<Self> {
        Self::reconnaitre(Maison::open_telling(Self::copier().await?, expedition).await?).await
    }

    /// The same in this house, which is empty.
    pub async fn ouvrir_dans(maison: Maison) -> Result<Self> {
        Self::peupler(maison, &plan(&[2, 1], 12)?).await
    }

    /// The record of such a school, for a house of one's own: a copy, since the import of its files
    /// costs more than most stories. [`Self::reconnaitre`] finds the school in that house.
    pub async fn copier() -> Result<Bench> {
        Bench::peuplee("ecole", LUNDI.parse()?, modele).await
    }

    /// A school of one collège, which has so many divisions of few pupils.
    pub async fn grande(divisions: usize) -> Result<Self> {
        Self::peupler(Maison::open().await?, &plan(&[divisions], 6)?).await
    }

    async fn peupler(maison: Maison, plan: &Plan) -> Result<Self> {
        importer(&maison, plan).await?;
        let ecole = Self::reconnaitre(maison).await?;
        ecole.ouvrir_portail().await?;
        Ok(ecole)
    }

    /// Who is who in a house that was peopled.
    pub async fn reconnaitre(maison: Maison) -> Result<Self> {
        let views = &maison.bench.views;
        let (etablissement, uai): (Uuid, String) =
            sqlx::query_as("SELECT id, uai FROM etablissement ORDER BY uai LIMIT 1").fetch_one(views).await?;
        let with_profil = |profil: &'static str, offset: i64| async move {
            let found: Uuid = sqlx::query_scalar(
                "SELECT personne FROM rattachement WHERE etablissement = $1 AND profil = $2
                 ORDER BY ('DIR' = ANY (fonctions)) DESC, personne OFFSET $3 LIMIT 1",
            )
            .bind(etablissement)
            .bind(profil)
            .bind(offset)
            .fetch_one(views)
            .await
            .with_context(|| format!("no {profil} in the feed"))?;
            anyhow::Ok(personal(found))
        };
        let (enseignement, division, enseignante) = enseignement_de(views, etablissement).await?;
        let collegue: Uuid = sqlx::query_scalar(
            "SELECT personne FROM rattachement WHERE etablissement = $1 AND profil = 'enseignant'
             AND personne NOT IN (SELECT personne FROM enseignant WHERE enseignement = $2) ORDER BY 1 LIMIT 1",
        )
        .bind(etablissement)
        .bind(enseignement)
        .fetch_one(views)
        .await?;
        let eleves = projections::annuaire::Annuaire::eleves_of(views, &[division]).await?;
        let eleves: Vec<Uuid> = eleves.into_iter().map(|(_, eleve)| eleve.id).collect();
        let family = "SELECT responsable FROM responsabilite WHERE eleve = $1 AND destinataire ORDER BY 1";
        let first = *eleves.first().context("an empty division")?;
        let family_of_first: Vec<Uuid> = sqlx::query_scalar(family).bind(first).fetch_all(views).await?;
        let parent = *family_of_first.first().context("a pupil without family")?;
        let (autre_eleve, autre_parent): (Uuid, Uuid) = sqlx::query_as(
            "SELECT eleve, responsable FROM responsabilite WHERE eleve = ANY ($1) AND destinataire
             AND responsable NOT IN (SELECT responsable FROM responsabilite WHERE eleve = $2)
             AND responsable NOT IN (SELECT personne FROM rattachement WHERE profil <> 'responsable')
             ORDER BY 1, 2 LIMIT 1",
        )
        .bind(&eleves)
        .bind(first)
        .fetch_one(views)
        .await?;
        let principal = with_profil("direction", 0).await?;
        let cpe = with_profil("vie_scolaire", 0).await?;
        Ok(Self {
            portail: uai.to_lowercase(),
            uai,
            principal,
            cpe,
            enseignante: personal(enseignante),
            collegue: personal(collegue),
            administrateur: CompteId::derived(&["administrateur"]),
            division,
            enseignement,
            eleves,
            parent: personal(parent),
            autre_parent: personal(autre_parent),
            autre_eleve,
            maison,
        })
    }

    /// The infirmier of the collège.
    pub async fn infirmier(&self) -> Result<CompteId> {
        let found: Uuid = sqlx::query_scalar(
            "SELECT personne FROM rattachement r JOIN etablissement e ON e.id = r.etablissement
             WHERE e.uai = $1 AND 'INFIRMIER' = ANY (r.fonctions) ORDER BY 1 LIMIT 1",
        )
        .bind(&self.uai)
        .fetch_one(&self.maison.bench.views)
        .await
        .context("no infirmier in the feed")?;
        Ok(personal(found))
    }

    /// The operator opens the portal, the chef takes its direction and delegates its
    /// administration.
    async fn ouvrir_portail(&self) -> Result<()> {
        let maison = &self.maison;
        let opening = json!({ "nature": "ETABLISSEMENT", "uai": self.uai, "nom": "Collège" });
        maison.granted(exploitant(), "ouvrirPortail", opening, "portail { hote }").await?;
        let direction = json!({
            "portail": self.portail,
            "directeurId": global("Personne", self.principal.0),
            "qualite": "principal du collège",
            "depuis": "2026-09-01",
        });
        maison.granted(exploitant(), "prendreDirection", direction, "portail { hote }").await?;
        let delegation = json!({
            "portail": self.portail,
            "delegation": Uuid::from_u128(1),
            "compte": self.administrateur.0,
            "administrateurId": global("Personne", self.cpe.0),
            "du": "2026-09-01",
        });
        maison.granted(self.principal, "accorderDelegation", delegation, "portail { hote }").await?;
        Ok(())
    }
}

/// What is taught first to a division of an établissement: the enseignement, to which one and by whom.
pub async fn enseignement_de(views: &PgPool, etablissement: Uuid) -> Result<(Uuid, Uuid, Uuid)> {
    let sql = "SELECT n.id, n.division, t.personne FROM enseignement n
               JOIN enseignant t ON t.enseignement = n.id
               WHERE n.etablissement = $1 AND n.division IS NOT NULL ORDER BY n.id LIMIT 1";
    Ok(sqlx::query_as(sql).bind(etablissement).fetch_one(views).await?)
}

/// Collèges of so many divisions, each of so many pupils.
fn plan(divisions: &[usize], eleves_par_division: usize) -> Result<Plan> {
    let college = |divisions: &usize| EtablissementPrevu { nature: Nature::College, divisions: *divisions };
    Ok(Plan {
        seed: 7,
        academie: Academie::Lyon,
        date: "2026-09-14".parse()?,
        etablissements: divisions.iter().map(college).collect(),
        eleves_par_division,
        encodage: Encodage::Iso8859_15,
    })
}

async fn importer(maison: &Maison, plan: &Plan) -> Result<()> {
    let folder = tempfile::tempdir()?;
    generate(folder.path(), plan)?;
    let operator = maison.commands.acteur(Some(exploitant())).await?;
    let import = Import { dossier: folder.path().to_owned(), a_blanc: false };
    let rapport = import.run(&maison.commands, &operator, Arc::new(|_| ())).await?;
    ensure!(rapport.comptes.values().all(|comptes| comptes.rejetes == 0), "{rapport}");
    maison.bench.runner.catch_up().await?;
    Ok(())
}

/// The school that others are copies of: left once its views have read everything.
async fn modele(bench: Bench) -> Result<()> {
    let Ecole { maison, .. } = Ecole::ouvrir_dans(Maison::open_over(bench).await?).await?;
    maison.bench.runner.catch_up().await?;
    maison.close().await
}

/// The personal compte of a person.
pub fn personal(personne: Uuid) -> CompteId {
    CompteId::personnel(PersonneId(personne))
}

/// A global id, as a client has it from an earlier answer.
pub fn global(kind: &str, key: Uuid) -> String {
    api::graphql::global_id(kind, key)
}
