//! Incidents: who reports one, and who follows it.

use super::{may_constat, stored};
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault};
use crate::graphql::ids::global;
use crate::graphql::named::{etablissement_id, incident_id, personne_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use commands::vie_de_l_eleve::{IncidentDemande, ProtagonisteDemande};
use domain::IncidentId;
use domain::vie_de_l_eleve as domaine;
use projections::vie_de_l_eleve::{self as views, Incidents};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Incidents::NAME, Incidents::VERSION);

/// Ce qui s'est passé.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::NatureIncident")]
pub enum NatureDIncident {
    ViolencePhysique,
    ViolenceVerbale,
    Harcelement,
    Cyberviolence,
    AtteinteAuxBiens,
    Vol,
    Stupefiants,
    ObjetDangereux,
    AtteinteALaLaicite,
    Perturbation,
    Autre,
}

/// Où.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::LieuIncident")]
pub enum LieuDIncident {
    Classe,
    Couloir,
    Cour,
    Restauration,
    Internat,
    Sanitaires,
    Sport,
    Abords,
    Transport,
    Sortie,
    EnLigne,
    Autre,
}

/// Quelle gravité.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::Gravite")]
pub enum GraviteDIncident {
    Legere,
    Moyenne,
    Grave,
}

/// Qui, hors de l'établissement, doit le savoir.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::Instance")]
pub enum InstanceAAvertir {
    /// Les responsables légaux.
    Responsables,
    /// L'académie (« Faits établissement »).
    Academie,
    /// Police ou gendarmerie.
    ForcesDeLOrdre,
    /// Le procureur (code de procédure pénale, art. 40).
    Procureur,
    /// Le département, pour un enfant en danger.
    ProtectionDeLEnfance,
    /// Pompiers ou SAMU.
    Secours,
    /// La collectivité propriétaire.
    Collectivite,
}

/// À quel titre quelqu'un y était.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::RoleIncident")]
pub enum RoleDansLIncident {
    Auteur,
    Victime,
    Temoin,
}

/// La suite donnée.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::SuiteIncident")]
pub enum SuiteDIncident {
    SansSuite,
    MesureEducative,
    Punition,
    ProcedureDisciplinaire,
}

/// Ce qui oblige le chef d'établissement à engager une procédure (code de l'éducation, art. R421-10).
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domaine::CasObligatoire")]
pub enum CasDEngagement {
    ViolenceVerbaleContrePersonnel,
    ActeGrave,
    /// Le conseil de discipline est saisi.
    ViolencePhysiqueContrePersonnel,
}

/// Un incident.
pub struct Incident(pub views::Incident);

#[Object]
/// Un incident.
impl Incident {
    pub async fn id(&self) -> ID {
        global("Incident", self.0.id)
    }

    async fn nature(&self) -> Result<NatureDIncident> {
        stored::<domaine::NatureIncident, _>(&self.0.nature)
    }

    async fn lieu(&self) -> Result<LieuDIncident> {
        stored::<domaine::LieuIncident, _>(&self.0.lieu)
    }

    async fn gravite(&self) -> Result<GraviteDIncident> {
        stored::<domaine::Gravite, _>(&self.0.gravite)
    }

    /// Jour.
    async fn le(&self) -> NaiveDate {
        self.0.le
    }

    /// Heure, si elle est connue.
    async fn heure(&self) -> Option<NaiveTime> {
        self.0.heure
    }

