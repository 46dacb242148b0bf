//! Life at school in GraphQL: what a pupil's file shows to who may read it, and what is done.

mod carnet;
mod incident;
mod infirmerie;
mod punition;
mod sanction;
mod stage;

pub use carnet::Mot;
pub use incident::Incident;
pub use infirmerie::Passage;
pub use punition::Punition;
pub use sanction::Sanction;
pub use stage::Stage;

use super::context::{Here, fault, top_level};
use super::ids::key;
use super::pagination::{Page, page};
use super::position::Position;
use super::stored::stored;
use async_graphql::connection::Connection;
use async_graphql::{Context, ID, MergedObject, Object, Result};
use chrono::{DateTime, NaiveDate, Utc};
use commands::rights::{Action, Resource};
use commands::rights_of;
use domain::{EtablissementId, IncidentId};
use projections::annuaire as annuaire_views;
use projections::vie_de_l_eleve::{Carnets, Incidents, Infirmeries, Punitions, Sanctions, Stages};
use uuid::Uuid;

/// Every mutation of the context.
#[derive(MergedObject, Default)]
pub struct VieDeLEleveMutation(
    incident::IncidentMutation,
    punition::PunitionMutation,
    sanction::SanctionMutation,
    carnet::CarnetMutation,
    infirmerie::InfirmerieMutation,
    stage::StageMutation,
);

/// Whether who asks may do this to what is in a pupil's file on a portal.
async fn may_dossier(ctx: &Context<'_>, action: Action, eleve: Uuid, portail: &str) -> Result<bool> {
    let requete = ctx.requete()?;
    let Some(place) = etablissement(ctx, portail).await? else { return Ok(false) };
    let row = requete.loaders().eleves.load_one(eleve).await.map_err(fault)?;
    let fiches = row.map_or_else(|| vec![eleve], |row| row.fiches);
    let principaux = requete.loaders().principaux_of.load_many(fiches).await.map_err(fault)?;
    let principaux: Vec<_> = principaux.into_values().flatten().map(|(_, principal)| principal).collect();
    requete.may(action, &rights_of::dossier_eleve(eleve, place, &principaux)).await
}

/// Whether who asks may read an incident, a punition or a stage by who is behind it.
async fn may_constat(ctx: &Context<'_>, (id, auteur): (Uuid, Uuid), portail: &str) -> Result<bool> {
    match etablissement(ctx, portail).await? {
        Some(place) => ctx.requete()?.may(Action::LireConstat, &rights_of::constat(id, place, auteur)).await,
        None => Ok(false),
    }
}

async fn etablissement(ctx: &Context<'_>, portail: &str) -> Result<Option<Uuid>> {
    let row = ctx.requete()?.loaders().portails.load_one(portail.to_owned()).await.map_err(fault)?;
    Ok(row.and_then(|row| row.etablissement))
}

/// Queries of life at school.
#[derive(Default)]
pub struct VieDeLEleveQuery;

#[Object]
impl VieDeLEleveQuery {
    /// La vie d'un élève à l'école : ses punitions, ses sanctions, son carnet, ses passages à
    /// l'infirmerie et ses stages, chacun pour qui a le droit de le lire.
    async fn vie_de_l_eleve(&self, ctx: &Context<'_>, eleve_id: ID) -> Result<Option<VieDeLEleve>> {
        let Some(id) = key("Personne", &eleve_id).or_else(|| key("Eleve", &eleve_id)) else {
            return Ok(None);
        };
        VieDeLEleve::load(ctx, id).await
    }

    /// Un incident, pour qui l'a signalé ou le suit.
    async fn incident(&self, ctx: &Context<'_>, id: ID, apres: Option<Position>) -> Result<Option<Incident>> {
        ctx.requete()?.reach((Incidents::NAME, Incidents::VERSION), apres.as_ref()).await?;
        match key("Incident", &id) {
            Some(id) => Incident::load(ctx, IncidentId(id)).await,
            None => Ok(None),
        }
    }

    /// Les incidents d'un établissement, du plus récent au plus ancien : tous pour qui les suit, les
    /// siens pour qui en signale ; rien pour les autres.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn incidents(
        &self,
        ctx: &Context<'_>,
        etablissement_id: ID,
        #[graphql(default = true, desc = "Seulement ceux qui ne sont pas clos.")] ouverts: bool,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Incident>>> {
        let requete = ctx.requete()?;
        requete.reach((Incidents::NAME, Incidents::VERSION), apres.as_ref()).await?;
        let page = Page::<(NaiveDate, Uuid)>::read(first, after)?;
        let Some(id) = key("Etablissement", &etablissement_id) else { return Ok(None) };
        let place = Resource::Etablissement { id: EtablissementId(id) };
        let siens = if requete.may(Action::LireIncidents, &place).await? {
            None
        } else if requete.may(Action::SignalerIncident, &place).await? {
            Some(requete.acteur().await?.identites().iter().map(|fiche| fiche.0).collect::<Vec<_>>())
        } else {
            return Ok(None);
        };
        let Some(row) = requete.loaders().etablissements.load_one(id).await.map_err(fault)? else {
            return Ok(None);
        };
        let (after, limit) = (page.after, page.limit());
        let (views, hote) = (requete.views(), row.hote());
        let rows = Incidents::of_portail(views, &hote, siens.as_deref(), ouverts, after, limit).await;
        Ok(Some(page.connection(rows.map_err(fault)?, |row| (row.le, row.id), Incident)))
    }
}

