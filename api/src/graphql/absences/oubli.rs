//! Rolls that nobody has opened, in GraphQL.

use crate::graphql::annuaire::{Enseignement, Personne};
use crate::graphql::context::{Here, fault};
use async_graphql::{Context, Object, Result};
use chrono::{NaiveDate, NaiveTime};

/// Une séance dont personne n'a ouvert l'appel.
pub struct AppelNonOuvert(pub domain::absences::AppelNonOuvert);

#[Object]
/// Une séance dont personne n'a ouvert l'appel.
impl AppelNonOuvert {
    /// Jour de la séance.
    async fn date(&self) -> NaiveDate {
        self.0.seance.date
    }

    /// Début, heure locale.
    async fn debut(&self) -> NaiveTime {
        self.0.seance.debut
    }

    /// Fin, heure locale.
    async fn fin(&self) -> NaiveTime {
        self.0.seance.fin
    }

    /// Ce qui est enseigné.
    async fn enseignement(&self, ctx: &Context<'_>) -> Result<Option<Enseignement>> {
        Enseignement::load(ctx, self.0.seance.enseignement.0).await
    }

    /// Qui donne la séance.
    async fn enseignants(&self, ctx: &Context<'_>) -> Result<Vec<Personne>> {
        let ids: Vec<_> = self.0.enseignants.iter().map(|one| one.0).collect();
        let rows = ctx.requete()?.loaders().personnes.load_many(ids.clone()).await.map_err(fault)?;
        Ok(ids.iter().filter_map(|id| rows.get(id).cloned()).map(Personne).collect())
    }
}
