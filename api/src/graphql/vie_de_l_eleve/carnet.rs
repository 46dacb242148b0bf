//! The carnet de correspondance.

use super::{may_dossier, stored};
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault};
use crate::graphql::errors::Refus;
use crate::graphql::ids::global;
use crate::graphql::named::{mot_id, personne_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::{DateTime, NaiveDate, Utc};
use commands::rights::Action;
use domain::vie_de_l_eleve as domaine;
use domain::{MotId, PersonneId};
use projections::vie_de_l_eleve::{self as views, Carnets};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Carnets::NAME, Carnets::VERSION);

/// Ce qu'est un mot du carnet.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::NatureMot")]
pub enum NatureDeMot {
    Information,
    Observation,
    Encouragement,
    /// D'un responsable à l'école.
    DeLaFamille,
}

/// Un mot du carnet de correspondance.
pub struct Mot(pub views::Mot);

#[Object]
/// Un mot du carnet de correspondance.
impl Mot {
    pub async fn id(&self) -> ID {
        global("Mot", self.0.id)
    }

    async fn nature(&self) -> Result<NatureDeMot> {
        stored::<domaine::NatureMot, _>(&self.0.nature)
    }

    async fn texte(&self) -> &str {
        &self.0.texte
    }

    /// Qui l'a écrit.
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.auteur).await
    }

    async fn ecrit_le(&self) -> DateTime<Utc> {
        self.0.ecrit_le
    }

    /// Qui doit en accuser réception, et qui l'a fait.
    #[graphql(complexity = "4 * child_complexity + 1")]
    async fn destinataires(&self, ctx: &Context<'_>) -> Result<Vec<DestinataireDeMot>> {
        let rows = ctx.requete()?.loaders().destinataires_of.load_one(self.0.id).await.map_err(fault)?;
        Ok(rows.unwrap_or_default().into_iter().map(DestinataireDeMot).collect())
    }
}

impl Mot {
    /// The word, for who wrote it and who may read the pupil's carnet.
    pub async fn load(ctx: &Context<'_>, id: MotId) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(row) = Carnets::by_id(requete.views(), id.0).await.map_err(fault)? else { return Ok(None) };
        let may = may_dossier(ctx, Action::LireVieEleve, row.eleve, &row.portail).await?
            || (may_dossier(ctx, Action::EcrireAuCarnet, row.eleve, &row.portail).await?
                && requete.acteur().await?.is(PersonneId(row.auteur)));
        Ok(may.then_some(Self(row)))
    }
}

/// Qui doit accuser réception d'un mot.
pub struct DestinataireDeMot(views::DestinataireDeMot);

#[Object]
/// Qui doit accuser réception d'un mot.
impl DestinataireDeMot {
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.personne).await
    }

    /// Quand il l'a fait ; rien tant qu'il ne l'a pas fait.
    async fn signe_le(&self) -> Option<NaiveDate> {
        self.0.signe_le
    }
}

/// Le mot à écrire.
#[derive(InputObject)]
pub struct EcrireMotInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    eleve_id: ID,
    nature: NatureDeMot,
    texte: String,
}

/// Ce qu'un responsable écrit à l'école.
#[derive(InputObject)]
pub struct EcrireALEcoleInput {
    client_mutation_id: Option<Uuid>,
    eleve_id: ID,
    texte: String,
}

/// Le mot dont on accuse réception.
#[derive(InputObject)]
pub struct SignerMotInput {
    client_mutation_id: Option<Uuid>,
    mot_id: ID,
}

payload!(
    /// Réponse d'`ecrireMot`.
    EcrireMotPayload, mot: Mot, MotId, VIEW, Mot::load
);
payload!(
    /// Réponse d'`ecrireALEcole`.
    EcrireALEcolePayload, mot: Mot, MotId, VIEW, Mot::load
);
payload!(
    /// Réponse de `signerMot`.
    SignerMotPayload, mot: Mot, MotId, VIEW, Mot::load
);

/// Mutations of the carnet.
#[derive(Default)]
pub struct CarnetMutation;

#[Object]
impl CarnetMutation {
    /// Écrit au carnet d'un élève : chacun de ses responsables en accuse réception.
    async fn ecrire_mot(&self, ctx: &Context<'_>, input: EcrireMotInput) -> Result<EcrireMotPayload> {
        tell!(ctx, "ecrireMot", input, EcrireMotPayload, |commands, demande| {
            if input.nature == NatureDeMot::DeLaFamille {
                let message =
                    "Un mot de la famille s'écrit par « ecrireALEcole » : choisissez une autre nature.";
                return Err(Refus::invalid("nature", message).into());
            }
            let eleve = personne_id("eleveId", &input.eleve_id)?;
            Ok(commands.ecrire_mot(demande, eleve, input.nature.into(), input.texte.clone()).await?)
        })
    }

    /// Écrit à l'école au sujet de son enfant.
    async fn ecrire_a_l_ecole(
        &self,
        ctx: &Context<'_>,
        input: EcrireALEcoleInput,
    ) -> Result<EcrireALEcolePayload> {
        tell!(ctx, "ecrireALEcole", input, EcrireALEcolePayload, |commands, demande| {
            let eleve = personne_id("eleveId", &input.eleve_id)?;
            Ok(commands.ecrire_a_l_ecole(demande, eleve, input.texte.clone()).await?)
        })
    }

    /// Accuse réception d'un mot, pour soi.
    async fn signer_mot(&self, ctx: &Context<'_>, input: SignerMotInput) -> Result<SignerMotPayload> {
        tell!(ctx, "signerMot", input, SignerMotPayload, |commands, demande| {
            let id = mot_id(&input.mot_id)?;
            Ok((id, commands.signer_mot(demande, id).await?))
        })
    }
}