/// La vie d'un élève à l'école.
pub struct VieDeLEleve {
    eleve: annuaire_views::Eleve,
    dossiers: Vec<(Uuid, Resource)>,
}

#[Object]
/// La vie d'un élève à l'école.
impl VieDeLEleve {
    /// Ses punitions, de la plus récente à la plus ancienne ; rien pour qui n'y a pas droit.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn punitions(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Punition>>> {
        let requete = ctx.requete()?;
        requete.reach((Punitions::NAME, Punitions::VERSION), apres.as_ref()).await?;
        let page = Page::<(NaiveDate, Uuid)>::read(first, after)?;
        let Some(portails) = self.portails(ctx, Action::LireVieEleve).await? else { return Ok(None) };
        let (views, of) = (requete.views(), (&self.eleve.fiches[..], &portails[..]));
        let rows = Punitions::of_eleve(views, of, page.after, page.limit()).await.map_err(fault)?;
        Ok(Some(page.connection(rows, |row| (row.donnee_le, row.id), Punition)))
    }

    /// Ses procédures et ses sanctions telles que son dossier les montre aujourd'hui, de la plus récente
    /// à la plus ancienne : ce qui est effacé n'y est plus ; rien pour qui n'y a pas droit.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn sanctions(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Sanction>>> {
        let requete = ctx.requete()?;
        requete.reach((Sanctions::NAME, Sanctions::VERSION), apres.as_ref()).await?;
        let page = Page::<(NaiveDate, Uuid)>::read(first, after)?;
        let Some(portails) = self.portails(ctx, Action::LireSanctions).await? else { return Ok(None) };
        let (views, of) = (requete.views(), (&self.eleve.fiches[..], &portails[..]));
        let today = requete.commands().today();
        let rows = Sanctions::of_eleve(views, of, today, page.after, page.limit()).await.map_err(fault)?;
        Ok(Some(page.connection(rows, |row| (row.jour(), row.id), Sanction)))
    }

    /// Son carnet de correspondance, du mot le plus récent au plus ancien ; rien pour qui n'y a pas droit.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn carnet(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Mot>>> {
        let requete = ctx.requete()?;
        requete.reach((Carnets::NAME, Carnets::VERSION), apres.as_ref()).await?;
        let page = Page::<(DateTime<Utc>, Uuid)>::read(first, after)?;
        let Some(portails) = self.portails(ctx, Action::LireVieEleve).await? else { return Ok(None) };
        let (views, of) = (requete.views(), (&self.eleve.fiches[..], &portails[..]));
        let rows = Carnets::of_eleve(views, of, page.after, page.limit()).await.map_err(fault)?;
        Ok(Some(page.connection(rows, |row| (row.ecrit_le, row.id), Mot)))
    }

    /// Quand il est allé à l'infirmerie, du passage le plus récent au plus ancien ; rien pour qui n'y a
    /// pas droit.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn passages(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Passage>>> {
        let requete = ctx.requete()?;
        requete.reach((Infirmeries::NAME, Infirmeries::VERSION), apres.as_ref()).await?;
        let page = Page::<(DateTime<Utc>, Uuid)>::read(first, after)?;
        let Some(portails) = self.portails(ctx, Action::LirePassages).await? else { return Ok(None) };
        let (views, of) = (requete.views(), (&self.eleve.fiches[..], &portails[..]));
        let rows = Infirmeries::of_eleve(views, of, page.after, page.limit()).await.map_err(fault)?;
        Ok(Some(page.connection(rows, |row| (row.arrivee, row.id), Passage)))
    }

    /// Ses stages, du plus récent au plus ancien ; rien pour qui n'y a pas droit.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn stages(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Stage>>> {
        let requete = ctx.requete()?;
        requete.reach((Stages::NAME, Stages::VERSION), apres.as_ref()).await?;
        let page = Page::<(NaiveDate, Uuid)>::read(first, after)?;
        let Some(portails) = self.portails(ctx, Action::LireVieEleve).await? else { return Ok(None) };
        let (views, of) = (requete.views(), (&self.eleve.fiches[..], &portails[..]));
        let rows = Stages::of_eleve(views, of, page.after, page.limit()).await.map_err(fault)?;
        Ok(Some(page.connection(rows, |row| (row.du, row.id), Stage)))
    }
}

impl VieDeLEleve {
    /// The pupil's life, for who may read some of it.
    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(eleve) = requete.loaders().eleves.load_one(id).await.map_err(fault)? else {
            return Ok(None);
        };
        let dossiers = requete.commands().dossiers_eleve(&eleve).await.map_err(top_level)?;
        let vie = Self { eleve, dossiers };
        for action in [Action::LireVieEleve, Action::LireSanctions, Action::LirePassages] {
            if vie.portails(ctx, action).await?.is_some() {
                return Ok(Some(vie));
            }
        }
        Ok(None)
    }

    /// The portals of the établissements whose file of the pupil may be read so; nothing for who may
    /// read none.
    async fn portails(&self, ctx: &Context<'_>, action: Action) -> Result<Option<Vec<String>>> {
        let requete = ctx.requete()?;
        let mut places = Vec::new();
        for (place, dossier) in &self.dossiers {
            if requete.may(action, dossier).await? {
                places.push(*place);
            }
        }
        let rows = requete.loaders().etablissements.load_many(places.iter().copied()).await.map_err(fault)?;
        Ok((!places.is_empty()).then(|| rows.into_values().map(|row| row.hote()).collect()))
    }
}
