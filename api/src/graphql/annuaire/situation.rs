//! What people are to each other and to a house, today or on a past school day.

use super::profil::{NiveauDeResponsabilite, Profil};
use super::{Division, Etablissement, Personne};
use crate::graphql::context::{Here, fault};
use crate::graphql::position::Position;
use async_graphql::{Context, Object, Result};
use chrono::NaiveDate;
use domain::annuaire as domaine;
use projections::annuaire::{Histoire, RattachementPasse, ResponsablePasse};

/// The school day that is asked about, once the history of the directory is as far as `apres`;
/// today, where none is.
pub async fn jour(ctx: &Context<'_>, le: Option<NaiveDate>, apres: Option<&Position>) -> Result<NaiveDate> {
    let requete = ctx.requete()?;
    requete.reach((Histoire::NAME, Histoire::VERSION), apres).await?;
    Ok(le.unwrap_or_else(|| requete.commands().today()))
}

/// Ce qu'une personne est, un jour donné, dans un établissement.
pub struct Rattachement(pub RattachementPasse);

#[Object]
/// Ce qu'une personne est, un jour donné, dans un établissement.
impl Rattachement {
    /// L'établissement ; rien pour qui ne peut le lire.
    async fn etablissement(&self, ctx: &Context<'_>) -> Result<Option<Etablissement>> {
        Etablissement::load(ctx, self.0.etablissement).await
    }

    async fn profil(&self) -> Option<Profil> {
        domaine::Profil::named(&self.0.profil).map(Profil::from)
    }

    /// La division, d'un élève ; rien pour qui ne peut la lire.
    async fn division(&self, ctx: &Context<'_>) -> Result<Option<Division>> {
        match self.0.division {
            Some(id) => Division::load(ctx, id).await,
            None => Ok(None),
        }
    }
}

/// Un adulte qui répond d'un élève, un jour donné.
pub struct Responsable(pub ResponsablePasse);

#[Object]
/// Un adulte qui répond d'un élève, un jour donné.
impl Responsable {
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        let found = ctx.requete()?.loaders().personnes.load_one(self.0.responsable).await;
        Ok(found.map_err(fault)?.map(Personne))
    }

    async fn niveau(&self) -> Option<NiveauDeResponsabilite> {
        domaine::NiveauResponsabilite::named(&self.0.niveau).map(NiveauDeResponsabilite::from)
    }

    /// A droit à l'information sur la scolarité de l'élève.
    async fn destinataire(&self) -> bool {
        self.0.destinataire
    }
}
