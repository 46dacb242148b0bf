//! Marks: the gradebook of a teacher, what a family sees of it, and how a published
//! mark came to be what it is (code de l'éducation, art. D111-1 and L311-7).
//!
//! In the files below: periods, what the conseil de classe says, bulletins.
//!
//! Marks travel as text: a decimal keeps its places from the event to the face.

mod assiduites;
mod bulletins;
mod changes;
mod competences;
mod comptees;
mod conseils;
mod periodes;

pub use assiduites::*;
pub use bulletins::*;
pub use competences::*;
pub use comptees::{Champ, Vue};
pub use conseils::*;
pub use periodes::*;

use crate::annuaire::Colonnes;
use crate::page::{Asked, PageOf, Placed, by_page};
use crate::vue::vue;
use changes::Changes;
use chrono::{DateTime, NaiveDate, Utc};
use domain::annuaire::Auditoire;
use domain::notes::Resultat;
use sqlx::{FromRow, PgExecutor};
use std::collections::HashMap;
use uuid::Uuid;

vue!(
    /// The view of evaluations, their marks and the corrections of these.
    Notes = "notes.notes" v 2 of domain::notes::Evaluation {
        "evaluation" by "id",
        "note" by "evaluation",
        "correction" by "evaluation",
    } together
);

/// An evaluation as it stands.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Evaluation {
    pub id: Uuid,
    pub portail: String,
    pub enseignement: Uuid,
    #[sqlx(flatten, try_from = "Colonnes")]
    pub auditoire: Auditoire,
    pub auteur: Uuid,
    pub titre: String,
    pub date: NaiveDate,
    pub bareme: String,
    pub coefficient: String,
    pub formative: bool,
    pub regime: String,
    pub sous_matiere: Option<String>,
    /// When families see the marks, which may be to come.
    pub publiee_le: Option<DateTime<Utc>>,
}

impl Evaluation {
    /// What it is called, after the part of the matière that it is of.
    pub fn intitule(&self) -> String {
        intitule(self.sous_matiere.as_deref(), &self.titre)
    }

    /// Whether families see its marks.
    pub fn is_visible(&self, le: DateTime<Utc>) -> bool {
        self.publiee_le.is_some_and(|publiee_le| publiee_le <= le)
    }
}

fn intitule(sous_matiere: Option<&str>, titre: &str) -> String {
    sous_matiere.map_or_else(|| titre.to_owned(), |part| format!("{part} — {titre}"))
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
    pub matiere: Option<String>,
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
    /// The evaluations with these ids.
    pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[Uuid]) -> sqlx::Result<Vec<Evaluation>> {
        sqlx::query_as(
            "SELECT id, portail, enseignement, division, groupe, auteur, titre, date, bareme::text,
                    coefficient::text, formative, regime, sous_matiere, publiee_le
             FROM evaluation WHERE id = ANY ($1)",
        )
        .bind(ids)
        .fetch_all(db)
        .await
    }

    /// The evaluations of enseignements, newest first.
    pub async fn of_enseignements(
        db: impl PgExecutor<'_>,
        pages: &[PageOf],
    ) -> sqlx::Result<HashMap<PageOf, Vec<Evaluation>>> {
        let asked = Asked::of(pages);
        let rows: Vec<Placed<Evaluation>> = sqlx::query_as(
            "SELECT asked.page, e.id, e.portail, e.enseignement, e.division, e.groupe, e.auteur, e.titre,
                    e.date, e.bareme::text, e.coefficient::text, e.formative, e.regime, e.sous_matiere,
                    e.publiee_le
             FROM unnest($1::uuid[], $2::date[], $3::uuid[], $4::int8[])
                  WITH ORDINALITY AS asked (enseignement, day, id, most, page)
             CROSS JOIN LATERAL (
                 SELECT * FROM evaluation e
                 WHERE e.enseignement = asked.enseignement
                   AND (asked.day IS NULL OR (e.date, e.id) < (asked.day, asked.id))
                 ORDER BY e.date DESC, e.id DESC LIMIT asked.most
             ) e
             ORDER BY asked.page, e.date DESC, e.id DESC",
        )
        .bind(asked.of)
        .bind(asked.days)
        .bind(asked.ids)
        .bind(asked.limits)
        .fetch_all(db)
        .await?;
        Ok(by_page(pages, rows))
    }

    /// The evaluations of an enseignement from one day to another, in the order of their days.
    pub async fn entre(
        db: impl PgExecutor<'_>,
        enseignement: Uuid,
        (du, au): (NaiveDate, NaiveDate),
    ) -> sqlx::Result<Vec<Evaluation>> {
        sqlx::query_as(
            "SELECT id, portail, enseignement, division, groupe, auteur, titre, date, bareme::text,
                    coefficient::text, formative, regime, sous_matiere, publiee_le
             FROM evaluation WHERE enseignement = $1 AND date BETWEEN $2 AND $3 ORDER BY date, id",
        )
        .bind(enseignement)
        .bind(du)
        .bind(au)
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

    /// The published results of pupils, newest first, each with its matière.
    pub async fn of_pupils(
        db: impl PgExecutor<'_>,
        pages: &[PageOf],
    ) -> sqlx::Result<HashMap<PageOf, Vec<NotePubliee>>> {
        let asked = Asked::of(pages);
        let rows: Vec<Placed<NotePubliee>> = sqlx::query_as(
            "SELECT asked.page, n.evaluation, n.eleve, m.matiere_libelle AS matiere, e.titre, n.date,
                    e.bareme::text, e.coefficient::text, e.formative, e.publiee_le, n.resultat,
                    n.valeur::text
             FROM unnest($1::uuid[], $2::date[], $3::uuid[], $4::int8[], $5::uuid[],
                         $6::timestamptz[])
                  WITH ORDINALITY AS asked (eleve, day, id, most, dossier, au, page)
             CROSS JOIN LATERAL (
                 SELECT * FROM note n
                 WHERE n.eleve = asked.eleve AND n.publiee
                   AND (asked.au IS NULL OR EXISTS (
                       SELECT FROM evaluation v WHERE v.id = n.evaluation AND v.publiee_le <= asked.au))
                   AND (asked.day IS NULL OR (n.date, n.evaluation) < (asked.day, asked.id))
                   AND (asked.dossier IS NULL OR EXISTS (
                       SELECT FROM evaluation e JOIN etablissement x ON lower(x.uai) = e.portail
                       WHERE e.id = n.evaluation AND x.id = asked.dossier))
                 ORDER BY n.date DESC, n.evaluation DESC LIMIT asked.most
             ) n
             JOIN evaluation e ON e.id = n.evaluation
             LEFT JOIN enseignement m ON m.id = e.enseignement
             ORDER BY asked.page, n.date DESC, n.evaluation DESC",
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

    /// The corrections of results, each named by its evaluation and its pupil, in the order
    /// in which they were made.
    pub async fn corrections(
        db: impl PgExecutor<'_>,
        notes: &[(Uuid, Uuid)],
    ) -> sqlx::Result<Vec<Correction>> {
        let (evaluations, eleves): (Vec<_>, Vec<_>) = notes.iter().copied().unzip();
        sqlx::query_as(
            "SELECT c.* FROM correction c
             JOIN unnest($1::uuid[], $2::uuid[]) AS asked (evaluation, eleve) USING (evaluation, eleve)
             ORDER BY c.evaluation, c.sequence",
        )
        .bind(evaluations)
        .bind(eleves)
        .fetch_all(db)
        .await
    }
}
