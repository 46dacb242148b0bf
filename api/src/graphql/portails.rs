//! Portals and their offices in GraphQL.

mod intervention;
mod maison;
mod mise_en_garde;
mod mutations;

pub use intervention::InterventionsMutation;
pub use maison::MaisonsMutation;
pub use mise_en_garde::MisesEnGardeMutation;
pub use mutations::PortailsMutation;

use self::intervention::{Habilitation, Intervention};
use self::maison::{Maison, MentionsLegales};
use self::mise_en_garde::MiseEnGarde;
use self::mutations::AttributionDeDelegation;
use super::annuaire::Personne;
use super::audit::{EntreeDuJournal, FiltreInput, consult};
use super::context::{Here, fault};
use super::ids::{global, global_text};
use super::moderation::{EspaceModere, Signalement};
use super::pagination::{Page, page};
use super::position::Position;
use super::publications::{ChoixDePublications, Publication};
use super::retrospective::Retrospective;
use async_graphql::connection::Connection;
use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, NaiveDate, Utc};
use commands::rights::Action;
use commands::rights_of;
use domain::journal::{NatureConsultation, Portee};
use domain::portails::Attribution;
use domain::{AnneeScolaire, PortailId, journee};
use projections::audit::JournalDuPortail;
use projections::portails::{self as views, Attributions, Portails};

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Portails::NAME, Portails::VERSION);

/// Queries of portals.
#[derive(Default)]
pub struct PortailsQuery;

#[Object]
impl PortailsQuery {
    /// Un portail, par son nom d'hôte (`0690001b`, `ac-lyon`…).
    async fn portail(
        &self,
        ctx: &Context<'_>,
        nom: String,
        apres: Option<Position>,
    ) -> Result<Option<Portail>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        Portail::load(ctx, &nom).await
    }

    /// Les mentions légales d'un portail un jour donné, passé ou présent, telles que son journal
    /// les établit.
    async fn mentions_legales(
        &self,
        ctx: &Context<'_>,
        portail: String,
        le: Option<NaiveDate>,
        apres: Option<Position>,
    ) -> Result<Option<MentionsLegales>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        let Some(portail) = Portail::load(ctx, &portail).await? else { return Ok(None) };
        MentionsLegales::of(ctx, portail.0, le).await.map(Some)
    }
}

/// Un portail de l'ENT.
pub struct Portail(pub views::Portail);

#[Object]
/// Un portail de l'ENT.
impl Portail {
    pub async fn id(&self) -> ID {
        global_text("Portail", &self.0.id)
    }

    /// Premier élément de son nom d'hôte.
    async fn hote(&self) -> &str {
        &self.0.id
    }

    /// Son nom.
    async fn nom(&self) -> &str {
        &self.0.nom
    }

    #[graphql(flatten)]
    async fn maison(&self) -> Maison {
        Maison(self.0.clone())
    }

    /// Les directions de la publication, de la plus ancienne à la plus récente.
    async fn directions_de_publication(&self, ctx: &Context<'_>) -> Result<Vec<DirectionDePublication>> {
        let rows = Portails::directions(ctx.requete()?.views(), &self.0.id).await.map_err(fault)?;
        Ok(rows.into_iter().map(DirectionDePublication).collect())
    }

