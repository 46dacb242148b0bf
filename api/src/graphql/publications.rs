//! Publications in GraphQL: what readers and writers see.

mod mutations;

pub use mutations::PublicationsMutation;

use super::annuaire::Personne;
use super::context::{Here, fault};
use super::ids::{global, key};
use super::pagination::Page;
use super::portails::Portail;
use super::position::Position;
use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, Object, Result};
use chrono::{DateTime, Utc};
use commands::rights::{Action, Resource};
use commands::rights_of;
use domain::PortailId;
use domain::publications::{Audience, Contenu};
use projections::portails as carriers;
use projections::publications::{self as views, Publications};
use std::collections::HashSet;
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Publications::NAME, Publications::VERSION);

/// Queries of publications.
#[derive(Default)]
pub struct PublicationsQuery;

#[Object]
impl PublicationsQuery {
    /// Une publication.
    async fn publication(
        &self,
        ctx: &Context<'_>,
        id: ID,
        apres: Option<Position>,
    ) -> Result<Option<Publication>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        match key("Publication", &id) {
            Some(id) => Publication::load(ctx, id).await,
            None => Ok(None),
        }
    }
}

/// Ce qu'un portail publie, ou publiera.
pub struct Publication {
    row: views::Publication,
    /// The version that who asks sees.
    lue: Version,
    /// Who asks may read the newest version, online or not.
    redige: bool,
    etat: EtatDePublication,
}

#[Object]
/// Ce qu'un portail publie, ou publiera. Le titre, le texte, l'auteur et l'empreinte sont
/// ceux de la version parue ; avant la première parution, ceux du brouillon.
impl Publication {
    pub async fn id(&self) -> ID {
        global("Publication", self.row.id)
    }

    #[graphql(flatten)]
    async fn lue(&self) -> &Version {
        &self.lue
    }

    /// Où elle en est.
    async fn etat(&self) -> EtatDePublication {
        self.etat
    }

    /// Qui en répond : le directeur de la publication le jour où elle a été mise en ligne.
    async fn directeur_de_publication(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        match self.row.directeur {
            Some(directeur) => Personne::named(ctx, directeur).await,
            None => Ok(None),
        }
    }

    /// Qui peut la lire en ligne.
    async fn audience(&self) -> Option<AudienceDePublication> {
        self.row.audience.as_deref().map(audience)
    }

    /// En ligne à partir de cet instant.
    async fn du(&self) -> Option<DateTime<Utc>> {
        self.row.du
    }

    /// En ligne jusqu'à cet instant, exclu.
    async fn au(&self) -> Option<DateTime<Utc>> {
        self.row.au
    }

    /// Le portail qui la porte.
    async fn portail(&self, ctx: &Context<'_>) -> Result<Option<Portail>> {
        Portail::load(ctx, &self.row.portail).await
    }

    /// La dernière version écrite, parue ou non ; pour qui l'a écrite ou en répond.
    async fn redaction(&self) -> Option<Redaction> {
        self.redige.then(|| Redaction { version: Version::newest(&self.row), soumise: self.row.soumise })
    }
}

