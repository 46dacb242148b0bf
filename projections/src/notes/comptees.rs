//! Results as they enter averages.

use super::{Notes, intitule};
use chrono::{DateTime, NaiveDate, Utc};
use domain::notes::{Entree, InvalidValeur, Regime, Resultat, Resultats};
use domain::{EnseignementId, PersonneId};
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

/// Which results are asked.
#[derive(Debug, Clone, Copy)]
pub struct Champ<'a> {
    /// Of which enseignements.
    pub enseignements: &'a [Uuid],
    /// From which day.
    pub debut: NaiveDate,
    /// To which day.
    pub fin: NaiveDate,
    /// Only what families saw at this instant, as it then was; all, as it is, without one.
    pub vu_le: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct Comptee {
    enseignement: Uuid,
    eleve: Uuid,
    titre: String,
    sous_matiere: Option<String>,
    date: NaiveDate,
    bareme: String,
    coefficient: String,
    regime: String,
    formative: bool,
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
        })
    }
}

impl Notes {
    /// The results of whole enseignements, by enseignement and pupil, in the order of their days.
    pub async fn comptees(db: impl PgExecutor<'_>, champ: Champ<'_>) -> sqlx::Result<Resultats> {
        let rows: Vec<Comptee> = sqlx::query_as(
            "SELECT e.enseignement, n.eleve, e.titre, e.sous_matiere, e.date, e.bareme::text,
                    e.coefficient::text, e.regime, e.formative,
                    CASE WHEN c.evaluation IS NULL THEN n.resultat ELSE c.avant END AS resultat
             FROM evaluation e
             JOIN note n ON n.evaluation = e.id
             LEFT JOIN LATERAL (
                 SELECT c.evaluation, c.avant FROM correction c
                 WHERE c.evaluation = n.evaluation AND c.eleve = n.eleve AND c.le > $4
                 ORDER BY c.sequence LIMIT 1) c ON true
             WHERE e.enseignement = ANY ($1) AND e.date BETWEEN $2 AND $3
               AND ($4::timestamptz IS NULL OR e.publiee_le <= $4)
               AND (c.evaluation IS NULL OR c.avant IS NOT NULL)
             ORDER BY e.date, e.id",
        )
        .bind(champ.enseignements)
        .bind(champ.debut)
        .bind(champ.fin)
        .bind(champ.vu_le)
        .fetch_all(db)
        .await?;
        let mut results = Resultats::new();
        for row in rows {
            let key = (EnseignementId(row.enseignement), PersonneId(row.eleve));
            let entree = row.entree().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            results.entry(key).or_default().push(entree);
        }
        Ok(results)
    }
}
