//! Evaluations and marks in GraphQL: the gradebook of a teacher, and what a pupil and
//! his or her family see of it.

mod bulletin;
mod competences;
mod conseil;
mod conseil_mutation;
mod livrets;
mod moyennes;
mod mutation;
mod politique;

pub use bulletin::{Bulletin, BulletinMutation, BulletinQuery};
pub use competences::{
    COMPETENCES, CompetenceDEleve, CompetencesMutation, DomainePositionne, EvaluationDeCompetences,
};
pub use conseil::ConseilQuery;
pub use conseil_mutation::{ConseilMutation, PolitiquesQuery};
pub use livrets::LivretsQuery;
pub use moyennes::{CarnetDeMoyennes, MoyennesEleve, positionnements};
pub use mutation::NotesMutation;

use moyennes::RegimeDEvaluation;

use super::annuaire::{Enseignement, Personne};
use super::context::{Here, fault};
use super::decimal::Decimal;
use super::ids::{global, key};
use super::pagination::Page;
use super::position::Position;
use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use commands::rights::Action;
use commands::rights_of;
use domain::notes::{Regime, Resultat};
use projections::PageOf;
use projections::annuaire;
use projections::notes::{self as views, Notes};
use uuid::Uuid;

/// The view that these queries wait for.
const VIEW: (&str, i32) = (Notes::NAME, Notes::VERSION);

/// Where a list of evaluations or of marks goes on.
type Cursor = (NaiveDate, Uuid);

/// Queries of evaluations.
#[derive(Default)]
pub struct NotesQuery;

#[Object]
impl NotesQuery {
    /// Une évaluation, pour qui peut lire le carnet de notes.
    async fn evaluation(
        &self,
        ctx: &Context<'_>,
        id: ID,
        apres: Option<Position>,
    ) -> Result<Option<Evaluation>> {
        ctx.requete()?.reach(VIEW, apres.as_ref()).await?;
        match key("Evaluation", &id) {
            Some(id) => Evaluation::load(ctx, id).await,
            None => Ok(None),
        }
    }
}

/// Une évaluation, dans le carnet de notes de l'enseignant.
pub struct Evaluation(views::Evaluation);

#[Object]
/// Une évaluation, dans le carnet de notes de l'enseignant.
impl Evaluation {
    pub async fn id(&self) -> ID {
        global("Evaluation", self.0.id)
    }

    /// Titre.
    async fn titre(&self) -> &str {
        &self.0.titre
    }

    /// Jour de l'évaluation.
    async fn date(&self) -> NaiveDate {
        self.0.date
    }

    /// La meilleure note possible.
    async fn bareme(&self) -> Result<Decimal> {
        decimal(&self.0.bareme)
    }

    /// Son poids dans la moyenne.
    async fn coefficient(&self) -> Result<Decimal> {
        decimal(&self.0.coefficient)
    }

    /// Elle aide à apprendre et ne compte pas.
    async fn formative(&self) -> bool {
        self.0.formative
    }

    /// Obligatoire, ou facultative et comment.
    async fn regime(&self) -> RegimeDEvaluation {
        Regime::named(&self.0.regime).unwrap_or_default().into()
    }

    /// La partie de la matière dont elle est, s'il y en a.
    async fn sous_matiere(&self) -> Option<&str> {
        self.0.sous_matiere.as_deref()
    }

    /// À partir de quand les familles voient les notes ; rien avant la publication.
    async fn publiee_le(&self) -> Option<DateTime<Utc>> {
        self.0.publiee_le
    }

    /// Ce qui est enseigné.
    async fn enseignement(&self, ctx: &Context<'_>) -> Result<Option<Enseignement>> {
        Enseignement::load(ctx, self.0.enseignement).await
    }

    /// Les élèves qui ont une note, ou autre chose à sa place.
    async fn notes(&self, ctx: &Context<'_>) -> Result<Vec<LigneDeNote>> {
        let rows = ctx.requete()?.loaders().notes_of.load_one(self.0.id).await.map_err(fault)?;
        Ok(rows.unwrap_or_default().into_iter().map(LigneDeNote).collect())
    }

    /// Où elle montre que les élèves en sont dans le socle.
    async fn competences(&self, ctx: &Context<'_>) -> Result<Vec<CompetenceDEleve>> {
        let rows = ctx.requete()?.loaders().competences_of.load_one(self.0.id).await.map_err(fault)?;
        Ok(rows.unwrap_or_default().into_iter().map(CompetenceDEleve).collect())
    }
}

