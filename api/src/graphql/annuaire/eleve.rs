//! A pupil in GraphQL, with what one may read of his or her schooling.

use super::{Division, Personne};
use crate::graphql::absences::AbsenceEleve;
use crate::graphql::context::{Here, fault};
use crate::graphql::ids::global;
use crate::graphql::notes::NoteEleve;
use crate::graphql::pagination::{Page, page};
use crate::graphql::position::Position;
use async_graphql::connection::Connection;
use async_graphql::{Context, ID, Object, Result};
use chrono::NaiveDate;
use commands::rights::{Action, Resource};
use commands::rights_of;
use projections::absences::Appels;
use projections::annuaire as views;
use projections::notes::Notes;
use uuid::Uuid;

/// Un élève, avec ce qu'on a le droit de lire de sa scolarité.
pub struct Eleve(pub views::Personne);

#[Object]
/// Un élève, avec ce qu'on a le droit de lire de sa scolarité.
impl Eleve {
    pub async fn id(&self) -> ID {
        global("Eleve", self.0.id)
    }

    /// La personne.
    async fn personne(&self) -> Personne {
        Personne(self.0.clone())
    }

    /// Sa division.
    async fn division(&self, ctx: &Context<'_>) -> Result<Option<Division>> {
        let loaders = ctx.requete()?.loaders();
        let attached = loaders.rattachements.load_one(self.0.id).await.map_err(fault)?.unwrap_or_default();
        let Some(id) = attached.iter().find_map(|row| row.division) else { return Ok(None) };
        // Who may read the pupil may know the division.
        Ok(loaders.divisions.load_one(id).await.map_err(fault)?.map(Division))
    }

    /// Ses absences et ses retards, du plus récent au plus ancien ; rien pour qui n'y a pas droit.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn absences(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, AbsenceEleve>>> {
        let requete = ctx.requete()?;
        requete.reach((Appels::NAME, Appels::VERSION), apres.as_ref()).await?;
        if !requete.may(Action::LireAbsencesEleve, &self.resource(ctx).await?).await? {
            return Ok(None);
        }
        let page = Page::<(NaiveDate, Uuid)>::read(first, after)?;
        let rows =
            Appels::of_pupil(requete.views(), self.0.id, page.after, page.limit()).await.map_err(fault)?;
        Ok(Some(page.connection(rows, |row| (row.date, row.appel), AbsenceEleve)))
    }

    /// Ses notes publiées, de la plus récente à la plus ancienne ; rien pour qui n'y a pas droit.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn notes(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, NoteEleve>>> {
        ctx.requete()?.reach((Notes::NAME, Notes::VERSION), apres.as_ref()).await?;
        if !ctx.requete()?.may(Action::LireNotesEleve, &self.resource(ctx).await?).await? {
            return Ok(None);
        }
        NoteEleve::page(ctx, self.0.id, (first, after)).await.map(Some)
    }
}

impl Eleve {
    /// The pupil as the rights know him or her.
    pub async fn resource(&self, ctx: &Context<'_>) -> Result<Resource> {
        let loader = &ctx.requete()?.loaders().rattachements;
        let attached = loader.load_one(self.0.id).await.map_err(fault)?.unwrap_or_default();
        Ok(rights_of::eleve(self.0.id, &attached))
    }

    /// The pupil, for who may read absences or marks.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(row) = requete.loaders().personnes.load_one(id).await.map_err(fault)? else {
            return Ok(None);
        };
        let eleve = Self(row);
        let resource = eleve.resource(ctx).await?;
        let may = requete.may(Action::LireAbsencesEleve, &resource).await?
            || requete.may(Action::LireNotesEleve, &resource).await?;
        Ok(may.then_some(eleve))
    }
}
