//! Mutations of habilitations and interventions.

use super::{Habilitation, Intervention, PerimetreDIntervention, VIEW};
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::ids::key;
use crate::graphql::payload::{payload, tell};
use crate::graphql::portails::maison::portail_id;
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::NaiveDate;
use commands::portails::{HabilitationDemandee, InterventionDemandee};
use domain::{CompteId, HabilitationId, InterventionId, PersonneId};
use uuid::Uuid;

/// L'habilitation à accorder.
#[derive(InputObject)]
pub struct AccorderHabilitationInput {
    client_mutation_id: Option<Uuid>,
    /// Le portail de la Région, ou celui de l'établissement, qui désigne.
    portail: String,
    /// Identifiant choisi pour l'habilitation.
    habilitation: Uuid,
    /// Compte de la fonction, distinct du compte personnel.
    compte: Uuid,
    personne_id: ID,
    perimetres: Vec<PerimetreDIntervention>,
    du: NaiveDate,
    /// Premier jour sans elle : un an plus tard au plus.
    au: NaiveDate,
}

/// L'habilitation à révoquer.
#[derive(InputObject)]
pub struct RevoquerHabilitationInput {
    client_mutation_id: Option<Uuid>,
    habilitation_id: ID,
    motif: String,
    le: NaiveDate,
}

/// L'intervention à demander.
#[derive(InputObject)]
pub struct DemanderInterventionInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    /// Identifiant choisi pour l'intervention.
    intervention: Uuid,
    perimetres: Vec<PerimetreDIntervention>,
    motif: String,
    /// Référence du ticket auquel elle répond.
    ticket: String,
    /// Combien de temps elle restera ouverte : 8 heures au plus, 2 sur les absences et les notes.
    minutes: u16,
}

/// L'intervention à contresigner.
#[derive(InputObject)]
pub struct ContresignerInterventionInput {
    client_mutation_id: Option<Uuid>,
    intervention_id: ID,
}

/// L'intervention à clore.
#[derive(InputObject)]
pub struct CloreInterventionInput {
    client_mutation_id: Option<Uuid>,
    intervention_id: ID,
    /// Ce qui fut fait.
    compte_rendu: String,
}

payload!(
    /// Réponse d'`accorderHabilitation`.
    AccorderHabilitationPayload, habilitation: Habilitation, HabilitationId, VIEW, Habilitation::load
);
payload!(
    /// Réponse de `revoquerHabilitation`.
    RevoquerHabilitationPayload, habilitation: Habilitation, HabilitationId, VIEW, Habilitation::load
);
payload!(
    /// Réponse de `demanderIntervention`.
    DemanderInterventionPayload, intervention: Intervention, InterventionId, VIEW, Intervention::load
);
payload!(
    /// Réponse de `contresignerIntervention`.
    ContresignerInterventionPayload, intervention: Intervention, InterventionId, VIEW, Intervention::load
);
payload!(
    /// Réponse de `cloreIntervention`.
    CloreInterventionPayload, intervention: Intervention, InterventionId, VIEW, Intervention::load
);

fn identified(kind: &str, field: &'static str, id: &ID) -> Result<Uuid, Refus> {
    let unread = || Refus::invalid(field, "Ce n'est pas l'identifiant d'un objet de cette nature.");
    key(kind, id).ok_or_else(unread)
}

fn intervention_id(id: &ID) -> Result<InterventionId, Refus> {
    identified("Intervention", "interventionId", id).map(InterventionId)
}

/// Mutations of habilitations and interventions.
#[derive(Default)]
pub struct InterventionsMutation;

#[Object]
impl InterventionsMutation {
    /// Habilite quelqu'un à intervenir dans l'ENT.
    async fn accorder_habilitation(
        &self,
        ctx: &Context<'_>,
        input: AccorderHabilitationInput,
    ) -> Result<AccorderHabilitationPayload> {
        tell!(ctx, "accorderHabilitation", input, AccorderHabilitationPayload, |commands, demande| {
            let (portail, id) = (portail_id(&input.portail)?, HabilitationId(input.habilitation));
            let asked = HabilitationDemandee {
                habilitation: id,
                compte: CompteId(input.compte),
                personne: PersonneId(identified("Personne", "personneId", &input.personne_id)?),
                perimetres: input.perimetres.iter().map(|one| (*one).into()).collect(),
                du: input.du,
                au: input.au,
            };
            Ok((id, commands.accorder_habilitation(demande, portail, asked).await?))
        })
    }

    /// Met fin à une habilitation.
    async fn revoquer_habilitation(
        &self,
        ctx: &Context<'_>,
        input: RevoquerHabilitationInput,
    ) -> Result<RevoquerHabilitationPayload> {
        tell!(ctx, "revoquerHabilitation", input, RevoquerHabilitationPayload, |commands, demande| {
            let id = HabilitationId(identified("Habilitation", "habilitationId", &input.habilitation_id)?);
            let revoked = commands.revoquer_habilitation(demande, id, input.motif.clone(), input.le);
            Ok((id, revoked.await?))
        })
    }

    /// Demande une intervention sur un portail : elle s'ouvre aussitôt, ou attend une seconde
    /// personne si elle porte sur les absences ou les notes.
    async fn demander_intervention(
        &self,
        ctx: &Context<'_>,
        input: DemanderInterventionInput,
    ) -> Result<DemanderInterventionPayload> {
        tell!(ctx, "demanderIntervention", input, DemanderInterventionPayload, |commands, demande| {
            let (portail, id) = (portail_id(&input.portail)?, InterventionId(input.intervention));
            let asked = InterventionDemandee {
                intervention: id,
                perimetres: input.perimetres.iter().map(|one| (*one).into()).collect(),
                motif: input.motif.clone(),
                ticket: input.ticket.clone(),
                minutes: input.minutes,
            };
            Ok((id, commands.demander_intervention(demande, portail, asked).await?))
        })
    }

    /// Ouvre, comme seconde personne habilitée, une intervention qui l'attend.
    async fn contresigner_intervention(
        &self,
        ctx: &Context<'_>,
        input: ContresignerInterventionInput,
    ) -> Result<ContresignerInterventionPayload> {
        tell!(ctx, "contresignerIntervention", input, ContresignerInterventionPayload, |commands, demande| {
            let id = intervention_id(&input.intervention_id)?;
            Ok((id, commands.contresigner_intervention(demande, id).await?))
        })
    }

    /// Clôt une intervention, avec le compte rendu de ce qui fut fait.
    async fn clore_intervention(
        &self,
        ctx: &Context<'_>,
        input: CloreInterventionInput,
    ) -> Result<CloreInterventionPayload> {
        tell!(ctx, "cloreIntervention", input, CloreInterventionPayload, |commands, demande| {
            let id = intervention_id(&input.intervention_id)?;
            Ok((id, commands.clore_intervention(demande, id, input.compte_rendu.clone()).await?))
        })
    }
}