impl Evaluation {
    /// The evaluation, for who may read its gradebook.
    pub async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let requete = ctx.requete()?;
        let loaders = requete.loaders();
        let Some(row) = loaders.evaluations.load_one(id).await.map_err(fault)? else { return Ok(None) };
        let enseignement = loaders.enseignements.load_one(row.enseignement).await.map_err(fault)?;
        match enseignement {
            Some(enseignement) if may_read(ctx, &enseignement).await? => Ok(Some(Self(row))),
            _ => Ok(None),
        }
    }

    /// The gradebook of an enseignement, for who may read it.
    pub async fn gradebook(
        ctx: &Context<'_>,
        enseignement: &annuaire::Enseignement,
        (first, after): (i32, Option<String>),
    ) -> Result<Option<Connection<String, Self>>> {
        if !may_read(ctx, enseignement).await? {
            return Ok(None);
        }
        let page = Page::<Cursor>::read(first, after)?;
        let loader = &ctx.requete()?.loaders().evaluations_of;
        let rows = loader.load_one(page.of(enseignement.id)).await.map_err(fault)?;
        Ok(Some(page.connection(rows.unwrap_or_default(), |row| (row.date, row.id), Self)))
    }
}

async fn may_read(ctx: &Context<'_>, enseignement: &annuaire::Enseignement) -> Result<bool> {
    let requete = ctx.requete()?;
    let today = requete.commands().today();
    requete.may(Action::LireCarnetDeNotes, &rights_of::enseignement(enseignement, today)).await
}

/// A number as a view stores it.
fn decimal(text: &str) -> Result<Decimal> {
    text.parse().map(Decimal).map_err(fault)
}

/// Ce qui tient lieu de résultat à un élève.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum EtatDeNote {
    /// Une note.
    Note,
    /// Pas là.
    Absent,
    /// N'avait pas à faire ce travail.
    Dispense,
    /// L'a fait, sans être noté.
    NonNote,
    /// N'a rien rendu.
    NonRendu,
}

/// Le résultat d'un élève à une évaluation.
#[derive(SimpleObject)]
pub struct ResultatDeNote {
    /// Une note, ou ce qui en tient lieu.
    etat: EtatDeNote,
    /// La note, si l'état est `NOTE`.
    note: Option<Decimal>,
    /// L'absence, ou le travail non rendu, compte pour zéro ; rien dans les autres états.
    compte_zero: Option<bool>,
    /// Le résultat en français, et son effet sur la moyenne là où l'enseignant en décide.
    texte: String,
}

impl From<Resultat> for ResultatDeNote {
    fn from(resultat: Resultat) -> Self {
        let (etat, note) = match resultat {
            Resultat::Note { valeur } => (EtatDeNote::Note, Some(Decimal(valeur))),
            Resultat::Absent { .. } => (EtatDeNote::Absent, None),
            Resultat::Dispense => (EtatDeNote::Dispense, None),
            Resultat::NonNote => (EtatDeNote::NonNote, None),
            Resultat::NonRendu { .. } => (EtatDeNote::NonRendu, None),
        };
        Self { etat, note, compte_zero: resultat.compte_zero(), texte: resultat.texte() }
    }
}

/// Une ligne du carnet de notes.
pub struct LigneDeNote(views::Note);

#[Object]
/// Une ligne du carnet de notes.
impl LigneDeNote {
    /// L'élève.
    async fn eleve(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        Personne::named(ctx, self.0.eleve).await
    }

    /// Son résultat.
    async fn resultat(&self) -> ResultatDeNote {
        self.0.resultat.into()
    }

    /// Son résultat tel que sa famille le voyait à cet instant, avant les corrections
    /// faites depuis ; rien si elle n'en voyait pas.
    async fn resultat_au(&self, ctx: &Context<'_>, le: DateTime<Utc>) -> Result<Option<ResultatDeNote>> {
        let evaluation = ctx.requete()?.loaders().evaluations.load_one(self.0.evaluation).await;
        let publiee_le = evaluation.map_err(fault)?.and_then(|evaluation| evaluation.publiee_le);
        CorrectionDeNote::undone(ctx, (self.0.evaluation, self.0.eleve), publiee_le, self.0.resultat, le)
            .await
    }

    /// Les corrections faites depuis la publication, dans l'ordre.
    async fn corrections(&self, ctx: &Context<'_>) -> Result<Vec<CorrectionDeNote>> {
        CorrectionDeNote::of(ctx, self.0.evaluation, self.0.eleve).await
    }
}

/// Une note, vue de l'élève et de sa famille.
pub struct NoteEleve(views::NotePubliee);

#[Object]
/// Une note, vue de l'élève et de sa famille.
impl NoteEleve {
    /// Titre de l'évaluation.
    async fn titre(&self) -> &str {
        &self.0.titre
    }

