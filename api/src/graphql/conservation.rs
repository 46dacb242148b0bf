//! Conservation in GraphQL: what is due, held and destroyed on a portal.

mod mutations;

pub use mutations::ConservationMutation;

use super::annuaire::Personne;
use super::context::{Here, fault};
use super::ids::{global, key};
use super::pagination::{Page, page};
use super::portails::Portail;
use super::position::Position;
use crate::proces_verbal;
use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, Json, Object, Result, SimpleObject};
use chrono::NaiveDate;
use commands::rights::Action;
use domain::conservation::{self as domaine, Depart, Lot, Periode, Regle};
use domain::{Retention, journee};
use projections::conservation::{self as views, Place, Registre};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Registre::NAME, Registre::VERSION);

/// How many files, and streams of each view, a document that somebody waits for looks at again.
const RELUS: u32 = 1_000;

/// Queries of what is kept and destroyed.
#[derive(Default)]
pub struct ConservationQuery;

#[Object]
impl ConservationQuery {
    /// Ce qui est à conserver et à détruire sur un portail ; pour qui en répond ou l'administre.
    async fn conservation(
        &self,
        ctx: &Context<'_>,
        portail: String,
        apres: Option<Position>,
    ) -> Result<Option<Conservation>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        let Some(portail) = Portail::load(ctx, &portail).await? else { return Ok(None) };
        Ok(portail.may(ctx, Action::LireConservation).await?.then_some(Conservation(portail.0.id)))
    }
}

/// Classe de conservation d'un contenu.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Retention")]
pub enum ClasseDeConservation {
    Annuaire,
    Scolarite,
    Publication,
    Moderation,
    Office,
    SanctionAvertissement,
    SanctionBlame,
    SanctionExclusion,
    SanctionExclusionDefinitive,
    Connexion,
    Conservation,
    /// Données de santé de l'infirmerie.
    Sante,
}

/// De quel droit on détruit.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::Fondement")]
pub enum FondementDeDestruction {
    /// La durée de conservation est passée.
    Echeance,
    /// La personne concernée le demande.
    DemandeDeLaPersonne,
}

/// Où en est une destruction.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum EtatDeDestruction {
    Demandee,
    Executee,
    Abandonnee,
}

/// La conservation sur un portail.
pub struct Conservation(String);

#[Object]
/// La conservation sur un portail.
impl Conservation {
    /// Les règles en vigueur un jour donné, aujourd'hui par défaut.
    async fn regles(&self, ctx: &Context<'_>, le: Option<NaiveDate>) -> Result<Vec<RegleDeConservation>> {
        Ok(Regle::toutes(day(ctx, le)?).into_iter().map(RegleDeConservation::from).collect())
    }

    /// Ce qui peut être détruit un jour donné, passé ou à venir, avec la règle qui le dit.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn echeances(
        &self,
        ctx: &Context<'_>,
        le: Option<NaiveDate>,
        first: i32,
        after: Option<String>,
    ) -> Result<Connection<String, LotAConserver>> {
        let (page, le) = (Page::<Place>::read(first, after)?, day(ctx, le)?);
        let views = ctx.requete()?.views();
        let rows = Registre::echeances(views, le, Some(&self.0), page.after.clone(), page.limit()).await;
        let lots = rows.map_err(fault)?.into_iter().filter_map(|row| Some((row.place(), row.lot(le)?)));
        Ok(page.connection(lots.collect(), |(place, _)| place.clone(), |(_, lot)| LotAConserver(lot)))
    }

    /// Les gels posés sur ce portail, levés ou non, du plus récent au plus ancien.
    async fn gels(&self, ctx: &Context<'_>) -> Result<Vec<Gel>> {
        let rows = Registre::gels(ctx.requete()?.views(), &self.0).await.map_err(fault)?;
        Ok(rows.into_iter().map(Gel).collect())
    }

    /// Les destructions de ce portail, de la plus récente à la plus ancienne.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn destructions(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
    ) -> Result<Connection<String, Destruction>> {
        let page = Page::<(NaiveDate, Uuid)>::read(first, after)?;
        let views = ctx.requete()?.views();
        let rows = Registre::destructions(views, &self.0, page.after, page.limit()).await.map_err(fault)?;
        Ok(page.connection(rows, |row| (row.demandee_le, row.id), Destruction))
    }

    /// Une destruction de ce portail.
    async fn destruction(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Destruction>> {
        let Some(key) = key("Destruction", &id) else { return Ok(None) };
        let found = Destruction::load(ctx, key).await?;
        Ok(found.filter(|destruction| destruction.0.portail == self.0))
    }
}

