//! Marks: the gradebook of a teacher, what a family sees of it, and how a published
//! mark came to be what it is (code de l'éducation, art. D111-1 and L311-7).
//!
//! Marks travel as text: a decimal keeps its places from the event to the face.

mod changes;

use crate::{Projection, ProjectionError};
use async_trait::async_trait;
use changes::Changes;
use chrono::{DateTime, NaiveDate, Utc};
use domain::notes::Resultat;
use domain::{Aggregate, notes};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

/// The view of evaluations, their marks and the corrections of these.
pub struct Notes;

#[async_trait]
impl Projection for Notes {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        Self::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        &["evaluation", "note", "correction"]
    }

    fn hears(&self) -> &'static [&'static str] {
        &[notes::Evaluation::TYPE]
    }

    async fn apply(&self, fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
        self.apply_all(&[fact], tx).await
    }

    async fn apply_all(&self, facts: &[&Fact], tx: &mut PgConnection) -> Result<(), ProjectionError> {
        let mut changes = Changes::default();
        for fact in facts {
            changes.hear(fact)?;
        }
        changes.write(tx).await
    }
}

/// An evaluation as it stands.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Evaluation {
    pub id: Uuid,
    pub portail: String,
    pub enseignement: Uuid,
    pub division: Uuid,
    pub auteur: Uuid,
    pub titre: String,
    pub date: NaiveDate,
    pub bareme: String,
    pub coefficient: String,
    pub formative: bool,
    pub publiee_le: Option<DateTime<Utc>>,
}

/// A line of the gradebook.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Note {
    pub evaluation: Uuid,
    pub eleve: Uuid,
    #[sqlx(json)]
    pub resultat: Resultat,
    pub valeur: Option<String>,
    pub date: NaiveDate,
    pub publiee: bool,
}

/// A result as a family sees it, with what it takes to understand it.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct NotePubliee {
    pub evaluation: Uuid,
    pub eleve: Uuid,
    pub enseignement: Uuid,
    pub titre: String,
    pub date: NaiveDate,
    pub bareme: String,
    pub coefficient: String,
    pub formative: bool,
    pub publiee_le: DateTime<Utc>,
    #[sqlx(json)]
    pub resultat: Resultat,
    pub valeur: Option<String>,
}

/// What a published mark was before it was corrected, and why it was.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Correction {
    pub evaluation: Uuid,
    pub eleve: Uuid,
    pub le: DateTime<Utc>,
    pub sequence: i64,
    #[sqlx(json(nullable))]
    pub avant: Option<Resultat>,
    #[sqlx(json)]
    pub apres: Resultat,
    pub motif: String,
    pub par: Option<Uuid>,
}

impl Notes {
    /// Frozen name of the view.
    pub const NAME: &'static str = "notes.notes";
    /// Version of its tables.
    pub const VERSION: i32 = 1;

    /// The evaluations with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Evaluation>> {
        sqlx::query_as(
            "SELECT id, portail, enseignement, division, auteur, titre, date, bareme::text,
                    coefficient::text, formative, publiee_le
             FROM evaluation WHERE id = ANY ($1)",
        )
        .bind(ids)
        .fetch_all(db)
        .await
    }

    /// The evaluations of an enseignement, newest first, after a place given by the
    /// (date, evaluation) of the last one seen.
    pub async fn of_enseignement(
        db: impl PgExecutor<'_>,
        enseignement: Uuid,
        after: Option<(NaiveDate, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<Evaluation>> {
        let (date, evaluation) = after.unzip();
        sqlx::query_as(
            "SELECT id, portail, enseignement, division, auteur, titre, date, bareme::text,
                    coefficient::text, formative, publiee_le
             FROM evaluation
             WHERE enseignement = $1 AND ($2::date IS NULL OR (date, id) < ($2, $3))
             ORDER BY date DESC, id DESC LIMIT $4",
        )
        .bind(enseignement)
        .bind(date)
        .bind(evaluation)
        .bind(limit)
        .fetch_all(db)
        .await
    }

    /// The lines of these evaluations, whether families see them or not.
    pub async fn gradebook(db: impl PgExecutor<'_>, evaluations: &[Uuid]) -> sqlx::Result<Vec<Note>> {
        sqlx::query_as(
            "SELECT evaluation, eleve, resultat, valeur::text, date, publiee
             FROM note WHERE evaluation = ANY ($1) ORDER BY evaluation, eleve",
        )
        .bind(evaluations)
        .fetch_all(db)
        .await
    }

    /// A pupil's published results, newest first, after a place given by the (date,
    /// evaluation) of the last one seen.
    pub async fn of_pupil(
        db: impl PgExecutor<'_>,
        eleve: Uuid,
        after: Option<(NaiveDate, Uuid)>,
        limit: i64,
    ) -> sqlx::Result<Vec<NotePubliee>> {
        let (date, evaluation) = after.unzip();
        sqlx::query_as(
            "SELECT n.evaluation, n.eleve, e.enseignement, e.titre, n.date, e.bareme::text,
                    e.coefficient::text, e.formative, e.publiee_le, n.resultat, n.valeur::text
             FROM note n JOIN evaluation e ON e.id = n.evaluation
             WHERE n.eleve = $1 AND n.publiee
               AND ($2::date IS NULL OR (n.date, n.evaluation) < ($2, $3))
             ORDER BY n.date DESC, n.evaluation DESC LIMIT $4",
        )
        .bind(eleve)
        .bind(date)
        .bind(evaluation)
        .bind(limit)
        .fetch_all(db)
        .await
    }

    /// The corrections of anyone's results in these evaluations, in the order in which
    /// they were made.
    pub async fn corrections_in(
        db: impl PgExecutor<'_>,
        evaluations: &[Uuid],
    ) -> sqlx::Result<Vec<Correction>> {
        sqlx::query_as("SELECT * FROM correction WHERE evaluation = ANY ($1) ORDER BY evaluation, sequence")
            .bind(evaluations)
            .fetch_all(db)
            .await
    }

    /// The corrections of a pupil's results in these evaluations, in the order in which
    /// they were made.
    pub async fn corrections(
        db: impl PgExecutor<'_>,
        eleve: Uuid,
        evaluations: &[Uuid],
    ) -> sqlx::Result<Vec<Correction>> {
        sqlx::query_as(
            "SELECT * FROM correction WHERE eleve = $1 AND evaluation = ANY ($2)
             ORDER BY evaluation, sequence",
        )
        .bind(eleve)
        .bind(evaluations)
        .fetch_all(db)
        .await
    }
}
