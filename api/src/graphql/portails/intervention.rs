//! Personnes habilitées and their interventions, in GraphQL.

mod mutations;

pub use mutations::InterventionsMutation;

use super::Portail;
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault};
use crate::graphql::ids::global;
use crate::graphql::pagination::{Page, page};
use crate::graphql::position::Position;
use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use commands::rights::Action;
use domain::portails::Perimetre;
use domain::{HabilitationId, InterventionId};
use projections::portails::{self as views, Interventions};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Interventions::NAME, Interventions::VERSION);

/// Ce sur quoi porte une habilitation ou une intervention.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Perimetre")]
pub enum PerimetreDIntervention {
    /// Les fiches des personnes et les divisions.
    Annuaire,
    /// Ce que porte le portail, en ligne ou non.
    Publications,
    /// Les appels et les absences ; une seconde personne contresigne.
    Absences,
    /// Les notes ; une seconde personne contresigne.
    Notes,
    /// Les cahiers de textes, que l'inspection lit et vise ; une seconde personne contresigne.
    CahierDeTextes,
}

fn perimetres(words: &[String]) -> Vec<PerimetreDIntervention> {
    words.iter().filter_map(|word| Perimetre::named(word)).map(Into::into).collect()
}

/// L'habilitation de quelqu'un à intervenir dans l'ENT.
pub struct Habilitation(views::Habilitation);

#[Object]
/// L'habilitation de quelqu'un à intervenir dans l'ENT.
impl Habilitation {
    pub async fn id(&self) -> ID {
        global("Habilitation", self.0.id)
    }

    /// Qui est habilité.
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.personne).await
    }

    /// Compte de cette fonction.
    async fn compte(&self) -> Uuid {
        self.0.compte
    }

    /// À quoi.
    async fn perimetres(&self) -> Vec<PerimetreDIntervention> {
        perimetres(&self.0.perimetres)
    }

    /// Sur tous les portails, ou sur celui qui désigne seulement.
    async fn partout(&self) -> bool {
        self.0.partout
    }

    /// Qui l'a désigné.
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.par).await
    }

    /// Premier jour.
    async fn depuis(&self) -> NaiveDate {
        self.0.depuis
    }

    /// Premier jour sans elle.
    async fn jusque(&self) -> NaiveDate {
        self.0.jusque
    }

    /// Pourquoi elle a pris fin avant son terme.
    async fn motif_de_fin(&self) -> Option<&str> {
        self.0.motif_de_fin.as_deref()
    }
}

impl Habilitation {
    /// Those that a portal gave, or those of them that ran on a day, for who answers for it.
    pub(super) async fn given(
        ctx: &Context<'_>,
        portail: &Portail,
        le: Option<NaiveDate>,
        apres: Option<Position>,
    ) -> Result<Option<Vec<Self>>> {
        let requete = ctx.requete()?;
        requete.reach(VIEW, apres.as_ref()).await?;
        if !portail.may(ctx, Action::LireHabilitations).await? {
            return Ok(None);
        }
        let rows = Interventions::habilitations_by(requete.views(), &portail.0.id, le).await;
        let rows = rows.map_err(fault)?;
        Ok(Some(rows.into_iter().map(Self).collect()))
    }

    async fn load(ctx: &Context<'_>, id: HabilitationId) -> Result<Option<Self>> {
        let views = ctx.requete()?.views();
        let Some(row) = Interventions::habilitations(views, &[id.0]).await.map_err(fault)?.pop() else {
            return Ok(None);
        };
        let Some(portail) = Portail::load(ctx, &row.portail).await? else { return Ok(None) };
        Ok(portail.may(ctx, Action::LireHabilitations).await?.then_some(Self(row)))
    }
}

/// Où en est une intervention.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum EtatDIntervention {
    /// Une seconde personne doit contresigner.
    Demandee,
    /// Ouverte jusqu'à sa limite.
    Ouverte,
    /// Close avant sa limite.
    Close,
    /// Sa limite est passée.
    Expiree,
}

/// Une intervention d'une personne habilitée sur un portail.
pub struct Intervention {
    row: views::Intervention,
    now: DateTime<Utc>,
}

#[Object]
/// Une intervention d'une personne habilitée sur un portail.
impl Intervention {
    pub async fn id(&self) -> ID {
        global("Intervention", self.row.id)
    }

    /// Où elle en est.
    async fn etat(&self) -> EtatDIntervention {
        match self.row.limite {
            _ if self.row.close_par.is_some() => EtatDIntervention::Close,
            None => EtatDIntervention::Demandee,
            Some(limite) if limite <= self.now => EtatDIntervention::Expiree,
            Some(_) => EtatDIntervention::Ouverte,
        }
    }