    /// Qui l'a signalé.
    async fn rapporteur(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.rapporteur).await
    }

    /// Qui doit en être averti.
    async fn a_avertir(&self) -> Result<Vec<InstanceAAvertir>> {
        self.0.a_avertir.iter().map(|word| stored::<domaine::Instance, _>(word)).collect()
    }

    /// Qui l'a été.
    async fn averties(&self, ctx: &Context<'_>) -> Result<Vec<InstanceAvertie>> {
        let rows = ctx.requete()?.loaders().averties_of.load_one(self.0.id).await.map_err(fault)?;
        Ok(rows.unwrap_or_default().into_iter().map(InstanceAvertie).collect())
    }

    /// Qui y était.
    #[graphql(complexity = "4 * child_complexity + 1")]
    async fn protagonistes(&self, ctx: &Context<'_>) -> Result<Vec<Protagoniste>> {
        let rows = ctx.requete()?.loaders().protagonistes_of.load_one(self.0.id).await.map_err(fault)?;
        Ok(rows.unwrap_or_default().into_iter().map(Protagoniste).collect())
    }

    /// Ce qui a été fait, dans l'ordre.
    #[graphql(complexity = "4 * child_complexity + 1")]
    async fn suivis(&self, ctx: &Context<'_>) -> Result<Vec<SuiviDIncident>> {
        let rows = ctx.requete()?.loaders().suivis_of.load_one(self.0.id).await.map_err(fault)?;
        Ok(rows.unwrap_or_default().into_iter().map(SuiviDIncident).collect())
    }

    /// Ce qui oblige à engager une procédure disciplinaire, si les faits y obligent.
    async fn engagement_obligatoire(&self, ctx: &Context<'_>) -> Result<Option<CasDEngagement>> {
        let rows = ctx.requete()?.loaders().protagonistes_of.load_one(self.0.id).await.map_err(fault)?;
        let rows = rows.unwrap_or_default();
        let victimes = rows.iter().filter(|row| row.role == "victime").map(|row| row.personnel);
        let (nature, gravite) = (
            stored::<domaine::NatureIncident, _>(&self.0.nature)?,
            stored::<domaine::Gravite, _>(&self.0.gravite)?,
        );
        Ok(domaine::CasObligatoire::de(nature, gravite, victimes).map(CasDEngagement::from))
    }

    /// La suite donnée, s'il est clos.
    async fn suite(&self) -> Result<Option<SuiteDIncident>> {
        self.0.suite.as_deref().map(stored::<domaine::SuiteIncident, _>).transpose()
    }
}

impl Incident {
    /// The incident, for who reported it or follows it.
    pub async fn load(ctx: &Context<'_>, id: IncidentId) -> Result<Option<Self>> {
        let found = Incidents::by_id(ctx.requete()?.views(), id.0).await.map_err(fault)?;
        let Some(row) = found else { return Ok(None) };
        let may = may_constat(ctx, (row.id, row.rapporteur), &row.portail).await?;
        Ok(may.then_some(Self(row)))
    }
}

/// Quelqu'un qui était dans un incident.
pub struct Protagoniste(views::Protagoniste);

#[Object]
/// Quelqu'un qui était dans un incident.
impl Protagoniste {
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.personne).await
    }

    async fn role(&self) -> Result<RoleDansLIncident> {
        stored::<domaine::RoleIncident, _>(&self.0.role)
    }

    /// Ce que cette personne a fait, subi ou vu.
    async fn recit(&self) -> Option<&str> {
        self.0.recit.as_deref()
    }
}

/// Ce qui a été fait avec quelqu'un.
pub struct SuiviDIncident(views::SuiviDIncident);

#[Object]
/// Ce qui a été fait avec quelqu'un.
impl SuiviDIncident {
    async fn personne(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.personne).await
    }

    async fn texte(&self) -> &str {
        &self.0.texte
    }

    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.par).await
    }

    async fn le(&self) -> DateTime<Utc> {
        self.0.le
    }
}

/// Une instance avertie.
pub struct InstanceAvertie(views::InstanceAvertie);

#[Object]
/// Une instance avertie.
impl InstanceAvertie {
    async fn instance(&self) -> Result<InstanceAAvertir> {
        stored::<domaine::Instance, _>(&self.0.instance)
    }

    async fn le(&self) -> NaiveDate {
        self.0.le
    }
}

/// Quelqu'un qui était dans l'incident à signaler.
#[derive(InputObject)]
pub struct ProtagonisteInput {
    personne_id: ID,
    role: RoleDansLIncident,
    /// Ce que cette personne a fait, subi ou vu.
    recit: Option<String>,
}

/// L'incident à signaler.
#[derive(InputObject)]
pub struct SignalerIncidentInput {
    /// Identifiant de la commande : la même demande renvoyée reçoit la même réponse.
    client_mutation_id: Option<Uuid>,
    etablissement_id: ID,
    nature: NatureDIncident,
    lieu: LieuDIncident,
    gravite: GraviteDIncident,
    le: NaiveDate,
    heure: Option<NaiveTime>,
    #[graphql(default)]
    a_avertir: Vec<InstanceAAvertir>,
    #[graphql(validator(min_items = 1, max_items = 50))]
    protagonistes: Vec<ProtagonisteInput>,
}

