//! Mutations of comptes.

use super::{Acces, ProfilTenu, VIEW};
use crate::graphql::annuaire::Profil;
use crate::graphql::context::{Here, fault, top_level};
use crate::graphql::errors::Refus;
use crate::graphql::named::etablissement_id;
use crate::graphql::payload::{outcome, payload, tell};
use crate::identity::sessions::Sessions;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use commands::UseCaseError;
use domain::identite::{CleExterne, FinDeSession, FournisseurId, NatureDeCle};
use domain::{CompteId, LiaisonId, identite as domaine};
use projections::identite::Comptes;
use uuid::Uuid;

/// Nature d'une clé de fournisseur d'identité.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::identite::NatureDeCle")]
pub enum NatureDeCleExterne {
    /// `académie$clé`
    Jointure,
    /// `{AAF}académie|…|clé`
    Educonnect,
    /// `profil|nom|prénom|idEleve|UAI`
    FrEduVecteur,
    /// Un nom propre au fournisseur.
    Identifiant,
}

/// Le profil sous lequel agir.
#[derive(InputObject)]
pub struct ChoisirProfilInput {
    client_mutation_id: Option<Uuid>,
    etablissement_id: ID,
    profil: Profil,
}

/// L'identité à lier.
#[derive(InputObject)]
pub struct LierIdentiteInput {
    client_mutation_id: Option<Uuid>,
    /// Compte qu'elle ouvrira.
    compte: Uuid,
    /// Nom du fournisseur d'identité.
    fournisseur: String,
    nature: NatureDeCleExterne,
    /// La clé, telle que le fournisseur l'écrit.
    cle: String,
}

/// La liaison à rompre.
#[derive(InputObject)]
pub struct RompreLiaisonInput {
    client_mutation_id: Option<Uuid>,
    liaison: Uuid,
    motif: String,
}

/// Le compte à verrouiller.
#[derive(InputObject)]
pub struct VerrouillerCompteInput {
    client_mutation_id: Option<Uuid>,
    compte: Uuid,
    motif: String,
}

/// Le compte à déverrouiller.
#[derive(InputObject)]
pub struct DeverrouillerCompteInput {
    client_mutation_id: Option<Uuid>,
    compte: Uuid,
    motif: String,
}

payload!(
    /// Réponse de `choisirProfil`.
    ChoisirProfilPayload, profil: ProfilTenu, domaine::ProfilTenu, VIEW, chosen
);
payload!(
    /// Réponse de `lierIdentite`.
    LierIdentitePayload, acces: Acces, CompteId, VIEW, Acces::load
);
payload!(
    /// Réponse de `rompreLiaison`.
    RompreLiaisonPayload, acces: Acces, CompteId, VIEW, Acces::load
);
payload!(
    /// Réponse de `verrouillerCompte`.
    VerrouillerComptePayload, acces: Acces, CompteId, VIEW, Acces::load
);
payload!(
    /// Réponse de `deverrouillerCompte`.
    DeverrouillerComptePayload, acces: Acces, CompteId, VIEW, Acces::load
);

async fn chosen(_: &Context<'_>, choix: domaine::ProfilTenu) -> Result<Option<ProfilTenu>> {
    Ok(Some(ProfilTenu(choix)))
}

fn cle(input: &LierIdentiteInput) -> Result<(FournisseurId, CleExterne), Refus> {
    let fournisseur = input.fournisseur.parse().map_err(|error| Refus::invalid("fournisseur", error))?;
    let nature: NatureDeCle = input.nature.into();
    let cle = CleExterne::read(nature, &input.cle);
    Ok((fournisseur, cle.map_err(|_| Refus::invalid("cle", "Cette clé n'est pas de la nature annoncée."))?))
}

/// Mutations of comptes.
#[derive(Default)]
pub struct IdentiteMutation;

