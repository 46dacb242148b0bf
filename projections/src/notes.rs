//! Marks: the gradebook of a teacher, what a family sees of it, and how a published
//! mark came to be what it is (code de l'éducation, art. D111-1 and L311-7).
//!
//! Marks travel as text: a decimal keeps its places from the event to the face.

use crate::{Projection, ProjectionError};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::notes::{EvaluationEvent, FicheEvaluation, Resultat};
use domain::{Aggregate, Event, PersonneId, notes};
use ledger::feed::Fact;
use sqlx::types::Json;
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
        let Some(Event::Evaluation(event)) = fact.event() else { return Ok(()) };
        let evaluation = crate::stream_uuid(fact)?;
        match event {
            EvaluationEvent::EvaluationCreee { fiche, auteur } => {
                insert_evaluation(tx, fact, evaluation, fiche, *auteur).await
            }
            EvaluationEvent::NoteSaisie { eleve, resultat } => {
                set_note(tx, evaluation, *eleve, *resultat).await
            }
            EvaluationEvent::NoteCorrigee { eleve, avant, apres, motif } => {
                set_note(tx, evaluation, *eleve, *apres).await?;
                insert_correction(tx, fact, evaluation, *eleve, (*avant, *apres), motif).await
            }
            EvaluationEvent::EvaluationPubliee {} => publish(tx, fact, evaluation).await,
        }
    }
}

async fn insert_evaluation(
    tx: &mut PgConnection,
    fact: &Fact,
    evaluation: Uuid,
    fiche: &FicheEvaluation,
    auteur: PersonneId,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO evaluation (id, portail, enseignement, division, auteur, titre, date,
                                 bareme, coefficient, formative)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8::numeric, $9::numeric, $10)",
    )
    .bind(evaluation)
    .bind(fact.position.portail.as_str())
    .bind(fiche.enseignement.0)
    .bind(fiche.division.0)
    .bind(auteur.0)
    .bind(&fiche.titre)
    .bind(fiche.date)
    .bind(fiche.bareme.to_string())
    .bind(fiche.coefficient.to_string())
    .bind(fiche.formative)
    .execute(tx)
    .await?;
    Ok(())
}

/// What a pupil gets, seen by families once the evaluation is.
async fn set_note(
    tx: &mut PgConnection,
    evaluation: Uuid,
    eleve: PersonneId,
    resultat: Resultat,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO note (evaluation, eleve, resultat, valeur, date, publiee)
         SELECT id, $2, $3, $4::numeric, date, publiee_le IS NOT NULL FROM evaluation WHERE id = $1
         ON CONFLICT (evaluation, eleve) DO UPDATE
         SET resultat = excluded.resultat, valeur = excluded.valeur, publiee = excluded.publiee",
    )
    .bind(evaluation)
    .bind(eleve.0)
    .bind(Json(resultat))
    .bind(mark(resultat))
    .execute(tx)
    .await?;
    Ok(())
}

async fn insert_correction(
    tx: &mut PgConnection,
    fact: &Fact,
    evaluation: Uuid,
    eleve: PersonneId,
    (avant, apres): (Option<Resultat>, Resultat),
    motif: &str,
) -> Result<(), ProjectionError> {
    let sequence = i64::try_from(fact.envelope.sequence)
        .map_err(|_| ProjectionError::Unfit("the event's sequence is out of range".to_owned()))?;
    sqlx::query(
        "INSERT INTO correction (evaluation, eleve, le, sequence, avant, apres, motif, par)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(evaluation)
    .bind(eleve.0)
    .bind(fact.envelope.recorded_at)
    .bind(sequence)
    .bind(avant.map(Json))
    .bind(Json(apres))
    .bind(motif)
    .bind(fact.envelope.actor.personne.map(|personne| personne.0))
    .execute(tx)
    .await?;
    Ok(())
}

async fn publish(tx: &mut PgConnection, fact: &Fact, evaluation: Uuid) -> Result<(), ProjectionError> {
    sqlx::query("UPDATE evaluation SET publiee_le = $2 WHERE id = $1")
        .bind(evaluation)
        .bind(fact.envelope.recorded_at)
        .execute(&mut *tx)
        .await?;
    sqlx::query("UPDATE note SET publiee = true WHERE evaluation = $1").bind(evaluation).execute(tx).await?;
    Ok(())
}

/// The mark, where the result is one: an absence has no value, nor has work not handed
/// in, even where it counts as zero.
fn mark(resultat: Resultat) -> Option<String> {
    match resultat {
        Resultat::Note { valeur } => Some(valeur.to_string()),
        Resultat::Absent | Resultat::Dispense | Resultat::NonNote | Resultat::NonRendu { .. } => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_keeps_its_places() {
        let valeur = "12,50".parse().unwrap();
        assert_eq!(mark(Resultat::Note { valeur }).as_deref(), Some("12.50"));
    }

    #[test]
    fn work_not_handed_in_has_no_mark_even_where_it_counts_as_zero() {
        assert_eq!(mark(Resultat::NonRendu { compte_zero: true }), None);
    }
}