/// The day asked for; today by default.
fn day(ctx: &Context<'_>, le: Option<NaiveDate>) -> Result<NaiveDate> {
    let now = ctx.requete()?.commands().now();
    Ok(le.unwrap_or_else(|| journee(now)))
}

/// Une règle de conservation.
#[derive(SimpleObject)]
pub struct RegleDeConservation {
    classe: ClasseDeConservation,
    /// À partir de 1 ; une règle ne change pas, une autre version la remplace.
    version: u32,
    /// Ce qu'elle dit.
    libelle: &'static str,
    /// Sa source.
    source: &'static str,
    /// Durée en mois, depuis la fin de l'année scolaire ou du mois, ou depuis le départ de la
    /// personne ; sans durée, rien n'arrive à échéance de soi-même.
    mois: Option<u32>,
    /// Les types d'événements qu'elle gouverne.
    types: Vec<&'static str>,
}

impl From<&'static Regle> for RegleDeConservation {
    fn from(regle: &'static Regle) -> Self {
        Self {
            classe: regle.classe.into(),
            version: regle.version,
            libelle: regle.libelle,
            source: regle.source,
            mois: (regle.depart != Depart::Aucun).then_some(regle.mois),
            types: regle.types(),
        }
    }
}

/// Ce qui se détruit ensemble : les contenus d'une classe, sur un sujet, d'une année scolaire ou
/// d'un mois.
pub struct LotAConserver(Lot);

#[Object]
/// Ce qui se détruit ensemble : les contenus d'une classe, sur un sujet, d'une année scolaire ou
/// d'un mois.
impl LotAConserver {
    /// La personne concernée, ou le portail, par son identifiant.
    async fn sujet(&self) -> String {
        self.0.sujet.to_string()
    }

    async fn classe(&self) -> ClasseDeConservation {
        self.0.classe.into()
    }

    /// Année scolaire, par son année de début.
    async fn annee(&self) -> i16 {
        self.0.periode.annee().0
    }

    /// Mois (« 2026-11 »), pour les données de connexion.
    async fn mois(&self) -> Option<String> {
        match self.0.periode {
            Periode::Annee(_) => None,
            Periode::Mois(mois) => Some(mois.to_string()),
        }
    }

    /// Version de la règle appliquée.
    async fn regle(&self) -> u32 {
        self.0.regle
    }

    /// Premier jour où il peut être détruit.
    async fn echeance(&self) -> Option<NaiveDate> {
        self.0.echeance
    }

    /// Combien d'événements perdent leur contenu.
    async fn evenements(&self) -> u64 {
        self.0.evenements
    }
}

/// Un gel : rien de ce qu'il protège ne peut être détruit.
pub struct Gel(views::Gel);

#[Object]
/// Un gel : rien de ce qu'il protège ne peut être détruit.
impl Gel {
    /// Son identifiant sur le portail.
    async fn identifiant(&self) -> Uuid {
        self.0.id
    }

    /// La personne protégée ; sans elle, tout le portail l'est.
    async fn personne_id(&self) -> Option<ID> {
        self.0.personne.map(|personne| global("Personne", personne))
    }

    /// Les classes protégées ; toutes, si aucune n'est nommée.
    async fn classes(&self) -> Vec<ClasseDeConservation> {
        self.0.classes.iter().filter_map(|name| Retention::named(name)).map(Into::into).collect()
    }

    async fn motif(&self) -> &str {
        &self.0.motif
    }

    async fn pose_le(&self) -> NaiveDate {
        self.0.pose_le
    }

