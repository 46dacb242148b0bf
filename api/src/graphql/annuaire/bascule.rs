//! The turn of the school year in GraphQL.

use super::Groupe;
use crate::graphql::context::{Here, fault};
use crate::graphql::errors::Refus;
use crate::graphql::ids::{global, key};
use crate::graphql::payload::{payload, tell};
use crate::graphql::position::Position;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::NaiveDate;
use commands::annuaire::Tournant;
use commands::rights::{Action, Resource};
use domain::annuaire::{DivisionPrevue, EnseignementPrevu, Matiere, Uai};
use domain::{AnneeScolaire, BasculeId, EtablissementId, GroupeId, PersonneId};
use projections::annuaire::{self as views, Bascules};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Bascules::NAME, Bascules::VERSION);

/// Queries of turns of the year.
#[derive(Default)]
pub struct BasculeQuery;

#[Object]
impl BasculeQuery {
    /// La bascule d'un établissement vers une année scolaire, pour qui la prépare.
    async fn bascule(
        &self,
        ctx: &Context<'_>,
        uai: String,
        #[graphql(desc = "L'année scolaire qui commence, par son année de début.")] annee: i16,
        apres: Option<Position>,
    ) -> Result<Option<Bascule>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        let Ok(uai) = uai.parse::<Uai>() else { return Ok(None) };
        Bascule::load(ctx, BasculeId::of(uai.etablissement(), AnneeScolaire(annee))).await
    }
}

/// Où en est une bascule.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum EtatDeBascule {
    /// Son plan se prépare : il ne change les droits de personne.
    EnPreparation,
    /// L'année a basculé ; le plan s'exécute.
    Basculee,
    /// Le plan est exécuté.
    Achevee,
}

/// La bascule d'un établissement vers une année scolaire.
pub struct Bascule(views::Bascule);

#[Object]
/// La bascule d'un établissement vers une année scolaire.
impl Bascule {
    pub async fn id(&self) -> ID {
        global("Bascule", self.0.id)
    }

    /// L'année scolaire qui commence, par son année de début.
    async fn annee(&self) -> i16 {
        self.0.annee
    }

    /// Le jour prévu.
    async fn le(&self) -> NaiveDate {
        self.0.le
    }

    /// Où elle en est.
    async fn etat(&self) -> EtatDeBascule {
        match self.0.etat.as_str() {
            "basculee" => EtatDeBascule::Basculee,
            "achevee" => EtatDeBascule::Achevee,
            _ => EtatDeBascule::EnPreparation,
        }
    }

    /// Les divisions prévues.
    async fn divisions(&self, ctx: &Context<'_>) -> Result<Vec<DivisionAVenir>> {
        let rows = Bascules::divisions(ctx.requete()?.views(), self.0.id).await.map_err(fault)?;
        Ok(rows.into_iter().map(DivisionAVenir::from).collect())
    }

    /// Les groupes qui continuent : ceux que l'on peut lire.
    async fn groupes(&self, ctx: &Context<'_>) -> Result<Vec<Groupe>> {
        let mut readable = Vec::new();
        for id in &self.0.groupes {
            readable.extend(Groupe::load(ctx, *id).await?);
        }
        Ok(readable)
    }

    /// Combien d'élèves de l'établissement le plan n'affecte pas : ils resteraient où ils sont.
    async fn sans_affectation(&self) -> i32 {
        i32::try_from(self.0.sans_affectation).unwrap_or(i32::MAX)
    }
}

impl Bascule {
    /// The turn, for who may prepare it.
    async fn load(ctx: &Context<'_>, id: BasculeId) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let Some(row) = Bascules::by_ids(requete.views(), &[id.0]).await.map_err(fault)?.pop() else {
            return Ok(None);
        };
        let resource = Resource::Etablissement { id: EtablissementId(row.etablissement) };
        let may = requete.may(Action::PreparerBascule, &resource).await?;
        Ok(may.then_some(Self(row)))
    }
}

/// Une division prévue pour l'année qui commence.
#[derive(SimpleObject)]
pub struct DivisionAVenir {
    /// Code.
    code: String,
    /// Libellé.
    libelle: String,
    /// Code national de sa formation.
    mef: Option<String>,
    /// Combien d'élèves y sont prévus.
    effectif: i64,
}

