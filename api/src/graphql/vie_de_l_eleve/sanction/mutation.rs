//! Mutations of procedures: what they take, what they answer.

use super::{
    CasDEngagement, CauseDEffacement, DegreDeSanction, FormeDeDefense, NatureDeRecours, NatureDeSanction,
    Sanction, VIEW, VoieDeNotification,
};
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::named::{incident_id, personne_id, sanction_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::NaiveDate;
use commands::vie_de_l_eleve::{InformationDemandee, ProcedureDemandee, RevocationDemandee};
use domain::SanctionId;
use domain::vie_de_l_eleve as domaine;
use uuid::Uuid;

/// La procédure à engager.
#[derive(InputObject)]
pub struct EngagerProcedureInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    eleve_id: ID,
    /// Les faits reprochés.
    griefs: String,
    /// Ce qui oblige à l'engager, s'il y a obligation.
    cas: Option<CasDEngagement>,
    /// L'incident qui l'appelle, s'il est signalé.
    incident_id: Option<ID>,
}

/// Ce dont l'élève est informé.
#[derive(InputObject)]
pub struct InformerEleveInput {
    client_mutation_id: Option<Uuid>,
    sanction_id: ID,
    /// Jours ouvrables pour préparer sa défense, deux au moins.
    #[graphql(default = 2, validator(minimum = 0, maximum = 60))]
    jours: u8,
    /// Jour de la séance du conseil de discipline, s'il est saisi.
    conseil_le: Option<NaiveDate>,
}

/// La défense de l'élève.
#[derive(InputObject)]
pub struct RecueillirDefenseInput {
    client_mutation_id: Option<Uuid>,
    sanction_id: ID,
    forme: FormeDeDefense,
    /// Ce qu'il dit ou écrit, si la forme est `ORALE` ou `ECRITE`.
    propos: Option<String>,
    /// Quelqu'un de son choix l'assiste.
    #[graphql(default)]
    assiste: bool,
}

/// La procédure à classer sans sanction.
#[derive(InputObject)]
pub struct ClasserProcedureInput {
    client_mutation_id: Option<Uuid>,
    sanction_id: ID,
    motif: String,
}

/// Le vote d'un conseil de discipline.
#[derive(InputObject)]
pub struct VoteDuConseilInput {
    presents: u16,
    pour: u16,
    contre: u16,
    blancs: u16,
}

/// La sanction à prononcer.
#[derive(InputObject)]
pub struct PrononcerSanctionInput {
    client_mutation_id: Option<Uuid>,
    sanction_id: ID,
    nature: NatureDeSanction,
    /// En heures pour une mesure de responsabilisation, en jours pour une exclusion temporaire.
    duree: Option<u16>,
    /// L'élève s'est engagé par écrit à une mesure de responsabilisation.
    #[graphql(default)]
    engagement_signe: bool,
    motifs: String,
    /// Le vote, si un conseil de discipline décide.
    conseil: Option<VoteDuConseilInput>,
    /// Dernier jour où le sursis peut être révoqué, si la sanction en est assortie.
    sursis: Option<NaiveDate>,
}

/// La sanction notifiée à l'élève et à ses responsables.
#[derive(InputObject)]
pub struct NotifierSanctionInput {
    client_mutation_id: Option<Uuid>,
    sanction_id: ID,
    voie: VoieDeNotification,
}

/// La sanction exécutée.
#[derive(InputObject)]
pub struct ExecuterSanctionInput {
    client_mutation_id: Option<Uuid>,
    sanction_id: ID,
    du: NaiveDate,
}

/// Le sursis à révoquer.
#[derive(InputObject)]
pub struct RevoquerSursisInput {
    client_mutation_id: Option<Uuid>,
    sanction_id: ID,
    motifs: String,
    /// Jour des nouveaux faits.
    faits_le: NaiveDate,
    /// La sanction dont ils sont passibles.
    encourue: DegreDeSanction,
    conseil: Option<VoteDuConseilInput>,
}

/// Le recours formé.
#[derive(InputObject)]
pub struct NoterRecoursInput {
    client_mutation_id: Option<Uuid>,
    sanction_id: ID,
    nature: NatureDeRecours,
}

