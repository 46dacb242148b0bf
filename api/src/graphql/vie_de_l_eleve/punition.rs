//! Punitions.

use super::{may_constat, may_dossier};
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault};
use crate::graphql::errors::Refus;
use crate::graphql::ids::global;
use crate::graphql::named::{incident_id, personne_id, punition_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::NaiveDate;
use commands::rights::Action;
use commands::vie_de_l_eleve::PunitionDemandee;
use domain::PunitionId;
use domain::vie_de_l_eleve as domaine;
use projections::vie_de_l_eleve::{self as views, Punitions};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Punitions::NAME, Punitions::VERSION);

/// Une punition scolaire, qui n'est pas une sanction.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum NatureDePunition {
    Retenue,
    TravailSupplementaire,
    ExclusionDeCours,
}

/// Une punition.
pub struct Punition(pub views::Punition);

#[Object]
/// Une punition.
impl Punition {
    pub async fn id(&self) -> ID {
        global("Punition", self.0.id)
    }

    async fn nature(&self) -> NatureDePunition {
        match self.0.nature {
            domaine::NaturePunition::Retenue { .. } => NatureDePunition::Retenue,
            domaine::NaturePunition::TravailSupplementaire { .. } => NatureDePunition::TravailSupplementaire,
            domaine::NaturePunition::ExclusionDeCours { .. } => NatureDePunition::ExclusionDeCours,
        }
    }

    /// Durée d'une retenue, en minutes.
    async fn minutes(&self) -> Option<u16> {
        match self.0.nature {
            domaine::NaturePunition::Retenue { minutes, .. } => Some(minutes),
            domaine::NaturePunition::TravailSupplementaire { .. }
            | domaine::NaturePunition::ExclusionDeCours { .. } => None,
        }
    }

    /// Le travail à faire.
    async fn travail(&self) -> &str {
        match &self.0.nature {
            domaine::NaturePunition::Retenue { travail, .. }
            | domaine::NaturePunition::TravailSupplementaire { travail, .. }
            | domaine::NaturePunition::ExclusionDeCours { travail, .. } => travail,
        }
    }

    /// Pourquoi.
    async fn motif(&self) -> &str {
        &self.0.motif
    }

    /// Par qui.
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.auteur).await
    }

    /// Quand elle a été donnée.
    async fn donnee_le(&self) -> NaiveDate {
        self.0.donnee_le
    }

    /// Quand elle se fait, ou pour quand.
    async fn pour_le(&self) -> NaiveDate {
        self.0.pour_le
    }

    /// Faite ou non ; rien tant que ce n'est pas dit.
    async fn faite(&self) -> Option<bool> {
        self.0.faite
    }
}

impl Punition {
    /// The punition, for who gave it, who follows it, the pupil and the family.
    pub async fn load(ctx: &Context<'_>, id: PunitionId) -> Result<Option<Self>> {
        let found = Punitions::by_id(ctx.requete()?.views(), id.0).await.map_err(fault)?;
        let Some(row) = found else { return Ok(None) };
        let may = may_constat(ctx, (row.id, row.auteur), &row.portail).await?
            || may_dossier(ctx, Action::LireVieEleve, row.eleve, &row.portail).await?;
        Ok(may.then_some(Self(row)))
    }
}

/// La punition à donner.
#[derive(InputObject)]
pub struct DonnerPunitionInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    eleve_id: ID,
    nature: NatureDePunition,
    /// Jour de la retenue ou du cours, ou dernier jour pour rendre le travail.
    le: NaiveDate,
    /// Durée d'une retenue, en minutes, et alors seulement.
    minutes: Option<u16>,
    travail: String,
    /// Pourquoi : la famille le lit.
    motif: String,
    /// L'incident qui l'a appelée, s'il est signalé.
    incident_id: Option<ID>,
}

/// La punition à reporter.
#[derive(InputObject)]
pub struct ReporterPunitionInput {
    client_mutation_id: Option<Uuid>,
    punition_id: ID,
    au: NaiveDate,
}

/// La punition dont on dit si elle est faite.
#[derive(InputObject)]
pub struct ConclurePunitionInput {
    client_mutation_id: Option<Uuid>,
    punition_id: ID,
    faite: bool,
}

payload!(
    /// Réponse de `donnerPunition`.
    DonnerPunitionPayload, punition: Punition, PunitionId, VIEW, Punition::load
);
payload!(
    /// Réponse de `reporterPunition`.
    ReporterPunitionPayload, punition: Punition, PunitionId, VIEW, Punition::load
);
payload!(
    /// Réponse de `conclurePunition`.
    ConclurePunitionPayload, punition: Punition, PunitionId, VIEW, Punition::load
);

/// Minutes where a retenue wants some and nowhere else: none are dropped in silence.
fn nature(input: &DonnerPunitionInput) -> Result<domaine::NaturePunition, Refus> {
    let (le, travail) = (input.le, input.travail.clone());
    match (input.nature, input.minutes) {
        (NatureDePunition::Retenue, Some(minutes)) => {
            Ok(domaine::NaturePunition::Retenue { le, minutes, travail })
        }
        (NatureDePunition::TravailSupplementaire, None) => {
            Ok(domaine::NaturePunition::TravailSupplementaire { pour_le: le, travail })
        }
        (NatureDePunition::ExclusionDeCours, None) => {
            Ok(domaine::NaturePunition::ExclusionDeCours { le, travail })
        }
        (NatureDePunition::Retenue, None) => {
            Err(Refus::invalid("minutes", "Une retenue a une durée : donnez-la en minutes."))
        }
        (_, Some(_)) => Err(Refus::invalid("minutes", "Seule une retenue a une durée : retirez-la.")),
    }
}

/// Mutations of punitions.
#[derive(Default)]
pub struct PunitionMutation;

#[Object]
impl PunitionMutation {
    /// Donne une punition à un élève.
    async fn donner_punition(
        &self,
        ctx: &Context<'_>,
        input: DonnerPunitionInput,
    ) -> Result<DonnerPunitionPayload> {
        tell!(ctx, "donnerPunition", input, DonnerPunitionPayload, |commands, demande| {
            let punition = PunitionDemandee {
                eleve: personne_id("eleveId", &input.eleve_id)?,
                nature: nature(input)?,
                motif: input.motif.clone(),
                incident: input.incident_id.as_ref().map(incident_id).transpose()?,
            };
            Ok(commands.donner_punition(demande, punition).await?)
        })
    }

    /// Reporte une punition à un autre jour.
    async fn reporter_punition(
        &self,
        ctx: &Context<'_>,
        input: ReporterPunitionInput,
    ) -> Result<ReporterPunitionPayload> {
        tell!(ctx, "reporterPunition", input, ReporterPunitionPayload, |commands, demande| {
            let id = punition_id(&input.punition_id)?;
            Ok((id, commands.reporter_punition(demande, id, input.au).await?))
        })
    }

    /// Dit si une punition est faite.
    async fn conclure_punition(
        &self,
        ctx: &Context<'_>,
        input: ConclurePunitionInput,
    ) -> Result<ConclurePunitionPayload> {
        tell!(ctx, "conclurePunition", input, ConclurePunitionPayload, |commands, demande| {
            let id = punition_id(&input.punition_id)?;
            Ok((id, commands.conclure_punition(demande, id, input.faite).await?))
        })
    }
}