impl Publication {
    /// The publication, for who may read it.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let row = ctx.requete()?.loaders().publications.load_one(id).await.map_err(fault)?;
        Ok(Self::permitted(ctx, row.into_iter().collect()).await?.pop())
    }

    /// What is online on a portal, for who asks.
    pub async fn online(
        ctx: &Context<'_>,
        portail: &carriers::Portail,
        page: Page<(DateTime<Utc>, Uuid)>,
        apres: Option<Position>,
    ) -> Result<Connection<String, Self>> {
        let requete = ctx.requete()?;
        requete.reach(VIEW, apres.as_ref()).await?;
        let id = portail.id.parse().map_err(fault)?;
        let kept = rights_of::publications(id, Some(portail), true);
        let reader = match requete.may(Action::LirePublication, &kept).await? {
            true => Audience::Portail,
            false => Audience::Public,
        };
        let now = requete.commands().now();
        let rows =
            Publications::online(requete.views(), &portail.id, now, reader, page.after, page.limit()).await;
        let publications = Self::permitted(ctx, rows.map_err(fault)?).await?;
        Ok(page.connection(publications, |one| (one.row.du.unwrap_or_default(), one.row.id), |one| one))
    }

    /// What is written for a portal, for who asks.
    pub async fn written(
        ctx: &Context<'_>,
        portail: &carriers::Portail,
        choix: ChoixDePublications,
        page: Page<(DateTime<Utc>, Uuid)>,
        apres: Option<Position>,
    ) -> Result<Option<Connection<String, Self>>> {
        let requete = ctx.requete()?;
        requete.reach(VIEW, apres.as_ref()).await?;
        let id = portail.id.parse().map_err(fault)?;
        let all = rights_of::publications(id, Some(portail), false);
        let (views, after, limit) = (requete.views(), page.after, page.limit());
        let rows = if requete.may(Action::LirePublication, &all).await? {
            let drafts = choix == ChoixDePublications::Brouillons;
            Publications::of_portail(views, &portail.id, drafts, after, limit).await
        } else if let Some(auteur) = requete.acteur().await?.personne {
            Publications::drafts_of(views, &portail.id, auteur.0, after, limit).await
        } else {
            return Ok(None);
        };
        let publications = Self::permitted(ctx, rows.map_err(fault)?).await?;
        Ok(Some(page.connection(publications, |one| (one.row.redigee_le, one.row.id), |one| one)))
    }

    /// Of these publications, those that who asks may read, as he or she may read them.
    async fn permitted(ctx: &Context<'_>, rows: Vec<views::Publication>) -> Result<Vec<Self>> {
        let requete = ctx.requete()?;
        let labels: Vec<_> = rows.iter().map(|row| row.portail.clone()).collect();
        let portails = requete.loaders().portails.load_many(labels).await.map_err(fault)?;
        let now = requete.commands().now();
        let mut permitted = HashSet::new();
        for row in &rows {
            let (Ok(portail), carrier) = (row.portail.parse::<PortailId>(), portails.get(&row.portail))
            else {
                continue;
            };
            let shown = rights_of::parution(row, portail.clone(), carrier, now);
            for resource in [shown, rights_of::publication(row, portail, carrier, false)] {
                if requete.may(Action::LirePublication, &resource).await? {
                    permitted.insert(resource);
                }
            }
        }
        let may = |resource: &Resource| permitted.contains(resource);
        let read = |row: views::Publication| {
            let carrier = portails.get(&row.portail);
            Self::read(row, carrier, now, may)
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    fn read(
        row: views::Publication,
        carrier: Option<&carriers::Portail>,
        now: DateTime<Utc>,
        may: impl Fn(&Resource) -> bool,
    ) -> Option<Self> {
        let portail: PortailId = row.portail.parse().ok()?;
        let parue = may(&rights_of::parution(&row, portail.clone(), carrier, now));
        let redige = may(&rights_of::publication(&row, portail, carrier, false));
        let shown = Version::shown(&row).filter(|_| parue);
        let lue = shown.or_else(|| redige.then(|| Version::newest(&row)))?;
        let etat = etat(&row, now);
        Some(Self { row, lue, redige, etat })
    }
}

/// Une version d'une publication.
pub struct Version {
    numero: i32,
    contenu: Contenu,
    auteur: Uuid,
}

#[Object]
/// Une version d'une publication.
impl Version {
    /// Titre, sur une ligne.
    async fn titre(&self) -> &str {
        &self.contenu.titre
    }

    /// Texte brut.
    async fn corps(&self) -> &str {
        &self.contenu.corps
    }

    /// Numéro de la version, à partir de 1.
    async fn version(&self) -> i32 {
        self.numero
    }

    /// Qui l'a écrite.
    async fn auteur(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.auteur).await
    }

    /// SHA-256 du titre, d'un saut de ligne et du texte, en hexadécimal.
    async fn empreinte(&self) -> String {
        self.contenu.empreinte().to_string()
    }
}

impl Version {
    /// The one that was put online, if any was.
    fn shown(row: &views::Publication) -> Option<Self> {
        let contenu = Contenu { titre: row.paru_titre.clone()?, corps: row.paru_corps.clone()? };
        Some(Self { numero: row.paru_version?, contenu, auteur: row.paru_auteur? })
    }

    /// The one written last.
    fn newest(row: &views::Publication) -> Self {
        let contenu = Contenu { titre: row.titre.clone(), corps: row.corps.clone() };
        Self { numero: row.version, contenu, auteur: row.auteur }
    }
}

/// La dernière version écrite d'une publication.
pub struct Redaction {
    version: Version,
    soumise: bool,
}

#[Object]
/// La dernière version écrite d'une publication.
impl Redaction {
    #[graphql(flatten)]
    async fn version(&self) -> &Version {
        &self.version
    }

    /// Elle attend que le directeur de la publication la mette en ligne.
    async fn soumise(&self) -> bool {
        self.soumise
    }
}

/// Où en est une publication.
#[derive(Enum, Copy, Clone, PartialEq, Eq, Debug)]
pub enum EtatDePublication {
    /// Écrite, pas encore proposée.
    Brouillon,
    /// Proposée au directeur de la publication.
    Soumise,
    /// Sera en ligne à sa date.
    Programmee,
    /// En ligne.
    EnLigne,
    /// Plus en ligne : sa période est finie.
    Expiree,
    /// Cachée à la suite d'un signalement.
    Masquee,
    /// Retirée pour toujours.
    Retiree,
}

/// What keeps a publication from its readers, if anything does.
fn etat(row: &views::Publication, now: DateTime<Utc>) -> EtatDePublication {
    match row.du {
        _ if row.retiree => EtatDePublication::Retiree,
        None if row.soumise => EtatDePublication::Soumise,
        None => EtatDePublication::Brouillon,
        _ if row.masquee => EtatDePublication::Masquee,
        Some(du) if now < du => EtatDePublication::Programmee,
        Some(_) if row.is_online(now) => EtatDePublication::EnLigne,
        Some(_) => EtatDePublication::Expiree,
    }
}

/// Qui peut lire une publication en ligne.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Audience")]
pub enum AudienceDePublication {
    /// Tout le monde.
    Public,
    /// Les personnes rattachées à l'établissement du portail.
    Portail,
}

pub(super) fn audience(word: &str) -> AudienceDePublication {
    match word {
        "public" => AudienceDePublication::Public,
        _ => AudienceDePublication::Portail,
    }
}

/// Lesquelles des publications d'un portail.
#[derive(Enum, Copy, Clone, PartialEq, Eq, Default)]
pub enum ChoixDePublications {
    /// Celles dont la dernière version n'est pas parue.
    Brouillons,
    /// Toutes.
    #[default]
    Toutes,
}

#[cfg(test)]
mod tests;
