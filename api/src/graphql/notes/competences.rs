//! The socle commun in GraphQL.

use super::{Cursor, Evaluation};
use crate::graphql::annuaire::Personne;
use crate::graphql::context::{Here, fault};
use crate::graphql::errors::Refus;
use crate::graphql::named::{division_id, eleve_id, evaluation_id};
use crate::graphql::pagination::Page;
use crate::graphql::payload::{payload, tell};
use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::NaiveDate;
use domain::notes as domaine;
use domain::{EvaluationId, PersonneId};
use projections::PageOf;
use projections::notes::{Competence, Competences, CompetencesPubliees, Conseils, Positionnement};
use uuid::Uuid;

/// The view that these mutations wait for.
const VIEW: (&str, i32) = (Conseils::NAME, Conseils::VERSION);
/// The view of what evaluations have shown.
pub const COMPETENCES: (&str, i32) = (Competences::NAME, Competences::VERSION);

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

    /// What an evaluation shows of one pupil, and of no other.
    pub async fn par_evaluation(ctx: &Context<'_>, evaluation: Uuid, eleve: Uuid) -> Result<Vec<Self>> {
        let rows = ctx.requete()?.loaders().competences_of.load_one(evaluation).await;
        let rows = rows.map_err(fault)?.unwrap_or_default();
        let own = rows.iter().filter(|row| row.eleve == eleve);
        Ok(own.filter_map(|row| row.place().map(Into::into)).collect())
    }
}

/// Une évaluation publiée, par ce qu'elle montre d'un élève dans le socle, qu'elle soit notée ou non.
pub struct EvaluationDeCompetences(CompetencesPubliees);

#[Object]
/// Une évaluation publiée, par ce qu'elle montre d'un élève dans le socle, qu'elle soit notée ou non.
impl EvaluationDeCompetences {
    /// Titre de l'évaluation.
    async fn titre(&self) -> &str {
        &self.0.titre
    }

    /// Jour de l'évaluation.
    async fn date(&self) -> NaiveDate {
        self.0.date
    }

    /// La matière.
    async fn matiere(&self) -> Option<&str> {
        self.0.matiere.as_deref()
    }

    /// Où elle montre que l'élève en est dans le socle.
    async fn competences(&self, ctx: &Context<'_>) -> Result<Vec<DomainePositionne>> {
        DomainePositionne::par_evaluation(ctx, self.0.evaluation, self.0.eleve).await
    }
}

impl EvaluationDeCompetences {
    /// The published evaluations that show where a pupil stands, newest first, for who has been found
    /// to have the right to read them.
    pub async fn page(
        ctx: &Context<'_>,
        page: Page<Cursor>,
        lists: Vec<PageOf>,
    ) -> Result<Connection<String, Self>> {
        let lists = ctx.requete()?.loaders().competences_of_pupil.load_many(lists).await.map_err(fault)?;
        let rows = page.merge(lists.into_values(), |row| (row.date, row.evaluation));
        Ok(page.connection(rows, |row| (row.date, row.evaluation), Self))
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

/// Où un élève en est dans un domaine du socle, par une évaluation.
pub struct CompetenceDEleve(pub Competence);

#[Object]
/// Où un élève en est dans un domaine du socle, par une évaluation.
impl CompetenceDEleve {
    async fn eleve(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.eleve).await
    }

    async fn positionnement(&self) -> Option<DomainePositionne> {
        self.0.place().map(Into::into)
    }
}

/// Où placer un élève dans un domaine du socle, d'après les évaluations ; le conseil en décide.
pub struct PositionnementPropose(pub domaine::Proposition);

#[Object]
/// Où placer un élève dans un domaine du socle, d'après les évaluations ; le conseil en décide.
impl PositionnementPropose {
    async fn positionnement(&self) -> DomainePositionne {
        self.0.positionnement.into()
    }

    /// Combien de fois ce niveau a été vu.
    async fn vus(&self) -> u32 {
        self.0.vus
    }

    /// Tout ce qui a été vu de ce domaine, dans l'ordre des jours.
    async fn observations(&self) -> Vec<ObservationDeCompetence> {
        self.0.observations.iter().map(ObservationDeCompetence::from).collect()
    }

    /// Pourquoi il est proposé, en phrases : ce qui a été vu, et la règle.
    async fn texte(&self) -> Vec<String> {
        self.0.texte()
    }
}

/// Ce qu'une évaluation a montré d'un élève dans un domaine.
#[derive(SimpleObject)]
pub struct ObservationDeCompetence {
    titre: String,
    date: NaiveDate,
    niveau: u8,
}

impl From<&domaine::CompetenceVue> for ObservationDeCompetence {
    fn from(seen: &domaine::CompetenceVue) -> Self {
        Self { titre: seen.titre.clone(), date: seen.date, niveau: seen.positionnement.niveau.into() }
    }
}

/// Où en est un élève dans un domaine, par une évaluation.
#[derive(InputObject)]
pub struct CompetenceInput {
    eleve_id: ID,
    cycle: CycleDuSocle,
    domaine: DomaineDuSocle,
    /// De 1 à 4.
    niveau: u8,
}

/// Où en sont des élèves, par une évaluation.
#[derive(InputObject)]
pub struct PositionnerCompetencesInput {
    client_mutation_id: Option<Uuid>,
    evaluation_id: ID,
    #[graphql(validator(min_items = 1, max_items = 400))]
    lignes: Vec<CompetenceInput>,
    /// Pourquoi ; il est demandé une fois que les familles voient l'évaluation.
    motif: Option<String>,
}

payload!(
    /// Réponse de `positionnerCompetences`.
    PositionnerCompetencesPayload, evaluation: Evaluation, EvaluationId, COMPETENCES, load_evaluation
);

async fn load_evaluation(ctx: &Context<'_>, evaluation: EvaluationId) -> Result<Option<Evaluation>> {
    Evaluation::load(ctx, evaluation.0).await
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

fn competence(input: &CompetenceInput) -> Result<(PersonneId, domaine::Positionnement), Refus> {
    let CompetenceInput { eleve_id: id, cycle, domaine, niveau } = input;
    let (cycle, domaine, niveau) = (*cycle, *domaine, *niveau);
    Ok((eleve_id(id)?, place(&PositionnementInput { cycle, domaine, niveau })?))
}

/// Mutations of the socle.
#[derive(Default)]
pub struct CompetencesMutation;

#[Object]
impl CompetencesMutation {
    /// Dit où des élèves en sont dans le socle, par ce qu'ils ont fait dans une évaluation.
    async fn positionner_competences(
        &self,
        ctx: &Context<'_>,
        input: PositionnerCompetencesInput,
    ) -> Result<PositionnerCompetencesPayload> {
        tell!(ctx, "positionnerCompetences", input, PositionnerCompetencesPayload, |commands, demande| {
            let evaluation = evaluation_id(&input.evaluation_id)?;
            let lignes = input.lignes.iter().map(competence).collect::<Result<Vec<_>, _>>()?;
            let motif = input.motif.clone();
            Ok((evaluation, commands.positionner_competences(demande, evaluation, &lignes, motif).await?))
        })
    }

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
