//! How one is told outside the ENT, and what was told, in GraphQL.

mod mutation;
mod prevenus;

pub use mutation::NotificationsMutation;
pub use prevenus::PersonneAPrevenir;

use super::annuaire::Personne;
use super::context::{Here, fault};
use super::ids::global;
use super::pagination::{Page, page};
use super::portails::Portail;
use super::position::Position;
use crate::envois::{Expedition, lettre};
use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, NaiveTime, Utc};
use commands::rights::{Action, Resource};
use domain::PersonneId;
use domain::notifications::{Canal, Choix, Theme};
use projections::notifications::{
    self as views, Adresses, AppareilConnu, Appareils, Envois, Preferences, Suivi,
};
use uuid::Uuid;

/// The view that these queries wait for.
const ENVOIS: (&str, i32) = (Envois::NAME, Envois::VERSION);
/// The same.
const PREFERENCES: (&str, i32) = (Preferences::NAME, Preferences::VERSION);
/// The same.
const ADRESSES: (&str, i32) = (Adresses::NAME, Adresses::VERSION);
/// The same.
const APPAREILS: (&str, i32) = (Appareils::NAME, Appareils::VERSION);

/// Un sujet sur lequel on choisit comment on est prévenu.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Theme")]
pub enum ThemeDeNotification {
    /// Absences et retards.
    Absences,
    /// Notes.
    Notes,
    /// Bulletins.
    Bulletins,
    /// Ce qu'écrivent la vie scolaire et la direction.
    VieScolaire,
    /// Travaux à faire, dits aux élèves aussi.
    Travaux,
    /// Ce que le personnel a à suivre : un seuil d'absences atteint ; un appel qui n'est pas clos, toujours dit
    /// aussitôt.
    SuiviDesAbsences,
}

/// Un moyen de prévenir quelqu'un.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Canal")]
pub enum CanalDeNotification {
    /// Courrier électronique.
    Courriel,
    /// SMS, à un téléphone confirmé.
    Sms,
    /// Lettre, que l'établissement poste.
    Lettre,
    /// Message à ses appareils déclarés : il dit seulement qu'il y a une nouvelle.
    Appareil,
}

/// Quand on est prévenu.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::notifications::Rythme")]
pub enum RythmeDeNotification {
    /// Aussitôt, hors des heures de calme.
    Immediat,
    /// Le soir, tout ensemble.
    Quotidien,
}

/// Où en est un envoi.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum EtatEnvoi {
    /// Il attend de partir.
    Prepare,
    /// Un relais l'a pris, ou la lettre est postée ; rien ne dit qu'il a été lu.
    Remis,
    /// Personne ne l'a pris. Ce qui est dû sans délai est alors dit par un autre moyen.
    Abandonne,
    /// Un relais l'avait pris, et il est revenu. Ce qui est dû sans délai est alors dit par un autre moyen.
    NonRemis,
}

/// Comment on est prévenu d'un sujet.
#[derive(SimpleObject)]
pub struct ChoixDeNotification {
    theme: ThemeDeNotification,
    /// Aucun : on n'est pas prévenu.
    canaux: Vec<CanalDeNotification>,
    rythme: RythmeDeNotification,
}

/// Comment on est prévenu.
#[derive(SimpleObject)]
pub struct PreferencesDeNotification {
    choix: Vec<ChoixDeNotification>,
    /// Début des heures de calme, à Paris.
    calme_de: NaiveTime,
    /// Fin des heures de calme.
    calme_a: NaiveTime,
    /// Téléphone confirmé, s'il y en a un.
    telephone: Option<String>,
    /// Vos adresses de courriel qui n'existent pas, à ce qu'en disent les relais : on n'y écrit plus.
    /// Faites-les corriger par l'établissement ; une qui fonctionne, rétablissez-la.
    courriels_en_defaut: Vec<AdresseEnDefaut>,
    /// Les navigateurs et les téléphones qui ont accepté les notifications, du plus ancien au plus
    /// récent.
    appareils: Vec<AppareilDeNotification>,
    /// La clé publique (`applicationServerKey`) à donner au navigateur pour qu'il accepte les
    /// notifications ; rien si cet ENT n'en envoie pas.
    cle_des_notifications: Option<String>,
}

/// Un navigateur ou un téléphone qui a accepté les notifications.
#[derive(SimpleObject)]
pub struct AppareilDeNotification {
    id: ID,
    /// Le nom que vous lui avez donné.
    nom: String,
    /// Depuis quand.
    depuis: DateTime<Utc>,
}

impl From<AppareilConnu> for AppareilDeNotification {
    fn from(connu: AppareilConnu) -> Self {
        Self { id: global("Appareil", connu.id), nom: connu.details.nom, depuis: connu.depuis }
    }
}

