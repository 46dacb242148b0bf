//! Identity in GraphQL: under which profil one acts, who signed in, and what opens a compte.

mod mutations;

pub use mutations::IdentiteMutation;

use super::annuaire::{Etablissement, Personne, Profil};
use super::context::{Here, fault, top_level};
use super::pagination::Page;
use super::position::Position;
use crate::identity::Identite;
use async_graphql::connection::Connection;
use async_graphql::{Context, Object, Result};
use chrono::{DateTime, Utc};
use commands::Choix;
use commands::rights::Action;
use domain::annuaire as domaine;
use domain::identite as domaine_identite;
use domain::{CompteId, EtablissementId};
use projections::identite::{self as views, Comptes};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Comptes::NAME, Comptes::VERSION);

/// Queries of comptes.
#[derive(Default)]
pub struct IdentiteQuery;

#[Object]
impl IdentiteQuery {
    /// Ce qui ouvre un compte, et s'il est verrouillé, pour qui en répond.
    async fn acces(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Identifiant du compte.")] compte: Uuid,
        apres: Option<Position>,
    ) -> Result<Option<Acces>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        Acces::load(ctx, CompteId(compte)).await
    }
}

/// Un profil dans un établissement.
pub struct ProfilTenu(domaine_identite::ProfilTenu);

#[Object]
/// Un profil dans un établissement.
impl ProfilTenu {
    async fn profil(&self) -> Profil {
        self.0.profil.into()
    }

    /// Identifiant de l'établissement, à rendre dans `choisirProfil`.
    async fn etablissement_id(&self) -> async_graphql::ID {
        super::ids::global("Etablissement", self.0.etablissement.0)
    }

    /// L'établissement ; rien tant que l'on n'y agit pas.
    async fn etablissement(&self, ctx: &Context<'_>) -> Result<Option<Etablissement>> {
        Etablissement::load(ctx, self.0.etablissement.0).await
    }

    /// Le nom de l'établissement : de quoi choisir.
    async fn nom(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let loaded = ctx.requete()?.loaders().etablissements.load_one(self.0.etablissement.0).await;
        Ok(loaded.map_err(fault)?.map(|row| row.nom))
    }
}

impl ProfilTenu {
    /// All that who asks has.
    pub async fn all(ctx: &Context<'_>) -> Result<Vec<Self>> {
        let requete = ctx.requete()?;
        let tenus = requete.commands().profils(requete.acteur().await?).await.map_err(top_level)?;
        Ok(tenus.into_iter().map(Self).collect())
    }

    /// The one that was chosen.
    pub fn active(identite: Identite) -> Option<Self> {
        match identite.identifie()?.choix {
            Choix::Un(choix) => Some(Self(choix)),
            Choix::Tous | Choix::Aucun => None,
        }
    }
}

/// Une connexion à un compte.
pub struct ConnexionAuCompte(views::Connexion);

#[Object]
/// Une connexion à un compte.
impl ConnexionAuCompte {
    /// Nom du fournisseur d'identité.
    async fn fournisseur(&self) -> &str {
        &self.0.fournisseur
    }

    async fn ouverte_le(&self) -> DateTime<Utc> {
        self.0.ouverte_le
    }

    /// Le dernier profil choisi.
    async fn profil(&self) -> Option<ProfilTenu> {
        let profil = domaine::Profil::named(self.0.profil.as_deref()?)?;
        let etablissement = EtablissementId(self.0.etablissement?);
        Some(ProfilTenu(domaine_identite::ProfilTenu { etablissement, profil }))
    }

    /// Quand elle a pris fin, si son utilisateur, son fournisseur ou un verrou y a mis fin.
    async fn close_le(&self) -> Option<DateTime<Utc>> {
        self.0.close_le
    }
}

impl ConnexionAuCompte {
    /// The sign-ins of a compte, for who may read them.
    pub async fn page(
        ctx: &Context<'_>,
        compte: CompteId,
        (first, after): (i32, Option<String>),
    ) -> Result<Option<Connection<String, Self>>> {
        let requete = ctx.requete()?;
        let resource = requete.commands().acces(compte).await.map_err(top_level)?;
        if !requete.may(Action::LireConnexions, &resource).await? {
            return Ok(None);
        }
        let page = Page::<(DateTime<Utc>, Uuid)>::read(first, after)?;
        let rows = Comptes::connexions(requete.views(), compte.0, page.after, page.limit()).await;
        Ok(Some(page.connection(rows.map_err(fault)?, |row| (row.ouverte_le, row.session), Self)))
    }
}

/// Ce qui ouvre un compte, et s'il est verrouillé.
pub struct Acces {
    compte: CompteId,
}

#[Object]
/// Ce qui ouvre un compte, et s'il est verrouillé.
impl Acces {
    /// Identifiant du compte.
    async fn compte(&self) -> Uuid {
        self.compte.0
    }

    /// Le verrou, s'il y en a un.
    async fn verrou(&self, ctx: &Context<'_>) -> Result<Option<Verrou>> {
        let found = Comptes::verrou(ctx.requete()?.views(), self.compte.0).await.map_err(fault)?;
        let now = ctx.requete()?.commands().now();
        Ok(found.filter(|verrou| verrou.tient(now)).map(Verrou))
    }

    /// Les identités qui l'ouvrent, ou l'ont ouvert, de la plus ancienne à la plus récente.
    async fn liaisons(&self, ctx: &Context<'_>) -> Result<Vec<Liaison>> {
        let rows = Comptes::liaisons_of(ctx.requete()?.views(), self.compte.0).await.map_err(fault)?;
        Ok(rows.into_iter().map(Liaison).collect())
    }
}

impl Acces {
    /// The access of a compte, for who may read it.
    pub async fn load(ctx: &Context<'_>, compte: CompteId) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let resource = requete.commands().acces(compte).await.map_err(top_level)?;
        Ok(requete.may(Action::LireAcces, &resource).await?.then_some(Self { compte }))
    }
}

/// Un verrou posé sur un compte.
pub struct Verrou(views::Verrou);

#[Object]
/// Un verrou posé sur un compte.
impl Verrou {
    async fn motif(&self) -> Option<&str> {
        self.0.motif.as_deref()
    }

    async fn le(&self) -> Option<DateTime<Utc>> {
        self.0.le
    }

    /// Jusqu'à quand ; sans terme, jusqu'à ce que quelqu'un le lève.
    async fn jusque(&self) -> Option<DateTime<Utc>> {
        self.0.jusque
    }
}

/// Une identité d'un fournisseur, liée à un compte. Sa clé ne se montre pas.
pub struct Liaison(views::LiaisonDeCompte);

#[Object]
/// Une identité d'un fournisseur, liée à un compte. Sa clé ne se montre pas.
impl Liaison {
    /// Son identifiant, à rendre dans `rompreLiaison`.
    async fn identifiant(&self) -> Uuid {
        self.0.id
    }

    /// Nom du fournisseur d'identité.
    async fn fournisseur(&self) -> &str {
        &self.0.fournisseur
    }

    /// De quelle nature est sa clé.
    async fn nature(&self) -> &str {
        &self.0.nature
    }

    /// La personne dont elle est l'identité.
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::load(ctx, self.0.personne).await
    }

    async fn le(&self) -> DateTime<Utc> {
        self.0.le
    }

    /// Détachée : elle n'ouvre plus rien.
    async fn rompue(&self) -> bool {
        self.0.rompue
    }
}