/// La sanction à annuler.
#[derive(InputObject)]
pub struct AnnulerSanctionInput {
    client_mutation_id: Option<Uuid>,
    sanction_id: ID,
    /// Qui en a décidé ainsi, et pourquoi.
    motif: String,
}

/// La sanction dont on demande l'effacement anticipé.
#[derive(InputObject)]
pub struct DemanderEffacementInput {
    client_mutation_id: Option<Uuid>,
    sanction_id: ID,
}

/// La sanction à effacer du dossier.
#[derive(InputObject)]
pub struct EffacerSanctionInput {
    client_mutation_id: Option<Uuid>,
    sanction_id: ID,
    cause: CauseDEffacement,
}

payload!(
    /// Réponse d'`engagerProcedure`.
    EngagerProcedurePayload, sanction: Sanction, SanctionId, VIEW, Sanction::load
);
payload!(
    /// Réponse d'`informerEleve`.
    InformerElevePayload, sanction: Sanction, SanctionId, VIEW, Sanction::load,
    sealed "vie_de_l_eleve.sanction.eleve_informe"
);
payload!(
    /// Réponse de `recueillirDefense`.
    RecueillirDefensePayload, sanction: Sanction, SanctionId, VIEW, Sanction::load
);
payload!(
    /// Réponse de `classerProcedure`.
    ClasserProcedurePayload, sanction: Sanction, SanctionId, VIEW, Sanction::load
);
payload!(
    /// Réponse de `prononcerSanction`.
    PrononcerSanctionPayload, sanction: Sanction, SanctionId, VIEW, Sanction::load,
    sealed "vie_de_l_eleve.sanction.avertissement_prononce"
        | "vie_de_l_eleve.sanction.blame_prononce"
        | "vie_de_l_eleve.sanction.responsabilisation_prononcee"
        | "vie_de_l_eleve.sanction.exclusion_temporaire_prononcee"
        | "vie_de_l_eleve.sanction.exclusion_definitive_prononcee"
);
payload!(
    /// Réponse de `notifierSanction`.
    NotifierSanctionPayload, sanction: Sanction, SanctionId, VIEW, Sanction::load,
    sealed "vie_de_l_eleve.sanction.notifiee"
);
payload!(
    /// Réponse d'`executerSanction`.
    ExecuterSanctionPayload, sanction: Sanction, SanctionId, VIEW, Sanction::load
);
payload!(
    /// Réponse de `revoquerSursis`.
    RevoquerSursisPayload, sanction: Sanction, SanctionId, VIEW, Sanction::load,
    sealed "vie_de_l_eleve.sanction.sursis_revoque"
);
payload!(
    /// Réponse de `noterRecours`.
    NoterRecoursPayload, sanction: Sanction, SanctionId, VIEW, Sanction::load
);
payload!(
    /// Réponse d'`annulerSanction`.
    AnnulerSanctionPayload, sanction: Sanction, SanctionId, VIEW, Sanction::load,
    sealed "vie_de_l_eleve.sanction.annulee"
);
payload!(
    /// Réponse de `demanderEffacement`.
    DemanderEffacementPayload, sanction: Sanction, SanctionId, VIEW, Sanction::load
);
payload!(
    /// Réponse d'`effacerSanction`.
    EffacerSanctionPayload, sanction: Sanction, SanctionId, VIEW, Sanction::load,
    sealed "vie_de_l_eleve.sanction.effacee"
);

impl From<&VoteDuConseilInput> for domaine::Conseil {
    fn from(input: &VoteDuConseilInput) -> Self {
        let VoteDuConseilInput { presents, pour, contre, blancs } = *input;
        Self { presents, pour, contre, blancs }
    }
}

