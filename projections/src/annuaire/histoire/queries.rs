//! What was so on a school day.

use super::{Histoire, le_jour};
use crate::annuaire::Personne;
use chrono::NaiveDate;
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

/// What someone was in an établissement.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct RattachementPasse {
    pub etablissement: Uuid,
    pub profil: String,
    pub division: Option<Uuid>,
}

/// Who answered for a pupil.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct ResponsablePasse {
    pub responsable: Uuid,
    pub niveau: String,
    /// Had the right to be informed.
    pub destinataire: bool,
}

impl Histoire {
    /// What a person was where.
    pub async fn rattachements(
        db: impl PgExecutor<'_>,
        personne: Uuid,
        le: NaiveDate,
    ) -> sqlx::Result<Vec<RattachementPasse>> {
        let sql = format!(
            "SELECT s.cadre AS etablissement, s.mot AS profil, a.objet AS division
             FROM situation s
             LEFT JOIN situation a ON a.nature = 'affectation' AND a.sujet = s.sujet AND a.cadre = s.cadre AND {}
             WHERE s.nature = 'rattachement' AND s.sujet = $1 AND {} AND {}
             ORDER BY s.cadre",
            le_jour("a", "$2"),
            le_jour("s", "$2"),
            present("s.sujet", "s.cadre"),
        );
        sqlx::query_as(&sql).bind(personne).bind(le).fetch_all(db).await
    }

    /// The pupils of a division, in the order of a class list.
    pub async fn eleves(
        db: impl PgExecutor<'_>,
        division: Uuid,
        le: NaiveDate,
    ) -> sqlx::Result<Vec<Personne>> {
        let sql = format!(
            "SELECT p.* FROM situation s JOIN personne p ON p.id = s.sujet
             WHERE s.nature = 'affectation' AND s.objet = $1 AND {} AND {}
             ORDER BY p.nom, p.prenom, p.id",
            le_jour("s", "$2"),
            present("s.sujet", "s.cadre"),
        );
        sqlx::query_as(&sql).bind(division).bind(le).fetch_all(db).await
    }

    /// Who answered for a pupil, whichever fiche it was said of.
    pub async fn responsables(
        db: impl PgExecutor<'_>,
        fiches: &[Uuid],
        le: NaiveDate,
    ) -> sqlx::Result<Vec<ResponsablePasse>> {
        let sql = format!(
            "SELECT s.objet AS responsable, s.mot AS niveau, s.droit AS destinataire FROM situation s
             WHERE s.nature = 'responsabilite' AND s.sujet = ANY ($1) AND {} ORDER BY s.mot, s.objet",
            le_jour("s", "$2"),
        );
        sqlx::query_as(&sql).bind(fiches).bind(le).fetch_all(db).await
    }

    /// Who taught it, as sources said: present or not.
    pub async fn enseignants(
        db: impl PgExecutor<'_>,
        enseignement: Uuid,
        le: NaiveDate,
    ) -> sqlx::Result<Vec<Uuid>> {
        let sql = format!(
            "SELECT s.cadre FROM situation s WHERE s.nature = 'enseignement' AND s.sujet = $1 AND {}
             ORDER BY s.cadre",
            le_jour("s", "$2"),
        );
        sqlx::query_scalar(&sql).bind(enseignement).bind(le).fetch_all(db).await
    }

    /// Who was in a groupe, by himself, by a division or by another groupe, in the order of a list.
    pub async fn membres(
        db: impl PgExecutor<'_>,
        groupe: Uuid,
        le: NaiveDate,
    ) -> sqlx::Result<Vec<Personne>> {
        let sql = format!(
            "WITH RECURSIVE dans (id) AS (
                 SELECT $1::uuid
                 UNION
                 SELECT s.objet FROM dans JOIN situation s ON s.sujet = dans.id
                 WHERE s.nature = 'appartenance' AND s.mot = 'groupe' AND {said}
             ), ouvert AS (
                 SELECT id FROM dans WHERE NOT EXISTS (
                     SELECT FROM situation s WHERE s.nature = 'cloture' AND s.sujet = dans.id AND {said})
             ), membre AS (
                 SELECT s.objet, s.mot FROM ouvert JOIN situation s ON s.sujet = ouvert.id
                 WHERE s.nature = 'appartenance' AND s.mot <> 'groupe' AND {said}
             )
             SELECT p.* FROM personne p WHERE p.id IN (
                 SELECT objet FROM membre WHERE mot = 'personne'
                 UNION
                 SELECT s.sujet FROM membre m JOIN situation s ON s.objet = m.objet
                 WHERE m.mot = 'division' AND s.nature = 'affectation' AND {said} AND {})
             ORDER BY p.nom, p.prenom, p.id",
            present("s.sujet", "s.cadre"),
            said = le_jour("s", "$2"),
        );
        sqlx::query_as(&sql).bind(groupe).bind(le).fetch_all(db).await
    }
}

/// Whether the person was neither suspended nor struck off there.
fn present(personne: &str, etablissement: &str) -> String {
    let said = le_jour("x", "$2");
    format!(
        "NOT EXISTS (SELECT FROM situation x WHERE x.nature = 'suspension' AND x.sujet = {personne} AND {said})
         AND NOT EXISTS (SELECT FROM situation x WHERE x.nature = 'radiation' AND x.sujet = {personne}
                           AND x.cadre = {etablissement} AND {said})"
    )
}
