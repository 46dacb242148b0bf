//! The region whose Monday it is: who teaches what to whom, and who answers for them.

use crate::mesures::ground::{Ground, Place, pool};
use crate::mesures::page::Emetteur;
use anyhow::Result;
use domain::{CompteId, PersonneId};
use uuid::Uuid;

/// As many families ask for pages, each with a token of its own.
const FAMILLES: i64 = 5000;

/// A teacher before a division.
pub struct Enseignant {
    /// Signs in with it.
    pub token: String,
    /// What is taught.
    pub enseignement: Uuid,
    /// To whom.
    pub eleves: Vec<Uuid>,
    /// The portal of the établissement.
    pub portail: String,
}

/// A region in the read models of a fresh database.
pub struct Region {
    /// Where.
    pub place: Place,
    /// Its teachers.
    pub enseignants: Vec<Enseignant>,
    /// Tokens of some of its parents.
    pub familles: Vec<String>,
}

impl Region {
    /// Fills a fresh database (see `region.sql`).
    pub async fn fill(ground: &Ground, emetteur: &Emetteur, enseignants: usize) -> Result<Self> {
        let place = ground.migrated().await?;
        let owner = pool(&place.owner, 1);
        let set = format!("SET mesure.enseignants = '{enseignants}'");
        sqlx::raw_sql(&set).execute(&owner).await?;
        for statement in include_str!("region.sql").split_inclusive(";\n") {
            sqlx::raw_sql(statement).execute(&owner).await?;
        }
        let token = |personne| emetteur.token(CompteId::personnel(PersonneId(personne)));
        let rows: Vec<(Uuid, Uuid, Vec<Uuid>, String)> = sqlx::query_as(
            "SELECT t.personne, n.id, array_agg(r.personne), min(e.portail)
             FROM annuaire.enseignement n
             JOIN annuaire.enseignant t ON t.enseignement = n.id
             JOIN annuaire.rattachement r ON r.division = n.division
             JOIN annuaire.etablissement e ON e.id = n.etablissement
             GROUP BY t.personne, n.id ORDER BY n.id",
        )
        .fetch_all(&owner)
        .await?;
        let enseignant = |(personne, enseignement, eleves, portail)| {
            anyhow::Ok(Enseignant { token: token(personne)?, enseignement, eleves, portail })
        };
        let enseignants = rows.into_iter().map(enseignant).collect::<Result<_>>()?;
        let parents: Vec<Uuid> = sqlx::query_scalar(
            "SELECT responsable FROM annuaire.responsabilite GROUP BY responsable ORDER BY responsable LIMIT $1",
        )
        .bind(FAMILLES)
        .fetch_all(&owner)
        .await?;
        let familles = parents.into_iter().map(token).collect::<Result<_>>()?;
        owner.close().await;
        ground.settle().await?;
        Ok(Self { place, enseignants, familles })
    }
}
