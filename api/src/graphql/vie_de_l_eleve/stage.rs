//! Stages en entreprise.

use super::{etablissement, may_constat, may_dossier, stored};
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault, top_level};
use crate::graphql::ids::global;
use crate::graphql::named::{personne_id, stage_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::NaiveDate;
use commands::rights::Action;
use commands::rights_of;
use commands::vie_de_l_eleve::{StageDemande, TuteurDemande};
use domain::annuaire::EtatCivil;
use domain::vie_de_l_eleve as domaine;
use domain::{CompteId, PersonneId, StageId};
use projections::vie_de_l_eleve::{self as views, Stages, Tuteurs};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Stages::NAME, Stages::VERSION);

/// That of the accounts to which stages are open.
const TUTEURS: (&str, i32) = (Tuteurs::NAME, Tuteurs::VERSION);

/// Une partie à la convention de stage.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::PartieStage")]
pub enum PartieDeStage {
    /// L'établissement, par son chef.
    Etablissement,
    /// L'entreprise : par le compte de son tuteur, ou sur papier, telle que l'établissement l'inscrit.
    Entreprise,
    Eleve,
    /// Qui répond d'un élève mineur.
    Responsable,
}

/// Un stage en entreprise.
pub struct Stage(pub views::Stage);

#[Object]
/// Un stage en entreprise.
impl Stage {
    pub async fn id(&self) -> ID {
        global("Stage", self.0.id)
    }

    /// L'élève en stage.
    async fn eleve(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.eleve).await
    }

    async fn entreprise(&self) -> &str {
        &self.0.entreprise
    }

    /// Qui suit l'élève dans l'entreprise.
    async fn tuteur(&self) -> &str {
        &self.0.tuteur
    }

    /// Le compte de tuteur auquel le stage est ouvert, pour qui le suit à l'école ; rien s'il ne l'est à aucun,
    /// ou ne l'est plus.
    #[graphql(complexity = "4 * child_complexity + 1")]
    async fn compte_du_tuteur(&self, ctx: &Context<'_>) -> Result<Option<CompteDeTuteur>> {
        let requete = ctx.requete()?;
        let over = self.0.is_over(requete.commands().today());
        if over || !may_constat(ctx, (self.0.id, self.0.referent), &self.0.portail).await? {
            return Ok(None);
        }
        let row = requete.loaders().tuteurs_of.load_one(self.0.id).await.map_err(fault)?;
        Ok(row.map(CompteDeTuteur))
    }

    async fn du(&self) -> NaiveDate {
        self.0.du
    }

    async fn au(&self) -> NaiveDate {
        self.0.au
    }

    async fn activites(&self) -> &str {
        &self.0.activites
    }

    /// L'enseignant qui suit le stage.
    async fn referent(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.referent).await
    }

    /// Quand tous ont signé ; rien avant.
    async fn conclu_le(&self) -> Option<NaiveDate> {
        self.0.conclu_le
    }

    /// Qui a signé la convention.
    #[graphql(complexity = "4 * child_complexity + 1")]
    async fn signatures(&self, ctx: &Context<'_>) -> Result<Vec<SignatureDeStage>> {
        let rows = ctx.requete()?.loaders().signatures_of.load_one(self.0.id).await.map_err(fault)?;
        Ok(rows.unwrap_or_default().into_iter().map(SignatureDeStage).collect())
    }

    /// Les visites de l'enseignant référent ; aucune pour le tuteur : ce qui en est dit reste à l'école et à
    /// la famille.
    #[graphql(complexity = "4 * child_complexity + 1")]
    async fn visites(&self, ctx: &Context<'_>) -> Result<Vec<VisiteDeStage>> {
        if !de_l_ecole(ctx, &self.0).await? {
            return Ok(vec![]);
        }
        let rows = ctx.requete()?.loaders().visites_of.load_one(self.0.id).await.map_err(fault)?;
        Ok(rows.unwrap_or_default().into_iter().map(VisiteDeStage).collect())
    }
}

impl Stage {
    /// The stage, for its référent and for who may read the pupil's life; for its tuteur, while it lasts.
    pub async fn load(ctx: &Context<'_>, id: StageId) -> Result<Option<Self>> {
        let found = Stages::by_id(ctx.requete()?.views(), id.0).await.map_err(fault)?;
        let Some(row) = found else { return Ok(None) };
        let may = de_l_ecole(ctx, &row).await? || du_tuteur(ctx, &row).await?;
        Ok(may.then_some(Self(row)))
    }