impl PreferencesDeNotification {
    /// Those of who asks.
    async fn mine(ctx: &Context<'_>) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(personne) = requete.acteur().await?.personne else { return Ok(None) };
        if !may_on_self(ctx, personne).await? {
            return Ok(None);
        }
        let row = Preferences::of(requete.views(), personne.0).await.map_err(fault)?;
        let calme = row.calme.map(|calme| calme.0).unwrap_or_default();
        let chosen = row.choix.map(|choix| choix.0).unwrap_or_default();
        let choix = Theme::ALL.iter().map(|theme| {
            let choix = chosen.get(theme).cloned().unwrap_or_else(|| Choix::par_defaut(*theme));
            ChoixDeNotification {
                theme: (*theme).into(),
                canaux: choix.canaux.into_iter().map(Into::into).collect(),
                rythme: choix.rythme.into(),
            }
        });
        let choix: Vec<_> = choix.collect();
        let courriels_en_defaut = Adresses::de(requete.views(), personne.0).await.map_err(fault)?;
        let appareils = Appareils::of(requete.views(), personne.0).await.map_err(fault)?;
        let passeur = ctx.data_opt::<Expedition>().and_then(|expedition| expedition.par(Canal::Appareil));
        Ok(Some(Self {
            choix,
            calme_de: calme.de,
            calme_a: calme.a,
            telephone: row.telephone,
            courriels_en_defaut: courriels_en_defaut.into_iter().map(AdresseEnDefaut).collect(),
            appareils: appareils.into_iter().map(Into::into).collect(),
            cle_des_notifications: passeur.and_then(|passeur| passeur.cle()).map(str::to_owned),
        }))
    }
}

async fn may_on_self(ctx: &Context<'_>, personne: PersonneId) -> Result<bool> {
    let requete = ctx.requete()?;
    let etablissements = requete.acteur().await?.etablissements.clone();
    requete.may(Action::LirePreferences, &Resource::Personne { id: personne, etablissements }).await
}

/// Queries of notifications.
#[derive(Default)]
pub struct NotificationsQuery;

#[Object]
impl NotificationsQuery {
    /// Comment on est soi-même prévenu hors de l'ENT.
    async fn mes_preferences(
        &self,
        ctx: &Context<'_>,
        apres: Option<Position>,
    ) -> Result<Option<PreferencesDeNotification>> {
        ctx.requete()?.reach(PREFERENCES, apres.as_ref()).await?;
        ctx.requete()?.reach(APPAREILS, apres.as_ref()).await?;
        ctx.requete()?.reach(ADRESSES, apres.as_ref()).await?;
        PreferencesDeNotification::mine(ctx).await
    }

    /// Ce qui vous a été envoyé, le plus récent d'abord.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn mes_envois(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Envoi>>> {
        let requete = ctx.requete()?;
        requete.reach(ENVOIS, apres.as_ref()).await?;
        let Some(personne) = requete.acteur().await?.personne else { return Ok(None) };
        if !may_on_self(ctx, personne).await? {
            return Ok(None);
        }
        let fiches: Vec<_> = requete.acteur().await?.identites().iter().map(|fiche| fiche.0).collect();
        Envoi::page(ctx, Suivi::A(&fiches), first, after).await.map(Some)
    }

    /// Ce qui n'a atteint personne, abandonné ou revenu sans qu'un autre moyen ne prenne la suite, et les
    /// lettres à poster ; rien pour qui n'est pas de la vie scolaire ni de la direction.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn envois_a_traiter(
        &self,
        ctx: &Context<'_>,
        portail: String,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Envoi>>> {
        ctx.requete()?.reach(ENVOIS, apres.as_ref()).await?;
        let Some(carrier) = Portail::load(ctx, &portail).await? else { return Ok(None) };
        if !carrier.may(ctx, Action::LireEnvois).await? {
            return Ok(None);
        }
        Envoi::page(ctx, Suivi::ATraiter(&portail), first, after).await.map(Some)
    }

    /// Les adresses de courriel de l'annuaire qui n'existent pas, à ce qu'en disent les relais : on n'y
    /// écrit plus tant qu'elles ne sont ni changées ni rétablies. Rien pour qui n'est pas de la vie
    /// scolaire ni de la direction.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn adresses_en_defaut(
        &self,
        ctx: &Context<'_>,
        portail: String,
        first: i32,
        after: Option<String>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, AdresseEnDefaut>>> {
        let requete = ctx.requete()?;
        requete.reach(ADRESSES, apres.as_ref()).await?;
        let Some(carrier) = Portail::load(ctx, &portail).await? else { return Ok(None) };
        if !carrier.may(ctx, Action::LireEnvois).await? {
            return Ok(None);
        }
        let page = Page::<(DateTime<Utc>, Uuid)>::read(first, after)?;
        let (after, limit) = (page.after, page.limit());
        let rows = Adresses::of(requete.views(), &portail, after, limit).await.map_err(fault)?;
        Ok(Some(page.connection(rows, |row| (row.depuis, row.envoi), AdresseEnDefaut)))
    }
}

