//! Mutations of portals and of their offices.

use super::maison::{load, portail_id};
use super::{Portail, VIEW};
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::named::fiche_id;
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::NaiveDate;
use commands::portails::DelegationDemandee;
use domain::annuaire::Uai;
use domain::portails::{Attribution, NaturePortail};
use domain::{CompteId, DelegationId, PortailId};
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
    /// D'un lycée privé, partenaire par le CREC : son équipe de direction seule y entre.
    LyceePrive,
}

/// Ce qu'une délégation confie. Conseiller et mettre en garde va avec toute délégation.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Attribution")]
pub enum AttributionDeDelegation {
    /// Modérer les contenus.
    Moderation,
    /// Geler, et demander des destructions.
    Conservation,
    /// Ouvrir et fermer les services, et donner au portail son apparence.
    Catalogue,
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

/// La direction à quitter.
#[derive(InputObject)]
pub struct QuitterDirectionInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    /// Premier jour sans directeur.
    au: NaiveDate,
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
    /// Ce qu'elle confie ; tout, si rien n'est nommé.
    #[graphql(default)]
    attributions: Vec<AttributionDeDelegation>,
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
    PrendreDirectionPayload, portail: Portail, PortailId, VIEW, load,
    sealed "portails.portail.direction_prise"
);
payload!(
    /// Réponse de `quitterDirection`.
    QuitterDirectionPayload, portail: Portail, PortailId, VIEW, load,
    sealed "portails.portail.direction_terminee"
);
payload!(
    /// Réponse d'`accorderDelegation`.
    AccorderDelegationPayload, portail: Portail, PortailId, VIEW, load,
    sealed "portails.portail.delegation_accordee"
);
payload!(
    /// Réponse de `revoquerDelegation`.
    RevoquerDelegationPayload, portail: Portail, PortailId, VIEW, load,
    sealed "portails.portail.delegation_revoquee"
);

fn opening(input: &OuvrirPortailInput) -> Result<(PortailId, NaturePortail), Refus> {
    let nature = match input.nature {
        NatureDePortail::Etablissement => {
            let uai = uai(input)?;
            return Ok((uai.portail(), NaturePortail::Etablissement { etablissement: uai.etablissement() }));
        }
        NatureDePortail::LyceePrive => {
            let uai = uai(input)?;
            return Ok((uai.portail(), NaturePortail::LyceePrive { etablissement: uai.etablissement() }));
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

fn uai(input: &OuvrirPortailInput) -> Result<Uai, Refus> {
    input.uai.as_deref().unwrap_or_default().parse().map_err(|error| Refus::invalid("uai", error))
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
        tell!(ctx, "ouvrirPortail", input, OuvrirPortailPayload, |commands, demande| {
            let (portail, nature) = opening(input)?;
            let recorded =
                commands.ouvrir_portail(demande, portail.clone(), nature, input.nom.clone()).await?;
            Ok((portail, recorded))
        })
    }

    /// Confie la direction de la publication d'un portail.
    async fn prendre_direction(
        &self,
        ctx: &Context<'_>,
        input: PrendreDirectionInput,
    ) -> Result<PrendreDirectionPayload> {
        tell!(ctx, "prendreDirection", input, PrendreDirectionPayload, |commands, demande| {
            let portail = portail_id(&input.portail)?;
            let directeur = fiche_id("directeurId", &input.directeur_id)?;
            let qualite = input.qualite.clone();
            let taken =
                commands.prendre_direction(demande, portail.clone(), directeur, qualite, input.depuis);
            Ok((portail, taken.await?))
        })
    }

    /// Inscrit le départ d'un directeur sans successeur ; jamais tant qu'une page est en ligne.
    async fn quitter_direction(
        &self,
        ctx: &Context<'_>,
        input: QuitterDirectionInput,
    ) -> Result<QuitterDirectionPayload> {
        tell!(ctx, "quitterDirection", input, QuitterDirectionPayload, |commands, demande| {
            let portail = portail_id(&input.portail)?;
            Ok((portail.clone(), commands.quitter_direction(demande, portail, input.au).await?))
        })
    }

    /// Accorde la délégation de l'administration d'un portail.
    async fn accorder_delegation(
        &self,
        ctx: &Context<'_>,
        input: AccorderDelegationInput,
    ) -> Result<AccorderDelegationPayload> {
        tell!(ctx, "accorderDelegation", input, AccorderDelegationPayload, |commands, demande| {
            let portail = portail_id(&input.portail)?;
            let named = input.attributions.iter().map(|one| Attribution::from(*one));
            let all = Attribution::TOUTES.iter().copied();
            let asked = DelegationDemandee {
                attributions: if input.attributions.is_empty() { all.collect() } else { named.collect() },
                delegation: DelegationId(input.delegation),
                compte: CompteId(input.compte),
                administrateur: fiche_id("administrateurId", &input.administrateur_id)?,
                du: input.du,
                au: input.au,
            };
            Ok((portail.clone(), commands.accorder_delegation(demande, portail, asked).await?))
        })
    }

    /// Révoque une délégation ; jamais la dernière d'un établissement.
    async fn revoquer_delegation(
        &self,
        ctx: &Context<'_>,
        input: RevoquerDelegationInput,
    ) -> Result<RevoquerDelegationPayload> {
        tell!(ctx, "revoquerDelegation", input, RevoquerDelegationPayload, |commands, demande| {
            let portail = portail_id(&input.portail)?;
            let (delegation, motif) = (DelegationId(input.delegation), input.motif.clone());
            let revoked = commands.revoquer_delegation(demande, portail.clone(), delegation, motif, input.le);
            Ok((portail, revoked.await?))
        })
    }
}