/// A duration where the sanction wants one and nowhere else: none is dropped in silence.
fn decision(input: &PrononcerSanctionInput) -> Result<domaine::DecisionDeSanction, Refus> {
    use domaine::NatureSanction as N;
    let nature = match (input.nature, input.duree) {
        (NatureDeSanction::Avertissement, None) => N::Avertissement,
        (NatureDeSanction::Blame, None) => N::Blame,
        (NatureDeSanction::ExclusionDefinitive, None) => N::ExclusionDefinitive,
        (NatureDeSanction::Responsabilisation, Some(heures)) => {
            N::Responsabilisation { heures, engagement_signe: input.engagement_signe }
        }
        (NatureDeSanction::ExclusionDeLaClasse, Some(jours)) => N::ExclusionDeLaClasse { jours },
        (NatureDeSanction::ExclusionDeLEtablissement, Some(jours)) => N::ExclusionDeLEtablissement { jours },
        (NatureDeSanction::ExclusionDAnnexe, Some(jours)) => N::ExclusionDAnnexe { jours },
        (_, None) => return Err(Refus::invalid("duree", "Cette sanction a une durée : donnez-la.")),
        (_, Some(_)) => return Err(Refus::invalid("duree", "Cette sanction n'a pas de durée : retirez-la.")),
    };
    Ok(domaine::DecisionDeSanction {
        nature,
        motifs: input.motifs.clone(),
        conseil: input.conseil.as_ref().map(Into::into),
        sursis: input.sursis,
    })
}

fn defense(input: &RecueillirDefenseInput) -> Result<domaine::Defense, Refus> {
    match (input.forme, input.propos.clone()) {
        (FormeDeDefense::Orale, Some(propos)) => {
            Ok(domaine::Defense::Orale { propos, assiste: input.assiste })
        }
        (FormeDeDefense::Ecrite, Some(propos)) => Ok(domaine::Defense::Ecrite { propos }),
        (FormeDeDefense::Renonciation, None) => Ok(domaine::Defense::Renonciation),
        (FormeDeDefense::Absence, None) => Ok(domaine::Defense::Absence),
        (_, None) => Err(Refus::invalid("propos", "Notez ce que l'élève a dit ou écrit.")),
        (_, Some(_)) => {
            Err(Refus::invalid("propos", "Qui ne se défend pas ne dit rien : retirez le propos."))
        }
    }
}

/// Mutations of procedures.
#[derive(Default)]
pub struct SanctionMutation;

#[Object]
impl SanctionMutation {
    /// Engage une procédure disciplinaire contre un élève.
    async fn engager_procedure(
        &self,
        ctx: &Context<'_>,
        input: EngagerProcedureInput,
    ) -> Result<EngagerProcedurePayload> {
        tell!(ctx, "engagerProcedure", input, EngagerProcedurePayload, |commands, demande| {
            let procedure = ProcedureDemandee {
                eleve: personne_id("eleveId", &input.eleve_id)?,
                griefs: input.griefs.clone(),
                cas: input.cas.map(Into::into),
                incident: input.incident_id.as_ref().map(incident_id).transpose()?,
            };
            Ok(commands.engager_procedure(demande, procedure).await?)
        })
    }

    /// Consigne que l'élève, et qui répond d'un mineur, sont informés des faits et du délai de défense.
    async fn informer_eleve(
        &self,
        ctx: &Context<'_>,
        input: InformerEleveInput,
    ) -> Result<InformerElevePayload> {
        tell!(ctx, "informerEleve", input, InformerElevePayload, |commands, demande| {
            let id = sanction_id(&input.sanction_id)?;
            let information = InformationDemandee { jours: input.jours, conseil_le: input.conseil_le };
            Ok((id, commands.informer_eleve(demande, id, information).await?))
        })
    }

    /// Consigne la défense de l'élève, ou qu'il n'en présente pas.
    async fn recueillir_defense(
        &self,
        ctx: &Context<'_>,
        input: RecueillirDefenseInput,
    ) -> Result<RecueillirDefensePayload> {
        tell!(ctx, "recueillirDefense", input, RecueillirDefensePayload, |commands, demande| {
            let id = sanction_id(&input.sanction_id)?;
            Ok((id, commands.recueillir_defense(demande, id, defense(input)?).await?))
        })
    }

    /// Classe une procédure sans sanction.
    async fn classer_procedure(
        &self,
        ctx: &Context<'_>,
        input: ClasserProcedureInput,
    ) -> Result<ClasserProcedurePayload> {
        tell!(ctx, "classerProcedure", input, ClasserProcedurePayload, |commands, demande| {
            let id = sanction_id(&input.sanction_id)?;
            Ok((id, commands.classer_procedure(demande, id, input.motif.clone()).await?))
        })
    }

