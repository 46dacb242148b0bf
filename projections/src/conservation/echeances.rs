//! What may be destroyed: living keys, with the rule that governs each.

use super::Registre;
use chrono::NaiveDate;
use domain::conservation::{Depart, Lot, Periode, Regle};
use domain::{CleId, Retention};
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

/// A living key, and what is sealed under it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs)]
pub struct Cle {
    pub id: Uuid,
    pub subject: String,
    pub retention: String,
    pub period: String,
    /// When the person left the directory, if he or she did.
    pub sortie: Option<NaiveDate>,
    pub evenements: i64,
    /// The portals in whose journals these events are.
    pub portails: Vec<String>,
}

impl Cle {
    /// The same with the rule in force on a day; nothing where the name is none of ours.
    pub fn lot(&self, le: NaiveDate) -> Option<Lot> {
        let sujet = self.subject.parse().ok()?;
        let regle = Regle::en_vigueur(Retention::named(&self.retention)?, le)?;
        let periode = self.period.parse().ok()?;
        Some(Lot {
            cle: CleId(self.id),
            echeance: regle.echeance(&sujet, periode, self.sortie),
            sujet,
            classe: regle.classe,
            periode,
            regle: regle.version,
            evenements: self.evenements.unsigned_abs(),
        })
    }

    /// Its place in the list of what is due.
    pub fn place(&self) -> Place {
        (self.retention.clone(), self.period.clone(), self.subject.clone())
    }
}

/// A place in the list of what is due: class, period, subject.
pub type Place = (String, String, String);

/// Of keys `k` with the day `le` of their person's leaving, if any.
const WITH_EVENTS: &str = "SELECT k.id, k.subject, k.retention, k.period, k.le AS sortie,
        e.evenements, e.portails
     FROM k CROSS JOIN LATERAL (
         SELECT count(*) AS evenements, coalesce(array_agg(DISTINCT portail), '{}') AS portails
         FROM ledger.events e WHERE e.key_id = k.id) e";

impl Registre {
    /// What is due on a day, on one portal or on all, in the order of classes, periods
    /// and subjects, after a place. The day may be any: past, or to come.
    pub async fn echeances(
        db: impl PgExecutor<'_>,
        le: NaiveDate,
        portail: Option<&str>,
        after: Option<Place>,
        limit: i64,
    ) -> sqlx::Result<Vec<Cle>> {
        let regles = Regle::toutes(le);
        let filed = regles.iter().filter_map(|regle| Some((regle, regle.derniere_periode(le)?)));
        let (classes, last): (Vec<_>, Vec<_>) =
            filed.map(|(regle, last)| (regle.classe.as_str(), last.to_string())).unzip();
        let personal = regles.iter().filter(|regle| regle.depart == Depart::SortieDeLaPersonne);
        let (personal, mois): (Vec<_>, Vec<_>) = personal
            .map(|regle| (regle.classe.as_str(), i32::try_from(regle.mois).unwrap_or(i32::MAX)))
            .unzip();
        let (classe, periode, sujet) = match after {
            Some((classe, periode, sujet)) => (Some(classe), Some(periode), Some(sujet)),
            None => (None, None, None),
        };
        let sql = format!(
            "WITH k AS (
                 SELECT k.*, NULL::date AS le FROM unnest($1::text[], $2::text[]) AS r (classe, last)
                 JOIN ledger.keys k ON k.retention = r.classe AND k.period <= r.last AND k.wrapped IS NOT NULL
                 UNION ALL
                 SELECT k.*, s.le FROM unnest($3::text[], $4::int[]) AS r (classe, mois)
                 JOIN sortie s ON s.le + make_interval(months => r.mois) <= $5
                 JOIN ledger.keys k ON k.subject = 'personne:' || s.personne AND k.retention = r.classe
                      AND k.wrapped IS NOT NULL)
             {WITH_EVENTS}
             WHERE e.evenements > 0 AND ($6::text IS NULL OR $6 = ANY (e.portails))
               AND ($7::text IS NULL OR (k.retention, k.period, k.subject) > ($7, $8::text, $9::text))
             ORDER BY k.retention, k.period, k.subject LIMIT $10"
        );
        sqlx::query_as(&sql)
            .bind(classes)
            .bind(last)
            .bind(personal)
            .bind(mois)
            .bind(le)
            .bind(portail)
            .bind(classe)
            .bind(periode)
            .bind(sujet)
            .bind(limit)
            .fetch_all(db)
            .await
    }

    /// The living keys of a class and a period that a portal has events under; of all
    /// subjects, or of these.
    pub async fn cles(
        db: impl PgExecutor<'_>,
        portail: &str,
        classe: Retention,
        periode: Periode,
        sujets: Option<&[String]>,
    ) -> sqlx::Result<Vec<Cle>> {
        let sql = format!(
            "WITH k AS (
                 SELECT k.*, s.le FROM ledger.keys k
                 LEFT JOIN sortie s ON k.subject = 'personne:' || s.personne
                 WHERE k.retention = $1 AND k.period = $2 AND k.wrapped IS NOT NULL
                   AND ($3::text[] IS NULL OR k.subject = ANY ($3)))
             {WITH_EVENTS} WHERE $4 = ANY (e.portails) ORDER BY k.subject"
        );
        sqlx::query_as(&sql)
            .bind(classe.as_str())
            .bind(periode.to_string())
            .bind(sujets)
            .bind(portail)
            .fetch_all(db)
            .await
    }

    /// Of these keys those that are living.
    pub async fn living(db: impl PgExecutor<'_>, cles: &[Uuid]) -> sqlx::Result<Vec<Cle>> {
        let sql = format!(
            "WITH k AS (
                 SELECT k.*, s.le FROM ledger.keys k
                 LEFT JOIN sortie s ON k.subject = 'personne:' || s.personne
                 WHERE k.id = ANY ($1) AND k.wrapped IS NOT NULL)
             {WITH_EVENTS} ORDER BY k.subject"
        );
        sqlx::query_as(&sql).bind(cles).fetch_all(db).await
    }
}
