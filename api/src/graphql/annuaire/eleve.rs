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
use commands::rights::Action;
use commands::rights_of;
use projections::absences::Appels;
use projections::annuaire as views;
use projections::notes::Notes;
use uuid::Uuid;

/// Un élève, avec ce qu'on a le droit de lire de sa scolarité.
pub struct Eleve(pub views::Eleve);

#[Object]
/// Un élève, avec ce qu'on a le droit de lire de sa scolarité.
impl Eleve {
    pub async fn id(&self) -> ID {
        global("Eleve", self.0.personne.id)
    }

    /// La personne.
    async fn personne(&self) -> Personne {
        Personne(self.0.personne.clone())
    }

    /// Sa division.
    async fn division(&self, ctx: &Context<'_>) -> Result<Option<Division>> {
        let Some(id) = self.0.division else { return Ok(None) };
        // Who may read the pupil may know the division.
        Ok(ctx.requete()?.loaders().divisions.load_one(id).await.map_err(fault)?.map(Division))
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
        if !requete.may(Action::LireAbsencesEleve, &rights_of::eleve(&self.0)).await? {
            return Ok(None);
        }
        let page = Page::<(NaiveDate, Uuid)>::read(first, after)?;
        let loader = &requete.loaders().absences_of_pupil;
        let rows = loader.load_one(page.of(self.0.personne.id)).await.map_err(fault)?;
        Ok(Some(page.connection(rows.unwrap_or_default(), |row| (row.date, row.appel), AbsenceEleve)))
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
        if !ctx.requete()?.may(Action::LireNotesEleve, &rights_of::eleve(&self.0)).await? {
            return Ok(None);
        }
        NoteEleve::page(ctx, self.0.personne.id, (first, after)).await.map(Some)
    }
}

impl Eleve {
    /// The pupil, for who may read absences or marks.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(row) = requete.loaders().eleves.load_one(id).await.map_err(fault)? else {
            return Ok(None);
        };
        let resource = rights_of::eleve(&row);
        let may = requete.may(Action::LireAbsencesEleve, &resource).await?
            || requete.may(Action::LireNotesEleve, &resource).await?;
        Ok(may.then_some(Self(row)))
    }
}