    /// Qui intervient.
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.row.personne).await
    }

    /// Qui a contresigné.
    async fn contresignee_par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        match self.row.contresignee_par {
            Some(personne) => Personne::named(ctx, personne).await,
            None => Ok(None),
        }
    }

    /// Sur quoi.
    async fn perimetres(&self) -> Vec<PerimetreDIntervention> {
        perimetres(&self.row.perimetres)
    }

    /// Pourquoi.
    async fn motif(&self) -> &str {
        &self.row.motif
    }

    /// Le ticket auquel elle répond.
    async fn ticket(&self) -> &str {
        &self.row.ticket
    }

    /// Quand elle a été demandée.
    async fn demandee_le(&self) -> DateTime<Utc> {
        self.row.demandee_le
    }

    /// Quand elle s'est ouverte.
    async fn ouverte_le(&self) -> Option<DateTime<Utc>> {
        self.row.ouverte_le
    }

    /// Jusqu'à quand, à moins d'être close avant.
    async fn limite(&self) -> Option<DateTime<Utc>> {
        self.row.limite
    }

    /// Ce qui fut fait.
    async fn compte_rendu(&self) -> Option<&str> {
        self.row.compte_rendu.as_deref()
    }

    /// Ce qui y fut lu de nominatif, dans l'ordre.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn lectures(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
    ) -> Result<Connection<String, LectureNominative>> {
        let page = Page::<i64>::read(first, after)?;
        let views = ctx.requete()?.views();
        let rows = Interventions::lectures(views, self.row.id, page.after, page.limit()).await;
        Ok(page.connection(rows.map_err(fault)?, |row| row.sequence, LectureNominative::from))
    }

    /// De quoi, et quand, le directeur de la publication a été avisé.
    async fn avis(&self, ctx: &Context<'_>) -> Result<Vec<AvisAuDirecteur>> {
        let rows = Interventions::avis(ctx.requete()?.views(), self.row.id).await.map_err(fault)?;
        Ok(rows.into_iter().map(AvisAuDirecteur).collect())
    }
}

impl Intervention {
    /// Those on a portal, for its directeur and for personnes habilitées.
    pub(super) async fn on(
        ctx: &Context<'_>,
        portail: &Portail,
        page: Page<(DateTime<Utc>, Uuid)>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Self>>> {
        let requete = ctx.requete()?;
        requete.reach(VIEW, apres.as_ref()).await?;
        if !portail.may(ctx, Action::LireInterventions).await? {
            return Ok(None);
        }
        let now = requete.commands().now();
        let rows = Interventions::of_portail(requete.views(), &portail.0.id, page.after, page.limit()).await;
        let place = |row: &views::Intervention| (row.demandee_le, row.id);
        Ok(Some(page.connection(rows.map_err(fault)?, place, |row| Self { row, now })))
    }

    async fn load(ctx: &Context<'_>, id: InterventionId) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let found = Interventions::by_ids(requete.views(), &[id.0]).await.map_err(fault)?.pop();
        let Some(row) = found else { return Ok(None) };
        let Some(portail) = Portail::load(ctx, &row.portail).await? else { return Ok(None) };
        let now = requete.commands().now();
        Ok(portail.may(ctx, Action::LireInterventions).await?.then_some(Self { row, now }))
    }
}

/// Quelque chose de nominatif qui fut lu.
#[derive(SimpleObject)]
pub struct LectureNominative {
    /// Nature et identifiant de ce qui fut lu.
    objet: String,
    perimetre: Option<PerimetreDIntervention>,
    le: DateTime<Utc>,
}

impl From<views::LectureNominative> for LectureNominative {
    fn from(row: views::LectureNominative) -> Self {
        let perimetre = Perimetre::named(&row.perimetre).map(Into::into);
        Self { objet: row.objet, perimetre, le: row.le }
    }
}

/// Ce dont le directeur de la publication est avisé.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum NatureDAvis {
    Ouverture,
    Cloture,
    Expiration,
}

/// Un avis donné au directeur de la publication.
pub struct AvisAuDirecteur(views::AvisAuDirecteur);

#[Object]
/// Un avis donné au directeur de la publication.
impl AvisAuDirecteur {
    /// De quoi.
    async fn nature(&self) -> NatureDAvis {
        match self.0.avis.as_str() {
            "ouverture" => NatureDAvis::Ouverture,
            "cloture" => NatureDAvis::Cloture,
            _ => NatureDAvis::Expiration,
        }
    }

    /// Qui est avisé.
    async fn directeur(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.directeur).await
    }

    /// Quand.
    async fn le(&self) -> DateTime<Utc> {
        self.0.le
    }
}
