//! Mutations of moderation.

use super::espaces::{self, ModeDeModeration};
use super::{DecisionDeModeration, MotifDeSignalement, MotifsDeDecision, Signalement, VIEW};
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::named::{publication_id, signalement_id};
use crate::graphql::payload::{payload, tell};
use crate::graphql::portails::Portail;
use crate::graphql::publications::AudienceDePublication;
use async_graphql::{Context, ID, InputObject, Object, Result};
use commands::publications::SignalementDemande;
use domain::{PortailId, SignalementId};
use uuid::Uuid;

/// Le contenu à signaler : ce que la publication montre maintenant.
#[derive(InputObject)]
pub struct SignalerContenuInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    publication_id: ID,
    /// La version que vous avez vue.
    version: u32,
    motif: MotifDeSignalement,
    /// Pourquoi ce contenu pose problème.
    explication: String,
    /// « Je déclare de bonne foi que ces informations sont exactes et complètes. »
    bonne_foi: bool,
}

/// Le signalement dont on prend connaissance.
#[derive(InputObject)]
pub struct PrendreConnaissanceInput {
    client_mutation_id: Option<Uuid>,
    signalement_id: ID,
}

/// La décision à rendre.
#[derive(InputObject)]
pub struct RendreDecisionInput {
    client_mutation_id: Option<Uuid>,
    signalement_id: ID,
    decision: DecisionDeModeration,
    motifs: MotifsDeDecision,
}

/// Le mode de modération à fixer.
#[derive(InputObject)]
pub struct FixerModeDeModerationInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    /// L'espace : à qui ce qui y paraît est montré.
    espace: AudienceDePublication,
    mode: ModeDeModeration,
    motif: String,
}

payload!(
    /// Réponse de `signalerContenu`.
    SignalerContenuPayload, signalement: Signalement, SignalementId, VIEW, load,
    sealed "publications.signalement.recu"
);
payload!(
    /// Réponse de `prendreConnaissance`.
    PrendreConnaissancePayload, signalement: Signalement, SignalementId, VIEW, load,
    sealed "publications.signalement.premiere_connaissance"
);
payload!(
    /// Réponse de `rendreDecision`.
    RendreDecisionPayload, signalement: Signalement, SignalementId, VIEW, load,
    sealed "publications.signalement.decision_rendue"
);

payload!(
    /// Réponse de `fixerModeDeModeration`.
    FixerModeDeModerationPayload, portail: Portail, PortailId, espaces::VIEW, load_portail,
    sealed "publications.espace.mode_fixe"
);

async fn load_portail(ctx: &Context<'_>, portail: PortailId) -> Result<Option<Portail>> {
    Portail::load(ctx, portail.as_str()).await
}

async fn load(ctx: &Context<'_>, signalement: SignalementId) -> Result<Option<Signalement>> {
    Signalement::load(ctx, signalement.0).await
}

/// Mutations of moderation.
#[derive(Default)]
pub struct ModerationMutation;

#[Object]
impl ModerationMutation {
    /// Signale ce qu'une publication montre maintenant ; une fois par version.
    async fn signaler_contenu(
        &self,
        ctx: &Context<'_>,
        input: SignalerContenuInput,
    ) -> Result<SignalerContenuPayload> {
        tell!(ctx, "signalerContenu", input, SignalerContenuPayload, |commands, demande| {
            let publication = publication_id(&input.publication_id)?;
            let asked = SignalementDemande {
                version: input.version,
                motif: input.motif.into(),
                explication: input.explication.clone(),
                bonne_foi: input.bonne_foi,
            };
            Ok(commands.signaler_contenu(demande, publication, asked).await?)
        })
    }

    /// Note que qui demande a pris connaissance d'un signalement.
    async fn prendre_connaissance(
        &self,
        ctx: &Context<'_>,
        input: PrendreConnaissanceInput,
    ) -> Result<PrendreConnaissancePayload> {
        tell!(ctx, "prendreConnaissance", input, PrendreConnaissancePayload, |commands, demande| {
            let signalement = signalement_id(&input.signalement_id)?;
            Ok((signalement, commands.prendre_connaissance(demande, signalement).await?))
        })
    }

    /// Tranche un signalement, avec ses motifs, et fait à la publication ce qui est décidé.
    async fn rendre_decision(
        &self,
        ctx: &Context<'_>,
        input: RendreDecisionInput,
    ) -> Result<RendreDecisionPayload> {
        tell!(ctx, "rendreDecision", input, RendreDecisionPayload, |commands, demande| {
            let signalement = signalement_id(&input.signalement_id)?;
            let (decision, motifs) = (input.decision.into(), input.motifs.clone().into());
            let decided = commands.rendre_decision(demande, signalement, decision, motifs);
            Ok((signalement, decided.await?))
        })
    }

    /// Fixe comment un espace du portail est modéré, à partir de maintenant ; ce qui est en ligne
    /// le reste.
    async fn fixer_mode_de_moderation(
        &self,
        ctx: &Context<'_>,
        input: FixerModeDeModerationInput,
    ) -> Result<FixerModeDeModerationPayload> {
        tell!(ctx, "fixerModeDeModeration", input, FixerModeDeModerationPayload, |commands, demande| {
            let portail: PortailId =
                input.portail.parse().map_err(|error| Refus::invalid("portail", error))?;
            let (espace, mode) = (input.espace.into(), input.mode.into());
            let motif = input.motif.clone();
            let fixed = commands.fixer_mode_de_moderation(demande, portail.clone(), espace, mode, motif);
            Ok((portail, fixed.await?))
        })
    }
}
