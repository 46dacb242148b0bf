//! Mutations of portals and of their offices.

use super::{Portail, VIEW};
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::ids::key;
use crate::graphql::payload::{Outcome, payload};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::NaiveDate;
use commands::portails::DelegationDemandee;
use domain::annuaire::Uai;
use domain::portails::NaturePortail;
use domain::{CompteId, DelegationId, PersonneId, PortailId};
use uuid::Uuid;

/// Nature d'un portail à ouvrir.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum NatureDePortail {
    Etablissement,
    Partenaires,
    Region,
    Departement,
    Academie,
    Draaf,
    Crec,
}

/// Le portail à ouvrir.
#[derive(InputObject)]
pub struct OuvrirPortailInput {
    client_mutation_id: Option<Uuid>,
    nature: NatureDePortail,
    /// Numéro UAI, pour le portail d'un établissement.
    uai: Option<String>,
    /// Nom d'hôte, pour celui d'un partenaire.
    hote: Option<String>,
    nom: String,
}

/// La direction à confier.
#[derive(InputObject)]
pub struct PrendreDirectionInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    directeur_id: ID,
    /// À quel titre : « principal du collège »…
    qualite: String,
    depuis: NaiveDate,
}

/// La délégation à accorder.
#[derive(InputObject)]
pub struct AccorderDelegationInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    /// Identifiant choisi pour la délégation.
    delegation: Uuid,
    /// Compte de la fonction, distinct du compte personnel.
    compte: Uuid,
    administrateur_id: ID,
    du: NaiveDate,
    au: Option<NaiveDate>,
}

/// La délégation à révoquer.
#[derive(InputObject)]
pub struct RevoquerDelegationInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    delegation: Uuid,
    motif: String,
    le: NaiveDate,
}

payload!(
    /// Réponse d'`ouvrirPortail`.
    OuvrirPortailPayload, portail: Portail, PortailId, VIEW, load
);
payload!(
    /// Réponse de `prendreDirection`.
    PrendreDirectionPayload, portail: Portail, PortailId, VIEW, load
);
payload!(
    /// Réponse d'`accorderDelegation`.
    AccorderDelegationPayload, portail: Portail, PortailId, VIEW, load
);
payload!(
    /// Réponse de `revoquerDelegation`.
    RevoquerDelegationPayload, portail: Portail, PortailId, VIEW, load
);

async fn load(ctx: &Context<'_>, portail: PortailId) -> Result<Option<Portail>> {
    Portail::load(ctx, portail.as_str()).await
}

fn portail_id(text: &str) -> Result<PortailId, Refus> {
    text.parse().map_err(|error| Refus::invalid("portail", error))
}

fn personne_id(field: &'static str, id: &ID) -> Result<PersonneId, Refus> {
    let key = key("Personne", id)
        .ok_or_else(|| Refus::invalid(field, "Ce n'est pas l'identifiant d'une personne."))?;
    Ok(PersonneId(key))
}

fn opening(input: &OuvrirPortailInput) -> Result<(PortailId, NaturePortail), Refus> {
    let nature = match input.nature {
        NatureDePortail::Etablissement => {
            let uai: Uai =
                input.uai.as_deref().unwrap_or_default().parse().map_err(|e| Refus::invalid("uai", e))?;
            return Ok((uai.portail(), NaturePortail::Etablissement { etablissement: uai.etablissement() }));
        }
        NatureDePortail::Partenaires => NaturePortail::Partenaires,
        NatureDePortail::Region => NaturePortail::Region,
        NatureDePortail::Departement => NaturePortail::Departement,
        NatureDePortail::Academie => NaturePortail::Academie,
        NatureDePortail::Draaf => NaturePortail::Draaf,
        NatureDePortail::Crec => NaturePortail::Crec,
    };
    let hote = input.hote.as_deref().unwrap_or_default();
    Ok((hote.parse().map_err(|error| Refus::invalid("hote", error))?, nature))
}

/// Mutations of portals.
#[derive(Default)]
pub struct PortailsMutation;

#[Object]
impl PortailsMutation {
    /// Ouvre un portail.
    async fn ouvrir_portail(
        &self,
        ctx: &Context<'_>,
        input: OuvrirPortailInput,
    ) -> Result<OuvrirPortailPayload> {
        let commands = ctx.requete()?.commands();
        let outcome = Outcome::of(ctx, "ouvrirPortail", input.client_mutation_id, &input, async |demande| {
            let (portail, nature) = opening(&input)?;
            let recorded =
                commands.ouvrir_portail(demande, portail.clone(), nature, input.nom.clone()).await?;
            Ok((portail, recorded))
        });
        outcome.await.map(OuvrirPortailPayload)
    }

    /// Confie la direction de la publication d'un portail.
    async fn prendre_direction(
        &self,
        ctx: &Context<'_>,
        input: PrendreDirectionInput,
    ) -> Result<PrendreDirectionPayload> {
        let commands = ctx.requete()?.commands();
        let outcome =
            Outcome::of(ctx, "prendreDirection", input.client_mutation_id, &input, async |demande| {
                let portail = portail_id(&input.portail)?;
                let directeur = personne_id("directeurId", &input.directeur_id)?;
                let qualite = input.qualite.clone();
                let taken =
                    commands.prendre_direction(demande, portail.clone(), directeur, qualite, input.depuis);
                Ok((portail, taken.await?))
            });
        outcome.await.map(PrendreDirectionPayload)
    }

    /// Accorde la délégation de l'administration d'un portail.
    async fn accorder_delegation(
        &self,
        ctx: &Context<'_>,
        input: AccorderDelegationInput,
    ) -> Result<AccorderDelegationPayload> {
        let commands = ctx.requete()?.commands();
        let outcome =
            Outcome::of(ctx, "accorderDelegation", input.client_mutation_id, &input, async |demande| {
                let portail = portail_id(&input.portail)?;
                let asked = DelegationDemandee {
                    delegation: DelegationId(input.delegation),
                    compte: CompteId(input.compte),
                    administrateur: personne_id("administrateurId", &input.administrateur_id)?,
                    du: input.du,
                    au: input.au,
                };
                Ok((portail.clone(), commands.accorder_delegation(demande, portail, asked).await?))
            });
        outcome.await.map(AccorderDelegationPayload)
    }

    /// Révoque une délégation ; jamais la dernière d'un établissement.
    async fn revoquer_delegation(
        &self,
        ctx: &Context<'_>,
        input: RevoquerDelegationInput,
    ) -> Result<RevoquerDelegationPayload> {
        let commands = ctx.requete()?.commands();
        let outcome =
            Outcome::of(ctx, "revoquerDelegation", input.client_mutation_id, &input, async |demande| {
                let portail = portail_id(&input.portail)?;
                let (delegation, motif) = (DelegationId(input.delegation), input.motif.clone());
                let revoked =
                    commands.revoquer_delegation(demande, portail.clone(), delegation, motif, input.le);
                Ok((portail, revoked.await?))
            });
        outcome.await.map(RevoquerDelegationPayload)
    }
}
