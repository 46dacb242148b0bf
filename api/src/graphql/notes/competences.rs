//! The socle commun in GraphQL.

use crate::graphql::annuaire::Personne;
use crate::graphql::context::Here;
use crate::graphql::errors::Refus;
use crate::graphql::named::{division_id, eleve_id};
use crate::graphql::payload::{payload, tell};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use domain::PersonneId;
use domain::notes as domaine;
use projections::notes::{Conseils, Positionnement};
use uuid::Uuid;

/// The view that these mutations wait for.
const VIEW: (&str, i32) = (Conseils::NAME, Conseils::VERSION);

/// Un cycle dont le socle est évalué.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::notes::Cycle")]
pub enum CycleDuSocle {
    Cycle2,
    Cycle3,
    Cycle4,
}

/// Un domaine du socle commun.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "domain::notes::Domaine")]
pub enum DomaineDuSocle {
    LangueFrancaise,
    LangueEtrangere,
    LangagesScientifiques,
    LangagesDesArts,
    MethodesEtOutils,
    FormationDuCitoyen,
    SystemesNaturels,
    RepresentationsDuMonde,
}

/// Où en est un élève dans un domaine du socle.
#[derive(SimpleObject, Clone)]
pub struct DomainePositionne {
    cycle: CycleDuSocle,
    domaine: DomaineDuSocle,
    /// Le domaine, tel que l'arrêté le nomme.
    libelle: &'static str,
    /// De 1 à 4.
    niveau: u8,
    /// Le niveau, tel que l'arrêté le nomme.
    maitrise: &'static str,
}

impl From<domaine::Positionnement> for DomainePositionne {
    fn from(place: domaine::Positionnement) -> Self {
        let mut entrees = domaine::referentiel(place.cycle).iter();
        let entree = entrees.find(|entree| entree.domaine == place.domaine);
        Self {
            cycle: place.cycle.into(),
            domaine: place.domaine.into(),
            libelle: entree.map_or("", |entree| entree.libelle),
            niveau: place.niveau.into(),
            maitrise: place.niveau.libelle(),
        }
    }
}

impl DomainePositionne {
    /// As a view has it.
    pub fn of(row: &Positionnement) -> Option<Self> {
        row.place().map(Self::from)
    }
}

/// Un positionnement à donner.
#[derive(InputObject)]
pub struct PositionnementInput {
    cycle: CycleDuSocle,
    domaine: DomaineDuSocle,
    /// De 1 à 4.
    niveau: u8,
}

/// Où en est un élève d'une division.
#[derive(InputObject)]
pub struct PositionnerEleveInput {
    client_mutation_id: Option<Uuid>,
    division_id: ID,
    eleve_id: ID,
    #[graphql(validator(min_items = 1, max_items = 24))]
    positionnements: Vec<PositionnementInput>,
}

payload!(
    /// Réponse de `positionnerEleve`.
    PositionnerElevePayload, eleve: Personne, PersonneId, VIEW, load
);

async fn load(ctx: &Context<'_>, eleve: PersonneId) -> Result<Option<Personne>> {
    Personne::load(ctx, eleve.0).await
}

fn place(input: &PositionnementInput) -> Result<domaine::Positionnement, Refus> {
    let niveau = input.niveau.try_into().map_err(|error| Refus::invalid("positionnements", error))?;
    Ok(domaine::Positionnement { cycle: input.cycle.into(), domaine: input.domaine.into(), niveau })
}

/// Mutations of the socle.
#[derive(Default)]
pub struct CompetencesMutation;

#[Object]
impl CompetencesMutation {
    /// Positionne un élève dans des domaines du socle ; le dernier mot sur un domaine compte.
    async fn positionner_eleve(
        &self,
        ctx: &Context<'_>,
        input: PositionnerEleveInput,
    ) -> Result<PositionnerElevePayload> {
        tell!(ctx, "positionnerEleve", input, PositionnerElevePayload, |commands, demande| {
            let (division, eleve) = (division_id(&input.division_id)?, eleve_id(&input.eleve_id)?);
            let places = input.positionnements.iter().map(place).collect::<Result<Vec<_>, _>>()?;
            Ok((eleve, commands.positionner_eleve(demande, division, eleve, places).await?))
        })
    }
}
