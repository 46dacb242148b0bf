//! What was so on a school day.

use super::{Histoire, le_jour};
use crate::annuaire::{Division, Personne};
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

/// From which day to which a pupil was in a division.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs)]
pub struct Affectation {
    /// The fiche of which it was said.
    pub eleve: Uuid,
    pub division: Uuid,
    pub depuis: NaiveDate,
    /// The first day on which it was no longer so.
    pub jusque: Option<NaiveDate>,
    /// The first day on which anybody was known to be in this division.
    pub premier: NaiveDate,
}

impl Affectation {
    /// Whether it was so on a day; a day before anything was known is like the first one.
    pub fn court(&self, le: NaiveDate) -> bool {
        let le = le.max(self.premier);
        self.depuis <= le && self.jusque.is_none_or(|jusque| le < jusque)
    }
}

/// How many pupils a division had on some days.
#[derive(Debug, Clone, Copy, FromRow)]
#[allow(missing_docs)]
pub struct Effectif {
    pub division: Uuid,
    /// Who was there on the last of these days on which he or she was in any, so that each is of one.
    pub eleves: i64,
    /// Half-days of all of them.
    pub dues: i64,
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
            present("s.sujet", "s.cadre", "$2"),
        );
        sqlx::query_as(&sql).bind(personne).bind(le).fetch_all(db).await
    }

    /// The divisions of an établissement in which somebody was, in the order of their codes.
    pub async fn divisions(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        le: NaiveDate,
    ) -> sqlx::Result<Vec<Division>> {
        let sql = format!(
            "SELECT d.* FROM division d
             WHERE d.etablissement = $1 AND EXISTS (
                 SELECT FROM situation s WHERE s.nature = 'affectation' AND s.objet = d.id AND {} AND {})
             ORDER BY d.code, d.id",
            le_jour("s", "$2"),
            present("s.sujet", "s.cadre", "$2"),
        );
        sqlx::query_as(&sql).bind(etablissement).bind(le).fetch_all(db).await
    }

    /// The groupes of an établissement that were open, and into which a hand or a source had put
    /// somebody.
    pub async fn groupes(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        le: NaiveDate,
    ) -> sqlx::Result<Vec<Uuid>> {
        let sql = format!(
            "SELECT g.id FROM groupe g
             WHERE g.etablissement = $1
               AND EXISTS (SELECT FROM situation s
                           WHERE s.nature = 'appartenance' AND s.sujet = g.id AND {said})
               AND NOT EXISTS (SELECT FROM situation s
                               WHERE s.nature = 'cloture' AND s.sujet = g.id AND {said})
             UNION
             SELECT g.id FROM groupe_declare g
             WHERE g.etablissement = $1
               AND EXISTS (SELECT FROM situation s
                           WHERE s.nature = 'repartition' AND s.objet = g.id AND {said})
               AND NOT EXISTS (SELECT FROM situation s
                               WHERE s.nature = 'abandon' AND s.sujet = g.id AND {said})",
            said = le_jour("s", "$2"),
        );
        sqlx::query_scalar(&sql).bind(etablissement).bind(le).fetch_all(db).await
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
            present("s.sujet", "s.cadre", "$2"),
        );
        sqlx::query_as(&sql).bind(division).bind(le).fetch_all(db).await
    }

    /// Who was in a division on one of these days, in the order of a class list. What was so before
    /// the directory knew anybody in it is what it knew first: a school year has begun when a house
    /// opens.
    pub async fn classe(
        db: impl PgExecutor<'_>,
        division: Uuid,
        jours: &[NaiveDate],
    ) -> sqlx::Result<Vec<Personne>> {
        let sql = format!(
            "SELECT p.* FROM personne p WHERE p.id IN (
                 SELECT s.sujet
                 FROM (SELECT greatest(asked.le, premier.le) AS le
                       FROM unnest($2::date[]) AS asked (le)
                       CROSS JOIN (SELECT min(depuis) AS le FROM situation
                                   WHERE nature = 'affectation' AND objet = $1) premier) jour
                 JOIN situation s ON s.nature = 'affectation' AND s.objet = $1 AND {}
                 WHERE {})
             ORDER BY p.nom, p.prenom, p.id",
            le_jour("s", "jour.le"),
            present("s.sujet", "s.cadre", "jour.le"),
        );
        sqlx::query_as(&sql).bind(division).bind(jours).fetch_all(db).await
    }

    /// In which divisions a pupil was, whichever fiche it was said of, the last one first.
    pub async fn affectations(db: impl PgExecutor<'_>, fiches: &[Uuid]) -> sqlx::Result<Vec<Affectation>> {
        sqlx::query_as(
            "SELECT s.sujet AS eleve, s.objet AS division, s.depuis, s.jusque,
                    (SELECT min(x.depuis) FROM situation x
                     WHERE x.nature = 'affectation' AND x.objet = s.objet) AS premier
             FROM situation s WHERE s.nature = 'affectation' AND s.sujet = ANY ($1)
             ORDER BY s.depuis DESC, s.cadre, s.sujet",
        )
        .bind(fiches)
        .fetch_all(db)
        .await
    }

    /// How many pupils the divisions of an établissement had on these days, each with so many half-days;
    /// fiches of one pupil are one. What was so before the directory knew anybody in a division is what
    /// it knew first.
    pub async fn effectifs(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        jours: &[NaiveDate],
        demi_journees: &[i16],
    ) -> sqlx::Result<Vec<Effectif>> {
        let sql = format!(
            "WITH premier AS (
                 SELECT d.id AS division, (SELECT min(x.depuis) FROM situation x
                                           WHERE x.nature = 'affectation' AND x.objet = d.id) AS le
                 FROM division d WHERE d.etablissement = $1
             ), jour AS (
                 SELECT p.division, asked.le AS date, asked.demi_journees, greatest(asked.le, p.le) AS le
                 FROM premier p CROSS JOIN unnest($2::date[], $3::int2[]) AS asked (le, demi_journees)
             ), present AS (
                 SELECT DISTINCT jour.division, coalesce(i.racine, s.sujet) AS eleve, jour.date,
                        jour.demi_journees
                 FROM jour
                 JOIN situation s ON s.nature = 'affectation' AND s.objet = jour.division AND {}
                 LEFT JOIN identite i ON i.fiche = s.sujet
                 WHERE {}
             ), place AS (
                 SELECT division, demi_journees,
                        row_number() OVER (PARTITION BY eleve ORDER BY date DESC, division) = 1 AS derniere
                 FROM present
             )
             SELECT division, count(*) FILTER (WHERE derniere) AS eleves, sum(demi_journees) AS dues
             FROM place GROUP BY division ORDER BY division",
            le_jour("s", "jour.le"),
            present("s.sujet", "s.cadre", "jour.le"),
        );
        sqlx::query_as(&sql).bind(etablissement).bind(jours).bind(demi_journees).fetch_all(db).await
    }

    /// In which divisions of an établissement any of these pupils was from one day to another.
    pub async fn divisions_entre(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        eleves: &[Uuid],
        (du, au): (NaiveDate, NaiveDate),
    ) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar(
            "SELECT DISTINCT s.objet FROM situation s
             WHERE s.nature = 'affectation' AND s.sujet = ANY ($2) AND s.cadre = $1
               AND s.depuis <= $4 AND (s.jusque IS NULL OR s.jusque > $3) ORDER BY 1",
        )
        .bind(etablissement)
        .bind(eleves)
        .bind(du)
        .bind(au)
        .fetch_all(db)
        .await
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

    /// The professeurs principaux of a division, as sources said. What was so before the directory knew
    /// any is what it knew first: one source says who teaches, and another one later who is one.
    pub async fn principaux(
        db: impl PgExecutor<'_>,
        division: Uuid,
        le: NaiveDate,
    ) -> sqlx::Result<Vec<Uuid>> {
        let sql = format!(
            "WITH dit AS (
                 SELECT s.cadre, s.depuis, s.jusque
                 FROM enseignement n JOIN situation s ON s.nature = 'enseignement' AND s.sujet = n.id
                 WHERE n.division = $1 AND s.droit)
             SELECT DISTINCT s.cadre FROM dit s WHERE {} ORDER BY 1",
            le_jour("s", "greatest($2::date, (SELECT min(depuis) FROM dit))"),
        );
        sqlx::query_scalar(&sql).bind(division).bind(le).fetch_all(db).await
    }

    /// Who was in a groupe, by himself, by a source, by a division or by another groupe, in the order of
    /// a list.
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
                 WHERE m.mot = 'division' AND s.nature = 'affectation' AND {said} AND {present}
                 UNION
                 SELECT s.sujet FROM dans JOIN situation s ON s.objet = dans.id
                 JOIN situation r ON r.nature = 'rattachement' AND r.sujet = s.sujet AND r.cadre = s.cadre
                 WHERE s.nature = 'repartition' AND r.mot = 'eleve' AND {said} AND {enrolled} AND {present}
                   AND NOT EXISTS (SELECT FROM situation s
                                   WHERE s.nature = 'abandon' AND s.sujet = dans.id AND {said}))
             ORDER BY p.nom, p.prenom, p.id",
            present = present("s.sujet", "s.cadre", "$2"),
            enrolled = le_jour("r", "$2"),
            said = le_jour("s", "$2"),
        );
        sqlx::query_as(&sql).bind(groupe).bind(le).fetch_all(db).await
    }
}

/// Whether the person was neither suspended nor struck off there.
fn present(personne: &str, etablissement: &str, jour: &str) -> String {
    let said = le_jour("x", jour);
    format!(
        "NOT EXISTS (SELECT FROM situation x WHERE x.nature = 'suspension' AND x.sujet = {personne} AND {said})
         AND NOT EXISTS (SELECT FROM situation x WHERE x.nature = 'radiation' AND x.sujet = {personne}
                           AND x.cadre = {etablissement} AND {said})"
    )
}
