//! Mutations of houses.

use super::{ServiceEnt, VIEW};
use crate::graphql::annuaire;
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::payload::{payload, tell};
use crate::graphql::portails::Portail;
use async_graphql::{Context, InputObject, Object, Result};
use chrono::NaiveDate;
use commands::portails::BasculeDemandee;
use domain::PortailId;
use domain::annuaire::Profil;
use domain::portails::{Apparence, Couleur};
use uuid::Uuid;

/// L'adhésion à inscrire.
#[derive(InputObject)]
pub struct ConclureAdhesionInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    /// Référence de la convention, et de la délibération qui l'autorise.
    convention: String,
    du: NaiveDate,
}

/// L'adhésion à laquelle mettre fin.
#[derive(InputObject)]
pub struct TerminerAdhesionInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    motif: String,
    /// Premier jour sans elle.
    au: NaiveDate,
}

/// Le service à ouvrir ou à fermer.
#[derive(InputObject)]
pub struct BasculerServiceEntInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    service_ent: ServiceEnt,
    /// Ouvert, ou fermé.
    ouvert: bool,
    /// À ces profils ; à tous, si aucun n'est nommé.
    #[graphql(default)]
    profils: Vec<annuaire::Profil>,
    motif: String,
    /// À partir de ce jour ; d'aujourd'hui par défaut.
    le: Option<NaiveDate>,
}

/// L'apparence à donner ; les couleurs s'écrivent `#rrggbb`.
#[derive(InputObject)]
pub struct DefinirThemeInput {
    client_mutation_id: Option<Uuid>,
    portail: String,
    titre: String,
    fond: String,
    texte: String,
    accent: String,
}

payload!(
    /// Réponse de `conclureAdhesion`.
    ConclureAdhesionPayload, portail: Portail, PortailId, VIEW, load
);
payload!(
    /// Réponse de `terminerAdhesion`.
    TerminerAdhesionPayload, portail: Portail, PortailId, VIEW, load
);
payload!(
    /// Réponse de `basculerServiceEnt`.
    BasculerServiceEntPayload, portail: Portail, PortailId, VIEW, load
);
payload!(
    /// Réponse de `definirTheme`.
    DefinirThemePayload, portail: Portail, PortailId, VIEW, load
);

pub async fn load(ctx: &Context<'_>, portail: PortailId) -> Result<Option<Portail>> {
    Portail::load(ctx, portail.as_str()).await
}

pub fn portail_id(text: &str) -> Result<PortailId, Refus> {
    text.parse().map_err(|error| Refus::invalid("portail", error))
}

fn couleur(field: &'static str, text: &str) -> Result<Couleur, Refus> {
    text.parse().map_err(|error| Refus::invalid(field, error))
}

/// Mutations of houses.
#[derive(Default)]
pub struct MaisonsMutation;

#[Object]
impl MaisonsMutation {
    /// Inscrit la convention par laquelle un établissement adhère.
    async fn conclure_adhesion(
        &self,
        ctx: &Context<'_>,
        input: ConclureAdhesionInput,
    ) -> Result<ConclureAdhesionPayload> {
        tell!(ctx, "conclureAdhesion", input, ConclureAdhesionPayload, |commands, demande| {
            let portail = portail_id(&input.portail)?;
            let convention = input.convention.clone();
            let concluded = commands.conclure_adhesion(demande, portail.clone(), convention, input.du);
            Ok((portail, concluded.await?))
        })
    }

    /// Met fin à une adhésion : le portail n'est plus public, et rien n'en est perdu.
    async fn terminer_adhesion(
        &self,
        ctx: &Context<'_>,
        input: TerminerAdhesionInput,
    ) -> Result<TerminerAdhesionPayload> {
        tell!(ctx, "terminerAdhesion", input, TerminerAdhesionPayload, |commands, demande| {
            let portail = portail_id(&input.portail)?;
            let ended = commands.terminer_adhesion(demande, portail.clone(), input.motif.clone(), input.au);
            Ok((portail, ended.await?))
        })
    }

    /// Ouvre ou ferme un service d'un portail à des profils.
    async fn basculer_service_ent(
        &self,
        ctx: &Context<'_>,
        input: BasculerServiceEntInput,
    ) -> Result<BasculerServiceEntPayload> {
        tell!(ctx, "basculerServiceEnt", input, BasculerServiceEntPayload, |commands, demande| {
            let portail = portail_id(&input.portail)?;
            let named = input.profils.iter().map(|profil| Profil::from(*profil));
            let profils = if input.profils.is_empty() {
                Profil::ALL.iter().copied().collect()
            } else {
                named.collect()
            };
            let asked = BasculeDemandee {
                service_ent: input.service_ent.into(),
                ouvert: input.ouvert,
                profils,
                motif: input.motif.clone(),
                le: input.le,
            };
            Ok((portail.clone(), commands.basculer_service_ent(demande, portail, asked).await?))
        })
    }

    /// Donne à un portail son apparence, si elle est lisible.
    async fn definir_theme(
        &self,
        ctx: &Context<'_>,
        input: DefinirThemeInput,
    ) -> Result<DefinirThemePayload> {
        tell!(ctx, "definirTheme", input, DefinirThemePayload, |commands, demande| {
            let portail = portail_id(&input.portail)?;
            let apparence = Apparence {
                titre: input.titre.clone(),
                fond: couleur("fond", &input.fond)?,
                texte: couleur("texte", &input.texte)?,
                accent: couleur("accent", &input.accent)?,
            };
            Ok((portail.clone(), commands.definir_theme(demande, portail, apparence).await?))
        })
    }
}