    /// Ce que l'administrateur ENT a dit au directeur, du plus récent au plus ancien ; pour eux.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn mises_en_garde(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, MiseEnGarde>>> {
        MiseEnGarde::on(ctx, self, Page::read(first, after)?, apres).await
    }

    /// Les habilitations que le portail a données, ou celles en cours un jour donné ; pour qui en dirige
    /// la publication.
    async fn habilitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Un jour, passé ou présent ; toutes, par défaut.")] le: Option<NaiveDate>,
        apres: Option<Position>,
    ) -> Result<Option<Vec<Habilitation>>> {
        Habilitation::given(ctx, self, le, apres).await
    }

    /// Les interventions sur le portail, de la plus récente à la plus ancienne ; pour qui en
    /// dirige la publication et pour les personnes habilitées.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn interventions(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Intervention>>> {
        Intervention::on(ctx, self, Page::read(first, after)?, apres).await
    }

    /// Le directeur de la publication un jour donné, aujourd'hui par défaut.
    async fn directeur_de_publication(
        &self,
        ctx: &Context<'_>,
        le: Option<NaiveDate>,
    ) -> Result<Option<DirectionDePublication>> {
        let requete = ctx.requete()?;
        let day = le.unwrap_or_else(|| journee(requete.commands().now()));
        let ids = [self.0.id.clone()];
        let rows = Portails::directions_on(requete.views(), &ids, day).await.map_err(fault)?;
        Ok(rows.into_iter().next().map(DirectionDePublication))
    }

    /// Les délégations d'administration en cours un jour donné, aujourd'hui par défaut ; pour
    /// qui lit le journal du portail.
    async fn administrateurs(
        &self,
        ctx: &Context<'_>,
        le: Option<NaiveDate>,
    ) -> Result<Option<Vec<Delegation>>> {
        let requete = ctx.requete()?;
        if !self.may(ctx, Action::LireJournal).await? {
            return Ok(None);
        }
        let day = le.unwrap_or_else(|| journee(requete.commands().now()));
        let rows = Portails::delegations_on(requete.views(), &self.0.id, day).await.map_err(fault)?;
        Ok(Some(rows.into_iter().map(Delegation).collect()))
    }

    /// Le portail tel qu'il était à un instant passé : ce qu'il montrait et à qui, qui en
    /// répondait, qui y modérait. Pour qui en lit le journal, où cette consultation est
    /// inscrite d'abord, avec son motif, même refusée.
    async fn retrospective(
        &self,
        ctx: &Context<'_>,
        le: DateTime<Utc>,
        #[graphql(desc = "Pourquoi vous regardez le passé du portail.")] motif: String,
    ) -> Result<Option<Retrospective>> {
        Retrospective::of(ctx, &self.0.id, le, motif).await
    }

    /// Comment chaque espace du portail est modéré, ou l'était à un instant passé : quand ce qui y
    /// est proposé est contrôlé, et selon quelle loi.
    async fn moderation(
        &self,
        ctx: &Context<'_>,
        le: Option<DateTime<Utc>>,
        apres: Option<Position>,
    ) -> Result<Vec<EspaceModere>> {
        EspaceModere::of(ctx, &self.0.id, le, apres).await
    }

    /// Les actualités en ligne que peut lire qui demande, de la plus récente à la plus ancienne.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn actualites(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Connection<String, Publication>> {
        Publication::online(ctx, &self.0, Page::read(first, after)?, apres).await
    }

    /// Ce qui est écrit pour le portail, en ligne ou non, du plus récent au plus ancien :
    /// tout pour qui en répond, ses propres brouillons pour qui écrit.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn publications(
        &self,
        ctx: &Context<'_>,
        #[graphql(default)] etat: ChoixDePublications,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Publication>>> {
        Publication::written(ctx, &self.0, etat, Page::read(first, after)?, apres).await
    }

    /// Les signalements reçus, du plus récent au plus ancien : tous pour qui modère le
    /// portail, les siens pour qui a signalé.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn signalements(
        &self,
        ctx: &Context<'_>,
        #[graphql(default)] non_tranches: bool,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Signalement>>> {
        Signalement::received(ctx, &self.0, non_tranches, Page::read(first, after)?, apres).await
    }

    /// Le journal du portail : qui a fait quoi, quand, de quel droit. Du plus récent au
    /// plus ancien ; pour son directeur de la publication. La consultation y est inscrite
    /// d'abord, avec son motif, même refusée ; elle montre ce qui la précède.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    #[allow(clippy::too_many_arguments)]
    async fn journal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Année scolaire, par son année de début ; celle en cours par défaut.")]
        annee: Option<i16>,
        filtre: Option<FiltreInput>,
        #[graphql(desc = "Pourquoi vous lisez le journal ; obligatoire.")] motif: Option<String>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, EntreeDuJournal>>> {
        let requete = ctx.requete()?;
        let annee = annee.unwrap_or_else(|| AnneeScolaire::at(requete.commands().now()).0);
        let page = Page::<i64>::read(first, after)?;
        let filtre = filtre.unwrap_or_default();
        let before = page.after.map(|position| format!(", avant le n° {position}")).unwrap_or_default();
        let objet = format!("{}{before}, {first} au plus", filtre.said());
        let annee_consultee = Some(AnneeScolaire(annee));
        let portee = Portee { nature: NatureConsultation::Lecture, annee: annee_consultee, objet };
        let consulted = consult(ctx, &self.0.id, Action::LireJournal, portee, motif).await?;
        let Some(consulted) = consulted else { return Ok(None) };
        requete.reach((JournalDuPortail::NAME, JournalDuPortail::VERSION), apres.as_ref()).await?;
        let own = (consulted.annee.0 == annee).then_some(consulted.position);
        let before = page.after.into_iter().chain(own).min();
        let lines =
            EntreeDuJournal::page(ctx, &self.0.id, annee, filtre.read(), before, page.limit()).await?;
        Ok(Some(page.connection(lines, EntreeDuJournal::place, |line| line)))
    }
}

