//! Who asks, in GraphQL.

use super::{Eleve, Enseignement, Etablissement, Groupe, Personne};
use crate::graphql::context::{Here, fault};
use crate::graphql::identite::{ConnexionAuCompte, ProfilTenu};
use crate::graphql::pagination::page;
use crate::graphql::vie_de_l_eleve::Stage;
use async_graphql::connection::Connection;
use async_graphql::{Context, Object, Result};
use domain::{CompteId, PersonneId};
use projections::annuaire::{self as views, Annuaire};
use uuid::Uuid;

/// La personne connectée.
pub struct Moi {
    pub(super) compte: Uuid,
}

#[Object]
/// La personne connectée.
impl Moi {
    /// Identifiant du compte.
    async fn compte(&self) -> Uuid {
        self.compte
    }

    /// La personne derrière le compte, si l'annuaire la connaît.
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        match ctx.requete()?.acteur().await?.personne {
            Some(personne) => Personne::load(ctx, personne.0).await,
            None => Ok(None),
        }
    }

    /// Les établissements auxquels elle est rattachée.
    async fn etablissements(&self, ctx: &Context<'_>) -> Result<Vec<Etablissement>> {
        let ids: Vec<_> = ctx.requete()?.acteur().await?.etablissements.iter().map(|id| id.0).collect();
        let rows = ctx.requete()?.loaders().etablissements.load_many(ids.clone()).await.map_err(fault)?;
        Ok(ids.iter().filter_map(|id| rows.get(id).cloned()).map(Etablissement).collect())
    }

    /// Les enseignements qu'elle donne.
    #[graphql(complexity = "12 * child_complexity + 1")]
    async fn enseignements(&self, ctx: &Context<'_>) -> Result<Vec<Enseignement>> {
        let (requete, acteur) = (ctx.requete()?, ctx.requete()?.acteur().await?);
        let fiches: Vec<_> = acteur.identites().iter().map(|fiche| fiche.0).collect();
        let today = requete.commands().today();
        let rows = Annuaire::enseignements_by(requete.views(), &fiches, today).await.map_err(fault)?;
        let here = |row: &views::Enseignement| {
            acteur.etablissement_choisi.is_none_or(|chosen| chosen.0 == row.etablissement)
        };
        Ok(rows.into_iter().filter(|row| !acteur.sans_fonction && here(row)).map(Enseignement).collect())
    }

    /// Les élèves dont elle est responsable avec droit à l'information.
    async fn enfants(&self, ctx: &Context<'_>) -> Result<Vec<Eleve>> {
        let (requete, acteur) = (ctx.requete()?, ctx.requete()?.acteur().await?);
        let fiches: Vec<_> = acteur.identites().iter().map(|fiche| fiche.0).collect();
        let rows = Annuaire::enfants_of(requete.views(), &fiches).await.map_err(fault)?;
        let mine = |row: &views::Eleve| acteur.enfants.contains(&PersonneId(row.personne.id));
        Ok(rows.into_iter().filter(mine).map(Eleve).collect())
    }

    /// Les stages des élèves qu'elle accueille en entreprise, tant qu'ils durent.
    #[graphql(complexity = "4 * child_complexity + 1")]
    async fn stages_accueillis(&self, ctx: &Context<'_>) -> Result<Vec<Stage>> {
        Stage::accueillis(ctx).await
    }

    /// Les groupes dont elle fait partie.
    #[graphql(complexity = "12 * child_complexity + 1")]
    async fn groupes(&self, ctx: &Context<'_>) -> Result<Vec<Groupe>> {
        Groupe::mine(ctx).await
    }

    /// L'élève qu'elle est, si elle l'est.
    async fn eleve(&self, ctx: &Context<'_>) -> Result<Option<Eleve>> {
        let acteur = ctx.requete()?.acteur().await?;
        match acteur.personne {
            Some(personne) if !acteur.divisions.is_empty() => Eleve::load(ctx, personne.0).await,
            _ => Ok(None),
        }
    }

    /// Les profils qu'elle tient, par établissement ; rien pour le compte d'une fonction.
    async fn profils(&self, ctx: &Context<'_>) -> Result<Vec<ProfilTenu>> {
        ProfilTenu::all(ctx).await
    }

    /// Le profil sous lequel elle agit dans cette session ; rien tant qu'elle n'a pas choisi, et pour
    /// un jeton, qui les a tous.
    async fn profil_actif(&self, ctx: &Context<'_>) -> Result<Option<ProfilTenu>> {
        Ok(ProfilTenu::active(ctx.requete()?.identite()))
    }

    /// Ses connexions, de la plus récente à la plus ancienne.
    #[graphql(complexity = "page(first) * child_complexity + 1")]
    async fn connexions(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
    ) -> Result<Option<Connection<String, ConnexionAuCompte>>> {
        ConnexionAuCompte::page(ctx, CompteId(self.compte), (first, after)).await
    }

    /// Noms d'hôte des portails dont elle dirige la publication, ou qu'elle administre.
    async fn portails(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let acteur = ctx.requete()?.acteur().await?;
        Ok(acteur.directeur_de.union(&acteur.administrateur_de).map(ToString::to_string).collect())
    }
}
