//! Pupils who leave and arrive, in GraphQL.

use super::Eleve;
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::named::{division_id, eleve_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::NaiveDate;
use commands::annuaire::DepartDemande;
use domain::PersonneId;
use domain::annuaire::Uai;
use projections::annuaire::Annuaire;
use uuid::Uuid;

/// The view that these mutations wait for.
const VIEW: (&str, i32) = (Annuaire::NAME, Annuaire::VERSION);

/// L'élève à radier.
#[derive(InputObject)]
pub struct RadierEleveInput {
    client_mutation_id: Option<Uuid>,
    /// Numéro UAI de l'établissement qu'il quitte.
    uai: String,
    eleve_id: ID,
    /// Premier jour où il n'y est plus.
    le: NaiveDate,
    /// Numéro UAI de l'établissement où il va, s'il est connu : lui seul pourra l'accueillir.
    destination: Option<String>,
    motif: String,
}

/// L'élève à accueillir.
#[derive(InputObject)]
pub struct AccueillirEleveInput {
    client_mutation_id: Option<Uuid>,
    /// Numéro UAI de l'établissement où il arrive.
    uai: String,
    eleve_id: ID,
    /// Sa division, si elle est connue ; sinon, celle que dit l'annuaire.
    division_id: Option<ID>,
    /// Premier jour.
    le: NaiveDate,
}

payload!(
    /// Réponse de `radierEleve`.
    RadierElevePayload, eleve: Eleve, PersonneId, VIEW, load
);
payload!(
    /// Réponse d'`accueillirEleve`.
    AccueillirElevePayload, eleve: Eleve, PersonneId, VIEW, load
);

async fn load(ctx: &Context<'_>, eleve: PersonneId) -> Result<Option<Eleve>> {
    Eleve::load(ctx, eleve.0).await
}

fn uai(field: &'static str, text: &str) -> Result<Uai, Refus> {
    text.parse().map_err(|error| Refus::invalid(field, error))
}

/// Mutations of enrolments.
#[derive(Default)]
pub struct InscriptionMutation;

#[Object]
impl InscriptionMutation {
    /// Radie un élève qui quitte l'établissement : celui-ci garde ce qu'il a écrit, et ne lit rien de la suite.
    async fn radier_eleve(&self, ctx: &Context<'_>, input: RadierEleveInput) -> Result<RadierElevePayload> {
        tell!(ctx, "radierEleve", input, RadierElevePayload, |commands, demande| {
            let (uai_here, eleve) = (uai("uai", &input.uai)?, eleve_id(&input.eleve_id)?);
            let destination =
                input.destination.as_deref().map(|text| uai("destination", text)).transpose()?;
            let asked = DepartDemande {
                le: input.le,
                destination: destination.map(|uai| uai.etablissement()),
                motif: input.motif.clone(),
            };
            Ok((eleve, commands.radier_eleve(demande, &uai_here, eleve, asked).await?))
        })
    }

    /// Accueille un élève que son établissement a radié pour celui-ci. Venu d'une autre académie, il y
    /// reçoit une fiche, lue comme celle qu'il avait ; qui répond de lui y entre par la livraison de
    /// l'annuaire.
    async fn accueillir_eleve(
        &self,
        ctx: &Context<'_>,
        input: AccueillirEleveInput,
    ) -> Result<AccueillirElevePayload> {
        tell!(ctx, "accueillirEleve", input, AccueillirElevePayload, |commands, demande| {
            let (uai, eleve) = (uai("uai", &input.uai)?, eleve_id(&input.eleve_id)?);
            let place = (input.division_id.as_ref().map(division_id).transpose()?, input.le);
            Ok(commands.accueillir_eleve(demande, &uai, eleve, place).await?)
        })
    }
}