impl From<views::DivisionAVenir> for DivisionAVenir {
    fn from(row: views::DivisionAVenir) -> Self {
        let views::DivisionAVenir { code, libelle, mef, effectif, .. } = row;
        Self { code, libelle, mef, effectif }
    }
}

/// La bascule à préparer.
#[derive(InputObject)]
pub struct PreparerBasculeInput {
    client_mutation_id: Option<Uuid>,
    uai: String,
    /// L'année scolaire qui commence, par son année de début.
    annee: i16,
    /// Le jour où elle se fera.
    le: NaiveDate,
}

/// Une division à prévoir.
#[derive(InputObject)]
pub struct DivisionPrevueInput {
    code: String,
    libelle: String,
    /// Code national de sa formation.
    mef: Option<String>,
}

/// Les divisions à prévoir, toutes à la fois.
#[derive(InputObject)]
pub struct PrevoirDivisionsInput {
    client_mutation_id: Option<Uuid>,
    uai: String,
    annee: i16,
    divisions: Vec<DivisionPrevueInput>,
}

/// Où un élève sera.
#[derive(InputObject)]
pub struct AffectationPrevueInput {
    eleve_id: ID,
    /// Code d'une division prévue ; sans lui, le plan ne dit rien de l'élève.
    division: Option<String>,
}

/// Les affectations à prévoir.
#[derive(InputObject)]
pub struct PrevoirAffectationsInput {
    client_mutation_id: Option<Uuid>,
    uai: String,
    annee: i16,
    affectations: Vec<AffectationPrevueInput>,
}

/// Ce qu'un enseignant enseignera.
#[derive(InputObject)]
pub struct EnseignementPrevuInput {
    /// Code de la matière dans la nomenclature de la source.
    matiere_code: String,
    matiere: String,
    enseignant_id: ID,
    /// Il sera professeur principal de la division.
    #[graphql(default)]
    principal: bool,
}

/// Ce qui sera enseigné à une division, tout à la fois.
#[derive(InputObject)]
pub struct PrevoirEnseignementsInput {
    client_mutation_id: Option<Uuid>,
    uai: String,
    annee: i16,
    /// Code d'une division prévue.
    division: String,
    enseignements: Vec<EnseignementPrevuInput>,
}

/// Les groupes qui continuent, tous à la fois.
#[derive(InputObject)]
pub struct GarderGroupesInput {
    client_mutation_id: Option<Uuid>,
    uai: String,
    annee: i16,
    groupes: Vec<ID>,
}

/// L'année à basculer.
#[derive(InputObject)]
pub struct BasculerAnneeInput {
    client_mutation_id: Option<Uuid>,
    uai: String,
    annee: i16,
}

payload!(
    /// Réponse des mutations qui préparent une bascule.
    PlanDeBasculePayload, bascule: Bascule, BasculeId, VIEW, Bascule::load
);
payload!(
    /// Réponse de `basculerAnnee`.
    BasculerAnneePayload, bascule: Bascule, BasculeId, VIEW, Bascule::load
);

fn tournant(uai: &str, annee: i16) -> Result<Tournant, Refus> {
    let uai = uai.parse().map_err(|error| Refus::invalid("uai", error))?;
    Ok(Tournant { uai, annee: AnneeScolaire(annee) })
}

fn personne_id(field: &'static str, id: &ID) -> Result<PersonneId, Refus> {
    let key = key("Personne", id)
        .or_else(|| key("Eleve", id))
        .ok_or_else(|| Refus::invalid(field, "L'un n'est pas l'identifiant d'une personne."))?;
    Ok(PersonneId(key))
}

fn groupe_id(id: &ID) -> Result<GroupeId, Refus> {
    let key = key("Groupe", id)
        .ok_or_else(|| Refus::invalid("groupes", "L'un n'est pas l'identifiant d'un groupe."))?;
    Ok(GroupeId(key))
}

fn division_prevue(asked: &DivisionPrevueInput) -> DivisionPrevue {
    let DivisionPrevueInput { code, libelle, mef } = asked;
    DivisionPrevue { code: code.clone(), libelle: libelle.clone(), mef: mef.clone() }
}

