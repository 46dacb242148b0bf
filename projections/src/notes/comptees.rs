//! Results as they enter averages.

use super::{Notes, intitule};
use chrono::{DateTime, NaiveDate, Utc};
use domain::notes::{Entree, EvaluationParue, InvalidValeur, Regime, Resultat, Resultats};
use domain::{EnseignementId, PersonneId};
use sqlx::{FromRow, PgExecutor};
use std::collections::BTreeMap;
use uuid::Uuid;

/// An enseignement, and as of when its results are asked: what families saw then, as it then was; or
/// all, as it is, without an instant.
pub type Vue = (Uuid, Option<DateTime<Utc>>);

/// Which results are asked.
#[derive(Debug, Clone, Copy)]
pub struct Champ<'a> {
    /// Of which enseignements.
    pub vues: &'a [Vue],
    /// Of whom.
    pub eleves: &'a [Uuid],
    /// From which day.
    pub debut: NaiveDate,
    /// To which day.
    pub fin: NaiveDate,
}

#[derive(FromRow)]
struct Comptee {
    evaluation: Uuid,
    enseignement: Uuid,
    eleve: Uuid,
    titre: String,
    sous_matiere: Option<String>,
    date: NaiveDate,
    bareme: String,
    coefficient: String,
    regime: String,
    formative: bool,
    publiee_le: Option<DateTime<Utc>>,
    #[sqlx(json)]
    resultat: Resultat,
}

impl Comptee {
    fn entree(self) -> Result<Entree, InvalidValeur> {
        Ok(Entree {
            intitule: intitule(self.sous_matiere.as_deref(), &self.titre),
            date: Some(self.date),
            resultat: self.resultat,
            bareme: self.bareme.parse()?,
            coefficient: self.coefficient.parse()?,
            regime: Regime::named(&self.regime).unwrap_or_default(),
            formative: self.formative,
            sous_matiere: self.sous_matiere,
        })
    }
}

/// The results of evaluations `e`, each as it was at an instant or as it is where that is null. The
/// condition may name the evaluation `e` and its result `n`.
fn resultats(evaluations: &str, instant: &str, condition: &str) -> String {
    format!(
        "SELECT e.id AS evaluation, e.enseignement, n.eleve, e.titre, e.sous_matiere, e.date, e.bareme::text,
                e.coefficient::text, e.regime, e.formative, e.publiee_le,
                CASE WHEN c.evaluation IS NULL THEN n.resultat ELSE c.avant END AS resultat
         FROM {evaluations}
         JOIN note n ON n.evaluation = e.id
         LEFT JOIN LATERAL (
             SELECT c.evaluation, c.avant FROM correction c
             WHERE c.evaluation = n.evaluation AND c.eleve = n.eleve AND c.le > {instant}
             ORDER BY c.sequence LIMIT 1) c ON true
         WHERE (c.evaluation IS NULL OR c.avant IS NOT NULL) AND {condition}
         ORDER BY e.date, e.id"
    )
}

impl Notes {
    /// The results of pupils, by enseignement and pupil, in the order of their days.
    pub async fn comptees(db: impl PgExecutor<'_>, champ: Champ<'_>) -> sqlx::Result<Resultats> {
        let sql = resultats(
            "unnest($1::uuid[], $2::timestamptz[]) AS champ (enseignement, vu_le)
             JOIN evaluation e ON e.enseignement = champ.enseignement",
            "champ.vu_le",
            "n.eleve = ANY ($3) AND e.date BETWEEN $4 AND $5
             AND (champ.vu_le IS NULL OR e.publiee_le <= champ.vu_le)",
        );
        let (enseignements, instants): (Vec<_>, Vec<_>) = champ.vues.iter().copied().unzip();
        let rows: Vec<Comptee> = sqlx::query_as(&sql)
            .bind(enseignements)
            .bind(instants)
            .bind(champ.eleves)
            .bind(champ.debut)
            .bind(champ.fin)
            .fetch_all(db)
            .await?;
        let mut results = Resultats::new();
        for row in rows {
            let key = (EnseignementId(row.enseignement), PersonneId(row.eleve));
            results.entry(key).or_default().push(row.entree().map_err(decode)?);
        }
        Ok(results)
    }

    /// In which enseignements of groupes of an établissement these pupils got results from a day to a day.
    /// Nobody else's groupes are looked through: a family asks this for each average that it reads.
    pub async fn en_groupe(
        db: impl PgExecutor<'_>,
        etablissement: Uuid,
        eleves: &[Uuid],
        (debut, fin): (NaiveDate, NaiveDate),
    ) -> sqlx::Result<Vec<Uuid>> {
        sqlx::query_scalar(
            "SELECT DISTINCT t.id FROM groupe_declare g
             JOIN enseignement t ON t.groupe = g.id
             JOIN evaluation e ON e.enseignement = t.id
             WHERE g.etablissement = $4 AND e.date BETWEEN $2 AND $3
               AND EXISTS (SELECT FROM note n WHERE n.evaluation = e.id AND n.eleve = ANY ($1))",
        )
        .bind(eleves)
        .bind(debut)
        .bind(fin)
        .bind(etablissement)
        .fetch_all(db)
        .await
    }

    /// What evaluations of these enseignements told when families first saw them, of those that they
    /// had seen by an instant.
    pub async fn parues(
        db: impl PgExecutor<'_>,
        enseignements: &[Uuid],
        (debut, fin): (NaiveDate, NaiveDate),
        vu_le: DateTime<Utc>,
    ) -> sqlx::Result<Vec<EvaluationParue>> {
        let sql = resultats(
            "evaluation e",
            "e.publiee_le",
            "e.enseignement = ANY ($1) AND e.date BETWEEN $2 AND $3 AND e.publiee_le <= $4",
        );
        let rows: Vec<Comptee> =
            sqlx::query_as(&sql).bind(enseignements).bind(debut).bind(fin).bind(vu_le).fetch_all(db).await?;
        let mut found: BTreeMap<Uuid, EvaluationParue> = BTreeMap::new();
        for row in rows {
            let (evaluation, enseignement) = (row.evaluation, EnseignementId(row.enseignement));
            let le = row.publiee_le.unwrap_or(vu_le);
            let parue = || EvaluationParue { enseignement, le, entrees: vec![] };
            let entree = row.entree().map_err(decode)?;
            found.entry(evaluation).or_insert_with(parue).entrees.push(entree);
        }
        Ok(found.into_values().collect())
    }
}

fn decode(error: InvalidValeur) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}
