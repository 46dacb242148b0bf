//! Mutations by which files join what is in a cahier.

use super::CAHIERS;
use super::cahier::Seance;
use super::travail::Travail;
use crate::graphql::context::Here;
use crate::graphql::named::{pieces_id, seance_id, travail_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::{SeanceId, TravailId};
use uuid::Uuid;

/// Les pièces qui accompagnent une séance.
#[derive(InputObject)]
pub struct DocumenterSeanceInput {
    client_mutation_id: Option<Uuid>,
    seance_id: ID,
    /// Toutes, dans l'ordre, dix au plus : celles qui ne l'accompagnent pas encore sont déposées à `/pieces`.
    pieces: Vec<ID>,
}

/// Les pièces qui accompagnent un travail.
#[derive(InputObject)]
pub struct DocumenterTravailInput {
    client_mutation_id: Option<Uuid>,
    travail_id: ID,
    /// Toutes, dans l'ordre, dix au plus : celles qui ne l'accompagnent pas encore sont déposées à `/pieces`.
    pieces: Vec<ID>,
}

/// Les pièces que rend l'élève qui demande.
#[derive(InputObject)]
pub struct DeposerCopieInput {
    client_mutation_id: Option<Uuid>,
    travail_id: ID,
    /// De 1 à 10 pièces qu'il a déposées à `/pieces` ; elles remplacent ce qui était rendu.
    pieces: Vec<ID>,
}

payload!(
    /// Réponse de `documenterSeance`.
    DocumenterSeancePayload, seance: Seance, SeanceId, CAHIERS, load_seance_et_pieces
);
payload!(
    /// Réponse de `documenterTravail`.
    DocumenterTravailPayload, travail: Travail, TravailId, CAHIERS, load_travail_et_pieces
);
payload!(
    /// Réponse de `deposerCopie`.
    DeposerCopiePayload, travail: Travail, TravailId, CAHIERS, load_travail_et_pieces
);

/// Which files accompany it is told by another view.
async fn load_seance_et_pieces(ctx: &Context<'_>, seance: SeanceId) -> Result<Option<Seance>> {
    ctx.requete()?.see_own_writes().await;
    Seance::load(ctx, seance.0).await
}

/// The same of a travail.
async fn load_travail_et_pieces(ctx: &Context<'_>, travail: TravailId) -> Result<Option<Travail>> {
    ctx.requete()?.see_own_writes().await;
    Travail::load(ctx, travail.0).await
}

/// Mutations of the files of cahiers.
#[derive(Default)]
pub struct PiecesMutation;

#[Object]
impl PiecesMutation {
    /// Dit quelles pièces accompagnent une séance : qui la lit les lit.
    async fn documenter_seance(
        &self,
        ctx: &Context<'_>,
        input: DocumenterSeanceInput,
    ) -> Result<DocumenterSeancePayload> {
        tell!(ctx, "documenterSeance", input, DocumenterSeancePayload, |commands, demande| {
            let (seance, pieces) = (seance_id(&input.seance_id)?, pieces_id(&input.pieces)?);
            Ok((seance, commands.documenter_seance(demande, seance, pieces).await?))
        })
    }

    /// Dit quelles pièces accompagnent un travail : qui le lit les lit.
    async fn documenter_travail(
        &self,
        ctx: &Context<'_>,
        input: DocumenterTravailInput,
    ) -> Result<DocumenterTravailPayload> {
        tell!(ctx, "documenterTravail", input, DocumenterTravailPayload, |commands, demande| {
            let (travail, pieces) = (travail_id(&input.travail_id)?, pieces_id(&input.pieces)?);
            Ok((travail, commands.documenter_travail(demande, travail, pieces).await?))
        })
    }

    /// Rend un travail en pièces jointes : par l'élève lui-même.
    async fn deposer_copie(
        &self,
        ctx: &Context<'_>,
        input: DeposerCopieInput,
    ) -> Result<DeposerCopiePayload> {
        tell!(ctx, "deposerCopie", input, DeposerCopiePayload, |commands, demande| {
            let (travail, pieces) = (travail_id(&input.travail_id)?, pieces_id(&input.pieces)?);
            Ok((travail, commands.deposer_copie(demande, travail, pieces).await?))
        })
    }
}
