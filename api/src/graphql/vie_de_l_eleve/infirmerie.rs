//! The infirmerie: that a pupil was there, and for the infirmier alone, why.

use super::{may_dossier, stored};
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault};
use crate::graphql::ids::global;
use crate::graphql::named::{passage_id, personne_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use commands::rights::Action;
use domain::PassageId;
use domain::vie_de_l_eleve as domaine;
use projections::vie_de_l_eleve::{self as views, Infirmeries};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Infirmeries::NAME, Infirmeries::VERSION);

/// Où va l'élève qui quitte l'infirmerie.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::Orientation")]
pub enum OrientationDePassage {
    RetourEnClasse,
    RemisALaFamille,
    Secours,
}

/// Un passage à l'infirmerie.
pub struct Passage(pub views::Passage);

#[Object]
/// Un passage à l'infirmerie.
impl Passage {
    pub async fn id(&self) -> ID {
        global("Passage", self.0.id)
    }

    async fn arrivee(&self) -> DateTime<Utc> {
        self.0.arrivee
    }

    /// Rien tant que l'élève y est.
    async fn depart(&self) -> Option<DateTime<Utc>> {
        self.0.depart
    }

    async fn orientation(&self) -> Result<Option<OrientationDePassage>> {
        self.0.orientation.as_deref().map(stored::<domaine::Orientation, _>).transpose()
    }

    /// Pourquoi il est venu et ce qui a été fait, pour l'infirmier seul ; rien pour les autres.
    #[graphql(complexity = "4 * child_complexity + 1")]
    async fn soins(&self, ctx: &Context<'_>) -> Result<Option<Vec<Soin>>> {
        if !may_dossier(ctx, Action::LireSoins, self.0.eleve, &self.0.portail).await? {
            return Ok(None);
        }
        let rows = ctx.requete()?.loaders().soins_of.load_one(self.0.id).await.map_err(fault)?;
        Ok(Some(rows.unwrap_or_default().into_iter().map(Soin).collect()))
    }
}

impl Passage {
    /// The passage, for who may know of it.
    pub async fn load(ctx: &Context<'_>, id: PassageId) -> Result<Option<Self>> {
        let found = Infirmeries::by_id(ctx.requete()?.views(), id.0).await.map_err(fault)?;
        let Some(row) = found else { return Ok(None) };
        let may = may_dossier(ctx, Action::LirePassages, row.eleve, &row.portail).await?;
        Ok(may.then_some(Self(row)))
    }
}

/// Un soin.
pub struct Soin(views::Soin);

#[Object]
/// Un soin.
impl Soin {
    async fn motif(&self) -> &str {
        &self.0.motif
    }

    async fn soin(&self) -> &str {
        &self.0.soin
    }

    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.par).await
    }

    async fn le(&self) -> DateTime<Utc> {
        self.0.le
    }
}

/// L'élève reçu à l'infirmerie.
#[derive(InputObject)]
pub struct OuvrirPassageInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    eleve_id: ID,
}

/// Le soin à consigner.
#[derive(InputObject)]
pub struct ConsignerSoinInput {
    client_mutation_id: Option<Uuid>,
    passage_id: ID,
    motif: String,
    soin: String,
}

/// L'élève qui repart.
#[derive(InputObject)]
pub struct ClorePassageInput {
    client_mutation_id: Option<Uuid>,
    passage_id: ID,
    orientation: OrientationDePassage,
}

payload!(
    /// Réponse d'`ouvrirPassage`.
    OuvrirPassagePayload, passage: Passage, PassageId, VIEW, Passage::load
);
payload!(
    /// Réponse de `consignerSoin`.
    ConsignerSoinPayload, passage: Passage, PassageId, VIEW, Passage::load
);
payload!(
    /// Réponse de `clorePassage`.
    ClorePassagePayload, passage: Passage, PassageId, VIEW, Passage::load
);

/// Mutations of the infirmerie.
#[derive(Default)]
pub struct InfirmerieMutation;

#[Object]
impl InfirmerieMutation {
    /// Reçoit un élève à l'infirmerie.
    async fn ouvrir_passage(
        &self,
        ctx: &Context<'_>,
        input: OuvrirPassageInput,
    ) -> Result<OuvrirPassagePayload> {
        tell!(ctx, "ouvrirPassage", input, OuvrirPassagePayload, |commands, demande| {
            let eleve = personne_id("eleveId", &input.eleve_id)?;
            Ok(commands.ouvrir_passage(demande, eleve).await?)
        })
    }

    /// Consigne un soin, que l'infirmier seul lira.
    async fn consigner_soin(
        &self,
        ctx: &Context<'_>,
        input: ConsignerSoinInput,
    ) -> Result<ConsignerSoinPayload> {
        tell!(ctx, "consignerSoin", input, ConsignerSoinPayload, |commands, demande| {
            let id = passage_id(&input.passage_id)?;
            let (motif, soin) = (input.motif.clone(), input.soin.clone());
            Ok((id, commands.consigner_soin(demande, id, motif, soin).await?))
        })
    }

    /// Laisse repartir un élève.
    async fn clore_passage(
        &self,
        ctx: &Context<'_>,
        input: ClorePassageInput,
    ) -> Result<ClorePassagePayload> {
        tell!(ctx, "clorePassage", input, ClorePassagePayload, |commands, demande| {
            let id = passage_id(&input.passage_id)?;
            Ok((id, commands.clore_passage(demande, id, input.orientation.into()).await?))
        })
    }
}
