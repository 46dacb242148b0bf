//! Where pupils stand in the socle, by what they did in evaluations.

use crate::page::{Asked, PageOf, Placed, by_page};
use crate::vue::vue;
use crate::{ProjectionError, stream_uuid};
use chrono::NaiveDate;
use domain::Event;
use domain::notes::{EvaluationEvent, Positionnement};
use ledger::feed::Fact;
use sqlx::{FromRow, PgConnection, PgExecutor};
use std::collections::HashMap;
use uuid::Uuid;

vue!(
    /// The view of it.
    Competences = "notes.competences" of domain::notes::Evaluation { "competence" by "evaluation" }
);

async fn suivre(fact: &Fact, tx: &mut PgConnection) -> Result<(), ProjectionError> {
    let Some(Event::Evaluation(event)) = fact.event() else { return Ok(()) };
    match event {
        EvaluationEvent::CompetencePositionnee { eleve, positionnement, .. } => {
            let Positionnement { cycle, domaine, niveau } = positionnement;
            sqlx::query(
                "INSERT INTO competence (evaluation, eleve, cycle, domaine, niveau)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (evaluation, eleve, cycle, domaine) DO UPDATE SET niveau = excluded.niveau",
            )
            .bind(stream_uuid(fact)?)
            .bind(eleve.0)
            .bind(cycle.as_str())
            .bind(domaine.as_str())
            .bind(i16::from(u8::from(*niveau)))
            .execute(tx)
            .await?;
            Ok(())
        }
        EvaluationEvent::EvaluationCreee { .. }
        | EvaluationEvent::NoteSaisie { .. }
        | EvaluationEvent::NoteCorrigee { .. }
        | EvaluationEvent::EvaluationPubliee { .. } => Ok(()),
    }
}

/// Where a pupil stands in a domaine, by one evaluation.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Competence {
    pub evaluation: Uuid,
    pub eleve: Uuid,
    pub titre: String,
    pub date: NaiveDate,
    pub cycle: String,
    pub domaine: String,
    pub niveau: i16,
}

impl Competence {
    /// As the domain has it.
    pub fn place(&self) -> Option<Positionnement> {
        super::conseils::place_nommee(&self.cycle, &self.domaine, self.niveau)
    }
}

/// An evaluation that families see, and that shows where a pupil stands; whether it is marked or not.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct CompetencesPubliees {
    pub evaluation: Uuid,
    pub eleve: Uuid,
    pub matiere: Option<String>,
    pub titre: String,
    pub date: NaiveDate,
}

impl Competences {
    /// The published evaluations that show where pupils stand, newest first, each with its matière.
    pub async fn publiees(
        db: impl PgExecutor<'_>,
        pages: &[PageOf],
    ) -> sqlx::Result<HashMap<PageOf, Vec<CompetencesPubliees>>> {
        let asked = Asked::of(pages);
        let rows: Vec<Placed<CompetencesPubliees>> = sqlx::query_as(
            "SELECT asked.page, e.id AS evaluation, asked.eleve, m.matiere_libelle AS matiere, e.titre, e.date
             FROM unnest($1::uuid[], $2::date[], $3::uuid[], $4::int8[], $5::uuid[],
                         $6::timestamptz[])
                  WITH ORDINALITY AS asked (eleve, day, id, most, dossier, au, page)
             CROSS JOIN LATERAL (
                 SELECT * FROM evaluation e
                 WHERE e.id IN (SELECT c.evaluation FROM competence c WHERE c.eleve = asked.eleve)
                   AND e.publiee_le IS NOT NULL AND (asked.au IS NULL OR e.publiee_le <= asked.au)
                   AND (asked.day IS NULL OR (e.date, e.id) < (asked.day, asked.id))
                   AND (asked.dossier IS NULL OR EXISTS (
                       SELECT FROM etablissement x WHERE lower(x.uai) = e.portail AND x.id = asked.dossier))
                 ORDER BY e.date DESC, e.id DESC LIMIT asked.most
             ) e
             LEFT JOIN enseignement m ON m.id = e.enseignement
             ORDER BY asked.page, e.date DESC, e.id DESC",
        )
        .bind(asked.of)
        .bind(asked.days)
        .bind(asked.ids)
        .bind(asked.limits)
        .bind(asked.dossiers)
        .bind(asked.instants)
        .fetch_all(db)
        .await?;
        Ok(by_page(pages, rows))
    }

    /// What was shown in these evaluations.
    pub async fn of_evaluations(
        db: impl PgExecutor<'_>,
        evaluations: &[Uuid],
    ) -> sqlx::Result<Vec<Competence>> {
        sqlx::query_as(
            "SELECT c.evaluation, c.eleve, e.titre, e.date, c.cycle, c.domaine, c.niveau
             FROM competence c JOIN evaluation e ON e.id = c.evaluation
             WHERE c.evaluation = ANY ($1) ORDER BY c.evaluation, c.eleve, c.cycle, c.domaine",
        )
        .bind(evaluations)
        .fetch_all(db)
        .await
    }

    /// All that these pupils have shown in evaluations of one établissement.
    pub async fn of_pupils(
        db: impl PgExecutor<'_>,
        eleves: &[Uuid],
        portail: &str,
    ) -> sqlx::Result<Vec<Competence>> {
        sqlx::query_as(
            "SELECT c.evaluation, c.eleve, e.titre, e.date, c.cycle, c.domaine, c.niveau
             FROM competence c JOIN evaluation e ON e.id = c.evaluation
             WHERE c.eleve = ANY ($1) AND e.portail = $2 ORDER BY c.eleve, e.date, e.id",
        )
        .bind(eleves)
        .bind(portail)
        .fetch_all(db)
        .await
    }
}