    /// Jour de l'évaluation.
    async fn date(&self) -> NaiveDate {
        self.0.date
    }

    /// La meilleure note possible.
    async fn bareme(&self) -> Result<Decimal> {
        decimal(&self.0.bareme)
    }

    /// Son poids dans la moyenne.
    async fn coefficient(&self) -> Result<Decimal> {
        decimal(&self.0.coefficient)
    }

    /// L'évaluation aide à apprendre et ne compte pas.
    async fn formative(&self) -> bool {
        self.0.formative
    }

    /// La matière.
    async fn matiere(&self) -> Option<&str> {
        self.0.matiere.as_deref()
    }

    /// Le résultat.
    async fn resultat(&self) -> ResultatDeNote {
        self.0.resultat.into()
    }

    /// Le résultat tel que vous le voyiez à cet instant, avant les corrections faites
    /// depuis ; rien s'il n'était pas publié.
    async fn resultat_au(&self, ctx: &Context<'_>, le: DateTime<Utc>) -> Result<Option<ResultatDeNote>> {
        let (note, publiee_le) = ((self.0.evaluation, self.0.eleve), Some(self.0.publiee_le));
        CorrectionDeNote::undone(ctx, note, publiee_le, self.0.resultat, le).await
    }

    /// Où l'évaluation montre que l'élève en est dans le socle.
    async fn competences(&self, ctx: &Context<'_>) -> Result<Vec<DomainePositionne>> {
        DomainePositionne::par_evaluation(ctx, self.0.evaluation, self.0.eleve).await
    }

    /// Les corrections faites depuis la publication, dans l'ordre.
    async fn corrections(&self, ctx: &Context<'_>) -> Result<Vec<CorrectionDeNote>> {
        CorrectionDeNote::of(ctx, self.0.evaluation, self.0.eleve).await
    }
}

impl NoteEleve {
    /// The published results of a pupil, newest first, for who has been found to have the
    /// right to read them.
    pub async fn page(
        ctx: &Context<'_>,
        page: Page<Cursor>,
        lists: Vec<PageOf>,
    ) -> Result<Connection<String, Self>> {
        let lists = ctx.requete()?.loaders().notes_of_pupil.load_many(lists).await.map_err(fault)?;
        let rows = page.merge(lists.into_values(), |row| (row.date, row.evaluation));
        Ok(page.connection(rows, |row| (row.date, row.evaluation), Self))
    }
}

/// Ce qu'une note publiée était avant d'être corrigée, et pourquoi elle l'a été.
pub struct CorrectionDeNote(views::Correction);

#[Object]
/// Ce qu'une note publiée était avant d'être corrigée, et pourquoi elle l'a été.
impl CorrectionDeNote {
    /// Le résultat d'avant ; rien si l'élève n'en avait pas.
    async fn avant(&self) -> Option<ResultatDeNote> {
        self.0.avant.map(Into::into)
    }

    /// Le résultat d'après.
    async fn apres(&self) -> ResultatDeNote {
        self.0.apres.into()
    }

    /// Pourquoi.
    async fn motif(&self) -> &str {
        &self.0.motif
    }

    /// Quand.
    async fn le(&self) -> DateTime<Utc> {
        self.0.le
    }

    /// Par qui.
    async fn par(&self, ctx: &Context<'_>) -> Result<Option<Personne>> {
        match self.0.par {
            Some(personne) => Personne::named(ctx, personne).await,
            None => Ok(None),
        }
    }
}

impl CorrectionDeNote {
    /// What a family saw at an instant of a mark that is now `resultat`.
    async fn undone(
        ctx: &Context<'_>,
        note: (Uuid, Uuid),
        publiee_le: Option<DateTime<Utc>>,
        resultat: Resultat,
        le: DateTime<Utc>,
    ) -> Result<Option<ResultatDeNote>> {
        if publiee_le.is_none_or(|publiee_le| le < publiee_le) {
            return Ok(None);
        }
        let corrections = ctx.requete()?.loaders().corrections_of.load_one(note).await.map_err(fault)?;
        let corrections = corrections.unwrap_or_default();
        let then = corrections.iter().find(|correction| le < correction.le);
        Ok(then.map_or(Some(resultat), |correction| correction.avant).map(Into::into))
    }

    /// The corrections of a mark, for who has been found to have the right to read it.
    async fn of(ctx: &Context<'_>, evaluation: Uuid, eleve: Uuid) -> Result<Vec<Self>> {
        let loader = &ctx.requete()?.loaders().corrections_of;
        let rows = loader.load_one((evaluation, eleve)).await.map_err(fault)?;
        Ok(rows.unwrap_or_default().into_iter().map(Self).collect())
    }
}