    /// Qui l'a posé ; personne de connu, si c'est l'exploitant.
    async fn pose_par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        named(ctx, Some(self.0.pose_par)).await
    }

    async fn leve_le(&self) -> Option<NaiveDate> {
        self.0.leve_le
    }

    async fn motif_de_levee(&self) -> Option<&str> {
        self.0.motif_de_levee.as_deref()
    }
}

async fn named(ctx: &Context<'_>, auteur: Option<domaine::Auteur>) -> Result<Option<Personne>> {
    match auteur.and_then(|auteur| auteur.personne) {
        Some(personne) => Personne::named(ctx, personne.0).await,
        None => Ok(None),
    }
}

/// Une destruction, demandée par une personne et confirmée par une autre.
pub struct Destruction(views::Destruction);

#[Object]
/// Une destruction, demandée par une personne et confirmée par une autre.
impl Destruction {
    pub async fn id(&self) -> ID {
        global("Destruction", self.0.id)
    }

    async fn etat(&self) -> EtatDeDestruction {
        match self.0.etat.as_str() {
            "executee" => EtatDeDestruction::Executee,
            "abandonnee" => EtatDeDestruction::Abandonnee,
            _ => EtatDeDestruction::Demandee,
        }
    }

    async fn fondement(&self) -> FondementDeDestruction {
        match self.0.fondement.as_str() {
            "demande_de_la_personne" => FondementDeDestruction::DemandeDeLaPersonne,
            _ => FondementDeDestruction::Echeance,
        }
    }

    async fn motif(&self) -> &str {
        &self.0.motif
    }

    /// La liste de ce qui part, ou est parti.
    async fn lots(&self) -> Vec<LotAConserver> {
        self.0.lots.iter().cloned().map(LotAConserver).collect()
    }

    async fn demandee_le(&self) -> NaiveDate {
        self.0.demandee_le
    }

    async fn demandee_par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        named(ctx, Some(self.0.demandee_par)).await
    }

    async fn terminee_le(&self) -> Option<NaiveDate> {
        self.0.terminee_le
    }

    async fn terminee_par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        named(ctx, self.0.terminee_par).await
    }

    /// Combien de clés ont été détruites.
    async fn cles_detruites(&self) -> usize {
        self.0.cles.len()
    }

    /// Le procès-verbal, dressé maintenant ; rien tant que rien n'est détruit.
    // Each looks into the store and has its views followed again, over a connection of its own: one
    // request draws up three at most.
    #[graphql(complexity = "10_000 + child_complexity")]
    async fn proces_verbal(&self, ctx: &Context<'_>) -> Result<Option<ProcesVerbal>> {
        let requete = ctx.requete()?;
        let mut connection = requete.views().acquire().await.map_err(fault)?;
        let commands = requete.commands();
        let moyens = views::Moyens {
            keys: commands.keys(),
            blobs: commands.blobs().map_err(fault)?,
            limite: Some(RELUS),
            now: commands.now(),
        };
        let drawn = Registre::proces_verbal(&mut connection, &moyens, self.0.clone()).await;
        Ok(drawn.map_err(fault)?.map(ProcesVerbal))
    }
}

impl Destruction {
    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(row) = Registre::by_ids(requete.views(), &[id]).await.map_err(fault)?.pop() else {
            return Ok(None);
        };
        let Some(portail) = Portail::load(ctx, &row.portail).await? else { return Ok(None) };
        Ok(portail.may(ctx, Action::LireConservation).await?.then_some(Self(row)))
    }
}

/// Procès-verbal d'effacement : chaque constat est refait au moment où on le lit.
pub struct ProcesVerbal(views::ProcesVerbal);

#[Object]
/// Procès-verbal d'effacement : chaque constat est refait au moment où on le lit.
impl ProcesVerbal {
    /// Si tout est comme il se doit.
    async fn conforme(&self) -> bool {
        self.0.conforme()
    }

    /// Le document, à imprimer et à signer.
    async fn html(&self) -> Result<String> {
        proces_verbal::html(&self.0).map_err(fault)
    }

    /// Le même, pour des programmes.
    async fn donnees(&self) -> Json<views::ProcesVerbal> {
        Json(self.0.clone())
    }
}
