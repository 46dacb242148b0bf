//! Fiches of one person in GraphQL.

use super::Personne;
use crate::graphql::context::{Here, fault, top_level};
use crate::graphql::errors::Refus;
use crate::graphql::named::fiche_id;
use crate::graphql::payload::{payload, tell};
use crate::graphql::position::Position;
use async_graphql::{Context, ID, InputObject, Object, Result};
use commands::rights::Action;
use commands::rights_of;
use domain::annuaire::{Indice as Reason, Rapprochement};
use domain::{PersonneId, PortailId};
use projections::annuaire::Identites;
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Identites::NAME, Identites::VERSION);
/// How many pairs are shown at most: the likeliest.
const MONTRES: usize = 100;

/// Queries of fiches of one person.
#[derive(Default)]
pub struct DoublonQuery;

#[Object]
impl DoublonQuery {
    /// Les fiches de l'établissement d'un portail qui sont peut-être d'une seule personne, les plus
    /// probables d'abord ; rien pour qui ne peut en décider.
    #[graphql(complexity = "20 * child_complexity + 1")]
    async fn doublons(
        &self,
        ctx: &Context<'_>,
        portail: String,
        apres: Option<Position>,
    ) -> Result<Option<Vec<Doublon>>> {
        let requete = ctx.requete()?;
        requete.reach(VIEW, apres.as_ref()).await?;
        let Some(row) = requete.loaders().portails.load_one(portail).await.map_err(fault)? else {
            return Ok(None);
        };
        let id: PortailId = row.id.parse().map_err(fault)?;
        if !requete.may(Action::LireDoublons, &rights_of::portail(id, Some(&row))).await? {
            return Ok(None);
        }
        let found = requete.commands().rapprochements(&row).await.map_err(top_level)?;
        Ok(Some(found.into_iter().take(MONTRES).map(Doublon).collect()))
    }
}

/// Deux fiches qui sont peut-être d'une seule personne.
pub struct Doublon(Rapprochement);

#[Object]
/// Deux fiches qui sont peut-être d'une seule personne.
impl Doublon {
    /// Les deux fiches.
    async fn fiches(&self, ctx: &Context<'_>) -> Result<Vec<Personne>> {
        let (one, other) = self.0.fiches;
        let rows = ctx.requete()?.loaders().personnes.load_many([one.0, other.0]).await.map_err(fault)?;
        Ok([one.0, other.0].iter().filter_map(|id| rows.get(id).cloned()).map(Personne).collect())
    }

    /// De 0 à 100 : la somme des points des indices, bornée.
    async fn score(&self) -> i32 {
        i32::from(self.0.score)
    }

    /// D'où vient le score.
    async fn indices(&self) -> Vec<Indice> {
        self.0.indices.iter().copied().map(Indice).collect()
    }
}

/// Une raison de croire que deux fiches sont d'une seule personne, ou de deux.
pub struct Indice(Reason);

#[Object]
/// Une raison de croire que deux fiches sont d'une seule personne, ou de deux.
impl Indice {
    /// Ce qui se voit.
    async fn libelle(&self) -> &str {
        self.0.libelle()
    }

    /// Ce que cela ajoute au score, ou en retire.
    async fn points(&self) -> i32 {
        i32::from(self.0.points())
    }
}

/// Les fiches à fondre.
#[derive(InputObject)]
pub struct FusionnerFichesInput {
    client_mutation_id: Option<Uuid>,
    /// Portail de l'établissement auquel les deux fiches sont rattachées, ou de l'académie.
    portail: String,
    /// La fiche qui sera lue comme l'autre.
    fiche_id: ID,
    /// La fiche principale.
    dans_id: ID,
    /// À quoi l'on voit qu'elles sont d'une seule personne.
    motif: String,
}

/// Les fiches à séparer.
#[derive(InputObject)]
pub struct SeparerFichesInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    /// La fiche qui est lue comme une autre.
    fiche_id: ID,
    motif: String,
}

payload!(
    /// Réponse de `fusionnerFiches`.
    FusionnerFichesPayload, personne: Personne, PersonneId, VIEW, load
);
payload!(
    /// Réponse de `separerFiches`.
    SeparerFichesPayload, personne: Personne, PersonneId, VIEW, load
);

async fn load(ctx: &Context<'_>, personne: PersonneId) -> Result<Option<Personne>> {
    Personne::load(ctx, personne.0).await
}

fn portail_id(text: &str) -> Result<PortailId, Refus> {
    text.parse().map_err(|error| Refus::invalid("portail", error))
}

/// Mutations of fiches of one person.
#[derive(Default)]
pub struct DoublonMutation;

#[Object]
impl DoublonMutation {
    /// Fait lire une fiche comme une autre : les droits et les listes des deux se rejoignent.
    async fn fusionner_fiches(
        &self,
        ctx: &Context<'_>,
        input: FusionnerFichesInput,
    ) -> Result<FusionnerFichesPayload> {
        tell!(ctx, "fusionnerFiches", input, FusionnerFichesPayload, |commands, demande| {
            let portail = portail_id(&input.portail)?;
            let fiches = (fiche_id("ficheId", &input.fiche_id)?, fiche_id("dansId", &input.dans_id)?);
            let merged = commands.fusionner_fiches(demande, &portail, fiches, input.motif.clone());
            Ok((fiches.1, merged.await?))
        })
    }

    /// Fait lire de nouveau une fiche comme elle-même : chacune reprend ce qui est le sien.
    async fn separer_fiches(
        &self,
        ctx: &Context<'_>,
        input: SeparerFichesInput,
    ) -> Result<SeparerFichesPayload> {
        tell!(ctx, "separerFiches", input, SeparerFichesPayload, |commands, demande| {
            let (portail, fiche) = (portail_id(&input.portail)?, fiche_id("ficheId", &input.fiche_id)?);
            Ok((fiche, commands.separer_fiches(demande, &portail, fiche, input.motif.clone()).await?))
        })
    }
}