    /// The stages of which who asks is the tuteur, while they last.
    pub async fn accueillis(ctx: &Context<'_>) -> Result<Vec<Self>> {
        let (requete, acteur) = (ctx.requete()?, ctx.requete()?.acteur().await?);
        let fiches: Vec<_> = acteur.identites().iter().map(|fiche| fiche.0).collect();
        let today = requete.commands().today();
        let rows = Tuteurs::stages_de(requete.views(), &fiches, today).await.map_err(fault)?;
        let mut accueillis = Vec::with_capacity(rows.len());
        for row in rows {
            if du_tuteur(ctx, &row).await? {
                accueillis.push(Self(row));
            }
        }
        Ok(accueillis)
    }
}

/// Whether who asks follows the stage, or may read the pupil's life.
async fn de_l_ecole(ctx: &Context<'_>, row: &views::Stage) -> Result<bool> {
    Ok(may_constat(ctx, (row.id, row.referent), &row.portail).await?
        || may_dossier(ctx, Action::LireVieEleve, row.eleve, &row.portail).await?)
}

/// Whether who asks looks after the pupil in the company, while the stage lasts.
async fn du_tuteur(ctx: &Context<'_>, row: &views::Stage) -> Result<bool> {
    let requete = ctx.requete()?;
    let Some(tuteur) = requete.commands().tuteur_de(row).await.map_err(top_level)? else { return Ok(false) };
    let Some(place) = etablissement(ctx, &row.portail).await? else { return Ok(false) };
    requete.may(Action::LireSonStage, &rights_of::constat(row.id, place, tuteur)).await
}

/// Un compte de tuteur auquel un stage est ouvert.
pub struct CompteDeTuteur(views::TuteurDeStage);

#[Object]
/// Un compte de tuteur auquel un stage est ouvert.
impl CompteDeTuteur {
    /// Identifiant du compte.
    async fn compte(&self) -> Uuid {
        CompteId::personnel(PersonneId(self.0.tuteur)).0
    }

    /// De qui il est.
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.tuteur).await
    }

    /// Depuis quel jour le stage lui est ouvert.
    async fn depuis(&self) -> NaiveDate {
        self.0.depuis
    }
}

/// Une signature de convention.
pub struct SignatureDeStage(views::SignatureDeStage);

#[Object]
/// Une signature de convention.
impl SignatureDeStage {
    async fn partie(&self) -> Result<PartieDeStage> {
        stored::<domaine::PartieStage, _>(&self.0.partie)
    }

    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.par).await
    }

    async fn le(&self) -> NaiveDate {
        self.0.le
    }
}

/// Une visite de l'enseignant référent.
pub struct VisiteDeStage(views::VisiteDeStage);

#[Object]
/// Une visite de l'enseignant référent.
impl VisiteDeStage {
    async fn le(&self) -> NaiveDate {
        self.0.le
    }

    async fn compte_rendu(&self) -> &str {
        &self.0.compte_rendu
    }

    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.par).await
    }
}

/// Le stage à préparer.
#[derive(InputObject)]
pub struct PreparerStageInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    eleve_id: ID,
    entreprise: String,
    tuteur: String,
    du: NaiveDate,
    au: NaiveDate,
    activites: String,
    /// L'enseignant qui suivra le stage.
    referent_id: ID,
}

/// La convention à signer.
#[derive(InputObject)]
pub struct SignerConventionInput {
    client_mutation_id: Option<Uuid>,
    stage_id: ID,
    /// Pour qui : chacun signe pour ce qu'il est.
    partie: PartieDeStage,
}

/// Le tuteur en entreprise à qui ouvrir un stage.
#[derive(InputObject)]
pub struct DesignerTuteurInput {
    client_mutation_id: Option<Uuid>,
    stage_id: ID,
    /// Choisi par qui saisit : le même redonné est la même personne, pour d'autres stages aussi.
    identifiant: Uuid,
    civilite: Option<String>,
    nom: String,
    prenom: String,
    courriel: Option<String>,
}

/// Le stage à retirer au compte de son tuteur.
#[derive(InputObject)]
pub struct RetirerTuteurInput {
    client_mutation_id: Option<Uuid>,
    stage_id: ID,
    /// Pourquoi, en 500 caractères au plus.
    motif: String,
}

