//! Mutations of conservation.

use super::{ClasseDeConservation, Destruction, FondementDeDestruction, Gel, VIEW};
use crate::graphql::context::{Here, fault};
use crate::graphql::errors::Refus;
use crate::graphql::named::{destruction_id, fiche_id};
use crate::graphql::payload::{payload, tell};
use crate::graphql::portails::Portail;
use async_graphql::{Context, ID, InputObject, Object, Result};
use commands::conservation::{Choix, DestructionDemandee};
use commands::rights::Action;
use domain::conservation::{Periode, Portee};
use domain::{AnneeScolaire, DestructionId, GelId, PortailId};
use projections::conservation::Registre;
use uuid::Uuid;

/// Le gel à poser.
#[derive(InputObject)]
pub struct PoserGelInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    portail: String,
    /// Identifiant choisi pour le gel.
    gel: Uuid,
    /// La personne à protéger ; sans elle, tout le portail.
    personne_id: Option<ID>,
    /// Les classes à protéger ; toutes, si aucune n'est nommée.
    #[graphql(default)]
    classes: Vec<ClasseDeConservation>,
    /// Pourquoi : réquisition, plainte, enquête…
    motif: String,
}

/// Le gel à lever.
#[derive(InputObject)]
pub struct LeverGelInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    gel: Uuid,
    motif: String,
}

/// Ce qui est à détruire : les contenus d'une classe et d'une année scolaire, ou d'un mois.
#[derive(InputObject)]
pub struct ChoixDeDestruction {
    classe: ClasseDeConservation,
    /// Année scolaire, par son année de début.
    annee: i16,
    /// Mois (« 2026-11 »), pour les données de connexion, qui se conservent par mois.
    mois: Option<String>,
    /// Ces personnes seulement ; toutes et le portail, si aucune n'est nommée.
    personnes: Option<Vec<ID>>,
}

/// La destruction à demander.
#[derive(InputObject)]
pub struct DemanderDestructionInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    /// Identifiant choisi pour la destruction.
    destruction: Uuid,
    choix: Vec<ChoixDeDestruction>,
    fondement: FondementDeDestruction,
    motif: String,
}

/// La destruction à confirmer.
#[derive(InputObject)]
pub struct ConfirmerDestructionInput {
    client_mutation_id: Option<Uuid>,
    destruction_id: ID,
}

/// La destruction à abandonner.
#[derive(InputObject)]
pub struct AbandonnerDestructionInput {
    client_mutation_id: Option<Uuid>,
    destruction_id: ID,
    motif: String,
}

payload!(
    /// Réponse de `poserGel`.
    PoserGelPayload, gel: Gel, (PortailId, GelId), VIEW, load_gel,
    sealed "conservation.gel.pose"
);
payload!(
    /// Réponse de `leverGel`.
    LeverGelPayload, gel: Gel, (PortailId, GelId), VIEW, load_gel,
    sealed "conservation.gel.leve"
);
payload!(
    /// Réponse de `demanderDestruction`.
    DemanderDestructionPayload, destruction: Destruction, DestructionId, VIEW, load
);
payload!(
    /// Réponse de `confirmerDestruction`.
    ConfirmerDestructionPayload, destruction: Destruction, DestructionId, VIEW, load,
    sealed "conservation.destruction.executee"
);
payload!(
    /// Réponse d'`abandonnerDestruction`.
    AbandonnerDestructionPayload, destruction: Destruction, DestructionId, VIEW, load
);

async fn load(ctx: &Context<'_>, destruction: DestructionId) -> Result<Option<Destruction>> {
    Destruction::load(ctx, destruction.0).await
}

async fn load_gel(ctx: &Context<'_>, (portail, gel): (PortailId, GelId)) -> Result<Option<Gel>> {
    let Some(carrier) = Portail::load(ctx, portail.as_str()).await? else { return Ok(None) };
    if !carrier.may(ctx, Action::LireConservation).await? {
        return Ok(None);
    }
    let found = Registre::gel(ctx.requete()?.views(), portail.as_str(), gel.0).await.map_err(fault)?;
    Ok(found.map(Gel))
}

