//! The school whose pages are read, and who reads them.

use crate::mesures::ground::{Ground, Place, pool};
use anyhow::Result;
use uuid::Uuid;

/// A school in the read models of a fresh database.
pub struct Ecole {
    /// Where.
    pub place: Place,
    /// Its pupils.
    pub eleves: Vec<Uuid>,
    /// Who answers for two of them.
    pub parents: Vec<Uuid>,
}

impl Ecole {
    /// Fills a fresh database (see `ecole.sql`).
    pub async fn fill(ground: &Ground) -> Result<Self> {
        let place = ground.migrated().await?;
        let owner = pool(&place.owner, 1);
        for statement in include_str!("ecole.sql").split_inclusive(";\n") {
            sqlx::raw_sql(statement).execute(&owner).await?;
        }
        let eleves = sqlx::query_scalar("SELECT personne FROM annuaire.rattachement ORDER BY 1")
            .fetch_all(&owner)
            .await?;
        let parents =
            sqlx::query_scalar("SELECT DISTINCT responsable FROM annuaire.responsabilite ORDER BY 1")
                .fetch_all(&owner)
                .await?;
        owner.close().await;
        ground.settle().await?;
        Ok(Self { place, eleves, parents })
    }
}