#[Object]
impl IdentiteMutation {
    /// Choisit le profil sous lequel agir dans cette session : les droits ne viennent plus que de lui.
    async fn choisir_profil(
        &self,
        ctx: &Context<'_>,
        input: ChoisirProfilInput,
    ) -> Result<ChoisirProfilPayload> {
        let requete = ctx.requete()?;
        let outcome = outcome!(ctx, "choisirProfil", input, |demande| {
            let etablissement = etablissement_id(&input.etablissement_id)?;
            let choix = domaine::ProfilTenu { etablissement, profil: input.profil.into() };
            let identite = requete.identite();
            let (Some(session), Some(sessions)) = (identite.session(), ctx.data_opt::<Sessions>()) else {
                return Err(UseCaseError::Interdit.into());
            };
            let portail = sessions.portail(session.id).await.map_err(UseCaseError::fault)?;
            let portail = portail.ok_or(UseCaseError::Interdit)?;
            let recorded = requete.commands().choisir_profil(demande, session.id, portail, choix).await?;
            sessions.choose(session.id, choix).await.map_err(UseCaseError::fault)?;
            Ok((choix, recorded))
        });
        outcome.await.map(ChoisirProfilPayload)
    }

    /// Dit quel compte ouvre une identité d'un fournisseur.
    async fn lier_identite(
        &self,
        ctx: &Context<'_>,
        input: LierIdentiteInput,
    ) -> Result<LierIdentitePayload> {
        tell!(ctx, "lierIdentite", input, LierIdentitePayload, |commands, demande| {
            let ((fournisseur, cle), compte) = (cle(input)?, CompteId(input.compte));
            let (_, recorded) = commands.lier_identite(demande, compte, fournisseur, cle).await?;
            Ok((compte, recorded))
        })
    }

    /// Détache une identité de son compte : elle n'ouvre plus rien.
    async fn rompre_liaison(
        &self,
        ctx: &Context<'_>,
        input: RompreLiaisonInput,
    ) -> Result<RompreLiaisonPayload> {
        let commands = ctx.requete()?.commands();
        let outcome = outcome!(ctx, "rompreLiaison", input, |demande| {
            let (liaison, motif) = (LiaisonId(input.liaison), input.motif.clone());
            Ok(commands.rompre_liaison(demande, liaison, motif).await?)
        })
        .await?;
        if outcome.position().is_some() {
            let broken = Comptes::liaisons(ctx.requete()?.views(), &[input.liaison]).await.map_err(fault)?;
            for row in broken {
                end_sessions(ctx, CompteId(row.compte)).await?;
            }
        }
        Ok(RompreLiaisonPayload(outcome))
    }

    /// Verrouille un compte jusqu'à ce que quelqu'un le déverrouille, et met fin à ses sessions.
    async fn verrouiller_compte(
        &self,
        ctx: &Context<'_>,
        input: VerrouillerCompteInput,
    ) -> Result<VerrouillerComptePayload> {
        let commands = ctx.requete()?.commands();
        let outcome = outcome!(ctx, "verrouillerCompte", input, |demande| {
            let (compte, motif) = (CompteId(input.compte), input.motif.clone());
            Ok((compte, commands.verrouiller_compte(demande, compte, motif).await?))
        })
        .await?;
        if outcome.position().is_some() {
            end_sessions(ctx, CompteId(input.compte)).await?;
        }
        Ok(VerrouillerComptePayload(outcome))
    }

    /// Déverrouille un compte.
    async fn deverrouiller_compte(
        &self,
        ctx: &Context<'_>,
        input: DeverrouillerCompteInput,
    ) -> Result<DeverrouillerComptePayload> {
        tell!(ctx, "deverrouillerCompte", input, DeverrouillerComptePayload, |commands, demande| {
            let (compte, motif) = (CompteId(input.compte), input.motif.clone());
            Ok((compte, commands.deverrouiller_compte(demande, compte, motif).await?))
        })
    }
}

/// What a locked compte has open ends, here and now.
async fn end_sessions(ctx: &Context<'_>, compte: CompteId) -> Result<()> {
    let Some(sessions) = ctx.data_opt::<Sessions>() else { return Ok(()) };
    let commands = ctx.requete()?.commands();
    for finie in sessions.close_all(compte).await.map_err(fault)? {
        let Some(portail) = finie.portail() else { continue };
        let ended = commands.clore_session(finie.compte(), finie.id(), portail, FinDeSession::Verrouillage);
        ended.await.map_err(top_level)?;
    }
    Ok(())
}