    /// Prononce une sanction, une fois le délai passé et l'élève entendu.
    async fn prononcer_sanction(
        &self,
        ctx: &Context<'_>,
        input: PrononcerSanctionInput,
    ) -> Result<PrononcerSanctionPayload> {
        tell!(ctx, "prononcerSanction", input, PrononcerSanctionPayload, |commands, demande| {
            let id = sanction_id(&input.sanction_id)?;
            Ok((id, commands.prononcer_sanction(demande, id, decision(input)?).await?))
        })
    }

    /// Consigne que l'élève et chacun de ses responsables ont reçu notification de la sanction.
    async fn notifier_sanction(
        &self,
        ctx: &Context<'_>,
        input: NotifierSanctionInput,
    ) -> Result<NotifierSanctionPayload> {
        tell!(ctx, "notifierSanction", input, NotifierSanctionPayload, |commands, demande| {
            let id = sanction_id(&input.sanction_id)?;
            Ok((id, commands.notifier_sanction(demande, id, input.voie.into()).await?))
        })
    }

    /// Consigne que la sanction est exécutée.
    async fn executer_sanction(
        &self,
        ctx: &Context<'_>,
        input: ExecuterSanctionInput,
    ) -> Result<ExecuterSanctionPayload> {
        tell!(ctx, "executerSanction", input, ExecuterSanctionPayload, |commands, demande| {
            let id = sanction_id(&input.sanction_id)?;
            Ok((id, commands.executer_sanction(demande, id, input.du).await?))
        })
    }

    /// Révoque un sursis : la sanction s'exécute.
    async fn revoquer_sursis(
        &self,
        ctx: &Context<'_>,
        input: RevoquerSursisInput,
    ) -> Result<RevoquerSursisPayload> {
        tell!(ctx, "revoquerSursis", input, RevoquerSursisPayload, |commands, demande| {
            let id = sanction_id(&input.sanction_id)?;
            let revocation = RevocationDemandee {
                motifs: input.motifs.clone(),
                faits_le: input.faits_le,
                encourue: input.encourue.into(),
                conseil: input.conseil.as_ref().map(Into::into),
            };
            Ok((id, commands.revoquer_sursis(demande, id, revocation).await?))
        })
    }

    /// Consigne qu'une sanction est contestée.
    async fn noter_recours(
        &self,
        ctx: &Context<'_>,
        input: NoterRecoursInput,
    ) -> Result<NoterRecoursPayload> {
        tell!(ctx, "noterRecours", input, NoterRecoursPayload, |commands, demande| {
            let id = sanction_id(&input.sanction_id)?;
            Ok((id, commands.noter_recours(demande, id, input.nature.into()).await?))
        })
    }

    /// Annule une sanction à la suite d'un recours.
    async fn annuler_sanction(
        &self,
        ctx: &Context<'_>,
        input: AnnulerSanctionInput,
    ) -> Result<AnnulerSanctionPayload> {
        tell!(ctx, "annulerSanction", input, AnnulerSanctionPayload, |commands, demande| {
            let id = sanction_id(&input.sanction_id)?;
            Ok((id, commands.annuler_sanction(demande, id, input.motif.clone()).await?))
        })
    }

    /// Demande l'effacement d'une sanction, pour un élève qui change d'établissement.
    async fn demander_effacement(
        &self,
        ctx: &Context<'_>,
        input: DemanderEffacementInput,
    ) -> Result<DemanderEffacementPayload> {
        tell!(ctx, "demanderEffacement", input, DemanderEffacementPayload, |commands, demande| {
            let id = sanction_id(&input.sanction_id)?;
            Ok((id, commands.demander_effacement(demande, id).await?))
        })
    }

    /// Efface une sanction du dossier.
    async fn effacer_sanction(
        &self,
        ctx: &Context<'_>,
        input: EffacerSanctionInput,
    ) -> Result<EffacerSanctionPayload> {
        tell!(ctx, "effacerSanction", input, EffacerSanctionPayload, |commands, demande| {
            let id = sanction_id(&input.sanction_id)?;
            Ok((id, commands.effacer_sanction(demande, id, input.cause.into()).await?))
        })
    }
}
