//! A person of the directory in GraphQL.

use super::situation::{Rattachement, jour};
use crate::graphql::context::{Here, fault};
use crate::graphql::ids::global;
use crate::graphql::position::Position;
use async_graphql::{Context, ID, Object, Result};
use chrono::NaiveDate;
use commands::rights::{Action, Resource};
use domain::{EtablissementId, PersonneId};
use projections::annuaire::{self as views, Histoire};
use uuid::Uuid;

/// Une personne, telle que l'annuaire la nomme.
pub struct Personne(pub views::Personne);

#[Object]
/// Une personne, telle que l'annuaire la nomme.
impl Personne {
    pub async fn id(&self) -> ID {
        global("Personne", self.0.id)
    }

    /// Nom de famille.
    async fn nom(&self) -> &str {
        &self.0.nom
    }

    /// Prénom.
    async fn prenom(&self) -> &str {
        &self.0.prenom
    }

    /// Civilité.
    async fn civilite(&self) -> Option<&str> {
        self.0.civilite.as_deref()
    }

    /// Ce qu'elle est, et où ; rien pour qui ne peut lire sa fiche.
    #[graphql(complexity = "3 * child_complexity + 1")]
    async fn rattachements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Un jour passé ; aujourd'hui, par défaut.")] le: Option<NaiveDate>,
        apres: Option<Position>,
    ) -> Result<Option<Vec<Rattachement>>> {
        if Self::load(ctx, self.0.id).await?.is_none() {
            return Ok(None);
        }
        let le = jour(ctx, le, apres.as_ref()).await?;
        let rows = Histoire::rattachements(ctx.requete()?.views(), self.0.id, le).await.map_err(fault)?;
        Ok(Some(rows.into_iter().map(Rattachement).collect()))
    }
}

impl Personne {
    /// The person, for who may read his or her record.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let loaders = ctx.requete()?.loaders();
        let attached = loaders.rattachements.load_one(id).await.map_err(fault)?.unwrap_or_default();
        let etablissements = attached.iter().map(|row| EtablissementId(row.etablissement)).collect();
        let resource = Resource::Personne { id: PersonneId(id), etablissements };
        if !ctx.requete()?.may(Action::LirePersonne, &resource).await? {
            return Ok(None);
        }
        Ok(loaders.personnes.load_one(id).await.map_err(fault)?.map(Self))
    }

    /// The person named by something that the reader may read: an act shows its author.
    pub async fn named(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        Ok(ctx.requete()?.loaders().personnes.load_one(id).await.map_err(fault)?.map(Self))
    }
}
