//! The private address of one's agenda.

use super::ABONNEMENTS;
use crate::fichiers::agenda::Adresse;
use crate::graphql::context::{Here, fault};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use domain::PersonneId;
use projections::cahier_de_textes::Abonnements;
use uuid::Uuid;

/// L'adresse à ouvrir : celle de qui demande, à la place de la précédente.
#[derive(InputObject)]
pub struct OuvrirAgendaInput {
    client_mutation_id: Option<Uuid>,
}

/// L'adresse à fermer.
#[derive(InputObject)]
pub struct FermerAgendaInput {
    client_mutation_id: Option<Uuid>,
}

/// L'agenda de qui demande.
#[derive(SimpleObject)]
pub struct Agenda {
    /// Chemin où un logiciel d'agenda le lit : un secret, montré cette fois seulement.
    adresse: Option<String>,
    /// Une adresse est ouverte.
    ouvert: bool,
}

payload!(
    /// Réponse d'`ouvrirAgenda`.
    OuvrirAgendaPayload, agenda: Agenda, Adresse, ABONNEMENTS, opened
);
payload!(
    /// Réponse de `fermerAgenda`.
    FermerAgendaPayload, agenda: Agenda, PersonneId, ABONNEMENTS, closed
);

/// A demand that is sent again was answered with another address: it is not shown twice.
async fn opened(ctx: &Context<'_>, adresse: Adresse) -> Result<Option<Agenda>> {
    let found = Abonnements::personne(ctx.requete()?.views(), &adresse.empreinte()).await.map_err(fault)?;
    Ok(Some(Agenda { adresse: found.map(|_| adresse.chemin()), ouvert: true }))
}

async fn closed(ctx: &Context<'_>, personne: PersonneId) -> Result<Option<Agenda>> {
    let since = Abonnements::ouvert_le(ctx.requete()?.views(), personne.0).await.map_err(fault)?;
    Ok(Some(Agenda { adresse: None, ouvert: since.is_some() }))
}

/// Mutations of subscriptions.
#[derive(Default)]
pub struct AbonnementMutation;

#[Object]
impl AbonnementMutation {
    /// Ouvre une adresse privée où lire son agenda dans un logiciel, à la place de la précédente.
    async fn ouvrir_agenda(
        &self,
        ctx: &Context<'_>,
        input: OuvrirAgendaInput,
    ) -> Result<OuvrirAgendaPayload> {
        tell!(ctx, "ouvrirAgenda", input, OuvrirAgendaPayload, |commands, demande| {
            let adresse = Adresse::nouvelle().map_err(commands::UseCaseError::fault)?;
            let recorded = commands.ouvrir_abonnement(demande, adresse.empreinte()).await?;
            Ok((adresse, recorded))
        })
    }

    /// Ferme l'adresse privée de son agenda.
    async fn fermer_agenda(
        &self,
        ctx: &Context<'_>,
        input: FermerAgendaInput,
    ) -> Result<FermerAgendaPayload> {
        tell!(ctx, "fermerAgenda", input, FermerAgendaPayload, |commands, demande| {
            let recorded = commands.revoquer_abonnement(demande).await?;
            let personne = demande.acteur.personne.ok_or(commands::UseCaseError::Interdit)?;
            Ok((personne, recorded))
        })
    }
}
