//! A pupil in GraphQL, with what one may read of his or her schooling.

use super::situation::{Responsable, jour};
use super::{Division, Personne};
use crate::graphql::absences::AbsenceEleve;
use crate::graphql::context::{Here, fault};
use crate::graphql::ids::global;
use crate::graphql::notes::{
    Bulletin, COMPETENCES, DomainePositionne, EvaluationDeCompetences, MoyennesEleve, NoteEleve,
    positionnements,
};
use crate::graphql::pagination::{Page, page};
use crate::graphql::position::Position;
use async_graphql::connection::Connection;
use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, NaiveDate, Utc};
use commands::rights::Action;
use commands::rights_of;
use projections::PageOf;
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
        let (requete, Some(id)) = (ctx.requete()?, self.0.division) else { return Ok(None) };
        let Some(row) = requete.loaders().divisions.load_one(id).await.map_err(fault)? else {
            return Ok(None);
        };
        // Who may read the pupil's record there may know the division; a school that he or she left may not.
        let dossier = rights_of::dossier(&self.0, Some(row.etablissement));
        let readable = requete.may(Action::LireAbsencesEleve, &dossier).await?
            || requete.may(Action::LireNotesEleve, &dossier).await?;
        Ok(readable.then_some(Division(row)))
    }

    /// Qui répond de lui ; rien pour qui ne lit pas ses absences.
    #[graphql(complexity = "4 * child_complexity + 1")]
    async fn responsables(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Un jour passé ; aujourd'hui, par défaut.")] le: Option<NaiveDate>,
        apres: Option<Position>,
    ) -> Result<Option<Vec<Responsable>>> {
        let requete = ctx.requete()?;
        let mut readable = false;
        for (_, dossier) in rights_of::dossiers(&self.0) {
            readable = readable || requete.may(Action::LireAbsencesEleve, &dossier).await?;
        }
        if !readable {
            return Ok(None);
        }
        let le = jour(ctx, le, apres.as_ref()).await?;
        let rows = views::Histoire::responsables(requete.views(), &self.0.fiches, le).await.map_err(fault)?;
        Ok(Some(rows.into_iter().map(Responsable).collect()))
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
        let page = Page::read(first, after)?;
        let Some(lists) = self.lists(ctx, Action::LireAbsencesEleve, &page).await? else { return Ok(None) };
        let lists = requete.loaders().absences_of_pupil.load_many(lists).await.map_err(fault)?;
        let rows = page.merge(lists.into_values(), |row| (row.date, row.appel));
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
        let page = Page::read(first, after)?;
        match self.seen(ctx, &page).await? {
            Some(lists) => NoteEleve::page(ctx, page, lists).await.map(Some),
            None => Ok(None),
        }
    }

    /// Les évaluations publiées qui montrent où il en est dans le socle, notées ou non, de la plus récente
    /// à la plus ancienne ; rien pour qui n'y a pas droit.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn competences(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, EvaluationDeCompetences>>> {
        for view in [(Notes::NAME, Notes::VERSION), COMPETENCES] {
            ctx.requete()?.reach(view, apres.as_ref()).await?;
        }
        let page = Page::read(first, after)?;
        match self.seen(ctx, &page).await? {
            Some(lists) => EvaluationDeCompetences::page(ctx, page, lists).await.map(Some),
            None => Ok(None),
        }
    }

    /// Ses moyennes dans une période, faites des notes publiées ; rien pour qui n'y a pas droit.
    // The figures of the division beside them are made of the marks of all of its pupils.
    #[graphql(complexity = "500 + child_complexity")]
    async fn moyennes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Année scolaire, par son année de début.")] annee: i16,
        #[graphql(desc = "Rang de la période dans l'année, à partir de 1.")] rang: u16,
        #[graphql(desc = "Telles qu'elles étaient à cet instant ; maintenant, par défaut.")] le: Option<
            DateTime<Utc>,
        >,
        apres: Option<Position>,
    ) -> Result<Option<MoyennesEleve>> {
        ctx.requete()?.reach((Notes::NAME, Notes::VERSION), apres.as_ref()).await?;
        MoyennesEleve::of(ctx, &self.0, (annee, rang), le).await
    }

    /// Ses bulletins publiés, du plus récent au plus ancien, pour lui et ses responsables.
    async fn bulletins(&self, ctx: &Context<'_>, apres: Option<Position>) -> Result<Option<Vec<Bulletin>>> {
        Bulletin::of_pupil(ctx, &self.0, apres.as_ref()).await
    }

    /// Où il en est dans le socle commun ; rien pour qui ne lit pas ses notes.
    async fn positionnements(&self, ctx: &Context<'_>) -> Result<Option<Vec<DomainePositionne>>> {
        positionnements(ctx, &self.0).await
    }
}

impl Eleve {
    /// The pupil, for who may read absences or marks.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(row) = requete.loaders().eleves.load_one(id).await.map_err(fault)? else {
            return Ok(None);
        };
        for (_, dossier) in rights_of::dossiers(&row) {
            if requete.may(Action::LireAbsencesEleve, &dossier).await?
                || requete.may(Action::LireNotesEleve, &dossier).await?
            {
                return Ok(Some(Self(row)));
            }
        }
        Ok(None)
    }

    /// The lists of which a page is made: those of each fiche of the pupil, in each record of
    /// him or her that may be read. An établissement that the pupil has left or entered reads its
    /// own; nothing for who may read none.
    async fn lists(
        &self,
        ctx: &Context<'_>,
        action: Action,
        page: &Page<(NaiveDate, Uuid)>,
    ) -> Result<Option<Vec<PageOf>>> {
        let kept = rights_of::dossiers(&self.0);
        let mut readable = Vec::new();
        for (etablissement, dossier) in &kept {
            if ctx.requete()?.may(action, dossier).await? {
                readable.push(*etablissement);
            }
        }
        if readable.is_empty() {
            return Ok(None);
        }
        // All of them in one list, but for who reads the pupil wherever he or she is: the family.
        let whole = readable.len() == kept.len()
            && ctx.requete()?.may(action, &rights_of::dossier(&self.0, None)).await?;
        let dossiers = if whole { vec![None] } else { readable };
        let lists =
            self.0.fiches.iter().flat_map(|fiche| {
                dossiers.iter().map(|dossier| PageOf { dossier: *dossier, ..page.of(*fiche) })
            });
        Ok(Some(lists.collect()))
    }

    /// The same of evaluations, as far as families see them by now.
    async fn seen(&self, ctx: &Context<'_>, page: &Page<(NaiveDate, Uuid)>) -> Result<Option<Vec<PageOf>>> {
        let now = Some(ctx.requete()?.commands().now());
        let lists = self.lists(ctx, Action::LireNotesEleve, page).await?;
        Ok(lists.map(|lists| lists.into_iter().map(|list| PageOf { au: now, ..list }).collect()))
    }
}
