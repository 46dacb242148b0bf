//! Mutations of publications.

use super::{AudienceDePublication, Publication, VIEW};
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::named::publication_id;
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use commands::publications::ParutionDemandee;
use domain::PublicationId;
use domain::publications::Contenu;
use uuid::Uuid;

/// L'actualité à écrire.
#[derive(InputObject)]
pub struct RedigerActualiteInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    /// Nom d'hôte du portail.
    portail: String,
    titre: String,
    /// Texte brut.
    corps: String,
}

/// La nouvelle version à écrire.
#[derive(InputObject)]
pub struct ModifierPublicationInput {
    client_mutation_id: Option<Uuid>,
    publication_id: ID,
    titre: String,
    corps: String,
}

/// La publication à proposer.
#[derive(InputObject)]
pub struct SoumettrePublicationInput {
    client_mutation_id: Option<Uuid>,
    publication_id: ID,
}

/// La publication à mettre en ligne.
#[derive(InputObject)]
pub struct PublierPublicationInput {
    client_mutation_id: Option<Uuid>,
    publication_id: ID,
    /// La version que vous avez relue.
    version: u32,
    audience: AudienceDePublication,
    /// Maintenant, par défaut ; jamais plus tôt.
    du: Option<DateTime<Utc>>,
    /// Exclu ; sans fin, par défaut.
    au: Option<DateTime<Utc>>,
}

/// La publication à retirer.
#[derive(InputObject)]
pub struct RetirerPublicationInput {
    client_mutation_id: Option<Uuid>,
    publication_id: ID,
    motif: String,
}

payload!(
    /// Réponse de `redigerActualite`.
    RedigerActualitePayload, publication: Publication, PublicationId, VIEW, load
);
payload!(
    /// Réponse de `modifierPublication`.
    ModifierPublicationPayload, publication: Publication, PublicationId, VIEW, load
);
payload!(
    /// Réponse de `soumettrePublication`.
    SoumettrePublicationPayload, publication: Publication, PublicationId, VIEW, load
);
payload!(
    /// Réponse de `publierPublication`.
    PublierPublicationPayload, publication: Publication, PublicationId, VIEW, load,
    sealed "publications.publication.publiee"
);
payload!(
    /// Réponse de `retirerPublication`.
    RetirerPublicationPayload, publication: Publication, PublicationId, VIEW, load,
    sealed "publications.publication.retiree"
);

async fn load(ctx: &Context<'_>, publication: PublicationId) -> Result<Option<Publication>> {
    Publication::load(ctx, publication.0).await
}

/// Mutations of publications.
#[derive(Default)]
pub struct PublicationsMutation;

#[Object]
impl PublicationsMutation {
    /// Écrit une actualité ; elle reste un brouillon jusqu'à sa mise en ligne.
    async fn rediger_actualite(
        &self,
        ctx: &Context<'_>,
        input: RedigerActualiteInput,
    ) -> Result<RedigerActualitePayload> {
        tell!(ctx, "redigerActualite", input, RedigerActualitePayload, |commands, demande| {
            let portail = input.portail.parse().map_err(|error| Refus::invalid("portail", error))?;
            let publication = PublicationId::derived(&[&demande.commande.to_string()]);
            let contenu = Contenu { titre: input.titre.clone(), corps: input.corps.clone() };
            let written = commands.rediger_actualite(demande, publication, portail, contenu);
            Ok((publication, written.await?))
        })
    }

    /// Écrit une nouvelle version ; ce qui est en ligne ne change qu'à la mise en ligne suivante.
    async fn modifier_publication(
        &self,
        ctx: &Context<'_>,
        input: ModifierPublicationInput,
    ) -> Result<ModifierPublicationPayload> {
        tell!(ctx, "modifierPublication", input, ModifierPublicationPayload, |commands, demande| {
            let publication = publication_id(&input.publication_id)?;
            let contenu = Contenu { titre: input.titre.clone(), corps: input.corps.clone() };
            Ok((publication, commands.modifier_publication(demande, publication, contenu).await?))
        })
    }

    /// Propose la dernière version au directeur de la publication.
    async fn soumettre_publication(
        &self,
        ctx: &Context<'_>,
        input: SoumettrePublicationInput,
    ) -> Result<SoumettrePublicationPayload> {
        tell!(ctx, "soumettrePublication", input, SoumettrePublicationPayload, |commands, demande| {
            let publication = publication_id(&input.publication_id)?;
            Ok((publication, commands.soumettre_publication(demande, publication).await?))
        })
    }

    /// Met en ligne la dernière version, si c'est celle qui a été relue : le directeur de la publication en
    /// répond. Dans un espace modéré a priori lui seul le fait ; a posteriori, l'auteur aussi, la première fois.
    async fn publier_publication(
        &self,
        ctx: &Context<'_>,
        input: PublierPublicationInput,
    ) -> Result<PublierPublicationPayload> {
        tell!(ctx, "publierPublication", input, PublierPublicationPayload, |commands, demande| {
            let publication = publication_id(&input.publication_id)?;
            let asked = ParutionDemandee {
                version: input.version,
                audience: input.audience.into(),
                du: input.du,
                au: input.au,
            };
            Ok((publication, commands.publier_publication(demande, publication, asked).await?))
        })
    }

    /// Retire une publication pour toujours, avec son motif.
    async fn retirer_publication(
        &self,
        ctx: &Context<'_>,
        input: RetirerPublicationInput,
    ) -> Result<RetirerPublicationPayload> {
        tell!(ctx, "retirerPublication", input, RetirerPublicationPayload, |commands, demande| {
            let publication = publication_id(&input.publication_id)?;
            let motif = input.motif.clone();
            Ok((publication, commands.retirer_publication(demande, publication, motif).await?))
        })
    }
}
