//! Of an absence: who was told, by which way and when, in GraphQL.

use super::Envoi;
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault};
use crate::graphql::portails::Portail;
use async_graphql::{Context, Object, Result};
use chrono::{DateTime, Utc};
use commands::rights::Action;
use projections::notifications as views;
use uuid::Uuid;

/// Quelqu'un à prévenir d'une absence, et ce qui lui en fut envoyé.
pub struct PersonneAPrevenir {
    personne: Uuid,
    envois: Vec<views::Envoi>,
}

#[Object]
/// Quelqu'un à prévenir d'une absence, et ce qui lui en fut envoyé.
impl PersonneAPrevenir {
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.personne).await
    }

    /// Un relais a pris un message, qui n'est pas revenu, ou une lettre est postée. Sinon, prévenez
    /// autrement.
    async fn prevenue(&self) -> bool {
        self.le().is_some()
    }

    /// Quand elle l'a été pour la première fois.
    async fn prevenue_le(&self) -> Option<DateTime<Utc>> {
        self.le()
    }

    /// Ce qui fut préparé pour elle, et où cela en est.
    #[graphql(complexity = "3 * child_complexity + 1")]
    async fn envois(&self) -> Vec<Envoi> {
        self.envois.iter().cloned().map(Envoi).collect()
    }
}

impl PersonneAPrevenir {
    fn le(&self) -> Option<DateTime<Utc>> {
        self.envois.iter().filter(|envoi| envoi.etat == "remis").map(|envoi| envoi.maj).min()
    }

    /// Those of the file of an absence, for who sees on its portal what was sent: what one parent was
    /// told is not the other's to read.
    pub async fn of(ctx: &Context<'_>, dossier: Uuid, portail: &str) -> Result<Option<Vec<Self>>> {
        let Some(carrier) = Portail::load(ctx, portail).await? else { return Ok(None) };
        if !carrier.may(ctx, Action::LireEnvois).await? {
            return Ok(None);
        }
        let loaders = ctx.requete()?.loaders();
        let rows = loaders.prevenus_of.load_one(dossier).await.map_err(fault)?.unwrap_or_default();
        let ids: Vec<Uuid> = rows.iter().flat_map(|row| row.envois.clone()).collect();
        let known = loaders.envois.load_many(ids).await.map_err(fault)?;
        let told = |row: views::Prevenu| Self {
            personne: row.personne,
            envois: row.envois.iter().filter_map(|id| known.get(id).cloned()).collect(),
        };
        Ok(Some(rows.into_iter().map(told).collect()))
    }
}
