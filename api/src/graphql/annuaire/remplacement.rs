//! Replacements in GraphQL.

use super::{Enseignement, Personne};
use crate::graphql::context::Here;
use crate::graphql::named::{enseignement_id, fiche_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::NaiveDate;
use commands::annuaire::RemplacementDemande;
use domain::EnseignementId;
use projections::annuaire::{self as views, Remplacements};
use uuid::Uuid;

/// The view that these mutations wait for.
const VIEW: (&str, i32) = (Remplacements::NAME, Remplacements::VERSION);

/// Un remplacement : qui enseigne à la place de qui, et quand.
pub struct Remplacement(pub views::Remplacement);

#[Object]
/// Un remplacement : qui enseigne à la place de qui, et quand.
impl Remplacement {
    /// Qui est absent.
    async fn absent(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.absent).await
    }

    /// Qui le remplace.
    async fn remplacant(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.remplacant).await
    }

    /// Premier jour.
    async fn du(&self) -> NaiveDate {
        self.0.du
    }

    /// Premier jour sans remplaçant.
    async fn au(&self) -> NaiveDate {
        self.0.au
    }
}

/// Le remplacement à confier.
#[derive(InputObject)]
pub struct ConfierRemplacementInput {
    client_mutation_id: Option<Uuid>,
    enseignement_id: ID,
    absent_id: ID,
    remplacant_id: ID,
    /// Premier jour.
    du: NaiveDate,
    /// Premier jour sans remplaçant.
    au: NaiveDate,
}

/// Le remplacement à écourter.
#[derive(InputObject)]
pub struct EcourterRemplacementInput {
    client_mutation_id: Option<Uuid>,
    enseignement_id: ID,
    remplacant_id: ID,
    /// Premier jour du remplacement.
    du: NaiveDate,
    /// Nouveau premier jour sans remplaçant.
    au: NaiveDate,
}

payload!(
    /// Réponse de `confierRemplacement`.
    ConfierRemplacementPayload, enseignement: Enseignement, EnseignementId, VIEW, load
);
payload!(
    /// Réponse d'`ecourterRemplacement`.
    EcourterRemplacementPayload, enseignement: Enseignement, EnseignementId, VIEW, load
);

async fn load(ctx: &Context<'_>, enseignement: EnseignementId) -> Result<Option<Enseignement>> {
    Enseignement::load(ctx, enseignement.0).await
}

/// Mutations of replacements.
#[derive(Default)]
pub struct RemplacementMutation;

#[Object]
impl RemplacementMutation {
    /// Confie à un enseignant ce qu'enseigne un absent, d'un jour à un autre.
    async fn confier_remplacement(
        &self,
        ctx: &Context<'_>,
        input: ConfierRemplacementInput,
    ) -> Result<ConfierRemplacementPayload> {
        tell!(ctx, "confierRemplacement", input, ConfierRemplacementPayload, |commands, demande| {
            let enseignement = enseignement_id(&input.enseignement_id)?;
            let asked = RemplacementDemande {
                absent: fiche_id("absentId", &input.absent_id)?,
                remplacant: fiche_id("remplacantId", &input.remplacant_id)?,
                du: input.du,
                au: input.au,
            };
            Ok((enseignement, commands.confier_remplacement(demande, enseignement, asked).await?))
        })
    }

    /// Écourte un remplacement, ou l'annule en le terminant le jour où il commence.
    async fn ecourter_remplacement(
        &self,
        ctx: &Context<'_>,
        input: EcourterRemplacementInput,
    ) -> Result<EcourterRemplacementPayload> {
        tell!(ctx, "ecourterRemplacement", input, EcourterRemplacementPayload, |commands, demande| {
            let enseignement = enseignement_id(&input.enseignement_id)?;
            let remplacant = fiche_id("remplacantId", &input.remplacant_id)?;
            let days = (input.du, input.au);
            let ended = commands.ecourter_remplacement(demande, enseignement, remplacant, days);
            Ok((enseignement, ended.await?))
        })
    }
}
