//! A small school to work for: two collèges from files in the ministry's own format,
//! imported through the program's own use cases.

use anyhow::{Result, ensure};
use api::importer::Import;
use api::importer::aaf::generator::{Academie, Encodage, EtablissementPrevu, Nature, Plan, generate};
use api::program::House;
use domain::CompteId;
use sqlx::PgPool;
use std::sync::Arc;
use uuid::Uuid;

/// One who teaches, what, and to whom: all that a roll or a mark needs.
#[derive(Debug, Clone)]
pub struct Enseignant {
    /// His personal compte.
    pub compte: CompteId,
    /// What he teaches.
    pub enseignement: Uuid,
    /// Pupils of the division.
    pub eleves: Vec<Uuid>,
}

/// Fills an empty house.
pub async fn fill(house: &House, exploitant: CompteId) -> Result<Vec<Enseignant>> {
    let folder = tempfile::tempdir()?;
    let college = |divisions| EtablissementPrevu { nature: Nature::College, divisions };
    let plan = Plan {
        seed: 11,
        academie: Academie::Lyon,
        date: "2026-09-14".parse()?,
        etablissements: vec![college(2), college(1)],
        eleves_par_division: 6,
        encodage: Encodage::Utf8,
    };
    generate(folder.path(), &plan)?;
    let operator = house.commands.acteur(Some(exploitant)).await?;
    let import = Import { dossier: folder.path().to_owned(), a_blanc: false };
    let rapport = import.run(&house.commands, &operator, Arc::new(|_| ())).await?;
    ensure!(rapport.comptes.values().all(|comptes| comptes.rejetes == 0), "{rapport}");
    house.runner.catch_up().await?;
    teachers(&house.pool).await
}

/// Everybody who teaches something to a division, by turns in each collège.
async fn teachers(views: &PgPool) -> Result<Vec<Enseignant>> {
    let rows: Vec<(Uuid, Uuid, Uuid)> = sqlx::query_as(
        "SELECT id, division, personne FROM (
             SELECT DISTINCT ON (n.id) n.id, n.division, t.personne,
                    dense_rank() OVER (PARTITION BY n.etablissement ORDER BY n.id) AS turn
             FROM enseignement n JOIN enseignant t ON t.enseignement = n.id
             WHERE n.division IS NOT NULL ORDER BY n.id, t.personne) one
         ORDER BY turn, id",
    )
    .fetch_all(views)
    .await?;
    let mut teachers = Vec::new();
    for (enseignement, division, personne) in rows {
        let class = projections::annuaire::Annuaire::eleves_of(views, &[division]).await?;
        let eleves = class.into_iter().map(|(_, eleve)| eleve.id).collect();
        teachers.push(Enseignant { compte: crate::personal(personne), enseignement, eleves });
    }
    ensure!(!teachers.is_empty(), "nobody teaches in the feed");
    Ok(teachers)
}