/// La visite dont on rend compte.
#[derive(InputObject)]
pub struct RendreCompteDeVisiteInput {
    client_mutation_id: Option<Uuid>,
    stage_id: ID,
    le: NaiveDate,
    compte_rendu: String,
}

payload!(
    /// Réponse de `preparerStage`.
    PreparerStagePayload, stage: Stage, StageId, VIEW, Stage::load
);
payload!(
    /// Réponse de `signerConvention`.
    SignerConventionPayload, stage: Stage, StageId, VIEW, Stage::load
);
payload!(
    /// Réponse de `designerTuteur`.
    DesignerTuteurPayload, stage: Stage, StageId, TUTEURS, Stage::load
);
payload!(
    /// Réponse de `retirerTuteur`.
    RetirerTuteurPayload, stage: Stage, StageId, TUTEURS, Stage::load
);
payload!(
    /// Réponse de `rendreCompteDeVisite`.
    RendreCompteDeVisitePayload, stage: Stage, StageId, VIEW, Stage::load
);

/// Mutations of stages.
#[derive(Default)]
pub struct StageMutation;

#[Object]
impl StageMutation {
    /// Prépare le stage d'un élève.
    async fn preparer_stage(
        &self,
        ctx: &Context<'_>,
        input: PreparerStageInput,
    ) -> Result<PreparerStagePayload> {
        tell!(ctx, "preparerStage", input, PreparerStagePayload, |commands, demande| {
            let stage = StageDemande {
                eleve: personne_id("eleveId", &input.eleve_id)?,
                fiche: domaine::FicheStage {
                    entreprise: input.entreprise.clone(),
                    tuteur: input.tuteur.clone(),
                    du: input.du,
                    au: input.au,
                    activites: input.activites.clone(),
                },
                referent: personne_id("referentId", &input.referent_id)?,
            };
            Ok(commands.preparer_stage(demande, stage).await?)
        })
    }

    /// Signe une convention de stage.
    async fn signer_convention(
        &self,
        ctx: &Context<'_>,
        input: SignerConventionInput,
    ) -> Result<SignerConventionPayload> {
        tell!(ctx, "signerConvention", input, SignerConventionPayload, |commands, demande| {
            let id = stage_id(&input.stage_id)?;
            Ok((id, commands.signer_convention(demande, id, input.partie.into()).await?))
        })
    }

    /// Ouvre un stage au compte de son tuteur en entreprise, jusqu'au dernier jour : il le lit, et signe la
    /// convention pour l'entreprise. Rien d'autre ne lui est ouvert.
    async fn designer_tuteur(
        &self,
        ctx: &Context<'_>,
        input: DesignerTuteurInput,
    ) -> Result<DesignerTuteurPayload> {
        tell!(ctx, "designerTuteur", input, DesignerTuteurPayload, |commands, demande| {
            let id = stage_id(&input.stage_id)?;
            let etat_civil = EtatCivil {
                nom: input.nom.clone(),
                prenom: input.prenom.clone(),
                civilite: input.civilite.clone(),
                courriel: input.courriel.clone(),
                ..EtatCivil::default()
            };
            let tuteur = TuteurDemande { identifiant: input.identifiant, etat_civil };
            Ok((id, commands.designer_tuteur(demande, id, tuteur).await?))
        })
    }

    /// Retire un stage au compte de son tuteur en entreprise : il ne le lit plus, et ne signe plus pour
    /// l'entreprise. Ce qu'il a signé le reste.
    async fn retirer_tuteur(
        &self,
        ctx: &Context<'_>,
        input: RetirerTuteurInput,
    ) -> Result<RetirerTuteurPayload> {
        tell!(ctx, "retirerTuteur", input, RetirerTuteurPayload, |commands, demande| {
            let id = stage_id(&input.stage_id)?;
            Ok((id, commands.retirer_tuteur(demande, id, input.motif.clone()).await?))
        })
    }

    /// Rend compte d'une visite à l'élève en stage.
    async fn rendre_compte_de_visite(
        &self,
        ctx: &Context<'_>,
        input: RendreCompteDeVisiteInput,
    ) -> Result<RendreCompteDeVisitePayload> {
        tell!(ctx, "rendreCompteDeVisite", input, RendreCompteDeVisitePayload, |commands, demande| {
            let id = stage_id(&input.stage_id)?;
            let compte_rendu = input.compte_rendu.clone();
            Ok((id, commands.rendre_compte_de_visite(demande, id, input.le, compte_rendu).await?))
        })
    }
}