/// Ce qui est fait avec quelqu'un.
#[derive(InputObject)]
pub struct SuivreProtagonisteInput {
    client_mutation_id: Option<Uuid>,
    incident_id: ID,
    personne_id: ID,
    texte: String,
}

/// L'instance qui a été avertie.
#[derive(InputObject)]
pub struct AvertirInstanceInput {
    client_mutation_id: Option<Uuid>,
    incident_id: ID,
    instance: InstanceAAvertir,
}

/// L'incident à clore.
#[derive(InputObject)]
pub struct CloreIncidentInput {
    client_mutation_id: Option<Uuid>,
    incident_id: ID,
    suite: SuiteDIncident,
}

payload!(
    /// Réponse de `signalerIncident`.
    SignalerIncidentPayload, incident: Incident, IncidentId, VIEW, Incident::load
);
payload!(
    /// Réponse de `suivreProtagoniste`.
    SuivreProtagonistePayload, incident: Incident, IncidentId, VIEW, Incident::load
);
payload!(
    /// Réponse d'`avertirInstance`.
    AvertirInstancePayload, incident: Incident, IncidentId, VIEW, Incident::load
);
payload!(
    /// Réponse de `cloreIncident`.
    CloreIncidentPayload, incident: Incident, IncidentId, VIEW, Incident::load
);

/// Mutations of incidents.
#[derive(Default)]
pub struct IncidentMutation;

#[Object]
impl IncidentMutation {
    /// Signale un incident.
    async fn signaler_incident(
        &self,
        ctx: &Context<'_>,
        input: SignalerIncidentInput,
    ) -> Result<SignalerIncidentPayload> {
        tell!(ctx, "signalerIncident", input, SignalerIncidentPayload, |commands, demande| {
            let protagoniste = |one: &ProtagonisteInput| {
                let personne = personne_id("protagonistes", &one.personne_id)?;
                Ok(ProtagonisteDemande { personne, role: one.role.into(), recit: one.recit.clone() })
            };
            let protagonistes = input.protagonistes.iter().map(protagoniste);
            let incident = IncidentDemande {
                etablissement: etablissement_id(&input.etablissement_id)?,
                fiche: domaine::FicheIncident {
                    nature: input.nature.into(),
                    lieu: input.lieu.into(),
                    gravite: input.gravite.into(),
                    le: input.le,
                    heure: input.heure,
                    a_avertir: input.a_avertir.iter().map(|one| (*one).into()).collect(),
                },
                protagonistes: protagonistes.collect::<Result<_, crate::graphql::errors::Refus>>()?,
            };
            Ok(commands.signaler_incident(demande, incident).await?)
        })
    }

    /// Consigne ce qui est fait avec l'un de ceux qui étaient dans un incident.
    async fn suivre_protagoniste(
        &self,
        ctx: &Context<'_>,
        input: SuivreProtagonisteInput,
    ) -> Result<SuivreProtagonistePayload> {
        tell!(ctx, "suivreProtagoniste", input, SuivreProtagonistePayload, |commands, demande| {
            let id = incident_id(&input.incident_id)?;
            let personne = personne_id("personneId", &input.personne_id)?;
            Ok((id, commands.suivre_protagoniste(demande, id, personne, input.texte.clone()).await?))
        })
    }

    /// Consigne qu'une instance a été avertie aujourd'hui.
    async fn avertir_instance(
        &self,
        ctx: &Context<'_>,
        input: AvertirInstanceInput,
    ) -> Result<AvertirInstancePayload> {
        tell!(ctx, "avertirInstance", input, AvertirInstancePayload, |commands, demande| {
            let id = incident_id(&input.incident_id)?;
            Ok((id, commands.avertir_instance(demande, id, input.instance.into()).await?))
        })
    }

    /// Clôt un incident.
    async fn clore_incident(
        &self,
        ctx: &Context<'_>,
        input: CloreIncidentInput,
    ) -> Result<CloreIncidentPayload> {
        tell!(ctx, "cloreIncident", input, CloreIncidentPayload, |commands, demande| {
            let id = incident_id(&input.incident_id)?;
            Ok((id, commands.clore_incident(demande, id, input.suite.into()).await?))
        })
    }
}