fn portail_id(text: &str) -> Result<PortailId, Refus> {
    text.parse().map_err(|error| Refus::invalid("portail", error))
}

fn choix(asked: &ChoixDeDestruction) -> Result<Choix, Refus> {
    let personnes = asked.personnes.as_ref();
    let personnes = personnes.map(|ids| ids.iter().map(|id| fiche_id("choix", id)).collect());
    let periode = match &asked.mois {
        None => AnneeScolaire(asked.annee).into(),
        Some(mois) => Periode::Mois(mois.parse().map_err(|error| Refus::invalid("choix", error))?),
    };
    Ok(Choix { classe: asked.classe.into(), periode, personnes: personnes.transpose()? })
}

/// Mutations of conservation.
#[derive(Default)]
pub struct ConservationMutation;

#[Object]
impl ConservationMutation {
    /// Protège des contenus de toute destruction.
    async fn poser_gel(&self, ctx: &Context<'_>, input: PoserGelInput) -> Result<PoserGelPayload> {
        tell!(ctx, "poserGel", input, PoserGelPayload, |commands, demande| {
            let (portail, gel) = (portail_id(&input.portail)?, GelId(input.gel));
            let personne = input.personne_id.as_ref().map(|id| fiche_id("personneId", id)).transpose()?;
            let classes = input.classes.iter().map(|classe| (*classe).into()).collect();
            let portee = Portee { personne, classes };
            let posed = commands.poser_gel(demande, portail.clone(), gel, portee, input.motif.clone());
            Ok(((portail, gel), posed.await?))
        })
    }

    /// Lève un gel.
    async fn lever_gel(&self, ctx: &Context<'_>, input: LeverGelInput) -> Result<LeverGelPayload> {
        tell!(ctx, "leverGel", input, LeverGelPayload, |commands, demande| {
            let (portail, gel) = (portail_id(&input.portail)?, GelId(input.gel));
            let lifted = commands.lever_gel(demande, portail.clone(), gel, input.motif.clone());
            Ok(((portail, gel), lifted.await?))
        })
    }

    /// Demande une destruction : rien n'est détruit avant qu'une seconde personne confirme.
    async fn demander_destruction(
        &self,
        ctx: &Context<'_>,
        input: DemanderDestructionInput,
    ) -> Result<DemanderDestructionPayload> {
        tell!(ctx, "demanderDestruction", input, DemanderDestructionPayload, |commands, demande| {
            let (portail, destruction) = (portail_id(&input.portail)?, DestructionId(input.destruction));
            let asked = DestructionDemandee {
                choix: input.choix.iter().map(choix).collect::<Result<_, _>>()?,
                fondement: input.fondement.into(),
                motif: input.motif.clone(),
            };
            Ok((destruction, commands.demander_destruction(demande, portail, destruction, asked).await?))
        })
    }

    /// Détruit ce qu'une autre personne a demandé de détruire, pour toujours.
    async fn confirmer_destruction(
        &self,
        ctx: &Context<'_>,
        input: ConfirmerDestructionInput,
    ) -> Result<ConfirmerDestructionPayload> {
        tell!(ctx, "confirmerDestruction", input, ConfirmerDestructionPayload, |commands, demande| {
            let destruction = destruction_id(&input.destruction_id)?;
            Ok((destruction, commands.confirmer_destruction(demande, destruction).await?))
        })
    }

    /// Abandonne une destruction demandée.
    async fn abandonner_destruction(
        &self,
        ctx: &Context<'_>,
        input: AbandonnerDestructionInput,
    ) -> Result<AbandonnerDestructionPayload> {
        tell!(ctx, "abandonnerDestruction", input, AbandonnerDestructionPayload, |commands, demande| {
            let (destruction, motif) = (destruction_id(&input.destruction_id)?, input.motif.clone());
            Ok((destruction, commands.abandonner_destruction(demande, destruction, motif).await?))
        })
    }
}