/// Une adresse de courriel qui n'existe pas.
pub struct AdresseEnDefaut(views::AdresseEnDefaut);

#[Object]
/// Une adresse de courriel qui n'existe pas.
impl AdresseEnDefaut {
    /// De qui.
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.personne).await
    }

    /// Telle qu'elle est dans l'annuaire.
    async fn adresse(&self) -> &str {
        &self.0.adresse
    }

    /// Depuis quand on le sait.
    async fn depuis(&self) -> DateTime<Utc> {
        self.0.depuis
    }

    /// L'envoi qui l'a appris : c'est lui que `retablirAdresse` désigne.
    async fn envoi(&self, ctx: &Context<'_>) -> Result<Option<Envoi>> {
        let envoi = ctx.requete()?.loaders().envois.load_one(self.0.envoi).await.map_err(fault)?;
        Ok(envoi.map(Envoi))
    }
}

/// Ce qui est, ou fut, envoyé à quelqu'un.
pub struct Envoi(views::Envoi);

#[Object]
/// Ce qui est, ou fut, envoyé à quelqu'un.
impl Envoi {
    pub async fn id(&self) -> ID {
        global("Envoi", self.0.id)
    }

    /// À qui.
    async fn destinataire(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.destinataire).await
    }

    /// Au sujet de qui ; rien si c'est de toute une division, ou si le contenu a été effacé.
    async fn eleve(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        match self.0.details.as_ref().and_then(|details| details.eleve()) {
            Some(eleve) => Personne::named(ctx, eleve.0).await,
            None => Ok(None),
        }
    }

    /// Par quel moyen.
    async fn canal(&self) -> Option<CanalDeNotification> {
        let canal = Canal::ALL.iter().find(|canal| canal.as_str() == self.0.canal);
        canal.map(|canal| (*canal).into())
    }

    /// À quel sujet.
    async fn theme(&self) -> ThemeDeNotification {
        self.0.theme.into()
    }

    /// Où il en est.
    async fn etat(&self) -> EtatEnvoi {
        match self.0.etat.as_str() {
            "remis" => EtatEnvoi::Remis,
            "abandonne" => EtatEnvoi::Abandonne,
            "non_remis" => EtatEnvoi::NonRemis,
            _ => EtatEnvoi::Prepare,
        }
    }

    /// Combien de fois un relais l'a refusé.
    async fn essais(&self) -> i16 {
        self.0.essais
    }

    /// Pas avant cet instant.
    async fn pas_avant(&self) -> DateTime<Utc> {
        self.0.pas_avant
    }

    /// Quand il en a été dit quelque chose pour la dernière fois.
    async fn maj(&self) -> DateTime<Utc> {
        self.0.maj
    }

    /// Le texte de la lettre à imprimer.
    #[graphql(complexity = 10)]
    async fn lettre(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(expedition) = ctx.data_opt::<Expedition>() else { return Ok(None) };
        if self.0.canal != Canal::Lettre.as_str() {
            return Ok(None);
        }
        let pli = Envois::plis(ctx.requete()?.views(), &[self.0.id]).await.map_err(fault)?.pop();
        Ok(pli.and_then(|pli| lettre(&pli, expedition.base())))
    }
}

impl Envoi {
    async fn page(
        ctx: &Context<'_>,
        suivi: Suivi<'_>,
        first: i32,
        after: Option<String>,
    ) -> Result<Connection<String, Self>> {
        let page = Page::<(DateTime<Utc>, Uuid)>::read(first, after)?;
        let (after, limit) = (page.after, page.limit());
        let rows = Envois::suivis(ctx.requete()?.views(), suivi, after, limit).await;
        Ok(page.connection(rows.map_err(fault)?, |row| (row.maj, row.id), Envoi))
    }

    /// An envoi, for the offices of its portal and for its recipient.
    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(row) = Envois::by_ids(requete.views(), &[id]).await.map_err(fault)?.pop() else {
            return Ok(None);
        };
        if requete.acteur().await?.is(PersonneId(row.destinataire)) {
            return Ok(Some(Self(row)));
        }
        let Some(carrier) = Portail::load(ctx, &row.portail).await? else { return Ok(None) };
        Ok(carrier.may(ctx, Action::LireEnvois).await?.then_some(Self(row)))
    }
}