impl Portail {
    /// The portal; it tells everyone who answers for it (LCEN).
    pub async fn load(ctx: &Context<'_>, nom: &str) -> Result<Option<Self>> {
        // What is no label is no portal's; the database knows no text with U+0000 in it.
        let Ok(nom) = nom.parse::<PortailId>() else { return Ok(None) };
        let row = ctx.requete()?.loaders().portails.load_one(nom.to_string()).await.map_err(fault)?;
        let Some(portail) = row.map(Self) else { return Ok(None) };
        Ok(portail.may(ctx, Action::LirePortail).await?.then_some(portail))
    }

    /// Whether who asks may, on this portal.
    pub async fn may(&self, ctx: &Context<'_>, action: Action) -> Result<bool> {
        let Ok(id) = self.0.id.parse() else { return Ok(false) };
        ctx.requete()?.may(action, &rights_of::portail(id, Some(&self.0))).await
    }
}

/// Une direction de la publication.
pub struct DirectionDePublication(pub(super) views::Direction);

#[Object]
/// Une direction de la publication.
impl DirectionDePublication {
    /// Nom et prénom : toute page doit les dire (LCEN).
    async fn directeur(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.directeur).await
    }

    /// À quel titre.
    async fn qualite(&self) -> &str {
        &self.0.qualite
    }

    /// Premier jour.
    async fn depuis(&self) -> NaiveDate {
        self.0.depuis
    }

    /// Premier jour sans elle, si elle a pris fin.
    async fn jusque(&self) -> Option<NaiveDate> {
        self.0.jusque
    }
}

/// La délégation de l'administration d'un portail.
pub struct Delegation(pub(super) views::Delegation);

#[Object]
/// La délégation de l'administration d'un portail.
impl Delegation {
    pub async fn id(&self) -> ID {
        global("Delegation", self.0.id)
    }

    /// Qui l'exerce.
    async fn administrateur(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.administrateur).await
    }

    /// Ce qu'elle confie.
    async fn attributions(&self, ctx: &Context<'_>) -> Result<Vec<AttributionDeDelegation>> {
        let rows = Attributions::by_delegations(ctx.requete()?.views(), &[self.0.id]).await.map_err(fault)?;
        let own = rows.into_iter().find(|row| row.portail == self.0.portail);
        let words = own.map(|own| own.attributions).unwrap_or_default();
        Ok(words.iter().filter_map(|word| Attribution::named(word)).map(Into::into).collect())
    }

    /// Qui l'a accordée.
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.par).await
    }

    /// Premier jour.
    async fn depuis(&self) -> NaiveDate {
        self.0.depuis
    }

    /// Premier jour sans elle, si la fin est connue.
    async fn jusque(&self) -> Option<NaiveDate> {
        self.0.jusque
    }
}