fn enseignement_prevu(asked: &EnseignementPrevuInput) -> Result<EnseignementPrevu, Refus> {
    let matiere = Matiere { code: asked.matiere_code.clone(), libelle: asked.matiere.clone() };
    let enseignant = personne_id("enseignements", &asked.enseignant_id)?;
    Ok(EnseignementPrevu { matiere, enseignant, principal: asked.principal })
}

/// Mutations of turns of the year.
#[derive(Default)]
pub struct BasculeMutation;

#[Object]
impl BasculeMutation {
    /// Commence à préparer l'année suivante, ou en déplace le jour.
    async fn preparer_bascule(
        &self,
        ctx: &Context<'_>,
        input: PreparerBasculeInput,
    ) -> Result<PlanDeBasculePayload> {
        tell!(ctx, "preparerBascule", input, PlanDeBasculePayload, |commands, demande| {
            let tournant = tournant(&input.uai, input.annee)?;
            Ok((tournant.id(), commands.preparer_bascule(demande, &tournant, input.le).await?))
        })
    }

    /// Dit quelles divisions il y aura : toutes.
    async fn prevoir_divisions(
        &self,
        ctx: &Context<'_>,
        input: PrevoirDivisionsInput,
    ) -> Result<PlanDeBasculePayload> {
        tell!(ctx, "prevoirDivisions", input, PlanDeBasculePayload, |commands, demande| {
            let tournant = tournant(&input.uai, input.annee)?;
            let divisions = input.divisions.iter().map(division_prevue).collect();
            Ok((tournant.id(), commands.prevoir_divisions(demande, &tournant, divisions).await?))
        })
    }

    /// Dit dans quelle division seront des élèves.
    async fn prevoir_affectations(
        &self,
        ctx: &Context<'_>,
        input: PrevoirAffectationsInput,
    ) -> Result<PlanDeBasculePayload> {
        tell!(ctx, "prevoirAffectations", input, PlanDeBasculePayload, |commands, demande| {
            let tournant = tournant(&input.uai, input.annee)?;
            let affectation = |asked: &AffectationPrevueInput| {
                Ok((personne_id("affectations", &asked.eleve_id)?, asked.division.clone()))
            };
            let affectations = input.affectations.iter().map(affectation).collect::<Result<_, Refus>>()?;
            Ok((tournant.id(), commands.prevoir_affectations(demande, &tournant, affectations).await?))
        })
    }

    /// Dit ce qui sera enseigné à une division, et par qui : tout.
    async fn prevoir_enseignements(
        &self,
        ctx: &Context<'_>,
        input: PrevoirEnseignementsInput,
    ) -> Result<PlanDeBasculePayload> {
        tell!(ctx, "prevoirEnseignements", input, PlanDeBasculePayload, |commands, demande| {
            let (tournant, division) = (tournant(&input.uai, input.annee)?, input.division.clone());
            let planned = input.enseignements.iter().map(enseignement_prevu).collect::<Result<_, _>>()?;
            let said = commands.prevoir_enseignements(demande, &tournant, division, planned);
            Ok((tournant.id(), said.await?))
        })
    }

    /// Dit quels groupes continuent : tous ; les autres prendront fin.
    async fn garder_groupes(
        &self,
        ctx: &Context<'_>,
        input: GarderGroupesInput,
    ) -> Result<PlanDeBasculePayload> {
        tell!(ctx, "garderGroupes", input, PlanDeBasculePayload, |commands, demande| {
            let tournant = tournant(&input.uai, input.annee)?;
            let groupes = input.groupes.iter().map(groupe_id).collect::<Result<_, _>>()?;
            Ok((tournant.id(), commands.garder_groupes(demande, &tournant, groupes).await?))
        })
    }

    /// Bascule l'année et exécute son plan. Interrompue, elle se redemande : elle reprend où elle en était.
    async fn basculer_annee(
        &self,
        ctx: &Context<'_>,
        input: BasculerAnneeInput,
    ) -> Result<BasculerAnneePayload> {
        tell!(ctx, "basculerAnnee", input, BasculerAnneePayload, |commands, demande| {
            let tournant = tournant(&input.uai, input.annee)?;
            Ok((tournant.id(), commands.basculer_annee(demande, &tournant).await?))
        })
    }
}
